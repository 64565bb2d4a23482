//! Transactions in both directions, H.248.1 8.2 and annex D.1: what was received is executed at most once, what is sent is
//! repeated until it is answered. Octets only: what they mean is somebody else's.

mod received;
mod requests;
mod segment;
mod timers;

pub(super) use received::{Admission, Replies, TransactionKey};
pub(super) use requests::{Due, Requests};
pub(super) use segment::{Parts, messages};
pub use timers::Timers;

#[cfg(test)]
mod testing {
    //! An origin of virtual time, and somebody to talk to.

    use crate::gateway::control::{AssociationId, Peer};
    use std::time::Instant;

    pub(super) fn epoch() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "any instant serves as the origin of virtual time")]
        Instant::now()
    }

    pub(super) fn peer() -> Peer {
        Peer { association: AssociationId(0), address: ([127, 0, 0, 1], 2944).into() }
    }
}
