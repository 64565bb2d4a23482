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
