//! Carrying out transactions: actions in order, commands in order, up to the first that fails (H.248.1 8.2.2). One
//! command per file.

mod add;
mod audit;
mod context;
mod modify;
mod relocate;
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
    ContextId, ErrorCode, IntoOwned, Name, NotifyReply, ServiceChangeReply, ServiceChangeResParm, ServiceChangeResult,
    TerminationAudit, TerminationId,
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
    /// Those of all that were selected.
    Selected(Vec<u32>),
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
        let mut scope = match self.scope(action, budget) {
            Ok(scope) => scope,
            Err(error) => return failed(error),
        };
        let topology = &action.properties.topology;
        if !topology.is_empty() {
            let own = match scope {
                Scope::One(id) => Some(id),
                Scope::New(_) => None,
                _ => return failed(refusal(ErrorCode::ILLEGAL_ACTION)),
            };
            if let Err(error) = self.contexts.judge_topology(own, action, &mut budget.terminations) {
                return failed(error);
            }
        }
        // One reply for each context: with `*` there may be many.
        let mut replies: BTreeMap<Option<u32>, Vec<CommandReply<'static>>> = BTreeMap::new();
        let mut stopped = false;
        let mut added = None;
        for request in &action.commands {
            let answered = self.command(now, peer, &mut scope, request, budget);
            if added.is_none() && !topology.is_empty() {
                added = answered.iter().find_map(|(_, reply)| added_by(reply, request));
            }
            stopped = !request.optional && answered.iter().any(|(_, reply)| reply.error().is_some());
            for (context, reply) in answered {
                replies
                    .entry(context.filter(|_| matches!(scope, Scope::All | Scope::Selected(_))))
                    .or_default()
                    .push(reply);
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
        if let Some(id) = own
            && let Err(error) = self.contexts.set_topology(id, topology, added.as_ref())
        {
            self.contexts.tell_topology(id);
            return failed(error);
        }
        // Legs may have come and gone.
        let touched: Vec<_> = own.into_iter().chain(replies.keys().copied().flatten()).collect();
        touched.into_iter().for_each(|id| self.contexts.tell_topology(id));
        if let (Some(_), Scope::Selected(ids), true) = (&action.audit, &scope, action.commands.is_empty()) {
            for id in ids {
                replies.entry(Some(*id)).or_default();
            }
        }
        let name = |context: Option<u32>| context.or(own).map_or(action.context, ContextId::Id);
        let mut answers: Vec<_> =
            replies.into_iter().map(|(context, replies)| ActionReply::new(name(context), replies)).collect();
        if answers.is_empty() {
            answers.push(ActionReply::new(name(None), Vec::new()));
        }
        for answer in &mut answers {
            if let (Some(audit), ContextId::Id(id)) = (&action.audit, answer.context) {
                let context = self.contexts.by_id.get(&id);
                answer.properties = context.map(|context| context.properties(audit)).unwrap_or_default();
            }
        }
        (answers, stopped)
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
                    Target::RootOf(context) => (Some(*context), TerminationId::Root),
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
            (Command::Move(request), Target::At(place)) => self.relocate(now, peer, scope, &place, request),
            (Command::Modify(request), Target::Root) => self.modify_root(now, peer, request),
            (Command::Subtract(request), Target::At(place)) => self.subtract(now, &place, request.audit.as_ref()),
            (Command::AuditValue(request), Target::At(place)) => self.audit_value(now, &place, &request.audit),
            (Command::AuditValue(request), Target::Root | Target::RootOf(_)) => {
                Ok((TerminationId::Root, self.audit_root(&request.audit)))
            }
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
        // A gateway is notified of nothing (H.248.1 7.2.7).
        if matches!(command, Command::Notify(_)) {
            return Err(refusal_of(ErrorCode::UNKNOWN_COMMAND, command.name()));
        }
        if matches!(id, TerminationId::Root) {
            return match command {
                Command::Add(_) | Command::Subtract(_) | Command::Move(_) => {
                    Err(refusal_of(ErrorCode::INCORRECT_IDENTIFIER, "ROOT"))
                }
                // Every context, ROOT: the list of contexts (7.2.5).
                Command::AuditValue(_) => Ok(match scope {
                    Scope::All if !self.contexts.by_id.is_empty() => {
                        let left = budget.terminations.checked_sub(self.contexts.by_id.len());
                        budget.terminations = left.ok_or_else(|| refusal(ErrorCode::RESPONSE_TOO_LARGE))?;
                        self.contexts.by_id.keys().map(|id| Target::RootOf(*id)).collect()
                    }
                    Scope::Selected(ids) => ids.iter().map(|id| Target::RootOf(*id)).collect(),
                    _ => vec![Target::Root],
                }),
                _ => Ok(vec![Target::Root]),
            };
        }
        if matches!(command, Command::Add(_)) {
            return match (scope, id) {
                (Scope::Null | Scope::All | Scope::Selected(_), _) => Err(refusal(ErrorCode::ILLEGAL_ACTION)),
                (_, id) if id.has_choose() => Ok(vec![Target::New]),
                (_, id) if id.has_wildcard() => Err(refusal(ErrorCode::NO_TERMINATION_MATCHED)),
                (_, TerminationId::Path(name)) if self.contexts.place(name).is_some() => {
                    Err(refusal_of(ErrorCode::TERMINATION_ALREADY_IN_CONTEXT, name))
                }
                (_, id) => Err(refusal_of(ErrorCode::UNKNOWN_TERMINATION, id.as_str())),
            };
        }
        if matches!(command, Command::Move(_)) {
            return self.movable(scope, id, budget);
        }
        let within = match scope {
            Scope::New(None) => return Err(refusal(ErrorCode::ILLEGAL_ACTION)),
            Scope::Null => None,
            Scope::One(context) | Scope::New(Some(context)) => Some(*context),
            Scope::All => return self.everywhere(id, None, budget),
            Scope::Selected(ids) => return self.everywhere(id, Some(ids), budget),
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

    /// What Move may take into a context: what is in another. One that is named and there already is refused later.
    fn movable(&self, scope: &Scope, id: &TerminationId<'_>, budget: &mut Budget) -> Result<Vec<Target>, Refusal> {
        let into = match scope {
            Scope::Null | Scope::All | Scope::Selected(_) => return Err(refusal(ErrorCode::ILLEGAL_ACTION)),
            Scope::One(context) | Scope::New(Some(context)) => Some(*context),
            Scope::New(None) => None,
        };
        let mut targets = self.everywhere(id, None, budget)?;
        if id.has_wildcard() {
            targets.retain(|target| !matches!(target, Target::At(place) if Some(place.context) == into));
        }
        if targets.is_empty() { Err(refusal(ErrorCode::NO_TERMINATION_MATCHED)) } else { Ok(targets) }
    }

    fn everywhere(
        &self,
        id: &TerminationId<'_>,
        selected: Option<&Vec<u32>>,
        budget: &mut Budget,
    ) -> Result<Vec<Target>, Refusal> {
        match id {
            id if id.has_choose() => Err(refusal_of(ErrorCode::INCORRECT_IDENTIFIER, id.as_str())),
            TerminationId::Path(name) if !id.has_wildcard() => match self.contexts.place(name) {
                Some(place) if selected.is_none_or(|ids| ids.contains(&place.context)) => Ok(vec![Target::At(place)]),
                Some(_) => Err(refusal_of(ErrorCode::TERMINATION_NOT_IN_CONTEXT, name)),
                None => Err(refusal_of(ErrorCode::UNKNOWN_TERMINATION, name)),
            },
            id => {
                // Both are in order.
                let chosen = |context: &u32| selected.is_none_or(|ids| ids.binary_search(context).is_ok());
                let contexts = self.contexts.by_id.iter().filter(|(context, _)| chosen(context));
                let names = contexts.flat_map(|(context, inside)| {
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
    /// ROOT, asked about a context.
    RootOf(u32),
    /// One that the command makes.
    New,
    At(Place),
}

/// The terminations a wildcard matches: 431 when none does, 533 when a transaction goes through too many.
fn matching<'n>(
    id: &TerminationId<'_>,
    names: impl Iterator<Item = (u32, &'n Name<'static>)>,
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

/// Adds to a union reply what is not in it yet (H.248.1 6.2.2): of statistics every different value.
fn unite(union: &mut TerminationAudit<'static>, audit: TerminationAudit<'static>) {
    for item in audit.0 {
        let kind = std::mem::discriminant(&item);
        match (union.0.iter_mut().find(|present| std::mem::discriminant(*present) == kind), item) {
            (None, item) => union.0.push(item),
            (Some(AuditReturnParameter::Statistics(united)), AuditReturnParameter::Statistics(more)) => {
                for statistic in more.0 {
                    match united.0.iter_mut().find(|present| present.name == statistic.name) {
                        Some(present) => {
                            let new = statistic.values.into_iter().filter(|value| !present.values.contains(value));
                            let new: Vec<_> = new.collect();
                            present.values.extend(new);
                        }
                        None => united.0.push(statistic),
                    }
                }
            }
            (Some(_), _) => {}
        }
    }
}

/// The termination an Add with `$` has made.
fn added_by(reply: &CommandReply<'static>, request: &CommandRequest<'_>) -> Option<Name<'static>> {
    match (reply, &request.command) {
        (CommandReply::Add(made), Command::Add(asked))
            if reply.error().is_none() && asked.terminations.iter().any(TerminationId::has_choose) =>
        {
            made.terminations.iter().find_map(|id| match id {
                TerminationId::Path(name) => Some(name.clone()),
                _ => None,
            })
        }
        _ => None,
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
