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
        let limits = self.contexts.config.limits;
        let realm = self.realm_of(id, request)?;
        let present = match scope {
            Scope::One(id) | Scope::New(Some(id)) => Some(*id),
            _ => None,
        };
        let context = match present.and_then(|id| Some((id, self.contexts.by_id.get(&id)?))) {
            Some((_, context)) if context.terminations.len() >= limits.terminations_per_context => {
                return Err(refusal(ErrorCode::TOO_MANY_TERMINATIONS));
            }
            Some((id, _)) => id,
            None if self.contexts.by_id.len() >= limits.contexts => {
                return Err(refusal(ErrorCode::NO_CONTEXTS_AVAILABLE));
            }
            // Of an action that took the context's last termination away, the id stays good to its end.
            None => present.unwrap_or_else(|| self.contexts.new_id()),
        };
        let name = self.contexts.new_name(&realm);
        let termination = Termination::new(now, name.clone(), realm, peer);
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
