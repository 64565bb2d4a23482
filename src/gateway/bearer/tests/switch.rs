//! The conference of an MRFP: what one participant sends reaches the others, and nobody's trouble is anybody else's.

use super::bench::*;
use crate::{
    gateway::{
        Application, FailureCause, LegId, LegSetup,
        bearer::{ConnectionId, MsrpPaths, STALL_TIMEOUT, TcpEnd},
    },
    wire::{
        Framed,
        msrp::{self, ByteRange, ContinuationFlag, Frame, Method, Path},
    },
};

const LEGS: [LegId; 3] = [ACCESS, CORE, LegId(3)];

fn path(text: &str) -> Path<'static> {
    Path::parse(text).unwrap().into_owned()
}

fn own(index: usize) -> String {
    format!("msrp://192.0.2.1:{}/mrfp;tcp", 100 + index)
}

fn ue(index: usize) -> String {
    format!("msrp://198.51.100.1:{}/ue;tcp", 200 + index)
}

fn participant(index: usize, setup: LegSetup) -> LegSetup {
    let msrp = Some(MsrpPaths { own: path(&own(index)), peer: Some(path(&ue(index))) });
    LegSetup { application: Application::Msrp, msrp, ..setup }
}

/// Three participants, the second over TLS with a certificate, the others plain.
fn conference() -> (Bench, [ConnectionId; 3]) {
    let mut bench = Bench::new();
    bench.relay.settings.switches = true;
    let connections = [plain(), secured(), plain()].into_iter().enumerate().map(|(index, setup)| {
        bench.open(LEGS[index], participant(index, setup.clone()));
        bench.connect(LEGS[index], if setup.secured { Peer::alice() } else { Peer::plain() })
    });
    let connections = connections.collect::<Vec<_>>().try_into().unwrap();
    (bench, connections)
}

fn send(index: usize, id: &str, range: &str, body: &[u8], flag: char) -> Vec<u8> {
    let (to, from) = (own(index), ue(index));
    let head = format!(
        "MSRP t{id} SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: {id}\r\nByte-Range: {range}\r\n\
         Content-Type: text/plain\r\n\r\n"
    );
    [head.as_bytes(), body, format!("\r\n-------t{id}{flag}\r\n").as_bytes()].concat()
}

fn frames(mut octets: &[u8]) -> Vec<Frame<'_>> {
    let mut frames = Vec::new();
    while !octets.is_empty() {
        let Ok(Framed::Complete(frame, length)) = msrp::parse(octets) else {
            panic!("{}", octets.escape_ascii());
        };
        frames.push(frame);
        octets = &octets[length..];
    }
    frames
}

/// The chunks that came, their bodies joined.
fn heard(bench: &Bench, connection: ConnectionId) -> Vec<u8> {
    let sends = frames(bench.received(connection)).into_iter().filter(|f| f.head.method() == Some(&Method::Send));
    sends.flat_map(|frame| frame.body.unwrap_or_default().to_vec()).collect()
}

#[test]
fn a_message_reaches_the_others_with_the_paths_of_their_legs_and_is_answered_once() {
    let (mut bench, peers) = conference();
    bench.send(peers[0], &send(0, "m0m0", "1-5/5", b"hello", '$'));
    for index in [1, 2] {
        let received = frames(bench.received(peers[index]));
        assert_eq!(received.len(), 1);
        let head = &received[0].head;
        assert_eq!((head.to_path.as_str(), head.from_path.as_str()), (&*ue(index), &*own(index)));
        assert_eq!(head.message_id().unwrap().as_str(), "m0m0");
        assert_eq!(head.byte_range(), Some(ByteRange { start: 1, end: Some(5), total: Some(5) }));
        assert_eq!((received[0].body, received[0].flag), (Some(&b"hello"[..]), ContinuationFlag::Last));
    }
    let answers = frames(bench.received(peers[0]));
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].head.status_code().unwrap().value(), 200);
    assert_eq!(answers[0].head.to_path.as_str(), ue(0));
}

#[test]
fn a_long_chunk_leaves_in_whole_ones_between_which_others_are_heard() {
    let (mut bench, peers) = conference();
    let body: Vec<u8> = (0..60_000u32).flat_map(|n| n.to_be_bytes()).collect();
    let long = send(0, "longlong", &format!("1-*/{}", body.len()), &body, '$');
    let (first, rest) = long.split_at(100_000);
    bench.send(peers[0], first);
    bench.send(peers[1], &send(1, "m1m1", "1-2/2", b"hi", '$'));
    bench.send(peers[0], rest);
    let received = frames(bench.received(peers[2]));
    let between = received.iter().position(|f| f.head.message_id().unwrap().as_str() == "m1m1").unwrap();
    assert!(between > 0 && between < received.len() - 1);
    let mut joined = Vec::new();
    for frame in received.iter().filter(|f| f.head.message_id().unwrap().as_str() == "longlong") {
        assert_eq!(frame.head.byte_range().unwrap().start, joined.len() as u64 + 1);
        joined.extend_from_slice(frame.body.unwrap());
        assert_eq!(frame.flag == ContinuationFlag::Last, joined.len() == body.len());
    }
    assert!(joined == body);
}

#[test]
fn reports_go_back_to_the_sender_and_responses_end_here() {
    let (mut bench, peers) = conference();
    bench.send(peers[0], &send(0, "m0m0", "1-5/5", b"hello", '$'));
    let before = bench.received(peers[0]).len();
    let paths = format!("To-Path: {}\r\nFrom-Path: {}\r\n", own(2), ue(2));
    bench.send(peers[2], format!("MSRP sw01 200 OK\r\n{paths}-------sw01$\r\n").as_bytes());
    let report = format!("MSRP r1r1 REPORT\r\n{paths}Message-ID: m0m0\r\nStatus: 000 200 OK\r\n-------r1r1$\r\n");
    bench.send(peers[2], report.as_bytes());
    let came = frames(&bench.received(peers[0])[before..]);
    assert_eq!(came.len(), 1);
    assert_eq!(came[0].head.method(), Some(&Method::Report));
    assert_eq!((came[0].head.to_path.as_str(), came[0].head.from_path.as_str()), (&*ue(0), &*own(0)));
}

#[test]
fn what_is_not_for_this_session_or_not_the_senders_is_refused() {
    let (mut bench, peers) = conference();
    bench.send(peers[0], &send(0, "m0m0", "1-5/5", b"hello", '+'));
    let stolen = send(2, "m0m0", "6-9/9", b"evil", '$');
    bench.send(peers[2], &stolen);
    let strange = send(1, "m1m1", "1-5/5", b"hello", '$');
    bench.send(peers[2], &strange);
    let codes: Vec<u16> =
        frames(bench.received(peers[2])).iter().filter_map(|f| Some(f.head.status_code()?.value())).collect();
    assert_eq!(codes, [400, 481]);
    assert_eq!(heard(&bench, peers[1]), b"hello");
}

#[test]
fn one_participants_end_leaves_the_others_alone_and_its_message_is_called_off() {
    let (mut bench, peers) = conference();
    let body = vec![b'x'; 40_000];
    let begun = send(0, "m0m0", "1-50000/50000", &body, '$');
    bench.send(peers[0], &begun[..30_000]);
    bench.tcp_end(peers[0], TcpEnd::Reset);
    assert_eq!(frames(bench.received(peers[2])).last().unwrap().flag, ContinuationFlag::Aborted);
    assert_eq!(
        (bench.ends(LEGS[0]), bench.ends(LEGS[1]), bench.ends(LEGS[2])),
        (vec![FailureCause::TcpReset], vec![], vec![])
    );
    bench.send(peers[1], &send(1, "m1m1", "1-2/2", b"hi", '$'));
    assert!(heard(&bench, peers[2]).ends_with(b"hi"));
    bench.end(peers[1]);
    assert_eq!((bench.ends(LEGS[1]), bench.ends(LEGS[2])), (vec![FailureCause::Released], vec![]));
}

#[test]
fn what_is_no_msrp_ends_its_sender_only() {
    let (mut bench, peers) = conference();
    bench.send(peers[2], b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(bench.ends(LEGS[2]), [FailureCause::MsrpMalformed]);
    bench.send(peers[1], &send(1, "m1m1", "1-2/2", b"hi", '$'));
    assert_eq!(heard(&bench, peers[0]), b"hi");
}

#[test]
fn a_participant_that_takes_nothing_is_waited_for_so_long_and_no_longer() {
    let (mut bench, peers) = conference();
    bench.peer(peers[2]).stalled = true;
    let body = vec![b'x'; 10_000];
    for number in 0..100 {
        bench.send(peers[0], &send(0, &format!("m{number:03}"), "1-10000/10000", &body, '$'));
    }
    let held: usize = bench.relay.connections.values().map(|connection| connection.owned_octets()).sum();
    assert!(held < 1 << 20, "{held}");
    assert!(!bench.relay.wants_read(peers[0]));
    bench.pass(STALL_TIMEOUT);
    assert_eq!((bench.ends(LEGS[2]), bench.ends(LEGS[1])), (vec![FailureCause::TcpTimeout], vec![]));
    assert_eq!(heard(&bench, peers[1]).len(), 1_000_000);
}

#[test]
fn octets_taken_one_by_one_do_not_keep_the_others_waiting() {
    let (mut bench, peers) = conference();
    bench.peer(peers[2]).stalled = true;
    for number in 0..20 {
        bench.send(peers[0], &send(0, &format!("m{number:03}"), "1-10000/10000", &[b'x'; 10_000], '$'));
    }
    for _ in 0..10 {
        bench.relay.wrote(bench.now, peers[2], 1);
        bench.pass(STALL_TIMEOUT / 10);
    }
    assert_eq!(bench.ends(LEGS[2]), [FailureCause::TcpTimeout]);
}

#[test]
fn paths_much_longer_than_messages_are_written_in_portions() {
    let (mut bench, peers) = conference();
    let long = format!("msrp://{}.example:4/ue;tcp", "x".repeat(4000));
    let setup = participant(2, plain());
    let msrp = setup.msrp.map(|paths| MsrpPaths { peer: Some(path(&long)), ..paths });
    bench.update(LEGS[2], LegSetup { msrp, ..participant(2, plain()) });
    bench.peer(peers[2]).stalled = true;
    bench.send(peers[0], &send(0, "m0m0", "1-1/*", b"x", '+').repeat(300));
    assert!(bench.relay.to_write(peers[2]).len() < 512 * 1024, "{}", bench.relay.to_write(peers[2]).len());
    bench.peer(peers[2]).stalled = false;
    bench.run();
    assert_eq!(heard(&bench, peers[2]).len(), 300);
}
