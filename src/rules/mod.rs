//! Layer 2: judgements on typed messages, each cited by clause; used by steps and by capture replay alike.

mod finding;
pub mod roles;

pub use finding::{Finding, Level};
