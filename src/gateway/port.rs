//! Local bearer addresses. The gateway asks for one when it executes a command and must name it in the reply, so this is
//! the one thing it asks of its surroundings synchronously; a counter serves in tests and fuzzing.

use std::net::SocketAddr;

/// Which IP version an address of the gateway is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IpVersion {
    /// `IN IP4`.
    V4,
    /// `IN IP6`.
    V6,
}

impl IpVersion {
    /// The version of an address.
    pub const fn of(address: &SocketAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

/// Why no address could be reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PortError {
    /// The gateway has no realm of that name (answered with 449 and the value).
    #[error("no such realm")]
    UnknownRealm,
    /// The realm has no address of that IP version (answered with 449 and the value).
    #[error("the realm has no address of that IP version")]
    NoAddress,
    /// Every port is taken (answered with 510).
    #[error("no port left")]
    Exhausted,
}

/// Reserves and returns local TCP ports.
pub trait Ports: Send {
    /// Reserves an address in a realm. It is the gateway's alone until [`Ports::release`], but not listened on: that
    /// is the relay's part.
    fn reserve(&mut self, realm: &str, version: IpVersion) -> Result<SocketAddr, PortError>;

    /// Returns an address whose leg was never opened; an opened leg's port goes back with [`super::LegCommand::Release`].
    fn release(&mut self, local: SocketAddr);
}
