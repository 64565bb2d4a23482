//! Status codes and the `Status` header (RFC 4975 7.1.2, 10).

use std::fmt;

use super::{ErrorKind, ParseError, Text, fault};

/// A three-digit status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct StatusCode(u16);

impl StatusCode {
    /// 200: the transaction succeeded.
    pub const OK: Self = Self(200);
    /// 400: the request was unintelligible.
    pub const BAD_REQUEST: Self = Self(400);
    /// 403: the action is not allowed.
    pub const FORBIDDEN: Self = Self(403);
    /// 408: a downstream transaction timed out.
    pub const TIMEOUT: Self = Self(408);
    /// 413: stop sending this message.
    pub const STOP_SENDING: Self = Self(413);
    /// 415: the media type is not understood.
    pub const UNSUPPORTED_MEDIA_TYPE: Self = Self(415);
    /// 423: a parameter is out of bounds.
    pub const OUT_OF_BOUNDS: Self = Self(423);
    /// 481: the session does not exist.
    pub const NO_SESSION: Self = Self(481);
    /// 501: the method is not understood.
    pub const UNKNOWN_METHOD: Self = Self(501);
    /// 506: the session is bound to another connection.
    pub const WRONG_CONNECTION: Self = Self(506);

    /// `code` as a status code, if it has at most three digits.
    pub const fn new(code: u16) -> Option<Self> {
        if code <= 999 { Some(Self(code)) } else { None }
    }

    /// The number.
    pub const fn value(self) -> u16 {
        self.0
    }

    /// Exactly three digits, `offset` octets into the input.
    pub(super) fn read(text: &str, offset: usize, field: &'static str) -> Result<Self, ParseError> {
        match text.as_bytes() {
            [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
                Ok(Self(u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0')))
            }
            _ => Err(fault(offset, ErrorKind::Expected("three digits"), field)),
        }
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// A `Status` header: what a REPORT says about the message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Status<'a> {
    namespace: StatusCode,
    /// The code, in the namespace's meaning.
    pub code: StatusCode,
    /// The reason, in words.
    pub reason: Option<Text<'a>>,
}

impl<'a> Status<'a> {
    /// A status of namespace 000, the only one defined: the codes of RFC 4975 10.
    pub const fn new(code: StatusCode, reason: Option<Text<'a>>) -> Self {
        Self { namespace: StatusCode(0), code, reason }
    }

    /// The namespace, 0 to 999; 0 means that the code is one of RFC 4975.
    pub const fn namespace(&self) -> u16 {
        self.namespace.0
    }

    /// The same, independent of the input it was read from.
    pub fn into_owned(self) -> Status<'static> {
        Status { namespace: self.namespace, code: self.code, reason: self.reason.map(Text::into_owned) }
    }

    pub(super) fn read(text: &'a str, offset: usize) -> Result<Self, ParseError> {
        let mut parts = text.splitn(3, ' ');
        let namespace = StatusCode::read(parts.next().unwrap_or_default(), offset, "namespace")?;
        let code =
            StatusCode::read(parts.next().unwrap_or_default(), (offset + 4).min(offset + text.len()), "status-code")?;
        let reason = parts.next().map(|reason| Text::read(reason.into(), offset + 8)).transpose()?;
        Ok(Self { namespace, code, reason })
    }
}

impl fmt::Display for Status<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.namespace, self.code)?;
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, " {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_namespace_code_and_perhaps_a_reason() {
        for text in ["000 200 OK", "000 200", "012 408 timed  out"] {
            assert_eq!(Status::read(text, 0).map(|s| s.to_string()), Ok(text.to_owned()));
        }
        let faults = |text| Status::read(text, 10).map_err(|e| (e.offset, e.field));
        assert_eq!(faults("00 200"), Err((10, "namespace")));
        assert_eq!(faults("000"), Err((13, "status-code")));
        assert_eq!(faults("000 20x"), Err((14, "status-code")));
    }
}
