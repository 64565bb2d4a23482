//! Notify: telling the MGC what was observed, one at a time for each termination (H.248.1 annex D.1.4).

use super::{
    context::Place,
    control::{Gateway, Purpose},
};
use crate::wire::h248::{
    ActionRequest, Command, ContextId, Name, NotifyRequest, ObservedEventsDescriptor, TerminationId,
};
use std::time::Instant;

impl Gateway {
    /// Sends what was observed at a termination, unless a Notify from it is still on its way.
    pub(super) fn notify(&mut self, now: Instant, place: &Place) {
        let context = self.contexts.by_id.get_mut(&place.context);
        let Some(termination) = context.and_then(|context| context.termination_mut(&place.termination)) else { return };
        let Some(request_id) = termination.events.request_id.filter(|_| !termination.observed.is_empty()) else {
            return;
        };
        if termination.notifying {
            return;
        }
        termination.notifying = true;
        let audience = termination.audience;
        let request = NotifyRequest {
            terminations: TerminationId::Path(place.termination.clone()).into(),
            observed_events: ObservedEventsDescriptor { request_id, events: termination.observed.drain(..).collect() },
            error: None,
        };
        let action = ActionRequest::new(ContextId::Id(place.context), vec![Command::Notify(request)]);
        self.send_request(now, audience, Purpose::Notify(place.termination.clone()), vec![action]);
    }

    /// The MGC has a Notify: the next may go.
    pub(super) fn notified(&mut self, now: Instant, termination: &Name<'static>) {
        if let Some(place) = self.contexts.place(termination) {
            if let Some(termination) = self.contexts.termination_mut(&place) {
                termination.notifying = false;
            }
            self.notify(now, &place);
        }
    }

    /// The MGC did not take a Notify.
    pub(super) fn forget_notification(&mut self, termination: &Name<'static>) {
        let place = self.contexts.place(termination);
        if let Some(termination) = place.and_then(|place| self.contexts.termination_mut(&place)) {
            termination.notifying = false;
            termination.observed.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{
        BearerEvent, FailureCause, LegId, Policy, RelayId,
        testing::{Bench, config},
    };
    use std::{sync::Arc, time::Duration};

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    fn failed(leg: LegId, cause: FailureCause) -> BearerEvent {
        BearerEvent::Failed { leg, cause }
    }

    fn with_events(events: &str) -> (Bench, RelayId, LegId) {
        with_policy(events, Arc::new(crate::gateway::Reference))
    }

    fn with_policy(events: &str, policy: Arc<dyn Policy>) -> (Bench, RelayId, LegId) {
        let mut bench = Bench::with(config(), policy);
        bench.add("$", "MO=SR", LOCAL, events);
        let (relay, leg) = bench.opened();
        (bench, relay, leg)
    }

    #[test]
    fn what_was_asked_for_is_told_with_its_request_id() {
        let (mut bench, relay, leg) = with_events(",E=7{g/cause,nt/netfail}");
        let told = bench.report(relay, failed(leg, FailureCause::TlsFingerprint));
        let expected = "!/2 [192.0.2.1]:2944 T=1{C=1{N=ip/access/1{OE=7{\
            g/cause{ST=1,Generalcause=FP,Failurecause=\"tls-fingerprint\"},nt/netfail{ST=1,cs=\"tls-fingerprint\"}}}}}";
        assert_eq!(told, [expected]);
    }

    #[test]
    fn an_orderly_release_is_a_cause_but_no_failure_of_the_network() {
        let (mut bench, relay, leg) = with_events(",E=7{g/cause,nt/netfail}");
        let told = bench.report(relay, BearerEvent::Ended { leg, cause: FailureCause::Released });
        assert!(told[0].contains("Generalcause=NR,Failurecause=\"released\"") && !told[0].contains("netfail"));
    }

    #[test]
    fn what_was_not_asked_for_is_not_told() {
        let (mut bench, relay, leg) = with_events("");
        assert!(bench.report(relay, failed(leg, FailureCause::TcpReset)).is_empty());
        let (mut bench, relay, leg) = with_events(",E=7{g/cause{ST=2}}");
        assert!(bench.report(relay, failed(leg, FailureCause::TcpReset)).is_empty());
        assert!(bench.report(RelayId(99), failed(leg, FailureCause::TcpReset)).is_empty());
        assert!(bench.report(relay, failed(LegId(99), FailureCause::TcpReset)).is_empty());
        #[derive(Debug)]
        struct Silent;
        impl Policy for Silent {
            fn notifies(&self) -> bool {
                false
            }
        }
        let (mut bench, relay, leg) = with_policy(",E=7{g/cause}", Arc::new(Silent));
        assert!(bench.report(relay, failed(leg, FailureCause::TcpReset)).is_empty());
    }

    #[test]
    fn one_notify_at_a_time_for_each_termination() {
        let (mut bench, relay, leg) = with_events(",E=7{g/cause}");
        assert_eq!(bench.report(relay, failed(leg, FailureCause::TcpReset)).len(), 1);
        for _ in 0..100 {
            assert!(bench.report(relay, failed(leg, FailureCause::TcpTimeout)).is_empty());
        }
        let next = bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        assert!(next.len() == 1 && next[0].matches("tcp-timeout").count() == 16, "{next:?}");
        assert!(bench.message(b"!/2 [192.0.2.9]:2944 P=2{C=1{N=ip/access/1}}").is_empty());
    }

    #[test]
    fn an_unanswered_notify_is_repeated_and_pending_stops_that() {
        let (mut bench, relay, leg) = with_events(",E=7{g/cause}");
        let told = bench.report(relay, failed(leg, FailureCause::TcpReset));
        let again = bench.wait(Duration::from_secs(1));
        assert_eq!(again.len(), 2);
        assert!(again.iter().all(|(_, text)| *text == told[0]));
        bench.message(b"!/2 [192.0.2.9]:2944 PN=1{}");
        assert!(bench.wait(Duration::from_secs(20)).is_empty());
        let ack = bench.message(b"!/2 [192.0.2.9]:2944 P=1{IA,C=1{N=ip/access/1}}");
        assert_eq!(ack, ["!/2 [192.0.2.1]:2944 K{1}"]);
    }

    #[test]
    fn a_subtracted_termination_tells_nothing_more() {
        let (mut bench, relay, leg) = with_events(",E=7{g/cause}");
        bench.report(relay, failed(leg, FailureCause::TcpReset));
        bench.say("C=1{S=*}");
        assert!(bench.wait(Duration::from_secs(20)).is_empty());
        assert!(bench.report(relay, failed(leg, FailureCause::TcpReset)).is_empty());
    }
}
