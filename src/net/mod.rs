//! Layer 3: sockets and clock around the reference gateway.
#![expect(clippy::disallowed_methods, reason = "the shell reads the clock for the machines it drives")]

pub mod identity;
pub mod ports;
pub mod relay;
