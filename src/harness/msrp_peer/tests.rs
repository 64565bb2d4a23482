//! Two endpoints back to back, plain and over TLS.

use super::*;
use crate::{
    harness::{
        certificate::Identity,
        transcript::Transcript,
        ue::{Expected, Observed, TlsSettings, UeSettings},
    },
    results::Link,
    rules::roles::{TcpRole, TlsRole},
    wire::sdp::HashFunction,
};
use std::net::{IpAddr, Ipv4Addr};

const LONG: Duration = Duration::from_secs(20);
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn path(name: &str) -> Path<'static> {
    Path::parse(&format!("msrp://127.0.0.1:2855/{name};tcp")).unwrap().into_owned()
}

/// Two connected endpoints, `a` the TCP client.
async fn connected(secured: bool, matching: PathMatching, known_to_b: &str) -> (MsrpPeer, MsrpPeer) {
    let ids = [Identity::generate("a").unwrap(), Identity::generate("b").unwrap()];
    let tls = |own: usize, role| {
        let expected = Expected::Fingerprints(vec![ids[1 - own].fingerprint(HashFunction::Sha256).unwrap()]);
        secured.then(|| TlsSettings { expected, ..TlsSettings::new(role, ids[own].clone()) })
    };
    let ue = |link, tcp_role, tls| {
        Ue::new(UeSettings { tls, ..UeSettings::new(link, LOCAL, tcp_role) }, Transcript::new()).unwrap()
    };
    let a = ue(Link::Access, TcpRole::Client, tls(0, TlsRole::Client));
    let b = ue(Link::Core, TcpRole::Server, tls(1, TlsRole::Server));
    let peers = (
        MsrpPeer::start(a.clone(), MsrpSettings::new(path("aaaa"), path("bbbb"), 1)),
        MsrpPeer::start(b.clone(), MsrpSettings { matching, ..MsrpSettings::new(path("bbbb"), path(known_to_b), 2) }),
    );
    let (one, other) = tokio::join!(a.establish(b.address()), b.establish(a.address()));
    one.and(other).unwrap();
    peers
}

#[tokio::test]
async fn a_chunked_message_arrives_whole_and_octet_for_octet() {
    for secured in [false, true] {
        let (a, b) = connected(secured, PathMatching::Uri, "aaaa").await;
        let body: Vec<u8> = (0..50_000_u32).map(|n| (n * 7 % 251) as u8).collect();
        let outgoing = Outgoing::text(body.clone()).chunked([1, 2000, 8000]).reported();
        let sent = a.send_message(&outgoing).await.unwrap();
        let received = b.receive_message(LONG).await.unwrap();
        assert_eq!(received.body, body);
        assert_eq!(received.content_type.as_deref(), Some("text/plain"));
        assert_eq!((received.octets(), received.chunks.len()), (sent.octets.clone(), sent.frames.len()));
        let responses = a.responses(&sent, LONG).await.unwrap();
        assert_eq!(responses.iter().map(|response| response.code).collect::<Vec<_>>(), vec![200; sent.frames.len()]);
        let report = a.report(&sent, LONG).await.unwrap();
        assert_eq!((report.code, report.byte_range.unwrap().to_string()), (200, "1-50000/50000".into()));
        assert_eq!((a.received_octets(), b.received_octets()), (b.sent_octets(), a.sent_octets()));
        let lines: Vec<String> = b.ue().transcript().frames().iter().map(|frame| frame.summary.clone()).collect();
        assert!(lines.contains(&"SEND 1-1/50000 +".into()) && lines.contains(&"200 OK".into()), "{lines:#?}");
    }
}

#[tokio::test]
async fn an_empty_send_is_a_message_without_body() {
    let (a, b) = connected(false, PathMatching::Uri, "aaaa").await;
    let sent = a.send_empty().await.unwrap();
    let received = b.receive_message(LONG).await.unwrap();
    assert_eq!((received.body.len(), received.message_id), (0, sent.message_id.clone()));
    assert_eq!(a.responses(&sent, LONG).await.unwrap()[0].code, 200);
}

#[tokio::test]
async fn matching_decides_whether_a_changed_path_is_ours() {
    let foreign = "aaab";
    let (a, _b) = connected(false, PathMatching::Uri, foreign).await;
    let sent = a.send_message(&Outgoing::text("hello")).await.unwrap();
    assert_eq!(a.responses(&sent, LONG).await.unwrap()[0].code, 481);

    let (a, b) = connected(false, PathMatching::Off, foreign).await;
    a.send_message(&Outgoing::text("hello")).await.unwrap();
    assert_eq!(b.receive_message(LONG).await.unwrap().body, b"hello");
}

#[tokio::test]
async fn failure_report_no_gets_no_response() {
    let (a, b) = connected(false, PathMatching::Uri, "aaaa").await;
    let quiet = Outgoing { failure_report: FailureReport::No, ..Outgoing::text("one") };
    let sent = a.send_message(&quiet).await.unwrap();
    let answered = a.send_message(&Outgoing::text("two")).await.unwrap();
    a.responses(&answered, LONG).await.unwrap();
    assert!(matches!(a.responses(&sent, Duration::ZERO).await, Err(MsrpError::TimedOut { .. })));
    assert_eq!(b.receive_message(LONG).await.unwrap().body, b"one");
}

#[tokio::test]
async fn chunks_in_any_order_are_joined_and_an_aborted_message_is_dropped() {
    let (a, b) = connected(false, PathMatching::Uri, "aaaa").await;
    let chunk = |id: &str, message: &str, range: &str, body: &str, flag: char| {
        format!(
            "MSRP {id} SEND\r\nTo-Path: {}\r\nFrom-Path: {}\r\nMessage-ID: {message}\r\nByte-Range: {range}\r\n\
             Content-Type: text/plain\r\n\r\n{body}\r\n-------{id}{flag}\r\n",
            path("bbbb"),
            path("aaaa")
        )
    };
    let mut octets = chunk("t001", "dropped", "1-3/6", "abc", '+');
    octets += &chunk("t002", "joined", "4-6/6", "def", '$');
    octets += &chunk("t003", "dropped", "4-4/6", "d", '#');
    octets += &chunk("t004", "joined", "1-4/6", "abcd", '+');
    a.send_octets(octets.as_bytes()).await.unwrap();
    let received = b.receive_message(LONG).await.unwrap();
    assert_eq!((received.message_id.as_str(), received.body.as_slice()), ("joined", &b"abcdef"[..]));
    assert_eq!(b.received_octets(), octets.as_bytes());
}

#[tokio::test]
async fn what_is_no_msrp_is_told_with_its_frame() {
    let (a, b) = connected(false, PathMatching::Uri, "aaaa").await;
    a.send_octets(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let Err(MsrpError::Malformed { frame, .. }) = b.receive_message(LONG).await else { panic!("no error") };
    assert!(b.ue().transcript().frames().iter().any(|f| f.number == frame && f.octets.starts_with(b"GET")));
}

#[tokio::test]
async fn the_end_of_the_bearer_ends_the_wait() {
    let (a, b) = connected(true, PathMatching::Uri, "aaaa").await;
    a.send_message(&Outgoing::text("last words")).await.unwrap();
    a.ue().close().await.unwrap();
    assert_eq!(b.receive_message(LONG).await.unwrap().body, b"last words");
    let Err(MsrpError::Bearer(end)) = b.receive_message(LONG).await else { panic!("no end") };
    assert_eq!(end.observed, Observed::CloseNotify);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let mut ids = (Ids(7), Ids(7));
    assert_eq!(ids.0.next(), ids.1.next());
    assert_ne!(ids.0.next(), ids.0.next());
}
