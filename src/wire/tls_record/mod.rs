//! TLS as seen from outside (RFC 5246, RFC 8446): record boundaries, hellos, alerts. No cryptography.
//!
//! Enough to answer who speaks first on a bearer, in which role and version, for which name, and how a handshake failed:
//! [`parse`] frames records, [`Handshake::parse`] the messages inside them, [`Alert::parse`] alerts, and [`speaker`] judges the first
//! octets of a stream. Nothing here panics; every length is checked against what holds it.
//!
//! ```
//! use gatecheck::wire::{Framed, tls_record::{self, Alert, ContentType}};
//!
//! let Ok(Framed::Complete(record, 7)) = tls_record::parse(&[21, 3, 3, 0, 2, 2, 42]) else { panic!() };
//! assert_eq!(record.content_type, ContentType::Alert);
//! assert_eq!(Alert::parse(record.fragment).unwrap().to_string(), "fatal bad_certificate");
//! ```

mod alert;
mod hello;
mod record;
mod speaker;

pub use alert::{Alert, AlertLevel};
pub use hello::{ClientHello, Extension, Extensions, Handshake, HandshakeType, ServerHello};
pub use record::{ContentType, ProtocolVersion, Record, encode_into, parse};
pub use speaker::{Speaker, speaker};

use super::{ErrorKind, ParseError, Protocol};

const fn fault(offset: usize, kind: ErrorKind, field: &'static str, clause: &'static str) -> ParseError {
    ParseError { protocol: Protocol::Tls, offset, kind, field, clause }
}
