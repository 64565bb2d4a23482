//! Who owns a leg, and what becomes of the others.

use super::bench::*;
use crate::gateway::{BearerEvent, BearerState, Expected, FailureCause, LegSetup, bearer::UNVERIFIED_CONNECTIONS};
use std::time::Duration;

#[test]
fn the_first_plain_connection_owns_the_leg_and_the_second_is_turned_away() {
    let mut bench = Bench::between(plain(), plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    let events = bench.events.clone();
    assert_eq!(bench.try_connect(ACCESS, Peer::plain()), None);
    assert_eq!(bench.events, events);
    bench.send(access, b"undisturbed");
    assert_eq!(bench.received(core), b"undisturbed");
}

#[test]
fn unverified_connections_shake_hands_side_by_side_and_the_first_verified_owns_the_leg() {
    let mut bench = Bench::between(secured(), plain());
    let silent: Vec<_> = (1..UNVERIFIED_CONNECTIONS).map(|_| bench.connect(ACCESS, Peer::plain())).collect();
    bench.connect(ACCESS, Peer::alice());
    assert!(bench.established(ACCESS, BearerState::TlsEstablished));
    for connection in silent {
        assert!(bench.peer(connection).fin);
    }
    assert_eq!(bench.failures(ACCESS), [], "the others are no failure of the bearer");
    assert_eq!(bench.try_connect(ACCESS, Peer::alice()), None, "the leg has its peer");
}

#[test]
fn one_more_unverified_connection_than_the_limit_is_turned_away() {
    let mut bench = Bench::between(secured(), plain());
    for _ in 0..UNVERIFIED_CONNECTIONS {
        bench.connect(ACCESS, Peer::plain());
    }
    assert_eq!(bench.try_connect(ACCESS, Peer::alice()), None);
    bench.pass(Duration::from_secs(10));
    assert_eq!(bench.failures(ACCESS).len(), UNVERIFIED_CONNECTIONS);
    bench.connect(ACCESS, Peer::alice());
    assert!(bench.established(ACCESS, BearerState::TlsEstablished));
}

#[test]
fn the_leg_stays_usable_for_the_right_peer_after_a_refused_one() {
    let mut bench = Bench::between(secured(), plain());
    bench.connect(ACCESS, Peer::tls_client(Some(&MALLORY), &rustls::version::TLS13));
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, b"mine");
    assert_eq!(bench.received(core), b"mine");
    let failed = BearerEvent::Failed { leg: ACCESS, cause: FailureCause::TlsFingerprint };
    let established = BearerEvent::Established { leg: ACCESS, state: BearerState::TlsEstablished };
    assert!(bench.events.contains(&failed) && bench.events.contains(&established));
}

#[test]
fn an_unsignalled_peer_is_held_and_nothing_passes_before_the_fingerprint() {
    for version in BOTH_VERSIONS {
        let mut bench = Bench::between(LegSetup { expected: Expected::NotYet, ..secured() }, plain());
        let core = bench.connect(CORE, Peer::plain());
        let access = bench.connect(ACCESS, Peer::tls_client(Some(&ALICE), version));
        bench.send(access, b"early");
        bench.send(core, b"early too");
        assert!(!bench.peer(access).tls().is_handshaking(), "the handshake is complete");
        assert!(!bench.established(ACCESS, BearerState::TlsEstablished));
        assert_eq!(bench.received(core), b"");
        assert_eq!(bench.received(access), b"");

        bench.update(ACCESS, secured());
        assert!(bench.established(ACCESS, BearerState::TlsEstablished));
        assert_eq!(bench.received(core), b"early", "held, not lost");
        assert_eq!(bench.received(access), b"early too");
    }
}

#[test]
fn a_held_peer_is_refused_when_the_fingerprint_is_anothers_or_there_is_none() {
    for expected in [signalled(&MALLORY), Expected::Fingerprints(Vec::new())] {
        let mut bench = Bench::between(LegSetup { expected: Expected::NotYet, ..secured() }, plain());
        let core = bench.connect(CORE, Peer::plain());
        let access = bench.connect(ACCESS, Peer::alice());
        bench.send(access, b"early");
        bench.update(ACCESS, LegSetup { expected, ..secured() });
        assert_eq!(bench.failures(ACCESS), [FailureCause::TlsFingerprint]);
        assert!(bench.peer(access).fin);
        assert_eq!(bench.received(core), b"");
    }
}

#[test]
fn a_held_peer_is_given_up_when_no_fingerprint_comes() {
    let mut bench = Bench::between(LegSetup { expected: Expected::NotYet, ..secured() }, plain());
    let access = bench.connect(ACCESS, Peer::alice());
    bench.pass(Duration::from_secs(10));
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsTimeout]);
    assert!(bench.peer(access).fin);
}

#[test]
fn a_held_peer_sends_no_more_than_one_read() {
    let mut bench = Bench::between(LegSetup { expected: Expected::NotYet, ..secured() }, plain());
    let access = bench.connect(ACCESS, Peer::alice());
    bench.send(access, &vec![7; 1 << 20]);
    assert!(bench.peer(access).wire.len() > (1 << 20) - 64 * 1024);
}

#[test]
fn a_held_peer_that_goes_is_a_failed_attempt() {
    let mut bench = Bench::between(LegSetup { expected: Expected::NotYet, ..secured() }, plain());
    let access = bench.connect(ACCESS, Peer::alice());
    bench.end(access);
    assert_eq!(bench.failures(ACCESS), [FailureCause::Released]);
    assert_eq!(bench.ends(ACCESS), []);
}

#[test]
fn a_handshake_begun_before_the_fingerprint_is_judged_by_it() {
    let mut bench = Bench::between(LegSetup { expected: Expected::NotYet, ..secured() }, plain());
    let connection = bench.connect(ACCESS, Peer::plain());
    bench.update(ACCESS, secured());
    bench.peer(connection).start_tls(Peer::tls_client(Some(&MALLORY), &rustls::version::TLS12));
    bench.run();
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsFingerprint]);
}
