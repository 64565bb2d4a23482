//! The reference gateway at work: one task for control, one for each relay.

use super::{
    control::{Arrival, ConnectionCounts, ControlAddress, Endpoints, Tally, Transport},
    ports::SocketPool,
    relay::{self, RelayCommand, RelaySettings},
};
use crate::gateway::{
    AssociationId, AssociationSettings, BearerEvent, Config, Gateway, GatewayEvent, Identity, Interface, LegCommand,
    Limits, Output, Peer, Policy, Reference, RelayId, Timers,
};
use crate::rules::roles::TcpRole;
use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::{JoinHandle, JoinSet},
};

/// Control octets on their way in and out. The default lets them pass; a faulty gateway changes, drops or doubles them.
pub trait Tap: Send + Sync + fmt::Debug {
    /// A message that arrived: what the gateway is to see instead.
    fn control_in(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        vec![octets]
    }

    /// A message about to leave: what the peer is to see instead.
    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        vec![octets]
    }
}

/// The tap of the reference: none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTap;

impl Tap for NoTap {}

/// A realm and the addresses bearers have in it, at most one for each IP version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm {
    /// The name `ipdc/realm` has for it.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

impl Realm {
    /// A realm with these addresses.
    pub fn new(name: &str, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        Self { name: name.to_owned(), addresses: addresses.into_iter().collect() }
    }
}

/// What a gateway is started with.
#[derive(Debug, Clone)]
pub struct MgConfig {
    /// The interface served.
    pub interface: Interface,
    /// Where the gateway listens for H.248; the first is the one it registers from and names in its mId. Port 0: the
    /// system's choice.
    pub control: Vec<ControlAddress>,
    /// MGCs to register with, in order of preference; none: the first that speaks is the MGC.
    pub mgcs: Vec<ControlAddress>,
    /// Where bearers are; the first is used when `ipdc/realm` is absent.
    pub realms: Vec<Realm>,
    /// Decisions.
    pub policy: Arc<dyn Policy>,
    /// What happens to control octets on their way.
    pub tap: Arc<dyn Tap>,
    /// How long the gateway waits.
    pub timers: Timers,
    /// How much it holds.
    pub limits: Limits,
    /// How it conducts its control association; which transports are reliable is known from `control`.
    pub association: AssociationSettings,
}

impl MgConfig {
    /// The reference gateway on the loopback address, every port the system's choice.
    pub fn loopback(interface: Interface, address: IpAddr) -> Self {
        Self {
            interface,
            control: vec![ControlAddress::udp(SocketAddr::new(address, 0))],
            mgcs: Vec::new(),
            realms: vec![Realm::new("access", [address]), Realm::new("core", [address])],
            policy: Arc::new(Reference),
            tap: Arc::new(NoTap),
            timers: Timers::default(),
            limits: Limits::default(),
            association: AssociationSettings::default(),
        }
    }
}

/// What the gateway holds: all zero when nothing leaked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Contexts, the null context not counted.
    pub contexts: usize,
    /// Terminations, ROOT not counted.
    pub terminations: usize,
    /// Relay tasks that run.
    pub relays: usize,
    /// Local ports reserved.
    pub ports: usize,
}

/// A running gateway. Dropping it ends it without a word to the MGC; [`Mg::stop`] takes leave.
#[derive(Debug)]
pub struct Mg {
    addresses: Vec<ControlAddress>,
    shared: Arc<Shared>,
    counts: watch::Receiver<Counts>,
    tally: Arc<Tally>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    crash: Mutex<Option<String>>,
}

impl Shared {
    fn crash(&self) -> MutexGuard<'_, Option<String>> {
        self.crash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the first panic: later ones are its consequences.
    fn note(&self, task: &str, error: tokio::task::JoinError) {
        if !error.is_panic() {
            return;
        }
        let payload = error.into_panic();
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "panic without text".to_owned());
        tracing::error!(task, text, "panic");
        self.crash().get_or_insert_with(|| format!("{task}: {text}"));
    }
}

impl Mg {
    /// Binds the control addresses, makes a certificate, starts the tasks. Returns before registration is answered.
    ///
    /// # Errors
    /// An address cannot be bound, there is none, or none can reach an MGC.
    pub async fn start(config: MgConfig) -> io::Result<Self> {
        // Few: what waits here is not yet executed, and what does not fit waits in the kernel or is lost there.
        let (arrivals_in, arrivals) = mpsc::channel(64);
        let endpoints = Endpoints::bind(&config.control, arrivals_in).await?;
        let addresses = endpoints.addresses();
        let first = addresses.first().ok_or_else(|| invalid("no control address"))?.address;
        let mgcs = config.mgcs.iter().map(|mgc| reachable(&addresses, mgc)).collect::<io::Result<Vec<_>>>()?;
        let identity = Identity::generate()?;
        let mut settings = RelaySettings::new(Arc::clone(&config.policy), &identity).map_err(io::Error::other)?;
        settings.switches = config.interface == Interface::Mp;
        let pool =
            Arc::new(SocketPool::new(config.realms.iter().map(|realm| (realm.name.clone(), realm.addresses.clone()))));
        let gateway = Gateway::new(
            Config {
                interface: config.interface,
                mid: first.into(),
                realms: config.realms.iter().map(|realm| realm.name.clone()).collect(),
                certificate: identity.certificate().into(),
                mgcs,
                association: AssociationSettings { reliable: reliable(&addresses), ..config.association },
                timers: config.timers,
                limits: config.limits,
                // A restarted gateway must not repeat the ids its MGC still remembers. H.248.1 annex D.1.
                first_transaction: fresh_transaction_id(),
                secret: RandomState::new().hash_one(()),
            },
            config.policy,
            Box::new(Arc::clone(&pool)),
        );
        let shared = Arc::new(Shared::default());
        let tally = endpoints.tally();
        let (stop, stopping) = watch::channel(false);
        let (counted, counts) = watch::channel(Counts::default());
        let control = Control {
            gateway,
            endpoints,
            arrivals,
            tap: config.tap,
            settings,
            pool,
            relays: HashMap::new(),
            tasks: JoinSet::new(),
            shared: Arc::clone(&shared),
            counted,
        };
        let supervisor = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            // A task of its own, so that its panic ends in `note` and not in nothing.
            let mut running = JoinSet::new();
            running.spawn(control.run(stopping));
            while let Some(ended) = running.join_next().await {
                if let Err(error) = ended {
                    supervisor.note("control", error);
                }
            }
        });
        Ok(Self { addresses, shared, counts, tally, stop, task })
    }

    /// The control addresses bound, in the order they were given.
    pub fn control_addresses(&self) -> &[ControlAddress] {
        &self.addresses
    }

    /// What the gateway holds now.
    pub fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    /// What became of the TCP connections of the control plane so far.
    pub fn connections(&self) -> ConnectionCounts {
        self.tally.counts()
    }

    /// Waits until the gateway holds nothing, for as long as `patience`; what it holds then.
    pub async fn drained(&self, patience: Duration) -> Counts {
        let mut counts = self.counts.clone();
        let empty = counts.wait_for(|counts| *counts == Counts::default());
        let _ = tokio::time::timeout(patience, empty).await;
        self.counts()
    }

    /// The text of the first panic in any of the gateway's tasks.
    pub fn crashed(&self) -> Option<String> {
        self.shared.crash().clone()
    }

    /// Waits until the gateway has ended of itself, which only a panic makes it do.
    pub async fn ended(&mut self) {
        let _ = self.counts.wait_for(|_| false).await;
    }

    /// Takes leave of the MGC (ServiceChange ROOT Forced 905, at most a second for its reply), releases everything, ends.
    pub async fn stop(&mut self) {
        let _ = self.stop.send(true);
        if let Err(error) = (&mut self.task).await {
            self.shared.note("supervisor", error);
        }
    }
}

impl Drop for Mg {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How long leave may take: for the MGC's answer, and for peers to close their side of bearers.
const LEAVE: Duration = Duration::from_millis(950);

/// The control task.
struct Control {
    gateway: Gateway,
    endpoints: Endpoints,
    arrivals: mpsc::Receiver<Arrival>,
    tap: Arc<dyn Tap>,
    settings: RelaySettings,
    pool: Arc<SocketPool>,
    relays: HashMap<RelayId, Relay>,
    tasks: JoinSet<(RelayId, Result<(), tokio::task::JoinError>)>,
    shared: Arc<Shared>,
    counted: watch::Sender<Counts>,
}

/// A relay's task, and how many of its legs are open: with the last it ends.
struct Relay {
    commands: mpsc::UnboundedSender<RelayCommand>,
    legs: usize,
}

impl Control {
    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        self.endpoints.listen();
        let (events_in, mut events) = mpsc::unbounded_channel();

        self.gateway.start(Instant::now());
        let mut leave_until = None;
        loop {
            self.carry_out(&events_in);
            let patient = leave_until.is_none_or(|until| until > Instant::now());
            if self.gateway.is_stopped() && (self.tasks.is_empty() || !patient) {
                return;
            }
            let timeout = self.gateway.poll_timeout().into_iter().chain(leave_until).min();
            tokio::select! {
                Some((peer, octets)) = self.arrivals.recv() => self.receive(peer, octets),
                Some((_, event)) = events.recv() => self.gateway.handle_bearer(Instant::now(), event),
                Some(ended) = self.tasks.join_next() => self.ended(ended),
                () = at(timeout) => self.gateway.handle_timeout(Instant::now()),
                // A sender that is gone means stop as well.
                _ = stopping.wait_for(|stop| *stop), if leave_until.is_none() => {
                    leave_until = Some(Instant::now() + LEAVE);
                    self.gateway.shutdown(Instant::now());
                }
            }
        }
    }

    fn receive(&mut self, peer: Peer, octets: Vec<u8>) {
        for octets in self.tap.control_in(octets) {
            super::log::message("in", peer, &octets);
            self.gateway.handle_h248(Instant::now(), peer, &octets);
        }
    }

    fn ended(&mut self, ended: Result<(RelayId, Result<(), tokio::task::JoinError>), tokio::task::JoinError>) {
        match ended {
            Ok((relay, outcome)) => {
                self.relays.remove(&relay);
                if let Err(error) = outcome {
                    self.shared.note(&format!("relay {}", relay.0), error);
                }
            }
            Err(error) => self.shared.note("relay", error),
        }
    }

    fn carry_out(&mut self, events: &mpsc::UnboundedSender<(RelayId, BearerEvent)>) {
        while let Some(output) = self.gateway.poll_output() {
            match output {
                Output::Control { to, octets } => {
                    for octets in self.tap.control_out(octets) {
                        super::log::message("out", to, &octets);
                        self.endpoints.send(to, &octets);
                    }
                }
                Output::Bearer { relay, command } => self.command(relay, command, events),
            }
        }
        while let Some(event) = self.gateway.poll_event() {
            log(&event);
        }
        let gateway = self.gateway.counts();
        let counts = Counts {
            contexts: gateway.contexts,
            terminations: gateway.terminations,
            relays: self.tasks.len(),
            ports: self.pool.reserved(),
        };
        self.counted.send_if_modified(|before| std::mem::replace(before, counts) != counts);
    }

    fn command(&mut self, id: RelayId, command: LegCommand, events: &mpsc::UnboundedSender<(RelayId, BearerEvent)>) {
        match &command {
            LegCommand::Move { leg, to } => {
                let (sender, receiver) = oneshot::channel();
                let target = self.relay(*to, events);
                target.legs += 1;
                let _ = target.commands.send(RelayCommand::Expect(receiver));
                let source = self.relay(id, events);
                source.legs = source.legs.saturating_sub(1);
                let _ = source.commands.send(RelayCommand::Depart { leg: *leg, to: sender });
                if source.legs == 0 {
                    self.relays.remove(&id);
                }
                return;
            }
            // It is told before the legs it is about come, and dies with the last of them.
            LegCommand::Topology { blocked } => {
                if !blocked.is_empty() || self.relays.contains_key(&id) {
                    let _ = self.relay(id, events).commands.send(RelayCommand::Leg(command));
                }
                return;
            }
            _ => {}
        }
        let pool = Arc::clone(&self.pool);
        let relay = self.relay(id, events);
        match &command {
            LegCommand::Open { local, setup, .. } => {
                relay.legs += 1;
                if let Some(code_point) = setup.conditions.dscp {
                    pool.mark(*local, code_point);
                }
                // Before the reply that names it: whoever learns the address must find it open.
                if setup.tcp_role == TcpRole::Server {
                    pool.listen(*local);
                }
            }
            LegCommand::Release { .. } => relay.legs = relay.legs.saturating_sub(1),
            _ => {}
        }
        let empty = relay.legs == 0;
        // A relay that is gone has panicked; `ended` says so.
        let _ = relay.commands.send(RelayCommand::Leg(command));
        if empty {
            self.relays.remove(&id);
        }
    }

    /// The relay, started if there is none.
    fn relay(&mut self, id: RelayId, events: &mpsc::UnboundedSender<(RelayId, BearerEvent)>) -> &mut Relay {
        self.relays.entry(id).or_insert_with(|| {
            let (commands, receiver) = mpsc::unbounded_channel();
            let pool = Arc::clone(&self.pool);
            let task = relay::spawn(id, self.settings.clone(), pool, receiver, events.clone());
            self.tasks.spawn(async move { (id, task.await) });
            Relay { commands, legs: 0 }
        })
    }
}

fn log(event: &GatewayEvent) {
    match event {
        GatewayEvent::Registered { mgc } => tracing::info!(mgc = %mgc.address, "registered"),
        GatewayEvent::MgcLost { mgc } => tracing::warn!(mgc = %mgc.address, "MGC lost"),
        GatewayEvent::Refused { peer, code } => tracing::info!(peer = %peer.address, code, "refused"),
        GatewayEvent::Stopped => tracing::info!("stopped"),
    }
}

/// Ends at the instant; never without one.
async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what.to_owned())
}

/// The MGC as seen from the first control address that has its transport and IP version.
fn reachable(control: &[ControlAddress], mgc: &ControlAddress) -> io::Result<Peer> {
    (0..)
        .zip(control)
        .find(|(_, own)| own.transport == mgc.transport && own.address.is_ipv4() == mgc.address.is_ipv4())
        .map(|(association, _)| Peer { association: AssociationId(association), address: mgc.address })
        .ok_or_else(|| invalid(&format!("no control address can reach {mgc}")))
}

/// The associations whose transport repeats by itself: the addresses of TCP, and the connections accepted, which are
/// numbered after all addresses.
fn reliable(control: &[ControlAddress]) -> Vec<RangeInclusive<AssociationId>> {
    let tcp = (0..).map(AssociationId).zip(control).filter(|(_, own)| own.transport == Transport::Tcp);
    let accepted = AssociationId(u32::try_from(control.len()).unwrap_or(u32::MAX))..=AssociationId(u32::MAX);
    tcp.map(|(address, _)| address..=address).chain([accepted]).collect()
}

fn fresh_transaction_id() -> u32 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    // Milliseconds: a gateway sends fewer requests than it lives milliseconds.
    (since.as_millis() % u128::from(u32::MAX / 2)) as u32 + 1
}

#[cfg(test)]
mod tests;
