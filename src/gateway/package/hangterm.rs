//! `hangterm`, H.248.36: a termination reports now and then that it still exists, so that an MGC that forgot it can take it
//! away (the parameter's name is recalled).

use super::{number, time};
use crate::wire::h248::{EventSpec, PkgdName, RequestedEvent};
use std::time::{Duration, Instant};

/// When the MGC does not say how often.
const USUAL: u64 = 3600;

/// `hangterm/thb`, armed.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct Heartbeat {
    every: Duration,
    next: Instant,
}

impl Heartbeat {
    /// `timerx` is in seconds; 0 is never.
    pub(super) fn of(now: Instant, requested: &RequestedEvent<'_>) -> Option<Self> {
        let seconds = number(requested, "timerx").unwrap_or(USUAL);
        let every = time(seconds, Duration::from_secs(1));
        (requested.name.covers(&name()) && seconds > 0).then(|| Self { every, next: now + every })
    }

    pub(super) const fn due(&self) -> Instant {
        self.next
    }

    pub(super) fn elapsed(&mut self, now: Instant) -> Option<EventSpec<'static>> {
        if now < self.next {
            return None;
        }
        self.next = now + self.every;
        Some(EventSpec::new(name()))
    }
}

fn name() -> PkgdName<'static> {
    PkgdName::new("hangterm", "thb")
}

#[cfg(test)]
mod tests {
    use crate::gateway::testing::Bench;
    use std::time::Duration;

    #[test]
    fn a_termination_reports_every_timerx_seconds_until_it_is_subtracted() {
        let mut bench = Bench::new();
        bench.say("C=${A=${E=5{hangterm/thb{timerx=60}}}}");
        assert!(bench.wait(Duration::from_secs(59)).is_empty());
        let sent = bench.wait(Duration::from_secs(1));
        assert!(sent[0].1.ends_with("T=1{C=1{N=ip/access/1{OE=5{hangterm/thb}}}}"), "{sent:?}");
        bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        assert_eq!(bench.wait(Duration::from_secs(60)).len(), 1);
        bench.message(b"!/2 [192.0.2.9]:2944 P=2{C=1{N=ip/access/1}}");
        bench.say("C=1{S=ip/access/1}");
        assert!(bench.wait(Duration::from_secs(600)).is_empty());
        assert_eq!(bench.gateway.poll_timeout(), None);
    }

    #[test]
    fn zero_is_never_and_a_time_without_end_does_no_harm() {
        let mut bench = Bench::new();
        bench.say("C=${A=${E=5{hangterm/thb{timerx=0}}}}");
        bench.say("C=1{MF=ip/access/1{E=6{hangterm/thb{timerx=9223372036854775807}}}}");
        assert!(bench.wait(Duration::from_secs(100_000)).is_empty());
        assert_eq!(bench.error("C=1{MF=ip/access/1{E=7{hangterm/thb{timerx=-1}}}}"), 449);
        assert_eq!(bench.error("C=1{MF=ip/access/1{E=7{hangterm/thb{timery=1}}}}"), 446);
    }
}
