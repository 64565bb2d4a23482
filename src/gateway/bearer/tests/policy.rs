//! Each decision of a relay can be overridden, and it shows.

use super::bench::*;
use crate::gateway::{BearerState, Expected, FailureCause, LegSetup, Policy, bearer::TcpEnd};

#[derive(Debug)]
struct AcceptsAnybody;

impl Policy for AcceptsAnybody {
    fn accepts_peer(&self, _: bool, _: Option<&[u8]>) -> bool {
        true
    }
}

#[test]
fn a_policy_may_accept_another_certificate_or_none() {
    for version in BOTH_VERSIONS {
        for identity in [Some(&*MALLORY), None] {
            let mut bench = Bench::with(AcceptsAnybody);
            bench.open(ACCESS, secured());
            bench.connect(ACCESS, Peer::tls_client(identity, version));
            assert!(bench.established(ACCESS, BearerState::TlsEstablished));
        }
        let mut bench = Bench::with(AcceptsAnybody);
        bench.open(CORE, LegSetup { secured: true, expected: signalled(&ALICE), ..active() });
        bench.answer(Peer::tls_server(&MALLORY, version));
        assert!(bench.established(CORE, BearerState::TlsEstablished));
    }
}

#[derive(Debug)]
struct RefusesEverybody;

impl Policy for RefusesEverybody {
    fn accepts_peer(&self, _: bool, _: Option<&[u8]>) -> bool {
        false
    }
}

#[test]
fn a_policy_may_refuse_the_signalled_peer() {
    let mut bench = Bench::with(RefusesEverybody);
    bench.open(ACCESS, secured());
    bench.connect(ACCESS, Peer::alice());
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsFingerprint]);
}

#[derive(Debug)]
struct AsksNoCertificate;

impl Policy for AsksNoCertificate {
    fn wants_client_certificate(&self) -> bool {
        false
    }
}

#[test]
fn a_policy_may_ask_for_no_client_certificate() {
    let mut bench = Bench::with(AsksNoCertificate);
    bench.open(ACCESS, secured());
    bench.connect(ACCESS, Peer::tls_client(None, &rustls::version::TLS12));
    assert!(bench.established(ACCESS, BearerState::TlsEstablished));
}

#[derive(Debug)]
struct ForwardsAlways;

impl Policy for ForwardsAlways {
    fn may_forward(&self, _: bool, _: bool) -> bool {
        true
    }
}

#[test]
fn a_policy_may_forward_before_the_peer_is_verified_and_against_the_mode() {
    let mut bench = Bench::with(ForwardsAlways);
    bench.open(ACCESS, LegSetup { expected: Expected::NotYet, receives: false, ..secured() });
    bench.open(CORE, LegSetup { sends: false, ..plain() });
    let core = bench.connect(CORE, Peer::plain());
    let access = bench.connect(ACCESS, Peer::alice());
    bench.send(access, b"too early");
    assert_eq!(bench.received(core), b"too early");
}

#[derive(Debug)]
struct Shouts;

impl Policy for Shouts {
    fn forward(&self, octets: &mut Vec<u8>) {
        octets.make_ascii_uppercase();
        octets.push(b'!');
    }
}

#[test]
fn a_policy_may_change_what_passes() {
    let mut bench = Bench::with(Shouts);
    bench.open(ACCESS, secured());
    bench.open(CORE, plain());
    let core = bench.connect(CORE, Peer::plain());
    let access = bench.connect(ACCESS, Peer::alice());
    bench.send(access, b"hello");
    assert_eq!(bench.received(core), b"HELLO!");
    assert_eq!((bench.counters[&ACCESS].received(), bench.counters[&CORE].sent()), (5, 6));
}

#[derive(Debug)]
struct KeepsTheOther;

impl Policy for KeepsTheOther {
    fn spreads_release(&self) -> bool {
        false
    }
}

#[test]
fn a_policy_may_keep_the_other_leg() {
    for end in [TcpEnd::Fin, TcpEnd::Reset] {
        let mut bench = Bench::with(KeepsTheOther);
        bench.open(ACCESS, plain());
        bench.open(CORE, plain());
        let access = bench.connect(ACCESS, Peer::plain());
        let core = bench.connect(CORE, Peer::plain());
        bench.tcp_end(access, end);
        assert_eq!(bench.ends(ACCESS).len(), 1);
        assert_eq!(bench.ends(CORE), []);
        assert!(!bench.peer(core).fin && !bench.peer(core).reset);
    }
}
