//! Subtract, H.248.1 7.2.3: the termination goes, and with the last one its context.

use crate::{
    gateway::{
        context::Place,
        control::{Gateway, Purpose},
        stream::{Refusal, refusal_of},
    },
    wire::h248::{AuditDescriptor, AuditReturnParameter, ErrorCode, TerminationAudit, TerminationId},
};
use std::time::Instant;

impl Gateway {
    /// Statistics are returned unless the MGC asks for something else, or with `Audit{}` for nothing.
    pub(super) fn subtract(
        &mut self,
        now: Instant,
        place: &Place,
        asked: Option<&AuditDescriptor<'_>>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        let termination = self.contexts.termination(place);
        let termination = termination.ok_or_else(|| refusal_of(ErrorCode::UNKNOWN_TERMINATION, &place.termination))?;
        let audit = match asked {
            Some(asked) => termination.audit(now, asked, self.contexts.config.interface.profile()),
            None => TerminationAudit(vec![AuditReturnParameter::Statistics(termination.statistics(now))]),
        };
        if self.contexts.policy.subtract_releases() {
            self.contexts.remove(place);
            self.requests.withdraw(|purpose| *purpose == Purpose::Notify(place.termination.clone()));
        }
        Ok((TerminationId::Path(place.termination.clone()), audit))
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{
        LegCommand, Policy,
        testing::{Bench, config},
    };
    use std::{sync::Arc, time::Duration};

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    #[test]
    fn the_statistics_come_back_and_all_is_released() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, "");
        let Some((_, LegCommand::Open { counters, .. })) = bench.bearer().pop() else { panic!("a leg") };
        counters.add_sent(5);
        counters.add_received(7);
        bench.wait(Duration::from_millis(1500));
        assert_eq!(bench.say("C=1{S=ip/access/1}"), "{C=1{S=ip/access/1{SA{nt/dur=1500,nt/os=5,nt/or=7,gm/dp=0}}}}");
        assert!(matches!(bench.bearer()[..], [(_, LegCommand::Release { .. })]));
        assert_eq!(bench.counts(), (0, 0));
        assert_eq!(bench.error("C=1{S=ip/access/1}"), 411);
    }

    #[test]
    fn an_empty_audit_asks_for_no_statistics() {
        let mut bench = Bench::new();
        bench.say("C=${A=$,A=$}");
        assert_eq!(bench.say("C=1{S=ip/access/1{AT{}}}"), "{C=1{S=ip/access/1}}");
        assert_eq!(bench.counts(), (1, 1));
        assert!(bench.say("C=1{S=*{AT{SA}}}").contains("nt/os=0"));
    }

    #[test]
    fn wildcards_subtract_within_a_context_and_across_all() {
        let mut bench = Bench::new();
        for _ in 0..3 {
            bench.say("C=${A=$,A=$}");
        }
        assert_eq!(bench.say("C=2{W-S=*}"), "{C=2{S=*}}");
        assert_eq!(bench.counts(), (2, 4));
        let reply = bench.say("C=*{S=*{AT{}}}");
        assert_eq!(reply, "{C=1{S=ip/access/1,S=ip/access/2},C=3{S=ip/access/5,S=ip/access/6}}");
        assert_eq!((bench.counts(), bench.error("C=*{S=*}")), ((0, 0), 431));
    }

    #[test]
    fn each_wrong_subtract_is_refused_by_its_code() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        for (code, actions) in [
            (410, "C=1{S=ROOT}"),
            (410, "C=1{S=$}"),
            (411, "C=2{S=*}"),
            (430, "C=1{S=ip/access/2}"),
            (430, "C=-{S=ip/access/2}"),
            (435, "C=-{S=ip/access/1}"),
            (431, "C=-{S=*}"),
        ] {
            assert_eq!(bench.error(actions), code, "{actions}");
        }
    }

    #[test]
    fn a_transaction_goes_through_so_many_terminations_and_no_more() {
        let mut limited = config();
        limited.limits.terminations_per_transaction = 5;
        let mut bench = Bench::with(limited, Arc::new(crate::gateway::Reference));
        bench.say("C=${A=$,A=$}");
        let audit = "W-AV=*{AT{}}";
        assert_eq!(bench.error(&format!("C=*{{{audit},{audit}}}")), 0);
        assert_eq!(bench.error(&format!("C=*{{{audit},{audit},{audit}}}")), 533);
    }

    #[derive(Debug)]
    struct Keeper;

    impl Policy for Keeper {
        fn subtract_releases(&self) -> bool {
            false
        }
    }

    #[test]
    fn a_policy_may_keep_what_was_subtracted() {
        let mut bench = Bench::with(config(), Arc::new(Keeper));
        bench.say("C=${A=$}");
        assert_eq!(bench.error("C=1{S=ip/access/1}"), 0);
        assert_eq!(bench.counts(), (1, 1));
    }
}
