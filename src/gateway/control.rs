//! The H.248 machine: messages in and out. What a message asks for is in `command`, who the MGC is in `registration`.

use super::{
    bearer::{BearerEvent, BearerState, LegCommand, LegId, RelayId},
    context::Contexts,
    policy::Policy,
    port::Ports,
    profile::Interface,
    registration::Registration,
    transaction::{Admission, Due, Replies, Requests, Timers, TransactionKey},
};
use crate::wire::h248::{
    self, ActionReply, ContextId, ErrorCode, ErrorDescriptor, Fault, FaultLevel, IntoOwned, Leniency, MId, Message,
    MessageBody, Name, Style, Transaction, TransactionAck, TransactionId, TransactionReply, TransactionRequest,
    TransactionResult,
};
use std::{collections::VecDeque, fmt, net::SocketAddr, sync::Arc, time::Instant};

/// One of the shell's ways to reach peers: a bound UDP socket, or a TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssociationId(pub u32);

/// The other end of an H.248 message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer {
    /// Which way it came, and replies go.
    pub association: AssociationId,
    /// Its address.
    pub address: SocketAddr,
}

/// How much the gateway holds. Beyond that it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Contexts (412 beyond).
    pub contexts: usize,
    /// Terminations in a context (434).
    pub terminations_per_context: usize,
    /// Streams of a termination (510).
    pub streams_per_termination: usize,
    /// Transactions in a message (413).
    pub transactions_per_message: usize,
    /// Terminations that the wildcards of one transaction may touch (533).
    pub terminations_per_transaction: usize,
    /// Transactions remembered (510).
    pub replies: usize,
    /// Octets of replies remembered (510).
    pub reply_octets: usize,
    /// Octets in a message sent (533); a UDP datagram carries no more.
    pub message_octets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            contexts: 20_000,
            terminations_per_context: 64,
            streams_per_termination: 8,
            transactions_per_message: 64,
            terminations_per_transaction: 100_000,
            replies: 100_000,
            reply_octets: 32 << 20,
            message_octets: 65_000,
        }
    }
}

/// What a gateway is.
#[derive(Debug, Clone)]
pub struct Config {
    /// The interface it serves.
    pub interface: Interface,
    /// Its name in messages.
    pub mid: MId<'static>,
    /// The realms [`Ports`] knows, the default first.
    pub realms: Vec<String>,
    /// Its certificate, DER: what `a=fingerprint:… $` asks about.
    pub certificate: Arc<[u8]>,
    /// MGCs to register with, in order of preference; none: the first that speaks is the MGC.
    pub mgcs: Vec<Peer>,
    /// How long it waits.
    pub timers: Timers,
    /// How much it holds.
    pub limits: Limits,
    /// The id of its first own transaction: not one of those its MGC may still remember.
    pub first_transaction: u32,
    /// Unpredictable: names made up for peers (MSRP session-ids) follow from it.
    pub secret: u64,
}

/// What the shell has to carry out.
#[derive(Debug)]
pub enum Output {
    /// Send a message.
    Control {
        /// To whom.
        to: Peer,
        /// The message.
        octets: Vec<u8>,
    },
    /// Tell a relay, starting it at its first command.
    Bearer {
        /// Which relay.
        relay: RelayId,
        /// What it is told.
        command: LegCommand,
    },
}

/// What happened, for logs and tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayEvent {
    /// An MGC took the gateway.
    Registered {
        /// The MGC.
        mgc: Peer,
    },
    /// An MGC left a request unanswered for T-MAX.
    MgcLost {
        /// The MGC.
        mgc: Peer,
    },
    /// A transaction ended in an error.
    Refused {
        /// Who asked.
        peer: Peer,
        /// The first error code in the reply.
        code: u16,
    },
    /// After [`Gateway::shutdown`]: nothing more will come.
    Stopped,
}

/// How much the gateway holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GatewayCounts {
    /// Contexts, the null context not counted.
    pub contexts: usize,
    /// Terminations, ROOT not counted.
    pub terminations: usize,
}

/// What an own request is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// ServiceChange that registers.
    Register,
    /// Notify from this termination.
    Notify(Name<'static>),
    /// ServiceChange that takes leave.
    Leave,
}

/// A request admitted and not yet due for execution ([`Timers::execution`]).
struct Delayed {
    due: Instant,
    peer: Peer,
    version: u8,
    key: TransactionKey,
    request: TransactionRequest<'static>,
}

/// The H.248 side of the reference gateway; the call order is in the [module doc](super).
pub struct Gateway {
    pub(super) contexts: Contexts,
    pub(super) replies: Replies,
    pub(super) requests: Requests<Purpose>,
    pub(super) registration: Registration,
    /// Version of the gateway's own messages: what was negotiated.
    pub(super) version: u8,
    delayed: VecDeque<Delayed>,
    outputs: VecDeque<Output>,
    events: VecDeque<GatewayEvent>,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("counts", &self.counts())
            .field("registration", &self.registration)
            .finish_non_exhaustive()
    }
}

/// The versions of H.248.1 there are.
const VERSIONS: std::ops::RangeInclusive<u8> = 1..=3;

impl Gateway {
    /// A gateway that has not yet said anything.
    pub fn new(config: Config, policy: Arc<dyn Policy>, ports: Box<dyn Ports>) -> Self {
        let Config { timers, limits, first_transaction, .. } = config;
        Self {
            contexts: Contexts::new(Arc::new(config), policy, ports),
            replies: Replies::new(timers.long, limits.replies, limits.reply_octets),
            requests: Requests::new(first_transaction),
            registration: Registration::default(),
            version: 2,
            delayed: VecDeque::new(),
            outputs: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Registers with the MGC, if one is configured. H.248.1 11.2.
    pub fn start(&mut self, now: Instant) {
        self.register_at_start(now);
    }

    /// A message has arrived.
    pub fn handle_h248(&mut self, now: Instant, peer: Peer, octets: &[u8]) {
        match h248::parse_with(octets, &Leniency::STRICT) {
            Ok(message) => self.message(now, peer, message),
            Err(fault) => self.fault(now, peer, *fault),
        }
    }

    /// A relay reports.
    pub fn handle_bearer(&mut self, now: Instant, relay: RelayId, event: BearerEvent) {
        let Some((place, stream)) = self.contexts.leg(event.leg()).cloned() else { return };
        let context = self.contexts.by_id.get_mut(&place.context);
        let Some(termination) = context.and_then(|context| context.termination_mut(&place.termination)) else { return };
        let leg = termination.streams.get_mut(&stream).and_then(|stream| stream.leg.as_mut());
        let Some(leg) = leg.filter(|leg| leg.relay == relay) else { return };
        match event {
            BearerEvent::Established { state, .. } => leg.state = state,
            BearerEvent::Ended { .. } => leg.state = BearerState::Released,
            // A stranger's failed attempt leaves the leg as it was.
            BearerEvent::Failed { .. } => {}
        }
        termination.observe(stream, &event);
        if self.contexts.policy.notifies() {
            self.notify(now, &place);
        }
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.replies.forget(now);
        while self.delayed.front().is_some_and(|delayed| delayed.due <= now) {
            let Some(Delayed { peer, version, key, request, .. }) = self.delayed.pop_front() else { break };
            self.execute_and_reply(now, peer, version, &key, &request, None);
        }
        let timers = self.contexts.config.timers;
        while let Some(due) = self.requests.due(now, &timers) {
            match due {
                Due::Repeat(to, octets) => self.outputs.push_back(Output::Control { to, octets }),
                Due::Lost(mgc, purpose) => {
                    self.event(GatewayEvent::MgcLost { mgc });
                    self.lost(now, mgc, purpose);
                }
            }
        }
        self.registration_timeout(now);
    }

    /// Takes leave of the MGC and releases everything. H.248.1 7.2.8: ROOT, Forced, 905.
    pub fn shutdown(&mut self, now: Instant) {
        self.delayed.clear();
        self.contexts.clear();
        self.leave(now);
    }

    /// True once the MGC has been taken leave of, or did not care within a second.
    pub fn is_stopped(&self) -> bool {
        self.registration.is_stopped()
    }

    /// What to carry out next.
    pub fn poll_output(&mut self) -> Option<Output> {
        // Bearers first: a reply must not promise an address that is not yet listened on.
        match self.contexts.commands.pop_front() {
            Some((relay, command)) => Some(Output::Bearer { relay, command }),
            None => self.outputs.pop_front(),
        }
    }

    /// When [`Gateway::handle_timeout`] is due at the latest.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let delayed = self.delayed.front().map(|delayed| delayed.due);
        let timeouts = [delayed, self.replies.timeout(), self.requests.timeout(), self.registration.timeout()];
        timeouts.into_iter().flatten().min()
    }

    /// What happened.
    pub fn poll_event(&mut self) -> Option<GatewayEvent> {
        self.events.pop_front()
    }

    /// How much the gateway holds.
    pub fn counts(&self) -> GatewayCounts {
        GatewayCounts { contexts: self.contexts.by_id.len(), terminations: self.contexts.index.len() }
    }

    /// The bearer state of a leg.
    pub fn bearer_state(&self, leg: LegId) -> Option<BearerState> {
        let (place, stream) = self.contexts.leg(leg)?;
        let termination = self.contexts.by_id.get(&place.context)?.termination(&place.termination)?;
        Some(termination.streams.get(stream)?.leg.as_ref()?.state)
    }

    /// Keeps an event for [`Gateway::poll_event`]; who never asks loses the oldest.
    pub(super) fn event(&mut self, event: GatewayEvent) {
        const MOST: usize = 256;
        if self.events.len() >= MOST {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    fn message(&mut self, now: Instant, peer: Peer, message: Message<'_>) {
        let Message { version, mid, body, .. } = message;
        if !VERSIONS.contains(&version) {
            return self.message_error(peer, *VERSIONS.end(), ErrorDescriptor::new(ErrorCode::VERSION_NOT_SUPPORTED));
        }
        // An error body answers something of ours that the peer could not read: retransmission ends that.
        let MessageBody::Transactions(transactions) = body else { return };
        if transactions.len() > self.contexts.config.limits.transactions_per_message {
            return self.message_error(peer, version, ErrorDescriptor::new(ErrorCode::TOO_MANY_TRANSACTIONS));
        }
        self.transactions(now, peer, version, &mid, transactions);
    }

    fn transactions(
        &mut self,
        now: Instant,
        peer: Peer,
        version: u8,
        mid: &MId<'_>,
        transactions: Vec<Transaction<'_>>,
    ) {
        let mid = mid.to_string().to_ascii_lowercase();
        for transaction in transactions {
            match transaction {
                Transaction::Request(request) => self.request(now, peer, version, &mid, request, None),
                Transaction::Reply(reply) => self.reply(now, peer, version, reply),
                Transaction::Pending(TransactionId(id)) => {
                    let timers = self.contexts.config.timers;
                    self.requests.pending(now, id, &timers);
                }
                Transaction::Ack(acks) => {
                    // A message holds thousands of ranges; those of one peer in its right mind are few.
                    for TransactionAck { first, last } in acks.into_iter().take(64) {
                        self.replies.acknowledged(&mid, first.0, last.unwrap_or(first).0);
                    }
                }
                // The gateway never segments.
                Transaction::Segment(_) => {}
            }
        }
    }

    /// The syntax ladder of H.248.1 8.2.2: what could be read is executed, the rest answered with the error of its level.
    fn fault(&mut self, now: Instant, peer: Peer, mut fault: Fault<'_>) {
        let version = fault.version.unwrap_or(self.version);
        if !VERSIONS.contains(&version) {
            return self.message_error(peer, *VERSIONS.end(), ErrorDescriptor::new(ErrorCode::VERSION_NOT_SUPPORTED));
        }
        let transactions = std::mem::take(&mut fault.transactions);
        if transactions.len() >= self.contexts.config.limits.transactions_per_message {
            return self.message_error(peer, version, ErrorDescriptor::new(ErrorCode::TOO_MANY_TRANSACTIONS));
        }
        let mid = fault.mid.take();
        if let Some(mid) = &mid {
            self.transactions(now, peer, version, mid, transactions);
        }
        match (fault.level, mid, fault.broken.take()) {
            (FaultLevel::Response, ..) => {}
            (FaultLevel::Message, ..) => self.message_error(peer, version, fault.descriptor()),
            (_, Some(mid), Some(broken)) => {
                let mid = mid.to_string().to_ascii_lowercase();
                self.request(now, peer, version, &mid, broken, Some((fault.context, fault.descriptor())));
            }
            _ => {
                let reply = TransactionReply::error(TransactionId::NONE, fault.descriptor());
                self.send_reply(peer, version, reply);
            }
        }
    }

    fn request(
        &mut self,
        now: Instant,
        peer: Peer,
        version: u8,
        mid: &str,
        request: TransactionRequest<'_>,
        broken: Option<(Option<ContextId>, ErrorDescriptor<'static>)>,
    ) {
        if let Err(code) = self.registration.admits(&self.contexts.config, peer) {
            // Not stored: the same request may be right in a moment.
            self.event(GatewayEvent::Refused { peer, code: code.0 });
            let reply = TransactionReply::error(request.id, ErrorDescriptor::new(code));
            return drop(self.send_reply(peer, version, reply));
        }
        self.spoke(peer);
        let key = (mid.to_owned(), request.id.0);
        let admission = match self.contexts.policy.answers_duplicates_from_store() {
            true => self.replies.admit(now, &key),
            false => Admission::New,
        };
        match admission {
            Admission::New if self.contexts.config.timers.execution.is_zero() || broken.is_some() => {
                self.execute_and_reply(now, peer, version, &key, &request, broken);
            }
            Admission::New => {
                let due = now + self.contexts.config.timers.execution;
                self.delayed.push_back(Delayed { due, peer, version, key, request: request.into_owned() });
            }
            Admission::Answered(octets) => self.outputs.push_back(Output::Control { to: peer, octets }),
            Admission::Running => self.send(peer, version, Transaction::Pending(request.id)),
            Admission::Acknowledged => {}
            Admission::Full => {
                let error = ErrorDescriptor::new(ErrorCode::INSUFFICIENT_RESOURCES);
                self.send_reply(peer, version, TransactionReply::error(request.id, error));
            }
        }
    }

    fn execute_and_reply(
        &mut self,
        now: Instant,
        peer: Peer,
        version: u8,
        key: &TransactionKey,
        request: &TransactionRequest<'_>,
        broken: Option<(Option<ContextId>, ErrorDescriptor<'static>)>,
    ) {
        let (mut actions, failed) = self.execute(now, peer, &request.actions);
        let mut reply = match broken {
            Some((_, error)) if actions.is_empty() => TransactionReply::error(request.id, error),
            Some((context, error)) if !failed => {
                match actions.last_mut().filter(|last| context.is_some() && last.error.is_none()) {
                    Some(last) => last.error = Some(error),
                    // No context can be named for what could not be read.
                    None => actions.push(ActionReply::error(context.unwrap_or(ContextId::Null), error)),
                }
                TransactionReply::new(request.id, actions)
            }
            _ if actions.is_empty() => {
                let error = ErrorDescriptor::new(ErrorCode::SYNTAX_ERROR_IN_ACTION);
                TransactionReply::error(request.id, error)
            }
            _ => TransactionReply::new(request.id, actions),
        };
        reply.immediate_ack_required = self.replies.pendings(key) > 0;
        if let Some(code) = first_error(&reply) {
            self.event(GatewayEvent::Refused { peer, code: code.0 });
        }
        let octets = self.send_reply(peer, version, reply);
        self.replies.answered(key, &octets);
    }

    fn reply(&mut self, now: Instant, peer: Peer, version: u8, reply: TransactionReply<'_>) {
        let TransactionId(id) = reply.id;
        if reply.immediate_ack_required {
            self.send(peer, version, Transaction::Ack(vec![TransactionAck::one(reply.id)]));
        }
        let Some((to, purpose)) = self.requests.answered(id) else { return };
        match purpose {
            Purpose::Register => self.register_answered(now, to, reply.result),
            Purpose::Notify(termination) => self.notified(now, &termination),
            Purpose::Leave => self.left(),
        }
    }

    fn message_error(&mut self, peer: Peer, version: u8, error: ErrorDescriptor<'static>) {
        self.event(GatewayEvent::Refused { peer, code: error.code.0 });
        let message = Message::error(version, self.contexts.config.mid.clone(), error);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to: peer, octets });
    }

    /// Sends a reply, or 533 in its place when it is too long; the octets sent.
    fn send_reply(&mut self, peer: Peer, version: u8, reply: TransactionReply<'_>) -> Vec<u8> {
        let (id, mid) = (reply.id, self.contexts.config.mid.clone());
        let mut octets = h248::encode(&Message::reply(version, mid.clone(), reply), Style::Compact);
        if octets.len() > self.contexts.config.limits.message_octets {
            let error = TransactionReply::error(id, ErrorDescriptor::new(ErrorCode::RESPONSE_TOO_LARGE));
            octets = h248::encode(&Message::reply(version, mid, error), Style::Compact);
        }
        self.outputs.push_back(Output::Control { to: peer, octets: octets.clone() });
        octets
    }

    fn send(&mut self, peer: Peer, version: u8, transaction: Transaction<'_>) {
        let message = Message::new(version, self.contexts.config.mid.clone(), vec![transaction]);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to: peer, octets });
    }

    /// Sends a request of the gateway's own until it is answered.
    pub(super) fn send_request(
        &mut self,
        now: Instant,
        to: Peer,
        purpose: Purpose,
        actions: Vec<h248::ActionRequest<'_>>,
    ) {
        let id = self.requests.allot();
        let request = TransactionRequest::new(TransactionId(id), actions);
        let message = Message::request(self.version, self.contexts.config.mid.clone(), request);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to, octets: octets.clone() });
        let timers = self.contexts.config.timers;
        self.requests.sent(now, id, to, octets, purpose, &timers);
    }
}

fn first_error(reply: &TransactionReply<'_>) -> Option<ErrorCode> {
    match &reply.result {
        TransactionResult::Error(error) => Some(error.code),
        TransactionResult::Actions(actions) => actions.iter().find_map(|action| {
            let command = action.commands.iter().find_map(h248::CommandReply::error);
            command.or(action.error.as_ref()).map(|error| error.code)
        }),
    }
}
