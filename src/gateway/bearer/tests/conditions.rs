//! What packages add to a leg.

use super::bench::*;
use crate::gateway::{
    BearerState, Conditions, FailureCause, LegCommand, LegId, LegSetup,
    bearer::{Latch, Linkage, Order, Police, SourceFilter},
};
use std::time::Duration;

fn with(setup: LegSetup, conditions: Conditions) -> LegSetup {
    LegSetup { conditions, ..setup }
}

fn order(bench: &mut Bench, leg: LegId, order: Order) {
    let now = bench.now;
    bench.relay.command(now, LegCommand::Order { leg, order });
    bench.run();
}

fn nobody() -> Conditions {
    let source = SourceFilter { network: Some(([203, 0, 113, 1].into(), 32)), ports: None };
    Conditions { source, ..Conditions::default() }
}

#[test]
fn a_source_filter_turns_strangers_away_and_counts_them() {
    let mut bench = Bench::between(with(plain(), nobody()), plain());
    assert_eq!(bench.try_connect(ACCESS, Peer::plain()), None);
    let dropped = bench.relay.legs.get(&ACCESS).map(|leg| leg.counters.dropped());
    assert_eq!(dropped, Some(1));
    bench.update(ACCESS, plain());
    assert!(bench.try_connect(ACCESS, Peer::plain()).is_some());
}

#[test]
fn a_leg_that_latches_takes_its_first_peer_from_wherever_it_comes() {
    let mut bench = Bench::between(with(plain(), nobody()), plain());
    order(&mut bench, ACCESS, Order::Latch(Latch::Latch));
    let access = bench.connect(ACCESS, Peer::plain());
    assert!(bench.established(ACCESS, BearerState::TcpEstablished));
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, b"from behind a NAT");
    assert_eq!(bench.received(core), b"from behind a NAT");
    order(&mut bench, ACCESS, Order::Latch(Latch::Off));
    order(&mut bench, ACCESS, Order::Release);
    assert_eq!(bench.try_connect(ACCESS, Peer::plain()), None);
}

#[test]
fn a_linked_client_connects_when_the_other_bearer_is_established() {
    let linkage = Linkage { establishment: true, ..Linkage::default() };
    let mut bench = Bench::between(plain(), with(active(), Conditions { linkage, ..Conditions::default() }));
    assert_eq!(bench.attempt(), None);
    bench.connect(ACCESS, Peer::plain());
    assert!(bench.attempt().is_some());
}

#[test]
fn an_order_connects_a_linked_client_without_waiting() {
    let linkage = Linkage { establishment: true, ..Linkage::default() };
    let mut bench = Bench::between(plain(), with(active(), Conditions { linkage, ..Conditions::default() }));
    order(&mut bench, CORE, Order::Establish);
    assert!(bench.attempt().is_some());
}

#[test]
fn an_unlinked_release_keeps_the_other_bearer() {
    let linkage = Linkage { release: false, ..Linkage::default() };
    let mut bench = Bench::between(with(plain(), Conditions { linkage, ..Conditions::default() }), plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.end(access);
    assert_eq!((bench.ends(ACCESS), bench.ends(CORE)), (vec![FailureCause::Released], vec![]));
    assert!(!bench.peer(core).fin);
}

#[test]
fn an_ordered_release_ends_the_bearer_and_the_leg_takes_the_next() {
    let mut bench = Bench::between(plain(), plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    order(&mut bench, ACCESS, Order::Release);
    assert!(bench.peer(access).fin && bench.peer(core).fin);
    assert_eq!(bench.ends(ACCESS), [FailureCause::Released]);
    assert!(bench.try_connect(ACCESS, Peer::plain()).is_some());
}

#[test]
fn a_policed_leg_is_read_no_faster_than_its_rate() {
    let police = Some(Police { rate: 1000, burst: 1000 });
    let mut bench = Bench::between(with(plain(), Conditions { police, ..Conditions::default() }), plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, &[7; 3000]);
    assert!(!bench.relay.wants_read(access));
    bench.pass(Duration::from_millis(1999));
    assert!(!bench.relay.wants_read(access));
    bench.pass(Duration::from_millis(1));
    assert!(bench.relay.wants_read(access));
    assert_eq!(bench.received(core).len(), 3000, "and nothing is lost");
}
