//! A socket of its own towards the gateway's control address, that says whatever a test wants.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream, UdpSocket},
    time::{Instant, timeout, timeout_at},
};

use super::{Mgc, Transport};
use crate::{
    harness::transcript::{Event, Route, TcpEvent, Transcript},
    results::{Lane, Link, Protocol},
    wire::{Framed, h248::MId, tpkt},
};

/// Another peer of the gateway's control plane: an extra connection that stays half open, a flood, an MGC nobody invited.
/// Dropping it closes its socket.
#[derive(Debug)]
pub struct Stranger {
    socket: Socket,
    route: Route,
    transcript: Transcript,
}

#[derive(Debug)]
enum Socket {
    Udp(UdpSocket),
    Tcp { stream: TcpStream, buffer: Vec<u8> },
}

/// How long opening and writing may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl Mgc {
    /// Where the gateway listens for control: `known` if the target file says so, else the address it registered from over UDP,
    /// and the address in its mId over TCP, where it registers from a port nobody listens on.
    pub fn gateway_address(&self, known: Option<SocketAddr>) -> Option<SocketAddr> {
        let registration = self.registration();
        known.or_else(|| {
            let registration = registration?;
            match (self.transport(), registration.mid) {
                (Transport::Udp, _) => Some(registration.address),
                (Transport::Tcp, MId::Ip(ip, port)) => Some(SocketAddr::new(ip, port.unwrap_or(2944))),
                (Transport::Tcp, _) => None,
            }
        })
    }
}

/// An address of `own` at which nobody listens: bound and let go.
#[expect(clippy::disallowed_types, reason = "nothing is sent or awaited, so no async socket is needed")]
pub fn deserted(own: IpAddr) -> Option<SocketAddr> {
    std::net::UdpSocket::bind((own, 0)).and_then(|socket| socket.local_addr()).ok()
}

impl Stranger {
    /// Opens a socket to `gateway`, from `local` if given, else from the host that reaches it.
    ///
    /// # Errors
    /// The address cannot be bound, or nobody accepts the connection.
    pub async fn open(
        transport: Transport,
        gateway: SocketAddr,
        local: Option<IpAddr>,
        transcript: &Transcript,
    ) -> io::Result<Self> {
        let any = SocketAddr::new(local.unwrap_or_else(|| any(gateway)), 0);
        let (socket, source) = match transport {
            Transport::Udp => {
                let socket = UdpSocket::bind(any).await?;
                socket.connect(gateway).await?;
                let source = socket.local_addr()?;
                (Socket::Udp(socket), source)
            }
            Transport::Tcp => {
                let socket = if gateway.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
                socket.bind(any)?;
                let stream = timeout(PATIENCE, socket.connect(gateway)).await??;
                let source = stream.local_addr()?;
                (Socket::Tcp { stream, buffer: Vec::new() }, source)
            }
        };
        let route = Route { link: Link::Control, from: Lane::Mgc, to: Lane::Mg, source, destination: gateway };
        if transport == Transport::Tcp {
            transcript.record(route, Event::Tcp(TcpEvent::Established));
        }
        Ok(Self { socket, route, transcript: transcript.clone() })
    }

    /// Where it is.
    pub const fn address(&self) -> SocketAddr {
        self.route.source
    }

    /// Sends a message, in a packet where the transport has packets. Returns its frame.
    ///
    /// # Errors
    /// It is too long, or the gateway has closed the connection, or does not read.
    pub async fn send(&mut self, message: &[u8]) -> io::Result<u32> {
        match &mut self.socket {
            Socket::Udp(socket) => {
                let frame = self.transcript.record(self.route, Event::datagram(message));
                socket.send(message).await?;
                Ok(frame)
            }
            Socket::Tcp { stream, .. } => {
                let mut packet = Vec::new();
                tpkt::encode_into(message, &mut packet)
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
                self.transcript.record(self.route, Event::octets(&packet));
                let frame = self.transcript.record(self.route, Event::message(Protocol::H248, false, message));
                timeout(PATIENCE, stream.write_all(&packet)).await??;
                Ok(frame)
            }
        }
    }

    /// Sends octets as they are: half a packet, a header that lies; over UDP as [`Stranger::send`].
    ///
    /// # Errors
    /// As [`Stranger::send`].
    pub async fn send_bare(&mut self, octets: &[u8]) -> io::Result<u32> {
        match &mut self.socket {
            Socket::Udp(_) => self.send(octets).await,
            Socket::Tcp { stream, .. } => {
                let frame = self.transcript.record(self.route, Event::octets(octets));
                timeout(PATIENCE, stream.write_all(octets)).await??;
                Ok(frame)
            }
        }
    }

    /// Sends a message `count` times without reading; returns how often it could. Only the first is recorded.
    pub async fn flood(&mut self, message: &[u8], count: usize) -> usize {
        if count == 0 || self.send(message).await.is_err() {
            return 0;
        }
        let mut packet = Vec::new();
        let _ = tpkt::encode_into(message, &mut packet);
        for sent in 1..count {
            let done = match &mut self.socket {
                Socket::Udp(socket) => socket.send(message).await.map(drop),
                // A gateway that stops reading has answered the flood.
                Socket::Tcp { stream, .. } => match timeout(PATIENCE, stream.write_all(&packet)).await {
                    Ok(done) => done,
                    Err(_) => return sent,
                },
            };
            if done.is_err() {
                return sent;
            }
        }
        count
    }

    /// The next message from the gateway and its frame; none when none comes within `bound` or the connection has ended.
    pub async fn receive(&mut self, bound: Duration) -> Option<(u32, Arc<[u8]>)> {
        let deadline = Instant::now() + bound;
        let back = self.route.reversed();
        match &mut self.socket {
            Socket::Udp(socket) => {
                let mut buffer = vec![0; 65_535];
                let length = timeout_at(deadline, socket.recv(&mut buffer)).await.ok()?.ok()?;
                let octets: Arc<[u8]> = buffer.get(..length)?.into();
                Some((self.transcript.record(back, Event::Datagram(Arc::clone(&octets))), octets))
            }
            Socket::Tcp { stream, buffer } => loop {
                match tpkt::parse(buffer) {
                    Ok(Framed::Complete(message, length)) => {
                        let octets: Arc<[u8]> = message.into();
                        self.transcript.record(back, Event::octets(buffer.get(..length)?));
                        buffer.drain(..length);
                        let frame = self.transcript.record(back, Event::message(Protocol::H248, false, &octets));
                        return Some((frame, octets));
                    }
                    Ok(Framed::Incomplete(_)) => {
                        if timeout_at(deadline, stream.read_buf(buffer)).await.ok()?.ok()? == 0 {
                            return None;
                        }
                    }
                    Err(_) => return None,
                }
            },
        }
    }

    /// Waits until the gateway closes the connection; false when it has not within `bound`, and always over UDP.
    pub async fn closed(&mut self, bound: Duration) -> bool {
        let Socket::Tcp { stream, .. } = &mut self.socket else { return false };
        let mut rest = [0; 4096];
        let end = async { while matches!(stream.read(&mut rest).await, Ok(1..)) {} };
        let closed = timeout(bound, end).await.is_ok();
        if closed {
            self.transcript.record(self.route.reversed(), Event::Tcp(TcpEvent::Fin));
        }
        closed
    }
}

const fn any(gateway: SocketAddr) -> IpAddr {
    match gateway {
        SocketAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    }
}
