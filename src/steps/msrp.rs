//! Steps about MSRP that the gateway reads: whose paths stand in it, and what becomes of frames that are not for it.

use super::{
    message::body,
    party::Side,
    session::granted_path,
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::msrp_peer::{Chunk, Outgoing},
    results::{Check, Outcome},
    rules::msrp_path::SessionMatching,
    wire::{
        Framed,
        msrp::{self, Frame, Head, Method, Path, Start},
    },
};

/// The extension of MSRP a UE supports. TR table 4.1.4-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Model {
    /// RFC 4975 alone: the offerer connects, paths are compared whole.
    Rfc4975,
    /// RFC 6135: `a=setup` says who connects; paths as before.
    Rfc6135,
    /// Only session-ids are compared.
    Sessmatch,
    /// RFC 6714: the SDP's path is the far UE's own.
    #[default]
    Cema,
}

impl Model {
    fn named(name: &str) -> Result<Self, Stop> {
        match name {
            "RFC 4975" => Ok(Self::Rfc4975),
            "RFC 6135" => Ok(Self::Rfc6135),
            "sessmatch" => Ok(Self::Sessmatch),
            "CEMA" => Ok(Self::Cema),
            other => Err(Stop::Harness(format!("no such extension of MSRP: {other}"))),
        }
    }

    /// How such a UE finds the session a request is for.
    pub(super) const fn matching(self) -> SessionMatching {
        match self {
            Self::Rfc4975 | Self::Rfc6135 => SessionMatching::Rfc4975,
            Self::Sessmatch => SessionMatching::Sessmatch,
            Self::Cema => SessionMatching::Cema,
        }
    }

    /// Whether two such UEs reach each other through a gateway that leaves MSRP alone.
    const fn passes_unread(self, other: Self) -> bool {
        matches!((self, other), (Self::Sessmatch, Self::Sessmatch) | (Self::Cema, Self::Cema))
    }
}

/// Whom a request of these steps addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Addressee {
    TheGateway,
    NoSession,
    TheFarLeg,
}

impl World {
    /// `UE-A speaks MSRP by RFC 4975`
    pub(super) async fn speaks(&mut self, words: Words) -> Done {
        self.session.party_mut(Side::named(words.at(0))).model = Model::named(words.at(1))?;
        Ok(())
    }

    /// `UE-B is behind an MSRP relay`
    pub(super) async fn behind_relay(&mut self, words: Words) -> Done {
        self.session.party_mut(Side::named(words.at(0))).behind_relay = true;
        Ok(())
    }

    /// `the IMS-ALG makes the IMS-AGW aware of MSRP`, `… where the UEs need it`
    pub(super) async fn aware(&mut self, words: Words) -> Done {
        let [a, b] = Side::BOTH.map(|side| self.session.party(side).model);
        self.session.aware = words.at(0).is_empty() || !a.passes_unread(b);
        Ok(())
    }

    /// `the reply for UE-A names a path of the IMS-AGW that begins with "msrps"`
    pub(super) async fn path_named(&mut self, words: Words) -> Done {
        let granted = self.session.granted(Side::named(words.at(0)))?;
        let (frame, address) = (granted.frame, granted.address);
        let path = granted_path(granted);
        let shown = path.as_ref().map_or_else(|| "no path".to_owned(), ToString::to_string);
        let expected = format!("{}://{address}/…;tcp", words.at(1));
        let uri = path.as_ref().and_then(|path| path.uris().next());
        let holds = uri.is_some_and(|uri| {
            let start = format!("{}://{address}/", words.at(1));
            uri.to_string().starts_with(&start) && uri.session_id.is_some()
        });
        self.check("the path says where the gateway is, and names a session", holds, expected, shown, [frame])
    }

    /// `messages pass both ways and each UE is addressed as it expects`
    pub(super) async fn messages_pass_addressed(&mut self, _: Words) -> Done {
        self.one_way(Side::A, 3000).await?;
        self.one_way(Side::B, 1700).await?;
        self.compare_frames(Side::A)?;
        self.compare_frames(Side::B)
    }

    /// `UE-A sends in its session a message of one mebibyte`
    pub(super) async fn sends_in_session(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let seed = self.environment()?.seed();
        if words.at(1) == "a message of one mebibyte" {
            return self.say(side, &Outgoing::text(body(1 << 20, seed)).chunked([1 << 16])).await.map(|_| ());
        }
        let (to, from) = self.addresses(side, Addressee::TheGateway)?;
        let chunk = |id: &str, headers: &str, body: &str, flag: char| {
            format!(
                "MSRP {id} SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\n{headers}Content-Type: text/plain\r\n\r\n\
                 {body}\r\n-------{id}{flag}\r\n"
            )
        };
        let octets = match words.at(1) {
            "the chunks of two messages in turns" => [
                chunk("turn0001", "Message-ID: first-1\r\nByte-Range: 1-5/10\r\n", "first", '+'),
                chunk("turn0002", "Message-ID: second-1\r\nByte-Range: 1-6/12\r\n", "second", '+'),
                chunk("turn0003", "Message-ID: first-1\r\nByte-Range: 6-10/10\r\n", "again", '$'),
                chunk("turn0004", "Message-ID: second-1\r\nByte-Range: 7-12/12\r\n", "at end", '$'),
            ]
            .concat(),
            "a message that it breaks off" => [
                chunk("break001", "Message-ID: broken-1\r\nByte-Range: 1-*/4096\r\n", "the beginning", '+'),
                chunk("break002", "Message-ID: broken-1\r\nByte-Range: 14-*/4096\r\n", "and no more", '#'),
            ]
            .concat(),
            "a message whose body looks like frames" => {
                let inside =
                    format!("\r\n-------other123$\r\n-------frame01\r\nMSRP frame012 SEND\r\nTo-Path: {to}\r\n\r\n");
                let length = inside.len();
                chunk("frame012", &format!("Message-ID: within-1\r\nByte-Range: 1-{length}/{length}\r\n"), &inside, '$')
            }
            "a message with unknown headers in an unusual order" => chunk(
                "headers1",
                "X-Later: three  spaces\r\nByte-Range: 1-*/*\r\nX-Empty: \r\nMessage-ID: odd.order-1\r\n\
                 Failure-Report: partial\r\nContent-Disposition: notification\r\n",
                "caf\u{e9} \u{1F600}",
                '$',
            ),
            other => return Err(Stop::Harness(format!("no such message: {other}"))),
        };
        self.sends_frames(side, &octets).await
    }

    /// `UE-B receives it with nothing but the paths changed`: all that came before a message that marks the end.
    pub(super) async fn only_paths_changed(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        self.await_marker(side).await?;
        self.compare_frames(side.other())
    }

    /// `UE-A sends a request to a session that the IMS-AGW does not have`, `… of the other side`
    pub(super) async fn sends_elsewhere(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let addressee = match words.at(1) {
            "a session that the IMS-AGW does not have" => Addressee::NoSession,
            _ => Addressee::TheFarLeg,
        };
        let (to, from) = self.addresses(side, addressee)?;
        let octets = format!(
            "MSRP stray001 SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: stray-1\r\n\
             Byte-Range: 1-5/5\r\nContent-Type: text/plain\r\n\r\nstray\r\n-------stray001$\r\n"
        );
        self.sends_frames(side, &octets).await
    }

    /// `the IMS-AGW answers UE-A with 481`
    pub(super) async fn answered_with(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let bound = self.environment()?.bounds().transfer;
        let claim = "the request is answered, on the connection it came on";
        let response = self.session.peer(side)?.msrp()?.response("stray001", bound).await;
        match response {
            Ok(response) => {
                let expected = words.at(1);
                let holds = response.code.to_string() == expected;
                self.check(claim, holds, expected, response.code, [response.frame])
            }
            Err(error) => {
                let last = self.transcript.last();
                self.check(claim, false, words.at(1), error, [last])
            }
        }
    }

    /// `UE-B receives nothing of it before the next message`
    pub(super) async fn next_message_first(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        self.await_marker(side).await?;
        let chunks = self.session.peer(side)?.msrp()?.received_chunks();
        let stray = chunks.iter().find(|chunk| chunk.head.transaction_id == "stray001");
        let frames: Vec<u32> = chunks.iter().map(|chunk| chunk.frame).collect();
        let shown = stray.map_or("the next message", |_| "the request");
        self.check("a request for another session goes no further", stray.is_none(), "the next message", shown, frames)
    }

    /// `UE-A sends a message and asks for a report`
    pub(super) async fn asks_for_report(&mut self, words: Words) -> Done {
        let seed = self.environment()?.seed();
        let outgoing = Outgoing::text(body(2500, seed)).chunked([900]).reported();
        self.reported = Some(self.say(Side::named(words.at(0)), &outgoing).await?);
        Ok(())
    }

    /// `UE-A receives a report of success on all of it`
    pub(super) async fn report_received(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let bound = self.environment()?.bounds().transfer;
        let Some(sent) = self.reported.take() else { return Err(Stop::Harness("no report was asked for".into())) };
        let claim = "the report reaches the UE that asked for it";
        let report = match self.session.peer(side)?.msrp()?.report(&sent, bound).await {
            Ok(report) => report,
            Err(error) => {
                let frames = sent.frames.iter().copied().chain([self.transcript.last()]);
                return self.check(claim, false, "a REPORT", error, frames);
            }
        };
        let range = report.byte_range.map_or_else(|| "no range".to_owned(), |range| range.to_string());
        let shown = format!("{} on {range}", report.code);
        self.check(claim, shown == "200 on 1-2500/2500", "200 on 1-2500/2500", shown, [report.frame])?;
        self.compare_frames(side.other())
    }

    /// A message that marks the end of what was sent before, and its arrival.
    async fn await_marker(&mut self, side: Side) -> Done {
        let seed = self.environment()?.seed();
        let bound = self.environment()?.bounds().transfer;
        let marker = body(300, seed ^ 0x5A5A);
        self.say(side.other(), &Outgoing::text(marker.clone())).await?;
        let claim = format!("{} receives what follows", side.lane().name());
        loop {
            match self.session.peer(side)?.msrp()?.receive_message(bound).await {
                Ok(message) if message.body == marker => return Ok(()),
                Ok(_) => {}
                Err(error) => {
                    let last = self.transcript.last();
                    return self.check(&claim, false, "the message that follows", error, [last]);
                }
            }
        }
    }

    async fn sends_frames(&mut self, side: Side, octets: &str) -> Done {
        self.start_msrp()?;
        let sent = self.session.peer(side)?.msrp()?.send_octets(octets.as_bytes()).await;
        match sent {
            Ok(frame) => {
                self.session.peer(side)?.sent_frames.push(frame);
                Ok(())
            }
            Err(error) => Err(self.bearer_lost(side, &error)),
        }
    }

    /// To-Path and From-Path of a request.
    fn addresses(&mut self, side: Side, addressee: Addressee) -> Result<(String, String), Stop> {
        self.start_msrp()?;
        let own = self.session.peer(side)?.path(side)?.to_string();
        let gateway = self.gateway_path(side)?;
        let to = match addressee {
            Addressee::TheGateway => gateway.to_string(),
            Addressee::TheFarLeg => self.gateway_path(side.other())?.to_string(),
            Addressee::NoSession => {
                let scheme_and_authority = gateway.as_str().rsplit_once('/').map_or("", |(start, _)| start);
                format!("{scheme_and_authority}/n0-such-sessi0n;tcp")
            }
        };
        Ok((to, own))
    }

    /// The gateway's path towards one UE.
    fn gateway_path(&self, side: Side) -> Result<Path<'static>, Stop> {
        granted_path(self.session.granted(side)?).ok_or_else(|| Stop::Harness("the gateway named no path".into()))
    }

    /// Every frame that `from` wrote is what the other UE read, in order, with the paths of the other leg if the gateway is
    /// aware, and as it was written otherwise.
    fn compare_frames(&mut self, from: Side) -> Done {
        let to = from.other();
        let written = self.session.peer(from)?.msrp()?.sent_octets();
        let read = self.session.peer(to)?.msrp()?.received_chunks();
        let paths = match self.session.aware {
            true => Some((self.session.peer(to)?.path(to)?, self.gateway_path(to)?)),
            false => None,
        };
        let claim = format!("{} is addressed by the paths its SDP gave, and nothing else is changed", to.lane().name());
        let written = frames(&written).map_err(Stop::Harness)?;
        let frame = read.last().map_or_else(|| self.transcript.last(), |chunk| chunk.frame);
        let count = format!("{} frames", written.len());
        if read.len() != written.len() {
            return self.check(&claim, false, count, format!("{} frames", read.len()), [frame]);
        }
        for (sent, came) in written.iter().zip(&read) {
            let expected = expected(sent, paths.as_ref());
            if let Some((expected, shown)) = differs(&expected, came) {
                return self.check(&claim, false, expected, shown, [came.frame]);
            }
        }
        self.check(&claim, true, &count, &count, read.iter().map(|chunk| chunk.frame))?;
        self.no_findings(to)
    }

    /// Byte-Ranges, totals and flags of all that came fit together.
    fn no_findings(&mut self, side: Side) -> Done {
        let findings = self.session.peer(side)?.msrp()?.findings();
        let shown = findings.iter().map(|(finding, _)| finding.to_string()).collect::<Vec<_>>().join(", ");
        if shown.is_empty() {
            return Ok(());
        }
        let check = Check { clause: "RFC 4975 5.1".into(), ..self.claim("chunks fit together", Outcome::Missed) };
        self.record(check.compare("no contradiction", shown).from_frames(findings.iter().map(|(_, frame)| *frame)))
    }
}

/// Whole frames, or the octets that are none.
fn frames(mut octets: &[u8]) -> Result<Vec<Frame<'_>>, String> {
    let mut found = Vec::new();
    while !octets.is_empty() {
        let Ok(Framed::Complete(frame, length)) = msrp::parse(octets) else {
            return Err("a UE wrote what is no MSRP".into());
        };
        found.push(frame);
        octets = octets.get(length..).unwrap_or_default();
    }
    Ok(found)
}

/// The frame as the other UE is to read it: the paths are its own and the gateway's.
fn expected<'f>(sent: &Frame<'f>, paths: Option<&(Path<'static>, Path<'static>)>) -> Frame<'f> {
    let head = match paths {
        None => sent.head.clone(),
        Some((ue, gateway)) => {
            // The response to a SEND goes one hop (RFC 4975 7.2).
            let to_path = match sent.head.start {
                Start::Request(_) => ue.clone(),
                Start::Response { .. } => ue.next_hop().into_owned(),
            };
            Head { to_path, from_path: gateway.clone(), ..sent.head.clone() }
        }
    };
    Frame { head, ..sent.clone() }
}

/// What was expected and what came, when they are not the same.
fn differs(expected: &Frame<'_>, came: &Chunk) -> Option<(String, String)> {
    let paths = |head: &Head<'_>| format!("To-Path {}, From-Path {}", head.to_path, head.from_path);
    let named = |head: &Head<'_>| {
        let what = match &head.start {
            Start::Request(Method::Report) => "a REPORT".to_owned(),
            Start::Request(method) => format!("a {}", method.as_str()),
            Start::Response { code, .. } => format!("a response {code}"),
        };
        format!("{what} of transaction {}", head.transaction_id)
    };
    let (head, body) = (&expected.head, came.body.as_deref());
    if (head.to_path.as_str(), head.from_path.as_str()) != (came.head.to_path.as_str(), came.head.from_path.as_str()) {
        let expected = format!("{} with {}", named(head), paths(head));
        return Some((expected, format!("{} with {}", named(&came.head), paths(&came.head))));
    }
    if *head != came.head || expected.body != body || expected.flag != came.flag {
        let shown = |head: &Head<'_>, body: Option<&[u8]>, flag| {
            let mut text = Vec::new();
            head.encode_into(false, &mut text);
            format!("{} {} octets of body, {flag:?}", text.escape_ascii(), body.map_or(0, <[u8]>::len))
        };
        return Some((shown(head, expected.body, expected.flag), shown(&came.head, body, came.flag)));
    }
    None
}
