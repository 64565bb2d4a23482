//! Move, H.248.1 7.2.4: a termination goes to another context with all it has, changed on the way as by Modify.
//!
//! TS 29.334 5.6 leaves Move out of its profiles; this gateway has it nevertheless. Its bearers go along as they are, established
//! or not: address, peer, TLS session and octets that wait.

use super::Scope;
use crate::{
    gateway::{
        bearer::LegCommand,
        context::{Changes, Place},
        control::{Gateway, Peer},
        stream::{Refusal, refusal, refusal_of},
    },
    wire::h248::{AmmRequest, ErrorCode, TerminationAudit, TerminationId},
};
use std::time::Instant;

impl Gateway {
    pub(super) fn relocate(
        &mut self,
        now: Instant,
        peer: Peer,
        scope: &mut Scope,
        place: &Place,
        request: &AmmRequest<'_>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        let context = self.context_for_one_more(scope)?;
        if context == place.context {
            return Err(refusal_of(ErrorCode::TERMINATION_ALREADY_IN_CONTEXT, &place.termination));
        }
        // A copy: until the command has succeeded the termination stays where it is.
        let termination = self.contexts.termination(place).cloned();
        let mut termination =
            termination.ok_or_else(|| refusal_of(ErrorCode::UNKNOWN_TERMINATION, &place.termination))?;
        let mut changes = Changes::default();
        for (stream_id, stream) in &mut termination.streams {
            if let Some(leg) = &mut stream.leg {
                let to = self.contexts.relay(context, *stream_id);
                changes.command(leg.relay, LegCommand::Move { leg: leg.id, to });
                leg.relay = to;
            }
        }
        let applied = self.contexts.prepare(now, peer, context, termination, changes, request)?;
        self.contexts.take_out(place);
        let audit = self.contexts.keep_applied(context, applied);
        if let Scope::New(made) = scope {
            *made = Some(context);
        }
        Ok((TerminationId::Path(place.termination.clone()), audit))
    }

    /// The context that a termination is to come into, made or not. 412, 434.
    pub(super) fn context_for_one_more(&mut self, scope: &Scope) -> Result<u32, Refusal> {
        let limits = self.contexts.config.limits;
        let present = match scope {
            Scope::One(id) | Scope::New(Some(id)) => Some(*id),
            _ => None,
        };
        match present.and_then(|id| Some((id, self.contexts.by_id.get(&id)?))) {
            Some((_, context)) if context.terminations.len() >= limits.terminations_per_context => {
                Err(refusal(ErrorCode::TOO_MANY_TERMINATIONS))
            }
            Some((id, _)) => Ok(id),
            None if self.contexts.by_id.len() >= limits.contexts => Err(refusal(ErrorCode::NO_CONTEXTS_AVAILABLE)),
            // Of an action that took the context's last termination away, the id stays good to its end.
            None => Ok(present.unwrap_or_else(|| self.contexts.new_id())),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{BearerEvent, BearerState, FailureCause, LegCommand, testing::Bench};

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";
    const AUDIT: &str = "AT{M,E,SG,SA,OE,EB}";

    /// Contexts 1 with terminations 1 and 2, and 2 with 3: each with a bearer.
    fn bench() -> Bench {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, ",E=7{g/cause}");
        bench.add("1", "MO=SR", LOCAL, "");
        bench.add("$", "MO=SR", LOCAL, "");
        bench
    }

    fn holds(bench: &mut Bench, context: u32) -> String {
        bench.say(&format!("C={context}{{AV=*{{AT{{}}}}}}"))
    }

    #[test]
    fn move_takes_the_bearer_along_and_changes_nothing() {
        let mut bench = bench();
        let opened: Vec<_> = bench.bearer();
        let before = bench.say(&format!("C=1{{AV=ip/access/1{{{AUDIT}}}}}"));
        let ports = bench.ports.lock().unwrap().clone();
        assert_eq!(bench.say("C=2{MV=ip/access/1}"), "{C=2{MV=ip/access/1}}");
        let commands = bench.bearer();
        let [(from, LegCommand::Move { leg, to })] = &commands[..] else { panic!("one move: {commands:?}") };
        assert_eq!((*from, *to), (opened[0].0, opened[2].0));
        assert!(matches!(&opened[0].1, LegCommand::Open { leg: first, .. } if first == leg));
        assert_eq!(bench.say(&format!("C=2{{AV=ip/access/1{{{AUDIT}}}}}")), before.replace("C=1", "C=2"));
        assert_eq!(*bench.ports.lock().unwrap(), ports);
        assert_eq!(holds(&mut bench, 1), "{C=1{AV=ip/access/2}}");
        assert_eq!(bench.counts(), (2, 3));
    }

    #[test]
    fn a_moved_bearer_reports_whatever_relay_says_it() {
        let mut bench = bench();
        let (relay, leg) = (bench.commands[0].0, crate::gateway::LegId(1));
        bench.say("C=2{MV=ip/access/1}");
        bench.report(relay, BearerEvent::Established { leg, state: BearerState::TcpEstablished });
        assert_eq!(bench.gateway.bearer_state(leg), Some(BearerState::TcpEstablished));
        let told = bench.report(relay, BearerEvent::Ended { leg, cause: FailureCause::TcpReset });
        assert!(told.iter().any(|text| text.contains("C=2{") && text.contains("g/cause")), "{told:?}");
    }

    #[test]
    fn a_context_goes_with_its_last_termination_and_choose_makes_one() {
        let mut bench = bench();
        assert_eq!(bench.say("C=1{MV=ip/access/3}"), "{C=1{MV=ip/access/3}}");
        assert_eq!((bench.counts(), bench.error("C=2{AV=*}")), ((1, 3), 411));
        assert_eq!(bench.say("C=${MV=ip/access/1}"), "{C=3{MV=ip/access/1}}");
        assert_eq!(holds(&mut bench, 1), "{C=1{AV=ip/access/2,AV=ip/access/3}}");
        assert_eq!(bench.say("C=3{MV=*}"), "{C=3{MV=ip/access/2,MV=ip/access/3}}");
        assert_eq!(bench.counts(), (1, 3));
    }

    #[test]
    fn there_and_back_leaves_all_as_it_was() {
        let mut bench = bench();
        let before = bench.say(&format!("C=2{{AV=*{{{AUDIT}}}}}"));
        assert_eq!(bench.error("C=1{MV=ip/access/3},C=${MV=ip/access/3}"), 0);
        assert_eq!(bench.say(&format!("C=3{{AV=*{{{AUDIT}}}}}")), before.replace("C=2", "C=3"));
        bench.say("C=*{W-S=*{AT{}}}");
        assert_eq!(bench.counts(), (0, 0));
        let released = bench.bearer().iter().filter(|(_, c)| matches!(c, LegCommand::Release { .. })).count();
        assert_eq!(released, 3);
    }

    #[test]
    fn what_a_move_says_is_changed_on_the_way() {
        let mut bench = bench();
        assert_eq!(bench.error(&format!("C=2{{MV=ip/access/1{{M{{ST=1{{O{{MO=RC}}}},ST=2{{L{{{LOCAL}}}}}}}}}}}")), 0);
        let audit = bench.say("C=2{AV=ip/access/1{AT{M}}}");
        assert!(audit.contains("MO=RC") && audit.contains("ST=2{"), "{audit}");
        let commands = bench.bearer();
        let [.., (_, LegCommand::Move { to, .. }), (updated, LegCommand::Update { .. }), (_, LegCommand::Open { .. })] =
            &commands[..]
        else {
            panic!("{commands:?}")
        };
        assert_eq!(to, updated, "the new relay is told");
    }

    #[test]
    fn a_move_that_fails_halfway_has_not_happened() {
        let mut bench = bench();
        let audits = |bench: &mut Bench| bench.say(&format!("C=*{{AV=*{{{AUDIT}}}}}"));
        let (before, ports) = (audits(&mut bench), bench.ports.lock().unwrap().clone());
        bench.bearer();
        for context in ["2", "$"] {
            let bad = format!("M{{ST=1{{O{{MO=IN}}}},ST=2{{L{{{LOCAL}}}}},ST=3{{O{{MO=LB}}}}}}");
            assert_eq!(bench.error(&format!("C={context}{{MV=ip/access/1{{{bad}}}}}")), 517);
            assert!(bench.bearer().is_empty());
            assert_eq!(audits(&mut bench), before);
            assert_eq!(*bench.ports.lock().unwrap(), ports);
        }
        assert_eq!(bench.error("C=2{MV=ip/access/1}"), 0);
    }

    #[test]
    fn each_wrong_move_is_refused_by_its_code() {
        let mut bench = bench();
        for (code, actions) in [
            (410, "C=1{MV=ROOT}"),
            (410, "C=1{MV=$}"),
            (411, "C=7{MV=ip/access/1}"),
            (421, "C=-{MV=ip/access/1}"),
            (421, "C=*{MV=ip/access/1}"),
            (430, "C=1{MV=ip/access/9}"),
            (431, "C=1{MV=ip/core/*}"),
            (433, "C=1{MV=ip/access/1}"),
            (440, "C=1{MV=ip/access/3{M{ST=1{O{nosuch/x=1}}}}}"),
        ] {
            assert_eq!(bench.error(actions), code, "{actions}");
        }
        assert_eq!(holds(&mut bench, 2), "{C=2{AV=ip/access/3}}");
    }
}
