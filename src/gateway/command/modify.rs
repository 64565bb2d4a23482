//! Modify, H.248.1 7.2.2: what is said replaces, what is not stays.

use crate::{
    gateway::{
        context::Place,
        control::{Gateway, Peer},
        stream::{Refusal, known_property, refusal, refusal_of},
        termination::no_signals,
    },
    wire::h248::{AmmRequest, ErrorCode, Streams, TerminationAudit, TerminationId},
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

    /// ROOT has no streams and no events of its own, and its properties are limits of this gateway (H.248.1 E.2).
    pub(super) fn modify_root(
        &self,
        request: &AmmRequest<'_>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        let profile = self.contexts.config.interface.profile();
        if let Some(media) = &request.media {
            if media.streams != Streams::default() {
                return Err(refusal_of(ErrorCode::DESCRIPTOR_NOT_LEGAL, "Stream"));
            }
            for property in media.termination_state.iter().flat_map(|state| &state.properties) {
                if super::audit::ROOT_PROPERTIES.iter().any(|name| property.name.is(name)) {
                    return Err(refusal_of(ErrorCode::READ_ONLY, &property.name.to_string()));
                }
                known_property(profile, &property.name)?;
                return Err(refusal_of(ErrorCode::PROPERTY_ILLEGAL_IN_DESCRIPTOR, &property.name.to_string()));
            }
        }
        if let Some(event) = request.events.iter().flat_map(|events| &events.events).next() {
            return Err(refusal_of(ErrorCode::CANNOT_DETECT_EVENT, &event.name.to_string()));
        }
        if let Some(signals) = &request.signals {
            no_signals(signals, profile)?;
        }
        if request.modem.is_some() || request.mux.is_some() || request.digit_map.is_some() {
            return Err(refusal(ErrorCode::UNKNOWN_DESCRIPTOR));
        }
        let asked = request.audit.as_ref().map(|asked| self.audit_root(asked));
        Ok((TerminationId::Root, asked.unwrap_or_default()))
    }
}
