//! Layer 1: octets to types and back.
//!
//! The contract of every parser here:
//! - it never panics, never reads a clock or a socket, and costs time and memory linear in its input;
//! - it borrows from the input wherever the grammar has text;
//! - an error says protocol, offset, kind and field ([`ParseError`]); drawing it for a person is somebody else's work;
//! - *incomplete* is not *invalid*: stream protocols answer [`Framed::Incomplete`] until a whole unit is there, and give the
//!   same units however the octets were cut;
//! - unknown things survive a decode and re-encode unchanged.

pub mod bfcp;
#[cfg(test)]
mod corpus;
mod error;
pub mod h248;
pub mod msrp;
mod reader;
pub mod sdp;
#[cfg(feature = "target")]
mod serialize;
pub mod tls_record;
pub mod tpkt;
pub mod tree;

pub use error::{ErrorKind, Framed, ParseError, Protocol};
pub use reader::Reader;
