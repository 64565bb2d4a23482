//! `ds`, H.248.52: the code point of what is sent (names and types are recalled).

use super::{Given, number_of};
use crate::gateway::stream::Refusal;

/// `ds/dscp`, six bits.
pub(super) fn code_point(given: Given<'_>) -> Result<Option<u8>, Refusal> {
    Ok(number_of(given, "ds/dscp", 63)?.and_then(|code| u8::try_from(code).ok()))
}
