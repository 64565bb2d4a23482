//! How long the gateway waits.

use std::time::Duration;

/// How long the gateway waits and remembers. H.248.1 annex D.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// First retransmission of a request of the gateway's own; each further one waits twice as long.
    pub retransmission: Duration,
    /// Longest wait between two retransmissions.
    pub retransmission_limit: Duration,
    /// T-MAX: when a request counts as lost, and the MGC with it.
    pub give_up: Duration,
    /// LONG-TIMER: how long a received transaction is remembered.
    pub long: Duration,
    /// How long execution of a request takes at least. Zero for a gateway that is quick; more makes one that says Pending.
    pub execution: Duration,
    /// How long a request may be executed before Pending is said, and between two Pendings, until the MGC
    /// says otherwise. H.248.1 E.2, MGProvisionalResponseTimerValue.
    pub provisional: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            retransmission: Duration::from_millis(200),
            retransmission_limit: Duration::from_secs(4),
            give_up: Duration::from_secs(25),
            long: Duration::from_secs(30),
            execution: Duration::ZERO,
            provisional: Duration::from_secs(1),
        }
    }
}

impl Timers {
    /// The same for a request over a transport that repeats by itself: only its end is timed. H.248.1 annex D.2.
    pub(in crate::gateway) const fn once(self) -> Self {
        Self { retransmission: self.give_up, ..self }
    }

    /// The wait after one of this length.
    pub(super) fn longer(&self, interval: Duration) -> Duration {
        interval.saturating_mul(2).min(self.retransmission_limit)
    }
}
