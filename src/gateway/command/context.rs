//! Properties of contexts: set, reported, and selected by (H.248.1 6.1 and 7.2.5; selection is version 3).

use super::{Budget, Scope};
use crate::{
    gateway::{
        context::Context,
        control::Gateway,
        stream::{Refusal, refusal, refusal_of},
    },
    wire::h248::{ActionRequest, ContextAttrAuditRequest, ContextId, ContextProperties, ErrorCode, SelectLogic},
};

impl Gateway {
    /// The contexts an action is for: 411, and 533 when selecting goes through too many.
    pub(super) fn scope(&self, action: &ActionRequest<'_>, budget: &mut Budget) -> Result<Scope, Refusal> {
        let known = |id: u32| match self.contexts.by_id.contains_key(&id) {
            true => Ok(id),
            false => Err(refusal_of(ErrorCode::UNKNOWN_CONTEXT, &id.to_string())),
        };
        match action.context {
            ContextId::Null => Ok(Scope::Null),
            ContextId::Choose => Ok(Scope::New(None)),
            ContextId::Id(id) => known(id).map(Scope::One),
            ContextId::All => {
                let audit = action.audit.as_deref().filter(|audit| audit.selects() || !audit.reports_nothing());
                let listed = &action.properties.context_list;
                if audit.is_none() && listed.is_empty() {
                    return Ok(Scope::All);
                }
                for id in listed.iter().chain(audit.into_iter().flat_map(|audit| &audit.select_contexts)) {
                    match id {
                        ContextId::Id(id) => drop(known(*id)?),
                        other => return Err(refusal_of(ErrorCode::UNKNOWN_CONTEXT, &other.to_string())),
                    }
                }
                let left = budget.terminations.checked_sub(self.contexts.by_id.len());
                budget.terminations = left.ok_or_else(|| refusal(ErrorCode::RESPONSE_TOO_LARGE))?;
                let chosen = self.contexts.by_id.iter().filter(|(id, context)| {
                    (listed.is_empty() || listed.contains(&ContextId::Id(**id)))
                        && audit.is_none_or(|audit| audit.selected(**id, context))
                });
                Ok(Scope::Selected(chosen.map(|(id, _)| *id).collect()))
            }
        }
    }

    pub(super) fn set_properties(&mut self, context: Option<u32>, properties: &ContextProperties<'_>) {
        if let Some(context) = context.and_then(|id| self.contexts.by_id.get_mut(&id)) {
            context.priority = properties.priority.or(context.priority);
            context.emergency = properties.emergency.or(context.emergency);
            context.ieps_call = properties.ieps_call.or(context.ieps_call);
        }
    }
}

impl Context {
    /// What is asked for; a property never set has its default.
    pub(super) fn properties(&self, audit: &ContextAttrAuditRequest<'_>) -> ContextProperties<'static> {
        ContextProperties {
            topology: if audit.topology { self.topology.report() } else { Vec::new() },
            priority: audit.priority.then(|| self.priority.unwrap_or(0)),
            emergency: audit.emergency.then(|| self.emergency.unwrap_or(false)),
            ieps_call: audit.ieps_call.then(|| self.ieps_call.unwrap_or(false)),
            ..ContextProperties::default()
        }
    }
}

impl ContextAttrAuditRequest<'_> {
    fn selects(&self) -> bool {
        self.select_priority.is_some()
            || self.select_emergency.is_some()
            || self.select_ieps_call.is_some()
            || !self.select_properties.is_empty()
            || !self.select_contexts.is_empty()
    }

    fn reports_nothing(&self) -> bool {
        !(self.topology || self.emergency || self.priority || self.ieps_call) && self.properties.is_empty()
    }

    fn selected(&self, id: u32, context: &Context) -> bool {
        let criteria = [
            self.select_priority.map(|wanted| context.priority.unwrap_or(0) == wanted),
            self.select_emergency.map(|wanted| context.emergency.unwrap_or(false) == wanted),
            self.select_ieps_call.map(|wanted| context.ieps_call.unwrap_or(false) == wanted),
            // No package here has a property of contexts.
            (!self.select_properties.is_empty()).then_some(false),
            (!self.select_contexts.is_empty()).then(|| self.select_contexts.contains(&ContextId::Id(id))),
        ];
        let mut given = criteria.into_iter().flatten();
        match self.select_logic {
            Some(SelectLogic::Or) if self.selects() => given.any(|holds| holds),
            _ => given.all(|holds| holds),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::testing::Bench;

    #[test]
    fn a_property_never_set_is_reported_with_its_default() {
        let mut bench = Bench::new();
        bench.say("C=${PR=3,A=$}");
        assert_eq!(bench.say("C=1{CA{PR,EG,IEPS}}"), "{C=1{PR=3,EGO,IEPS=OFF}}");
    }

    #[test]
    fn contexts_are_selected_by_their_properties() {
        let mut bench = Bench::new();
        bench.say("C=${PR=3,A=$}");
        bench.say("C=${PR=5,EG,A=$}");
        bench.say("C=${EG,A=$}");
        assert_eq!(bench.say("C=*{CA{PR}}"), "{C=1{PR=3},C=2{PR=5},C=3{PR=0}}");
        assert_eq!(bench.say("C=*{CA{PR=3},AV=*{AT{}}}"), "{C=1{AV=ip/access/1}}");
        assert_eq!(bench.say("C=*{CA{PR=5,EGV=EG},AV=*{AT{}}}"), "{C=2{AV=ip/access/2}}");
        assert_eq!(bench.error("C=*{CA{PR=9},AV=*{AT{}}}"), 431);
        assert_eq!(bench.error("C=*{CT{CLT={1,9}},AV=*{AT{}}}"), 411);
        assert_eq!(bench.say("C=*{CT{CLT={1,3}},AV=*{AT{}}}"), "{C=1{AV=ip/access/1},C=3{AV=ip/access/3}}");
    }

    #[test]
    fn root_in_every_context_lists_the_contexts() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        bench.say("C=${A=$}");
        assert_eq!(bench.say("C=*{AV=ROOT{AT{}}}"), "{C=1{AV=ROOT},C=2{AV=ROOT}}");
    }
}
