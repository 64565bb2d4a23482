//! Phase I: who connects, when, and for how long.

use super::bench::*;
use crate::{
    gateway::{
        BearerState, FailureCause, LegSetup,
        bearer::{Output, TcpEnd},
    },
    rules::roles::TcpRole,
};
use std::time::Duration;

#[test]
fn an_active_leg_connects_once_the_remote_address_is_known_whatever_the_mode() {
    let inactive = LegSetup { sends: false, receives: false, ..active() };
    let mut bench = Bench::between(plain(), LegSetup { remote: None, ..inactive.clone() });
    assert_eq!(bench.attempt(), None);
    bench.update(CORE, inactive);
    assert!(bench.attempt().is_some());
    bench.answer(Peer::plain());
    assert!(bench.established(CORE, BearerState::TcpEstablished));
}

#[test]
fn an_active_leg_gives_up_after_ten_seconds() {
    let mut bench = Bench::between(plain(), active());
    let attempt = bench.attempt().unwrap();
    bench.pass(Duration::from_millis(9_999));
    assert_eq!(bench.failures(CORE), []);
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.failures(CORE), [FailureCause::TcpTimeout]);
    assert!(bench.outputs.contains(&Output::Abort(attempt)), "the attempt is cancelled");
    assert_eq!(bench.relay.poll_timeout(), None);
}

#[test]
fn a_refused_attempt_is_told_and_the_next_command_tries_again() {
    let mut bench = Bench::between(plain(), active());
    let first = bench.attempt().unwrap();
    bench.relay.connect_failed(bench.now, first, FailureCause::TcpRefused);
    bench.run();
    assert_eq!(bench.failures(CORE), [FailureCause::TcpRefused]);
    bench.update(CORE, active());
    assert_ne!(bench.attempt(), Some(first));
    bench.answer(Peer::plain());
    assert!(bench.established(CORE, BearerState::TcpEstablished));
}

#[test]
fn an_update_does_not_start_a_second_attempt() {
    let mut bench = Bench::between(plain(), active());
    let first = bench.attempt();
    bench.update(CORE, LegSetup { sends: false, ..active() });
    assert_eq!(bench.attempt(), first);
}

#[test]
fn a_changed_remote_address_redirects_the_attempt() {
    let mut bench = Bench::between(plain(), active());
    let first = bench.attempt().unwrap();
    let remote = Some(([192, 0, 2, 7], 7).into());
    bench.update(CORE, LegSetup { remote, ..active() });
    assert!(bench.outputs.contains(&Output::Abort(first)));
    assert_ne!(bench.attempt(), Some(first));
}

#[test]
fn a_passive_leg_turned_active_stops_listening_and_connects() {
    let mut bench = Bench::between(plain(), plain());
    assert_eq!(bench.attempt(), None);
    bench.update(CORE, active());
    let stopped = bench.outputs.iter().position(|o| matches!(o, Output::StopListening { leg: CORE, .. })).unwrap();
    let dialled = bench.outputs.iter().position(|o| matches!(o, Output::Connect { leg: CORE, .. })).unwrap();
    assert!(stopped < dialled);
    assert_eq!(bench.try_connect(CORE, Peer::plain()), None);
}

#[test]
fn an_active_leg_turned_passive_cancels_the_attempt_and_listens() {
    let mut bench = Bench::between(plain(), active());
    let attempt = bench.attempt().unwrap();
    bench.update(CORE, LegSetup { tcp_role: TcpRole::Server, ..active() });
    assert!(bench.outputs.contains(&Output::Abort(attempt)));
    bench.connect(CORE, Peer::plain());
    assert!(bench.established(CORE, BearerState::TcpEstablished));
}

#[test]
fn a_reset_during_the_handshake_is_told() {
    let mut bench = Bench::between(secured(), plain());
    let connection = bench.connect(ACCESS, Peer::plain());
    bench.tcp_end(connection, TcpEnd::Reset);
    assert_eq!(bench.failures(ACCESS), [FailureCause::TcpReset]);
}
