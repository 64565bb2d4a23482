//! `a=floorctrl`: who is floor control client and server.

use super::write_words;
use crate::wire::{
    ErrorKind,
    sdp::line::{Cursor, Parsed},
};
use std::fmt;

/// One role of `a=floorctrl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum FloorControlRole {
    /// `c-only`: client.
    ClientOnly,
    /// `s-only`: server.
    ServerOnly,
    /// `c-s`: both (RFC 4583); RFC 8856 5.1 forbids to send it.
    ClientServer,
}

/// `a=floorctrl` (RFC 8856 5.1, RFC 4583 4): one role in an answer, one or more in an offer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct FloorControl(pub Vec<FloorControlRole>);

impl FloorControlRole {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::ClientOnly, Self::ServerOnly, Self::ClientServer];

    /// The role as the line writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientOnly => "c-only",
            Self::ServerOnly => "s-only",
            Self::ClientServer => "c-s",
        }
    }
}

impl FloorControl {
    pub(super) const fn into_owned(self) -> Self {
        self
    }

    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut roles = Vec::new();
        let mut next = Some(cursor.word("role")?);
        while let Some(word) = next {
            let found = FloorControlRole::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(word.text));
            let expected = ErrorKind::Expected("c-only, s-only or c-s");
            roles.push(found.ok_or_else(|| cursor.error_at(word.offset, expected))?);
            next = cursor.optional_word("role")?;
        }
        Ok(Self(roles))
    }
}

impl fmt::Display for FloorControlRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for FloorControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_words(f, &self.0)
    }
}
