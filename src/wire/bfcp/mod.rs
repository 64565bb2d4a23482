//! BFCP (RFC 4582 over TCP; RFC 8855 also over datagrams, as version 2).
//!
//! [`parse`] checks a whole message once and allocates nothing: the attributes stay octets behind [`Attributes`], an iterator that
//! can no longer fail. Unknown primitives and attributes survive; a decoded message is written back octet for octet, padding and
//! reserved bits of attributes included.
//!
//! ```
//! use gatecheck::wire::{Framed, bfcp::{self, *}};
//!
//! let mut attributes = AttributeList::new();
//! attributes.push(Value::FloorId(FloorId(543)).into())?;
//! let header = Header::new(Primitive::FloorRequest, ConferenceId(4567), TransactionId(1), UserId(99));
//! let octets = bfcp::encode(&Message::new(header, attributes.view()));
//! let Ok(Framed::Complete(message, 16)) = bfcp::parse(&octets) else { panic!() };
//! assert_eq!(message.attributes().iter().next(), Some(Value::FloorId(FloorId(543)).into()));
//! # Ok::<(), TooLong>(())
//! ```

mod attribute;
mod attributes;
mod message;
mod primitive;

pub use attribute::{
    Attribute, ErrorCode, FloorId, FloorRequestId, Priority, RequestStatus, UserId, Value, attribute_types,
};
pub use attributes::{AttributeList, Attributes, AttributesIter, TooLong};
pub use message::{ConferenceId, Header, Message, Payload, TransactionId, Version, encode, encode_into, parse};
pub use primitive::Primitive;

use super::{ErrorKind, ParseError, Protocol};

const fn fault(offset: usize, kind: ErrorKind, field: &'static str, clause: &'static str) -> ParseError {
    ParseError { protocol: Protocol::Bfcp, offset, kind, field, clause }
}
