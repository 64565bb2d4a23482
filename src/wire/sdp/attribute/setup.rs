//! `a=setup`: who opens the TCP connection.

use crate::wire::{
    ErrorKind,
    sdp::line::{Cursor, Parsed},
};
use std::fmt;

/// `a=setup` (RFC 4145 4). Read in any case, written in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Setup {
    /// This endpoint opens the connection.
    Active,
    /// This endpoint accepts the connection.
    Passive,
    /// This endpoint does either; the answer decides.
    ActPass,
    /// No connection for the time being.
    HoldConn,
}

impl Setup {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::Active, Self::Passive, Self::ActPass, Self::HoldConn];

    /// The value as the line writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::ActPass => "actpass",
            Self::HoldConn => "holdconn",
        }
    }

    pub(super) const fn into_owned(self) -> Self {
        self
    }

    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        const VALUES: &str = "active, passive, actpass or holdconn";
        let word = cursor.word("setup")?;
        let found = Self::ALL.into_iter().find(|setup| setup.name().eq_ignore_ascii_case(word.text));
        let setup = found.ok_or_else(|| cursor.error_at(word.offset, ErrorKind::Expected(VALUES)))?;
        Ok(setup)
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
