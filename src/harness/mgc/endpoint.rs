//! The controller's socket and the task that reads it.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU32},
    time::Duration,
};

use tokio::{
    net::UdpSocket,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    controller::Controller,
    inbound::Outgoing,
    registration::{Registration, RegistrationError},
    routes::{Routes, ScenarioId},
};
use crate::{
    harness::transcript::{Event, Route, Transcript},
    results::{Lane, Link},
    wire::h248::{MId, Style},
};

/// How a controller behaves.
#[derive(Debug, Clone)]
pub struct Options {
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

/// A media gateway controller on a UDP socket. Dropping it closes the socket.
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
        let socket = Arc::new(UdpSocket::bind(address).await?);
        let address = socket.local_addr()?;
        let mid = options.mid.clone().unwrap_or_else(|| address.into());
        let shared = Arc::new(Shared {
            socket: Mutex::new(Some(Arc::clone(&socket))),
            address,
            mid,
            options,
            routes: Mutex::default(),
            association: Transcript::new(),
            registration: watch::Sender::new(None),
            registrations: AtomicU32::new(0),
            strays: Mutex::default(),
            raw_turn: tokio::sync::Mutex::new(()),
        });
        let reader = tokio::spawn(Arc::clone(&shared).read(socket));
        Ok(Self { shared, reader: tokio::sync::Mutex::new(Some(reader)) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
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
        let socket = Arc::new(UdpSocket::bind(self.shared.address).await?);
        *self.shared.socket.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&socket));
        *self.reader.lock().await = Some(tokio::spawn(Arc::clone(&self.shared).read(socket)));
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
    socket: Mutex<Option<Arc<UdpSocket>>>,
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
}

impl Shared {
    pub(super) fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn socket(&self) -> Option<Arc<UdpSocket>> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn close(&self) {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner).take();
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
        transcript.as_ref().unwrap_or(&self.association).record(route, Event::Datagram(Arc::clone(octets)))
    }

    /// Records a message of ours, then sends it: its frame stands before that of what it causes.
    pub(super) async fn send(
        &self,
        owner: Option<ScenarioId>,
        gateway: SocketAddr,
        octets: &Arc<[u8]>,
    ) -> io::Result<u32> {
        let Some(socket) = self.socket() else {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "the controller is gone"));
        };
        let frame = self.record(owner, self.route(gateway), octets);
        socket.send_to(octets, gateway).await?;
        Ok(frame)
    }

    async fn read(self: Arc<Self>, socket: Arc<UdpSocket>) {
        let mut buffer = vec![0; DATAGRAM];
        loop {
            // An error here is an ICMP answer to something sent earlier; the socket goes on.
            let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
            let octets: Arc<[u8]> = buffer.get(..length).unwrap_or_default().into();
            for Outgoing { owner, to, octets } in self.receive(from, &octets) {
                // Lost like any datagram: the gateway repeats what it wants answered.
                let _ = self.send(owner, to, &octets).await;
            }
        }
    }
}
