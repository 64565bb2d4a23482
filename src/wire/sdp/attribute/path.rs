//! `a=path`: the MSRP URIs that lead to an endpoint.

use super::write_words;
use crate::wire::{
    ErrorKind,
    sdp::{
        line::{Cursor, Parsed},
        owned,
    },
};
use std::{borrow::Cow, fmt};

/// `a=path` (RFC 4975 8.3): next hop first, endpoint last. URIs are text here, `$` in them is for H.248 users to read;
/// [`msrp`](crate::wire::msrp) has their grammar.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Path<'a>(pub Vec<Cow<'a, str>>);

impl<'a> Path<'a> {
    /// A path of one URI.
    pub fn new(uri: impl Into<Cow<'a, str>>) -> Self {
        Self(vec![uri.into()])
    }

    /// The next hop: the first URI.
    pub fn next_hop(&self) -> Option<&str> {
        self.0.first().map(AsRef::as_ref)
    }

    /// The endpoint: the last URI.
    pub fn endpoint(&self) -> Option<&str> {
        self.0.last().map(AsRef::as_ref)
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Path<'static> {
        Path(self.0.into_iter().map(owned).collect())
    }

    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        let mut uris = Vec::with_capacity(1);
        let mut next = Some(cursor.word("MSRP-URI")?);
        while let Some(word) = next {
            // RFC 3986 3.1: schemes are case-insensitive.
            let scheme = word.split_once(b':').map(|(scheme, rest)| (scheme.text, rest.text.starts_with("//")));
            match scheme {
                Some((scheme, true)) if scheme.eq_ignore_ascii_case("msrp") || scheme.eq_ignore_ascii_case("msrps") => {
                }
                _ => return Err(cursor.error_at(word.offset, ErrorKind::Expected("msrp:// or msrps://"))),
            }
            uris.push(cursor.run_of(word, |octet| octet.is_ascii_graphic())?.into());
            next = cursor.optional_word("MSRP-URI")?;
        }
        Ok(Self(uris))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_words(f, &self.0)
    }
}
