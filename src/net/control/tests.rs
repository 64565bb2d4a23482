//! The gateway's control plane over TCP, met by peers of every kind.

use super::connection::{End, Patience, queue, serve};
use crate::{
    gateway::{AssociationId, Interface, Peer},
    net::{ConnectionCounts, ControlAddress, Mg, MgConfig},
    wire::{Framed, tpkt},
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

const AMPLE: Duration = Duration::from_secs(20);
const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    const fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    async fn to(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).await.expect("connected"))
    }

    async fn tell(&mut self, body: &str) {
        let mut packet = Vec::new();
        tpkt::encode_into(format!("!/2 [127.0.0.1]:2944 {body}").as_bytes(), &mut packet).expect("short");
        self.stream.write_all(&packet).await.expect("sent");
    }

    /// The next message; none when the gateway closed the connection.
    async fn hear(&mut self) -> Option<String> {
        loop {
            if let Framed::Complete(message, length) = tpkt::parse(&self.buffer).expect("a packet") {
                let text = String::from_utf8(message.to_vec()).expect("text");
                self.buffer.drain(..length);
                return Some(text);
            }
            match timeout(AMPLE, self.stream.read_buf(&mut self.buffer)).await.expect("in time") {
                Ok(1..) => {}
                _ => return None,
            }
        }
    }

    async fn ask(&mut self, body: &str) -> String {
        self.tell(body).await;
        self.hear().await.expect("an answer")
    }
}

/// A gateway without an MGC of its own that listens over TCP.
async fn open_gateway() -> (Mg, SocketAddr) {
    let mut config = MgConfig::loopback(Interface::Iq, Ipv4Addr::LOCALHOST.into());
    config.control = vec![ControlAddress::tcp(ANY)];
    let mg = Mg::start(config).await.expect("started");
    let address = mg.control_addresses()[0].address;
    (mg, address)
}

#[tokio::test]
async fn a_reply_goes_on_the_connection_of_its_request() {
    let (mg, address) = open_gateway().await;
    let (mut one, mut other) = (Line::to(address).await, Line::to(address).await);
    one.tell("T=1{C=${A=$}}").await;
    let second = other.ask("T=2{C=${A=$}}").await;
    assert!(second.contains("P=2{C="), "{second}");
    assert!(one.hear().await.expect("an answer").contains("P=1{C="));
    assert_eq!(mg.counts().contexts, 2);
}

#[tokio::test]
async fn packets_may_come_in_any_pieces() {
    let (_mg, address) = open_gateway().await;
    let mut line = Line::to(address).await;
    let mut packets = Vec::new();
    for id in 1..=3 {
        let message = format!("!/2 [127.0.0.1]:2944 T={id}{{C=-{{AV=ROOT{{AT{{}}}}}}}}");
        tpkt::encode_into(message.as_bytes(), &mut packets).expect("short");
    }
    for piece in packets.chunks(7) {
        line.stream.write_all(piece).await.expect("sent");
    }
    for id in 1..=3 {
        assert!(line.hear().await.expect("an answer").contains(&format!("P={id}{{")));
    }
}

#[tokio::test]
async fn a_wrong_header_ends_its_connection_and_no_other() {
    let (mg, address) = open_gateway().await;
    let mut good = Line::to(address).await;
    for wrong in [&b"MEGACO/2"[..], &[3, 0, 0, 3], &[2, 0, 0, 9, 1, 2, 3, 4, 5]] {
        let mut bad = Line::to(address).await;
        bad.stream.write_all(wrong).await.expect("sent");
        assert_eq!(bad.hear().await, None);
    }
    assert!(good.ask("T=1{C=-{AV=ROOT{AT{}}}}").await.contains("P=1{"));
    assert_eq!(mg.connections(), ConnectionCounts { opened: 4, malformed: 3, ..ConnectionCounts::default() });
}

#[tokio::test]
async fn silent_connections_give_way_to_new_ones() {
    let (mg, address) = open_gateway().await;
    let mut first = Line::to(address).await;
    assert!(first.ask("T=1{C=-{AV=ROOT{AT{}}}}").await.contains("P=1{"));
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(Line::to(address).await);
    }
    let mut last = Line::to(address).await;
    assert!(last.ask("T=2{C=-{AV=ROOT{AT{}}}}").await.contains("P=2{"));
    assert!(first.ask("T=3{C=-{AV=ROOT{AT{}}}}").await.contains("P=3{"));
    assert_eq!(silent[0].hear().await, None);
    assert!(mg.connections().displaced >= 70, "{:?}", mg.connections());
}

#[tokio::test]
async fn a_flood_does_not_starve_another_connection() {
    let (_mg, address) = open_gateway().await;
    let mut flood = Line::to(address).await;
    let mut packets = Vec::new();
    for _ in 0..1000 {
        tpkt::encode_into(b"garbage", &mut packets).expect("short");
    }
    let flooding = tokio::spawn(async move {
        // Nobody reads the answers: in the end the gateway closes it, or this end is dropped.
        while flood.stream.write_all(&packets).await.is_ok() {}
    });
    let mut line = Line::to(address).await;
    for id in 1..=50 {
        assert!(line.ask(&format!("T={id}{{C=-{{AV=ROOT{{AT{{}}}}}}}}")).await.contains(&format!("P={id}{{")));
    }
    flooding.abort();
}

#[tokio::test]
async fn the_gateway_calls_its_mgc_and_calls_again_when_that_comes_back() {
    let listener = TcpListener::bind(ANY).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let mut config = MgConfig::loopback(Interface::Iq, Ipv4Addr::LOCALHOST.into());
    config.control = vec![ControlAddress::tcp(ANY)];
    config.mgcs = vec![ControlAddress::tcp(address)];
    let mut mg = Mg::start(config).await.expect("started");
    let mut line = Line::new(listener.accept().await.expect("called").0);
    let registration = line.hear().await.expect("a registration");
    let id = registration.split_once("T=").and_then(|(_, rest)| rest.split_once('{')).expect("a request").0;
    line.tell(&format!("P={id}{{C=-{{SC=ROOT}}}}")).await;
    assert!(line.ask("T=1{C=${A=$}}").await.contains("P=1{C="));
    drop((line, listener));
    let listener = TcpListener::bind(address).await.expect("the port again");
    let called = timeout(AMPLE, listener.accept()).await.expect("called again").expect("accepted");
    let mut line = Line::new(called.0);
    assert!(line.ask("T=2{C=*{AV=*{AT{}}}}").await.contains("P=2{"));
    let leave = async {
        let forced = loop {
            let heard = line.hear().await.expect("leave");
            if heard.contains("MT=FO") {
                break heard;
            }
        };
        let id = forced.split_once("T=").and_then(|(_, rest)| rest.split_once('{')).expect("a request").0.to_owned();
        line.tell(&format!("P={id}{{C=-{{SC=ROOT}}}}")).await;
    };
    tokio::join!(mg.stop(), leave);
    assert_eq!(mg.crashed(), None);
}

/// Serves one end of a connection with little patience; what the other end does is the test's.
async fn served(patience: Patience, act: impl AsyncFnOnce(TcpStream)) -> End {
    let listener = TcpListener::bind(ANY).await.expect("a port");
    let (stream, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().expect("bound")), listener.accept());
    let (accepted, address) = accepted.expect("accepted");
    let (arrivals, mut received) = mpsc::channel(4);
    let (_sender, mut queue) = queue();
    let peer = Peer { association: AssociationId(9), address };
    let ((), end) = tokio::join!(act(stream.expect("connected")), async {
        let end = serve(accepted, peer, None, &mut queue, &arrivals, &patience, true).await;
        received.close();
        end
    });
    end
}

#[tokio::test]
async fn half_a_packet_and_silence_are_waited_for_only_so_long() {
    let short = Duration::from_millis(20);
    let patience = Patience { first: short, ..Patience::default() };
    let silent = served(patience, async |mut stream| drop(stream.read_to_end(&mut Vec::new()).await)).await;
    assert_eq!(silent, End::Silent);
    let patience = Patience { packet: short, ..Patience::default() };
    let half = served(patience, async |mut stream| {
        let mut packet = Vec::new();
        tpkt::encode_into(b"whole", &mut packet).expect("short");
        packet.extend([3, 0, 1]);
        stream.write_all(&packet).await.expect("sent");
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    assert_eq!(half.await, End::Silent);
}

#[tokio::test]
async fn who_does_not_read_is_closed_and_costs_no_more_than_the_queue() {
    let listener = TcpListener::bind(ANY).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let (_silent, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (arrivals, _received) = mpsc::channel(4);
    let (sender, mut queue) = queue();
    let peer = Peer { association: AssociationId(9), address };
    let patience = Patience { write: Duration::from_millis(50), ..Patience::default() };
    let mut most = 0;
    let end = tokio::select! {
        end = serve(accepted.expect("accepted").0, peer, None, &mut queue, &arrivals, &patience, true) => end,
        () = async {
            loop {
                // Socket buffers take some: what they take is sent again.
                most = (0..).take_while(|_| sender.send(&[7; 60_000]).is_ok()).count().max(most);
                tokio::task::yield_now().await;
            }
        } => End::Ours,
    };
    assert_eq!(end, End::Slow);
    assert!(most * 60_004 <= 1 << 20, "{most}");
}
