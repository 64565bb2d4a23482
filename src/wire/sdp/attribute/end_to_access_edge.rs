//! `a=3ge2ae`: end-to-access-edge protection asked for or applied.

use crate::wire::sdp::{
    line::{Cursor, Parsed},
    owned,
};
use std::{borrow::Cow, fmt};

/// `a=3ge2ae` (TS 24.229 7.5.2), media level.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum EndToAccessEdge<'a> {
    /// The UE asks for protection up to the access edge.
    Requested,
    /// The network protects up to the access edge.
    Applied,
    /// A token to be ignored by those who do not know it.
    Other(Cow<'a, str>),
}

impl<'a> EndToAccessEdge<'a> {
    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        let word = cursor.word("3ge2ae")?;
        let value = match cursor.token(word)? {
            "requested" => Self::Requested,
            "applied" => Self::Applied,
            other => Self::Other(other.into()),
        };
        Ok(value)
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> EndToAccessEdge<'static> {
        match self {
            Self::Requested => EndToAccessEdge::Requested,
            Self::Applied => EndToAccessEdge::Applied,
            Self::Other(token) => EndToAccessEdge::Other(owned(token)),
        }
    }
}

impl fmt::Display for EndToAccessEdge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requested => "requested",
            Self::Applied => "applied",
            Self::Other(token) => token,
        })
    }
}
