//! A relay over the loopback interface.

use super::*;
use crate::{
    gateway::{
        Application, BearerState, Conditions, Counters, Expected, Identity, IpVersion, LegSetup, Ports, Reference,
        bearer::tests::tls_peer,
    },
    rules::roles::{TcpRole, TlsRole},
};
use rustls::{
    Connection,
    version::{TLS12, TLS13},
};
use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const ACCESS: LegId = LegId(1);
const CORE: LegId = LegId(2);

struct Bench {
    pool: Arc<SocketPool>,
    commands: mpsc::UnboundedSender<RelayCommand>,
    events: mpsc::UnboundedReceiver<(RelayId, BearerEvent)>,
    seen: Vec<BearerEvent>,
    task: JoinHandle<()>,
}

impl Bench {
    fn new() -> Self {
        let pool = Arc::new(SocketPool::new([("access".to_owned(), vec![IpAddr::from(Ipv4Addr::LOCALHOST)])]));
        let settings = RelaySettings::new(Arc::new(Reference), &Identity::generate().unwrap()).unwrap();
        let (commands, receiver) = mpsc::unbounded_channel();
        let (sender, events) = mpsc::unbounded_channel();
        let task = spawn(RelayId(1), settings, Arc::clone(&pool), receiver, sender);
        Self { pool, commands, events, seen: Vec::new(), task }
    }

    fn open(&mut self, leg: LegId, setup: LegSetup) -> SocketAddr {
        let local = Ports::reserve(&mut self.pool, "access", IpVersion::V4).unwrap();
        let counters = Arc::<Counters>::default();
        self.commands.send(RelayCommand::Leg(LegCommand::Open { leg, local, setup, counters })).unwrap();
        local
    }

    fn release(&self, leg: LegId) {
        self.commands.send(RelayCommand::Leg(LegCommand::Release { leg })).unwrap();
    }

    /// Waits for an event; those of different legs come in any order.
    async fn event(&mut self, wanted: BearerEvent) {
        while !self.seen.contains(&wanted) {
            self.seen.push(self.events.recv().await.expect("the relay runs").1);
        }
    }

    async fn established(&mut self, leg: LegId, state: BearerState) {
        self.event(BearerEvent::Established { leg, state }).await;
    }
}

fn plain() -> LegSetup {
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

fn secured(expected: &Identity) -> LegSetup {
    LegSetup { secured: true, expected: tls_peer::signalled(expected), ..plain() }
}

/// Connects, however soon the relay listens.
async fn connect(to: SocketAddr) -> TcpStream {
    loop {
        match TcpStream::connect(to).await {
            Ok(stream) => return stream,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

struct TlsPeer {
    tcp: TcpStream,
    tls: Connection,
}

impl TlsPeer {
    async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.tls.set_buffer_limit(None);
        self.tls.writer().write_all(octets)?;
        self.flush().await
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut wire = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut wire)?;
        }
        self.tcp.write_all(&wire).await
    }

    /// Shakes hands.
    async fn establish(&mut self) -> io::Result<()> {
        while self.tls.is_handshaking() {
            self.flush().await?;
            if self.tls.is_handshaking() {
                self.turn().await?;
            }
        }
        self.flush().await
    }

    async fn turn(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        let length = self.tcp.read(&mut buffer).await?;
        let mut octets = &buffer[..length];
        if octets.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        while !octets.is_empty() {
            self.tls.read_tls(&mut octets)?;
            self.tls.process_new_packets().map_err(io::Error::other)?;
        }
        Ok(())
    }

    async fn read(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while all.len() < length {
            let mut part = [0; 4096];
            match self.tls.reader().read(&mut part) {
                Ok(0) => break,
                Ok(octets) => all.extend_from_slice(&part[..octets]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.turn().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }
}

async fn tls_client(to: SocketAddr, identity: &Identity) -> TlsPeer {
    TlsPeer { tcp: connect(to).await, tls: tls_peer::client(Some(identity), &TLS13) }
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 253) as u8).collect()
}

#[tokio::test]
async fn tls_to_tcp_carries_every_octet_both_ways_at_once() {
    let alice = tls_peer::identity();
    let mut bench = Bench::new();
    let access = bench.open(ACCESS, secured(&alice));
    let core = bench.open(CORE, plain());
    let mut ue = tls_client(access, &alice).await;
    ue.establish().await.unwrap();
    bench.established(ACCESS, BearerState::TlsEstablished).await;
    let (mut from_core, mut to_core) = connect(core).await.into_split();

    let (up, down) = (pattern(3_000_000), pattern(2_000_000));
    let (sent_up, sent_down) = (up.clone(), down.clone());
    let core = tokio::spawn(async move {
        let mut received = vec![0; sent_up.len()];
        let writing = async { to_core.write_all(&sent_down).await };
        let (wrote, read) = tokio::join!(writing, from_core.read_exact(&mut received));
        wrote.unwrap();
        read.unwrap();
        assert!(received == sent_up);
        (from_core, to_core)
    });
    // The peer writes before it reads: only flow control in both directions lets that go well.
    ue.write(&up[..1_000_000]).await.unwrap();
    assert!(ue.read(down.len()).await.unwrap() == down);
    ue.write(&up[1_000_000..]).await.unwrap();
    let (mut from_core, _to_core) = core.await.unwrap();

    ue.tls.send_close_notify();
    ue.flush().await.unwrap();
    ue.tcp.shutdown().await.unwrap();
    assert_eq!(from_core.read(&mut [0; 1]).await.unwrap(), 0, "the end is passed on");
    bench.event(BearerEvent::Ended { leg: ACCESS, cause: FailureCause::Released }).await;
}

#[tokio::test]
async fn an_active_tls_client_leg_connects_and_presents_its_certificate() {
    let bob = tls_peer::identity();
    let mut bench = Bench::new();
    let far = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let access = bench.open(ACCESS, plain());
    let setup = LegSetup {
        tcp_role: TcpRole::Client,
        tls_role: TlsRole::Client,
        remote: Some(far.local_addr().unwrap()),
        ..secured(&bob)
    };
    let local = bench.open(CORE, setup);
    let (tcp, from) = far.accept().await.unwrap();
    assert_eq!(from, local, "from the address that was signalled");
    let mut core = TlsPeer { tcp, tls: tls_peer::server(&bob, &TLS12) };
    core.establish().await.unwrap();
    assert!(core.tls.peer_certificates().is_some());
    bench.established(CORE, BearerState::TlsEstablished).await;

    let mut ue = connect(access).await;
    ue.write_all(b"hello").await.unwrap();
    assert_eq!(core.read(5).await.unwrap(), b"hello");
}

#[tokio::test]
async fn after_a_wrong_fingerprint_the_right_peer_succeeds() {
    let (alice, mallory) = (tls_peer::identity(), tls_peer::identity());
    let mut bench = Bench::new();
    let access = bench.open(ACCESS, secured(&alice));
    let mut wrong = tls_client(access, &mallory).await;
    wrong.establish().await.unwrap();
    let refusal = wrong.read(1).await.unwrap_err();
    assert!(refusal.to_string().contains("BadCertificate"), "{refusal}");
    bench.event(BearerEvent::Failed { leg: ACCESS, cause: FailureCause::TlsFingerprint }).await;

    tls_client(access, &alice).await.establish().await.unwrap();
    bench.established(ACCESS, BearerState::TlsEstablished).await;
}

#[tokio::test]
async fn a_peer_slow_to_shake_hands_does_not_hold_up_the_right_one() {
    let alice = tls_peer::identity();
    let mut bench = Bench::new();
    let access = bench.open(ACCESS, secured(&alice));
    let mut slow = connect(access).await;
    slow.write_all(&[22]).await.unwrap();
    bench.established(ACCESS, BearerState::TcpEstablished).await;
    tls_client(access, &alice).await.establish().await.unwrap();
    bench.established(ACCESS, BearerState::TlsEstablished).await;
    let mut rest = Vec::new();
    // Closed, with a farewell or without.
    let _ = slow.read_to_end(&mut rest).await;
}

#[tokio::test]
async fn release_says_farewell_closes_the_ports_and_ends_the_task() {
    let alice = tls_peer::identity();
    let mut bench = Bench::new();
    let access = bench.open(ACCESS, secured(&alice));
    let core = bench.open(CORE, plain());
    let mut ue = tls_client(access, &alice).await;
    ue.establish().await.unwrap();
    let mut server = connect(core).await;
    bench.established(ACCESS, BearerState::TlsEstablished).await;
    bench.established(CORE, BearerState::TcpEstablished).await;
    assert_eq!(bench.pool.reserved(), 2);

    bench.release(ACCESS);
    bench.release(CORE);
    // The gateway drops the sender with the last leg: what is being released is released in order all the same.
    drop(bench.commands);
    assert_eq!(ue.read(1).await.unwrap(), b"", "close_notify");
    assert_eq!(ue.tcp.read(&mut [0; 1]).await.unwrap(), 0, "FIN");
    assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0, "FIN");
    drop((ue, server));
    bench.task.await.unwrap();
    for address in [access, core] {
        assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }
    assert_eq!(bench.pool.reserved(), 0);
}

#[tokio::test]
async fn without_its_gateway_a_relay_resets_everything() {
    let mut bench = Bench::new();
    let access = bench.open(ACCESS, plain());
    let mut ue = connect(access).await;
    bench.established(ACCESS, BearerState::TcpEstablished).await;
    drop(bench.commands);
    bench.task.await.unwrap();
    assert_eq!(ue.read(&mut [0; 1]).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(bench.pool.reserved(), 0);
}

#[tokio::test]
async fn a_relay_that_was_given_nothing_ends_with_its_gateway() {
    let bench = Bench::new();
    drop(bench.commands);
    bench.task.await.unwrap();
}

#[tokio::test]
async fn a_refused_attempt_is_told_and_can_be_repeated_from_the_same_port() {
    let mut bench = Bench::new();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let remote = closed.local_addr().unwrap();
    drop(closed);
    let setup = LegSetup { tcp_role: TcpRole::Client, remote: Some(remote), ..plain() };
    let local = bench.open(CORE, setup.clone());
    bench.event(BearerEvent::Failed { leg: CORE, cause: FailureCause::TcpRefused }).await;

    let open = TcpListener::bind(remote).await.unwrap();
    bench.commands.send(RelayCommand::Leg(LegCommand::Update { leg: CORE, setup })).unwrap();
    let (_stream, from) = open.accept().await.unwrap();
    assert_eq!(from, local);
    bench.established(CORE, BearerState::TcpEstablished).await;
}

#[tokio::test]
async fn a_passive_leg_turned_active_connects_from_its_port() {
    let mut bench = Bench::new();
    let far = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let local = bench.open(CORE, plain());
    let remote = Some(far.local_addr().unwrap());
    let setup = LegSetup { tcp_role: TcpRole::Client, remote, ..plain() };
    bench.commands.send(RelayCommand::Leg(LegCommand::Update { leg: CORE, setup })).unwrap();
    let (_stream, from) = far.accept().await.unwrap();
    assert_eq!(from, local);
}

#[tokio::test]
async fn a_reset_reaches_the_far_peer_after_its_octets() {
    let mut bench = Bench::new();
    let access = bench.open(ACCESS, plain());
    let core = bench.open(CORE, plain());
    let mut ue = connect(access).await;
    let mut server = connect(core).await;
    bench.established(CORE, BearerState::TcpEstablished).await;
    ue.write_all(b"last words").await.unwrap();
    let mut words = [0; 10];
    server.read_exact(&mut words).await.unwrap();
    ue.set_zero_linger().unwrap();
    drop(ue);
    bench.event(BearerEvent::Ended { leg: ACCESS, cause: FailureCause::TcpReset }).await;
    assert_eq!(server.read(&mut words).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}
