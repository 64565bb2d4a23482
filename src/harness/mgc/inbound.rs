//! What a message of the gateway means, whose it is, and what it is answered with.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};

use super::{
    controller::Notification,
    endpoint::Shared,
    exchange::Arrival,
    registration::{Change, Registration},
    routes::{Answered, ScenarioId},
};
use crate::{
    harness::transcript::Route,
    wire::h248::{
        self, ActionReply, ActionRequest, Command, CommandReply, ContextId, ErrorCode, ErrorDescriptor, Fault,
        FaultLevel, IntoOwned, MId, Message, MessageBody, NotifyReply, NotifyRequest, ServiceChangeReply,
        ServiceChangeRequest, ServiceChangeResParm, ServiceChangeResult, TerminationAudit, TerminationId, Transaction,
        TransactionAck, TransactionId, TransactionReply, TransactionRequest,
    },
};

/// A message to send.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) owner: Option<ScenarioId>,
    pub(super) to: SocketAddr,
    pub(super) octets: Arc<[u8]>,
}

/// What a message of the gateway leads to, in this order: nobody may write to a gateway that has not been told it is registered.
#[derive(Debug, Default)]
pub(super) struct Consequences {
    pub(super) outgoing: Vec<Outgoing>,
    /// The registration from now on, when it changes.
    pub(super) registration: Option<Option<Registration>>,
}

/// A message of the gateway on its way through [`Shared::receive`]: recorded once in each transcript it concerns.
struct Inbound<'s> {
    shared: &'s Shared,
    from: SocketAddr,
    route: Route,
    octets: &'s Arc<[u8]>,
    frames: Vec<(Option<ScenarioId>, u32)>,
    consequences: Consequences,
}

impl Shared {
    /// Takes a datagram: hands on what it holds, and returns what is left to do.
    pub(super) fn receive(&self, from: SocketAddr, octets: &Arc<[u8]>) -> Consequences {
        let route = self.route(from).reversed();
        let consequences = Consequences::default();
        let mut inbound = Inbound { shared: self, from, route, octets, frames: Vec::new(), consequences };
        if self.options.peer.is_some_and(|peer| peer != from.ip()) {
            inbound.stray(format!("a message from {from}, which is not the gateway under test"));
            return inbound.consequences;
        }
        match h248::parse(octets) {
            Ok(message) => inbound.message(&message),
            Err(fault) => inbound.fault(&fault),
        }
        inbound.consequences
    }
}

impl Inbound<'_> {
    /// The message's frame in the transcript of `owner`, or of the association.
    fn frame(&mut self, owner: Option<ScenarioId>) -> u32 {
        if let Some((_, frame)) = self.frames.iter().find(|(known, _)| *known == owner) {
            return *frame;
        }
        let frame = self.shared.record(owner, self.route, self.octets);
        self.frames.push((owner, frame));
        frame
    }

    fn stray(&mut self, what: impl Into<String>) {
        let frame = self.frame(None);
        self.shared.stray(frame, what);
    }

    fn message(&mut self, message: &Message<'_>) {
        match &message.body {
            MessageBody::Error(error) => self.error(error),
            MessageBody::Transactions(transactions) => {
                self.transactions(message.version, &message.mid, transactions);
            }
        }
    }

    fn transactions(&mut self, version: u8, mid: &MId<'_>, transactions: &[Transaction<'_>]) {
        for transaction in transactions {
            match transaction {
                Transaction::Reply(reply) => self.reply(version, reply),
                Transaction::Pending(id) => self.pending(*id),
                Transaction::Request(request) => self.request(version, mid, request),
                // It would let us forget answers; ours are few and bounded anyway.
                Transaction::Ack(acks) => {
                    let first = acks.first().map_or(TransactionId::NONE, |ack| ack.first);
                    let answered = self.shared.routes().answered(self.from, first);
                    self.frame(answered.and_then(|answered| answered.owner));
                }
                Transaction::Segment(segment) => self.stray(format!("Segment of transaction {}", segment.id)),
            }
        }
    }

    /// A message-level error names no transaction (H.248.1 8.3).
    fn error(&mut self, error: &ErrorDescriptor<'_>) {
        let junk = self.shared.routes().junk_answered();
        if junk.is_some() {
            self.frame(junk);
            return;
        }
        let presumed = self.shared.routes().presumed();
        let Some(id) = presumed else {
            return self.stray(format!("a message-level error {} nobody waits for", error.code));
        };
        let owner = self.shared.routes().owner_of_transaction(id);
        let frame = self.frame(owner);
        let octets = Arc::clone(self.octets);
        self.shared.routes().deliver(id, Arrival::Error { frame, octets, error: error.clone().into_owned() });
    }

    /// What cannot be read is evidence for whoever waits for it; what could be read before the fault is taken as usual.
    fn fault(&mut self, fault: &Fault<'_>) {
        if let Some(mid) = &fault.mid {
            self.transactions(fault.version.unwrap_or(1), mid, &fault.transactions);
        }
        if fault.level != FaultLevel::Response
            && let Some(answer) = fault.answer(self.shared.mid.clone())
            && fault.broken.is_some()
        {
            let octets = h248::encode(&answer, self.shared.options.style).into();
            self.consequences.outgoing.push(Outgoing { owner: None, to: self.from, octets });
            return self.stray(format!("an undecodable request: {}", fault.error));
        }
        let routes = self.shared.routes();
        let named = replied_transaction(self.octets).filter(|id| routes.owner_of_transaction(*id).is_some());
        let meant = named.or_else(|| routes.presumed());
        let owner = meant.and_then(|id| routes.owner_of_transaction(id));
        drop(routes);
        match meant {
            Some(id) => {
                let frame = self.frame(owner);
                let octets = Arc::clone(self.octets);
                self.shared.routes().deliver(id, Arrival::Undecodable { frame, octets, fault: fault.error });
            }
            None => self.stray(format!("an undecodable message: {}", fault.error)),
        }
    }

    fn reply(&mut self, version: u8, reply: &TransactionReply<'_>) {
        let mut routes = self.shared.routes();
        // Id 0 answers a request whose id could not be read (H.248.1 8.2.2).
        let id = match routes.owner_of_transaction(reply.id) {
            None if reply.id == TransactionId::NONE => routes.presumed().unwrap_or(reply.id),
            _ => reply.id,
        };
        let owner = routes.owner_of_transaction(id);
        if let Some(owner) = owner {
            routes.learn_reply(owner, reply);
        }
        drop(routes);
        if owner.is_none() {
            self.stray(format!("a reply to transaction {}, which was never sent", reply.id));
        }
        let frame = self.frame(owner);
        if reply.immediate_ack_required {
            let ack = Transaction::Ack(vec![TransactionAck::one(reply.id)]);
            self.answer(owner, &Message::new(version, self.shared.mid.clone(), vec![ack]));
        }
        let reply = Box::new(reply.clone().into_owned());
        self.shared.routes().deliver(id, Arrival::Reply { frame, octets: Arc::clone(self.octets), reply });
    }

    fn pending(&mut self, id: TransactionId) {
        let owner = self.shared.routes().owner_of_transaction(id);
        if owner.is_none() {
            return self.stray(format!("Pending for transaction {id}, which was never sent"));
        }
        let frame = self.frame(owner);
        self.shared.routes().deliver(id, Arrival::Pending { frame });
    }

    fn answer(&mut self, owner: Option<ScenarioId>, message: &Message<'_>) -> Arc<[u8]> {
        let octets: Arc<[u8]> = h248::encode(message, self.shared.options.style).into();
        self.consequences.outgoing.push(Outgoing { owner, to: self.from, octets: Arc::clone(&octets) });
        octets
    }

    /// A request of the gateway: executed once, answered as often as it comes (H.248.1 annex D.1).
    fn request(&mut self, version: u8, mid: &MId<'_>, request: &TransactionRequest<'_>) {
        let answered = self.shared.routes().answered(self.from, request.id);
        if let Some(Answered { owner, octets }) = answered {
            self.frame(owner);
            self.consequences.outgoing.push(Outgoing { owner, to: self.from, octets });
            return;
        }
        let mut owner = None;
        let mut replies = Vec::with_capacity(request.actions.len());
        for action in &request.actions {
            let commands = action
                .commands
                .iter()
                .map(|command| {
                    let (of, reply) = self.command(mid, action, &command.command);
                    owner = owner.or(of);
                    reply
                })
                .collect();
            replies.push(ActionReply::new(action.context, commands));
        }
        self.frame(owner);
        let version = version.clamp(1, self.shared.options.version);
        let reply = TransactionReply::new(request.id, replies);
        let octets = self.answer(owner, &Message::reply(version, self.shared.mid.clone(), reply));
        self.shared.routes().keep_answer(self.from, request.id, Answered { owner, octets });
    }

    fn command<'m>(
        &mut self,
        mid: &MId<'_>,
        action: &ActionRequest<'_>,
        command: &Command<'m>,
    ) -> (Option<ScenarioId>, CommandReply<'m>) {
        let refused = |code| TerminationAudit::of_error(ErrorDescriptor::new(code));
        let refuse = |code| h248::AmmsReply { terminations: command.terminations().clone(), audit: refused(code) };
        let code = ErrorCode::UNKNOWN_COMMAND;
        match command {
            Command::Notify(notify) => self.notify(action.context, notify),
            Command::ServiceChange(change) => self.service_change(mid, action.context, change),
            // A controller has no terminations.
            Command::Add(_) => (None, CommandReply::Add(refuse(code))),
            Command::Move(_) => (None, CommandReply::Move(refuse(code))),
            Command::Modify(_) => (None, CommandReply::Modify(refuse(code))),
            Command::Subtract(_) => (None, CommandReply::Subtract(refuse(code))),
            Command::AuditValue(audit) => {
                let reply = h248::AuditReply::Terminations(audit.terminations.clone(), refused(code));
                (None, CommandReply::AuditValue(reply))
            }
            Command::AuditCapability(audit) => {
                let reply = h248::AuditReply::Terminations(audit.terminations.clone(), refused(code));
                (None, CommandReply::AuditCapability(reply))
            }
        }
    }

    fn notify<'m>(&mut self, context: ContextId, notify: &NotifyRequest<'m>) -> (Option<ScenarioId>, CommandReply<'m>) {
        let termination = notify.terminations.first();
        let observed = &notify.observed_events;
        let owner = self.shared.routes().owner_of_event(context, termination, Some(observed.request_id));
        match owner {
            Some(owner) => {
                let frame = self.frame(Some(owner));
                let notification = Notification {
                    frame,
                    context,
                    termination: termination.clone().into_owned(),
                    request_id: observed.request_id,
                    events: observed.events.clone().into_owned(),
                };
                self.shared.routes().notify(owner, notification);
            }
            None => self.stray(format!("a Notify of {termination} in context {context}, which no scenario owns")),
        }
        (owner, CommandReply::Notify(NotifyReply { terminations: notify.terminations.clone(), error: None }))
    }

    fn service_change<'m>(
        &mut self,
        mid: &MId<'_>,
        context: ContextId,
        change: &ServiceChangeRequest<'m>,
    ) -> (Option<ScenarioId>, CommandReply<'m>) {
        let termination = change.terminations.first();
        let mut parms = ServiceChangeResParm::default();
        let mut owner = None;
        if *termination == TerminationId::Root {
            let before = self.shared.registrations.load(Ordering::Relaxed);
            let place = (before + 1, self.frame(None));
            match Change::of(&change.parms, mid, self.from, self.shared.options.version, place) {
                Change::Registers(registration) => {
                    parms = registration.reply();
                    self.shared.registrations.store(registration.number, Ordering::Relaxed);
                    self.consequences.registration = Some(Some(*registration));
                }
                Change::Leaves => self.consequences.registration = Some(None),
                Change::Stays => {}
            }
        } else {
            owner = self.shared.routes().owner_of_event(context, termination, None);
        }
        let result = ServiceChangeResult::Parms(parms);
        (owner, CommandReply::ServiceChange(ServiceChangeReply { terminations: change.terminations.clone(), result }))
    }
}

impl Shared {
    /// The scenario a message is about, as far as its first reply tells.
    pub(super) fn owner_of(&self, octets: &[u8]) -> Option<ScenarioId> {
        self.routes().owner_of_transaction(replied_transaction(octets)?)
    }
}

/// The transaction a broken message seems to answer: the number after its first `Reply=` or `P=`.
fn replied_transaction(octets: &[u8]) -> Option<TransactionId> {
    let equals = octets.iter().enumerate().filter(|(_, octet)| **octet == b'=').map(|(at, _)| at);
    for at in equals {
        let before = octets.get(..at).unwrap_or_default().trim_ascii_end();
        let word = before.rsplit(|octet| !octet.is_ascii_alphanumeric()).next().unwrap_or_default();
        if word.eq_ignore_ascii_case(b"Reply") || word.eq_ignore_ascii_case(b"P") {
            let after = octets.get(at + 1..).unwrap_or_default().trim_ascii_start();
            let digits = after.iter().take(11).take_while(|octet| octet.is_ascii_digit());
            let number = digits.fold(0u64, |number, digit| number * 10 + u64::from(digit - b'0'));
            return u32::try_from(number).ok().map(TransactionId);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_reply_still_names_its_transaction() {
        for (text, id) in [
            ("!/2 <mg> P=17{C=1{", Some(17)),
            ("MEGACO/2 <mg>\r\nReply = 4294967295 {", Some(4_294_967_295)),
            ("!/2 <mg> P=4294967296{", None),
            ("!/2 <mg> T=5{C=-{XP=3", None),
            ("", None),
        ] {
            assert_eq!(replied_transaction(text.as_bytes()), id.map(TransactionId), "{text}");
        }
    }
}
