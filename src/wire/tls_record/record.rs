//! The record layer (RFC 5246 6.2, RFC 8446 5).

use std::fmt;

use super::{ErrorKind, ParseError, fault};
use crate::wire::Framed;

const CLAUSE: &str = "RFC 8446 5.1";
const HEADER: usize = 5;
/// RFC 5246 6.2.3 lets protection add 2048 octets to 2^14; RFC 8446 less.
const LONGEST_FRAGMENT: u16 = (1 << 14) + 2048;

/// What a record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentType {
    /// 20.
    ChangeCipherSpec,
    /// 21.
    Alert,
    /// 22.
    Handshake,
    /// 23: in TLS 1.3 everything protected looks like this.
    ApplicationData,
    /// 24 (RFC 6520).
    Heartbeat,
}

impl ContentType {
    /// The number on the wire.
    pub const fn number(self) -> u8 {
        match self {
            Self::ChangeCipherSpec => 20,
            Self::Alert => 21,
            Self::Handshake => 22,
            Self::ApplicationData => 23,
            Self::Heartbeat => 24,
        }
    }

    const fn of(number: u8) -> Option<Self> {
        match number {
            20 => Some(Self::ChangeCipherSpec),
            21 => Some(Self::Alert),
            22 => Some(Self::Handshake),
            23 => Some(Self::ApplicationData),
            24 => Some(Self::Heartbeat),
            _ => None,
        }
    }
}

/// A protocol version as TLS numbers it: 0x0303 is TLS 1.2, 0x0304 TLS 1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProtocolVersion(pub u16);

impl ProtocolVersion {
    /// TLS 1.2.
    pub const TLS1_2: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS1_3: Self = Self(0x0304);
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x0300 => f.write_str("SSL 3.0"),
            0x0301..=0x0304 => write!(f, "TLS 1.{}", self.0 - 0x0301),
            other => write!(f, "version 0x{other:04x}"),
        }
    }
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it carries.
    pub content_type: ContentType,
    /// The record's version: history has made it say less than the hello's.
    pub version: ProtocolVersion,
    /// The payload, protected or not.
    pub fragment: &'a [u8],
}

/// Reads the record at the start of `octets`.
///
/// # Errors
/// No such content type, a major version other than 3, a length above 2^14 + 2048, or an empty record that is not application data. The
/// fault is seen as soon as its octet is there.
pub fn parse(octets: &[u8]) -> Result<Framed<Record<'_>>, ParseError> {
    let Some(&content_type) = octets.first() else { return Ok(Framed::Incomplete(HEADER)) };
    let Some(content_type) = ContentType::of(content_type) else {
        return Err(fault(0, ErrorKind::OutOfRange { min: 20, max: 24 }, "ContentType", CLAUSE));
    };
    if octets.get(1).is_some_and(|major| *major != 3) {
        return Err(fault(1, ErrorKind::OutOfRange { min: 3, max: 3 }, "ProtocolVersion", CLAUSE));
    }
    let Some((&[_, major, minor, l0, l1], rest)) = octets.split_first_chunk::<HEADER>() else {
        return Ok(Framed::Incomplete(HEADER - octets.len()));
    };
    let length = u16::from_be_bytes([l0, l1]);
    let shortest = u16::from(content_type != ContentType::ApplicationData);
    if !(shortest..=LONGEST_FRAGMENT).contains(&length) {
        let kind = ErrorKind::OutOfRange { min: shortest.into(), max: LONGEST_FRAGMENT.into() };
        return Err(fault(3, kind, "length", CLAUSE));
    }
    let length = usize::from(length);
    let Some(fragment) = rest.get(..length) else { return Ok(Framed::Incomplete(length - rest.len())) };
    let version = ProtocolVersion(u16::from_be_bytes([major, minor]));
    Ok(Framed::Complete(Record { content_type, version, fragment }, HEADER + length))
}

/// Appends the octets of `record`. A fragment longer than the length field can say is cut into records of 2^14 octets.
pub fn encode_into(record: &Record<'_>, out: &mut Vec<u8>) {
    let mut write = |fragment: &[u8]| {
        out.push(record.content_type.number());
        out.extend_from_slice(&record.version.0.to_be_bytes());
        out.extend_from_slice(&u16::try_from(fragment.len()).unwrap_or(LONGEST_FRAGMENT).to_be_bytes());
        out.extend_from_slice(fragment);
    };
    if record.fragment.len() <= usize::from(LONGEST_FRAGMENT) {
        write(record.fragment);
    } else {
        record.fragment.chunks(1 << 14).for_each(write);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_written_as_it_is_read() {
        for octets in [&[23, 3, 3, 0, 0][..], &[22, 3, 1, 0, 1, 9], &[20, 3, 3, 0, 1, 1], &[24, 3, 2, 0, 2, 1, 2]] {
            let Ok(Framed::Complete(record, length)) = parse(octets) else { panic!("{octets:?}") };
            let mut out = Vec::new();
            encode_into(&record, &mut out);
            assert_eq!((&out[..], length), (octets, octets.len()));
            for cut in 0..octets.len() {
                assert!(matches!(parse(&octets[..cut]), Ok(Framed::Incomplete(1..))), "{cut}");
            }
        }
    }

    #[test]
    fn a_wrong_record_is_refused_at_the_octet_that_is_wrong() {
        for (octets, offset) in [
            (&b"MSRP"[..], 0),
            (&[25][..], 0),
            (&[22, 2][..], 1),
            (&[22, 3, 3, 0, 0][..], 3),
            (&[23, 3, 3, 0x48, 1][..], 3),
        ] {
            assert_eq!(parse(octets).map_err(|e| e.offset), Err(offset), "{octets:?}");
        }
        assert_eq!(parse(&[23, 3, 3, 0x48, 0]), Ok(Framed::Incomplete(18432)));
    }

    #[test]
    fn what_is_too_long_for_one_record_becomes_several() {
        let fragment = vec![7; 40_000];
        let mut out = Vec::new();
        let record = Record {
            content_type: ContentType::ApplicationData,
            version: ProtocolVersion::TLS1_2,
            fragment: &fragment,
        };
        encode_into(&record, &mut out);
        let (mut rest, mut sum) = (&out[..], 0);
        while let Ok(Framed::Complete(record, length)) = parse(rest) {
            sum += record.fragment.len();
            rest = &rest[length..];
        }
        assert_eq!((sum, rest.len()), (fragment.len(), 0));
    }

    #[test]
    fn versions_have_their_names() {
        let names = [0x0300, 0x0301, 0x0303, 0x0304, 0x7f1c].map(|v| ProtocolVersion(v).to_string());
        assert_eq!(names, ["SSL 3.0", "TLS 1.0", "TLS 1.2", "TLS 1.3", "version 0x7f1c"]);
    }
}
