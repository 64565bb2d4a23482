//! A gateway in virtual time with counted ports, and an MGC that speaks compact text to it.

use super::{
    AssociationId, AssociationSettings, BearerEvent, Config, Gateway, Interface, IpVersion, LegCommand, LegId,
    LegSetup, Limits, Output, Peer, Policy, PortError, Ports, Reference, RelayId, Timers,
};
use crate::wire::h248;
use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Counts up from port 10000; `core` has no IPv6.
#[derive(Debug, Clone, Default)]
pub(super) struct CountedPorts {
    pub(super) reserved: Arc<Mutex<BTreeSet<SocketAddr>>>,
    next: u16,
    pub(super) most: usize,
}

impl Ports for CountedPorts {
    fn reserve(&mut self, realm: &str, version: IpVersion) -> Result<SocketAddr, PortError> {
        let ip: IpAddr = match (realm, version) {
            ("access", IpVersion::V4) => [192, 0, 2, 1].into(),
            ("access", IpVersion::V6) => [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into(),
            ("core", IpVersion::V4) => [192, 0, 2, 2].into(),
            ("core", IpVersion::V6) => return Err(PortError::NoAddress),
            _ => return Err(PortError::UnknownRealm),
        };
        let mut reserved = self.reserved.lock().expect("nobody panicked");
        if reserved.len() >= self.most {
            return Err(PortError::Exhausted);
        }
        let address = SocketAddr::new(ip, 10_000 + self.next);
        self.next += 1;
        reserved.insert(address);
        Ok(address)
    }

    fn release(&mut self, local: SocketAddr) {
        assert!(self.reserved.lock().expect("nobody panicked").remove(&local), "{local} was not reserved");
    }
}

pub(super) struct Bench {
    pub(super) gateway: Gateway,
    pub(super) now: Instant,
    pub(super) ports: Arc<Mutex<BTreeSet<SocketAddr>>>,
    next: u32,
    /// Bearer commands since last asked.
    pub(super) commands: Vec<(RelayId, LegCommand)>,
}

pub(super) fn mgc() -> Peer {
    Peer { association: AssociationId(0), address: ([192, 0, 2, 9], 2944).into() }
}

pub(super) fn config() -> Config {
    Config {
        interface: Interface::Iq,
        mid: SocketAddr::from(([192, 0, 2, 1], 2944)).into(),
        realms: vec!["access".into(), "core".into()],
        certificate: b"certificate"[..].into(),
        mgcs: Vec::new(),
        association: AssociationSettings::default(),
        timers: Timers::default(),
        limits: Limits::default(),
        first_transaction: 1,
        secret: 7,
    }
}

impl Bench {
    /// A gateway without an MGC configured.
    pub(super) fn new() -> Self {
        Self::with(config(), Arc::new(Reference))
    }

    pub(super) fn with(config: Config, policy: Arc<dyn Policy>) -> Self {
        let ports = CountedPorts { most: 100, ..CountedPorts::default() };
        let reserved = Arc::clone(&ports.reserved);
        #[expect(clippy::disallowed_methods, reason = "any instant serves as the origin of virtual time")]
        let now = Instant::now();
        let gateway = Gateway::new(config, policy, Box::new(ports));
        Self { gateway, now, ports: reserved, next: 1000, commands: Vec::new() }
    }

    /// What the gateway sends, as text; bearer commands are kept aside.
    pub(super) fn sent(&mut self) -> Vec<(Peer, String)> {
        let mut sent = Vec::new();
        while let Some(output) = self.gateway.poll_output() {
            match output {
                Output::Control { to, octets } => {
                    h248::parse(&octets).expect("the gateway speaks H.248");
                    sent.push((to, String::from_utf8(octets).expect("text")));
                }
                Output::Bearer { relay, command } => self.commands.push((relay, command)),
            }
        }
        sent
    }

    /// Whole messages from the MGC; what comes back.
    pub(super) fn message(&mut self, octets: &[u8]) -> Vec<String> {
        self.gateway.handle_h248(self.now, mgc(), octets);
        self.sent().into_iter().map(|(_, text)| text).collect()
    }

    /// A transaction with these actions; its one reply, from `P=` on without the id.
    pub(super) fn say(&mut self, actions: &str) -> String {
        self.next += 1;
        let id = self.next;
        let sent = self.message(format!("!/2 [192.0.2.9]:2944 T={id}{{{actions}}}").as_bytes());
        let [reply] = sent.as_slice() else { panic!("one reply to {actions}: {sent:?}") };
        let start = format!("!/2 [192.0.2.1]:2944 P={id}");
        reply.strip_prefix(&start).unwrap_or_else(|| panic!("a reply to {id}: {reply}")).replace("\r\n", "\n")
    }

    /// The first error code in the reply to these actions; 0 when there is none.
    pub(super) fn error(&mut self, actions: &str) -> u16 {
        let reply = self.say(actions);
        reply.split_once("ER=").map_or(0, |(_, rest)| {
            rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|code| code.parse().ok()).expect("a code")
        })
    }

    /// Adds a termination with this Local to a context; its reply.
    pub(super) fn add(&mut self, context: &str, control: &str, local: &str, rest: &str) -> String {
        self.say(&format!("C={context}{{A=${{M{{ST=1{{O{{{control}}},L{{{local}}}}}}}{rest}}}}}"))
    }

    /// The bearer commands since last asked.
    pub(super) fn bearer(&mut self) -> Vec<(RelayId, LegCommand)> {
        std::mem::take(&mut self.commands)
    }

    /// The setup of the only leg opened or updated since last asked.
    pub(super) fn setup(&mut self) -> LegSetup {
        match self.bearer().pop() {
            Some((_, LegCommand::Open { setup, .. } | LegCommand::Update { setup, .. })) => setup,
            other => panic!("a leg set up, not {other:?}"),
        }
    }

    /// The leg last opened, and its relay.
    pub(super) fn opened(&mut self) -> (RelayId, LegId) {
        match self.bearer().pop() {
            Some((relay, LegCommand::Open { leg, .. })) => (relay, leg),
            other => panic!("a leg opened, not {other:?}"),
        }
    }

    /// A relay reports; what the gateway sends then.
    pub(super) fn report(&mut self, _: RelayId, event: BearerEvent) -> Vec<String> {
        self.gateway.handle_bearer(self.now, event);
        self.sent().into_iter().map(|(_, text)| text).collect()
    }

    /// Time passes; what the gateway sends meanwhile.
    pub(super) fn wait(&mut self, duration: Duration) -> Vec<(Peer, String)> {
        let end = self.now + duration;
        let mut sent = Vec::new();
        while let Some(at) = self.gateway.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.gateway.handle_timeout(self.now);
            sent.append(&mut self.sent());
        }
        self.now = end;
        sent
    }

    /// Contexts and terminations.
    pub(super) fn counts(&self) -> (usize, usize) {
        let counts = self.gateway.counts();
        (counts.contexts, counts.terminations)
    }
}
