//! Control addresses and the sockets behind them: H.248 over UDP (H.248.1 annex D.1) and over TCP with TPKT (annex D.2).

mod connection;
mod dial;
mod endpoints;

pub use connection::ConnectionCounts;
pub(super) use connection::Tally;
pub(super) use endpoints::{Arrival, Endpoints};

use std::{fmt, net::SocketAddr, str::FromStr};

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

    /// H.248 over TCP with TPKT at an address.
    pub const fn tcp(address: SocketAddr) -> Self {
        Self { transport: Transport::Tcp, address }
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
pub enum ControlAddressError {
    /// It does not have the form of one.
    #[error("`{0}` is no control address: write udp:ADDRESS:PORT or tcp:ADDRESS:PORT, an IPv6 address in brackets")]
    Form(String),
    /// It asks for SCTP.
    #[error("`{0}`: H.248 over SCTP is not built in; use udp: or tcp:")]
    Sctp(String),
}

impl FromStr for ControlAddress {
    type Err = ControlAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ControlAddressError::Form(text.to_owned());
        let (transport, address) = text.split_once(':').ok_or_else(error)?;
        let transport = match transport {
            "udp" => Transport::Udp,
            "tcp" => Transport::Tcp,
            "sctp" => return Err(ControlAddressError::Sctp(text.to_owned())),
            _ => return Err(error()),
        };
        Ok(Self { transport, address: address.parse().map_err(|_| error())? })
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod spelling {
    use super::*;

    #[test]
    fn a_control_address_reads_as_it_is_written() {
        for text in ["udp:127.0.0.1:2944", "tcp:[::1]:2944", "udp:0.0.0.0:0"] {
            assert_eq!(text.parse::<ControlAddress>().map(|a| a.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "udp", "127.0.0.1:2944", "sctp:127.0.0.1:2944", "udp:localhost:1", "udp:::1:2944"] {
            assert!(text.parse::<ControlAddress>().is_err(), "{text}");
        }
        let refused = "sctp:127.0.0.1:2944".parse::<ControlAddress>().map_err(|error| error.to_string());
        assert!(refused.is_err_and(|error| error.contains("SCTP is not built in")));
    }
}
