//! Notify: telling the MGC what was observed, one at a time for each termination (H.248.1 annex D.1.4).

use super::{
    context::{Changes, Place},
    control::{Gateway, Peer, Purpose},
    event::Events,
    termination::Termination,
};
use crate::wire::h248::{
    ActionRequest, AmmRequest, Command, ContextId, EventSpec, IntoOwned, Name, NotifyRequest, TerminationId,
};
use std::time::Instant;

/// What ROOT is called; no termination has this name.
pub(super) const ROOT: &str = "ROOT";

impl Gateway {
    /// Things happened at a termination.
    pub(super) fn occur(&mut self, now: Instant, place: &Place, events: Vec<EventSpec<'static>>) {
        self.at(place, |termination, changes| {
            for event in events {
                termination.occur(now, event, changes);
            }
        });
    }

    /// Something happened to the gateway as a whole.
    pub(super) fn occur_at_root(&mut self, now: Instant, event: EventSpec<'static>) {
        // ROOT has no signals that an event could stop or start.
        self.root_events.occur(now, event, &Default::default());
        self.root_changed();
    }

    /// What Modify says of ROOT's events.
    pub(super) fn apply_root_events(&mut self, now: Instant, peer: Peer, request: &AmmRequest<'_>) {
        let state = request.media.as_ref().and_then(|media| media.termination_state.as_ref());
        if let Some(control) = state.and_then(|state| state.event_buffer_control) {
            self.root_events.buffer.set_control(control);
        }
        if let Some(buffer) = &request.event_buffer {
            self.root_events.buffer.set_wanted(buffer.clone().into_owned());
        }
        if let Some(events) = &request.events {
            self.root_events.request(now, peer, events.clone().into_owned(), &Default::default());
        }
        self.root_changed();
    }

    /// Time has passed.
    pub(super) fn elapsed(&mut self, now: Instant) {
        while let Some(name) = self.contexts.deadlines.due(now) {
            if name == ROOT {
                for event in self.root_events.elapsed(now, &Default::default()) {
                    self.root_events.occur(now, event, &Default::default());
                }
                self.root_changed();
            } else if let Some(place) = self.contexts.place(&name) {
                self.at(&place, |termination, changes| termination.elapsed(now, changes));
            }
        }
    }

    /// Sends what was observed.
    pub(super) fn tell(&mut self, now: Instant) {
        let most = self.contexts.config.limits.delayed;
        if let Some(event) = self.overload.of(self.delayed.len(), most) {
            self.occur_at_root(now, event);
        }
        while let Some(name) = self.contexts.news.pop_front() {
            if self.contexts.policy.notifies() {
                self.notify(now, &name);
            }
        }
    }

    fn notify(&mut self, now: Instant, name: &Name<'static>) {
        let Some((context, events)) = self.events_of(name) else { return };
        let Some((audience, observed_events, error)) = events.notification() else { return };
        let id = if *name == ROOT { TerminationId::Root } else { TerminationId::Path(name.clone()) };
        let request = NotifyRequest { terminations: id.into(), observed_events, error };
        let action = ActionRequest::new(context, vec![Command::Notify(request)]);
        self.send_request(now, audience, Purpose::Notify(name.clone()), vec![action]);
    }

    /// The MGC has a Notify: the next may go.
    pub(super) fn notified(&mut self, now: Instant, name: &Name<'static>) {
        if let Some((_, events)) = self.events_of(name) {
            events.notified();
            self.notify(now, name);
        }
    }

    /// The MGC did not take a Notify.
    pub(super) fn forget_notification(&mut self, name: &Name<'static>) {
        if let Some((_, events)) = self.events_of(name) {
            events.forget();
        }
    }

    fn events_of(&mut self, name: &Name<'static>) -> Option<(ContextId, &mut Events)> {
        if *name == ROOT {
            return Some((ContextId::Null, &mut self.root_events));
        }
        let place = self.contexts.place(name)?;
        let context = ContextId::Id(place.context);
        Some((context, &mut self.contexts.termination_mut(&place)?.events))
    }

    /// Lets a termination change outside of a command.
    fn at(&mut self, place: &Place, change: impl FnOnce(&mut Termination, &mut Changes)) {
        let Some(termination) = self.contexts.termination_mut(place) else { return };
        let mut changes = Changes::default();
        change(termination, &mut changes);
        let (due, news) = (termination.due(), termination.events.has_news());
        self.contexts.carry_out(place.context, changes);
        self.contexts.deadlines.set(&place.termination, due);
        if news {
            self.contexts.news.push_back(place.termination.clone());
        }
    }

    fn root_changed(&mut self) {
        self.contexts.deadlines.set(&ROOT.into(), self.root_events.due());
        if self.root_events.has_news() {
            self.contexts.news.push_back(ROOT.into());
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
