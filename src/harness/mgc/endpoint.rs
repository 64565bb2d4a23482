//! The controller, its socket and the tasks that read it.

use std::{
    collections::HashSet,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UdpSocket,
    sync::{mpsc, watch},
    task::{JoinHandle, JoinSet},
};

use super::{
    controller::Controller,
    inbound::{Consequences, Outgoing},
    network::{Direction, Fate, Fates, Network, Parcel},
    registration::{Registration, RegistrationError},
    routes::{Routes, ScenarioId},
    transport::{self, Fresh, Reader, Socket, Transport},
};
use crate::{
    harness::transcript::{Event, Route, TcpEvent, Transcript},
    results::{Lane, Link, Protocol},
    wire::{
        Framed,
        h248::{
            self, ActionRequest, AuditDescriptor, AuditRequest, Command, ContextId, IntoOwned, MId, Message, Style,
            TerminationId, TransactionRequest,
        },
        tpkt,
    },
};

/// How a controller behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How messages travel.
    pub transport: Transport,
    /// The mId it writes; absent: the address it listens on.
    pub mid: Option<MId<'static>>,
    /// The only host it listens to, when given.
    pub peer: Option<IpAddr>,
    /// The highest protocol version it agrees to.
    pub version: u8,
    /// How it spells what belongs to no scenario.
    pub style: Style,
    /// From a request to its final reply, retransmissions included.
    pub transaction: Duration,
    /// From a request to its first retransmission; doubled each time up to 4 s.
    pub retransmission: Duration,
    /// From a request to its final reply, once a Pending has arrived.
    pub after_pending: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            transport: Transport::Udp,
            mid: None,
            peer: None,
            version: 3,
            style: Style::Compact,
            transaction: Duration::from_secs(3),
            retransmission: Duration::from_millis(500),
            after_pending: Duration::from_secs(10),
        }
    }
}

/// A message that belongs to no scenario and is not registration: evidence of a confused gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Its frame in the association's transcript.
    pub frame: u32,
    /// What is strange about it.
    pub what: String,
}

/// Strays kept; more are only counted.
const STRAYS: usize = 256;
/// The largest UDP payload.
const DATAGRAM: usize = 65_535;
/// Notifies a scenario may leave unread.
const NOTIFICATIONS: usize = 256;

/// How long the network holds a datagram back that nothing overtakes.
const DELAY: Duration = Duration::from_millis(30);
/// Octets of a connection read at once.
const CHUNK: usize = 16 << 10;

/// A media gateway controller on a UDP socket, or on a TCP listener and the connections of gateways. Dropping it closes them.
#[derive(Debug)]
pub struct Mgc {
    shared: Arc<Shared>,
    reader: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Mgc {
    /// Opens a controller; port 0 leaves the port to the system.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn bind(address: SocketAddr, options: Options) -> io::Result<Self> {
        let (socket, address, reader) = transport::bind(options.transport, address, HashSet::new()).await?;
        let mid = options.mid.clone().unwrap_or_else(|| address.into());
        let shared = Arc::new(Shared {
            socket: Mutex::new(Some(socket)),
            address,
            mid,
            options,
            routes: Mutex::default(),
            association: Transcript::new(),
            registration: watch::Sender::new(None),
            registrations: AtomicU32::new(0),
            strays: Mutex::default(),
            raw_turn: tokio::sync::Mutex::new(()),
            network: Mutex::default(),
            heard: Mutex::default(),
            callers: Mutex::default(),
        });
        let reader = tokio::spawn(Arc::clone(&shared).read(reader));
        Ok(Self { shared, reader: tokio::sync::Mutex::new(Some(reader)) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// How its messages travel.
    pub fn transport(&self) -> Transport {
        self.shared.options.transport
    }

    /// Puts a network that misbehaves between controller and gateway, or takes it away. Over TCP it changes nothing. While it is
    /// there requests are repeated sooner and longer, as annex D.1.1 has it for a lossy network.
    pub fn impair(&self, network: Option<Network>) {
        *self.shared.network() = network.map(|network| Impaired {
            out: Direction::new(network, 0x6F75_7400),
            back: Direction::new(network, 0x6261_636B),
        });
    }

    /// What became of the datagrams since the network was put there; nothing without one.
    pub fn fates(&self) -> Fates {
        self.shared.network().as_ref().map_or_else(Fates::default, |both| both.out.fates() + both.back.fates())
    }

    /// The mId it writes.
    pub fn mid(&self) -> &MId<'static> {
        &self.shared.mid
    }

    /// Waits until a gateway is registered; at once when one is.
    ///
    /// # Errors
    /// None is within `bound`, or the controller was killed.
    pub async fn registered(&self, bound: Duration) -> Result<Registration, RegistrationError> {
        let mut registration = self.shared.registration.subscribe();
        let found = tokio::time::timeout(bound, registration.wait_for(Option::is_some)).await;
        match found {
            Ok(Ok(found)) => found.clone().ok_or(RegistrationError::Killed),
            Ok(Err(_)) => Err(RegistrationError::Killed),
            Err(_) if self.shared.socket().is_none() => Err(RegistrationError::Killed),
            Err(_) => {
                let strays = self.strays();
                let heard = strays.last().map_or_else(|| "nothing arrived".to_owned(), |stray| stray.what.clone());
                Err(RegistrationError::TimedOut { address: self.shared.address, bound, heard })
            }
        }
    }

    /// Takes a gateway under control that has registered before, with us or with a predecessor: whoever answers an audit of
    /// ROOT is taken for registered. `known` is where it listens; absent: where the last message came from. Asks until it
    /// is answered.
    pub async fn find(&self, known: Option<SocketAddr>) -> Registration {
        let audit = AuditRequest { terminations: TerminationId::Root.into(), audit: AuditDescriptor::default() };
        let action = ActionRequest::new(ContextId::Null, vec![Command::AuditValue(audit)]);
        let controller = self.controller(self.shared.association.clone());
        for version in (1..=self.shared.options.version).rev().cycle() {
            let Some(gateway) = known.or_else(|| self.heard()) else {
                tokio::time::sleep(self.shared.options.retransmission).await;
                continue;
            };
            let id = controller.next_transaction();
            let request = TransactionRequest::new(id, vec![action.clone()]);
            let message = Message::request(version, self.shared.mid.clone(), request);
            let octets = h248::encode(&message, self.shared.options.style).into();
            let asked = controller.ask_at(gateway, id, octets).await;
            // A refusal is an answer too, but of a gateway that has no controller, or another.
            if let Ok(answer) = asked
                && answer.error().is_none()
                && let Ok(message) = h248::parse(&answer.octets)
            {
                let number = self.shared.registrations.fetch_add(1, Ordering::Relaxed) + 1;
                let mid = message.mid.clone().into_owned();
                let registration = Registration::found(mid, message.version, gateway, number, answer.reply_frame);
                self.shared.registration.send_replace(Some(registration.clone()));
                return registration;
            }
            tokio::time::sleep(self.shared.options.retransmission).await;
        }
        std::future::pending().await
    }

    /// Waits until a gateway has registered more often than `number` times.
    ///
    /// # Errors
    /// As [`Mgc::registered`].
    pub async fn registered_again(&self, number: u32, bound: Duration) -> Result<Registration, RegistrationError> {
        let mut registration = self.shared.registration.subscribe();
        let newer = registration.wait_for(|now| now.as_ref().is_some_and(|now| now.number > number));
        match tokio::time::timeout(bound, newer).await {
            Ok(Ok(found)) => found.clone().ok_or(RegistrationError::Killed),
            Ok(Err(_)) => Err(RegistrationError::Killed),
            Err(_) => {
                let heard = format!("it has registered {number} times before");
                Err(RegistrationError::TimedOut { address: self.shared.address, bound, heard })
            }
        }
    }

    /// Waits until the gateway has taken leave (ServiceChange ROOT Forced); false when it has not within `bound`.
    pub async fn deregistered(&self, bound: Duration) -> bool {
        let mut registration = self.shared.registration.subscribe();
        matches!(tokio::time::timeout(bound, registration.wait_for(Option::is_none)).await, Ok(Ok(_)))
    }

    /// Who spoke last while no gateway was registered: one that registered with our predecessor on this address, perhaps.
    pub fn heard(&self) -> Option<SocketAddr> {
        *self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gateway registered now.
    pub fn registration(&self) -> Option<Registration> {
        self.shared.registration.borrow().clone()
    }

    /// A scenario's controller, whose evidence goes to `transcript`.
    pub fn controller(&self, transcript: Transcript) -> Controller {
        let (sender, receiver) = mpsc::channel(NOTIFICATIONS);
        let scenario = self.shared.routes().open(transcript.clone(), sender);
        Controller::new(Arc::clone(&self.shared), scenario, transcript, receiver)
    }

    /// What belongs to no scenario: registration, strays.
    pub fn transcript(&self) -> &Transcript {
        &self.shared.association
    }

    /// Messages nobody expected, oldest first; at most 256 are kept.
    pub fn strays(&self) -> Vec<Stray> {
        self.shared.strays.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the place of the one that was killed: the same address, the same knowledge of the gateway, as of a controller that
    /// restarts with its database.
    ///
    /// # Errors
    /// The address cannot be bound again.
    pub async fn revive(&self) -> io::Result<()> {
        let callers = std::mem::take(&mut *self.shared.callers());
        let bound = transport::bind(self.shared.options.transport, self.shared.address, callers);
        let (socket, _, reader) = bound.await?;
        *self.shared.socket.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket);
        *self.reader.lock().await = Some(tokio::spawn(Arc::clone(&self.shared).read(reader)));
        Ok(())
    }

    /// Dies without a word: the socket is closed when this returns, and requests fail.
    pub async fn kill(&self) {
        self.shared.close();
        if let Some(reader) = self.reader.lock().await.take() {
            reader.abort();
            // It owns the last handle on the socket.
            let _ = reader.await;
        }
    }
}

impl Drop for Mgc {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(reader) = self.reader.get_mut().take() {
            reader.abort();
        }
    }
}

/// What the reader and all controllers of one association share.
#[derive(Debug)]
pub(super) struct Shared {
    socket: Mutex<Option<Socket>>,
    pub(super) address: SocketAddr,
    pub(super) mid: MId<'static>,
    pub(super) options: Options,
    routes: Mutex<Routes>,
    pub(super) association: Transcript,
    pub(super) registration: watch::Sender<Option<Registration>>,
    /// Registrations so far.
    pub(super) registrations: AtomicU32,
    strays: Mutex<Vec<Stray>>,
    /// Malformed requests take turns: an answer to one may name no transaction.
    pub(super) raw_turn: tokio::sync::Mutex<()>,
    network: Mutex<Option<Impaired>>,
    /// The last that spoke while nobody was registered.
    heard: Mutex<Option<SocketAddr>>,
    /// Where gateways had called from when the controller was killed.
    callers: Mutex<HashSet<SocketAddr>>,
}

/// A network that misbehaves, in both directions.
#[derive(Debug)]
struct Impaired {
    out: Direction,
    back: Direction,
}

impl Shared {
    pub(super) fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn socket(&self) -> Option<Socket> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn network(&self) -> MutexGuard<'_, Option<Impaired>> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From a request to its first repetition, and to giving up.
    pub(super) fn patience(&self) -> (Duration, Duration) {
        let Options { retransmission, transaction, .. } = self.options;
        match *self.network() {
            None => (retransmission, transaction),
            Some(_) => (retransmission.min(Duration::from_millis(100)), transaction * 4),
        }
    }

    fn callers(&self) -> MutexGuard<'_, HashSet<SocketAddr>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Socket::Tcp(connections)) = socket {
            *self.callers() = connections.callers();
        }
    }

    /// The protocol version in use.
    pub(super) fn version(&self) -> u8 {
        self.registration.borrow().as_ref().map_or(1, |registration| registration.version)
    }

    pub(super) fn stray(&self, frame: u32, what: impl Into<String>) {
        let mut strays = self.strays.lock().unwrap_or_else(PoisonError::into_inner);
        if strays.len() < STRAYS {
            strays.push(Stray { frame, what: what.into() });
        }
    }

    /// The way from us to `gateway`.
    pub(super) const fn route(&self, gateway: SocketAddr) -> Route {
        Route { link: Link::Control, from: Lane::Mgc, to: Lane::Mg, source: self.address, destination: gateway }
    }

    /// Records a message where it belongs and returns its frame there.
    pub(super) fn record(&self, owner: Option<ScenarioId>, route: Route, octets: &Arc<[u8]>) -> u32 {
        let transcript = owner.and_then(|id| self.routes().transcript(id).cloned());
        let transcript = transcript.as_ref().unwrap_or(&self.association);
        match self.options.transport {
            Transport::Udp => transcript.record(route, Event::Datagram(Arc::clone(octets))),
            Transport::Tcp => {
                let mut packet = Vec::with_capacity(octets.len() + 4);
                if tpkt::encode_into(octets, &mut packet).is_ok() {
                    transcript.record(route, Event::Octets(packet.into()));
                }
                let octets = Arc::clone(octets);
                transcript.record(route, Event::Message { protocol: Protocol::H248, secured: false, octets })
            }
        }
    }

    /// Records what the network did to a datagram that did not simply pass.
    fn record_fate(&self, owner: Option<ScenarioId>, route: Route, fate: Fate, octets: &Arc<[u8]>) {
        if fate != Fate::Passed {
            let transcript = owner.and_then(|id| self.routes().transcript(id).cloned());
            let octets = Arc::clone(octets);
            transcript.as_ref().unwrap_or(&self.association).record(route, Event::Network { fate, octets });
        }
    }

    /// Records a message of ours, then sends it: its frame stands before that of what it causes.
    pub(super) async fn send(
        self: &Arc<Self>,
        owner: Option<ScenarioId>,
        gateway: SocketAddr,
        octets: &Arc<[u8]>,
    ) -> io::Result<u32> {
        match self.socket() {
            None => Err(io::Error::new(io::ErrorKind::NotConnected, "the controller is gone")),
            Some(Socket::Udp(socket)) => {
                let route = self.route(gateway);
                let frame = self.record(owner, route, octets);
                let carried = self.network().as_mut().map(|network| network.out.carry((gateway, Arc::clone(octets))));
                let Some((fate, arriving)) = carried else {
                    socket.send_to(octets, gateway).await?;
                    return Ok(frame);
                };
                self.record_fate(owner, route, fate, octets);
                for (to, octets) in arriving {
                    socket.send_to(&octets, to).await?;
                }
                if fate == Fate::Delayed {
                    let shared = Arc::clone(self);
                    tokio::spawn(async move {
                        tokio::time::sleep(DELAY).await;
                        for (to, octets) in shared.released(|network| &mut network.out) {
                            let _ = socket.send_to(&octets, to).await;
                        }
                    });
                }
                Ok(frame)
            }
            Some(Socket::Tcp(connections)) => {
                let mut packet = Vec::with_capacity(octets.len() + 4);
                tpkt::encode_into(octets, &mut packet)
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
                let (to, queue) = connections.towards(gateway, self.options.transaction).await?;
                let frame = self.record(owner, self.route(to), octets);
                let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the gateway closed its connection");
                queue.send(packet).await.map_err(gone)?;
                Ok(frame)
            }
        }
    }

    /// Sends octets on the gateway's connection as they are, without TPKT around them; over UDP they are a datagram.
    pub(super) async fn send_bare(
        self: &Arc<Self>,
        owner: Option<ScenarioId>,
        gateway: SocketAddr,
        octets: &Arc<[u8]>,
    ) -> io::Result<u32> {
        let Some(Socket::Tcp(connections)) = self.socket() else { return self.send(owner, gateway, octets).await };
        let (to, queue) = connections.towards(gateway, self.options.transaction).await?;
        let transcript = owner.and_then(|id| self.routes().transcript(id).cloned());
        let transcript = transcript.as_ref().unwrap_or(&self.association);
        let frame = transcript.record(self.route(to), Event::Octets(Arc::clone(octets)));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the gateway closed its connection");
        queue.send(octets.to_vec()).await.map_err(gone)?;
        Ok(frame)
    }

    fn released(&self, direction: fn(&mut Impaired) -> &mut Direction) -> Vec<Parcel> {
        self.network().as_mut().map(|network| direction(network).release()).unwrap_or_default()
    }

    async fn read(self: Arc<Self>, reader: Reader) {
        match reader {
            Reader::Udp(socket) => self.datagrams(&socket).await,
            Reader::Tcp(connections, listener, mut fresh) => {
                let mut tasks = JoinSet::new();
                loop {
                    tokio::select! {
                        accepted = listener.accept() => match accepted {
                            Ok((stream, gateway)) => drop(connections.admit(stream, gateway, false)),
                            // Out of descriptors: others must end before one can begin.
                            Err(_) => tokio::time::sleep(DELAY).await,
                        },
                        Some(fresh) = fresh.recv() => {
                            let (shared, connections) = (Arc::clone(&self), Arc::clone(&connections));
                            let (gateway, called) = (fresh.gateway, fresh.called);
                            tasks.spawn(async move {
                                shared.connection(fresh).await;
                                connections.ended(gateway, called);
                            });
                        }
                        Some(_) = tasks.join_next() => {}
                    }
                }
            }
        }
    }

    async fn datagrams(self: &Arc<Self>, socket: &UdpSocket) {
        let mut buffer = vec![0; DATAGRAM];
        loop {
            let held = self.network().is_some();
            let received = tokio::select! {
                received = socket.recv_from(&mut buffer) => received,
                () = tokio::time::sleep(DELAY), if held => {
                    for (from, octets) in self.released(|network| &mut network.back) {
                        self.arrived(from, &octets).await;
                    }
                    continue;
                }
            };
            // An error here is an ICMP answer to something sent earlier; the socket goes on.
            let Ok((length, from)) = received else { continue };
            let octets: Arc<[u8]> = buffer.get(..length).unwrap_or_default().into();
            let carried = self.network().as_mut().map(|network| network.back.carry((from, Arc::clone(&octets))));
            let Some((fate, arriving)) = carried else {
                self.arrived(from, &octets).await;
                continue;
            };
            self.record_fate(self.owner_of(&octets), self.route(from).reversed(), fate, &octets);
            for (from, octets) in arriving {
                self.arrived(from, &octets).await;
            }
        }
    }

    /// Serves a gateway's connection to its end.
    async fn connection(self: &Arc<Self>, fresh: Fresh) {
        let Fresh { stream, gateway, mut queue, called } = fresh;
        let route = self.route(gateway);
        let opened = if called { route } else { route.reversed() };
        self.association.record(opened, Event::Tcp(TcpEvent::Established));
        let (mut reading, mut writing) = stream.into_split();
        let write = async {
            while let Some(packet) = queue.recv().await {
                if writing.write_all(&packet).await.is_err() {
                    return;
                }
            }
        };
        let read = async {
            let mut buffer = Vec::new();
            loop {
                let mut taken = 0;
                loop {
                    match tpkt::parse(buffer.get(taken..).unwrap_or_default()) {
                        Ok(Framed::Complete(message, length)) => {
                            self.arrived(gateway, &message.into()).await;
                            taken += length;
                        }
                        Ok(Framed::Incomplete(_)) => break,
                        Err(fault) => {
                            let octets = Event::octets(buffer.get(taken..).unwrap_or_default());
                            let frame = self.association.record(route.reversed(), octets);
                            return self.stray(frame, format!("no TPKT from {gateway}: {fault}"));
                        }
                    }
                }
                buffer.drain(..taken);
                buffer.reserve(CHUNK);
                if !matches!(reading.read_buf(&mut buffer).await, Ok(1..)) {
                    return;
                }
            }
        };
        let ours = tokio::select! {
            () = read => false,
            () = write => true,
        };
        let closed = if ours { route } else { route.reversed() };
        self.association.record(closed, Event::Tcp(TcpEvent::Fin));
    }

    /// Takes a message, and does what follows from it.
    async fn arrived(self: &Arc<Self>, from: SocketAddr, octets: &Arc<[u8]>) {
        if self.registration.borrow().is_none() {
            *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(from);
        }
        let Consequences { outgoing, registration } = self.receive(from, octets);
        for Outgoing { owner, to, octets } in outgoing {
            // Lost like any datagram: the gateway repeats what it wants answered.
            let _ = self.send(owner, to, &octets).await;
        }
        if let Some(registration) = registration {
            self.registration.send_replace(registration);
        }
    }
}
