//! Steps that judge replies to requests written out, and the Notifies that follow.

use super::{
    dialogue::Outcome,
    pattern,
    session::error_text,
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::mgc::{Answer, Registration},
    results,
    wire::h248::{
        self, ActionRequest, AuditDescriptor, AuditReply, AuditRequest, AuditToken, Command, CommandReply, ContextId,
        ErrorDescriptor, Message, TerminationId,
    },
};
use std::collections::BTreeSet;

/// Codes that say "I have no such thing" of something a gateway need not have (H.248.8).
const LACKING: [u16; 12] = [440, 443, 444, 445, 446, 449, 501, 512, 513, 517, 518, 522];

/// The claim of every registration.
const REGISTERS: &str = "the gateway registers as it should";

/// What became of one command: its reply, or the error that stands in its place or above it.
enum Fate<'a> {
    Granted,
    Refused(&'a ErrorDescriptor<'static>),
    Unanswered,
}

/// What became of command `number` of a transaction, counted from 1 through all actions.
fn fate(answer: &Answer, number: usize) -> Fate<'_> {
    let mut left = number;
    for action in answer.actions() {
        for reply in &action.commands {
            left -= 1;
            if left == 0 {
                return reply.error().map_or(Fate::Granted, Fate::Refused);
            }
        }
        // An error of the action stands for the command that could not be replied to (H.248.1 8.2.2).
        if let Some(error) = &action.error {
            left -= 1;
            if left == 0 {
                return Fate::Refused(error);
            }
        }
    }
    match &answer.reply.result {
        h248::TransactionResult::Error(error) => Fate::Refused(error),
        h248::TransactionResult::Actions(_) => Fate::Unanswered,
    }
}

/// `411`, `430 or 431`
fn codes(text: &str) -> Vec<u16> {
    text.split(" or ").filter_map(|code| code.trim().parse().ok()).collect()
}

impl World {
    fn outcome(&self) -> Result<Outcome, Stop> {
        self.dialogue.outcome.clone().ok_or_else(|| Stop::Harness("nothing was asked yet".into()))
    }

    fn answer(&mut self) -> Result<Box<Answer>, Stop> {
        match self.outcome()? {
            Outcome::Reply(answer) => Ok(answer),
            Outcome::MessageError { error, frames } => {
                let claim = "the request is answered by a transaction reply";
                let found = format!("message-level {}", error_text(Some(&error)));
                Err(self.check(claim, false, "a transaction reply", found, frames).err().unwrap_or(Stop::Judged))
            }
        }
    }

    /// The reply as a message.
    fn reply_message(&mut self) -> Result<(Message<'static>, [u32; 2]), Stop> {
        let answer = self.answer()?;
        let frames = [answer.request_frame, answer.reply_frame];
        let mid = h248::MId::domain("mg");
        Ok((Message::reply(2, mid, answer.reply.clone()), frames))
    }

    /// What was refused is no fault where the scenario needs something optional that the code says is not there.
    fn lacks(&self, error: &ErrorDescriptor<'_>, frame: u32) -> Option<Stop> {
        let needed = self.case.as_ref()?.needs.first()?;
        let declared = self.environment.as_ref()?.declares(needed);
        (declared != Some(true) && LACKING.contains(&error.code.0))
            .then(|| Stop::Unsupported(format!("{needed}: answered with {}, frame {frame}", error_text(Some(error)))))
    }

    /// `every command is granted`
    pub(super) async fn all_granted(&mut self, _: Words) -> Done {
        let answer = self.answer()?;
        if let Some(stop) = answer.error().and_then(|error| self.lacks(error, answer.reply_frame)) {
            return Err(stop);
        }
        let granted = answer.error().is_none() && answer.commands().next().is_some();
        let found = answer
            .error()
            .map_or_else(|| format!("{} command replies", answer.commands().count()), |error| error_text(Some(error)));
        let frames = [answer.request_frame, answer.reply_frame];
        self.check("what is right is granted", granted, "replies without an error", found, frames)
    }

    /// `command 2 is granted`
    pub(super) async fn command_granted(&mut self, words: Words) -> Done {
        let number = words.at(0).parse().map_err(Stop::harness)?;
        let answer = self.answer()?;
        let frames = [answer.request_frame, answer.reply_frame];
        let (granted, found) = match fate(&answer, number) {
            Fate::Granted => (true, "a reply without an error".to_owned()),
            Fate::Unanswered => (false, "no reply to it".to_owned()),
            Fate::Refused(error) => match self.lacks(error, frames[1]) {
                Some(stop) => return Err(stop),
                None => (false, error_text(Some(error))),
            },
        };
        self.check(&format!("command {number} is granted"), granted, "a reply without an error", found, frames)
    }

    /// `command 2 is refused with error 430`
    pub(super) async fn command_refused(&mut self, words: Words) -> Done {
        let number = words.at(0).parse().map_err(Stop::harness)?;
        let wanted = codes(words.at(1));
        let answer = self.answer()?;
        let frames = [answer.request_frame, answer.reply_frame];
        let error = match fate(&answer, number) {
            Fate::Refused(error) => Some(error.clone()),
            Fate::Granted => None,
            Fate::Unanswered => {
                let claim = format!("command {number} is refused with the error that says why");
                return self.check(&claim, false, format!("error {}", words.at(1)), "no reply to it", frames);
            }
        };
        let claim = format!("command {number} is refused with the error that says why");
        self.refusal(&claim, &wanted, error.as_ref(), frames)
    }

    /// `the transaction is refused with error 403`, `the action …`, `the message …`
    pub(super) async fn whole_refused(&mut self, words: Words) -> Done {
        let wanted = codes(words.at(1));
        let claim = format!("the {} is refused with the error that says why", words.at(0));
        let outcome = self.outcome()?;
        let error = match &outcome {
            Outcome::Reply(answer) => answer.error().cloned(),
            Outcome::MessageError { error, .. } => Some(error.clone()),
        };
        let refused_at_all = match (words.at(0), &outcome) {
            ("message", _) => error,
            (_, Outcome::Reply(_)) => error,
            (_, Outcome::MessageError { .. }) => {
                return self.check(&claim, false, "an error in a reply", "an error of the message", outcome.frames());
            }
        };
        self.refusal(&claim, &wanted, refused_at_all.as_ref(), outcome.frames())
    }

    /// The right code is right, another deviates, none is wrong.
    fn refusal(
        &mut self,
        claim: &str,
        wanted: &[u16],
        error: Option<&ErrorDescriptor<'static>>,
        frames: [u32; 2],
    ) -> Done {
        let outcome = match error {
            Some(error) if wanted.contains(&error.code.0) => results::Outcome::Met,
            Some(_) => results::Outcome::Deviates,
            None => results::Outcome::Missed,
        };
        let expected = wanted.iter().map(|code| format!("error {code}")).collect::<Vec<_>>().join(" or ");
        let found = error.map_or_else(|| "granted".to_owned(), |error| error_text(Some(error)));
        self.record(self.claim(claim, outcome).compare(expected, found).from_frames(frames))
    }

    /// `the reply has exactly 2 commands`
    pub(super) async fn reply_count(&mut self, words: Words) -> Done {
        let wanted: usize = words.at(0).parse().map_err(Stop::harness)?;
        let answer = self.answer()?;
        // An error of an action stands for a command.
        let found: usize = answer.actions().iter().map(|a| a.commands.len() + usize::from(a.error.is_some())).sum();
        let frames = [answer.request_frame, answer.reply_frame];
        self.check("as many commands are answered as were to be", wanted == found, wanted, found, frames)
    }

    /// `the reply shows`, and a pattern
    pub(super) async fn reply_shows(&mut self, words: Words) -> Done {
        let text = self.text()?;
        let (message, frames) = self.reply_message()?;
        self.shows("the reply says what was asked for", &text, &message, words.at(0).is_empty(), frames)
    }

    fn shows(&mut self, claim: &str, text: &str, message: &Message<'_>, wanted: bool, frames: [u32; 2]) -> Done {
        let lacking = pattern::lacking(text, message);
        let found = match &lacking {
            Some(path) if wanted => format!("no {path}\n{}", pattern::spelled(message)),
            _ => pattern::spelled(message),
        };
        let expected = if wanted { text.to_owned() } else { format!("none of this:\n{text}") };
        self.check(claim, lacking.is_none() == wanted, expected, found, frames)
    }

    /// `an audit of T1 shows`, and a pattern of descriptors
    pub(super) async fn audit_shows(&mut self, words: Words) -> Done {
        let (termination, context) = self.dialogue.termination(words.at(0))?;
        let text = self.text()?;
        let tokens = pattern::top_words(&text);
        let tokens: Option<Vec<AuditToken>> = tokens.iter().map(|word| audit_token(word)).collect();
        let tokens = tokens.ok_or_else(|| Stop::Harness(format!("no descriptor that can be audited: {text}")))?;
        let audit = AuditRequest { terminations: termination.clone().into(), audit: AuditDescriptor::of(tokens) };
        let answer = self.transact(vec![ActionRequest::new(context, vec![Command::AuditValue(audit)])]).await?;
        let frames = [answer.request_frame, answer.reply_frame];
        let message = Message::reply(2, h248::MId::domain("mg"), answer.reply);
        let whole = format!("Context = {context} {{ AuditValue = {} {{\n{text}\n}} }}", termination.as_str());
        self.shows("an audit shows what is", &whole, &message, words.at(1) == "shows", frames)
    }

    /// `context C1 holds exactly T1 and T2`
    pub(super) async fn context_holds(&mut self, words: Words) -> Done {
        let context = self.dialogue.context(words.at(0))?;
        let mut wanted = BTreeSet::new();
        for name in words.at(1).replace(" and ", ", ").split(", ") {
            wanted.insert(self.dialogue.termination(name.trim())?.0.as_str().to_ascii_lowercase());
        }
        let audit = AuditRequest { terminations: TerminationId::All.into(), audit: AuditDescriptor::default() };
        let answer = self.transact(vec![ActionRequest::new(context, vec![Command::AuditValue(audit)])]).await?;
        let found: BTreeSet<String> = answer
            .commands()
            .filter(|reply| reply.error().is_none())
            .flat_map(|reply| match reply {
                CommandReply::AuditValue(AuditReply::Context(list)) => list.iter().map(ToString::to_string).collect(),
                other => {
                    other.terminations().map(|l| l.iter().map(ToString::to_string).collect()).unwrap_or_else(Vec::new)
                }
            })
            .map(|id| id.to_ascii_lowercase())
            .collect();
        let words = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
        let frames = [answer.request_frame, answer.reply_frame];
        let claim = "the context holds these terminations and no other";
        self.check(claim, wanted == found, words(&wanted), words(&found), frames)
    }

    /// `context C1 has gone`
    pub(super) async fn named_context_gone(&mut self, words: Words) -> Done {
        self.session.context = Some(self.dialogue.context(words.at(0))?);
        self.context_gone_now().await
    }

    /// `C1 and C2 are different`
    pub(super) async fn differ(&mut self, words: Words) -> Done {
        let (first, second) = (self.named(words.at(0))?, self.named(words.at(1))?);
        let frame = self.session.last.as_ref().map_or(0, |answer| answer.reply_frame);
        let claim = "what is new has an id of its own";
        self.check(claim, !first.eq_ignore_ascii_case(&second), format!("not {first}"), second, [frame])
    }

    fn named(&self, name: &str) -> Result<String, Stop> {
        match name.starts_with('C') {
            true => self.dialogue.context(name).map(|context| context.to_string()),
            false => self.dialogue.termination(name).map(|(id, _)| id.as_str().to_owned()),
        }
    }

    /// `C1 is a context id an MGC may use`: none of those that mean something else
    pub(super) async fn proper_context(&mut self, words: Words) -> Done {
        let context = self.dialogue.context(words.at(0))?;
        let proper = matches!(context, ContextId::Id(id) if (1..0xFFFF_FFFE).contains(&id));
        let frame = self.session.last.as_ref().map_or(0, |answer| answer.reply_frame);
        self.check("the context id is one", proper, "1 to 4294967293", context, [frame])
    }

    /// `the registration of the IMS-AGW shows`, and a pattern
    pub(super) async fn registration_shows(&mut self, _: Words) -> Done {
        let text = self.text()?;
        let association = self.association.clone().ok_or_else(|| Stop::Harness("no association".into()))?;
        self.registered_as(&text, association.registration())
    }

    /// `the IMS-AGW registers once more with`, and a pattern
    pub(super) async fn registers_again(&mut self, _: Words) -> Done {
        let text = self.text()?;
        let bound = self.environment()?.manifest().timers.registration();
        let association = self.association.clone().ok_or_else(|| Stop::Harness("no association".into()))?;
        let before = association.registration().number;
        match association.mgc().registered_again(before, bound).await {
            Ok(registration) => self.registered_as(&text, &registration),
            Err(error) => {
                let frame = self.transcript.last();
                self.check(REGISTERS, false, text, error, [frame])
            }
        }
    }

    fn registered_as(&mut self, text: &str, registration: &Registration) -> Done {
        let frame = self.adopt(registration.frame);
        let octets = self.transcript.entries().into_iter().find(|entry| entry.number == frame);
        let octets = octets.map(|entry| entry.event.payload().to_vec()).unwrap_or_default();
        match h248::parse(&octets) {
            Ok(message) => self.shows(REGISTERS, text, &message.into_owned(), true, [frame; 2]),
            Err(fault) => Err(Stop::Harness(format!("a registration that was read cannot be: {fault}"))),
        }
    }

    /// A message of the association becomes evidence of this scenario.
    fn adopt(&mut self, frame: u32) -> u32 {
        let entries = self.association.as_ref().map(|a| a.mgc().transcript().entries()).unwrap_or_default();
        let entry = entries.into_iter().find(|entry| entry.number == frame);
        entry.map_or(0, |entry| self.transcript.record(entry.route, entry.event))
    }

    /// `the registration of the IMS-AGW names the profile of the target file`
    pub(super) async fn registered_profile(&mut self, _: Words) -> Done {
        let environment = self.environment()?;
        let profile = &environment.manifest().profile;
        let Some(name) = profile.name.clone() else {
            return Err(Stop::Skipped("the target file names no profile".into()));
        };
        let wanted = profile.version.map_or_else(|| name.clone(), |version| format!("{name}/{version}"));
        let association = self.association.clone().ok_or_else(|| Stop::Harness("no association".into()))?;
        let registration = association.registration();
        let found = registration.profile.as_ref().map_or_else(
            || "none".to_owned(),
            |found| match profile.version {
                Some(_) => format!("{}/{}", found.name, found.version),
                None => found.name.to_string(),
            },
        );
        let frame = self.adopt(registration.frame);
        let holds = wanted.eq_ignore_ascii_case(&found);
        self.check("the gateway registers with its profile", holds, wanted, found, [frame])
    }

    /// `the reply lists every package the profile makes mandatory`
    pub(super) async fn mandatory_packages(&mut self, _: Words) -> Done {
        let environment = self.environment()?;
        let interface = environment.manifest().profile.interface;
        let wanted = super::capability::mandatory(interface);
        if wanted.is_empty() {
            return Err(Stop::Skipped(format!("what {} makes mandatory is not known here", interface.name())));
        }
        let answer = self.answer()?;
        let listed: BTreeSet<String> = answer
            .commands()
            .filter_map(|reply| match reply {
                CommandReply::AuditValue(AuditReply::Terminations(_, audit)) => audit.packages(),
                _ => None,
            })
            .flatten()
            .map(|item| item.name.to_string().to_ascii_lowercase())
            .collect();
        let missing: Vec<&str> = wanted.iter().copied().filter(|name| !listed.contains(*name)).collect();
        let found = if missing.is_empty() { "all of them".to_owned() } else { format!("no {}", missing.join(", ")) };
        let frames = [answer.request_frame, answer.reply_frame];
        self.check("the packages of the profile are there", missing.is_empty(), wanted.join(", "), found, frames)
    }

    /// `the IMS-ALG is notified`, and a pattern
    pub(super) async fn notified(&mut self, _: Words) -> Done {
        let text = self.text()?;
        let bound = self.environment()?.bounds().handshake;
        let claim = "what was asked for is notified";
        let Some(notification) = self.controller()?.notification(bound).await else {
            let frame = self.transcript.last();
            return self.check(claim, false, text, "no Notify", [frame]);
        };
        let octets = self.transcript.entries().into_iter().find(|entry| entry.number == notification.frame);
        let octets = octets.map(|entry| entry.event.payload().to_vec()).unwrap_or_default();
        let message = match h248::parse(&octets) {
            Ok(message) => message.into_owned(),
            Err(fault) => return Err(Stop::Harness(format!("a Notify that was read cannot be: {fault}"))),
        };
        self.shows(claim, &text, &message, true, [notification.frame; 2])
    }

    /// `no other Notify has come`
    pub(super) async fn not_notified(&mut self, _: Words) -> Done {
        let more = self.controller()?.arrived_notification();
        let (holds, frame) = (more.is_none(), more.as_ref().map_or_else(|| self.transcript.last(), |n| n.frame));
        let found = more.map_or_else(
            || "none".to_owned(),
            |n| format!("a Notify of {} with request id {}", n.termination, n.request_id),
        );
        self.check("nothing else is notified", holds, "no other Notify", found, [frame])
    }

    /// `the statistic nt/dur of T1 is at least 1`, in the last reply
    pub(super) async fn statistic(&mut self, words: Words) -> Done {
        let (termination, _) = self.dialogue.termination(words.at(1))?;
        let wanted: i64 = words.at(3).parse().map_err(Stop::harness)?;
        let answer = self.answer()?;
        let found = statistic(&answer, &termination, words.at(0));
        let holds = found.is_some_and(|found| match words.at(2) {
            "at least" => found >= wanted,
            _ => found == wanted,
        });
        let shown = found.map_or_else(|| "none".to_owned(), |found| found.to_string());
        let expected = format!("{} {wanted}", words.at(2));
        let frames = [answer.request_frame, answer.reply_frame];
        self.check(&format!("the statistic {} is what was counted", words.at(0)), holds, expected, shown, frames)
    }

    /// `the statistic nt/dur of T1 has grown when it is asked again`, than in the last reply
    pub(super) async fn statistic_grown(&mut self, words: Words) -> Done {
        let (termination, context) = self.dialogue.termination(words.at(1))?;
        let first = self.answer()?;
        let before = statistic(&first, &termination, words.at(0));
        let deadline = tokio::time::Instant::now() + self.environment()?.bounds().handshake;
        let tokens = [AuditToken::Statistics];
        // Every round trip takes some of the time that is to show.
        loop {
            let audit = AuditRequest { terminations: termination.clone().into(), audit: AuditDescriptor::of(tokens) };
            let answer = self.transact(vec![ActionRequest::new(context, vec![Command::AuditValue(audit)])]).await?;
            let now = statistic(&answer, &termination, words.at(0));
            let grown = before.zip(now).is_some_and(|(before, now)| now > before);
            if grown || before.is_none() || now.is_none() || tokio::time::Instant::now() > deadline {
                let shown = |value: Option<i64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
                let frames = [first.reply_frame, answer.reply_frame];
                let expected = format!("more than {}", shown(before));
                return self.check(&format!("{} grows with time", words.at(0)), grown, expected, shown(now), frames);
            }
        }
    }

    /// `the reply carries the id of its request`, `the reply carries transaction id 0`
    pub(super) async fn reply_id(&mut self, words: Words) -> Done {
        let answer = self.answer()?;
        let wanted = match words.at(0) {
            "" => self.dialogue.last.map_or_else(|| "an id".to_owned(), |id| id.to_string()),
            id => id.to_owned(),
        };
        let found = answer.reply.id.to_string();
        let frames = [answer.request_frame, answer.reply_frame];
        self.check("the reply carries the right transaction id", wanted == found, wanted, found, frames)
    }

    /// `each of the transactions is answered`, with its own id
    pub(super) async fn all_answered(&mut self, _: Words) -> Done {
        let frames: Vec<u32> = self.dialogue.answers.iter().flat_map(|a| [a.request_frame, a.reply_frame]).collect();
        let count = self.dialogue.answers.len();
        self.check("each transaction has its reply", count == 2, 2, count, frames)
    }

    /// `each of them is granted`
    pub(super) async fn each_granted(&mut self, _: Words) -> Done {
        let answers = &self.dialogue.answers;
        let frames: Vec<u32> = answers.iter().flat_map(|a| [a.request_frame, a.reply_frame]).collect();
        let refused: Vec<String> = answers.iter().filter_map(|a| a.error()).map(|e| error_text(Some(e))).collect();
        let (count, granted) = (answers.len(), refused.is_empty() && !answers.is_empty());
        let found = if granted { format!("{count} granted") } else { refused.join(", ") };
        self.check("each transaction is granted", granted, format!("{count} granted"), found, frames)
    }

    /// `the transaction is answered, whole or by an error`
    pub(super) async fn answered_somehow(&mut self, _: Words) -> Done {
        let outcome = self.outcome()?;
        let (found, clear) = match &outcome {
            Outcome::Reply(answer) => match answer.error() {
                None => (format!("{} command replies", answer.commands().count()), answer.commands().next().is_some()),
                Some(error) => (error_text(Some(error)), true),
            },
            Outcome::MessageError { error, .. } => (error_text(Some(error)), true),
        };
        self.check("a long transaction has a clear answer", clear, "replies or an error", found, outcome.frames())
    }

    /// `nothing but this reply has come since that message`, on an association of the scenario's own
    pub(super) async fn nothing_else_came(&mut self, _: Words) -> Done {
        let mark = self.dialogue.mark;
        // Over TCP the octets of a message are an entry too, one that no ladder shows.
        let since = |entry: &crate::harness::transcript::Entry| {
            entry.number > mark && entry.route.from == results::Lane::Mg && entry.summary().is_some()
        };
        let came: Vec<u32> = self.transcript.entries().iter().filter(|e| since(e)).map(|e| e.number).collect();
        let strays = self.association.as_ref().map(|association| association.mgc().strays()).unwrap_or_default();
        let mut found = format!("{} messages", came.len());
        for stray in &strays {
            found.push_str(", ");
            found.push_str(&stray.what);
        }
        let alone = came.len() == 1 && strays.is_empty();
        self.check("what is no request is not answered", alone, "1 messages", found, came)
    }

    /// `the reply is in version 2`
    pub(super) async fn reply_version(&mut self, words: Words) -> Done {
        let answer = self.answer()?;
        let found = h248::parse(&answer.octets).map_or(0, |message| message.version);
        let frames = [answer.request_frame, answer.reply_frame];
        self.check(
            "a reply is in the version of its request",
            found.to_string() == words.at(0),
            words.at(0),
            found,
            frames,
        )
    }
}

/// What a reply says of one statistic of a termination.
fn statistic(answer: &Answer, termination: &TerminationId<'_>, name: &str) -> Option<i64> {
    answer.commands().find_map(|reply| {
        let audit = match reply {
            CommandReply::Add(r) | CommandReply::Move(r) | CommandReply::Modify(r) | CommandReply::Subtract(r) => {
                &r.audit
            }
            CommandReply::AuditValue(AuditReply::Terminations(_, audit)) => audit,
            _ => return None,
        };
        let about = |id: &TerminationId<'_>| id.as_str().eq_ignore_ascii_case(termination.as_str());
        reply.terminations().filter(|list| list.iter().any(about))?;
        let found = audit.statistics()?.0.iter().find(|statistic| statistic.name.is(name))?;
        found.values.first()?.as_integer()
    })
}

fn audit_token(word: &str) -> Option<AuditToken> {
    Some(match word {
        "Media" => AuditToken::Media,
        "Events" => AuditToken::Events,
        "Signals" => AuditToken::Signals,
        "EventBuffer" => AuditToken::EventBuffer,
        "Statistics" => AuditToken::Statistics,
        "ObservedEvents" => AuditToken::ObservedEvents,
        "Packages" => AuditToken::Packages,
        "DigitMap" => AuditToken::DigitMap,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_codes_may_be_right() {
        assert_eq!(codes("430 or 431"), [430, 431]);
        assert_eq!(codes("411"), [411]);
    }
}
