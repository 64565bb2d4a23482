//! `a=accept-types` and `a=accept-wrapped-types`: the media types an MSRP endpoint takes.

use super::write_words;
use crate::wire::{
    ErrorKind,
    sdp::{
        line::{Cursor, Parsed, Word, is_visible},
        owned,
    },
};
use std::{borrow::Cow, fmt};

/// `a=accept-types` (RFC 4975 8.6).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct AcceptTypes<'a>(pub Vec<MediaRange<'a>>);

/// `a=accept-wrapped-types` (RFC 4975 8.6): types taken inside a container such as `message/cpim`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct AcceptWrappedTypes<'a>(pub Vec<MediaRange<'a>>);

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum MediaRange<'a> {
    /// `*`: every type.
    Any,
    /// `type/subtype`, where the subtype may be `*`.
    Type {
        /// The type.
        kind: Cow<'a, str>,
        /// The subtype, or `*`.
        subtype: Cow<'a, str>,
        /// What follows from the first `;` on, verbatim; mostly empty.
        parameters: Cow<'a, str>,
    },
}

impl<'a> MediaRange<'a> {
    /// The range for one type without parameters.
    pub fn new(kind: impl Into<Cow<'a, str>>, subtype: impl Into<Cow<'a, str>>) -> Self {
        Self::Type { kind: kind.into(), subtype: subtype.into(), parameters: Cow::Borrowed("") }
    }

    /// True when a body of type `kind/subtype` falls into the range; types are compared without regard to case.
    pub fn covers(&self, kind: &str, subtype: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Type { kind: own, subtype: sub, .. } => {
                own.eq_ignore_ascii_case(kind) && (sub == "*" || sub.eq_ignore_ascii_case(subtype))
            }
        }
    }

    fn into_owned(self) -> MediaRange<'static> {
        match self {
            Self::Any => MediaRange::Any,
            Self::Type { kind, subtype, parameters } => {
                MediaRange::Type { kind: owned(kind), subtype: owned(subtype), parameters: owned(parameters) }
            }
        }
    }

    fn parse(cursor: &Cursor<'a>, word: Word<'a>) -> Parsed<Self> {
        if word.text == "*" {
            return Ok(Self::Any);
        }
        let Some((kind, rest)) = word.split_once(b'/') else {
            return Err(cursor.error_at(word.offset, ErrorKind::Expected("type/subtype or *")));
        };
        let (subtype, parameters) = match rest.split_once(b';') {
            Some((subtype, parameters)) => {
                // Blanks stand inside quotes only, other controls nowhere.
                cursor.run_of(parameters, |octet| octet == b' ' || is_visible(octet))?;
                (subtype, rest.text.get(subtype.text.len()..).unwrap_or_default())
            }
            None => (rest, ""),
        };
        Ok(Self::Type {
            kind: cursor.token(kind)?.into(),
            subtype: cursor.token(subtype)?.into(),
            parameters: parameters.into(),
        })
    }
}

fn parse_list<'a>(cursor: &mut Cursor<'a>) -> Parsed<Vec<MediaRange<'a>>> {
    let mut ranges = Vec::with_capacity(4);
    let mut next = Some(cursor.quoted_word("format-entry")?);
    while let Some(word) = next {
        ranges.push(MediaRange::parse(cursor, word)?);
        next = match cursor.at_end() {
            true => None,
            false => {
                cursor.separator("format-entry")?;
                Some(cursor.quoted_word("format-entry")?)
            }
        };
    }
    Ok(ranges)
}

impl<'a> AcceptTypes<'a> {
    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        parse_list(cursor).map(Self)
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> AcceptTypes<'static> {
        AcceptTypes(self.0.into_iter().map(MediaRange::into_owned).collect())
    }
}

impl<'a> AcceptWrappedTypes<'a> {
    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        parse_list(cursor).map(Self)
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> AcceptWrappedTypes<'static> {
        AcceptWrappedTypes(self.0.into_iter().map(MediaRange::into_owned).collect())
    }
}

impl fmt::Display for MediaRange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Type { kind, subtype, parameters } => write!(f, "{kind}/{subtype}{parameters}"),
        }
    }
}

impl fmt::Display for AcceptTypes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_words(f, &self.0)
    }
}

impl fmt::Display for AcceptWrappedTypes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_words(f, &self.0)
    }
}
