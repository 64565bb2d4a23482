//! What is said in a conference, and who hears it.

use super::{
    conference::{Participant, Proof},
    message::difference,
    world::{Done, Stop, Words, World},
};
use crate::harness::{
    msrp_peer::{MsrpError, Outgoing, Received, Sent},
    transcript::Event,
};
use std::{collections::BTreeSet, time::Duration};

/// Stands in every message, so that it can be looked for on the wire.
const MARK: &str = "what is said in this conference stays in this conference";

/// Present participants by index, the one of that name first.
fn order(participants: &[Participant], first: &str) -> Vec<usize> {
    let mut present: Vec<usize> = (0..participants.len()).collect();
    present.retain(|index| participants.get(*index).is_some_and(|p| !p.gone));
    present.sort_by_key(|index| participants.get(*index).is_some_and(|p| p.lane.name() != first));
    present
}

impl World {
    fn speaker(&self, index: usize) -> Result<&Participant, Stop> {
        self.conference.participants.get(index).ok_or_else(|| Stop::Harness("nobody".into()))
    }

    async fn say_as(&mut self, index: usize, outgoing: &Outgoing) -> Result<Sent, Stop> {
        let speaker = self.speaker(index)?;
        let name = speaker.lane.name();
        match speaker.msrp()?.send_message(outgoing).await {
            Ok(sent) => Ok(sent),
            Err(error) => {
                let claim = format!("the bearer of {name} carries octets as long as nobody releases it");
                Err(self.check(&claim, false, "an open bearer", error, []).err().unwrap_or(Stop::Judged))
            }
        }
    }

    async fn listen_as(&self, index: usize, bound: Duration) -> Result<Result<Received, MsrpError>, Stop> {
        Ok(self.speaker(index)?.msrp()?.receive_message(bound).await)
    }

    fn words_of(&mut self, length: usize) -> Vec<u8> {
        self.conference.said += 1;
        let mut body = format!("{MARK} ({})\r\n", self.conference.said).into_bytes();
        let mut line = 0;
        while body.len() < length {
            line += 1;
            body.extend_from_slice(format!("{line:08x} line of a message\r\n").as_bytes());
        }
        body
    }

    /// One message to everybody: what each of the others hears, and by which paths.
    async fn tell_all(&mut self, order: &[usize], length: usize) -> Done {
        let bound = self.environment()?.bounds().transfer;
        let Some((from, others)) = order.split_first() else { return Err(Stop::Harness("nobody speaks".into())) };
        let body = self.words_of(length);
        let sent = self.say_as(*from, &Outgoing::text(body.clone()).chunked([length])).await?;
        for other in others {
            let name = self.speaker(*other)?.lane.name();
            let claim = format!("{name} receives the message octet for octet");
            let received = match self.listen_as(*other, bound).await? {
                Ok(received) => received,
                Err(error) => {
                    let frames = sent.frames.iter().copied().chain([self.transcript.last()]);
                    return self.check(&claim, false, format!("{} octets", body.len()), error, frames);
                }
            };
            let frames: Vec<u32> = sent.frames.iter().copied().chain(received.frames()).collect();
            let shown = difference(&body, &received.body);
            self.check(&claim, received.body == body, format!("{} octets", body.len()), shown, frames.clone())?;
            let (own, switch) = self.paths(*other)?;
            let expected = format!("To-Path {own}, From-Path {switch}");
            let actual: BTreeSet<String> = received
                .chunks
                .iter()
                .map(|c| format!("To-Path {}, From-Path {}", c.head.to_path.as_str(), c.head.from_path.as_str()))
                .collect();
            let actual = actual.into_iter().collect::<Vec<_>>().join("; ");
            self.check(
                "each chunk has the paths of the leg it came on",
                actual == expected,
                &expected,
                &actual,
                frames,
            )?;
        }
        let speaker = self.speaker(*from)?;
        let claim = format!("{} receives one response to each of its chunks", speaker.lane.name());
        let responses = speaker.msrp()?.responses(&sent, bound).await;
        match responses {
            Ok(responses) => {
                let codes: Vec<u16> = responses.iter().map(|response| response.code).collect();
                let good = codes.iter().all(|code| *code == 200);
                self.check(&claim, good, "200", format!("{codes:?}"), responses.iter().map(|response| response.frame))
            }
            Err(error) => {
                let frames = sent.frames.iter().copied().chain([self.transcript.last()]);
                self.check(&claim, false, "a response to each chunk", error, frames)
            }
        }
    }

    fn paths(&self, index: usize) -> Result<(String, String), Stop> {
        let participant = self.speaker(index)?;
        let granted = participant.granted.as_ref().and_then(|granted| granted.local.stream(0)?.path().cloned());
        let own = participant.own_path()?.as_str().to_owned();
        Ok((own, granted.map_or_else(String::new, |path| path.0.join(" "))))
    }

    /// `what UE-A says reaches the others and nobody else`
    pub(super) async fn says_to_all(&mut self, words: Words) -> Done {
        let order = order(&self.conference.participants, words.at(0));
        self.tell_all(&order, 20_000).await?;
        // Whoever speaks next is what the first speaker hears next, unless its own words came back.
        let mut turned = order;
        turned.rotate_left(1);
        self.tell_all(&turned, 300).await
    }

    /// `everybody hears everybody`
    pub(super) async fn everybody_heard(&mut self, _: Words) -> Done {
        let mut order = order(&self.conference.participants, "");
        for _ in 0..order.len() {
            self.tell_all(&order, 700).await?;
            order.rotate_left(1);
        }
        Ok(())
    }

    /// `UE-A asks for reports and gets one of each of the others`
    pub(super) async fn reports_heard(&mut self, words: Words) -> Done {
        let bound = self.environment()?.bounds().transfer;
        let order = order(&self.conference.participants, words.at(0));
        let Some((from, others)) = order.split_first() else { return Err(Stop::Harness("nobody speaks".into())) };
        let body = self.words_of(100);
        let sent = self.say_as(*from, &Outgoing::text(body).reported()).await?;
        let reports = self.speaker(*from)?.msrp()?.reports_of(&sent, others.len(), bound).await;
        let claim = "the reports of those who received a message reach its sender";
        let expected = format!("{} reports of 200", others.len());
        match reports {
            Ok(reports) => {
                let codes: Vec<u16> = reports.iter().map(|report| report.code).collect();
                let good = codes.iter().all(|code| *code == 200);
                self.check(claim, good, expected, format!("{codes:?}"), reports.iter().map(|report| report.frame))
            }
            Err(error) => {
                let frames = sent.frames.iter().copied().chain([self.transcript.last()]);
                self.check(claim, false, expected, error, frames)
            }
        }
    }

    /// `UE-A releases its bearer`, `UE-A loses its connection`
    pub(super) async fn participant_leaves(&mut self, words: Words) -> Done {
        let bound = self.environment()?.bounds().transfer;
        let participant = self.conference.participant(words.at(0))?;
        participant.gone = true;
        let ue = participant.ue()?.clone();
        let left = if words.at(1) == "releases its bearer" { ue.close().await } else { ue.reset().await };
        left.map_err(|error| Stop::Inconclusive(format!("{} could not leave: {error}", words.at(0))))?;
        if words.at(1) == "releases its bearer" {
            let claim = format!("the MRFP ends the bearer of {} too", words.at(0));
            match ue.await_end(bound).await {
                Ok(end) => self.check(&claim, true, "the end of TCP", format!("{:?}", end.tcp), [end.frame])?,
                Err(error) => self.check(&claim, false, "the end of TCP", &error.observed, [error.frame])?,
            }
        }
        Ok(())
    }

    /// `each TLS session of the conference has secrets of its own`
    pub(super) async fn conference_secrets(&mut self, _: Words) -> Done {
        let log = self.transcript.secrets();
        let lines: BTreeSet<(&str, &str)> = log
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(' ')?.1.split_once(' '))
            .collect();
        let sessions: BTreeSet<&str> = lines.iter().map(|(random, _)| *random).collect();
        let secrets: BTreeSet<&str> = lines.iter().map(|(_, secret)| *secret).collect();
        let (randoms, distinct, all) = (sessions.len(), secrets.len(), lines.len());
        let protected = self.conference.participants.iter().filter(|p| !matches!(p.signalled, Proof::Nothing)).count();
        self.check(
            "each protected participant has a TLS session of its own",
            randoms == protected && distinct == all,
            format!("{protected} sessions, every secret used once"),
            format!("{randoms} sessions, {distinct} secrets in {all} uses"),
            [],
        )
    }

    /// `nothing that was said can be read on the bearer of UE-A`, `what was said can be read on the bearer of UE-C`
    pub(super) async fn said_on_the_wire(&mut self, words: Words) -> Done {
        let lane = self.conference.participant(words.at(1))?.lane;
        let readable = words.at(0) == "what";
        let entries = self.transcript.entries();
        let crossed = entries.iter().filter(|e| e.route.involves(lane) && matches!(e.event, Event::Octets(_)));
        let octets: Vec<u8> = crossed.clone().flat_map(|e| e.event.payload()).copied().collect();
        let found = octets.windows(MARK.len()).any(|window| window == MARK.as_bytes());
        let shown = format!("{} octets, {} the words", octets.len(), if found { "with" } else { "without" });
        let expected = if readable { "the words" } else { "octets without the words" };
        let holds = found == readable && !octets.is_empty();
        let frames: Vec<u32> = crossed.map(|entry| entry.number).take(8).collect();
        self.check(&format!("the bearer of {} shows what it should", lane.name()), holds, expected, shown, frames)
    }
}
