//! The H.248 machine: messages in and out. What a message asks for is in `command`, who the MGC is in `registration`.

use super::{
    association::AssociationSettings,
    bearer::{BearerEvent, BearerState, LegCommand, LegId, RelayId},
    command::Service,
    context::Contexts,
    event::Events,
    package::{self, ocp::Overload, root::Root},
    policy::Policy,
    port::Ports,
    profile::Interface,
    registration::Registration,
    transaction::{Due, Replies, Requests, Timers, TransactionKey},
};
use crate::wire::h248::{self, MId, Name, TransactionRequest};
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
    /// Commands in a transaction (510): many more than contexts and terminations allow for.
    pub commands_per_transaction: usize,
    /// Transactions remembered; beyond that the oldest are forgotten before LONG-TIMER.
    pub replies: usize,
    /// Octets in transactions remembered; beyond that the oldest are forgotten before LONG-TIMER.
    pub reply_octets: usize,
    /// Requests that wait for their execution, in a gateway made slow by [`Timers::execution`] (511).
    pub delayed: usize,
    /// Pendings the gateway says for one transaction (506 beyond), until the MGC says otherwise. H.248.1 E.2,
    /// MGOriginatedPendingLimit.
    pub pendings: u32,
    /// Pendings the MGC may say for one transaction of the gateway, which beyond that counts as failed; until the MGC says
    /// otherwise. H.248.1 E.2, MGCOriginatedPendingLimit.
    pub mgc_pendings: u32,
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
            commands_per_transaction: 4096,
            replies: 250_000,
            reply_octets: 64 << 20,
            delayed: 1024,
            pendings: 20,
            mgc_pendings: 20,
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
    /// How the control association is conducted.
    pub association: AssociationSettings,
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

/// The first octet of every message in the binary encoding (H.248.1 annex A), and of none in text.
const BER_SEQUENCE: u8 = 0x30;

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
pub(super) struct Delayed {
    pub(super) due: Instant,
    pub(super) peer: Peer,
    pub(super) version: u8,
    pub(super) key: TransactionKey,
    pub(super) request: TransactionRequest<'static>,
}

/// The H.248 side of the reference gateway; the call order is in the [module doc](super).
pub struct Gateway {
    pub(super) contexts: Contexts,
    pub(super) replies: Replies,
    pub(super) requests: Requests<Purpose>,
    pub(super) registration: Registration,
    /// Version of the gateway's own messages: what was negotiated.
    pub(super) version: u8,
    pub(super) delayed: VecDeque<Delayed>,
    pub(super) root_events: Events,
    pub(super) overload: Overload,
    /// When to say Pending again for what is delayed.
    pub(super) provisional: VecDeque<(Instant, TransactionKey)>,
    pub(super) service: Service,
    pub(super) outputs: VecDeque<Output>,
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

impl Gateway {
    /// A gateway that has not yet said anything.
    pub fn new(config: Config, policy: Arc<dyn Policy>, ports: Box<dyn Ports>) -> Self {
        let Config { timers, limits, first_transaction, .. } = config;
        let AssociationSettings { version, .. } = config.association;
        Self {
            contexts: Contexts::new(Arc::new(config), policy, ports),
            replies: Replies::new(timers.long, limits.replies, limits.reply_octets),
            requests: Requests::new(first_transaction),
            registration: Registration::default(),
            version,
            delayed: VecDeque::new(),
            root_events: Events::default(),
            overload: Overload::default(),
            provisional: VecDeque::new(),
            service: Service::default(),
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
        self.root_events.heard(now, peer);
        if octets.first() == Some(&BER_SEQUENCE) {
            return self.binary(peer);
        }
        match h248::parse(octets) {
            Ok(message) => self.message(now, peer, message),
            Err(fault) => self.fault(now, peer, *fault),
        }
        self.tell(now);
    }

    /// A relay reports. Which one does not matter: of a leg that was moved something may still have been on the way.
    pub fn handle_bearer(&mut self, now: Instant, event: BearerEvent) {
        let Some((place, stream)) = self.contexts.leg(event.leg()).cloned() else { return };
        let context = self.contexts.by_id.get_mut(&place.context);
        let Some(termination) = context.and_then(|context| context.termination_mut(&place.termination)) else { return };
        let leg = termination.streams.get_mut(&stream).and_then(|stream| stream.leg.as_mut());
        let Some(leg) = leg else { return };
        let (before, secured) = (leg.state, leg.setup.secured);
        match event {
            BearerEvent::Established { state, .. } => leg.state = state,
            BearerEvent::Ended { .. } => leg.state = BearerState::Released,
            // A stranger's failed attempt leaves the leg as it was.
            BearerEvent::Failed { .. } => {}
        }
        self.occur(now, &place, package::of_bearer(&event, stream, before, secured));
        self.tell(now);
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.replies.forget(now);
        self.delayed_timeout(now);
        let timers = self.contexts.config.timers;
        while let Some((to, messages)) = self.replies.due(now, &timers) {
            self.outputs.extend(messages.into_iter().map(|octets| Output::Control { to, octets }));
        }
        while let Some(due) = self.requests.due(now, &timers) {
            match due {
                Due::Repeat(to, octets) => self.outputs.push_back(Output::Control { to, octets }),
                Due::Lost(mgc, purpose) => {
                    self.event(GatewayEvent::MgcLost { mgc });
                    self.lost(now, mgc, purpose);
                }
            }
        }
        self.service_timeout(now);
        self.registration_timeout(now);
        self.elapsed(now);
        self.tell(now);
    }

    /// Takes leave of the MGC and releases everything. H.248.1 7.2.8: ROOT, Forced, 905.
    pub fn shutdown(&mut self, now: Instant) {
        self.delayed.clear();
        self.provisional.clear();
        self.contexts.clear();
        self.leave(now);
    }

    /// True once the MGC has been taken leave of, or did not care in time.
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
        let provisional = self.provisional.front().map(|(at, _)| *at);
        let timeouts = [
            delayed,
            provisional,
            self.contexts.deadlines.timeout(),
            self.replies.timeout(),
            self.requests.timeout(),
            self.service.timeout(),
            self.registration.timeout(),
        ];
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

    /// The properties of ROOT as they stand.
    pub fn root(&self) -> Root {
        Root::of(&self.contexts.root)
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
}
