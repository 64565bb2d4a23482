//! Layer 3: sockets and clock around the reference gateway.
//!
//! [`Mg::start`] binds the control addresses and runs until [`Mg::stop`]. One task owns the [`Gateway`] and everything H.248;
//! one task runs each relay, so that media does not queue behind control. A panic in any of them is kept
//! ([`Mg::crashed`]), never swallowed. [`Tap`] sees the control octets on their way, for gateways that are to be faulty.
//!
//! [`Gateway`]: crate::gateway::Gateway
#![expect(clippy::disallowed_methods, reason = "the shell reads the clock for the machines it drives")]

mod control;
pub mod identity;
mod log;
mod mg;
pub mod ports;
pub mod relay;

pub use control::{ConnectionCounts, ControlAddress, ControlAddressError, Transport};
pub use mg::{Counts, Mg, MgConfig, NoTap, Realm, Tap};
