//! Any order of commands, connections, octets and time: no panic, bounded memory, and nothing is left in the end.

use super::bench::{self, ACCESS, ALICE, CORE, remote, signalled};
use crate::{
    gateway::{
        Expected, FailureCause, Identity, LegCommand, LegId, LegSetup, Reference, Relay, RelaySettings,
        bearer::{CLOSING_CONNECTIONS, ConnectionId, LINGER_TIMEOUT, Output, TcpEnd, UNVERIFIED_CONNECTIONS},
    },
    rules::roles::{TcpRole, TlsRole},
};
use proptest::prelude::*;
use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

static GATEWAY: LazyLock<Identity> = LazyLock::new(super::tls_peer::identity);

#[derive(Debug, Clone)]
enum Operation {
    Open(LegId, LegSetup),
    Update(LegId, LegSetup),
    Release(LegId),
    Accept(LegId),
    Connected(usize),
    ConnectFailed(usize),
    Receive(usize, Vec<u8>),
    Ended(usize, TcpEnd),
    Write(usize, usize),
    Wait(u64),
}

fn leg() -> impl Strategy<Value = LegId> {
    prop_oneof![4 => Just(ACCESS), 4 => Just(CORE), 1 => Just(LegId(3))]
}

fn setup() -> impl Strategy<Value = LegSetup> {
    let expected =
        prop_oneof![Just(Expected::NotYet), Just(Expected::Fingerprints(Vec::new())), Just(signalled(&ALICE)),];
    (any::<[bool; 6]>(), expected).prop_map(|([secured, active, client, known, sends, receives], expected)| LegSetup {
        secured,
        tcp_role: if active { TcpRole::Client } else { TcpRole::Server },
        tls_role: if client { TlsRole::Client } else { TlsRole::Server },
        remote: known.then(remote),
        expected,
        sends,
        receives,
        ..bench::plain()
    })
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        (1..40_000usize).prop_map(|length| vec![7; length]),
        // The head of a ClientHello.
        Just(vec![22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let end = prop_oneof![Just(TcpEnd::Fin), Just(TcpEnd::Reset)];
    prop_oneof![
        1 => (leg(), setup()).prop_map(|(leg, setup)| Operation::Open(leg, setup)),
        1 => (leg(), setup()).prop_map(|(leg, setup)| Operation::Update(leg, setup)),
        1 => leg().prop_map(Operation::Release),
        3 => leg().prop_map(Operation::Accept),
        2 => (0..8usize).prop_map(Operation::Connected),
        1 => (0..8usize).prop_map(Operation::ConnectFailed),
        6 => (0..8usize, octets()).prop_map(|(at, octets)| Operation::Receive(at, octets)),
        2 => (0..8usize, end).prop_map(|(at, end)| Operation::Ended(at, end)),
        3 => (0..8usize, 1..100_000usize).prop_map(|(at, most)| Operation::Write(at, most)),
        1 => (1..15_000u64).prop_map(Operation::Wait),
    ]
}

struct Run {
    relay: Relay,
    now: Instant,
    /// Connections the caller knows of, and whether they are up.
    known: BTreeSet<(ConnectionId, bool)>,
    opened: BTreeSet<LegId>,
}

impl Run {
    fn carry_out(&mut self, operation: Operation) {
        let now = self.now;
        let up = |run: &Self, at: usize, up: bool| {
            let known: Vec<_> = run.known.iter().filter(|known| known.1 == up).map(|known| known.0).collect();
            (!known.is_empty()).then(|| known[at % known.len()])
        };
        match operation {
            // A leg is opened once and never again.
            Operation::Open(leg, setup) if self.opened.insert(leg) => {
                let local = ([198, 51, 100, 1], leg.0 as u16).into();
                self.relay.command(now, LegCommand::Open { leg, local, setup, counters: Arc::default() });
            }
            Operation::Open(..) => {}
            Operation::Update(leg, setup) => self.relay.command(now, LegCommand::Update { leg, setup }),
            Operation::Release(leg) => self.relay.command(now, LegCommand::Release { leg }),
            Operation::Accept(leg) => {
                self.known.extend(self.relay.accepted(now, leg, remote()).map(|id| (id, true)));
            }
            Operation::Connected(at) => {
                if let Some(id) = up(self, at, false) {
                    self.known.remove(&(id, false));
                    self.known.insert((id, true));
                    self.relay.connected(now, id);
                }
            }
            Operation::ConnectFailed(at) => {
                if let Some(id) = up(self, at, false) {
                    self.known.remove(&(id, false));
                    self.relay.connect_failed(now, id, FailureCause::TcpRefused);
                }
            }
            Operation::Receive(at, octets) => {
                if let Some(id) = up(self, at, true).filter(|id| self.relay.wants_read(*id)) {
                    self.relay.received(now, id, &octets);
                }
            }
            Operation::Ended(at, end) => {
                let ends = |id: &ConnectionId| end == TcpEnd::Reset || self.relay.wants_read(*id);
                if let Some(id) = up(self, at, true).filter(ends) {
                    self.relay.ended(now, id, end);
                }
            }
            Operation::Write(at, most) => {
                if let Some(id) = up(self, at, true) {
                    let octets = self.relay.to_write(id).len().min(most);
                    self.relay.wrote(now, id, octets);
                }
            }
            Operation::Wait(milliseconds) => {
                self.now += Duration::from_millis(milliseconds);
                self.relay.handle_timeout(self.now);
                assert!(self.relay.poll_timeout().is_none_or(|next| next > self.now), "a deadline is served once");
            }
        }
        while let Some(output) = self.relay.poll_output() {
            match output {
                Output::Connect { connection, .. } => {
                    self.known.insert((connection, false));
                }
                Output::Close(id) | Output::Abort(id) => self.known.retain(|known| known.0 != id),
                Output::Listen { .. } | Output::StopListening { .. } | Output::Shutdown(_) | Output::Event(_) => {}
            }
        }
        let named: BTreeSet<_> = self.known.iter().map(|known| known.0).collect();
        assert!(self.relay.connections.keys().all(|id| named.contains(id)), "both sides know the same connections");
        assert!(named.iter().all(|id| self.relay.to_write(*id).len() <= 256 * 1024), "bounded memory");
        for leg in &self.opened {
            assert!(self.relay.of_leg(*leg).count() <= UNVERIFIED_CONNECTIONS + CLOSING_CONNECTIONS);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[expect(clippy::disallowed_methods, reason = "an Instant has no other origin")]
    fn any_order_of_operations_keeps_the_relay_sound(operations in prop::collection::vec(operation(), 1..80)) {
        let settings = RelaySettings::new(Arc::new(Reference), &GATEWAY).unwrap();
        let mut run = Run {
            relay: Relay::new(settings),
            now: Instant::now(),
            known: BTreeSet::new(),
            opened: BTreeSet::new(),
        };
        for operation in operations {
            run.carry_out(operation);
        }
        for leg in run.opened.clone() {
            run.carry_out(Operation::Release(leg));
        }
        run.carry_out(Operation::Wait(LINGER_TIMEOUT.as_millis() as u64));
        prop_assert!(run.relay.is_empty(), "{:?}", run.relay);
        prop_assert!(run.known.is_empty());
    }
}
