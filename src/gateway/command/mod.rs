//! Carrying out transactions: actions in order, commands in order, up to the first that fails (H.248.1 8.2.2). One
//! command per file.

mod add;
mod audit;
mod modify;
mod service_change;
mod subtract;

pub(super) use service_change::Service;

use super::{
    context::Place,
    control::{Gateway, Peer},
    stream::{Refusal, refusal, refusal_of},
};
use crate::rules;
use crate::wire::h248::{
    ActionReply, ActionRequest, AmmsReply, AuditReply, AuditReturnParameter, Command, CommandReply, CommandRequest,
    ContextId, ContextProperties, ErrorCode, IntoOwned, NotifyReply, ServiceChangeReply, ServiceChangeResParm,
    ServiceChangeResult, TerminationAudit, TerminationId,
};
use std::{collections::BTreeMap, time::Instant};

/// The contexts an action is for.
#[derive(Debug)]
enum Scope {
    Null,
    One(u32),
    /// `$`: the id is made with the first Add that succeeds.
    New(Option<u32>),
    All,
}

/// What one transaction may still do.
struct Budget {
    terminations: usize,
}

impl Gateway {
    /// Carries out actions; true when one failed and the rest was not tried.
    pub(super) fn execute(
        &mut self,
        now: Instant,
        peer: Peer,
        actions: &[ActionRequest<'_>],
    ) -> (Vec<ActionReply<'static>>, bool) {
        let mut budget = Budget { terminations: self.contexts.config.limits.terminations_per_transaction };
        let mut replies = Vec::new();
        for action in actions {
            let (mut answered, failed) = self.action(now, peer, action, &mut budget);
            replies.append(&mut answered);
            if failed {
                return (replies, true);
            }
        }
        (replies, false)
    }

    fn action(
        &mut self,
        now: Instant,
        peer: Peer,
        action: &ActionRequest<'_>,
        budget: &mut Budget,
    ) -> (Vec<ActionReply<'static>>, bool) {
        let failed = |error| (vec![ActionReply::error(action.context, error)], true);
        let mut scope = match action.context {
            ContextId::Null => Scope::Null,
            ContextId::Choose => Scope::New(None),
            ContextId::All => Scope::All,
            ContextId::Id(id) if self.contexts.by_id.contains_key(&id) => Scope::One(id),
            ContextId::Id(id) => return failed(refusal_of(ErrorCode::UNKNOWN_CONTEXT, &id.to_string())),
        };
        if !action.properties.topology.is_empty() {
            return failed(refusal(ErrorCode::TOPOLOGY_NOT_SUPPORTED));
        }
        // One reply for each context: with `*` there may be many.
        let mut replies: BTreeMap<Option<u32>, Vec<CommandReply<'static>>> = BTreeMap::new();
        let mut stopped = false;
        for request in &action.commands {
            let answered = self.command(now, peer, &mut scope, request, budget);
            stopped = !request.optional && answered.iter().any(|(_, reply)| reply.error().is_some());
            for (context, reply) in answered {
                replies.entry(context.filter(|_| matches!(scope, Scope::All))).or_default().push(reply);
            }
            if stopped {
                break;
            }
        }
        let own = match scope {
            Scope::New(Some(id)) | Scope::One(id) => Some(id),
            _ => None,
        };
        self.set_properties(own, &action.properties);
        let name = |context: Option<u32>| context.or(own).map_or(action.context, ContextId::Id);
        let mut answers: Vec<_> =
            replies.into_iter().map(|(context, replies)| ActionReply::new(name(context), replies)).collect();
        if answers.is_empty() {
            answers.push(ActionReply::new(name(None), Vec::new()));
        }
        let context = own.and_then(|id| self.contexts.by_id.get(&id));
        if let (Some(audit), Some(first), Some(context)) = (&action.audit, answers.first_mut(), context) {
            first.properties = ContextProperties {
                priority: context.priority.filter(|_| audit.priority),
                emergency: context.emergency.filter(|_| audit.emergency),
                ieps_call: context.ieps_call.filter(|_| audit.ieps_call),
                ..ContextProperties::default()
            };
        }
        (answers, stopped)
    }

    fn set_properties(&mut self, context: Option<u32>, properties: &ContextProperties<'_>) {
        if let Some(context) = context.and_then(|id| self.contexts.by_id.get_mut(&id)) {
            context.priority = properties.priority.or(context.priority);
            context.emergency = properties.emergency.or(context.emergency);
            context.ieps_call = properties.ieps_call.or(context.ieps_call);
        }
    }

    /// One command on everything it names: a reply for each termination, with `W-` one for all.
    fn command(
        &mut self,
        now: Instant,
        peer: Peer,
        scope: &mut Scope,
        request: &CommandRequest<'_>,
        budget: &mut Budget,
    ) -> Vec<(Option<u32>, CommandReply<'static>)> {
        let command = &request.command;
        let profile = self.contexts.config.interface.profile();
        let mut replies = Vec::new();
        for id in command.terminations().iter() {
            let places = match self.targets(scope, command, id, budget) {
                Ok(places) => places,
                Err(error) => {
                    replies.push((None, failure(command, id.clone().into_owned(), error)));
                    break;
                }
            };
            // Names and values are judged once a termination is found: who it is comes before what is said of it.
            if let Some(error) = rules::h248::command(profile.registry, command).into_iter().next() {
                replies.push((None, failure(command, id.clone().into_owned(), error)));
                break;
            }
            let mut union = TerminationAudit::default();
            let mut failed = false;
            let united = request.wildcard_return && id.has_wildcard();
            for target in places {
                let (context, named) = match &target {
                    Target::Root => (None, TerminationId::Root),
                    Target::New => (None, id.clone().into_owned()),
                    Target::At(place) => (Some(place.context), TerminationId::Path(place.termination.clone())),
                };
                match self.on_one(now, peer, scope, command, id, target) {
                    Ok((_, audit)) if united => unite(&mut union, audit),
                    Ok((named, audit)) => replies.push((context, success(command, named, audit))),
                    Err(error) => {
                        failed = true;
                        replies.push((context, failure(command, named, error)));
                    }
                }
            }
            if united && !failed {
                replies.push((None, success(command, id.clone().into_owned(), union)));
            }
            if failed {
                break;
            }
        }
        replies
    }

    fn on_one(
        &mut self,
        now: Instant,
        peer: Peer,
        scope: &mut Scope,
        command: &Command<'_>,
        id: &TerminationId<'_>,
        target: Target,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        match (command, target) {
            (Command::Add(_), _) if !self.service.is_open() => Err(refusal(ErrorCode::SERVICE_UNAVAILABLE)),
            (Command::Modify(_) | Command::Move(_), Target::At(place))
                if self.service.is_restarting(&place.termination) =>
            {
                Err(refusal_of(ErrorCode::TERMINATION_CHANGING, &place.termination))
            }
            (Command::Add(request), Target::New) => self.add(now, peer, scope, id, request),
            (Command::Modify(request), Target::At(place)) => self.modify(now, peer, &place, request),
            (Command::Modify(request), Target::Root) => self.modify_root(now, peer, request),
            (Command::Subtract(request), Target::At(place)) => self.subtract(now, &place, request.audit.as_ref()),
            (Command::AuditValue(request), Target::At(place)) => self.audit_value(now, &place, &request.audit),
            (Command::AuditValue(request), Target::Root) => Ok((TerminationId::Root, self.audit_root(&request.audit))),
            (Command::AuditCapability(request), target) => Ok(self.audit_capability(target, &request.audit)),
            (Command::ServiceChange(request), Target::At(place)) => self.service_change(now, &place, &request.parms),
            (Command::ServiceChange(request), Target::Root) => self.service_change_root(now, peer, &request.parms),
            _ => Err(refusal(ErrorCode::INCORRECT_IDENTIFIER)),
        }
    }

    /// What a termination id stands for in a command. 410, 430, 431, 435, 443, 411, 421.
    fn targets(
        &self,
        scope: &Scope,
        command: &Command<'_>,
        id: &TerminationId<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Target>, Refusal> {
        // Move and Notify towards a gateway are not in the profiles (TS 29.334 5.6).
        if matches!(command, Command::Move(_) | Command::Notify(_)) {
            return Err(refusal_of(ErrorCode::UNKNOWN_COMMAND, command.name()));
        }
        if matches!(id, TerminationId::Root) {
            return match command {
                Command::Add(_) | Command::Subtract(_) => Err(refusal_of(ErrorCode::INCORRECT_IDENTIFIER, "ROOT")),
                _ => Ok(vec![Target::Root]),
            };
        }
        if matches!(command, Command::Add(_)) {
            return match (scope, id) {
                (Scope::Null | Scope::All, _) => Err(refusal(ErrorCode::ILLEGAL_ACTION)),
                (_, id) if id.has_choose() => Ok(vec![Target::New]),
                (_, id) if id.has_wildcard() => Err(refusal(ErrorCode::NO_TERMINATION_MATCHED)),
                (_, TerminationId::Path(name)) if self.contexts.place(name).is_some() => {
                    Err(refusal_of(ErrorCode::TERMINATION_ALREADY_IN_CONTEXT, name))
                }
                (_, id) => Err(refusal_of(ErrorCode::UNKNOWN_TERMINATION, id.as_str())),
            };
        }
        let within = match scope {
            Scope::New(None) => return Err(refusal(ErrorCode::ILLEGAL_ACTION)),
            Scope::Null => None,
            Scope::One(context) | Scope::New(Some(context)) => Some(*context),
            Scope::All => return self.everywhere(id, budget),
        };
        match id {
            id if id.has_choose() => Err(refusal_of(ErrorCode::INCORRECT_IDENTIFIER, id.as_str())),
            id if id.has_wildcard() => {
                let context = within.and_then(|context| Some((context, self.contexts.by_id.get(&context)?)));
                let names = context.into_iter().flat_map(|(context, inside)| {
                    inside.terminations.iter().map(move |termination| (context, &termination.name))
                });
                matching(id, names, budget)
            }
            TerminationId::Path(name) => match self.contexts.place(name) {
                Some(place) if within == Some(place.context) => Ok(vec![Target::At(place)]),
                Some(_) => Err(refusal_of(ErrorCode::TERMINATION_NOT_IN_CONTEXT, name)),
                None => Err(refusal_of(ErrorCode::UNKNOWN_TERMINATION, name)),
            },
            _ => Err(refusal(ErrorCode::INCORRECT_IDENTIFIER)),
        }
    }

    fn everywhere(&self, id: &TerminationId<'_>, budget: &mut Budget) -> Result<Vec<Target>, Refusal> {
        match id {
            id if id.has_choose() => Err(refusal_of(ErrorCode::INCORRECT_IDENTIFIER, id.as_str())),
            TerminationId::Path(name) if !id.has_wildcard() => match self.contexts.place(name) {
                Some(place) => Ok(vec![Target::At(place)]),
                None => Err(refusal_of(ErrorCode::UNKNOWN_TERMINATION, name)),
            },
            id => {
                let names = self.contexts.by_id.iter().flat_map(|(context, inside)| {
                    inside.terminations.iter().map(move |termination| (*context, &termination.name))
                });
                matching(id, names, budget)
            }
        }
    }
}

/// What a command works on.
#[derive(Debug)]
enum Target {
    Root,
    /// One that the command makes.
    New,
    At(Place),
}

/// The terminations a wildcard matches: 431 when none does, 533 when a transaction goes through too many.
fn matching<'n>(
    id: &TerminationId<'_>,
    names: impl Iterator<Item = (u32, &'n crate::wire::h248::Name<'static>)>,
    budget: &mut Budget,
) -> Result<Vec<Target>, Refusal> {
    let mut places = Vec::new();
    for (context, name) in names {
        let left = budget.terminations.checked_sub(1);
        budget.terminations = left.ok_or_else(|| refusal(ErrorCode::RESPONSE_TOO_LARGE))?;
        if id.matches(&TerminationId::Path(name.clone())) {
            places.push(Target::At(Place { context, termination: name.clone() }));
        }
    }
    if places.is_empty() { Err(refusal(ErrorCode::NO_TERMINATION_MATCHED)) } else { Ok(places) }
}

/// Adds to a union reply what is not in it yet; statistics of several terminations have no union.
fn unite(union: &mut TerminationAudit<'static>, audit: TerminationAudit<'static>) {
    for item in audit.0 {
        let kind = std::mem::discriminant(&item);
        let single = !matches!(item, AuditReturnParameter::Statistics(_));
        if single && union.0.iter().all(|present| std::mem::discriminant(present) != kind) {
            union.0.push(item);
        }
    }
}

fn success(
    command: &Command<'_>,
    termination: TerminationId<'static>,
    audit: TerminationAudit<'static>,
) -> CommandReply<'static> {
    let terminations = termination.into();
    match command {
        Command::Add(_) => CommandReply::Add(AmmsReply { terminations, audit }),
        Command::Move(_) => CommandReply::Move(AmmsReply { terminations, audit }),
        Command::Modify(_) => CommandReply::Modify(AmmsReply { terminations, audit }),
        Command::Subtract(_) => CommandReply::Subtract(AmmsReply { terminations, audit }),
        Command::AuditValue(_) => CommandReply::AuditValue(AuditReply::Terminations(terminations, audit)),
        Command::AuditCapability(_) => CommandReply::AuditCapability(AuditReply::Terminations(terminations, audit)),
        Command::Notify(_) => CommandReply::Notify(NotifyReply { terminations, error: None }),
        Command::ServiceChange(_) => CommandReply::ServiceChange(ServiceChangeReply {
            terminations,
            result: ServiceChangeResult::Parms(ServiceChangeResParm::default()),
        }),
    }
}

fn failure(command: &Command<'_>, termination: TerminationId<'static>, error: Refusal) -> CommandReply<'static> {
    match command {
        Command::Notify(_) => {
            CommandReply::Notify(NotifyReply { terminations: termination.into(), error: Some(error) })
        }
        Command::ServiceChange(_) => CommandReply::ServiceChange(ServiceChangeReply {
            terminations: termination.into(),
            result: ServiceChangeResult::Error(error),
        }),
        _ => success(command, termination, TerminationAudit::of_error(error)),
    }
}
