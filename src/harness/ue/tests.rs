//! Two UEs back to back: what one does on purpose, the other must name.

use super::*;
use crate::{
    harness::{
        certificate::Identity,
        transcript::{TcpEvent, TlsEvent},
    },
    results::Link,
    rules::roles::TlsRole,
    wire::sdp::HashFunction,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);

fn identity() -> Identity {
    Identity::generate("UE").unwrap()
}

fn fingerprint(identity: &Identity) -> Expected {
    Expected::Fingerprints(vec![identity.fingerprint(HashFunction::Sha256).unwrap()])
}

/// A TCP server and a TCP client on this address, with these TLS settings.
fn pair(ip: IpAddr, server: Option<TlsSettings>, client: Option<TlsSettings>) -> (Ue, Ue) {
    let make = |link, tcp_role, tls| {
        let mut settings = UeSettings { tls, ..UeSettings::new(link, ip, tcp_role) };
        settings.bounds = Bounds { connect: LONG, handshake: LONG, transfer: LONG };
        Ue::new(settings, Transcript::new()).unwrap()
    };
    (make(Link::Core, TcpRole::Server, server), make(Link::Access, TcpRole::Client, client))
}

fn local() -> IpAddr {
    Ipv4Addr::LOCALHOST.into()
}

fn tls(role: TlsRole, own: &Identity, peer: &Identity) -> TlsSettings {
    TlsSettings { expected: fingerprint(peer), ..TlsSettings::new(role, own.clone()) }
}

/// Server and client with right certificates, the TCP client being TLS client.
fn secure_pair() -> (Ue, Ue) {
    let (s, c) = (identity(), identity());
    pair(local(), Some(tls(TlsRole::Server, &s, &c)), Some(tls(TlsRole::Client, &c, &s)))
}

async fn establish(server: &Ue, client: &Ue) -> (Result<u32, UeError>, Result<u32, UeError>) {
    tokio::join!(server.establish(client.address()), client.establish(server.address()))
}

#[tokio::test]
async fn octets_pass_in_every_combination_of_roles_versions_and_addresses() {
    let mut addresses = vec![local()];
    match bind(SocketAddr::from((Ipv6Addr::LOCALHOST, 0))) {
        Ok(_) => addresses.push(Ipv6Addr::LOCALHOST.into()),
        Err(error) => println!("IPv6 left out: {error}"),
    }
    let (s, c) = (identity(), identity());
    for ip in addresses {
        for protection in [None, Some(Versions::Tls12), Some(Versions::Tls13)] {
            for role in [TlsRole::Client, TlsRole::Server] {
                let with =
                    |own, peer, role| protection.map(|versions| TlsSettings { versions, ..tls(role, own, peer) });
                let (server, client) = pair(ip, with(&s, &c, role.opposite()), with(&c, &s, role));
                let (one, other) = establish(&server, &client).await;
                one.and(other).unwrap();
                client.send(b"to the server").await.unwrap();
                assert_eq!(server.receive(13).await.unwrap().0, b"to the server");
                server.send(b"and back").await.unwrap();
                assert_eq!(client.receive(8).await.unwrap().0, b"and back");
                let version = match protection {
                    None => None,
                    Some(Versions::Tls12) => Some("TLS 1.2"),
                    Some(_) => Some("TLS 1.3"),
                };
                assert_eq!(client.secured().map(|secured| secured.version), version);
                assert_eq!(server.presented(), protection.and(c.fingerprint(HashFunction::Sha256)));
                client.close().await.unwrap();
                let end = server.await_end(LONG).await.unwrap();
                assert_eq!(end.tcp, TcpEnd::Fin);
                assert_eq!(end.alert.map(|(name, _)| name), protection.map(|_| "close_notify".to_owned()));
                assert_eq!(client.await_end(LONG).await.unwrap().tcp, TcpEnd::Fin);
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_fingerprint_is_told_apart_on_both_sides() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (s, c, stranger) = (identity(), identity(), identity());
        let with = |own, peer, role| Some(TlsSettings { versions, ..tls(role, own, peer) });
        let (server, client) = pair(local(), with(&s, &c, TlsRole::Server), with(&c, &stranger, TlsRole::Client));
        let (refused, refuses) = establish(&server, &client).await;
        let presented = s.fingerprint(HashFunction::Sha256).unwrap();
        assert_eq!(refuses.unwrap_err().observed, Observed::FingerprintMismatch { presented });
        assert_eq!(refused.unwrap_err().observed, Observed::Alert("bad_certificate".into()));
        assert_eq!(server.await_end(LONG).await.unwrap().tcp, TcpEnd::Fin);
    }
}

#[tokio::test]
async fn a_client_without_certificate_is_refused_in_either_version() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (s, c) = (identity(), identity());
        let server = TlsSettings { versions, ..tls(TlsRole::Server, &s, &c) };
        let client = TlsSettings { versions, identity: None, ..tls(TlsRole::Client, &c, &s) };
        let (server, client) = pair(local(), Some(server), Some(client));
        let (opened, connected) = tokio::join!(server.open(client.address()), client.open(server.address()));
        opened.and(connected).unwrap();
        let (secured, refusal) = tokio::join!(server.secure(), client.refused(LONG));
        assert_eq!(secured.unwrap_err().observed, Observed::NoCertificate);
        assert!(
            matches!(refusal.unwrap().observed, Observed::Alert(name) if name == "certificate_required" || name == "handshake_failure")
        );
    }
}

#[tokio::test]
async fn versions_without_a_common_one_are_told_apart() {
    let (s, c) = (identity(), identity());
    let server = TlsSettings { versions: Versions::Tls13, ..tls(TlsRole::Server, &s, &c) };
    let client = TlsSettings { versions: Versions::Tls12, ..tls(TlsRole::Client, &c, &s) };
    let (server, client) = pair(local(), Some(server), Some(client));
    let (version, alert) = establish(&server, &client).await;
    assert_eq!(version.unwrap_err().observed, Observed::Version);
    assert_eq!(alert.unwrap_err().observed, Observed::Alert("protocol_version".into()));
}

#[tokio::test]
async fn plain_text_where_tls_was_agreed_is_no_tls() {
    let (s, c) = (identity(), identity());
    let (server, client) = pair(local(), Some(tls(TlsRole::Server, &s, &c)), None);
    let (opened, connected) = tokio::join!(server.open(client.address()), client.open(server.address()));
    opened.and(connected).unwrap();
    client.send_raw(b"MSRP a786hjs2 SEND\r\n").await.unwrap();
    assert_eq!(server.secure().await.unwrap_err().observed, Observed::NotTls);
    assert_eq!(client.await_end(LONG).await.unwrap().tcp, TcpEnd::Fin);
}

#[tokio::test]
async fn a_silent_peer_ends_in_a_time_out() {
    let (s, c) = (identity(), identity());
    let silent = TlsSettings { autonomous: false, ..tls(TlsRole::Server, &s, &c) };
    let (server, client) = pair(local(), Some(silent), Some(tls(TlsRole::Client, &c, &s)));
    client.0.shared.settings().bounds.handshake = SHORT;
    let (opened, connected) = tokio::join!(server.open(client.address()), client.open(server.address()));
    opened.and(connected).unwrap();
    assert!(matches!(client.secure().await.unwrap_err().observed, Observed::TimedOut(_)));
    // The ClientHello was kept: the handshake completes once the server is told to answer.
    client.0.shared.settings().bounds.handshake = LONG;
    let (answered, completed) = tokio::join!(server.secure(), client.secure());
    assert_eq!(answered.unwrap().version, completed.unwrap().version);
}

#[tokio::test]
async fn a_bare_client_hello_gets_an_answer_and_nothing_more() {
    let (s, c) = (identity(), identity());
    let (server, client) = pair(local(), Some(tls(TlsRole::Server, &s, &c)), None);
    let (opened, connected) = tokio::join!(server.open(client.address()), client.open(server.address()));
    opened.and(connected).unwrap();
    for octet in client.client_hello().unwrap() {
        client.send_raw(&[octet]).await.unwrap();
    }
    let (answer, _) = client.receive(5).await.unwrap();
    assert_eq!(answer[..2], [22, 3]);
    assert_eq!(server.secured(), None);
}

#[tokio::test]
async fn a_reset_and_a_truncation_are_told_apart() {
    let (server, client) = secure_pair();
    let (one, other) = establish(&server, &client).await;
    one.and(other).unwrap();
    client.half_close().await.unwrap();
    assert_eq!(server.receive(1).await.unwrap_err().observed, Observed::Closed { truncated: true });

    let (server, client) = secure_pair();
    let (one, other) = establish(&server, &client).await;
    one.and(other).unwrap();
    client.reset().await.unwrap();
    assert_eq!(server.receive(1).await.unwrap_err().observed, Observed::Reset);
    assert_eq!(server.await_end(LONG).await.unwrap().tcp, TcpEnd::Reset);
    assert_eq!(client.send(b"x").await.unwrap_err().observed, Observed::NotConnected);
}

#[tokio::test]
async fn a_server_lets_a_second_connection_go_and_takes_the_next_after_the_first() {
    let (server, client) = pair(local(), None, None);
    establish(&server, &client).await.1.unwrap();
    let (state, frame) = client.try_connect(server.address(), LONG).await.unwrap();
    assert_eq!((state, server.surplus_connections()), (PortState::Closed, 1));
    assert!(frame > 0 && client.is_open());
    client.close().await.unwrap();
    server.await_end(LONG).await.unwrap();
    client.open(server.address()).await.unwrap();
    client.send(b"again").await.unwrap();
    assert_eq!(server.receive(5).await.unwrap().0, b"again");
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let (server, client) = pair(local(), None, None);
    let nobody = client.address();
    assert_eq!(server.try_connect(nobody, SHORT).await.unwrap().0, PortState::Refused);
    let refused = server.transcript().entries();
    assert!(matches!(refused[0].event, Event::Tcp(TcpEvent::Connecting)));
    assert!(matches!(refused[1].event, Event::Tcp(TcpEvent::Refused)));
    assert_eq!(refused[1].route.source, nobody);
}

#[tokio::test]
async fn a_ue_that_does_not_read_holds_its_peer() {
    let (server, client) = pair(local(), None, None);
    establish(&server, &client).await.1.unwrap();
    server.read(false);
    client.0.shared.settings().bounds.transfer = SHORT;
    // More than socket buffers and inbox take together.
    let octets = vec![7; 64 << 20];
    assert!(matches!(client.send(&octets).await.unwrap_err().observed, Observed::TimedOut(_)));
    server.read(true);
    assert_eq!(server.receive(1 << 20).await.unwrap().0.len(), 1 << 20);
}

#[tokio::test]
async fn silence_ends_with_the_first_octet() {
    let (server, client) = pair(local(), None, None);
    establish(&server, &client).await.1.unwrap();
    server.silence(SHORT).await.unwrap();
    let (heard, sent) = tokio::join!(server.silence(LONG), client.send(b"x"));
    sent.unwrap();
    assert_eq!(heard.unwrap_err().observed, Observed::Unexpected(1));
}

#[tokio::test]
async fn plain_tcp_becomes_tls_on_the_same_connection() {
    let (s, c) = (identity(), identity());
    let (server, client) = pair(local(), None, None);
    establish(&server, &client).await.1.unwrap();
    client.send(b"plain").await.unwrap();
    assert_eq!(server.receive(5).await.unwrap().0, b"plain");
    let (one, other) =
        tokio::join!(server.upgrade(tls(TlsRole::Server, &s, &c)), client.upgrade(tls(TlsRole::Client, &c, &s)));
    one.and(other).unwrap();
    client.send(b"secret").await.unwrap();
    let (octets, frame) = server.receive(6).await.unwrap();
    assert_eq!(octets, b"secret");
    assert!(server.transcript().frames().iter().any(|f| f.number == frame && f.secured));
}

#[tokio::test]
async fn the_transcript_tells_the_phases_in_order() {
    let (server, client) = secure_pair();
    let (one, other) = establish(&server, &client).await;
    one.and(other).unwrap();
    client.close().await.unwrap();
    client.await_end(LONG).await.unwrap();
    let events: Vec<String> = client.transcript().frames().into_iter().map(|frame| frame.summary).collect();
    let at = |wanted: &str| {
        events.iter().position(|line| line.contains(wanted)).unwrap_or_else(|| panic!("{wanted}: {events:#?}"))
    };
    let order =
        [at("SYN"), at("TCP established"), at("ClientHello"), at("ServerHello"), at("TLS 1.3 established"), at("FIN")];
    assert!(order.is_sorted(), "{events:#?}");
    let complete = |e: &crate::harness::transcript::Entry| matches!(e.event, Event::Tls(TlsEvent::Complete { .. }));
    assert_eq!(client.transcript().entries().iter().filter(|e| complete(e)).count(), 1);
    assert!(client.transcript().secrets().contains("CLIENT_TRAFFIC_SECRET_0 "));
}
