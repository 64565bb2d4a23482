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
