//! What passes between two legs, and what waits.

use super::bench::*;
use crate::gateway::{LegId, LegSetup};

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

#[test]
fn every_octet_arrives_in_order_in_both_directions_at_once() {
    let (up, down) = (pattern(1_000_003), pattern(700_001));
    let mut bench = Bench::between(secured(), secured());
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::tls_client(Some(&ALICE), &rustls::version::TLS12));
    bench.peer(access).send(&up);
    bench.send(core, &down);
    assert_eq!(bench.received(core), up);
    assert_eq!(bench.received(access), down);
}

#[test]
fn delivered_octets_are_counted_above_tls() {
    let mut bench = Bench::between(secured(), plain());
    let access = bench.connect(ACCESS, Peer::alice());
    bench.send(access, b"12345");
    assert_eq!(bench.counters[&ACCESS].received(), 0, "not delivered yet");
    let core = bench.connect(CORE, Peer::plain());
    bench.send(core, b"123");
    assert_eq!((bench.counters[&ACCESS].received(), bench.counters[&ACCESS].sent()), (5, 3));
    assert_eq!((bench.counters[&CORE].received(), bench.counters[&CORE].sent()), (3, 5));
}

#[test]
fn while_the_mode_forbids_it_nothing_passes_and_nothing_is_lost() {
    let directions = [
        (LegSetup { receives: false, ..plain() }, plain()),
        (plain(), LegSetup { sends: false, ..plain() }),
        (LegSetup { receives: false, sends: false, ..plain() }, plain()),
    ];
    let octets = pattern(300_000);
    for (access_setup, core_setup) in directions {
        let mut bench = Bench::between(access_setup, core_setup);
        let access = bench.connect(ACCESS, Peer::plain());
        let core = bench.connect(CORE, Peer::plain());
        bench.send(access, &octets);
        assert_eq!(bench.received(core), b"");
        assert!(bench.peer(access).wire.len() >= octets.len() - 16 * 1024, "flow control holds them");
        bench.update(ACCESS, plain());
        bench.update(CORE, plain());
        assert_eq!(bench.received(core), octets);
    }
}

#[test]
fn the_direction_the_mode_allows_passes_while_the_other_waits() {
    let mut bench = Bench::between(LegSetup { receives: false, ..plain() }, plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, b"up");
    bench.send(core, b"down");
    assert_eq!((bench.received(core), bench.received(access)), (&b""[..], &b"down"[..]));
}

#[test]
fn octets_wait_for_the_far_leg() {
    let octets = pattern(100_000);
    let mut bench = Bench::between(secured(), active());
    let access = bench.connect(ACCESS, Peer::alice());
    bench.send(access, &octets);
    assert!(!bench.peer(access).wire.is_empty(), "flow control holds them");
    let core = bench.answer(Peer::plain());
    assert_eq!(bench.received(core), octets);
}

#[test]
fn a_peer_that_does_not_read_slows_the_other_down() {
    let octets = pattern(2_000_000);
    let mut bench = Bench::between(secured(), plain());
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::plain());
    bench.peer(core).stalled = true;
    bench.send(access, &octets);
    assert!(bench.relay.to_write(core).len() <= 128 * 1024, "bounded memory");
    assert!(!bench.relay.wants_read(access));
    bench.send(core, b"the other way is free");
    assert_eq!(bench.received(access), b"the other way is free");
    bench.peer(core).stalled = false;
    bench.run();
    assert_eq!(bench.received(core), octets);
}

#[test]
fn octets_written_one_by_one_stay_in_order() {
    let octets = pattern(70_000);
    let mut bench = Bench::between(plain(), plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.peer(core).stalled = true;
    bench.send(access, &octets);
    let mut out = Vec::new();
    for _ in 0..octets.len() {
        out.extend(bench.relay.to_write(core).first().copied());
        bench.relay.wrote(bench.now, core, 1);
        bench.run();
    }
    assert_eq!(out, octets);
}

#[test]
fn one_leg_alone_holds_and_three_forward_nothing() {
    let mut bench = Bench::new();
    bench.open(ACCESS, plain());
    let access = bench.connect(ACCESS, Peer::plain());
    bench.send(access, b"anybody");
    bench.open(LegId(3), plain());
    bench.open(LegId(4), plain());
    let third = bench.connect(LegId(3), Peer::plain());
    let fourth = bench.connect(LegId(4), Peer::plain());
    assert_eq!((bench.received(third), bench.received(fourth)), (&b""[..], &b""[..]));
}

#[test]
fn an_idle_connection_owns_no_octets() {
    let mut bench = Bench::between(plain(), plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, &pattern(100_000));
    assert!(bench.relay.to_write(core).is_empty());
    let idle = |connection: &super::super::connection::Connection| connection.owned_octets() == 0;
    assert!(bench.relay.connections.values().all(idle));
}
