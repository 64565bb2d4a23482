//! Steps about what the UEs say and what arrives.

use super::{
    bearer::{joined, octets_from, octets_to},
    party::Side,
    session::{ESTABLISHED, error_text, only_reply},
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::{
        msrp_peer::{MsrpError, MsrpSettings, Outgoing, Sent},
        ue::{Observed, UeError},
    },
    results::{Check, Outcome},
    wire::h248::{
        ActionRequest, AmmRequest, Command, ContextId, LocalControlDescriptor, PkgdName, PropertyParm, StreamMode,
        StreamParms, TopologyDirection, TopologyRequest, Value,
    },
};

/// Stands in every message body, so that it can be looked for on the wire.
const MARK: &str = "the quick brown fox tells UE-B what UE-A would not have a stranger read";

/// A body of about `length` octets that begins with the mark and repeats nowhere within 64 octets.
pub(super) fn body(length: usize, seed: u64) -> Vec<u8> {
    let mut text = format!("{MARK} ({seed})\r\n").into_bytes();
    let mut line = 0u64;
    while text.len() < length {
        line += 1;
        text.extend_from_slice(format!("{line:08x} line of a message\r\n").as_bytes());
    }
    text.truncate(length.max(MARK.len()));
    text
}

/// Where two runs of octets part, in words.
pub(super) fn difference(expected: &[u8], actual: &[u8]) -> String {
    let same = expected.iter().zip(actual).take_while(|(a, b)| a == b).count();
    if expected == actual {
        return format!("{} octets, all equal", actual.len());
    }
    let shown = |octets: &[u8]| {
        let next: Vec<u8> = octets.iter().skip(same).take(24).copied().collect();
        if next.is_empty() { "nothing".to_owned() } else { format!("\"{}\"", next.escape_ascii()) }
    };
    format!("{} octets; from octet {same} on {} instead of {}", actual.len(), shown(actual), shown(expected))
}

impl World {
    /// A message leaves one UE; failing to send is not the gateway's verdict yet.
    pub(super) async fn say(&mut self, side: Side, outgoing: &Outgoing) -> Result<Sent, Stop> {
        self.start_msrp()?;
        let peer = self.session.peer(side)?;
        let sent = peer.msrp()?.send_message(outgoing).await;
        let sent = match sent {
            Ok(sent) => sent,
            Err(error) => return Err(self.bearer_lost(side, &error)),
        };
        let peer = self.session.peer(side)?;
        peer.said.push(outgoing.body.clone());
        peer.sent_frames.extend(&sent.frames);
        Ok(sent)
    }

    /// A bearer that was established and carries no more: the gateway broke it off.
    pub(super) fn bearer_lost(&mut self, side: Side, error: &MsrpError) -> Stop {
        let claim = format!("the bearer of {} carries octets as long as nobody releases it", side.lane().name());
        let frame = self.transcript.last();
        self.ground(&claim, ESTABLISHED, false, "an open bearer", error, [frame]).err().unwrap_or(Stop::Judged)
    }

    /// The next whole message at one UE is the one the other said, and every octet up to its end is as it was sent.
    async fn hear(&mut self, side: Side) -> Done {
        let bound = self.environment()?.bounds().transfer;
        let expected = self.session.peer(side.other())?.said.last().cloned().unwrap_or_default();
        let sent_frames = self.session.peer(side.other())?.sent_frames.clone();
        let received = self.session.peer(side)?.msrp()?.receive_message(bound).await;
        let claim = format!("{} receives the message octet for octet", side.lane().name());
        match received {
            Ok(received) => {
                let frames = sent_frames.last().copied().into_iter().chain(received.frames());
                let shown = difference(&expected, &received.body);
                self.check(&claim, received.body == expected, format!("{} octets", expected.len()), shown, frames)
            }
            Err(error) => {
                let last = self.transcript.last();
                let frames = sent_frames.last().copied().into_iter().chain([last]);
                self.check(&claim, false, format!("{} octets", expected.len()), error, frames)
            }
        }
    }

    /// MSRP endpoints on both UEs, from now on.
    pub(super) fn start_msrp(&mut self) -> Done {
        let seed = self.environment()?.seed();
        let told = [self.session.path_told(Side::A)?, self.session.path_told(Side::B)?];
        for side in Side::BOTH {
            let own = self.session.peer(side)?.path(side)?;
            let matching = self.session.party(side).model.matching();
            let settings = MsrpSettings {
                matching: Some(matching),
                ..MsrpSettings::new(own, told[side.index()].clone(), seed ^ side.index() as u64)
            };
            self.session.peer(side)?.start_msrp(settings);
        }
        Ok(())
    }

    /// One chunked message one way, its responses back, and the octets of the whole exchange compared.
    pub(super) async fn one_way(&mut self, from: Side, length: usize) -> Done {
        let seed = self.environment()?.seed();
        let bound = self.environment()?.bounds().transfer;
        let outgoing = Outgoing::text(body(length, seed)).chunked([length / 3 + 1]);
        let sent = self.say(from, &outgoing).await?;
        self.hear(from.other()).await?;
        let responses = self.session.peer(from)?.msrp()?.responses(&sent, bound).await;
        let claim = format!("{} receives a response to each of its chunks", from.lane().name());
        match responses {
            Ok(responses) => {
                let codes: Vec<u16> = responses.iter().map(|r| r.code).collect();
                let all = codes.iter().all(|code| *code == 200);
                self.check(&claim, all, format!("200 for {} chunks", codes.len()), format!("{codes:?}"), sent.frames)
            }
            Err(error) => {
                let frames = sent.frames.iter().copied().chain([self.transcript.last()]);
                self.check(&claim, false, "a response to each chunk", error, frames)
            }
        }
    }

    /// Everything each UE wrote is everything the other got.
    fn compare_all(&mut self) -> Done {
        for (from, to) in [(Side::A, Side::B), (Side::B, Side::A)] {
            let sent = self.session.peer(from)?.msrp()?.sent_octets();
            let came = self.session.peer(to)?.msrp()?.received_octets();
            let claim = format!("what {} wrote is what {} read", from.lane().name(), to.lane().name());
            let frame = self.transcript.last();
            self.check(&claim, sent == came, format!("{} octets", sent.len()), difference(&sent, &came), [frame])?;
        }
        Ok(())
    }

    /// `messages pass both ways octet for octet`
    pub(super) async fn messages_pass(&mut self, _: Words) -> Done {
        self.one_way(Side::A, 3000).await?;
        self.one_way(Side::B, 1700).await?;
        self.compare_all()
    }

    /// `… in the second session`
    pub(super) async fn messages_pass_second(&mut self, words: Words) -> Done {
        let Some(second) = self.second.take() else { return Err(Stop::Harness("there is no second session".into())) };
        let first = std::mem::replace(&mut self.session, *second);
        let done = self.messages_pass(words).await;
        self.second = Some(Box::new(std::mem::replace(&mut self.session, first)));
        done
    }

    /// `UE-A sends MSRP in many small chunks`
    pub(super) async fn sends_msrp(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let seed = self.environment()?.seed();
        match words.at(1) {
            "in many small chunks" => {
                self.say(side, &Outgoing::text(body(700, seed)).chunked([1, 2, 3, 50])).await?;
            }
            "of one mebibyte" => {
                self.say(side, &Outgoing::text(body(1 << 20, seed)).chunked([1 << 16])).await?;
            }
            "with paths that name neither gateway side" => self.sends_frame(side, PATHS).await?,
            "with unknown headers in an unusual order" => self.sends_frame(side, HEADERS).await?,
            "whose body contains another end-line" => self.sends_frame(side, END_LINE).await?,
            other => return Err(Stop::Harness(format!("no such MSRP: {other}"))),
        }
        Ok(())
    }

    /// One frame as it stands, line ends made CRLF.
    async fn sends_frame(&mut self, side: Side, frame: &str) -> Done {
        self.sends_octets(side, frame.replace('\n', "\r\n").into_bytes()).await
    }

    async fn sends_octets(&mut self, side: Side, octets: Vec<u8>) -> Done {
        let peer = self.session.peer(side)?;
        match peer.ue.send(&octets).await {
            Ok(frame) => {
                peer.sent_frames.push(frame);
                peer.sent.extend_from_slice(&octets);
                Ok(())
            }
            Err(error) => Err(self.bearer_lost(side, &MsrpError::Bearer(error))),
        }
    }

    /// `UE-A sends octets of every value that are no MSRP`
    pub(super) async fn sends_every_octet(&mut self, words: Words) -> Done {
        let octets: Vec<u8> = (0..=u8::MAX).rev().cycle().take(5000).collect();
        self.sends_octets(Side::named(words.at(0)), octets).await
    }

    /// `UE-B receives every octet of it unchanged`
    pub(super) async fn receives_unchanged(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        if self.session.peer(side.other())?.has_msrp() {
            self.hear(side).await?;
            let sent = self.session.peer(side.other())?.msrp()?.sent_octets();
            let came = self.session.peer(side)?.msrp()?.received_octets();
            self.unchanged(side, &sent, &came)?;
            return self.nothing_more(side, sent.len()).await;
        }
        let sent = self.session.peer(side.other())?.sent.clone();
        match self.session.peer(side)?.ue.receive(sent.len()).await {
            Ok((came, _)) => {
                self.session.peer(side)?.taken += came.len();
                self.unchanged(side, &sent, &came)?;
                self.nothing_more(side, sent.len()).await
            }
            Err(error) => {
                let claim = format!("{} receives every octet unchanged", side.lane().name());
                self.check(&claim, false, format!("{} octets", sent.len()), &error.observed, [error.frame])
            }
        }
    }

    /// Octets that were never sent do not come either.
    async fn nothing_more(&mut self, side: Side, expected: usize) -> Done {
        let surplus = self.heard_in_silence(side).await?.saturating_sub(expected);
        let claim = format!("{} receives nothing that was not sent", side.lane().name());
        let frame = self.transcript.last();
        self.check(&claim, surplus == 0, "nothing more", format!("{surplus} octets more"), [frame])
    }

    /// Application octets a UE has, after a moment in which there could have come more.
    async fn heard_in_silence(&mut self, side: Side) -> Result<usize, Stop> {
        let silence = self.environment()?.silence();
        let peer = self.session.peer(side)?;
        match peer.msrp() {
            // Its endpoint takes octets in as they come.
            Ok(msrp) => {
                let _no_message = msrp.receive_message(silence).await;
                Ok(msrp.received_octets().len())
            }
            Err(_) => match peer.ue.silence(silence).await {
                Ok(_) => Ok(peer.taken),
                Err(UeError { observed: Observed::Unexpected(count), .. }) => Ok(peer.taken + count),
                Err(error) => Err(Stop::Inconclusive(error.to_string())),
            },
        }
    }

    fn unchanged(&mut self, side: Side, sent: &[u8], came: &[u8]) -> Done {
        let claim = format!("{} receives every octet unchanged", side.lane().name());
        let sent_frame = self.session.peer(side.other())?.sent_frames.last().copied();
        let frames = sent_frame.into_iter().chain([self.transcript.last()]);
        self.check(&claim, sent == came, format!("{} octets", sent.len()), difference(sent, came), frames)
    }

    /// `UE-B connects and sends a message at once`
    pub(super) async fn connects_and_sends(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        self.connects(words).await?;
        let seed = self.environment()?.seed();
        self.say(side, &Outgoing::text(body(900, seed))).await.map(|_| ())
    }

    /// `UE-A establishes its bearer and sends a message early`
    pub(super) async fn sends_early(&mut self, words: Words) -> Done {
        self.connects_and_sends(words).await
    }

    /// `UE-A sends a message while the stream is inactive`
    pub(super) async fn sends_while_inactive(&mut self, words: Words) -> Done {
        let seed = self.environment()?.seed();
        self.say(Side::named(words.at(0)), &Outgoing::text(body(900, seed))).await.map(|_| ())
    }

    /// `the IMS-ALG makes the stream of UE-B active after UE-B was silent`
    pub(super) async fn stream_activated(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let heard = self.heard_in_silence(side).await?;
        let frame = self.transcript.last();
        let claim = "an inactive stream carries nothing";
        self.check(claim, heard == 0, "0 octets", format!("{heard} octets"), [frame])?;
        let mut control = LocalControlDescriptor::mode(StreamMode::SendReceive);
        // LocalControl replaces as a whole (H.248.1 7.1.7): the realm has to be said again.
        control.properties.push(PropertyParm::equal(
            PkgdName::new("ipdc", "realm"),
            Value::quoted(self.session.realms[side.index()].clone()),
        ));
        self.modify(side, StreamParms { local_control: Some(control), ..StreamParms::default() }).await
    }

    /// `the IMS-ALG isolates UE-A and UE-B`, `the IMS-ALG joins UE-A and UE-B after UE-B was silent`
    pub(super) async fn topology_set(&mut self, words: Words) -> Done {
        let (direction, side) = match words.at(0) {
            "isolates" => (TopologyDirection::Isolate, None),
            _ => (TopologyDirection::Bothway, Some(Side::named(words.at(2)))),
        };
        if let Some(side) = side {
            let heard = self.heard_in_silence(side).await?;
            let frame = self.transcript.last();
            let claim = "nothing passes between terminations that are isolated";
            self.check(claim, heard == 0, "0 octets", format!("{heard} octets"), [frame])?;
        }
        let context = self.session.context.unwrap_or(ContextId::Null);
        let [from, to] = [Side::A, Side::B].map(|side| self.session.granted(side).map(|g| g.termination.clone()));
        let (from, to) = (from?, to?);
        // With a command, so that there is a reply to it.
        let mut action = ActionRequest::new(context, vec![Command::Modify(AmmRequest::new(from.clone()))]);
        action.properties.topology = vec![TopologyRequest { from, to, direction, stream: None }];
        self.granted_action(action, "Topology is granted").await
    }

    /// `the IMS-ALG moves UE-A to a context of its own`, `the IMS-ALG moves UE-A back after UE-B was silent`
    pub(super) async fn moved(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let context = match words.at(1) {
            "to a context of its own" => ContextId::Choose,
            _ => {
                let heard = self.heard_in_silence(side.other()).await?;
                let frame = self.transcript.last();
                let claim = "nothing passes between terminations of different contexts";
                self.check(claim, heard == 0, "0 octets", format!("{heard} octets"), [frame])?;
                self.session.context.unwrap_or(ContextId::Null)
            }
        };
        let termination = self.session.granted(side)?.termination.clone();
        let action = ActionRequest::new(context, vec![Command::Move(AmmRequest::new(termination))]);
        self.granted_action(action, "Move is granted").await
    }

    async fn granted_action(&mut self, action: ActionRequest<'static>, claim: &str) -> Done {
        let answer = self.transact(vec![action]).await?;
        let frames = [answer.request_frame, answer.reply_frame];
        let found = match only_reply(&answer) {
            Ok(_) => None,
            Err(error) => Some(error_text(error)),
        };
        let granted = found.is_none();
        self.check(claim, granted, "a reply without an error", found.unwrap_or_else(|| "one".to_owned()), frames)
    }

    /// `UE-A receives the message of UE-B octet for octet`
    pub(super) async fn receives_message(&mut self, words: Words) -> Done {
        self.start_msrp()?;
        self.hear(Side::named(words.at(0))).await
    }

    /// `UE-A has received nothing at all`
    pub(super) async fn nothing_received(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let silence = self.environment()?.silence();
        let ue = &self.session.peer(side)?.ue;
        // Nothing on the wire proves an absence here, so it is given a moment to be broken.
        let heard = ue.silence(silence).await;
        let (count, frame) = (ue.raw_received(), heard.unwrap_or_else(|e| e.frame));
        let claim = format!("nothing is sent to {} yet", side.lane().name());
        self.check(&claim, count == 0, "0 octets", format!("{count} octets"), [frame])
    }

    /// `UE-B receives nothing of it`: proven by the end of its bearer, which the IMS-ALG brings about.
    pub(super) async fn nothing_of_it(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let bound = self.environment()?.bounds().transfer;
        self.subtract_both().await?;
        let claim = format!("nothing reaches {} from a peer that was not accepted", side.lane().name());
        let expected = "the end, and nothing before it";
        let peer = self.session.peer(side)?;
        let ended = match peer.msrp() {
            // Its endpoint reads all there is, up to the end.
            Ok(msrp) => {
                let _message_or_end = msrp.receive_message(bound).await;
                peer.ue.await_end(bound).await.map(|end| (msrp.received_octets(), end.frame))
            }
            Err(_) => peer.ue.receive_until_end(bound).await,
        };
        match ended {
            Ok((octets, frame)) => {
                let shown = format!("{} octets, {}", octets.len(), difference(&[], &octets));
                self.check(&claim, octets.is_empty(), expected, shown, [frame])
            }
            Err(error) => {
                let check = self.claim(&claim, Outcome::NotObserved);
                self.record(check.compare(expected, error.observed.to_string()).from_frames([error.frame]))
            }
        }
    }

    /// `nothing of the messages can be read between UE-A and the IMS-AGW`
    pub(super) async fn unreadable(&mut self, words: Words) -> Done {
        let (found, total, frames) = self.mark_on(Side::named(words.at(0)));
        let claim = "the protected side cannot be read";
        self.check(claim, !found && total > 0, "no trace of the messages", shown(found, total), frames)
    }

    /// `the messages can be read between the IMS-AGW and UE-B`
    pub(super) async fn readable(&mut self, words: Words) -> Done {
        let (found, total, frames) = self.mark_on(Side::named(words.at(0)));
        // The counter-proof: without it the other check might look in the wrong place.
        let check = Check {
            clause: "TR 29.828 4.1.3".into(),
            ..self.claim("the plain side is plain", if found { Outcome::Met } else { Outcome::Missed })
        };
        self.record(check.compare("the messages in clear", shown(found, total)).from_frames(frames))
    }

    /// Whether the mark stands in the raw octets of one side, how many there were, and where they are.
    fn mark_on(&self, side: Side) -> (bool, usize, Vec<u32>) {
        let entries = self.transcript.entries();
        let both = [octets_to(&entries, side.lane()).collect::<Vec<_>>(), octets_from(&entries, side.lane()).collect()];
        let streams = both.each_ref().map(|stream| joined(stream));
        let found = streams.iter().any(|s| memchr::memmem::find(s, MARK.as_bytes()).is_some());
        let frames = both.iter().flat_map(|stream| stream.last()).map(|e| e.number).collect();
        (found, streams.iter().map(Vec::len).sum(), frames)
    }

    /// `UE-A sends a last message and closes its bearer`
    pub(super) async fn last_message(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let bound = self.environment()?.bounds().transfer;
        let seed = self.environment()?.seed();
        let sent = self.say(side, &Outgoing::text(body(20_000, seed))).await?;
        // RFC 4975 5.4: a session ends once its transactions have.
        let answered = self.session.peer(side)?.msrp()?.responses(&sent, bound).await;
        answered.map_err(|e| self.bearer_lost(side, &e))?;
        let closed = self.session.peer(side)?.ue.close().await;
        closed.map(|_| ()).map_err(|e| self.bearer_lost(side, &MsrpError::Bearer(e)))
    }

    /// `UE-B receives the last message and then the end`
    pub(super) async fn last_message_received(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let bound = self.environment()?.bounds().transfer;
        self.hear(side).await?;
        let claim = format!("{} sees the end after the last octet", side.lane().name());
        match self.session.peer(side)?.ue.await_end(bound).await {
            Ok(end) => self.check(&claim, true, "the end of TCP", format!("{:?}", end.tcp), [end.frame]),
            Err(error) => self.check(&claim, false, "the end of TCP", &error.observed, [error.frame]),
        }
    }
}

fn shown(found: bool, total: usize) -> String {
    format!("{} in {total} octets", if found { "the messages in clear" } else { "no trace of the messages" })
}

/// RFC 4975 9, paths of hosts that nobody on the way has.
const PATHS: &str = "MSRP n0b0dy5x SEND
To-Path: msrps://relay.example.net:9000/r31;tcp msrp://bob.example.com:8888/9di4eae923wzd;tcp
From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp
Message-ID: 12339sdqwer
Byte-Range: 1-16/16
Content-Type: text/plain

Hi, I'm Alice!\n
-------n0b0dy5x$
";

/// Extension headers, empty values, unusual white space and order.
const HEADERS: &str = "MSRP h3aders0 SEND
To-Path: msrp://127.0.0.1:1/to;tcp;x=1
From-Path: msrp://127.0.0.1:2/from;tcp
X-Later:   three  spaces\tand a tab 
Failure-Report: partial
Byte-Range: 1-*/*
Message-ID: odd.order-1
Success-Report: no
X-Empty: 
Content-Disposition: notification
Content-Type: text/x-unknown;charset=\"UTF-8\"

caf\u{e9} \u{1F600}
-------h3aders0+
";

/// A body that holds the end-line of another transaction, and nearly its own.
const END_LINE: &str = "MSRP endl1ne0 SEND
To-Path: msrp://127.0.0.1:1/to;tcp
From-Path: msrp://127.0.0.1:2/from;tcp
Message-ID: within-1
Byte-Range: 1-59/59
Content-Type: text/plain

-------other123$
-------endl1ne
-------endl1ne0
still the body
-------endl1ne0$
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_its_length_and_its_mark() {
        for length in [100, 700, 20_000] {
            let text = body(length, 1);
            assert_eq!(text.len(), length);
            assert!(text.starts_with(MARK.as_bytes()));
        }
    }

    #[test]
    fn a_difference_names_the_first_octet() {
        assert_eq!(difference(b"abc", b"abc"), "3 octets, all equal");
        assert!(difference(b"abc", b"abX").contains("from octet 2 on \"X\" instead of \"c\""));
        assert!(difference(b"abc", b"ab").contains("nothing instead of \"c\""));
    }
}
