//! The machine that carries one stream: its legs, their connections, and what goes between them.

use super::{
    BearerEvent, FailureCause, LegCommand, LegId, RelaySettings,
    connection::{Connection, ConnectionId, Outgoing, Stage, TcpEnd},
    leg::Leg,
    msrp_switch::Switch,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

/// A TCP client gives up after this long without an answer.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// TLS is established within this, or not at all.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// An established TLS session waits this long for the fingerprint that judges its peer.
pub const FINGERPRINT_TIMEOUT: Duration = Duration::from_secs(10);
/// After the gateway ended its direction of a bearer, the peer may be silent this long before the other is ended too.
pub const HALF_CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that is being released has this long to deliver what waits and to see the peer's FIN. While the MGC keeps
/// the leg, it is counted from the last octet delivered.
pub const LINGER_TIMEOUT: Duration = Duration::from_secs(5);
/// Unverified connections of one leg that may exist side by side.
pub const UNVERIFIED_CONNECTIONS: usize = 4;
/// Connections of one leg that may be closing side by side: peers that are turned away and do not go.
pub const CLOSING_CONNECTIONS: usize = 16;

/// What the caller is to do for a [`Relay`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Accept connections on a leg's address, and pass them to [`Relay::accepted`].
    Listen {
        /// Which leg.
        leg: LegId,
        /// Its address.
        local: SocketAddr,
    },
    /// Connect from a leg's address; [`Relay::connected`] or [`Relay::connect_failed`] follows.
    Connect {
        /// Which leg.
        leg: LegId,
        /// The connection's name.
        connection: ConnectionId,
        /// From where.
        local: SocketAddr,
        /// To where.
        to: SocketAddr,
    },
    /// Accept no more; the address is no longer needed, unless a [`Output::Connect`] from it follows.
    StopListening {
        /// Which leg.
        leg: LegId,
        /// Its address.
        local: SocketAddr,
    },
    /// Send FIN: all octets are written. Reading goes on.
    Shutdown(ConnectionId),
    /// Both directions have ended: forget the connection.
    Close(ConnectionId),
    /// Reset the connection, or cancel the attempt, and forget it (an attempt that failed is forgotten already).
    Abort(ConnectionId),
    /// Tell the H.248 side.
    Event(BearerEvent),
}

/// The legs of one stream in one context. Two legs are joined and one waits; on Mp those with MSRP are a conference.
///
/// Each connection holds at most what one call of [`Relay::received`] brought, plus 64 KiB and one such amount to go out.
#[derive(Debug)]
pub struct Relay {
    pub(super) settings: RelaySettings,
    pub(super) legs: BTreeMap<LegId, Leg>,
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    pub(super) switch: Switch,
    /// From whom to whom nothing passes.
    pub(super) blocked: BTreeSet<(LegId, LegId)>,
    outputs: VecDeque<Output>,
    next: u32,
}

impl Relay {
    /// A relay without legs.
    pub fn new(settings: RelaySettings) -> Self {
        let (legs, connections, outputs) = (BTreeMap::new(), BTreeMap::new(), VecDeque::new());
        Self { settings, legs, connections, switch: Switch::default(), blocked: BTreeSet::new(), outputs, next: 0 }
    }

    /// Obeys the H.248 side. A command for a leg that is not there does nothing.
    pub fn command(&mut self, now: Instant, command: LegCommand) {
        match command {
            LegCommand::Open { leg, local, setup, counters } => {
                self.legs.insert(leg, Leg::new(local, setup, counters, &self.settings.policy));
                self.establish(now, leg);
            }
            LegCommand::Update { leg, setup } => self.update(now, leg, setup),
            LegCommand::Order { leg, order } => self.order(now, leg, order),
            LegCommand::Topology { blocked } => self.set_topology(now, blocked),
            LegCommand::Release { leg } => self.release(now, leg),
            LegCommand::Move { .. } => {}
        }
    }

    /// A peer connected to a leg's address. `None`: nobody else is admitted, the connection is to be closed.
    pub fn accepted(&mut self, now: Instant, leg: LegId, from: SocketAddr) -> Option<ConnectionId> {
        let found = self.legs.get(&leg)?;
        if !self.admits(leg, from) {
            found.counters.add_dropped();
            return None;
        }
        let unverified = self.of_leg(leg).filter(|(_, connection)| !connection.is_closing()).count();
        if found.owner.is_some() || found.releasing || !found.listening || unverified >= UNVERIFIED_CONNECTIONS {
            return None;
        }
        let mut closing = self.of_leg(leg).filter(|(_, connection)| connection.is_closing()).map(|(id, _)| id);
        let oldest = closing.next();
        if let Some(oldest) = oldest.filter(|_| closing.count() + 1 >= CLOSING_CONNECTIONS) {
            self.abort(oldest);
        }
        let connection = self.insert(Connection::new(leg, from, Stage::Connecting { until: now + CONNECT_TIMEOUT }));
        self.tcp_established(now, connection);
        Some(connection)
    }

    /// An attempt of [`Output::Connect`] succeeded.
    pub fn connected(&mut self, now: Instant, connection: ConnectionId) {
        if self.stage(connection).is_some_and(|stage| matches!(stage, Stage::Connecting { .. })) {
            self.tcp_established(now, connection);
        }
    }

    /// An attempt of [`Output::Connect`] failed: refused, timed out or reset.
    pub fn connect_failed(&mut self, now: Instant, connection: ConnectionId, why: FailureCause) {
        if self.stage(connection).is_some_and(|stage| matches!(stage, Stage::Connecting { .. })) {
            self.fail(now, connection, why);
        }
    }

    /// Octets came from a peer. Call it only while [`Relay::wants_read`].
    pub fn received(&mut self, now: Instant, connection: ConnectionId, octets: &[u8]) {
        let Some(found) = self.connections.get_mut(&connection) else { return };
        let taken = found.receive(octets);
        let leg = found.leg;
        self.police(now, leg, octets.len());
        self.progress(now, connection, taken);
    }

    /// TCP ended for reading, or altogether.
    pub fn ended(&mut self, now: Instant, connection: ConnectionId, how: TcpEnd) {
        let Some(found) = self.connections.get_mut(&connection) else { return };
        found.tcp_ended(how);
        self.progress(now, connection, Ok(()));
    }

    /// Whether octets of the connection may be read now. `false` is flow control: its peer has to wait.
    pub fn wants_read(&self, connection: ConnectionId) -> bool {
        let paused = |leg| self.legs.get(leg).is_some_and(|leg| leg.bucket.paused.is_some());
        self.connections.get(&connection).is_some_and(|found| found.wants_read() && !paused(&found.leg))
    }

    /// Octets to write to the connection now.
    pub fn to_write(&self, connection: ConnectionId) -> &[u8] {
        self.connections.get(&connection).map_or(&[], Connection::to_write)
    }

    /// That many octets of [`Relay::to_write`] were written.
    pub fn wrote(&mut self, now: Instant, connection: ConnectionId, octets: usize) {
        let Some(found) = self.connections.get_mut(&connection) else { return };
        found.wrote(now, octets);
        let leg = found.leg;
        // While the MGC keeps the leg, octets that arrived are delivered however slowly; a released one is bounded in time.
        if self.legs.get(&leg).is_some_and(|leg| !leg.releasing) {
            found.extend_linger(now);
        }
        self.pump_into(now, leg);
        self.settle(connection);
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        for leg in self.legs.values_mut() {
            leg.bucket.paused = leg.bucket.paused.filter(|until| *until > now);
        }
        let due: Vec<_> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.deadline().is_some_and(|deadline| deadline <= now))
            .map(|(id, connection)| (*id, connection.stage, connection.stalled_until))
            .collect();
        for (id, stage, stalled_until) in due {
            match stage {
                Stage::Carrying { .. } if stalled_until.is_some_and(|until| until <= now) => self.stalled(now, id),
                Stage::Connecting { .. } => self.fail(now, id, FailureCause::TcpTimeout),
                Stage::Handshaking { .. } | Stage::Held { .. } => self.fail(now, id, FailureCause::TlsTimeout),
                Stage::Carrying { .. } => self.half_close_expired(now, id),
                Stage::Closing { .. } => self.abort(id),
            }
        }
    }

    /// When [`Relay::handle_timeout`] is to be called at the latest.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let paused = self.legs.values().filter_map(|leg| leg.bucket.paused);
        self.connections.values().filter_map(Connection::deadline).chain(paused).min()
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Whether no leg and no connection is left, and none is spoken of that is yet to come.
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty() && self.connections.is_empty() && self.blocked.is_empty()
    }

    /// Whether every leg it has is being released.
    pub fn is_released(&self) -> bool {
        self.legs.values().all(|leg| leg.releasing)
    }

    pub(super) fn emit(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(super) fn insert(&mut self, connection: Connection) -> ConnectionId {
        let id = ConnectionId(self.next);
        self.next = self.next.wrapping_add(1);
        self.connections.insert(id, connection);
        id
    }

    pub(super) fn stage(&self, connection: ConnectionId) -> Option<Stage> {
        self.connections.get(&connection).map(|found| found.stage)
    }

    pub(super) fn of_leg(&self, leg: LegId) -> impl Iterator<Item = (ConnectionId, &Connection)> {
        self.connections.iter().filter(move |(_, found)| found.leg == leg).map(|(id, found)| (*id, found))
    }

    /// Carries out what an emptied buffer or an ended direction allows: FIN, reset, farewell.
    pub(super) fn settle(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if !connection.to_write().is_empty() {
            return;
        }
        let leg = connection.leg;
        match connection.outgoing {
            Outgoing::Open => return,
            Outgoing::Aborting => return self.abort(id),
            Outgoing::Finishing => {
                connection.outgoing = Outgoing::Finished;
                self.outputs.push_back(Output::Shutdown(id));
            }
            Outgoing::Finished => {}
        }
        if connection.is_closing() && connection.tcp_ended {
            self.connections.remove(&id);
            self.emit(Output::Close(id));
        }
        self.retire(leg);
    }

    /// Resets a connection that is no longer its leg's.
    pub(super) fn abort(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.remove(&id) {
            self.emit(Output::Abort(id));
            self.retire(connection.leg);
        }
    }

    /// Resets the bearer of a leg that is kept.
    pub(super) fn abort_owner(&mut self, leg: LegId, id: ConnectionId) {
        if let Some(found) = self.legs.get_mut(&leg) {
            found.owner = found.owner.filter(|owner| *owner != id);
        }
        self.abort(id);
    }

    /// Gives the port of a released leg back once TLS and TCP are released (TR 4.3.4, 4.4.3).
    pub(super) fn retire(&mut self, leg: LegId) {
        let Some(found) = self.legs.get(&leg) else { return };
        if found.releasing && self.of_leg(leg).all(|(_, connection)| connection.outgoing == Outgoing::Finished) {
            let local = found.local;
            self.legs.remove(&leg);
            self.unblock(leg);
            self.emit(Output::StopListening { leg, local });
        }
    }
}
