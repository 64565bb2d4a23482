//! The gateway under test: what its file says, how it is started, how its end is noticed.

mod manifest;

pub use manifest::{
    BearerProto, Capabilities, Coding, Control, Encoding, FingerprintRequest, Interface, KnownFailure, Launch, Manifest,
    ManifestError, Media, Model, Profile, Readiness, Restart, Role, RoleCoding, Sharing, Side, Timers, Transport,
};

/// The target file of the built-in reference gateway.
pub const REFERENCE_TOML: &str = include_str!("../../../features/targets/reference.toml");
