//! Modify, H.248.1 7.2.2: what is said replaces, what is not stays.

use crate::{
    gateway::{
        context::Place,
        control::{Gateway, Peer},
        event::Rules,
        stream::{Refusal, refusal, refusal_of},
    },
    wire::h248::{
        AmmRequest, AuditReturnParameter, ErrorCode, MediaDescriptor, Streams, TerminationAudit, TerminationId,
        TerminationStateDescriptor,
    },
};
use std::time::Instant;

impl Gateway {
    pub(super) fn modify(
        &mut self,
        now: Instant,
        peer: Peer,
        place: &Place,
        request: &AmmRequest<'_>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        // A copy, so that a Modify that fails halfway has not happened.
        let termination = self.contexts.termination(place).cloned();
        let termination = termination.ok_or_else(|| refusal_of(ErrorCode::UNKNOWN_TERMINATION, &place.termination))?;
        let audit = self.contexts.apply(now, peer, place.context, termination, request)?;
        Ok((TerminationId::Path(place.termination.clone()), audit))
    }

    /// ROOT has no streams and no events of its own; its properties are the gateway's (H.248.1 E.2).
    pub(super) fn modify_root(
        &mut self,
        now: Instant,
        peer: Peer,
        request: &AmmRequest<'_>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        let profile = self.contexts.config.interface.profile();
        if request.media.as_ref().is_some_and(|media| media.streams != Streams::default()) {
            return Err(refusal_of(ErrorCode::DESCRIPTOR_NOT_LEGAL, "Stream"));
        }
        Rules { profile, root: true }.amm(request)?;
        if request.modem.is_some() || request.mux.is_some() || request.digit_map.is_some() {
            return Err(refusal(ErrorCode::UNKNOWN_DESCRIPTOR));
        }
        let mut root = self.contexts.root.clone();
        let mut chosen = Vec::new();
        if let Some(state) = request.media.as_ref().and_then(|media| media.termination_state.as_ref()) {
            chosen = root.take(profile, &state.properties)?;
        }
        self.contexts.root = root;
        self.apply_root_events(now, peer, request);
        let mut audit = TerminationAudit::default();
        if !chosen.is_empty() {
            let state = TerminationStateDescriptor { properties: chosen, ..TerminationStateDescriptor::default() };
            let media = MediaDescriptor { termination_state: Some(state), streams: Streams::default() };
            audit.0.push(AuditReturnParameter::Media(media));
        }
        audit.0.extend(request.audit.iter().flat_map(|asked| self.audit_root(asked).0));
        Ok((TerminationId::Root, audit))
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::testing::Bench;

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    #[test]
    fn what_is_not_said_stays_and_nothing_is_reported() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR,ipdc/realm=\"core\"", LOCAL, "");
        assert_eq!(bench.say("C=1{MF=ip/core/1{M{ST=1{O{MO=RC}}}}}"), "{C=1{MF=ip/core/1}}");
        let audit = bench.say("C=1{AV=ip/core/1{AT{M}}}");
        assert!(audit.contains("MO=RC") && audit.contains("c=IN IP4 192.0.2.2\nm=message 10000 TCP *"), "{audit}");
    }

    #[test]
    fn a_modify_that_fails_halfway_has_not_happened() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, "");
        let before = bench.say("C=1{AV=ip/access/1{AT{M}}}");
        bench.bearer();
        let ports = bench.ports.lock().unwrap().len();
        let bad = format!("C=1{{MF=ip/access/1{{M{{ST=1{{O{{MO=IN}}}},ST=2{{L{{{LOCAL}}}}},ST=3{{O{{MO=LB}}}}}}}}}}");
        assert_eq!(bench.error(&bad), 517);
        assert!(bench.bearer().is_empty());
        assert_eq!(bench.say("C=1{AV=ip/access/1{AT{M}}}"), before);
        assert_eq!(bench.ports.lock().unwrap().len(), ports);
    }

    #[test]
    fn each_wrong_modify_is_refused_by_its_code() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        bench.say("C=${A=$}");
        for (code, actions) in [
            (411, "C=7{MF=ip/access/1}"),
            (430, "C=1{MF=ip/access/9}"),
            (435, "C=1{MF=ip/access/2}"),
            (435, "C=-{MF=ip/access/2}"),
            (431, "C=1{MF=ip/core/*}"),
            (410, "C=1{MF=$}"),
            (421, "C=${MF=ip/access/1}"),
            (534, "C=-{MF=ROOT{M{TS{root/maxNumberOfContexts=1}}}}"),
            (447, "C=-{MF=ROOT{M{O{MO=SR}}}}"),
            (512, "C=-{MF=ROOT{E=1{g/cause}}}"),
            (455, "C=1{MF=ip/access/1{M{TS{nt/jit=1}}}}"),
            (449, "C=1{MF=ip/access/1{M{O{nt/jit=-1}}}}"),
            (449, "C=-{MF=ROOT{M{TS{root/normalMGExecutionTime=x}}}}"),
            (450, "C=-{MF=ROOT{M{TS{root/nosuch=1}}}}"),
        ] {
            assert_eq!(bench.error(actions), code, "{actions}");
        }
    }

    #[test]
    fn a_wildcard_modifies_all_it_matches() {
        let mut bench = Bench::new();
        bench.say("C=${A=$,A=ip/core/$}");
        assert_eq!(bench.say("C=1{MF=*}"), "{C=1{MF=ip/access/1,MF=ip/core/2}}");
        assert_eq!(bench.say("C=1{W-MF=ip/*}"), "{C=1{MF=ip/*}}");
        assert_eq!(bench.say("C=*{MF=ip/core/*}"), "{C=1{MF=ip/core/2}}");
    }

    #[test]
    fn an_optional_command_may_fail_and_an_other_stops_the_transaction() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        let went_on = bench.say("C=1{O-MF=ip/x/9,MF=ip/access/1}");
        assert!(went_on.contains("ER=430") && went_on.contains("MF=ip/access/1"), "{went_on}");
        let stopped = bench.say("C=1{MF=ip/x/9,MF=ip/access/1},C=1{MF=ip/access/1}");
        assert!(stopped.contains("ER=430") && !stopped.contains("ip/access/1"), "{stopped}");
    }

    #[test]
    fn a_stream_goes_when_local_and_remote_are_emptied() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, "");
        bench.say(&format!("C=1{{MF=ip/access/1{{M{{ST=2{{L{{{LOCAL}}}}}}}}}}}"));
        assert_eq!(bench.error("C=1{MF=ip/access/1{M{ST=1{L{},R{}}}}}"), 0);
        let audit = bench.say("C=1{AV=ip/access/1{AT{M}}}");
        assert!(!audit.contains("ST=1{") && audit.contains("ST=2{"), "{audit}");
    }

    #[test]
    fn too_many_commands_are_refused_before_the_first_is_carried_out() {
        let mut bench = Bench::new();
        let many = vec!["A=$"; 10_000].join(",");
        assert_eq!(bench.error(&format!("C=${{{many}}}")), 510);
        assert_eq!(bench.counts(), (0, 0));
    }

    /// What a Modify may say, right or wrong.
    const PARTS: [&str; 9] = [
        "M{ST=1{O{MO=IN,nt/jit=7}}}",
        "M{ST=1{R{v=0\nc=IN IP4 192.0.2.77\nm=message 7777 TCP *\n}}}",
        "M{TS{SI=TE},ST=1{O{MO=RC}}}",
        "M{ST=1{L{},R{}}}",
        "M{ST=2{L{v=0\nc=IN IP4 $\nm=message $ TCP *\n}}}",
        "M{TS{SI=OS,BF=SP},ST=1{O{MO=SO}},ST=2{L{c=IN IP4 $\nm=audio $ RTP/AVP 0\n}}}",
        "M{ST=1{O{MO=SO,ipdc/realm=\"core\"}}}",
        "M{ST=1{O{MO=SR}},ST=3{L{v=0\nc=IN IP4 $\nm=message $ TCP *\n}},ST=4{O{MO=LB}}}",
        "E=9{g/cause},DM=map",
    ];

    proptest::proptest! {
        #[test]
        fn a_command_that_fails_leaves_every_audit_as_it_was(
            parts in proptest::collection::vec(0..PARTS.len(), 1..12)
        ) {
            let mut bench = Bench::new();
            bench.add("$", "MO=SR", LOCAL, "");
            for part in parts {
                const AUDIT: &str = "C=1{AV=ip/access/1{AT{M,E,SG,SA,OE,EB}}}";
                let (before, ports) = (bench.say(AUDIT), bench.ports.lock().unwrap().clone());
                bench.bearer();
                if bench.error(&format!("C=1{{MF=ip/access/1{{{}}}}}", PARTS[part])) != 0 {
                    proptest::prop_assert_eq!(bench.say(AUDIT), before);
                    proptest::prop_assert_eq!(&*bench.ports.lock().unwrap(), &ports);
                    proptest::prop_assert!(bench.bearer().is_empty());
                }
            }
        }
    }
}
