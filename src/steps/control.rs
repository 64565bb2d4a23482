//! Steps about H.248 itself: repetition, spelling, errors, audits, statistics, and the MGC that goes away.

use super::{
    party::Side,
    session::{STREAM, error_text, only_reply},
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::mgc::{Answer, TransactError},
    results::{Check, Level, Outcome},
    wire::{
        h248::{
            ActionRequest, AmmRequest, AuditDescriptor, AuditReply, AuditRequest, AuditToken, Command, CommandReply,
            ContextId, ErrorDescriptor, LocalControlDescriptor, MediaDescriptor, PkgdName, PropertyParm, StreamMode,
            StreamParms, Style, SubtractRequest, TerminationAudit, TerminationId, TransactionResult, Value,
        },
        sdp::{self, Mode},
    },
};
use std::borrow::Cow;

/// A context no gateway of a test has.
const NO_CONTEXT: ContextId = ContextId::Id(0x00FE_DCBA);

impl World {
    /// `the IMS-ALG writes its requests with short tokens`
    pub(super) async fn spelling(&mut self, words: Words) -> Done {
        let seed = self.environment()?.seed();
        let style = match words.at(0) {
            "with long tokens" => Style::Pretty,
            "with short tokens" => Style::Compact,
            "in any other legal spelling" => Style::Spelling(seed),
            other => return Err(Stop::Harness(format!("no such spelling: {other}"))),
        };
        self.controller()?.spell(style);
        Ok(())
    }

    /// `the IMS-ALG repeats its last request`
    pub(super) async fn repeats(&mut self, _: Words) -> Done {
        let Some(last) = self.session.last.clone() else { return Err(Stop::Harness("nothing was asked yet".into())) };
        match self.controller()?.repeat(&last).await {
            Ok(again) => {
                self.session.repeated = Some((last, again));
                Ok(())
            }
            Err(error) => Err(self.transaction_failed(error)),
        }
    }

    /// `the same reply comes again`
    pub(super) async fn same_reply(&mut self, _: Words) -> Done {
        let Some((first, again)) = self.session.repeated.clone() else {
            return Err(Stop::Harness("nothing was repeated yet".into()));
        };
        let same = first.reply.result == again.reply.result && first.reply.id == again.reply.id;
        self.check(
            "a repeated request is answered by the reply that was kept",
            same,
            String::from_utf8_lossy(&first.octets),
            String::from_utf8_lossy(&again.octets),
            [first.reply_frame, again.request_frame, again.reply_frame],
        )
    }

    /// `the context still holds the same terminations`
    pub(super) async fn same_terminations(&mut self, _: Words) -> Done {
        let context = self.session.context.unwrap_or(ContextId::Null);
        let audit = AuditRequest { terminations: TerminationId::All.into(), audit: AuditDescriptor::default() };
        let answer = self.transact(vec![ActionRequest::new(context, vec![Command::AuditValue(audit)])]).await?;
        let mut found: Vec<String> = answer
            .commands()
            .filter(|c| c.error().is_none())
            .flat_map(|c| match c {
                CommandReply::AuditValue(AuditReply::Context(list)) => list.iter().map(ToString::to_string).collect(),
                other => other
                    .terminations()
                    .map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>())
                    .unwrap_or_default(),
            })
            .collect();
        let mut granted: Vec<String> =
            self.session.granted.iter().flatten().map(|g| g.termination.to_string()).collect();
        found.sort();
        granted.sort();
        let frames = [answer.request_frame, answer.reply_frame];
        let claim = "the repetition was not executed";
        self.check(claim, found == granted, granted.join(", "), found.join(", "), frames)
    }

    /// `the IMS-ALG sends a Modify in a context that does not exist`, and the like
    pub(super) async fn sends_request(&mut self, words: Words) -> Done {
        let here = |command: Command<'static>, context| vec![ActionRequest::new(context, vec![command])];
        let outcome = match words.at(0) {
            "a Modify in a context that does not exist" => {
                let request = AmmRequest::new(TerminationId::path("ip/access/1"));
                self.controller()?.transact(here(Command::Modify(request), NO_CONTEXT)).await
            }
            "a Subtract of a termination that does not exist" => {
                self.reserve(Side::B).await?;
                let terminations = TerminationId::path("ip/none/4000000").into();
                let command = Command::Subtract(SubtractRequest { terminations, audit: None });
                let context = self.session.context.unwrap_or(ContextId::Null);
                self.controller()?.transact(here(command, context)).await
            }
            "an Add with a property of an unknown package" => {
                let mut request = self.session.add(Side::B);
                let mut control = LocalControlDescriptor::mode(StreamMode::SendReceive);
                control.properties.push(PropertyParm::equal(PkgdName::new("nosuchpkg", "x"), Value::plain("1")));
                request.media = Some(MediaDescriptor::stream(
                    STREAM,
                    StreamParms { local_control: Some(control), ..StreamParms::default() },
                ));
                self.controller()?.transact(here(Command::Add(request), ContextId::Choose)).await
            }
            "an Add that asks for media type \"TCP/NOSUCH\"" => {
                self.controller()?.transact(here(Command::Add(self.unknown_media()), ContextId::Choose)).await
            }
            "an Add of ROOT" => {
                let request = AmmRequest::new(TerminationId::Root);
                self.controller()?.transact(here(Command::Add(request), ContextId::Choose)).await
            }
            "a request with an unreadable command" => self.broken("Context=${Add=${Media{Stream=}}}").await?,
            "a request with an unreadable action" => self.broken("Context=nonsense{}").await?,
            "a request with an unreadable transaction" => self.broken_transaction().await?,
            other => return Err(Stop::Harness(format!("no such request: {other}"))),
        };
        self.session.refusal = Some(outcome);
        Ok(())
    }

    /// An Add with a proto nobody knows.
    fn unknown_media(&self) -> AmmRequest<'static> {
        let mut request = self.session.add(Side::B);
        let known = request.media.as_ref().and_then(|m| m.parms(STREAM)).cloned().unwrap_or_default();
        let swap = |text: Option<Cow<'static, [u8]>>| {
            text.map(|t| Cow::Owned(String::from_utf8_lossy(&t).replace(" TCP ", " TCP/NOSUCH ").into_bytes()))
        };
        let parms = StreamParms { local: swap(known.local), remote: swap(known.remote), ..known };
        request.media = Some(MediaDescriptor::stream(STREAM, parms));
        request
    }

    /// A transaction of our own id whose inside is broken.
    async fn broken(&self, inside: &str) -> Result<Result<Answer, TransactError>, Stop> {
        let controller = self.controller()?;
        let id = controller.next_transaction();
        let octets = format!("{}Transaction={id}{{{inside}}}", self.header()?);
        Ok(controller.transact_octets(Some(id), octets.as_bytes()).await)
    }

    /// A transaction whose id cannot be read: the reply has id 0 (H.248.1 8.2.2).
    async fn broken_transaction(&self) -> Result<Result<Answer, TransactError>, Stop> {
        let octets = format!("{}Transaction=none{{Context=-{{AuditValue=ROOT{{Audit{{}}}}}}}}", self.header()?);
        Ok(self.controller()?.transact_octets(None, octets.as_bytes()).await)
    }

    /// The head of a message from the MGC.
    fn header(&self) -> Result<String, Stop> {
        let association = self.association.as_ref().ok_or_else(|| Stop::Harness("no association".into()))?;
        Ok(format!("MEGACO/2 {}\n", association.mgc().mid()))
    }

    /// `it is refused with error 411`
    pub(super) async fn refused_with(&mut self, words: Words) -> Done {
        let expected: u16 = words.at(0).parse().map_err(Stop::harness)?;
        let claim = "what cannot be done is refused with the error that says why";
        let (error, frames): (Option<ErrorDescriptor<'static>>, Vec<u32>) = match self.session.refusal.take() {
            Some(Ok(answer)) => (answer.error().cloned(), vec![answer.request_frame, answer.reply_frame]),
            Some(Err(TransactError::MessageError { error, request_frame, frame, .. })) => {
                (Some(error), vec![request_frame, frame])
            }
            Some(Err(error)) => return Err(self.transaction_failed(error)),
            None => return Err(Stop::Harness("nothing was asked yet".into())),
        };
        let outcome = match &error {
            Some(error) if error.code.0 == expected => Outcome::Met,
            Some(_) => Outcome::Deviates,
            None => Outcome::Missed,
        };
        let check = self.claim(claim, outcome);
        self.record(check.compare(format!("error {expected}"), error_text(error.as_ref())).from_frames(frames))
    }

    /// `the IMS-ALG adds one good termination and one that must be refused in one transaction`
    pub(super) async fn good_and_bad_add(&mut self, _: Words) -> Done {
        let bad = Command::Add(self.unknown_media());
        let actions = vec![ActionRequest::new(ContextId::Choose, vec![Command::Add(self.session.add(Side::B)), bad])];
        self.transact(actions).await.map(|_| ())
    }

    /// `the refused one is told by an error`
    pub(super) async fn bad_add_told(&mut self, _: Words) -> Done {
        let Some(answer) = self.session.last.clone() else { return Err(Stop::Harness("nothing was asked".into())) };
        let shown = error_text(answer.error());
        let granted = answer.commands().filter(|c| c.error().is_none()).count();
        let frames = [answer.request_frame, answer.reply_frame];
        let told = answer.error().is_some() && granted == 1;
        let shown = format!("{granted} granted, {shown}");
        self.check("the Add that fails is told by an error", told, "1 granted, and an error", shown, frames)?;
        self.session.context = answer.context().filter(|c| matches!(c, ContextId::Id(_)));
        Ok(())
    }

    /// `subtracting what was granted leaves no context`
    pub(super) async fn good_add_subtracted(&mut self, _: Words) -> Done {
        let Some(answer) = self.session.last.clone() else { return Err(Stop::Harness("nothing was asked".into())) };
        let Some(context) = self.session.context else {
            let claim = "the reply names the context";
            return self.check(claim, false, "a context id", "none", [answer.reply_frame]);
        };
        for reply in answer.commands().filter(|c| c.error().is_none()) {
            let Some(list) = reply.terminations().cloned() else { continue };
            let command = Command::Subtract(SubtractRequest { terminations: list, audit: None });
            self.transact(vec![ActionRequest::new(context, vec![command])]).await?;
        }
        self.session.context = Some(context);
        self.context_gone_now().await
    }

    async fn audit_now(
        &mut self,
        context: ContextId,
        termination: TerminationId<'static>,
        tokens: impl IntoIterator<Item = AuditToken>,
    ) -> Done {
        let audit = AuditRequest { terminations: termination.into(), audit: AuditDescriptor::of(tokens) };
        let answer = self.transact(vec![ActionRequest::new(context, vec![Command::AuditValue(audit)])]).await?;
        let frames = [answer.request_frame, answer.reply_frame];
        match only_reply(&answer) {
            Ok((_, CommandReply::AuditValue(AuditReply::Terminations(_, audit)))) => {
                self.session.audited = Some((audit.clone(), answer.reply_frame));
                Ok(())
            }
            Ok(_) => self.check("AuditValue is answered", false, "an AuditValue reply", "another reply", frames),
            Err(error) => {
                let shown = error_text(error);
                self.check("AuditValue is answered", false, "an AuditValue reply", shown, frames)
            }
        }
    }

    fn audited(&self) -> Result<(TerminationAudit<'static>, u32), Stop> {
        self.session.audited.clone().ok_or_else(|| Stop::Harness("nothing was audited yet".into()))
    }

    /// `the IMS-ALG audits the media of UE-A`
    pub(super) async fn audits_media(&mut self, words: Words) -> Done {
        let termination = self.session.granted(Side::named(words.at(0)))?.termination.clone();
        let context = self.session.context.unwrap_or(ContextId::Null);
        self.audit_now(context, termination, [AuditToken::Media]).await
    }

    /// `the audit shows the address, port and stream mode that were granted`
    pub(super) async fn audit_shows_grant(&mut self, _: Words) -> Done {
        let (audit, frame) = self.audited()?;
        let granted = self.session.granted(Side::A)?.clone();
        let parms = audit.media().and_then(|m| m.parms(STREAM)).cloned().unwrap_or_default();
        let local = parms.local.as_deref().and_then(|l| sdp::parse(l, Mode::H248).ok()?.into_iter().next());
        let address = local.as_ref().and_then(|l| {
            let stream = l.stream(0)?;
            Some(std::net::SocketAddr::new(stream.connection()?.ip()?, stream.media.port_number()?))
        });
        let mode = parms.local_control.and_then(|c| c.mode);
        self.check(
            "an audit shows what was granted",
            address == Some(granted.address) && mode == Some(StreamMode::SendReceive),
            format!("{}, SendReceive", granted.address),
            format!("{}, {mode:?}", address.map_or_else(|| "no address".to_owned(), |a| a.to_string())),
            [granted.frame, frame],
        )
    }

    /// `the IMS-ALG audits the packages of ROOT`
    pub(super) async fn audits_packages(&mut self, _: Words) -> Done {
        self.audit_now(ContextId::Null, TerminationId::Root, [AuditToken::Packages]).await
    }

    /// `the audit lists the packages g, root and nt`
    pub(super) async fn audit_lists(&mut self, words: Words) -> Done {
        let (audit, frame) = self.audited()?;
        let listed: Vec<String> =
            audit.packages().into_iter().flatten().map(|p| p.name.to_string().to_ascii_lowercase()).collect();
        let wanted: Vec<String> =
            words.at(0).replace(" and ", ", ").split(", ").map(|name| name.trim().to_ascii_lowercase()).collect();
        let all = wanted.iter().all(|w| listed.contains(w));
        self.check("the packages are listed", all, wanted.join(", "), listed.join(", "), [frame])
    }

    /// `the statistics of UE-A count the octets UE-A sent and received`
    pub(super) async fn statistics_count(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let termination = self.session.granted(side)?.termination.clone();
        let Some(answer) = self.session.last.clone() else { return Err(Stop::Harness("nothing was asked".into())) };
        let statistic = |name: &str| -> Option<u64> {
            let reply = answer.commands().find_map(|c| match c {
                CommandReply::Subtract(r) if *r.terminations.first() == termination => Some(r),
                _ => None,
            })?;
            let found = reply.audit.statistics()?.0.iter().find(|s| s.name.is(name))?;
            found.values.first()?.as_integer()?.try_into().ok()
        };
        let found = [statistic("nt/or"), statistic("nt/os")];
        let peer = self.session.peer(side)?.msrp()?;
        let expected = [peer.sent_octets().len() as u64, peer.received_octets().len() as u64];
        let shown = |or: Option<u64>, os: Option<u64>| {
            let text = |n: Option<u64>| n.map_or_else(|| "none".to_owned(), |n| n.to_string());
            format!("nt/or {}, nt/os {}", text(or), text(os))
        };
        self.check(
            "the statistics are the octets on the wire",
            found == expected.map(Some),
            shown(Some(expected[0]), Some(expected[1])),
            shown(found[0], found[1]),
            [answer.request_frame, answer.reply_frame],
        )
    }

    /// `the MGC is killed`
    pub(super) async fn mgc_killed(&mut self, _: Words) -> Done {
        let association = self.association.clone().ok_or_else(|| Stop::Harness("no association".into()))?;
        association.mgc().kill().await;
        Ok(())
    }

    /// `a new MGC takes the place of the old one`
    pub(super) async fn mgc_replaced(&mut self, _: Words) -> Done {
        let association = self.association.clone().ok_or_else(|| Stop::Harness("no association".into()))?;
        association.mgc().revive().await?;
        Ok(())
    }

    /// The context of the session answers 411.
    pub(super) async fn context_gone_now(&mut self) -> Done {
        let context = self.session.context.unwrap_or(ContextId::Null);
        let audit =
            AuditRequest { terminations: TerminationId::All.into(), audit: AuditDescriptor::of([AuditToken::Media]) };
        let answer = self.transact(vec![ActionRequest::new(context, vec![Command::AuditValue(audit)])]).await?;
        let error = answer.error().cloned();
        let found = match &answer.reply.result {
            TransactionResult::Actions(_) if error.is_none() => "the context".to_owned(),
            _ => error_text(error.as_ref()),
        };
        // 431, no termination matches, says as much: nothing is left in it.
        let outcome = match error.map(|e| e.code.0) {
            Some(411) => Outcome::Met,
            Some(431) => Outcome::Deviates,
            _ => Outcome::Missed,
        };
        let check = Check {
            clause: "H.248.1 6.1".into(),
            level: Level::Shall,
            ..self.claim("a context ends with its last termination", outcome)
        };
        let frames = [answer.request_frame, answer.reply_frame];
        self.record(check.compare("error 411", found).from_frames(frames))
    }
}
