//! Phase II: TLS versions, roles, certificates.

use super::bench::*;
use crate::{
    gateway::{BearerState, Expected, FailureCause, LegSetup},
    rules::roles::TlsRole,
};
use rustls::{AlertDescription, Error, HandshakeKind, ProtocolVersion};
use std::time::Duration;

#[test]
fn a_tls_server_leg_relays_both_ways_whatever_the_version() {
    for version in BOTH_VERSIONS {
        let mut bench = Bench::between(secured(), plain());
        let access = bench.connect(ACCESS, Peer::tls_client(Some(&ALICE), version));
        let core = bench.connect(CORE, Peer::plain());
        bench.send(access, b"from access");
        bench.send(core, b"from core");
        assert_eq!(bench.received(core), b"from access");
        assert_eq!(bench.received(access), b"from core");
        assert!(bench.established(ACCESS, BearerState::TcpEstablished));
        assert!(bench.established(ACCESS, BearerState::TlsEstablished));
        assert!(!bench.established(CORE, BearerState::TlsEstablished));
    }
}

#[test]
fn a_tls_client_leg_relays_both_ways_whatever_the_version() {
    for version in BOTH_VERSIONS {
        let mut bench = Bench::between(plain(), LegSetup { secured: true, expected: signalled(&ALICE), ..active() });
        let core = bench.answer(Peer::tls_server(&ALICE, version));
        let access = bench.connect(ACCESS, Peer::plain());
        bench.send(access, b"from access");
        bench.send(core, b"from core");
        assert_eq!(bench.received(core), b"from access");
        assert_eq!(bench.received(access), b"from core");
        assert!(bench.peer(core).tls().peer_certificates().is_some(), "the gateway presented its certificate");
    }
}

#[test]
fn the_tls_role_does_not_hang_on_the_tcp_role() {
    let mut bench = Bench::between(plain(), LegSetup { tls_role: TlsRole::Client, ..secured() });
    bench.connect(CORE, Peer::tls_server(&ALICE, &rustls::version::TLS13));
    assert!(bench.established(CORE, BearerState::TlsEstablished));

    let mut bench = Bench::between(
        plain(),
        LegSetup { secured: true, tls_role: TlsRole::Server, expected: signalled(&ALICE), ..active() },
    );
    bench.answer(Peer::alice());
    assert!(bench.established(CORE, BearerState::TlsEstablished));
}

#[test]
fn another_certificate_is_refused_with_bad_certificate() {
    for version in BOTH_VERSIONS {
        let mut bench = Bench::between(secured(), plain());
        let connection = bench.connect(ACCESS, Peer::tls_client(Some(&MALLORY), version));
        assert_eq!(bench.peer(connection).error, Some(Error::AlertReceived(AlertDescription::BadCertificate)));
        assert_eq!(bench.failures(ACCESS), [FailureCause::TlsFingerprint]);
        assert!(bench.peer(connection).fin);

        let mut bench = Bench::between(plain(), LegSetup { secured: true, expected: signalled(&ALICE), ..active() });
        let connection = bench.answer(Peer::tls_server(&MALLORY, version));
        assert_eq!(bench.peer(connection).error, Some(Error::AlertReceived(AlertDescription::BadCertificate)));
        assert_eq!(bench.failures(CORE), [FailureCause::TlsFingerprint]);
        assert!(bench.peer(connection).fin);
    }
}

#[test]
fn no_client_certificate_is_refused() {
    for version in BOTH_VERSIONS {
        let mut bench = Bench::between(secured(), plain());
        let connection = bench.connect(ACCESS, Peer::tls_client(None, version));
        assert_eq!(bench.failures(ACCESS), [FailureCause::TlsNoCertificate]);
        assert!(matches!(bench.peer(connection).error, Some(Error::AlertReceived(_))));
        assert!(bench.peer(connection).fin);
    }
}

#[test]
fn without_any_signalled_fingerprint_everybody_is_refused() {
    let mut bench = Bench::between(LegSetup { expected: Expected::Fingerprints(Vec::new()), ..secured() }, plain());
    bench.connect(ACCESS, Peer::alice());
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsFingerprint]);
}

#[test]
fn plain_octets_where_tls_was_agreed_fail_at_once() {
    let mut bench = Bench::between(secured(), plain());
    let core = bench.connect(CORE, Peer::plain());
    let access = bench.connect(ACCESS, Peer::plain());
    bench.send(access, b"MSRP d93kswow SEND\r\n");
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsProtocol]);
    assert!(bench.peer(access).fin);
    assert_eq!(bench.received(core), b"");
}

#[test]
fn two_tls_clients_fail_instead_of_hanging() {
    let mut bench = Bench::between(plain(), LegSetup { secured: true, expected: signalled(&ALICE), ..active() });
    bench.answer(Peer::alice());
    assert_eq!(bench.failures(CORE), [FailureCause::TlsProtocol]);
}

#[test]
fn two_tls_servers_fail_instead_of_hanging() {
    let mut bench = Bench::between(secured(), plain());
    let connection = bench.connect(ACCESS, Peer::tls_server(&ALICE, &rustls::version::TLS13));
    bench.pass(Duration::from_secs(9));
    assert_eq!(bench.failures(ACCESS), []);
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsTimeout]);
    assert!(bench.peer(connection).fin);
}

#[test]
fn a_version_below_tls_12_is_refused() {
    // A ClientHello of TLS 1.1 with one suite of its time.
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0x00, 0x2f, 1, 0]);
    let mut record = vec![22, 3, 1, 0, hello.len() as u8 + 4, 1, 0, 0, hello.len() as u8];
    record.extend(hello);

    let mut bench = Bench::between(secured(), plain());
    let connection = bench.connect(ACCESS, Peer::plain());
    bench.send(connection, &record);
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsVersion]);
    assert_eq!(bench.peer(connection).raw, [21, 3, 2, 0, 2, 2, 70], "alert protocol_version");
}

#[test]
fn a_server_that_answers_with_tls_11_is_refused() {
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    hello.extend([0, 0x00, 0x2f, 0]);
    let mut record = vec![22, 3, 2, 0, hello.len() as u8 + 4, 2, 0, 0, hello.len() as u8];
    record.extend(hello);

    let mut bench = Bench::between(plain(), LegSetup { secured: true, expected: signalled(&ALICE), ..active() });
    let connection = bench.answer(Peer::plain());
    bench.send(connection, &record);
    assert_eq!(bench.failures(CORE), [FailureCause::TlsVersion]);
}

#[test]
fn one_octet_a_second_does_not_stretch_the_handshake() {
    let mut bench = Bench::between(secured(), plain());
    let connection = bench.connect(ACCESS, Peer::plain());
    for octet in [22, 3, 1, 1, 0, 1, 0, 0, 252, 3] {
        assert_eq!(bench.failures(ACCESS), []);
        bench.send(connection, &[octet]);
        bench.pass(Duration::from_secs(1));
    }
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsTimeout]);
}

#[test]
fn no_session_is_resumed_and_no_ticket_given() {
    for version in BOTH_VERSIONS {
        let mut bench = Bench::between(secured(), plain());
        let connection = bench.connect(ACCESS, Peer::tls_client(Some(&ALICE), version));
        let tls = bench.peer(connection).tls();
        assert_eq!(tls.handshake_kind(), Some(HandshakeKind::Full));
        if tls.protocol_version() == Some(ProtocolVersion::TLSv1_3) {
            let rustls::Connection::Client(client) = tls else { panic!("a client") };
            assert_eq!(client.tls13_tickets_received(), 0);
        }
    }
}

#[test]
fn a_changed_fingerprint_leaves_the_live_session_alone_and_judges_the_next() {
    let mut bench = Bench::between(secured(), plain());
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::plain());
    bench.update(ACCESS, LegSetup { expected: signalled(&MALLORY), ..secured() });
    bench.send(access, b"still here");
    assert_eq!(bench.received(core), b"still here");

    bench.end(access);
    bench.end(core);
    bench.connect(ACCESS, Peer::alice());
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsFingerprint]);
}

#[test]
fn tls_starts_on_a_running_tcp_connection_by_modify() {
    for version in BOTH_VERSIONS {
        let mut bench = Bench::between(plain(), plain());
        let access = bench.connect(ACCESS, Peer::plain());
        let core = bench.connect(CORE, Peer::plain());
        bench.send(access, b"in the clear, ");
        let opened = bench.outputs.len();
        bench.update(ACCESS, secured());
        bench.peer(access).start_tls(Peer::tls_client(Some(&ALICE), version));
        bench.send(access, b"then not");
        assert_eq!(bench.received(core), b"in the clear, then not");
        assert!(bench.established(ACCESS, BearerState::TlsEstablished));
        let kept = |output: &crate::gateway::bearer::Output| matches!(output, crate::gateway::bearer::Output::Event(_));
        assert!(bench.outputs[opened..].iter().all(kept), "connection and port stay");
    }
}

#[test]
fn octets_before_the_first_record_after_the_change_to_tls_are_an_error() {
    let mut bench = Bench::between(plain(), plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.update(ACCESS, secured());
    bench.send(access, b"in the clear");
    assert_eq!(bench.failures(ACCESS), [FailureCause::TlsProtocol]);
    assert_eq!(bench.received(core), b"");
}
