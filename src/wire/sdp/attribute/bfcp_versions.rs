//! `a=bfcpver`: the BFCP versions an endpoint speaks.

use super::write_words;
use crate::wire::sdp::line::{Cursor, Parsed};
use std::fmt;

/// `a=bfcpver` (RFC 8856 5.5). Absent, it is 1 over reliable and 2 over unreliable transport.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct BfcpVersions(pub Vec<u32>);

impl BfcpVersions {
    pub(super) const fn into_owned(self) -> Self {
        self
    }

    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut versions = Vec::new();
        let mut next = Some(cursor.word("bfcp-version")?);
        while let Some(word) = next {
            versions.push(cursor.number(word, 0, u32::MAX.into())? as u32);
            next = cursor.optional_word("bfcp-version")?;
        }
        Ok(Self(versions))
    }
}

impl fmt::Display for BfcpVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_words(f, &self.0)
    }
}
