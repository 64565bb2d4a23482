//! MSRP (RFC 4975; relay methods of RFC 4976, nicknames of RFC 7701): URIs, frames and a stream framer.
//!
//! Nothing here panics, and every cost is linear in the input. Two ways in:
//! - [`parse`] reads one whole [`Frame`] from the start of a buffer and borrows from it;
//! - [`Framer`] is fed a stream in pieces of any size and hands out a head, body parts and an end as they come, holding no
//!   more than one head or one end-line. A chunk of any size passes through without being gathered.
//!
//! ```
//! use gatecheck::wire::{Framed, msrp};
//!
//! let octets = b"MSRP a786hjs2 SEND\r\n\
//!     To-Path: msrps://biloxi.example.com:12763/kjhd37s2s20w2a;tcp\r\n\
//!     From-Path: msrps://atlanta.example.com:7654/jshA7weztas;tcp\r\n\
//!     Message-ID: 87652491\r\n\
//!     Byte-Range: 1-5/5\r\n\
//!     Content-Type: text/plain\r\n\
//!     \r\n\
//!     hello\r\n\
//!     -------a786hjs2$\r\n";
//! let Ok(Framed::Complete(frame, length)) = msrp::parse(octets) else { panic!() };
//! assert_eq!((frame.body, length), (Some(&b"hello"[..]), octets.len()));
//! assert_eq!(msrp::encode(&frame), octets);
//! ```
//!
//! More generous than the grammar, because deployed stacks need it and the meaning stays plain: spaces and tabs around a
//! header's value, none after its colon, no header after the paths, `Content-Type` anywhere among the headers or absent before a body, and
//! an end-line straight after the empty line.

mod end_line;
mod frame;
mod framer;
mod head;
mod header;
mod status;
mod text;
mod uri;

pub use frame::{ContinuationFlag, Frame, encode, encode_end_line, encode_into, fresh_transaction_id, parse};
pub use framer::{Event, Framer, Limits};
pub use head::{Head, Method, Start};
pub use header::{ByteRange, ExtensionHeader, FailureReport, Header};
pub use status::{Status, StatusCode};
pub use text::{ContentType, Ident, Text, Token};
pub use uri::{Host, MsrpUri, Path};

use super::{ErrorKind, ParseError, Protocol};

/// The formal syntax, which most faults here break.
const GRAMMAR: &str = "RFC 4975 9";

/// An error of the formal syntax.
const fn fault(offset: usize, kind: ErrorKind, field: &'static str) -> ParseError {
    ParseError { protocol: Protocol::Msrp, offset, kind, field, clause: GRAMMAR }
}
