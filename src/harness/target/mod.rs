//! The gateway under test: what its file says, how it is started, how its end is noticed.
//!
//! A [`Manifest`] is what the target file says; a [`Target`] can be started from it, which gives a [`Running`] one; an
//! [`Association`] is our controller and a running target that has registered with it.

mod association;
mod manifest;
mod process;
mod reference;
mod remote;
mod running;
mod section;

pub use association::{Association, AssociationError};
pub use manifest::{LoadError, Manifest, ManifestError};
pub use process::{Process, ProcessTarget};
pub use reference::Holdings;
pub use remote::RemoteTarget;
pub use running::{Running, Target, TargetError};
pub use section::{
    BearerProto, Capabilities, Coding, Control, Encoding, FingerprintRequest, KnownFailure, Launch, Media, Model,
    Profile, Readiness, Restart, Role, RoleCoding, Sharing, Side, Timers,
};

/// Does this machine have an IPv6 loopback?
#[expect(clippy::disallowed_types, reason = "a socket is the only way to find out")]
pub fn has_ipv6_loopback() -> bool {
    std::net::UdpSocket::bind("[::1]:0").is_ok()
}

pub use crate::harness::mgc::Transport;

/// The target file of the built-in reference gateway.
pub const REFERENCE_TOML: &str = include_str!("../../../features/targets/reference.toml");
