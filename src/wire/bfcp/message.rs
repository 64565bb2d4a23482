//! A message: the common header and its payload (RFC 4582 5.1, RFC 8855 5.1).

use super::{Attributes, ErrorKind, ParseError, Primitive, UserId, fault};
use crate::wire::Framed;

const CLAUSE: &str = "RFC 4582 5.1";
const HEADER: usize = 12;
const FRAGMENT: usize = 4;

/// A conference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ConferenceId(pub u32);

/// A transaction: a response repeats its request's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TransactionId(pub u16);

impl TransactionId {
    /// What a server puts into messages of its own accord over TCP.
    pub const SERVER_INITIATED: Self = Self(0);
}

/// The protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Version {
    /// 1: over TCP.
    V1,
    /// 2: over datagrams (RFC 8855); has the R and F bits.
    V2,
}

/// The common header, without what follows from the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Header {
    /// Version.
    pub version: Version,
    /// Version 2's R bit: the sender answers. False in version 1.
    pub responder: bool,
    /// The reserved bits as received, to be ignored: five in version 1, three in version 2.
    pub reserved: u8,
    /// Primitive.
    pub primitive: Primitive,
    /// Conference.
    pub conference: ConferenceId,
    /// Transaction.
    pub transaction: TransactionId,
    /// The user who sends, or is sent to.
    pub user: UserId,
}

impl Header {
    /// A header of version 1.
    pub const fn new(primitive: Primitive, conference: ConferenceId, transaction: TransactionId, user: UserId) -> Self {
        Self { version: Version::V1, responder: false, reserved: 0, primitive, conference, transaction, user }
    }

    fn first_octet(&self, fragment: bool) -> u8 {
        match self.version {
            Version::V1 => 1 << 5 | self.reserved & 0x1F,
            Version::V2 => 2 << 5 | u8::from(self.responder) << 4 | u8::from(fragment) << 3 | self.reserved & 0x07,
        }
    }
}

/// What follows the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Payload<'a> {
    /// The attributes of a whole message.
    Attributes(Attributes<'a>),
    /// A part of them (version 2 only): attributes may be cut anywhere, so they are octets until all parts are there.
    Fragment {
        /// Words of the whole payload that come before this part.
        offset: u16,
        /// Words of the whole payload.
        total: u16,
        /// This part, a multiple of four octets.
        #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::octets"))]
        octets: &'a [u8],
    },
}

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Message<'a> {
    /// The common header.
    pub header: Header,
    /// What follows it.
    pub payload: Payload<'a>,
}

impl<'a> Message<'a> {
    /// A whole message.
    pub const fn new(header: Header, attributes: Attributes<'a>) -> Self {
        Self { header, payload: Payload::Attributes(attributes) }
    }

    /// The attributes; none for a fragment.
    pub const fn attributes(&self) -> Attributes<'a> {
        match self.payload {
            Payload::Attributes(attributes) => attributes,
            Payload::Fragment { .. } => Attributes(&[]),
        }
    }
}

/// Reads the message at the start of `octets`, a TCP stream or a datagram. Everything is checked, nested attributes included.
///
/// # Errors
/// A version other than 1 and 2, and lengths that contradict each other. A message that is not all there is incomplete, however
/// wrong its attributes may be.
pub fn parse(octets: &[u8]) -> Result<Framed<Message<'_>>, ParseError> {
    let Some((first, _)) = octets.split_first() else { return Ok(Framed::Incomplete(HEADER)) };
    let version = match first >> 5 {
        1 => Version::V1,
        2 => Version::V2,
        _ => return Err(fault(0, ErrorKind::OutOfRange { min: 1, max: 2 }, "Ver", CLAUSE)),
    };
    let Some((header, rest)) = octets.split_first_chunk::<HEADER>() else {
        return Ok(Framed::Incomplete(HEADER - octets.len()));
    };
    let &[_, primitive, length_high, length_low, c0, c1, c2, c3, t0, t1, u0, u1] = header;
    let header = Header {
        version,
        responder: version == Version::V2 && first & 0x10 != 0,
        reserved: first & if version == Version::V1 { 0x1F } else { 0x07 },
        primitive: Primitive::of(primitive),
        conference: ConferenceId(u32::from_be_bytes([c0, c1, c2, c3])),
        transaction: TransactionId(u16::from_be_bytes([t0, t1])),
        user: UserId(u16::from_be_bytes([u0, u1])),
    };
    let words = u16::from_be_bytes([length_high, length_low]);
    if version == Version::V2 && first & 0x08 != 0 {
        return parse_fragment(header, words, rest);
    }
    let length = usize::from(words) * 4;
    let Some(payload) = rest.get(..length) else { return Ok(Framed::Incomplete(length - rest.len())) };
    let attributes = Attributes::checked(payload, HEADER)?;
    Ok(Framed::Complete(Message::new(header, attributes), HEADER + length))
}

fn parse_fragment(header: Header, total: u16, rest: &[u8]) -> Result<Framed<Message<'_>>, ParseError> {
    let Some((&[o0, o1, l0, l1], rest)) = rest.split_first_chunk::<FRAGMENT>() else {
        return Ok(Framed::Incomplete(FRAGMENT - rest.len()));
    };
    let (offset, words) = (u16::from_be_bytes([o0, o1]), u16::from_be_bytes([l0, l1]));
    if offset.checked_add(words).is_none_or(|end| end > total) {
        let kind = ErrorKind::Contradiction("the fragment reaches past the payload");
        return Err(fault(HEADER + 2, kind, "Fragment Length", "RFC 8855 5.1"));
    }
    let length = usize::from(words) * 4;
    let Some(octets) = rest.get(..length) else { return Ok(Framed::Incomplete(length - rest.len())) };
    let message = Message { header, payload: Payload::Fragment { offset, total, octets } };
    Ok(Framed::Complete(message, HEADER + FRAGMENT + length))
}

/// The octets of `message`.
pub fn encode(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + FRAGMENT + message.attributes().octets().len());
    encode_into(message, &mut out);
    out
}

/// Appends the octets of `message` to `out`. A fragment in version 1, which has none, is written as version 2 would.
pub fn encode_into(message: &Message<'_>, out: &mut Vec<u8>) {
    let header = &message.header;
    let (octets, words, fragment) = match message.payload {
        Payload::Attributes(attributes) => (attributes.octets(), words(attributes.octets()), None),
        Payload::Fragment { offset, total, octets } => (octets, total, Some((offset, words(octets)))),
    };
    let header = if fragment.is_some() { &Header { version: Version::V2, ..*header } } else { header };
    out.extend_from_slice(&[header.first_octet(fragment.is_some()), header.primitive.number()]);
    out.extend_from_slice(&words.to_be_bytes());
    out.extend_from_slice(&header.conference.0.to_be_bytes());
    out.extend_from_slice(&header.transaction.0.to_be_bytes());
    out.extend_from_slice(&header.user.0.to_be_bytes());
    if let Some((offset, length)) = fragment {
        out.extend_from_slice(&offset.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
    }
    out.extend_from_slice(octets);
}

/// Attributes are at most 65 535 words, by [`parse`] and by [`AttributeList`](super::AttributeList).
fn words(octets: &[u8]) -> u16 {
    u16::try_from(octets.len() / 4).unwrap_or(u16::MAX)
}
