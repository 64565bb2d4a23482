//! `a=connection`: a new TCP connection or the one that exists.

use crate::wire::{
    ErrorKind,
    sdp::line::{Cursor, Parsed},
};
use std::fmt;

/// `a=connection` (RFC 4145 5). Read in any case, written in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Connection {
    /// A new connection; also what holds when the attribute is absent.
    New,
    /// The connection of the last exchange goes on.
    Existing,
}

impl Connection {
    /// The value as the line writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing => "existing",
        }
    }

    pub(super) const fn into_owned(self) -> Self {
        self
    }

    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let word = cursor.word("connection")?;
        let found = [Self::New, Self::Existing].into_iter().find(|c| c.name().eq_ignore_ascii_case(word.text));
        let connection = found.ok_or_else(|| cursor.error_at(word.offset, ErrorKind::Expected("new or existing")))?;
        Ok(connection)
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
