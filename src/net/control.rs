//! Control addresses and the sockets behind them: H.248 over UDP (H.248.1 annex D.1).

use std::{fmt, io, net::SocketAddr, str::FromStr, sync::Arc};
use tokio::{net::UdpSocket, sync::mpsc};

/// What carries H.248.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One message per datagram.
    Udp,
    /// TPKT framing, H.248.1 annex D.2.
    Tcp,
}

/// A control address as the command line and target files write it: `udp:192.0.2.1:2944`, `tcp:[2001:db8::1]:2944`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ControlAddress {
    /// What carries H.248.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
}

impl ControlAddress {
    /// H.248 over UDP at an address.
    pub const fn udp(address: SocketAddr) -> Self {
        Self { transport: Transport::Udp, address }
    }
}

impl fmt::Display for ControlAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = match self.transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        };
        write!(f, "{transport}:{}", self.address)
    }
}

/// Why text is no control address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no control address: write udp:ADDRESS:PORT or tcp:ADDRESS:PORT, an IPv6 address in brackets")]
pub struct ControlAddressError(String);

impl FromStr for ControlAddress {
    type Err = ControlAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ControlAddressError(text.to_owned());
        let (transport, address) = text.split_once(':').ok_or_else(error)?;
        let transport = match transport {
            "udp" => Transport::Udp,
            "tcp" => Transport::Tcp,
            _ => return Err(error()),
        };
        Ok(Self { transport, address: address.parse().map_err(|_| error())? })
    }
}

/// One bound UDP control address.
#[derive(Debug)]
pub(super) struct ControlSocket {
    socket: Arc<UdpSocket>,
    address: SocketAddr,
}

impl ControlSocket {
    pub(super) async fn bind(address: ControlAddress) -> io::Result<Self> {
        if address.transport == Transport::Tcp {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "H.248 over TCP is not built in yet; use udp:"));
        }
        let socket = UdpSocket::bind(address.address).await?;
        Ok(Self { address: socket.local_addr()?, socket: Arc::new(socket) })
    }

    /// The address bound, its port the system's choice if 0 was asked for.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends one message. UDP loses messages anyway, so a failure is left to retransmission.
    pub(super) fn send(&self, to: SocketAddr, octets: &[u8]) {
        if let Err(error) = self.socket.try_send_to(octets, to) {
            tracing::debug!(%to, %error, "control message not sent");
        }
    }

    /// Reads until the receiver is gone. When that is slow the kernel drops datagrams: memory stays bounded.
    pub(super) fn listen(
        &self,
        association: u32,
        messages: mpsc::Sender<(u32, SocketAddr, Vec<u8>)>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let socket = Arc::clone(&self.socket);
        async move {
            let mut buffer = vec![0; 65_536];
            loop {
                let received = tokio::select! {
                    () = messages.closed() => return,
                    received = socket.recv_from(&mut buffer) => received,
                };
                // An error here is an ICMP answer to something sent earlier; the socket goes on.
                let Ok((length, from)) = received else { continue };
                let octets = buffer.get(..length).unwrap_or_default().to_vec();
                if messages.send((association, from, octets)).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_address_reads_as_it_is_written() {
        for text in ["udp:127.0.0.1:2944", "tcp:[::1]:2944", "udp:0.0.0.0:0"] {
            assert_eq!(text.parse::<ControlAddress>().map(|a| a.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "udp", "127.0.0.1:2944", "sctp:127.0.0.1:2944", "udp:localhost:1", "udp:::1:2944"] {
            assert!(text.parse::<ControlAddress>().is_err(), "{text}");
        }
    }
}
