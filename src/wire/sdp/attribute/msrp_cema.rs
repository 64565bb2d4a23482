//! `a=msrp-cema`: media anchored by the `m=` and `c=` lines instead of the path.

/// `a=msrp-cema` (RFC 6714 4), a property without value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct MsrpCema;
