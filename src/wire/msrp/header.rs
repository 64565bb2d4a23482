//! The headers after the paths (RFC 4975 7, 9).

use std::{borrow::Cow, fmt};

use super::{ContentType, ErrorKind, Ident, ParseError, Status, Text, Token, fault, text::trim};

/// `Byte-Range`: where a chunk's body lies in its message. Octets are counted from 1.
///
/// Numbers are as the peer wrote them and may contradict each other or the body: see `rules::msrp_chunks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ByteRange {
    /// Position of the first octet.
    pub start: u64,
    /// Position of the last octet; none for `*`, when the sender may break off.
    pub end: Option<u64>,
    /// Octets of the whole message; none for `*`, when not known yet.
    pub total: Option<u64>,
}

impl ByteRange {
    fn read(text: &str, offset: usize) -> Result<Self, ParseError> {
        let octets = text.as_bytes();
        let expect = |at: usize, octet: u8, what, field| match octets.get(at) {
            Some(found) if *found == octet => Ok(at + 1),
            _ => Err(fault(offset + at, ErrorKind::Expected(what), field)),
        };
        let star_or_number = |at: usize, field| match octets.get(at) {
            Some(b'*') => Ok((None, at + 1)),
            _ => number(text, at, offset, field).map(|(value, end)| (Some(value), end)),
        };
        let (start, at) = number(text, 0, offset, "range-start")?;
        let at = expect(at, b'-', "\"-\"", "range-start")?;
        let (end, at) = star_or_number(at, "range-end")?;
        let at = expect(at, b'/', "\"/\"", "range-end")?;
        let (total, at) = star_or_number(at, "total")?;
        if at < text.len() {
            return Err(fault(offset + at, ErrorKind::Trailing, "total"));
        }
        Ok(Self { start, end, total })
    }
}

/// The number whose digits start at `start`, and where they end.
fn number(text: &str, start: usize, offset: usize, field: &'static str) -> Result<(u64, usize), ParseError> {
    let (mut value, mut end) = (Some(0_u64), start);
    while let Some(octet @ b'0'..=b'9') = text.as_bytes().get(end) {
        value = value.and_then(|value| value.checked_mul(10)?.checked_add(u64::from(octet - b'0')));
        end += 1;
    }
    match value {
        _ if end == start => Err(fault(offset + start, ErrorKind::Expected("a number"), field)),
        Some(value) => Ok((value, end)),
        None => Err(fault(offset + start, ErrorKind::OutOfRange { min: 0, max: u64::MAX }, field)),
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.start)?;
        match self.end {
            Some(end) => write!(f, "{end}/")?,
            None => f.write_str("*/")?,
        }
        match self.total {
            Some(total) => write!(f, "{total}"),
            None => f.write_str("*"),
        }
    }
}

/// `Failure-Report`: when the sender wants to hear of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum FailureReport {
    /// Of all, and of success by a response; the default.
    #[default]
    Yes,
    /// Of none, and no responses.
    No,
    /// Of failures only.
    Partial,
}

impl FailureReport {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Partial => "partial",
        }
    }
}

/// A header this crate gives no meaning to: MIME headers other than `Content-Type`, headers of extensions. Survives a decode and
/// re-encode octet for octet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ExtensionHeader<'a> {
    name: Token<'a>,
    /// Everything after the colon.
    raw: Text<'a>,
}

impl<'a> ExtensionHeader<'a> {
    /// A header `name: value`. A name that RFC 4975 gives a meaning is refused: it has a variant of [`Header`], or a field of
    /// [`Head`](super::Head).
    pub fn new(name: impl Into<Cow<'a, str>>, value: &str) -> Result<Self, ParseError> {
        let name = name.into();
        if Known::of(&name).is_some() {
            return Err(fault(0, ErrorKind::Contradiction("a header of RFC 4975"), "hname"));
        }
        Self::read(name, format!(" {value}").into(), 0)
    }

    fn read(name: Cow<'a, str>, raw: Cow<'a, str>, offset: usize) -> Result<Self, ParseError> {
        match name.as_bytes().first() {
            Some(first) if !first.is_ascii_alphabetic() => {
                return Err(fault(offset, ErrorKind::InvalidOctet(*first), "hname"));
            }
            _ => {}
        }
        let value_offset = offset + name.len() + 1;
        Ok(Self { name: Token::read(name, offset)?, raw: Text::read(raw, value_offset)? })
    }

    /// The name, as written; case does not matter.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The value, without white space around it.
    pub fn value(&self) -> &str {
        trim(self.raw.as_str()).0
    }
}

/// One header after the paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Header<'a> {
    /// `Message-ID`: joins the chunks of a message, and its reports. Mandatory in SEND and REPORT.
    MessageId(Ident<'a>),
    /// `Byte-Range`.
    ByteRange(ByteRange),
    /// `Success-Report`; absent means `no`.
    SuccessReport(bool),
    /// `Failure-Report`; absent means `yes`.
    FailureReport(FailureReport),
    /// `Status`, in REPORT.
    Status(Status<'a>),
    /// `Content-Type`, when there is a body.
    ContentType(ContentType<'a>),
    /// Anything else.
    Extension(ExtensionHeader<'a>),
}

impl<'a> Header<'a> {
    /// Reads `name:value` that stands `offset` octets into the input; `value` is everything after the colon.
    pub(super) fn read(name: &'a str, value: &'a str, offset: usize) -> Result<Self, ParseError> {
        let known = Known::of(name);
        let (text, blanks) = trim(value);
        let at = offset + name.len() + 1 + blanks;
        let expected = |what, field| Err(fault(at, ErrorKind::Expected(what), field));
        Ok(match known {
            None => Self::Extension(ExtensionHeader::read(name.into(), value.into(), offset)?),
            Some(Known::MessageId) => Self::MessageId(Ident::read(text.into(), at)?),
            Some(Known::ByteRange) => Self::ByteRange(ByteRange::read(text, at)?),
            // The reason is free text to the end of the line.
            Some(Known::Status) => Self::Status(Status::read(value.get(blanks..).unwrap_or_default(), at)?),
            Some(Known::ContentType) => Self::ContentType(ContentType::read(text.into(), at)?),
            Some(Known::SuccessReport) => match text {
                _ if text.eq_ignore_ascii_case("yes") => Self::SuccessReport(true),
                _ if text.eq_ignore_ascii_case("no") => Self::SuccessReport(false),
                _ => return expected("yes or no", "Success-Report"),
            },
            Some(Known::FailureReport) => {
                let of = |report: &FailureReport| text.eq_ignore_ascii_case(report.as_str());
                match [FailureReport::Yes, FailureReport::No, FailureReport::Partial].into_iter().find(of) {
                    Some(report) => Self::FailureReport(report),
                    None => return expected("yes, no or partial", "Failure-Report"),
                }
            }
            Some(Known::Path) => return Err(fault(offset, ErrorKind::Duplicate, "To-Path, From-Path")),
        })
    }

    /// The header's name, as RFC 4975 or the peer spells it.
    pub fn name(&self) -> &str {
        match self {
            Self::MessageId(_) => "Message-ID",
            Self::ByteRange(_) => "Byte-Range",
            Self::SuccessReport(_) => "Success-Report",
            Self::FailureReport(_) => "Failure-Report",
            Self::Status(_) => "Status",
            Self::ContentType(_) => "Content-Type",
            Self::Extension(header) => header.name(),
        }
    }

    /// The same, independent of the input it was read from.
    pub fn into_owned(self) -> Header<'static> {
        match self {
            Self::MessageId(id) => Header::MessageId(id.into_owned()),
            Self::ByteRange(range) => Header::ByteRange(range),
            Self::SuccessReport(wanted) => Header::SuccessReport(wanted),
            Self::FailureReport(wanted) => Header::FailureReport(wanted),
            Self::Status(status) => Header::Status(status.into_owned()),
            Self::ContentType(kind) => Header::ContentType(kind.into_owned()),
            Self::Extension(ExtensionHeader { name, raw }) => {
                Header::Extension(ExtensionHeader { name: name.into_owned(), raw: raw.into_owned() })
            }
        }
    }

    /// Appends the header line, without its CRLF.
    pub(super) fn encode_into(&self, out: &mut Vec<u8>) {
        use std::io::Write as _;
        let mut put = |name: &str, value: &str| {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(value.as_bytes());
        };
        match self {
            Self::MessageId(id) => put("Message-ID: ", id.as_str()),
            Self::ContentType(kind) => put("Content-Type: ", kind.as_str()),
            Self::SuccessReport(wanted) => put("Success-Report: ", if *wanted { "yes" } else { "no" }),
            Self::FailureReport(wanted) => put("Failure-Report: ", wanted.as_str()),
            Self::Extension(ExtensionHeader { name, raw }) => {
                put(name.as_str(), ":");
                put("", raw.as_str());
            }
            // Writing into a Vec cannot fail.
            Self::ByteRange(range) => write!(out, "Byte-Range: {range}").unwrap_or_default(),
            Self::Status(status) => write!(out, "Status: {status}").unwrap_or_default(),
        }
    }

    /// A bit of its own for every header that may stand once; none for extensions.
    pub(super) const fn once(&self) -> Option<u8> {
        match self {
            Self::MessageId(_) => Some(1),
            Self::ByteRange(_) => Some(2),
            Self::SuccessReport(_) => Some(4),
            Self::FailureReport(_) => Some(8),
            Self::Status(_) => Some(16),
            Self::ContentType(_) => Some(32),
            Self::Extension(_) => None,
        }
    }
}

impl fmt::Display for Header<'_> {
    /// The header line, without its CRLF.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Vec::new();
        self.encode_into(&mut line);
        f.write_str(&String::from_utf8_lossy(&line))
    }
}

/// The header names of RFC 4975; case does not matter.
#[derive(Clone, Copy)]
enum Known {
    Path,
    MessageId,
    ByteRange,
    SuccessReport,
    FailureReport,
    Status,
    ContentType,
}

impl Known {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Message-ID" => Self::MessageId,
            "Byte-Range" => Self::ByteRange,
            "Content-Type" => Self::ContentType,
            "Success-Report" => Self::SuccessReport,
            "Failure-Report" => Self::FailureReport,
            "Status" => Self::Status,
            "To-Path" | "From-Path" => Self::Path,
            // The usual spelling is compared first: it is nearly always the one used.
            _ => {
                return Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, known)| *known);
            }
        })
    }

    const NAMES: [(&'static str, Self); 8] = [
        ("Message-ID", Self::MessageId),
        ("Byte-Range", Self::ByteRange),
        ("Content-Type", Self::ContentType),
        ("Success-Report", Self::SuccessReport),
        ("Failure-Report", Self::FailureReport),
        ("Status", Self::Status),
        ("To-Path", Self::Path),
        ("From-Path", Self::Path),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_written_as_it_is_read() {
        for (name, value) in [
            ("Message-ID", " 87652491"),
            ("Byte-Range", " 1-*/8"),
            ("Byte-Range", " 3-18446744073709551615/*"),
            ("Success-Report", " yes"),
            ("Failure-Report", " partial"),
            ("Status", " 000 200 OK"),
            ("Content-Type", " text/plain; charset=utf-8"),
            ("Content-Disposition", " "),
            ("X-Odd", "\t no space, trailing blank "),
        ] {
            let header = Header::read(name, value, 0).unwrap();
            assert_eq!(header.to_string(), format!("{name}:{value}"));
        }
    }

    #[test]
    fn names_and_report_values_ignore_case_and_white_space_around_values_does_not_count() {
        assert_eq!(Header::read("SUCCESS-report", "YES\t ", 0), Ok(Header::SuccessReport(true)));
        assert_eq!(Header::read("byte-range", "\t1-2/2", 0), Header::read("Byte-Range", " 1-2/2", 0));
    }

    #[test]
    fn a_byte_range_fault_names_the_number() {
        for (text, offset, field) in [
            ("1", 1, "range-start"),
            ("", 0, "range-start"),
            ("1-2/3x", 5, "total"),
            ("1-2", 3, "range-end"),
            ("-2/2", 0, "range-start"),
            ("*-2/2", 0, "range-start"),
            ("1-/2", 2, "range-end"),
            ("1-2/", 4, "total"),
            ("1-2/x", 4, "total"),
            ("1-18446744073709551616/*", 2, "range-end"),
            ("1/2-3", 1, "range-start"),
        ] {
            assert_eq!(ByteRange::read(text, 0).map_err(|e| (e.offset, e.field)), Err((offset, field)), "{text}");
        }
    }

    #[test]
    fn an_extension_cannot_pose_as_a_known_header() {
        assert!(ExtensionHeader::new("message-id", "abcd").is_err());
        assert!(ExtensionHeader::new("X-A", "b\r\nTo-Path: c").is_err());
        assert_eq!(
            ExtensionHeader::new("Use-Nickname", "\"Alice\"").map(|h| h.value().to_owned()),
            Ok("\"Alice\"".into())
        );
    }
}
