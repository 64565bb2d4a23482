//! `a=key-mgmt`: a key management message such as MIKEY-TICKET's.

use crate::wire::sdp::{
    line::{Cursor, Parsed},
    owned,
};
use std::{borrow::Cow, fmt};

/// `a=key-mgmt` (RFC 4567 3.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct KeyManagement<'a> {
    /// The protocol, `mikey` for all of IMS media security.
    pub protocol: Cow<'a, str>,
    /// The message in base64, kept as text.
    pub data: Cow<'a, str>,
}

impl<'a> KeyManagement<'a> {
    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        let word = cursor.word("prtcl-id")?;
        let protocol = cursor.token(word)?.into();
        let word = cursor.next_word("keymgmt-data")?;
        let is_base64 = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
        let data = cursor.run_of(word, is_base64)?.into();
        Ok(Self { protocol, data })
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> KeyManagement<'static> {
        KeyManagement { protocol: owned(self.protocol), data: owned(self.data) }
    }
}

impl fmt::Display for KeyManagement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.protocol, self.data)
    }
}
