//! `a=confid` and `a=userid`: what a BFCP client puts into its headers.

use crate::wire::sdp::{
    line::{Cursor, Parsed},
    owned,
};
use std::{borrow::Cow, fmt};

/// `a=confid` (RFC 8856 5.2): a token that should hold a conference id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ConferenceId<'a>(pub Cow<'a, str>);

/// `a=userid` (RFC 8856 5.3): a token that should hold a user id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct UserId<'a>(pub Cow<'a, str>);

impl<'a> ConferenceId<'a> {
    /// The id a BFCP header can carry (32 bits), if the token is one.
    pub fn number(&self) -> Option<u32> {
        self.0.parse().ok()
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> ConferenceId<'static> {
        ConferenceId(owned(self.0))
    }

    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        parse_token(cursor, "confid").map(Self)
    }
}

impl<'a> UserId<'a> {
    /// The id a BFCP header can carry (16 bits), if the token is one.
    pub fn number(&self) -> Option<u16> {
        self.0.parse().ok()
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> UserId<'static> {
        UserId(owned(self.0))
    }

    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        parse_token(cursor, "userid").map(Self)
    }
}

fn parse_token<'a>(cursor: &mut Cursor<'a>, field: &'static str) -> Parsed<Cow<'a, str>> {
    let word = cursor.word(field)?;
    let token = cursor.token(word)?;
    Ok(token.into())
}

impl fmt::Display for ConferenceId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UserId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<u32> for ConferenceId<'_> {
    fn from(id: u32) -> Self {
        Self(id.to_string().into())
    }
}

impl From<u16> for UserId<'_> {
    fn from(id: u16) -> Self {
        Self(id.to_string().into())
    }
}
