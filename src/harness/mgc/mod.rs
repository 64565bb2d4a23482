//! Our media gateway controller: one association that carries every scenario at once.
//!
//! A real gateway has one controller, so [`Mgc`] allots transaction and request ids for all scenarios, and gives each arriving
//! reply to whoever sent the request and each Notify to the scenario whose context, termination or request it names.
//! Every scenario speaks through its own [`Controller`], and every octet of its messages is in its own transcript;
//! what belongs to no scenario (registration above all) is in the association's.
//!
//! Requests are repeated with back-off until they are answered or the time bound has passed (H.248.1 annex D.1), Pending is
//! waited out, Notify is answered at once and executed once. Queues are bounded: a gateway that floods us loses its own messages.
//!
//! ```no_run
//! # use gatecheck::{harness::{mgc::{Mgc, Options}, transcript::Transcript}, wire::h248::{AmmRequest, ContextId, TerminationId}};
//! # use std::time::Duration;
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mgc = Mgc::bind("127.0.0.1:0".parse()?, Options::default()).await?;
//! // … a gateway is told to register with mgc.address() …
//! mgc.registered(Duration::from_secs(10)).await?;
//! let controller = mgc.controller(Transcript::new());
//! let added = controller.add(ContextId::Choose, AmmRequest::new(TerminationId::choose())).await?;
//! println!("{} in context {}", added.termination(), added.context);
//! let left = controller.release().await;
//! assert!(left.is_clean());
//! # Ok(()) }
//! ```

mod command;
mod controller;
mod endpoint;
mod exchange;
mod inbound;
mod network;
mod registration;
mod release;
mod routes;
mod stranger;
mod transport;

pub use command::{Answered, CommandError};
pub use controller::{Controller, Notification};
pub use endpoint::{Mgc, Options, Stray};
pub use exchange::{Answer, TransactError};
pub use network::{Fate, Fates, Network};
pub use registration::{Registration, RegistrationError};
pub use release::{Leak, Release};
pub use stranger::{Stranger, deserted};
pub use transport::Transport;

#[cfg(test)]
mod tests;
