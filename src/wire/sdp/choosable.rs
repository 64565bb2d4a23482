//! H.248's CHOOSE in place of a value.

use std::fmt;

/// A value, or `$`: the MGC leaves it to the gateway (H.248.1 7.1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Choosable<T> {
    /// `$`. Never read in [`Mode::Rfc`](super::Mode::Rfc).
    Choose,
    /// The value itself.
    Given(T),
}

impl<T> Choosable<T> {
    /// The value, unless the gateway is to choose it.
    pub const fn given(&self) -> Option<&T> {
        match self {
            Self::Choose => None,
            Self::Given(value) => Some(value),
        }
    }

    /// True for `$`.
    pub const fn is_choose(&self) -> bool {
        matches!(self, Self::Choose)
    }
}

impl<T> From<T> for Choosable<T> {
    fn from(value: T) -> Self {
        Self::Given(value)
    }
}

impl<T: fmt::Display> fmt::Display for Choosable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choose => f.write_str("$"),
            Self::Given(value) => value.fmt(f),
        }
    }
}
