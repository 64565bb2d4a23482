//! The test bench: one relay, a clock that stands still unless told, and the peers of its connections.

use super::tls_peer;
pub(super) use super::tls_peer::signalled;
use crate::{
    gateway::{
        Application, BearerEvent, Conditions, Counters, Expected, FailureCause, Identity, LegCommand, LegId, LegSetup,
        Policy, Reference, Relay, RelaySettings,
        bearer::{BearerState, ConnectionId, Output, TcpEnd},
    },
    rules::roles::{TcpRole, TlsRole},
};
use rustls::{Connection, Error, SupportedProtocolVersion};
use std::{
    collections::{BTreeMap, VecDeque},
    io::{Read, Write},
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

pub(super) const ACCESS: LegId = LegId(1);
pub(super) const CORE: LegId = LegId(2);
pub(super) const BOTH_VERSIONS: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS12, &rustls::version::TLS13];

static GATEWAY: LazyLock<Identity> = LazyLock::new(tls_peer::identity);
/// The identity the peers of most tests have, and the one signalled.
pub(super) static ALICE: LazyLock<Identity> = LazyLock::new(tls_peer::identity);
/// Another.
pub(super) static MALLORY: LazyLock<Identity> = LazyLock::new(tls_peer::identity);

/// A plain leg that waits for its peer and lets everything through.
pub(super) fn plain() -> LegSetup {
    LegSetup {
        secured: false,
        application: Application::Agnostic,
        msrp: None,
        tcp_role: TcpRole::Server,
        tls_role: TlsRole::Server,
        remote: None,
        expected: Expected::NotYet,
        sends: true,
        receives: true,
        conditions: Conditions::default(),
    }
}

/// A TLS server leg that waits for Alice.
pub(super) fn secured() -> LegSetup {
    LegSetup { secured: true, expected: signalled(&ALICE), ..plain() }
}

/// A plain leg that connects.
pub(super) fn active() -> LegSetup {
    LegSetup { tcp_role: TcpRole::Client, tls_role: TlsRole::Client, remote: Some(remote()), ..plain() }
}

pub(super) fn remote() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 9999))
}

pub(super) struct Bench {
    pub(super) relay: Relay,
    pub(super) now: Instant,
    pub(super) events: Vec<BearerEvent>,
    pub(super) outputs: Vec<Output>,
    pub(super) peers: BTreeMap<ConnectionId, Peer>,
    pub(super) counters: BTreeMap<LegId, Arc<Counters>>,
}

/// The far end of one connection.
#[derive(Default)]
pub(super) struct Peer {
    tls: Option<Connection>,
    /// Octets on their way to the gateway.
    pub(super) wire: VecDeque<u8>,
    /// What the gateway sent, above TLS.
    pub(super) received: Vec<u8>,
    /// What the gateway sent, below TLS.
    pub(super) raw: Vec<u8>,
    pub(super) error: Option<Error>,
    pub(super) close_notify: bool,
    pub(super) fin: bool,
    pub(super) reset: bool,
    /// It reads nothing.
    pub(super) stalled: bool,
    /// Its octets come one by one.
    pub(super) in_single_octets: bool,
    ends: Option<TcpEnd>,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(Reference)
    }

    #[expect(clippy::disallowed_methods, reason = "the one look at the clock: an Instant has no other origin")]
    pub(super) fn with(policy: impl Policy + 'static) -> Self {
        Self {
            relay: Relay::new(RelaySettings::new(Arc::new(policy), &GATEWAY).unwrap()),
            now: Instant::now(),
            events: Vec::new(),
            outputs: Vec::new(),
            peers: BTreeMap::new(),
            counters: BTreeMap::new(),
        }
    }

    /// Two legs with these set-ups.
    pub(super) fn between(access: LegSetup, core: LegSetup) -> Self {
        let mut bench = Self::new();
        bench.open(ACCESS, access);
        bench.open(CORE, core);
        bench
    }

    pub(super) fn open(&mut self, leg: LegId, setup: LegSetup) {
        let counters = Arc::<Counters>::default();
        self.counters.insert(leg, Arc::clone(&counters));
        self.command(LegCommand::Open { leg, local: local(leg), setup, counters });
    }

    pub(super) fn update(&mut self, leg: LegId, setup: LegSetup) {
        self.command(LegCommand::Update { leg, setup });
    }

    pub(super) fn release(&mut self, leg: LegId) {
        self.command(LegCommand::Release { leg });
    }

    fn command(&mut self, command: LegCommand) {
        self.relay.command(self.now, command);
        self.run();
    }

    /// A peer connects to a leg; `None` if it is turned away.
    pub(super) fn try_connect(&mut self, leg: LegId, peer: Peer) -> Option<ConnectionId> {
        let connection = self.relay.accepted(self.now, leg, remote())?;
        self.peers.insert(connection, peer);
        self.run();
        Some(connection)
    }

    pub(super) fn connect(&mut self, leg: LegId, peer: Peer) -> ConnectionId {
        self.try_connect(leg, peer).expect("admitted")
    }

    /// A peer answers the last attempt of the gateway.
    pub(super) fn answer(&mut self, peer: Peer) -> ConnectionId {
        let connection = self.attempt().expect("an attempt");
        self.peers.insert(connection, peer);
        self.relay.connected(self.now, connection);
        self.run();
        connection
    }

    pub(super) fn attempt(&self) -> Option<ConnectionId> {
        self.outputs.iter().rev().find_map(|output| match output {
            Output::Connect { connection, .. } => Some(*connection),
            _ => None,
        })
    }

    pub(super) fn peer(&mut self, connection: ConnectionId) -> &mut Peer {
        self.peers.get_mut(&connection).unwrap()
    }

    pub(super) fn send(&mut self, connection: ConnectionId, octets: &[u8]) {
        self.peer(connection).send(octets);
        self.run();
    }

    /// The peer releases its direction in order.
    pub(super) fn end(&mut self, connection: ConnectionId) {
        self.peer(connection).close();
        self.tcp_end(connection, TcpEnd::Fin);
    }

    pub(super) fn tcp_end(&mut self, connection: ConnectionId, how: TcpEnd) {
        self.peer(connection).ends = Some(how);
        self.run();
    }

    pub(super) fn received(&self, connection: ConnectionId) -> &[u8] {
        &self.peers[&connection].received
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.relay.handle_timeout(self.now);
        self.run();
    }

    pub(super) fn established(&self, leg: LegId, state: BearerState) -> bool {
        self.events.contains(&BearerEvent::Established { leg, state })
    }

    pub(super) fn failures(&self, leg: LegId) -> Vec<FailureCause> {
        let failed = |event: &BearerEvent| match event {
            BearerEvent::Failed { leg: about, cause } if *about == leg => Some(*cause),
            _ => None,
        };
        self.events.iter().filter_map(failed).collect()
    }

    pub(super) fn ends(&self, leg: LegId) -> Vec<FailureCause> {
        let ended = |event: &BearerEvent| match event {
            BearerEvent::Ended { leg: about, cause } if *about == leg => Some(*cause),
            _ => None,
        };
        self.events.iter().filter_map(ended).collect()
    }

    pub(super) fn position(&self, output: Output) -> usize {
        self.outputs.iter().position(|o| *o == output).unwrap_or_else(|| panic!("no {output:?} in {:?}", self.outputs))
    }

    /// Moves octets until none moves.
    pub(super) fn run(&mut self) {
        loop {
            let mut moved = false;
            while let Some(output) = self.relay.poll_output() {
                moved = true;
                self.carry_out(output);
            }
            for (id, peer) in &mut self.peers {
                moved |= peer.exchange(&mut self.relay, self.now, *id);
            }
            if !moved {
                return;
            }
        }
    }

    fn carry_out(&mut self, output: Output) {
        self.outputs.push(output);
        match output {
            Output::Event(event) => self.events.push(event),
            Output::Shutdown(id) => self.peer(id).fin = true,
            Output::Abort(id) => {
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.reset = true;
                }
            }
            Output::Close(_) | Output::Listen { .. } | Output::StopListening { .. } | Output::Connect { .. } => {}
        }
    }
}

fn local(leg: LegId) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 1], 10_000 + leg.0 as u16))
}

impl Peer {
    pub(super) fn plain() -> Self {
        Self::default()
    }

    pub(super) fn tls_client(identity: Option<&Identity>, version: &'static SupportedProtocolVersion) -> Self {
        Self::with(tls_peer::client(identity, version))
    }

    pub(super) fn tls_server(identity: &Identity, version: &'static SupportedProtocolVersion) -> Self {
        Self::with(tls_peer::server(identity, version))
    }

    pub(super) fn alice() -> Self {
        Self::tls_client(Some(&ALICE), &rustls::version::TLS13)
    }

    fn with(tls: Connection) -> Self {
        Self { tls: Some(tls), ..Self::default() }
    }

    /// Takes over a running TCP connection.
    pub(super) fn start_tls(&mut self, other: Self) {
        self.tls = other.tls;
    }

    pub(super) fn tls(&self) -> &Connection {
        self.tls.as_ref().unwrap()
    }

    pub(super) fn send(&mut self, octets: &[u8]) {
        match &mut self.tls {
            Some(tls) => {
                tls.set_buffer_limit(None);
                tls.writer().write_all(octets).unwrap();
            }
            None => self.wire.extend(octets),
        }
    }

    pub(super) fn close(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
        }
    }

    fn exchange(&mut self, relay: &mut Relay, now: Instant, id: ConnectionId) -> bool {
        let mut moved = false;
        let octets = relay.to_write(id).to_vec();
        if !self.stalled && !octets.is_empty() {
            relay.wrote(now, id, octets.len());
            self.take(&octets);
            moved = true;
        }
        if let Some(tls) = &mut self.tls {
            let mut wire = Vec::new();
            while tls.wants_write() {
                tls.write_tls(&mut wire).unwrap();
            }
            self.wire.extend(wire);
        }
        if !self.wire.is_empty() && relay.wants_read(id) {
            let most = if self.in_single_octets { 1 } else { 16 * 1024 };
            let chunk: Vec<u8> = self.wire.drain(..self.wire.len().min(most)).collect();
            relay.received(now, id, &chunk);
            moved = true;
        }
        if self.wire.is_empty() || self.ends == Some(TcpEnd::Reset) {
            let reads = relay.wants_read(id) || self.ends == Some(TcpEnd::Reset);
            if let Some(end) = self.ends.take_if(|_| reads) {
                relay.ended(now, id, end);
                moved = true;
            }
        }
        moved
    }

    fn take(&mut self, mut octets: &[u8]) {
        self.raw.extend(octets);
        let Some(tls) = &mut self.tls else {
            self.received.extend(octets);
            return;
        };
        while !octets.is_empty() && self.error.is_none() && !self.close_notify {
            tls.read_tls(&mut octets).unwrap();
            match tls.process_new_packets() {
                Ok(state) => {
                    let mut plain = vec![0; state.plaintext_bytes_to_read()];
                    tls.reader().read_exact(&mut plain).unwrap();
                    self.received.extend(plain);
                    self.close_notify = state.peer_has_closed();
                }
                Err(error) => self.error = Some(error),
            }
        }
    }
}
