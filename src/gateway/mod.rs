//! Layer 2: the reference media gateway (IMS-AGW, TrGW, MRFP) without I/O.
//!
//! Two machines, so that media does not queue behind control:
//! - [`Gateway`](control): H.248 – contexts, terminations, transactions, events;
//! - [`Relay`](bearer): one per context and stream – TCP connections, TLS sessions, and the octets between them.
//!
//! Both take `now` and octets, and are asked for what follows. The caller's loop, whatever the transport:
//!
//! ```text
//! handle_*(now, …) or handle_timeout(now)      something happened
//! while let Some(output) = poll_output() { … } carry it out
//! poll_timeout()                               call handle_timeout no later than this
//! ```
//!
//! The gateway tells relays what to do with [`LegCommand`]s and hears of bearers by [`BearerEvent`]s; the shell (`net`)
//! carries both. Whatever a peer sends, neither machine panics, and both hold bounded memory.

mod association;
pub mod bearer;
mod command;
mod context;
pub mod control;
mod deadline;
mod event;
mod event_buffer;
mod media;
mod message;
mod notification;
pub mod package;
pub mod policy;
pub mod port;
mod profile;
mod property;
mod registration;
mod signal;
mod stream;
mod termination;
#[cfg(test)]
mod testing;
mod topology;
mod transaction;

pub use association::{AssociationSettings, Authentication, SegmentedOver};
pub use bearer::{
    Application, BearerEvent, BearerState, Conditions, Counters, Expected, FailureCause, Identity, LegCommand, LegId,
    LegSetup, MsrpPaths, PreSharedKey, Relay, RelayId, RelaySettings,
};
pub use control::{AssociationId, Config, Gateway, GatewayCounts, GatewayEvent, Limits, Output, Peer};
pub use package::root::Root;
pub use policy::{Policy, Reference};
pub use port::{IpVersion, PortError, Ports};
pub use profile::Interface;
pub use transaction::Timers;
