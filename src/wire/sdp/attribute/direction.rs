//! `a=sendrecv` and its kin.

/// The direction of a medium as its describer sees it (RFC 8866 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Direction {
    /// `sendrecv`.
    SendReceive,
    /// `sendonly`.
    SendOnly,
    /// `recvonly`.
    ReceiveOnly,
    /// `inactive`.
    Inactive,
}

impl Direction {
    /// The attribute's name; it has no value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendReceive => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}
