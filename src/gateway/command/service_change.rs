//! ServiceChange from the MGC, H.248.1 7.2.8: terminations in and out of service, and the way to another MGC.

use crate::{
    gateway::{
        context::Place,
        control::{Gateway, Peer},
        stream::{Refusal, refusal, refusal_of},
    },
    wire::h248::{ErrorCode, ServiceChangeMethod, ServiceChangeParm, ServiceState, TerminationAudit, TerminationId},
};
use std::time::Instant;

impl Gateway {
    pub(super) fn service_change(
        &mut self,
        place: &Place,
        parms: &ServiceChangeParm<'_>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        let state = match parms.method {
            ServiceChangeMethod::Restart => ServiceState::InService,
            ServiceChangeMethod::Forced | ServiceChangeMethod::Graceful => ServiceState::OutOfService,
            _ => return Err(refusal(ErrorCode::NOT_IMPLEMENTED)),
        };
        let termination = self.contexts.termination_mut(place);
        let termination = termination.ok_or_else(|| refusal_of(ErrorCode::UNKNOWN_TERMINATION, &place.termination))?;
        termination.service_state = state;
        Ok((TerminationId::Path(place.termination.clone()), TerminationAudit::default()))
    }

    pub(super) fn service_change_root(
        &mut self,
        now: Instant,
        peer: Peer,
        parms: &ServiceChangeParm<'_>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        match (&parms.method, &parms.mgc_id_to_try) {
            (ServiceChangeMethod::HandOff, Some(mgc)) if self.hand_off(now, peer, mgc) => {
                Ok((TerminationId::Root, TerminationAudit::default()))
            }
            (ServiceChangeMethod::HandOff, Some(mgc)) => {
                Err(refusal_of(ErrorCode::UNSUPPORTED_VALUE, &mgc.to_string()))
            }
            (ServiceChangeMethod::HandOff, None) => Err(refusal(ErrorCode::MISSING_INFORMATION)),
            _ => Err(refusal(ErrorCode::NOT_IMPLEMENTED)),
        }
    }
}
