//! MSRP between two legs that each have a path of their own: the gateway as a back-to-back user agent for paths, and for
//! nothing else (TR 4.1.4 b).
//!
//! What the MGC writes decides; it knows from SIP which extensions the UEs support (TR table 4.1.4-1):
//!
//! | `m=` of the legs | `a=path` in Local | the gateway | because |
//! |---|---|---|---|
//! | `TCP`, `TCP/TLS` on a leg | – | passes octets | agnostic, TR 4.1.4 a; enough for two CEMA or two sessmatch UEs |
//! | MSRP on both | on neither leg, or on one | passes octets | row sessmatch, row RFC 6714: no address of the gateway in a path |
//! | MSRP on both | on both | rewrites paths | row RFC 4975, row RFC 6714 after fallback; TR 4.1.4 b |
//! | the same, a Remote without `a=path` | on both | holds octets back | nobody to address yet; as for a Remote that has not come |
//!
//! RFC 6135 (row 2) changes who connects, which `a=setup` tells, and nothing here.
//!
//! Rewritten are To-Path and From-Path, in requests, responses and REPORTs. To-Path becomes what the far Remote says, From-Path what
//! the far Local says, schemes with them. Transaction ids stay: two legs are one to one, so none can clash, and the end-line they
//! make was not in the body before and is not now. A body passes as it comes; what is held is one head and one end-line.
//!
//! - To-Path names another session: 481, or 506 when it is the one of the other leg (RFC 4975 7.3); the request goes no
//!   further. A response that is not for this session goes nowhere (7.2).
//! - To-Path goes on behind the gateway: it is one hop of several (RFC 4976), drops itself from To-Path and stands before the others
//!   in From-Path.
//! - Octets that are no MSRP: the stream has no way back to a frame's start, so the bearer is released
//!   ([`FailureCause::MsrpMalformed`](super::FailureCause::MsrpMalformed)).

use super::{Application, ConnectionId, LegSetup};
use crate::{
    gateway::policy::Policy,
    rules::{msrp_chunks, msrp_path::equivalent},
    wire::msrp::{
        self, ContinuationFlag, Event, Frame, Framer, Head, Ident, Limits, Method, MsrpUri, Path, Start, StatusCode,
    },
};
use std::collections::VecDeque;

/// Octets written at a time, give or take one head: what comes then waits for the far peer to read.
const WRITE_LENGTH: usize = 64 * 1024;

/// Octets of refusals that may wait for a frame on its way to the same peer to end. A peer that causes more of them does not
/// hear of the rest.
const ANSWERS: usize = 16 * 1024;

/// Requests other than SEND whose responses are awaited: these travel the whole path, not a hop (RFC 4975 7.2).
const AWAITED: usize = 16;

/// What happens to octets between two legs.
#[derive(Debug)]
pub(super) enum Plan<'s> {
    /// They pass as they come.
    Pass,
    /// They wait for a Remote path.
    Hold,
    /// They are frames, and their paths are rewritten.
    Rewrite(Route<'s>),
}

/// The paths of the leg that octets come from, and of the one they go to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route<'s> {
    near: &'s Path<'static>,
    near_peer: &'s Path<'static>,
    far: &'s Path<'static>,
    far_peer: &'s Path<'static>,
}

impl<'s> Plan<'s> {
    /// The table above.
    pub(super) fn between(near: &'s LegSetup, far: &'s LegSetup) -> Self {
        let paths = |setup: &'s LegSetup| setup.msrp.as_ref().filter(|_| setup.application == Application::Msrp);
        match (paths(near), paths(far)) {
            (Some(near), Some(far)) => match (&near.peer, &far.peer) {
                (Some(near_peer), Some(far_peer)) => {
                    Self::Rewrite(Route { near: &near.own, near_peer, far: &far.own, far_peer })
                }
                _ => Self::Hold,
            },
            _ => Self::Pass,
        }
    }
}

/// Whether the next hop of `path` is `own`.
fn names(path: &Path<'_>, own: &Path<'_>) -> bool {
    let next_hop = path.next_hop();
    next_hop == *own
        || match (MsrpUri::parse(next_hop.as_str()), MsrpUri::parse(own.as_str())) {
            (Ok(named), Ok(own)) => equivalent(&named, &own),
            _ => false,
        }
}

/// What one peer sends, on its way to the other.
#[derive(Debug)]
pub(super) struct Direction {
    framer: Framer,
    frame: Passage,
    /// Where the frame that is being written goes.
    sink: Option<ConnectionId>,
    /// Refusals for the peer that sends, as frames.
    answers: Vec<u8>,
    /// Transactions of requests other than SEND.
    awaited: VecDeque<Ident<'static>>,
}

/// What happens to the frame that is coming in.
#[derive(Debug)]
enum Passage {
    /// None is.
    Between,
    /// It is being written.
    Forwarded { transaction_id: Ident<'static>, has_body: bool },
    /// It is thrown away, and then answered by these octets, if any.
    Refused(Vec<u8>),
}

/// What came of some octets.
#[derive(Debug, Default)]
pub(super) struct Rewritten {
    /// For the far peer.
    pub(super) out: Vec<u8>,
    /// Not looked at yet: enough is written.
    pub(super) rest: Vec<u8>,
    /// After `out`, no MSRP.
    pub(super) malformed: bool,
}

impl Default for Direction {
    fn default() -> Self {
        Self {
            framer: Framer::new(Limits::default()),
            frame: Passage::Between,
            sink: None,
            answers: Vec::new(),
            awaited: VecDeque::new(),
        }
    }
}

impl Direction {
    /// Whether nothing of it would be missed.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.frame, Passage::Between)
            && self.framer.is_between_frames()
            && self.answers.is_empty()
            && self.awaited.is_empty()
    }

    /// The peer it went to is out of reach: the rest of a frame is thrown away.
    pub(super) const fn forget_sink(&mut self) {
        self.sink = None;
    }

    /// Refusals for the peer, unless the frame `back` is writing to it has to end first.
    pub(super) fn answers(&mut self, back: &Self) -> Vec<u8> {
        if back.is_writing() { Vec::new() } else { std::mem::take(&mut self.answers) }
    }

    /// Rewrites octets for the connection `sink`; `back` is the direction its peer sends in.
    pub(super) fn rewrite(
        &mut self,
        octets: Vec<u8>,
        sink: ConnectionId,
        route: Route<'_>,
        policy: &dyn Policy,
        back: &mut Self,
    ) -> Rewritten {
        if self.is_writing() && self.sink != Some(sink) {
            // A new peer gets no half of a frame that was meant for the one before.
            self.frame = Passage::Refused(Vec::new());
        }
        self.sink = Some(sink);
        let mut done = Rewritten::default();
        let mut input = octets.as_slice();
        while done.out.len() < WRITE_LENGTH {
            match self.framer.next(&mut input) {
                Ok(None) => break,
                Ok(Some(Event::HeadComplete { head, has_body })) => {
                    let judged = judge(&head, route, policy);
                    self.frame = match judged {
                        Judgement::Forward => {
                            let whole_path = back.take_awaited(&head);
                            note_awaited(&mut self.awaited, &head, route);
                            let transaction_id = head.transaction_id.clone().into_owned();
                            write_head(head, has_body, whole_path, route, policy, &mut done.out);
                            Passage::Forwarded { transaction_id, has_body }
                        }
                        Judgement::Refuse(code) => Passage::Refused(refusal(&head, code)),
                        Judgement::Drop => Passage::Refused(Vec::new()),
                    };
                }
                Ok(Some(Event::BodyPart(part))) => {
                    if !matches!(self.frame, Passage::Forwarded { .. }) {
                        continue;
                    }
                    // The usual piece of a long body is nothing else: it goes on without a copy.
                    if done.out.is_empty() && std::ptr::eq(part, octets.as_slice()) {
                        return Rewritten { out: octets, ..done };
                    }
                    done.out.extend_from_slice(part);
                }
                Ok(Some(Event::End(flag))) => self.end(flag, back, &mut done.out),
                Err(_) => {
                    done.malformed = true;
                    return done;
                }
            }
        }
        done.rest = input.to_vec();
        done
    }

    const fn is_writing(&self) -> bool {
        matches!(self.frame, Passage::Forwarded { .. })
    }

    fn end(&mut self, flag: ContinuationFlag, back: &mut Self, out: &mut Vec<u8>) {
        match std::mem::replace(&mut self.frame, Passage::Between) {
            Passage::Between => {}
            Passage::Forwarded { transaction_id, has_body } => {
                msrp::encode_end_line(&transaction_id, flag, has_body, out);
                out.append(&mut back.answers);
            }
            Passage::Refused(answer) => {
                if self.answers.len() + answer.len() <= ANSWERS {
                    self.answers.extend(answer);
                }
            }
        }
    }

    /// Whether `head` is the response to a request that came over a whole path.
    fn take_awaited(&mut self, head: &Head<'_>) -> bool {
        let found = match head.start {
            Start::Request(_) => None,
            Start::Response { .. } => self.awaited.iter().position(|id| *id == head.transaction_id),
        };
        found.and_then(|at| self.awaited.remove(at)).is_some()
    }
}

enum Judgement {
    Forward,
    Refuse(StatusCode),
    Drop,
}

/// Is the frame for the session of this connection? RFC 4975 7.2, 7.3.
fn judge(head: &Head<'_>, route: Route<'_>, policy: &dyn Policy) -> Judgement {
    let ours = policy.accepts_msrp_session(names(&head.to_path, route.near));
    match head.start {
        _ if ours => Judgement::Forward,
        Start::Response { .. } => Judgement::Drop,
        Start::Request(_) if names(&head.to_path, route.far) => Judgement::Refuse(StatusCode::WRONG_CONNECTION),
        Start::Request(_) => Judgement::Refuse(StatusCode::NO_SESSION),
    }
}

/// The response with that code, when the request may have one.
fn refusal(head: &Head<'_>, code: StatusCode) -> Vec<u8> {
    let response = msrp_chunks::response(head, code, None);
    response.map_or_else(Vec::new, |head| msrp::encode(&Frame { head, body: None, flag: ContinuationFlag::Last }))
}

/// Remembers a request whose response has to travel more than one hop.
fn note_awaited(awaited: &mut VecDeque<Ident<'static>>, head: &Head<'_>, route: Route<'_>) {
    let travels = !matches!(head.start, Start::Request(Method::Send | Method::Report) | Start::Response { .. });
    if travels && route.near_peer.beyond().is_some() {
        if awaited.len() == AWAITED {
            awaited.pop_front();
        }
        awaited.push_back(head.transaction_id.clone().into_owned());
    }
}

/// Writes the head as the far peer is to see it.
fn write_head(
    head: Head<'_>,
    has_body: bool,
    whole_path: bool,
    route: Route<'_>,
    policy: &dyn Policy,
    out: &mut Vec<u8>,
) {
    let (to_path, from_path) = match head.to_path.beyond() {
        Some(beyond) => (beyond.into_owned(), head.from_path.after(route.far)),
        // The response to a SEND goes one hop (RFC 4975 7.2).
        None if head.status_code().is_some() && !whole_path => (route.far_peer.next_hop(), route.far.as_ref()),
        None => (route.far_peer.as_ref(), route.far.as_ref()),
    };
    let (to_path, from_path) = policy.msrp_paths(&head, to_path, from_path);
    Head { to_path, from_path, ..head }.encode_into(has_body, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gateway::Reference, wire::Framed};
    use proptest::{collection::vec, prelude::*, sample::select};

    const GATEWAY_A: &str = "msrps://192.0.2.1:5000/gwa;tcp";
    const GATEWAY_B: &str = "msrp://[2001:db8::1]:6000/gwb;tcp";
    const UE_A: &str = "msrps://198.51.100.1:7000/uea;tcp";
    const UE_B: &str = "msrp://relay.example:2855/r;tcp msrp://[2001:db8::b]:9/ueb;tcp";
    const SINK: ConnectionId = ConnectionId(1);

    fn path(text: &str) -> Path<'static> {
        Path::parse(text).unwrap().into_owned()
    }

    /// Gateway and UE of each leg.
    fn paths() -> [Path<'static>; 4] {
        [GATEWAY_A, UE_A, GATEWAY_B, UE_B].map(path)
    }

    fn up<'p>(paths: &'p [Path<'static>; 4]) -> Route<'p> {
        let [near, near_peer, far, far_peer] = paths;
        Route { near, near_peer, far, far_peer }
    }

    fn down<'p>(paths: &'p [Path<'static>; 4]) -> Route<'p> {
        let [far, far_peer, near, near_peer] = paths;
        Route { near, near_peer, far, far_peer }
    }

    /// Both directions of one pair of bearers.
    #[derive(Default)]
    struct Pair {
        up: Direction,
        down: Direction,
    }

    impl Pair {
        /// What UE-B gets of what UE-A sends in these pieces, and what UE-A is answered.
        fn up<'p>(&mut self, pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<u8>, Vec<u8>, bool) {
            let paths = paths();
            Self::through(&mut self.up, &mut self.down, up(&paths), pieces)
        }

        fn down<'p>(&mut self, pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<u8>, Vec<u8>, bool) {
            let paths = paths();
            Self::through(&mut self.down, &mut self.up, down(&paths), pieces)
        }

        fn through<'p>(
            ahead: &mut Direction,
            back: &mut Direction,
            route: Route<'_>,
            pieces: impl IntoIterator<Item = &'p [u8]>,
        ) -> (Vec<u8>, Vec<u8>, bool) {
            let (mut out, mut answers) = (Vec::new(), Vec::new());
            for piece in pieces {
                let mut octets = piece.to_vec();
                while !octets.is_empty() {
                    let done = ahead.rewrite(octets, SINK, route, &Reference, back);
                    assert!(done.out.len() <= WRITE_LENGTH.max(piece.len()) + 20_000, "written in portions");
                    out.extend(done.out);
                    answers.extend(ahead.answers(back));
                    if done.malformed {
                        return (out, answers, true);
                    }
                    octets = done.rest;
                }
            }
            (out, answers, false)
        }
    }

    fn frame(start: &str, to: &str, from: &str, headers: &str, body: Option<&str>, end: &str) -> Vec<u8> {
        let body = body.map_or_else(String::new, |body| format!("\r\n{body}\r\n"));
        format!("MSRP {start}\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\n{headers}{body}-------{end}\r\n").into_bytes()
    }

    const HEADERS: &str = "Message-ID: m001\r\nByte-Range: 1-5/9\r\nSuccess-Report: yes\r\nX-Odd: a  b\r\n\
        Content-Type: text/plain;x=y\r\n";

    /// Everything in a stream of whole frames.
    fn frames(mut octets: &[u8]) -> Vec<Frame<'_>> {
        let mut found = Vec::new();
        while !octets.is_empty() {
            let Ok(Framed::Complete(frame, length)) = msrp::parse(octets) else {
                panic!("no frame: {}", octets.escape_ascii());
            };
            found.push(frame);
            octets = &octets[length..];
        }
        found
    }

    #[test]
    fn requests_and_responses_carry_the_paths_of_the_leg_they_leave_on() {
        let mut pair = Pair::default();
        let (out, ..) = pair.up([&*frame("t001 SEND", GATEWAY_A, UE_A, HEADERS, Some("hello"), "t001+")]);
        assert_eq!(out, frame("t001 SEND", UE_B, GATEWAY_B, HEADERS, Some("hello"), "t001+"));
        // The relay answers a SEND, and its answer has one hop each way.
        let relay = "msrp://relay.example:2855/r;tcp";
        let (out, ..) = pair.down([&*frame("t001 200 OK", GATEWAY_B, relay, "", None, "t001$")]);
        assert_eq!(out, frame("t001 200 OK", UE_A, GATEWAY_A, "", None, "t001$"));
        let report = "Message-ID: m001\r\nByte-Range: 1-9/9\r\nStatus: 000 200 OK\r\n";
        let (out, ..) = pair.down([&*frame("r001 REPORT", GATEWAY_B, UE_B, report, None, "r001$")]);
        assert_eq!(out, frame("r001 REPORT", UE_A, GATEWAY_A, report, None, "r001$"));
        let (out, ..) = pair.up([&*frame("r001 200 OK", GATEWAY_A, UE_A, "", None, "r001$")]);
        assert_eq!(out, frame("r001 200 OK", relay, GATEWAY_B, "", None, "r001$"));
    }

    #[test]
    fn the_response_to_another_method_travels_the_whole_path() {
        let mut pair = Pair::default();
        pair.down([&*frame("n001 NICKNAME", GATEWAY_B, UE_B, "Use-Nickname: \"B\"\r\n", None, "n001$")]);
        let (out, ..) = pair.up([&*frame("n001 200 OK", GATEWAY_A, UE_A, "", None, "n001$")]);
        assert_eq!(out, frame("n001 200 OK", UE_B, GATEWAY_B, "", None, "n001$"));
        assert!(pair.down.is_idle() && pair.up.is_idle());
    }

    #[test]
    fn a_path_that_goes_on_behind_the_gateway_is_shortened_and_the_way_back_lengthened() {
        let beyond = "msrp://next.example:1/n;tcp msrp://end.example:2/e;tcp";
        let sent = frame("t002 SEND", &format!("{GATEWAY_A} {beyond}"), UE_A, HEADERS, Some("x"), "t002$");
        let (out, ..) = Pair::default().up([&*sent]);
        assert_eq!(out, frame("t002 SEND", beyond, &format!("{GATEWAY_B} {UE_A}"), HEADERS, Some("x"), "t002$"));
    }

    #[test]
    fn another_session_is_answered_481_the_far_one_506_and_neither_is_forwarded() {
        let elsewhere = "msrps://192.0.2.1:5000/other;tcp";
        for (to, code) in [(elsewhere, 481), (GATEWAY_B, 506)] {
            let mut pair = Pair::default();
            let (out, answers, malformed) = pair.up([&*frame("t003 SEND", to, UE_A, HEADERS, Some("x"), "t003$")]);
            assert!(out.is_empty() && !malformed);
            assert_eq!(answers, frame(&format!("t003 {code}"), UE_A, to, "", None, "t003$"));
            assert!(pair.up.is_idle());
        }
        // Nobody wants to hear.
        for (start, headers) in [("t004 SEND", "Failure-Report: no\r\n"), ("t004 REPORT", ""), ("t004 200 OK", "")] {
            let got = Pair::default().up([&*frame(start, elsewhere, UE_A, headers, None, "t004$")]);
            assert_eq!(got, (vec![], vec![], false), "{start}");
        }
    }

    #[test]
    fn a_refusal_waits_for_the_end_of_a_frame_on_its_way_to_the_same_peer() {
        let mut pair = Pair::default();
        let long = frame("d001 SEND", GATEWAY_B, UE_B, HEADERS, Some("hello"), "d001$");
        let (first, second) = long.split_at(long.len() - 12);
        let (begun, ..) = pair.down([first]);
        let stray = frame("t005 SEND", "msrps://192.0.2.1:5000/x;tcp", UE_A, HEADERS, None, "t005$");
        assert_eq!(pair.up([&*stray]), (vec![], vec![], false));
        let (ended, ..) = pair.down([second]);
        let both = [begun, ended].concat();
        let ids: Vec<_> = frames(&both).iter().map(|frame| frame.head.transaction_id.to_string()).collect();
        assert_eq!(ids, ["d001", "t005"]);
        assert!(pair.up.is_idle() && pair.down.is_idle());
    }

    #[test]
    fn refusals_that_wait_are_bounded() {
        let mut pair = Pair::default();
        let long = frame("d001 SEND", GATEWAY_B, UE_B, HEADERS, Some("hello"), "d001$");
        pair.down([&long[..long.len() - 12]]);
        let stray = frame("t005 SEND", "msrps://192.0.2.1:5000/x;tcp", UE_A, HEADERS, None, "t005$");
        pair.up([&*stray.repeat(1000)]);
        assert!(pair.up.answers.len() <= ANSWERS && pair.up.answers.len() > ANSWERS / 2);
    }

    #[test]
    fn a_chunk_of_100_mebibytes_passes_without_being_gathered() {
        let mut pair = Pair::default();
        let whole = frame("big1 SEND", GATEWAY_A, UE_A, HEADERS, Some(""), "big1$");
        let end = whole.len() - b"\r\n-------big1$\r\n".len();
        let piece = vec![b'\r'; 32 * 1024];
        let (head, ..) = pair.up([&whole[..end]]);
        let mut passed = 0;
        let paths = paths();
        for _ in 0..3200 {
            let done = pair.up.rewrite(piece.clone(), SINK, up(&paths), &Reference, &mut pair.down);
            assert!(done.out.len() <= piece.len() + 64 && pair.up.framer.held() < 64);
            passed += done.out.len();
        }
        let (tail, ..) = pair.up([&whole[end..]]);
        passed += tail.len() - b"\r\n-------big1$\r\n".len();
        assert_eq!(passed, 3200 * piece.len());
        assert!(head.ends_with(b"\r\n\r\n") && pair.up.is_idle());
    }

    #[test]
    fn a_piece_that_is_all_body_is_passed_on_uncopied() {
        let mut pair = Pair::default();
        let whole = frame("t006 SEND", GATEWAY_A, UE_A, HEADERS, Some("h"), "t006$");
        pair.up([&whole[..whole.len() - 17]]);
        let piece = vec![b'x'; 1000];
        let address = piece.as_ptr();
        let paths = paths();
        let done = pair.up.rewrite(piece, SINK, up(&paths), &Reference, &mut pair.down);
        assert_eq!(done.out.as_ptr(), address);
    }

    #[test]
    fn a_new_far_peer_gets_no_half_of_a_frame() {
        let mut pair = Pair::default();
        let sent = frame("t007 SEND", GATEWAY_A, UE_A, HEADERS, Some("hello"), "t007$");
        let (first, second) = sent.split_at(sent.len() - 18);
        pair.up([first]);
        let paths = paths();
        let other = ConnectionId(9);
        let done = pair.up.rewrite([second, &sent].concat(), other, up(&paths), &Reference, &mut pair.down);
        assert_eq!(frames(&done.out).len(), 1);
    }

    #[test]
    fn what_is_no_msrp_ends_the_stream_after_what_was() {
        let good = frame("t008 SEND", GATEWAY_A, UE_A, HEADERS, Some("hello"), "t008$");
        let (out, answers, malformed) = Pair::default().up([&*[&good[..], b"GET / HTTP/1.1\r\n"].concat()]);
        assert_eq!((frames(&out).len(), answers.len(), malformed), (1, 0, true));
    }

    fn body() -> impl Strategy<Value = Option<String>> {
        let piece =
            select(vec!["", "\r\n", "-------", "-------t001$\r\n", "\r\n-------t00", "MSRP t001 SEND\r\n", "text "]);
        prop_oneof![1 => Just(None), 4 => vec(piece, 0..6).prop_map(|parts| Some(parts.concat()))]
    }

    /// Frames of UE-A as they leave it: an id, whether it is for this gateway, a body, a flag.
    fn sent() -> impl Strategy<Value = Vec<u8>> {
        let one = (select(vec!["t100", "t200", "t300"]), any::<bool>(), body(), select(vec!['+', '$', '#']), 0..3u8);
        vec(one, 1..6).prop_map(|frames| {
            let one = |(id, ours, body, flag, kind): (&str, bool, Option<String>, char, u8)| {
                let to = if ours { GATEWAY_A } else { "msrps://192.0.2.1:5000/no;tcp" };
                let end = format!("{id}{flag}");
                match kind {
                    0 => frame(&format!("{id} 200 OK"), to, UE_A, "", None, &format!("{id}$")),
                    1 => {
                        frame(&format!("{id} REPORT"), to, UE_A, "Message-ID: m001\r\nStatus: 000 200\r\n", None, &end)
                    }
                    _ => frame(&format!("{id} SEND"), to, UE_A, HEADERS, body.as_deref(), &end),
                }
            };
            frames.into_iter().flat_map(one).collect()
        })
    }

    fn cut<'o>(octets: &'o [u8], sizes: &'o [usize]) -> impl Iterator<Item = &'o [u8]> {
        let mut rest = octets;
        sizes.iter().cycle().map_while(move |size| {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            rest = after;
            (!piece.is_empty()).then_some(piece)
        })
    }

    proptest! {
        #[test]
        fn however_the_stream_is_cut_the_same_comes_out(octets in sent(), sizes in vec(1..60usize, 1..8)) {
            let whole = Pair::default().up([&*octets]);
            prop_assert_eq!(&Pair::default().up(cut(&octets, &sizes)), &whole);
            prop_assert_eq!(&Pair::default().up(octets.chunks(1)), &whole);
        }

        #[test]
        fn nothing_but_the_paths_is_changed(octets in sent()) {
            let (out, _, malformed) = Pair::default().up([&*octets]);
            prop_assert!(!malformed);
            let ours: Vec<_> =
                frames(&octets).into_iter().filter(|frame| frame.head.to_path.as_str() == GATEWAY_A).collect();
            let came = frames(&out);
            prop_assert_eq!(came.len(), ours.len());
            for (came, sent) in came.into_iter().zip(ours) {
                let to = path(UE_B);
                let to = if sent.head.status_code().is_some() { to.next_hop() } else { to.as_ref() };
                let head = Head { to_path: to.into_owned(), from_path: path(GATEWAY_B), ..sent.head.into_owned() };
                prop_assert_eq!(came, Frame { head, ..sent });
            }
        }

        #[test]
        fn what_one_direction_does_the_other_undoes(octets in sent()) {
            // Seen from UE-A through two gateways, the second with the legs of the first swapped.
            let [gateway_a, ue_a, gateway_b, _] = paths();
            let there = [gateway_a.clone(), ue_a.clone(), gateway_b.clone(), path("msrp://ue.example:1/b;tcp")];
            let (out, ..) = Pair::through(&mut Direction::default(), &mut Direction::default(), up(&there), [&*octets]);
            let b = path("msrp://ue.example:1/b;tcp");
            let back = Route { near: &b, near_peer: &gateway_b, far: &ue_a, far_peer: &gateway_a };
            let (again, ..) = Pair::through(&mut Direction::default(), &mut Direction::default(), back, [&*out]);
            let ours = frames(&octets).into_iter().filter(|frame| frame.head.to_path.as_str() == GATEWAY_A);
            prop_assert_eq!(frames(&again), ours.collect::<Vec<_>>());
        }

        #[test]
        fn garbage_is_held_in_bounded_memory(octets in vec(any::<u8>(), 0..4000), start in any::<bool>()) {
            let mut pair = Pair::default();
            let begun = if start { frame("t009 SEND", GATEWAY_A, UE_A, "", None, "") } else { Vec::new() };
            let begun = &begun[..begun.len().saturating_sub(9)];
            for piece in std::iter::once(begun).chain(octets.chunks(100)) {
                let (.., malformed) = pair.up([piece]);
                prop_assert!(pair.up.framer.held() <= Limits::default().head);
                if malformed {
                    break;
                }
            }
        }
    }
}
