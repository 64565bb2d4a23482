//! Who is meant: which scenario owns a transaction, a context, a termination, a request.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use tokio::sync::mpsc;

use super::{controller::Notification, exchange::Arrival};
use crate::{
    harness::transcript::Transcript,
    wire::h248::{
        ActionReply, ActionRequest, Command, CommandReply, ContextId, IntoOwned, RequestId, TerminationId,
        TerminationIdList, TransactionId, TransactionReply, TransactionResult,
    },
};

/// A scenario on the association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ScenarioId(u64);

/// What is known of a scenario.
#[derive(Debug)]
struct Scenario {
    transcript: Transcript,
    notifications: mpsc::Sender<Notification>,
    lost_notifications: u64,
    holds: BTreeMap<ContextId, BTreeSet<TerminationId<'static>>>,
    made: BTreeSet<ContextId>,
}

/// A request that was sent, and who waits for what follows. Kept after the answer, so that late repetitions are put down to
/// the scenario that caused them.
#[derive(Debug)]
struct Outstanding {
    owner: ScenarioId,
    inbox: Option<mpsc::Sender<Arrival>>,
    /// Deliberately malformed: its answer may name no transaction.
    raw: bool,
}

/// A request of the gateway that was answered: repeated, it gets the same octets and is not executed again.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) owner: Option<ScenarioId>,
    pub(super) octets: Arc<[u8]>,
}

/// Requests of the gateway whose answers are kept; annex D.1 asks for 30 s, this is far more than those.
const ANSWERED: usize = 4096;

/// The routing tables of one association.
#[derive(Debug)]
pub(super) struct Routes {
    next_transaction: u32,
    next_request: u32,
    next_scenario: u64,
    scenarios: HashMap<ScenarioId, Scenario>,
    outstanding: HashMap<TransactionId, Outstanding>,
    contexts: HashMap<ContextId, ScenarioId>,
    terminations: HashMap<TerminationId<'static>, ScenarioId>,
    /// `None`: several scenarios use the id, so it says nothing.
    requests: HashMap<u32, Option<ScenarioId>>,
    answered: HashMap<(SocketAddr, TransactionId), Answered>,
    answered_order: VecDeque<(SocketAddr, TransactionId)>,
    /// Who sent what is no message and awaits nothing, oldest first.
    junk: VecDeque<ScenarioId>,
}

impl Default for Routes {
    fn default() -> Self {
        // A gateway remembers (mId, transaction) for 30 s: a controller that restarts on its address must not repeat ids.
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        let fresh = u32::try_from(since % u128::from(u32::MAX / 2)).unwrap_or_default() + 1;
        Self {
            next_transaction: fresh,
            next_request: fresh,
            next_scenario: 0,
            scenarios: HashMap::new(),
            outstanding: HashMap::new(),
            contexts: HashMap::new(),
            terminations: HashMap::new(),
            requests: HashMap::new(),
            answered: HashMap::new(),
            answered_order: VecDeque::new(),
            junk: VecDeque::new(),
        }
    }
}

impl Routes {
    /// A new scenario.
    pub(super) fn open(&mut self, transcript: Transcript, notifications: mpsc::Sender<Notification>) -> ScenarioId {
        let id = ScenarioId(self.next_scenario);
        self.next_scenario += 1;
        let (holds, made) = Default::default();
        self.scenarios.insert(id, Scenario { transcript, notifications, lost_notifications: 0, holds, made });
        id
    }

    /// Forgets a scenario and all that leads to it.
    pub(super) fn close(&mut self, id: ScenarioId) {
        self.scenarios.remove(&id);
        self.outstanding.retain(|_, outstanding| outstanding.owner != id);
        self.junk.retain(|owner| *owner != id);
        self.contexts.retain(|_, owner| *owner != id);
        self.terminations.retain(|_, owner| *owner != id);
        self.requests.retain(|_, owner| *owner != Some(id));
    }

    pub(super) fn transcript(&self, id: ScenarioId) -> Option<&Transcript> {
        self.scenarios.get(&id).map(|scenario| &scenario.transcript)
    }

    /// A transaction id nobody else uses; never 0, which means "unreadable" in replies.
    pub(super) fn allot_transaction(&mut self) -> TransactionId {
        let id = self.next_transaction;
        self.next_transaction = id.checked_add(1).unwrap_or(1);
        TransactionId(id)
    }

    /// A request id nobody else uses.
    pub(super) fn allot_request(&mut self, owner: ScenarioId) -> u32 {
        let id = self.next_request;
        self.next_request = id.checked_add(1).unwrap_or(1);
        self.requests.insert(id, Some(owner));
        id
    }

    /// What answers `id` goes to `inbox` from now on.
    pub(super) fn expect(&mut self, id: TransactionId, owner: ScenarioId, raw: bool, inbox: mpsc::Sender<Arrival>) {
        self.outstanding.insert(id, Outstanding { owner, inbox: Some(inbox), raw });
    }

    /// Nobody waits for `id` any more. Which scenario it belongs to stays known.
    pub(super) fn settle(&mut self, id: TransactionId) {
        if let Some(outstanding) = self.outstanding.get_mut(&id) {
            outstanding.inbox = None;
        }
    }

    /// Whose request `id` was.
    pub(super) fn owner_of_transaction(&self, id: TransactionId) -> Option<ScenarioId> {
        self.outstanding.get(&id).map(|outstanding| outstanding.owner)
    }

    /// The transaction meant by an answer that names none: the malformed request that waits, or else the only one that waits.
    pub(super) fn presumed(&self) -> Option<TransactionId> {
        let mut waiting = self.outstanding.iter().filter(|(_, outstanding)| outstanding.inbox.is_some());
        if let Some((id, _)) = waiting.clone().find(|(_, outstanding)| outstanding.raw) {
            return Some(*id);
        }
        waiting.next().filter(|_| waiting.next().is_none()).map(|(id, _)| *id)
    }

    /// What is no message goes out and nobody waits: the message-level error it may get is not for the request that follows it.
    pub(super) fn expect_junk(&mut self, owner: ScenarioId) {
        self.junk.push_back(owner);
        if self.junk.len() > ANSWERED {
            self.junk.pop_front();
        }
    }

    /// Whose junk the next message-level error answers.
    pub(super) fn junk_answered(&mut self) -> Option<ScenarioId> {
        self.junk.pop_front()
    }

    /// Hands over what arrived for `id`; false when nobody waits for it.
    pub(super) fn deliver(&self, id: TransactionId, arrival: Arrival) -> bool {
        let inbox = self.outstanding.get(&id).and_then(|outstanding| outstanding.inbox.as_ref());
        inbox.is_some_and(|inbox| inbox.try_send(arrival).is_ok())
    }

    /// Remembers the request ids a scenario chose by itself.
    pub(super) fn learn_request(&mut self, owner: ScenarioId, actions: &[ActionRequest<'_>]) {
        for command in actions.iter().flat_map(|action| &action.commands) {
            let (Command::Add(request) | Command::Move(request) | Command::Modify(request)) = &command.command else {
                continue;
            };
            let Some(events) = &request.events else { continue };
            let embedded = events.events.iter().filter_map(|event| event.embed.as_ref()?.events.as_ref()?.request_id);
            for id in events.request_id.into_iter().chain(embedded) {
                if let RequestId::Id(id) = id {
                    let known = self.requests.entry(id).or_insert(Some(owner));
                    if *known != Some(owner) {
                        *known = None;
                    }
                }
            }
        }
    }

    /// Remembers the contexts and terminations a reply made, and forgets those it ended.
    pub(super) fn learn_reply(&mut self, owner: ScenarioId, reply: &TransactionReply<'_>) {
        let TransactionResult::Actions(actions) = &reply.result else { return };
        for action in actions {
            if let ContextId::Id(_) = action.context {
                self.learn_action(owner, action);
            }
        }
    }

    fn learn_action(&mut self, owner: ScenarioId, action: &ActionReply<'_>) {
        let Some(scenario) = self.scenarios.get_mut(&owner) else { return };
        let context = action.context;
        for reply in action.commands.iter().filter(|reply| reply.error().is_none()) {
            match reply {
                CommandReply::Add(reply) | CommandReply::Move(reply) => {
                    self.contexts.insert(context, owner);
                    scenario.made.insert(context);
                    for id in concrete(&reply.terminations) {
                        for held in scenario.holds.values_mut() {
                            held.remove(&id);
                        }
                        self.terminations.insert(id.clone(), owner);
                        scenario.holds.entry(context).or_default().insert(id);
                    }
                }
                CommandReply::Subtract(reply) => {
                    if let Some(held) = scenario.holds.get_mut(&context) {
                        held.retain(|id| !reply.terminations.iter().any(|gone| gone.matches(id)));
                    }
                }
                _ => {}
            }
        }
        scenario.holds.retain(|_, held| !held.is_empty());
    }

    /// The contexts a scenario still holds, with the terminations in them.
    pub(super) fn held(&self, owner: ScenarioId) -> Vec<(ContextId, Vec<TerminationId<'static>>)> {
        let held = self.scenarios.get(&owner).map(|scenario| &scenario.holds);
        held.into_iter().flatten().map(|(context, ids)| (*context, ids.iter().cloned().collect())).collect()
    }

    /// Every context a scenario ever had.
    pub(super) fn made(&self, owner: ScenarioId) -> Vec<ContextId> {
        self.scenarios.get(&owner).into_iter().flat_map(|scenario| scenario.made.iter().copied()).collect()
    }

    /// Was a context, when last heard of, this scenario's?
    pub(super) fn owns(&self, owner: ScenarioId, context: ContextId) -> bool {
        self.contexts.get(&context) == Some(&owner)
    }

    /// Whose a Notify is: by context, else termination, else request.
    pub(super) fn owner_of_event(
        &self,
        context: ContextId,
        termination: &TerminationId<'_>,
        request: Option<RequestId>,
    ) -> Option<ScenarioId> {
        fn owner<'a>(
            terminations: &HashMap<TerminationId<'a>, ScenarioId>,
            id: &TerminationId<'a>,
        ) -> Option<ScenarioId> {
            terminations.get(id).copied()
        }
        let by_request = |request| match request {
            RequestId::Id(id) => self.requests.get(&id).copied().flatten(),
            RequestId::All => None,
        };
        self.contexts
            .get(&context)
            .copied()
            .or_else(|| owner(&self.terminations, termination))
            .or_else(|| request.and_then(by_request))
    }

    /// Hands a Notify to its scenario; one that reads none of them loses the newest.
    pub(super) fn notify(&mut self, owner: ScenarioId, notification: Notification) {
        if let Some(scenario) = self.scenarios.get_mut(&owner)
            && scenario.notifications.try_send(notification).is_err()
        {
            scenario.lost_notifications += 1;
        }
    }

    /// Notifies a scenario did not read in time to have room for more.
    pub(super) fn lost_notifications(&self, owner: ScenarioId) -> u64 {
        self.scenarios.get(&owner).map_or(0, |scenario| scenario.lost_notifications)
    }

    /// What a request of the gateway was answered with.
    pub(super) fn answered(&self, from: SocketAddr, id: TransactionId) -> Option<Answered> {
        self.answered.get(&(from, id)).cloned()
    }

    /// Keeps the answer to a request of the gateway.
    pub(super) fn keep_answer(&mut self, from: SocketAddr, id: TransactionId, answer: Answered) {
        if self.answered.insert((from, id), answer).is_none() {
            self.answered_order.push_back((from, id));
        }
        if self.answered_order.len() > ANSWERED
            && let Some(oldest) = self.answered_order.pop_front()
        {
            self.answered.remove(&oldest);
        }
    }
}

fn concrete(list: &TerminationIdList<'_>) -> impl Iterator<Item = TerminationId<'static>> {
    list.iter().filter(|id| id.is_concrete() && **id != TerminationId::Root).cloned().map(IntoOwned::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::h248::AmmsReply;

    fn scenario(routes: &mut Routes) -> ScenarioId {
        routes.open(Transcript::new(), mpsc::channel(1).0)
    }

    fn reply(context: u32, command: CommandReply<'static>) -> TransactionReply<'static> {
        TransactionReply::new(TransactionId(1), vec![ActionReply::new(ContextId::Id(context), vec![command])])
    }

    #[test]
    fn a_context_belongs_to_the_scenario_whose_add_made_it() {
        let mut routes = Routes::default();
        let (first, second) = (scenario(&mut routes), scenario(&mut routes));
        routes.learn_reply(first, &reply(1, CommandReply::Add(AmmsReply::new("ip/1"))));
        routes.learn_reply(second, &reply(2, CommandReply::Add(AmmsReply::new("ip/2"))));
        let owner = |context, termination: &str| {
            routes.owner_of_event(context, &TerminationId::from(termination), Some(RequestId::All))
        };
        assert_eq!(owner(ContextId::Id(1), "ip/9"), Some(first));
        assert_eq!(owner(ContextId::Null, "IP/2"), Some(second));
        assert_eq!(owner(ContextId::Id(3), "ip/3"), None);
        assert!(routes.owns(first, ContextId::Id(1)));
        routes.learn_reply(second, &reply(1, CommandReply::Add(AmmsReply::new("ip/3"))));
        assert!(!routes.owns(first, ContextId::Id(1)));
    }

    #[test]
    fn a_request_id_two_scenarios_use_leads_to_neither() {
        let mut routes = Routes::default();
        let (first, second) = (scenario(&mut routes), scenario(&mut routes));
        let allotted = routes.allot_request(first);
        let nowhere = TerminationId::from("x");
        let owner = |routes: &Routes, id| routes.owner_of_event(ContextId::Null, &nowhere, Some(RequestId::Id(id)));
        assert_eq!(owner(&routes, allotted), Some(first));
        routes.requests.insert(7, Some(first));
        let request = crate::wire::h248::AmmRequest {
            events: Some(crate::wire::h248::EventsDescriptor::new(7, [])),
            ..crate::wire::h248::AmmRequest::new("x")
        };
        routes.learn_request(second, &[ActionRequest::new(ContextId::Id(1), vec![Command::Modify(request)])]);
        assert_eq!(owner(&routes, 7), None);
    }

    #[test]
    fn what_is_subtracted_is_held_no_longer() {
        let mut routes = Routes::default();
        let id = scenario(&mut routes);
        routes.learn_reply(id, &reply(5, CommandReply::Add(AmmsReply::new("ip/1"))));
        routes.learn_reply(id, &reply(5, CommandReply::Add(AmmsReply::new("ip/2"))));
        routes.learn_reply(id, &reply(5, CommandReply::Subtract(AmmsReply::new("IP/1"))));
        assert_eq!(routes.held(id), [(ContextId::Id(5), vec![TerminationId::from("ip/2")])]);
        routes.learn_reply(id, &reply(5, CommandReply::Subtract(AmmsReply::new("*"))));
        assert_eq!(routes.held(id), []);
        assert_eq!(routes.made(id), [ContextId::Id(5)]);
        routes.close(id);
        assert!(routes.contexts.is_empty() && routes.terminations.is_empty());
    }

    #[test]
    fn an_answer_without_id_is_for_the_malformed_request() {
        let mut routes = Routes::default();
        let id = scenario(&mut routes);
        let (inbox, _kept) = mpsc::channel(1);
        assert_eq!(routes.presumed(), None);
        routes.expect(TransactionId(1), id, false, inbox.clone());
        assert_eq!(routes.presumed(), Some(TransactionId(1)));
        routes.expect(TransactionId(2), id, false, inbox.clone());
        assert_eq!(routes.presumed(), None);
        routes.expect(TransactionId(3), id, true, inbox);
        assert_eq!(routes.presumed(), Some(TransactionId(3)));
        routes.settle(TransactionId(3));
        assert_eq!(routes.presumed(), None);
    }

    #[test]
    fn kept_answers_are_bounded() {
        let mut routes = Routes::default();
        let from = SocketAddr::from(([127, 0, 0, 1], 9));
        for id in 0..5000 {
            routes.keep_answer(from, TransactionId(id), Answered { owner: None, octets: Arc::new([]) });
        }
        assert_eq!((routes.answered.len(), routes.answered_order.len()), (ANSWERED, ANSWERED));
        assert!(routes.answered(from, TransactionId(4999)).is_some());
    }
}
