//! The gateway over loopback UDP, with an MGC that answers registrations.

use super::*;
use std::net::Ipv4Addr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UdpSocket,
};

const PATIENCE: Duration = Duration::from_secs(10);
const LOCAL: &str = "v=0\r\nc=IN IP4 $\r\nm=message $ TCP/TLS/MSRP *\r\na=setup:passive\r\na=fingerprint:sha-256 $\r\n";

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

    async fn hear_forced(&self) -> String {
        let mut buffer = vec![0; 65_536];
        let (length, _) = self.socket.recv_from(&mut buffer).await.expect("received");
        let text = String::from_utf8(buffer[..length].to_vec()).expect("text");
        assert!(text.contains("SC=ROOT{SV{MT=FO,RE=\"905"), "{text}");
        text
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

/// Doubles what comes in.
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
    fn tcp_role(&self, _: TcpRole) -> TcpRole {
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

/// A policy that panics on the first octets to forward.
#[derive(Debug)]
struct Brittle;

impl Policy for Brittle {
    fn forward(&self, _: &mut Vec<u8>) {
        panic!("made to break")
    }
}

#[tokio::test]
async fn a_panic_in_a_relay_is_kept_as_text_and_control_goes_on() {
    let (mut mgc, mg) = Mgc::start(|config| config.policy = Arc::new(Brittle)).await;
    let add = "A=${M{ST=1{O{MO=SR},L{c=IN IP4 $\r\nm=message $ TCP *\r\n}}}}";
    let reply = mgc.ask(&format!("T=1{{C=${{{add},{add}}}}}")).await;
    let mut bearers = Vec::new();
    for after in reply.split("m=message ").skip(1) {
        let port = after.split(' ').next().and_then(|port| port.parse().ok()).expect("a port");
        bearers.push(tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("connected"));
    }
    bearers[0].write_all(b"octets").await.expect("sent");
    // The relay is gone when its connections are.
    let _ = bearers[1].read(&mut [0]).await;
    let mut counts = mg.counts.clone();
    let gone = counts.wait_for(|counts| counts.relays == 0);
    tokio::time::timeout(PATIENCE, gone).await.expect("in time").expect("counted");
    assert_eq!(mg.crashed().as_deref(), Some("relay 1: made to break"));
    assert!(mgc.ask("T=2{C=1{S=*}}").await.contains("P=2{C=1{S="));
}

#[tokio::test]
async fn a_dead_mgc_does_not_hold_up_the_end() {
    let (mgc, mut mg) = Mgc::start(|_| {}).await;
    drop(mgc);
    tokio::time::timeout(PATIENCE, mg.stop()).await.expect("an end without a reply");
}
