//! EventBuffer and `Buffer=LockStep`: after an event is acted on, the next wait for a new Events descriptor
//! (H.248.1 7.1.9, 7.1.17).

use crate::wire::h248::{EventBufferControl, EventBufferDescriptor, EventSpec, StreamId};
use std::collections::VecDeque;

/// Events that may wait; beyond that they are lost, and the MGC is told (518).
const MOST: usize = 32;

/// What a termination keeps while it waits for a new Events descriptor.
#[derive(Debug, Clone, Default)]
pub(super) struct EventBuffer {
    lock_step: bool,
    /// An event was acted on in lock step: the next wait.
    quarantined: bool,
    /// What to keep meanwhile.
    wanted: EventBufferDescriptor<'static>,
    waiting: VecDeque<EventSpec<'static>>,
    lost: bool,
}

impl EventBuffer {
    /// As audits show it.
    pub(super) const fn control(&self) -> EventBufferControl {
        if self.lock_step { EventBufferControl::LockStep } else { EventBufferControl::Off }
    }

    /// What is to be kept, as audits show it.
    pub(super) const fn descriptor(&self) -> &EventBufferDescriptor<'static> {
        &self.wanted
    }

    /// Off throws away what waits. H.248.1 7.1.9.
    pub(super) fn set_control(&mut self, control: EventBufferControl) {
        self.lock_step = control == EventBufferControl::LockStep;
        if !self.lock_step {
            self.quarantined = false;
            self.waiting.clear();
        }
    }

    pub(super) fn set_wanted(&mut self, wanted: EventBufferDescriptor<'static>) {
        self.wanted = wanted;
    }

    /// Whether events wait now.
    pub(super) const fn is_quarantined(&self) -> bool {
        self.quarantined
    }

    /// An event was acted on.
    pub(super) const fn acted(&mut self) {
        self.quarantined = self.lock_step;
    }

    /// A new Events descriptor stands.
    pub(super) const fn resume(&mut self) {
        self.quarantined = false;
    }

    /// Keeps an event if it is one to keep.
    pub(super) fn keep(&mut self, event: EventSpec<'static>) {
        let concerns = |wanted: Option<StreamId>| wanted.is_none() || event.stream.is_none() || wanted == event.stream;
        if self.wanted.0.iter().any(|wanted| wanted.name.covers(&event.name) && concerns(wanted.stream)) {
            match self.waiting.len() < MOST {
                true => self.waiting.push_back(event),
                false => self.lost = true,
            }
        }
    }

    /// The event that waits longest.
    pub(super) fn next(&mut self) -> Option<EventSpec<'static>> {
        self.waiting.pop_front()
    }

    /// Whether events were lost since last asked.
    pub(super) const fn take_lost(&mut self) -> bool {
        std::mem::replace(&mut self.lost, false)
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{BearerEvent, FailureCause, LegId, RelayId, testing::Bench};

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    fn locked(buffer: &str) -> (Bench, RelayId, LegId) {
        let mut bench = Bench::new();
        let media = format!("M{{TS{{BF=SP}},ST=1{{O{{MO=SR}},L{{{LOCAL}}}}}}}");
        bench.say(&format!("C=${{A=${{{media},E=1{{g/cause}},EB{{{buffer}}}}}}}"));
        let (relay, leg) = bench.opened();
        (bench, relay, leg)
    }

    fn fail(bench: &mut Bench, relay: RelayId, leg: LegId, cause: FailureCause) -> Vec<String> {
        bench.report(relay, BearerEvent::Failed { leg, cause })
    }

    #[test]
    fn in_lock_step_one_event_is_told_for_each_events_descriptor() {
        let (mut bench, relay, leg) = locked("g/cause");
        assert_eq!(fail(&mut bench, relay, leg, FailureCause::TcpReset).len(), 1);
        assert!(bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}").is_empty());
        assert!(fail(&mut bench, relay, leg, FailureCause::TcpTimeout).is_empty());
        assert!(fail(&mut bench, relay, leg, FailureCause::TcpRefused).is_empty());
        let sent = bench.message(b"!/2 [192.0.2.9]:2944 T=9{C=1{MF=ip/access/1{E=2{g/cause}}}}");
        assert!(sent.len() == 2 && sent[1].contains("OE=2{") && sent[1].contains("tcp-timeout"), "{sent:?}");
        assert!(!sent[1].contains("tcp-refused"));
        bench.message(b"!/2 [192.0.2.9]:2944 P=2{C=1{N=ip/access/1}}");
        let sent = bench.message(b"!/2 [192.0.2.9]:2944 T=10{C=1{MF=ip/access/1{E=3{g/cause}}}}");
        assert!(sent[1].contains("OE=3{") && sent[1].contains("tcp-refused"), "{sent:?}");
    }

    #[test]
    fn what_waits_and_is_no_longer_asked_for_is_thrown_away() {
        let (mut bench, relay, leg) = locked("g/cause,nt/netfail");
        fail(&mut bench, relay, leg, FailureCause::TcpReset);
        bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        fail(&mut bench, relay, leg, FailureCause::TcpTimeout);
        let sent = bench.message(b"!/2 [192.0.2.9]:2944 T=9{C=1{MF=ip/access/1{E=2{nt/netfail}}}}");
        assert!(sent[1].contains("OE=2{nt/netfail{ST=1,cs=\"tcp-reset\"}}"), "{sent:?}");
    }

    #[test]
    fn what_is_not_to_be_kept_is_not_and_off_throws_the_rest_away() {
        let (mut bench, relay, leg) = locked("nt/netfail");
        fail(&mut bench, relay, leg, FailureCause::TcpReset);
        bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        assert_eq!(bench.say("C=1{MF=ip/access/1{M{TS{BF=OFF}},E=2{g/cause,nt/netfail}}}"), "{C=1{MF=ip/access/1}}");
        assert_eq!(fail(&mut bench, relay, leg, FailureCause::TcpReset).len(), 1);
    }

    #[test]
    fn events_beyond_the_buffer_are_lost_and_that_is_told() {
        let (mut bench, relay, leg) = locked("g/cause");
        fail(&mut bench, relay, leg, FailureCause::TcpReset);
        bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        for _ in 0..100 {
            fail(&mut bench, relay, leg, FailureCause::TcpTimeout);
        }
        let sent = bench.message(b"!/2 [192.0.2.9]:2944 T=9{C=1{MF=ip/access/1{E=2{g/cause}}}}");
        assert!(sent[1].contains("ER=518"), "{sent:?}");
        let audit = bench.say("C=1{AV=ip/access/1{AT{EB,M{TS{BF}}}}}");
        assert!(audit.contains("EB{g/cause}"), "{audit}");
    }
}
