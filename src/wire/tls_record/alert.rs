//! Alerts (RFC 5246 7.2, RFC 8446 6).

use std::fmt;

use super::{ErrorKind, ParseError, fault};

/// How serious an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertLevel {
    /// 1.
    Warning,
    /// 2: the connection ends.
    Fatal,
}

/// An alert in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alert {
    /// Warning or fatal.
    pub level: AlertLevel,
    /// The description's number.
    pub description: u8,
}

impl Alert {
    /// 0: the sender will send no more.
    pub const CLOSE_NOTIFY: u8 = 0;
    /// 40: no common parameters.
    pub const HANDSHAKE_FAILURE: u8 = 40;
    /// 42: the certificate is corrupt, or is not the one whose fingerprint was signalled (RFC 8122 6.2).
    pub const BAD_CERTIFICATE: u8 = 42;
    /// 70: the version is not supported.
    pub const PROTOCOL_VERSION: u8 = 70;

    /// Reads the fragment of an unprotected alert record: exactly two octets. A protected one has more.
    pub fn parse(fragment: &[u8]) -> Result<Self, ParseError> {
        let clause = "RFC 8446 6";
        let [level, description] = *fragment else {
            return Err(fault(0, ErrorKind::Expected("two octets: a protected alert cannot be read"), "Alert", clause));
        };
        let level = match level {
            1 => AlertLevel::Warning,
            2 => AlertLevel::Fatal,
            _ => return Err(fault(0, ErrorKind::OutOfRange { min: 1, max: 2 }, "AlertLevel", clause)),
        };
        Ok(Self { level, description })
    }

    /// The registered name of the description.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.description {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            _ => return None,
        })
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.level == AlertLevel::Fatal { "fatal " } else { "warning " })?;
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "alert {}", self.description),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_told_by_level_and_name() {
        assert_eq!(Alert::parse(&[1, 0]).map(|a| a.to_string()), Ok("warning close_notify".into()));
        assert_eq!(Alert::parse(&[2, 99]).map(|a| a.to_string()), Ok("fatal alert 99".into()));
        assert!(Alert::parse(&[3, 0]).is_err() && Alert::parse(&[2]).is_err() && Alert::parse(&[2, 40, 0]).is_err());
    }
}
