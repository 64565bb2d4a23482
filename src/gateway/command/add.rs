//! Add, H.248.1 7.2.1: a new termination, in a new context if need be.

use super::{super::termination, Scope};
use crate::{
    gateway::{
        control::{Gateway, Peer},
        stream::{Refusal, refusal, refusal_of},
        termination::Termination,
    },
    wire::h248::{AmmRequest, ErrorCode, TerminationAudit, TerminationId, Value},
};
use std::time::Instant;

impl Gateway {
    pub(super) fn add(
        &mut self,
        now: Instant,
        peer: Peer,
        scope: &mut Scope,
        id: &TerminationId<'_>,
        request: &AmmRequest<'_>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        let realm = self.realm_of(id, request)?;
        let context = self.context_for_one_more(scope)?;
        let name = self.contexts.new_name(&realm);
        let termination = Termination::new(now, name.clone(), realm);
        let audit = self.contexts.apply(now, peer, context, termination, request)?;
        if let Scope::New(made) = scope {
            *made = Some(context);
        }
        Ok((TerminationId::Path(name), audit))
    }

    /// The realm a new termination is named for: `ip/REALM/$` says it, else the first stream that names one, else the default.
    fn realm_of(&self, id: &TerminationId<'_>, request: &AmmRequest<'_>) -> Result<String, Refusal> {
        let realms = &self.contexts.config.realms;
        let unknown = || refusal_of(ErrorCode::UNKNOWN_TERMINATION, id.as_str());
        let parts: Vec<_> = id.as_str().split('/').collect();
        let named = match parts.as_slice() {
            ["$"] => None,
            [ip, "$"] | [ip, "$", "$"] if ip.eq_ignore_ascii_case("ip") => None,
            [ip, realm, "$"] if ip.eq_ignore_ascii_case("ip") => {
                Some(realms.iter().find(|known| known.eq_ignore_ascii_case(realm)).ok_or_else(unknown)?)
            }
            _ => return Err(unknown()),
        };
        let property = || {
            let controls = termination::streams(request).filter_map(|(_, parms)| parms.local_control.as_ref());
            let mut properties = controls.flat_map(|control| &control.properties);
            let value = properties.find(|p| p.name.is("ipdc/realm"))?.value.single().map(Value::as_str)?;
            realms.iter().find(|known| known.eq_ignore_ascii_case(value))
        };
        let realm = named.or_else(property).or_else(|| realms.first());
        realm.cloned().ok_or_else(|| refusal(ErrorCode::INSUFFICIENT_RESOURCES))
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{
        Interface, LegCommand, Limits, Reference,
        testing::{Bench, config},
    };
    use std::sync::Arc;

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP/TLS/MSRP *\na=setup:passive\na=fingerprint:sha-256 $\n";
    const PLAIN: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    #[test]
    fn every_choice_is_made_and_reported_and_nothing_else() {
        let mut bench = Bench::new();
        let reply = bench.add("$", "MO=SR,ipdc/realm=\"access\"", LOCAL, "");
        let start = "{C=1{A=ip/access/1{M{ST=1{L{v=0\nc=IN IP4 192.0.2.1\nm=message 10000 TCP/TLS/MSRP *\na=setup:passive\na=fingerprint:sha-256 ";
        assert!(reply.starts_with(start), "{reply}");
        assert!(!reply.contains('$') && !reply.contains("MO=") && !reply.contains("SA{"), "{reply}");
        assert_eq!(bench.counts(), (1, 1));
    }

    #[test]
    fn a_stream_without_a_number_is_answered_without_one() {
        let mut bench = Bench::new();
        let reply = bench.say(&format!("C=${{A=${{M{{O{{MO=IN}},L{{{PLAIN}}}}}}}}}"));
        assert!(reply.starts_with("{C=1{A=ip/access/1{M{L{v=0\n"), "{reply}");
    }

    #[test]
    fn the_realm_follows_from_name_then_property_then_default() {
        let mut bench = Bench::new();
        assert!(bench.add("$", "MO=IN,ipdc/realm=\"CORE\"", PLAIN, "").contains("A=ip/core/1{"));
        assert!(bench.say(&format!("C=1{{A=ip/core/${{M{{L{{{PLAIN}}}}}}}}}")).contains("c=IN IP4 192.0.2.2"));
        assert!(bench.add("1", "MO=IN", PLAIN, "").contains("A=ip/access/3{"));
        assert_eq!(bench.error(&format!("C=1{{A=ip/moon/${{M{{L{{{PLAIN}}}}}}}}}")), 430);
    }

    #[test]
    fn two_legs_of_one_stream_share_a_relay() {
        let mut bench = Bench::new();
        bench.say(&format!(
            "C=${{A=${{M{{ST=1{{L{{{PLAIN}}}}}}}}},A=${{M{{ST=1{{L{{{PLAIN}}}}},ST=2{{L{{{PLAIN}}}}}}}}}}}"
        ));
        let relays: Vec<_> = bench.bearer().iter().map(|(relay, _)| relay.0).collect();
        assert_eq!(relays, [1, 1, 2]);
        bench.say(&format!("C=${{A=${{M{{ST=1{{L{{{PLAIN}}}}}}}}}}}"));
        assert_eq!(bench.bearer()[0].0.0, 3);
    }

    #[test]
    fn a_failed_add_leaves_nothing() {
        let mut bench = Bench::new();
        // Stream 1 could be granted, stream 2 cannot.
        let streams = format!("ST=1{{L{{{PLAIN}}}}},ST=2{{L{{c=IN IP4 $\nm=audio $ RTP/AVP 0\n}}}}");
        assert_eq!(bench.error(&format!("C=${{A=${{M{{{streams}}}}}}}")), 515);
        assert_eq!(bench.counts(), (0, 0));
        assert!(bench.ports.lock().unwrap().is_empty() && bench.bearer().is_empty());
    }

    #[test]
    fn what_was_added_before_a_failure_stays() {
        let mut bench = Bench::new();
        let good = format!("A=${{M{{L{{{PLAIN}}}}}}}");
        let reply = bench.say(&format!("C=${{{good},A=${{M{{L{{c=IN IP4 $\nm=audio $ RTP/AVP 0\n}}}}}},{good}}}"));
        assert!(reply.starts_with("{C=1{A=ip/access/1{") && reply.contains("ER=515{"), "{reply}");
        assert_eq!(bench.counts(), (1, 1));
    }

    #[test]
    fn each_wrong_add_is_refused_by_its_code() {
        let mut bench = Bench::new();
        bench.add("$", "MO=IN", PLAIN, "");
        let with = |control: &str, local: &str| format!("C=1{{A=${{M{{O{{{control}}},L{{{local}}}}}}}}}");
        for (code, actions) in [
            (410, "C=${A=ROOT}".to_owned()),
            (411, "C=99{A=$}".into()),
            (421, "C=-{A=$}".into()),
            (421, "C=*{A=$}".into()),
            (430, "C=1{A=tdm/1}".into()),
            (433, "C=1{A=ip/access/1}".into()),
            (440, with("nosuch/thing=1", PLAIN)),
            (441, "C=1{A=${M{R{c=IN IP4 192.0.2.7\nm=message 9 TCP *\n}}}}".into()),
            (444, "C=1{A=${DM=map}}".into()),
            (450, with("ipdc/nosuch=1", PLAIN)),
            (449, with("ipdc/realm=\"moon\"", PLAIN)),
            (449, with("ipdc/realm=\"core\"", "c=IN IP6 $\nm=message $ TCP *\n")),
            (449, with("tlsbsc/role=peer", PLAIN)),
            (456, with("ipdc/realm=\"core\",ipdc/realm=\"core\"", PLAIN)),
            (440, "C=1{A=${E=1{nosuch/ev}}}".into()),
            (451, "C=1{A=${E=1{g/nosuch}}}".into()),
            (440, "C=1{A=${SG{nosuch/sig}}}".into()),
            (452, "C=1{A=${SG{g/nosuch}}}".into()),
            (472, with("MO=IN", "v=0\nc=IN IP4 $\n")),
            (474, with("MO=IN", "nonsense")),
            (515, with("MO=IN", "c=IN IP4 $\nm=message $ TCP/NOSUCH *\n")),
            (517, with("MO=LB", PLAIN)),
            (410, "C=1{TP{ip/access/1,ip/access/1,BW},A=$}".into()),
        ] {
            assert_eq!(bench.error(&actions), code, "{actions}");
        }
        assert!(bench.say(&with("ipdc/realm=\"moon\"", PLAIN)).contains("ER=449{\"moon\"}"));
        assert_eq!((bench.counts(), bench.ports.lock().unwrap().len()), ((1, 1), 1));
    }

    #[test]
    fn a_trgw_ends_no_tls() {
        let mut ix = config();
        ix.interface = Interface::Ix;
        let mut bench = Bench::with(ix, Arc::new(Reference));
        let with = |local: &str| format!("C=${{A=${{M{{L{{{local}}}}}}}}}");
        assert_eq!((bench.error(&with(LOCAL)), bench.error(&with(PLAIN))), (515, 0));
        assert_eq!(bench.error("C=${A=${M{O{tlsbsc/role=client}}}}"), 440);
    }

    #[test]
    fn limits_are_refused_by_their_codes() {
        let mut limited = config();
        limited.limits = Limits { contexts: 2, terminations_per_context: 2, ..Limits::default() };
        let mut bench = Bench::with(limited, Arc::new(Reference));
        assert_eq!(bench.error("C=${A=$,A=$,A=$}"), 434);
        assert_eq!(bench.error("C=${A=$}"), 0);
        assert_eq!(bench.error("C=${A=$}"), 412);
        assert_eq!(bench.counts(), (2, 3));
        let mut bench = Bench::new();
        for _ in 0..100 {
            bench.add("$", "MO=IN", PLAIN, "");
        }
        assert_eq!(bench.error(&format!("C=${{A=${{M{{L{{{PLAIN}}}}}}}}}")), 510);
    }

    #[test]
    fn the_first_alternative_that_can_be_granted_is() {
        let mut bench = Bench::new();
        let local = "v=0\nc=IN IP4 $\nm=audio $ RTP/AVP 0\nv=0\nc=IN IP4 $\nm=message $ TCP/MSRP *\n";
        assert!(bench.add("$", "MO=IN", local, "").contains("m=message 10000 TCP/MSRP *"));
        assert!(matches!(bench.bearer()[..], [(_, LegCommand::Open { .. })]));
    }
}
