//! `a=key-mgmt`: a key management message such as MIKEY-TICKET's.

use crate::wire::{
    ParseError,
    sdp::{line::Cursor, owned},
};
use std::{borrow::Cow, fmt};

/// `a=key-mgmt` (RFC 4567 3.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyManagement<'a> {
    /// The protocol, `mikey` for all of IMS media security.
    pub protocol: Cow<'a, str>,
    /// The message in base64, kept as text.
    pub data: Cow<'a, str>,
}

impl<'a> KeyManagement<'a> {
    pub(super) fn parse(mut cursor: Cursor<'a>) -> Result<Self, ParseError> {
        let word = cursor.word("prtcl-id")?;
        let protocol = cursor.token(word)?.into();
        let word = cursor.next_word("keymgmt-data")?;
        let is_base64 = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
        if let Some(at) = word.text.bytes().position(|octet| !is_base64(octet)) {
            return Err(cursor.invalid_octet(word, at));
        }
        cursor.finish()?;
        Ok(Self { protocol, data: word.text.into() })
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
