//! Ends of bearers: order, spreading, reports.

use super::bench::*;
use crate::gateway::{
    BearerState, FailureCause, LegSetup,
    bearer::{ConnectionId, Output, TcpEnd},
};
use std::time::Duration;

fn port_goes(bench: &Bench) -> usize {
    bench.outputs.iter().position(|o| matches!(o, Output::StopListening { leg: ACCESS, .. })).expect("the port goes")
}

fn joined(access: LegSetup, core: LegSetup) -> (Bench, ConnectionId, ConnectionId) {
    let mut bench = Bench::between(access.clone(), core.clone());
    let peer = |setup: &LegSetup| if setup.secured { Peer::alice() } else { Peer::plain() };
    let access = bench.connect(ACCESS, peer(&access));
    let core = bench.connect(CORE, peer(&core));
    (bench, access, core)
}

#[test]
fn release_says_close_notify_then_fin_then_gives_the_port_back() {
    let (mut bench, access, core) = joined(secured(), plain());
    bench.send(core, b"last words");
    bench.release(ACCESS);
    assert!(bench.peer(access).close_notify);
    assert!(bench.position(Output::Shutdown(access)) < port_goes(&bench));
    assert_eq!(bench.ends(ACCESS), [], "the MGC ordered it");
    assert_eq!(bench.received(access), b"last words");

    bench.end(access);
    assert!(bench.outputs.contains(&Output::Close(access)));
    bench.release(CORE);
    bench.end(core);
    assert!(bench.relay.is_empty());
}

#[test]
fn release_gives_the_port_back_only_after_what_waits_is_out() {
    let (mut bench, access, core) = joined(secured(), plain());
    bench.peer(access).stalled = true;
    bench.send(core, b"last words");
    bench.release(ACCESS);
    assert!(!bench.peer(access).fin);
    assert!(!bench.outputs.iter().any(|o| matches!(o, Output::StopListening { .. })));
    bench.peer(access).stalled = false;
    bench.run();
    assert_eq!(bench.received(access), b"last words");
    assert!(bench.position(Output::Shutdown(access)) < port_goes(&bench));
}

#[test]
fn a_released_peer_that_neither_reads_nor_ends_is_cut_off() {
    let (mut bench, access, core) = joined(secured(), plain());
    bench.peer(access).stalled = true;
    bench.send(core, b"last words");
    bench.release(ACCESS);
    bench.pass(Duration::from_secs(5));
    assert!(bench.peer(access).reset);
    port_goes(&bench);
}

#[test]
fn releasing_a_leg_without_connections_gives_the_port_back_at_once() {
    for setup in [plain(), secured(), active(), LegSetup { remote: None, ..active() }] {
        let mut bench = Bench::new();
        bench.open(ACCESS, setup);
        bench.release(ACCESS);
        port_goes(&bench);
        assert!(bench.relay.is_empty());
    }
}

#[test]
fn a_fin_is_passed_on_and_reported_once_its_octets_are_delivered() {
    let (mut bench, access, core) = joined(plain(), plain());
    bench.peer(core).stalled = true;
    bench.peer(access).send(&[1; 200_000]);
    bench.end(access);
    assert_eq!(bench.ends(ACCESS), []);
    assert!(!bench.peer(core).fin);
    bench.peer(core).stalled = false;
    bench.run();
    assert_eq!(bench.received(core).len(), 200_000);
    assert!(bench.peer(core).fin);
    assert_eq!(bench.ends(ACCESS), [FailureCause::Released]);
}

#[test]
fn a_close_notify_is_passed_on_as_an_end() {
    let (mut bench, access, core) = joined(secured(), secured());
    bench.send(access, b"bye");
    bench.end(access);
    assert_eq!(bench.received(core), b"bye");
    assert!(bench.peer(core).close_notify && bench.peer(core).fin);
    assert_eq!(bench.ends(ACCESS), [FailureCause::Released]);
}

#[test]
fn after_one_direction_ended_the_other_goes_on_until_it_ends() {
    for setup in [plain(), secured()] {
        let (mut bench, access, core) = joined(setup, plain());
        bench.end(access);
        assert!(!bench.peer(access).fin);
        bench.send(core, b"still talking");
        assert_eq!(bench.received(access), b"still talking");
        bench.end(core);
        assert!(bench.peer(access).fin);
        assert_eq!(bench.ends(CORE), [FailureCause::Released]);
        assert!(bench.outputs.contains(&Output::Close(access)) && bench.outputs.contains(&Output::Close(core)));
        assert!(bench.relay.connections.is_empty());
    }
}

#[test]
fn a_peer_that_does_not_end_its_direction_is_given_ten_silent_seconds() {
    let (mut bench, access, core) = joined(plain(), plain());
    bench.end(access);
    bench.pass(Duration::from_secs(9));
    bench.send(core, b"not silent");
    bench.pass(Duration::from_secs(9));
    assert_eq!(bench.received(access), b"not silent");
    assert!(!bench.peer(access).fin);
    bench.pass(Duration::from_secs(1));
    assert!(bench.peer(access).fin);
    assert_eq!(bench.ends(CORE), [FailureCause::Released]);
    bench.pass(Duration::from_secs(5));
    assert!(bench.relay.connections.is_empty());
}

#[test]
fn a_reset_is_passed_on_once_its_octets_are_delivered() {
    let (mut bench, access, core) = joined(plain(), plain());
    bench.send(access, b"then gone");
    bench.tcp_end(access, TcpEnd::Reset);
    assert_eq!(bench.received(core), b"then gone");
    assert!(bench.peer(core).reset);
    assert_eq!((bench.ends(ACCESS), bench.ends(CORE)), (vec![FailureCause::TcpReset], vec![FailureCause::Released]));
    assert!(bench.relay.connections.is_empty());
}

#[test]
fn a_reset_reaches_a_tls_peer_as_a_truncation() {
    let (mut bench, access, core) = joined(plain(), secured());
    bench.tcp_end(access, TcpEnd::Reset);
    assert!(bench.peer(core).fin && !bench.peer(core).close_notify);
}

#[test]
fn tcp_that_ends_without_close_notify_is_a_truncation() {
    let (mut bench, access, core) = joined(secured(), secured());
    bench.tcp_end(access, TcpEnd::Fin);
    assert_eq!(bench.ends(ACCESS), [FailureCause::TlsTruncated]);
    assert!(bench.peer(access).fin);
    assert!(bench.peer(core).fin && !bench.peer(core).close_notify);
}

#[test]
fn a_broken_record_ends_the_bearer() {
    let (mut bench, access, core) = joined(secured(), plain());
    bench.peer(access).wire.extend([23, 3, 3, 0, 20]);
    bench.peer(access).wire.extend([0; 20]);
    bench.run();
    assert_eq!(bench.ends(ACCESS), [FailureCause::TlsProtocol]);
    assert!(bench.peer(access).fin && bench.peer(core).reset);
}

#[test]
fn a_reset_after_half_close_ends_both() {
    let (mut bench, access, core) = joined(plain(), plain());
    bench.end(access);
    bench.tcp_end(access, TcpEnd::Reset);
    assert!(bench.relay.connections.values().all(super::super::connection::Connection::is_closing));
    bench.end(core);
    assert!(bench.relay.connections.is_empty());
}

#[test]
fn an_end_before_the_far_leg_is_up_waits_for_it_only_with_octets_in_hand() {
    let mut bench = Bench::between(plain(), active());
    let access = bench.connect(ACCESS, Peer::plain());
    bench.send(access, b"hello");
    bench.end(access);
    assert_eq!(bench.ends(ACCESS), []);
    let core = bench.answer(Peer::plain());
    assert_eq!(bench.received(core), b"hello");
    assert!(bench.peer(core).fin);
    assert_eq!(bench.ends(ACCESS), [FailureCause::Released]);

    let mut bench = Bench::between(plain(), active());
    let access = bench.connect(ACCESS, Peer::plain());
    bench.end(access);
    assert_eq!(bench.ends(ACCESS), [FailureCause::Released]);
    assert!(bench.peer(access).fin);
}

#[test]
fn a_leg_can_be_established_again_after_it_ended() {
    let (mut bench, access, core) = joined(secured(), plain());
    bench.end(access);
    bench.end(core);
    bench.events.clear();
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, b"again");
    assert_eq!(bench.received(core), b"again");
    assert!(bench.established(ACCESS, BearerState::TlsEstablished));
    assert!(bench.established(CORE, BearerState::TcpEstablished));
}
