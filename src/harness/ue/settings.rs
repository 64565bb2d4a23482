//! How a UE is to behave, and what became of its TLS session.

use super::TlsSettings;
use crate::{
    results::{Lane, Link},
    rules::roles::TcpRole,
    wire::sdp::Fingerprint,
};
use std::{net::IpAddr, time::Duration};

/// Time bounds of the operations that are not given one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Phase I: an active open, or waiting for the gateway's.
    pub connect: Duration,
    /// Phase II.
    pub handshake: Duration,
    /// Everything else.
    pub transfer: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        let bound = Duration::from_secs(5);
        Self { connect: bound, handshake: bound, transfer: bound }
    }
}

/// How a UE is to behave.
#[derive(Debug, Clone)]
pub struct UeSettings {
    /// Which UE it is.
    pub lane: Lane,
    /// Who is at the other end: the gateway, unless two UEs are put back to back.
    pub peer: Lane,
    /// Which interface of the gateway it uses.
    pub link: Link,
    /// Own address; the port is the system's choice.
    pub ip: IpAddr,
    /// Listens, or connects.
    pub tcp_role: TcpRole,
    /// TLS, or a plain bearer.
    pub tls: Option<TlsSettings>,
    /// Answers the peer's FIN with close_notify and FIN. Off to observe half-closed connections.
    pub closes_with_peer: bool,
    /// Time bounds.
    pub bounds: Bounds,
}

impl UeSettings {
    /// UE-A on the access side or, for any other link, UE-B on the core side; towards the gateway, plain.
    #[must_use]
    pub fn new(link: Link, ip: IpAddr, tcp_role: TcpRole) -> Self {
        let lane = if link == Link::Access { Lane::UeA } else { Lane::UeB };
        let bounds = Bounds::default();
        Self { lane, peer: Lane::Mg, link, ip, tcp_role, tls: None, closes_with_peer: true, bounds }
    }

    /// The same, protected by TLS.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsSettings) -> Self {
        self.tls = Some(tls);
        self
    }
}

/// A TLS session in being.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secured {
    /// `TLS 1.2` or `TLS 1.3`.
    pub version: &'static str,
    /// The cipher suite's registered name.
    pub cipher: String,
    /// SHA-256 fingerprint of the certificate the peer presented, if it presented one.
    pub presented: Option<Fingerprint<'static>>,
    /// Frame in which this UE saw the handshake complete.
    pub frame: u32,
}
