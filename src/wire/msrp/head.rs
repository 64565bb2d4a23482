//! The start line and headers of a request or response (RFC 4975 7, 9).

use memchr::memchr;

use super::{
    ByteRange, ContentType, ContinuationFlag, ErrorKind, FailureReport, Header, Ident, ParseError, Path, Status,
    StatusCode, Text, Token, end_line, fault,
    text::{Octets, refused, run, trim},
};

/// A request's method.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Method<'a> {
    /// Carries a message or a chunk of one.
    Send,
    /// Says what became of a message.
    Report,
    /// Asks a relay for a path (RFC 4976).
    Auth,
    /// Asks a switch for a nickname (RFC 7701).
    Nickname,
    /// Any other, upper-case letters; answered with 501.
    Other(Token<'a>),
}

impl Method<'_> {
    /// The method's name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Send => "SEND",
            Self::Report => "REPORT",
            Self::Auth => "AUTH",
            Self::Nickname => "NICKNAME",
            Self::Other(name) => name.as_str(),
        }
    }
}

/// What the start line says besides the transaction id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Start<'a> {
    /// A request.
    Request(Method<'a>),
    /// A response; it never has a body.
    Response {
        /// The status code.
        code: StatusCode,
        /// The comment after the code.
        comment: Option<Text<'a>>,
    },
}

/// Everything of a frame that comes before its body.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Head<'a> {
    /// The transaction id: ties a response to its request, and marks the frame's end.
    pub transaction_id: Ident<'a>,
    /// Request or response.
    pub start: Start<'a>,
    /// Where the frame goes, next hop first.
    pub to_path: Path<'a>,
    /// Where it came from, last hop first.
    pub from_path: Path<'a>,
    /// The other headers in order; the typed ones at most once each.
    pub headers: Vec<Header<'a>>,
}

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows {
    Body,
    /// The end-line was part of what was read.
    Nothing(ContinuationFlag),
}

impl<'a> Head<'a> {
    /// A request with no headers after the paths.
    pub const fn request(
        transaction_id: Ident<'a>,
        method: Method<'a>,
        to_path: Path<'a>,
        from_path: Path<'a>,
    ) -> Self {
        Self { transaction_id, start: Start::Request(method), to_path, from_path, headers: Vec::new() }
    }

    /// A response with no headers after the paths.
    pub const fn response(
        transaction_id: Ident<'a>,
        code: StatusCode,
        comment: Option<Text<'a>>,
        to_path: Path<'a>,
        from_path: Path<'a>,
    ) -> Self {
        Self { transaction_id, start: Start::Response { code, comment }, to_path, from_path, headers: Vec::new() }
    }

    /// Adds a header after the others.
    #[must_use]
    pub fn with(mut self, header: Header<'a>) -> Self {
        self.headers.push(header);
        self
    }

    /// The method, when this is a request.
    pub const fn method(&self) -> Option<&Method<'a>> {
        match &self.start {
            Start::Request(method) => Some(method),
            Start::Response { .. } => None,
        }
    }

    /// The status code, when this is a response.
    pub const fn status_code(&self) -> Option<StatusCode> {
        match &self.start {
            Start::Request(_) => None,
            Start::Response { code, .. } => Some(*code),
        }
    }

    /// The `Message-ID`.
    pub fn message_id(&self) -> Option<&Ident<'a>> {
        self.headers.iter().find_map(|header| if let Header::MessageId(id) = header { Some(id) } else { None })
    }

    /// The `Byte-Range`.
    pub fn byte_range(&self) -> Option<ByteRange> {
        self.headers.iter().find_map(|header| if let Header::ByteRange(range) = header { Some(*range) } else { None })
    }

    /// `Success-Report`, or its default, no.
    pub fn success_report(&self) -> bool {
        self.headers.iter().any(|header| matches!(header, Header::SuccessReport(true)))
    }

    /// `Failure-Report`, or its default, yes.
    pub fn failure_report(&self) -> FailureReport {
        let given = |header: &Header<'_>| if let Header::FailureReport(report) = header { Some(*report) } else { None };
        self.headers.iter().find_map(given).unwrap_or_default()
    }

    /// The `Status` of a REPORT.
    pub fn status(&self) -> Option<&Status<'a>> {
        self.headers.iter().find_map(|header| if let Header::Status(status) = header { Some(status) } else { None })
    }

    /// The `Content-Type`.
    pub fn content_type(&self) -> Option<&ContentType<'a>> {
        self.headers.iter().find_map(|header| if let Header::ContentType(kind) = header { Some(kind) } else { None })
    }

    /// The value of the first extension header of that name.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|header| match header {
            Header::Extension(extension) if extension.name().eq_ignore_ascii_case(name) => Some(extension.value()),
            _ => None,
        })
    }

    /// The same, independent of the input it was read from.
    pub fn into_owned(self) -> Head<'static> {
        Head {
            transaction_id: self.transaction_id.into_owned(),
            start: match self.start {
                Start::Request(Method::Other(name)) => Start::Request(Method::Other(name.into_owned())),
                Start::Request(Method::Send) => Start::Request(Method::Send),
                Start::Request(Method::Report) => Start::Request(Method::Report),
                Start::Request(Method::Auth) => Start::Request(Method::Auth),
                Start::Request(Method::Nickname) => Start::Request(Method::Nickname),
                Start::Response { code, comment } => Start::Response { code, comment: comment.map(Text::into_owned) },
            },
            to_path: self.to_path.into_owned(),
            from_path: self.from_path.into_owned(),
            headers: self.headers.into_iter().map(Header::into_owned).collect(),
        }
    }

    /// Appends start line and headers; with `has_body` also the empty line that comes before a body.
    pub fn encode_into(&self, has_body: bool, out: &mut Vec<u8>) {
        let mut put = |part: &str| out.extend_from_slice(part.as_bytes());
        put("MSRP ");
        put(self.transaction_id.as_str());
        put(" ");
        match &self.start {
            Start::Request(method) => put(method.as_str()),
            Start::Response { code, comment } => {
                put(&code.to_string());
                if let Some(comment) = comment {
                    put(" ");
                    put(comment.as_str());
                }
            }
        }
        put("\r\nTo-Path: ");
        put(self.to_path.as_str());
        put("\r\nFrom-Path: ");
        put(self.from_path.as_str());
        put("\r\n");
        for header in &self.headers {
            header.encode_into(out);
            out.extend_from_slice(b"\r\n");
        }
        if has_body {
            out.extend_from_slice(b"\r\n");
        }
    }

    /// Reads a head and what ends it; `None` when octets are missing. The count says how many octets were read, the end-line
    /// included when there is no body.
    pub(super) fn read(octets: &'a [u8]) -> Result<Option<(Self, Follows, usize)>, ParseError> {
        let mut lines = Lines::new(octets);
        let Some((_, line)) = lines.next()? else { return Ok(None) };
        let (transaction_id, start) = read_start(line)?;
        let Some(to_path) = read_path(&mut lines, "To-Path")? else { return Ok(None) };
        let Some(from_path) = read_path(&mut lines, "From-Path")? else { return Ok(None) };
        let mut headers = Vec::with_capacity(6);
        let mut seen = 0;
        loop {
            let Some((offset, line)) = lines.next()? else { return Ok(None) };
            let follows = if line.is_empty() {
                if matches!(start, Start::Response { .. }) {
                    return Err(fault(offset, ErrorKind::Contradiction("a response has no body"), "msrp-response"));
                }
                Follows::Body
            } else if line.starts_with('-') {
                match end_line::read(line, &transaction_id) {
                    Some(flag) => Follows::Nothing(flag),
                    None => return Err(fault(offset, ErrorKind::Expected("this transaction's end-line"), "end-line")),
                }
            } else {
                let header = read_header(line, offset)?;
                if let Some(bit) = header.once() {
                    if seen & bit != 0 {
                        return Err(fault(offset, ErrorKind::Duplicate, "header"));
                    }
                    seen |= bit;
                }
                headers.push(header);
                continue;
            };
            let head = Self { transaction_id, start, to_path, from_path, headers };
            return Ok(Some((head, follows, lines.position)));
        }
    }
}

/// Lines and their offsets, as far as they are complete.
struct Lines<'a> {
    octets: &'a [u8],
    /// The start of `octets`, as far as it was looked at and is UTF-8.
    text: &'a str,
    position: usize,
}

impl<'a> Lines<'a> {
    /// Octets taken for a head at first: a usual head, and little of its body.
    const GLANCE: usize = 384;

    fn new(octets: &'a [u8]) -> Self {
        Self { octets, text: utf8_prefix(octets.get(..Self::GLANCE).unwrap_or(octets)), position: 0 }
    }

    fn next(&mut self) -> Result<Option<(usize, &'a str)>, ParseError> {
        let offset = self.position;
        let mut from = offset;
        let length = loop {
            if let Some(length) = memchr(b'\n', self.text.as_bytes().get(from..).unwrap_or_default()) {
                break from + length - offset;
            }
            from = self.text.len();
            // Each look doubles, so that all of them together are linear.
            let glance = (from + 4).next_power_of_two().max(Self::GLANCE) * 2;
            self.text = utf8_prefix(self.octets.get(..glance).unwrap_or(self.octets));
            if self.text.len() == from {
                return self.not_utf8(from);
            }
        };
        if length == 0 || self.text.as_bytes().get(offset + length - 1) != Some(&b'\r') {
            return Err(fault(offset + length, ErrorKind::Expected("CRLF"), "line"));
        }
        let line = self.text.get(offset..offset + length - 1).unwrap_or_default();
        self.position = offset + length + 1;
        Ok(Some((offset, line)))
    }

    /// What it means that no octet at `at` continues the text: the input ends, perhaps within a character, or is wrong, which
    /// shows when the line is complete.
    fn not_utf8(&self, at: usize) -> Result<Option<(usize, &'a str)>, ParseError> {
        match self.octets.get(at..).map(|rest| (rest.first(), memchr(b'\n', rest))) {
            Some((Some(octet), Some(_))) => Err(fault(at, ErrorKind::InvalidOctet(*octet), "utf8text")),
            _ => Ok(None),
        }
    }
}

/// The longest start of `octets` that is UTF-8.
fn utf8_prefix(octets: &[u8]) -> &str {
    match std::str::from_utf8(octets) {
        Ok(text) => text,
        Err(error) => {
            octets.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default()
        }
    }
}

pub(super) const MSRP: &str = "MSRP ";

/// `MSRP SP transact-id SP (method | status-code [SP comment])`.
pub(super) fn read_start(line: &str) -> Result<(Ident<'_>, Start<'_>), ParseError> {
    let Some(rest) = line.strip_prefix(MSRP) else {
        return Err(fault(0, ErrorKind::Expected("\"MSRP \""), "pMSRP"));
    };
    let (id, rest) = rest.split_once(' ').ok_or(fault(
        line.len(),
        ErrorKind::UnexpectedEnd("a method or status code"),
        "start line",
    ))?;
    let transaction_id = Ident::read(id.into(), MSRP.len())?;
    let offset = line.len() - rest.len();
    let start = if rest.starts_with(|first: char| first.is_ascii_digit()) {
        let (code, comment) = rest.split_once(' ').map_or((rest, None), |(code, comment)| (code, Some(comment)));
        let code = StatusCode::read(code, offset, "status-code")?;
        let comment = comment.map(|comment| Text::read(comment.into(), offset + 4)).transpose()?;
        Start::Response { code, comment }
    } else {
        Start::Request(read_method(rest, offset)?)
    };
    Ok((transaction_id, start))
}

fn read_method(name: &str, offset: usize) -> Result<Method<'_>, ParseError> {
    if let Some((at, kind)) = refused(name, Octets::Upper) {
        return Err(fault(offset + at, kind, "method"));
    }
    Ok(match name {
        "SEND" => Method::Send,
        "REPORT" => Method::Report,
        "AUTH" => Method::Auth,
        "NICKNAME" => Method::Nickname,
        "" => return Err(fault(offset, ErrorKind::Missing, "method")),
        _ => Method::Other(Token::read(name.into(), offset)?),
    })
}

fn read_path<'a>(lines: &mut Lines<'a>, name: &'static str) -> Result<Option<Path<'a>>, ParseError> {
    let Some((offset, line)) = lines.next()? else { return Ok(None) };
    let value = match line.split_at_checked(name.len()) {
        Some((start, rest)) if start == name || start.eq_ignore_ascii_case(name) => rest.strip_prefix(':'),
        _ => None,
    };
    let Some(value) = value else { return Err(fault(offset, ErrorKind::Expected(name), name)) };
    let (text, blanks) = trim(value);
    Path::read(text, offset + name.len() + 1 + blanks).map(Some)
}

fn read_header(line: &str, offset: usize) -> Result<Header<'_>, ParseError> {
    let colon = run(line.as_bytes(), 0, Octets::Token);
    match line.split_at_checked(colon) {
        Some((name, rest)) if rest.starts_with(':') => Header::read(name, rest.get(1..).unwrap_or_default(), offset),
        _ => Err(fault(offset + colon, ErrorKind::Expected("\":\""), "hname")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: &str = "To-Path: msrp://b.example:1/y;tcp\r\nFrom-Path: msrp://a.example:2/x;tcp\r\n";

    #[test]
    fn a_head_is_written_as_it_is_read() {
        for text in [
            format!("MSRP abcd SEND\r\n{PATHS}Message-ID: 1234\r\nSuccess-Report: no\r\nX-A:b\r\nX-A: c\r\n\r\n"),
            format!("MSRP abcd FROB\r\n{PATHS}\r\n"),
        ] {
            let (head, follows, length) = Head::read(text.as_bytes()).unwrap().unwrap();
            assert_eq!((follows, length), (Follows::Body, text.len()));
            let mut out = Vec::new();
            head.encode_into(true, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn a_response_may_lack_comment_and_headers_but_never_has_a_body() {
        let text = format!("MSRP abcd 481\r\n{PATHS}-------abcd$\r\n");
        let (head, follows, _) = Head::read(text.as_bytes()).unwrap().unwrap();
        assert_eq!(head.status_code(), Some(StatusCode::NO_SESSION));
        assert_eq!(follows, Follows::Nothing(ContinuationFlag::Last));
        let with_body = format!("MSRP abcd 200 OK\r\n{PATHS}\r\nx\r\n-------abcd$\r\n");
        assert!(Head::read(with_body.as_bytes()).is_err());
    }

    #[test]
    fn any_proper_prefix_of_a_head_is_incomplete() {
        let text = format!("MSRP abcd SEND\r\n{PATHS}Message-ID: 1234\r\n-------abcd#\r\n");
        for length in 0..text.len() {
            assert_eq!(Head::read(&text.as_bytes()[..length]), Ok(None), "{length}");
        }
    }

    #[test]
    fn accessors_find_headers_or_their_defaults() {
        let text = format!("MSRP abcd SEND\r\n{PATHS}Byte-Range: 1-2/2\r\nUse-Nickname: \"Bob\"\r\n\r\n");
        let (head, ..) = Head::read(text.as_bytes()).unwrap().unwrap();
        assert_eq!((head.success_report(), head.failure_report()), (false, FailureReport::Yes));
        assert_eq!(head.extension("use-nickname"), Some("\"Bob\""));
        assert_eq!(head.clone().into_owned(), head);
        assert!(head.message_id().is_none() && head.status().is_none() && head.content_type().is_none());
    }
}
