//! What a parser says when octets are not what the grammar allows.

use std::fmt;

/// The protocol whose grammar was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// H.248 (text or binary).
    H248,
    /// SDP, RFC 8866 or H.248's relaxed form.
    Sdp,
    /// MSRP, RFC 4975.
    Msrp,
    /// BFCP, RFC 4582 and 8855.
    Bfcp,
    /// TLS records, RFC 5246 and 8446.
    Tls,
    /// TPKT, RFC 1006.
    Tpkt,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::H248 => "H.248",
            Self::Sdp => "SDP",
            Self::Msrp => "MSRP",
            Self::Bfcp => "BFCP",
            Self::Tls => "TLS",
            Self::Tpkt => "TPKT",
        })
    }
}

/// What is wrong at the place an error points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The input ends where something must follow: `what`.
    UnexpectedEnd(&'static str),
    /// Something else stands where `what` must.
    Expected(&'static str),
    /// An octet that may not stand here.
    InvalidOctet(u8),
    /// A number outside its range (inclusive bounds).
    OutOfRange {
        /// Smallest value allowed.
        min: u64,
        /// Largest value allowed.
        max: u64,
    },
    /// Longer than the grammar or the configured limit allows, in octets or elements.
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// Given twice where once is allowed.
    Duplicate,
    /// Mandatory, and absent.
    Missing,
    /// Two things that exclude each other, or a length that contradicts what it measures.
    Contradiction(&'static str),
    /// Input goes on after the end.
    Trailing,
    /// Right grammar, but this build or configuration refuses it: `why`.
    Unsupported(&'static str),
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedEnd(what) => write!(f, "input ends where {what} must follow"),
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::InvalidOctet(octet) => write!(f, "octet 0x{octet:02X} is not allowed here"),
            Self::OutOfRange { min, max } => write!(f, "number outside {min}..={max}"),
            Self::TooLong { limit } => write!(f, "longer than {limit}"),
            Self::Duplicate => f.write_str("given twice, allowed once"),
            Self::Missing => f.write_str("mandatory and absent"),
            Self::Contradiction(what) => f.write_str(what),
            Self::Trailing => f.write_str("input goes on after the end"),
            Self::Unsupported(why) => write!(f, "not supported: {why}"),
        }
    }
}

/// A parse error: whose grammar, where, what, in which field, by which clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{protocol}: {field} at octet {offset}: {kind} ({clause})")]
pub struct ParseError {
    /// Whose grammar was broken.
    pub protocol: Protocol,
    /// Octets from the start of the input to the fault.
    pub offset: usize,
    /// What is wrong.
    pub kind: ErrorKind,
    /// The grammar's name of the element being read, as the specification spells it.
    pub field: &'static str,
    /// The clause or RFC section that the input breaks.
    pub clause: &'static str,
}

/// What a framer found at the start of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framed<T> {
    /// A whole unit, and how many octets it took.
    Complete(T, usize),
    /// Valid so far; more octets are needed (at least this many, when known; else 1).
    Incomplete(usize),
}
