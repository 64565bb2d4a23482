//! The reference gateway at work: one task for control, one for each relay.

use super::{
    control::{ControlAddress, ControlSocket},
    ports::SocketPool,
    relay::{self, RelaySettings},
};
use crate::gateway::{
    AssociationId, BearerEvent, Config, Gateway, GatewayEvent, Identity, Interface, LegCommand, Limits, Output, Peer,
    Policy, Reference, RelayId, Timers,
};
use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, watch},
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
    /// An address cannot be bound, there is none, or its transport is not built in.
    pub async fn start(config: MgConfig) -> io::Result<Self> {
        let mut sockets = Vec::new();
        for address in &config.control {
            sockets.push(ControlSocket::bind(*address).await?);
        }
        let addresses: Vec<_> = sockets.iter().map(|socket| ControlAddress::udp(socket.address())).collect();
        let first = addresses.first().ok_or_else(|| invalid("no control address"))?.address;
        let mgcs = config.mgcs.iter().map(|mgc| reachable(&addresses, mgc)).collect::<io::Result<Vec<_>>>()?;
        let identity = Identity::generate()?;
        let settings = RelaySettings::new(Arc::clone(&config.policy), &identity).map_err(io::Error::other)?;
        let pool =
            Arc::new(SocketPool::new(config.realms.iter().map(|realm| (realm.name.clone(), realm.addresses.clone()))));
        let gateway = Gateway::new(
            Config {
                interface: config.interface,
                mid: first.into(),
                realms: config.realms.iter().map(|realm| realm.name.clone()).collect(),
                certificate: identity.certificate().into(),
                mgcs,
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
        let (stop, stopping) = watch::channel(false);
        let (counted, counts) = watch::channel(Counts::default());
        let control = Control {
            gateway,
            sockets,
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
        Ok(Self { addresses, shared, counts, stop, task })
    }

    /// The control addresses bound, in the order they were given.
    pub fn control_addresses(&self) -> &[ControlAddress] {
        &self.addresses
    }

    /// What the gateway holds now.
    pub fn counts(&self) -> Counts {
        *self.counts.borrow()
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

/// The control task.
struct Control {
    gateway: Gateway,
    sockets: Vec<ControlSocket>,
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
    commands: mpsc::UnboundedSender<LegCommand>,
    legs: usize,
}

impl Control {
    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        // Few: what waits here is not yet executed, and what does not fit waits in the kernel or is lost there.
        let (messages_in, mut messages) = mpsc::channel(64);
        let mut readers = JoinSet::new();
        for (association, socket) in (0..).zip(&self.sockets) {
            readers.spawn(socket.listen(association, messages_in.clone()));
        }
        drop(messages_in);
        let (events_in, mut events) = mpsc::unbounded_channel();

        self.gateway.start(Instant::now());
        let mut leaving = false;
        loop {
            self.carry_out(&events_in);
            if self.gateway.is_stopped() && self.relays.is_empty() && self.tasks.is_empty() {
                return;
            }
            let timeout = self.gateway.poll_timeout();
            tokio::select! {
                Some((association, from, octets)) = messages.recv() => self.receive(association, from, octets),
                Some((relay, event)) = events.recv() => self.gateway.handle_bearer(Instant::now(), relay, event),
                Some(ended) = self.tasks.join_next() => self.ended(ended),
                () = at(timeout) => self.gateway.handle_timeout(Instant::now()),
                // A sender that is gone means stop as well.
                _ = stopping.wait_for(|stop| *stop), if !leaving => {
                    leaving = true;
                    self.gateway.shutdown(Instant::now());
                }
            }
        }
    }

    fn receive(&mut self, association: u32, from: SocketAddr, octets: Vec<u8>) {
        let peer = Peer { association: AssociationId(association), address: from };
        for octets in self.tap.control_in(octets) {
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
                    let socket = usize::try_from(to.association.0).ok().and_then(|index| self.sockets.get(index));
                    let Some(socket) = socket else { continue };
                    for octets in self.tap.control_out(octets) {
                        socket.send(to.address, &octets);
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
        let relay = self.relays.entry(id).or_insert_with(|| {
            let (commands, receiver) = mpsc::unbounded_channel();
            let pool = Arc::clone(&self.pool);
            let task = relay::spawn(id, self.settings.clone(), pool, receiver, events.clone());
            self.tasks.spawn(async move { (id, task.await) });
            Relay { commands, legs: 0 }
        });
        match command {
            LegCommand::Open { .. } => relay.legs += 1,
            LegCommand::Release { .. } => relay.legs = relay.legs.saturating_sub(1),
            LegCommand::Update { .. } => {}
        }
        let empty = relay.legs == 0;
        // A relay that is gone has panicked; `ended` says so.
        let _ = relay.commands.send(command);
        if empty {
            self.relays.remove(&id);
        }
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

fn fresh_transaction_id() -> u32 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    // Milliseconds: a gateway sends fewer requests than it lives milliseconds.
    (since.as_millis() % u128::from(u32::MAX / 2)) as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::net::UdpSocket;

    const PATIENCE: Duration = Duration::from_secs(10);
    const LOCAL: &str =
        "v=0\r\nc=IN IP4 $\r\nm=message $ TCP/TLS/MSRP *\r\na=setup:passive\r\na=fingerprint:sha-256 $\r\n";

    /// An MGC that answers registrations.
    struct Mgc {
        socket: UdpSocket,
        mg: SocketAddr,
    }

    impl Mgc {
        async fn start(configure: impl FnOnce(&mut MgConfig)) -> (Self, Mg) {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
            let mut config = MgConfig::loopback(Interface::Iq, Ipv4Addr::LOCALHOST.into());
            config.mgcs = vec![ControlAddress::udp(socket.local_addr().expect("bound"))];
            configure(&mut config);
            let mg = Mg::start(config).await.expect("started");
            let mut mgc = Self { socket, mg: mg.control_addresses()[0].address };
            let registration = mgc.hear().await;
            assert!(registration.contains("C=-{SC=ROOT{SV{MT=RS"), "{registration}");
            mgc.accept(&registration).await;
            (mgc, mg)
        }

        async fn hear(&mut self) -> String {
            let mut buffer = vec![0; 65_536];
            let received = tokio::time::timeout(PATIENCE, self.socket.recv_from(&mut buffer));
            let (length, from) = received.await.expect("in time").expect("received");
            assert_eq!(from, self.mg);
            String::from_utf8(buffer[..length].to_vec()).expect("text")
        }

        async fn accept(&self, request: &str) {
            let id = request.split_once("T=").and_then(|(_, rest)| rest.split_once('{')).expect("a request").0;
            self.tell(&format!("P={id}{{C=-{{SC=ROOT}}}}")).await;
        }

        async fn tell(&self, body: &str) {
            let text = format!("!/2 [127.0.0.1]:2944 {body}");
            self.socket.send_to(text.as_bytes(), self.mg).await.expect("sent");
        }

        async fn ask(&mut self, body: &str) -> String {
            self.tell(body).await;
            self.hear().await
        }
    }

    #[tokio::test]
    async fn a_session_is_added_modified_and_subtracted_over_udp() {
        let (mut mgc, mut mg) = Mgc::start(|_| {}).await;
        let reply = mgc.ask(&format!("T=1{{C=${{A=${{M{{ST=1{{O{{MO=SR}},L{{{LOCAL}}}}}}}}},A=$}}}}")).await;
        assert!(reply.contains("P=1{C=1{A=ip/access/1{M{ST=1{L{v=0") && !reply.contains("ER="), "{reply}");
        let counts = mg.counts();
        assert_eq!((counts.contexts, counts.terminations, counts.relays, counts.ports), (1, 2, 1, 1));
        let port = reply.split_once("m=message ").and_then(|(_, rest)| rest.split_once(' ')).expect("a port").0;
        let address = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port.parse().expect("a number"));
        tokio::net::TcpStream::connect(address).await.expect("the port granted is listened on");
        let remote = "c=IN IP4 127.0.0.1\r\nm=message 9 TCP/TLS/MSRP *\r\n";
        let reply = mgc.ask(&format!("T=2{{C=1{{MF=ip/access/1{{M{{ST=1{{R{{{remote}}}}}}}}}}}}}")).await;
        assert!(reply.contains("P=2{C=1{MF=ip/access/1}}"), "{reply}");
        let reply = mgc.ask("T=3{C=1{S=*}}").await;
        assert!(reply.contains("nt/os=0"), "{reply}");
        assert_eq!(mg.drained(PATIENCE).await, Counts::default());
        assert_eq!(mgc.ask("T=3{C=1{S=*}}").await, reply);
        tokio::join!(mg.stop(), async { mgc.accept(&mgc.hear_forced().await).await });
        assert_eq!(mg.crashed(), None);
    }

    impl Mgc {
        async fn hear_forced(&self) -> String {
            let mut buffer = vec![0; 65_536];
            let (length, _) = self.socket.recv_from(&mut buffer).await.expect("received");
            let text = String::from_utf8(buffer[..length].to_vec()).expect("text");
            assert!(text.contains("SC=ROOT{SV{MT=FO,RE=\"905"), "{text}");
            text
        }
    }

    /// Doubles what comes in and hides what goes out from the second reply on.
    #[derive(Debug, Default)]
    struct Doubling;

    impl Tap for Doubling {
        fn control_in(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
            vec![octets.clone(), octets]
        }
    }

    #[tokio::test]
    async fn a_tap_sees_control_octets_before_the_gateway() {
        let (mut mgc, mg) = Mgc::start(|config| config.tap = Arc::new(Doubling)).await;
        let first = mgc.ask("T=1{C=${A=$}}").await;
        assert_eq!((first, mg.counts().contexts), (mgc.hear().await, 1));
    }

    /// A policy that panics when a leg is set up.
    #[derive(Debug)]
    struct Fragile;

    impl Policy for Fragile {
        fn tcp_role(&self, _: crate::rules::roles::TcpRole) -> crate::rules::roles::TcpRole {
            panic!("made to break")
        }
    }

    #[tokio::test]
    async fn a_panic_is_kept_as_text() {
        let (mgc, mut mg) = Mgc::start(|config| config.policy = Arc::new(Fragile)).await;
        mgc.tell(&format!("T=1{{C=${{A=${{M{{ST=1{{L{{{LOCAL}}}}}}}}}}}}}")).await;
        tokio::time::timeout(PATIENCE, mg.ended()).await.expect("the gateway is gone");
        mg.stop().await;
        assert_eq!(mg.crashed().as_deref(), Some("control: made to break"));
    }

    #[tokio::test]
    async fn a_dead_mgc_does_not_hold_up_the_end() {
        let (mgc, mut mg) = Mgc::start(|_| {}).await;
        drop(mgc);
        tokio::time::timeout(PATIENCE, mg.stop()).await.expect("an end without a reply");
    }
}
