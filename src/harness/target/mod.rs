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

pub use association::{Association, AssociationError};
pub use manifest::{
    BearerProto, Capabilities, Coding, Control, Encoding, FingerprintRequest, KnownFailure, Launch, LoadError,
    Manifest, ManifestError, Media, Model, Profile, Readiness, Restart, Role, RoleCoding, Sharing, Side, Timers,
    Transport,
};
pub use process::{Process, ProcessTarget};
pub use remote::RemoteTarget;
pub use running::{Running, Target, TargetError};

/// The target file of the built-in reference gateway.
pub const REFERENCE_TOML: &str = include_str!("../../../features/targets/reference.toml");
