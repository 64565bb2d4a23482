//! Layer 2: judgements on typed messages, each cited by clause; used by steps and by capture replay alike.

pub mod bfcp_sdp;
mod finding;
pub mod fingerprint;
pub mod h248;
pub mod msrp_chunks;
pub mod msrp_path;
pub mod msrp_sdp;
pub mod roles;
pub mod sdp_answer;

pub use finding::{Finding, Level};
