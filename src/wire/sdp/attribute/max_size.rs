//! `a=max-size`: the largest MSRP message an endpoint takes.

use crate::wire::sdp::line::{Cursor, Parsed};
use std::fmt;

/// `a=max-size` in octets (RFC 4975 8.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct MaxSize(pub u64);

impl MaxSize {
    pub(super) const fn into_owned(self) -> Self {
        self
    }

    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let word = cursor.word("max-size-value")?;
        let size = cursor.number(word, 0, u64::MAX)?;
        Ok(Self(size))
    }
}

impl fmt::Display for MaxSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
