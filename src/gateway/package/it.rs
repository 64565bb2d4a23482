//! `it`, H.248.14: the MGC has been silent for too long.

use super::{number, time};
use crate::wire::h248::{EventSpec, PkgdName, RequestedEvent};
use std::time::{Duration, Instant};

/// `it/ito` on ROOT, armed.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct Silence {
    longest: Duration,
    since: Instant,
}

impl Silence {
    /// `mit`, the maximum inactivity time, is in units of 10 ms; 0 is never.
    pub(super) fn of(now: Instant, requested: &RequestedEvent<'_>) -> Option<Self> {
        let longest = time(number(requested, "mit").filter(|units| *units > 0)?, Duration::from_millis(10));
        requested.name.covers(&name()).then_some(Self { longest, since: now })
    }

    pub(super) fn due(&self) -> Instant {
        self.since + self.longest
    }

    pub(super) const fn heard(&mut self, now: Instant) {
        self.since = now;
    }

    pub(super) fn elapsed(&mut self, now: Instant) -> Option<EventSpec<'static>> {
        if now < self.due() {
            return None;
        }
        self.since = now;
        Some(EventSpec::new(name()))
    }
}

fn name() -> PkgdName<'static> {
    PkgdName::new("it", "ito")
}

#[cfg(test)]
mod tests {
    use crate::gateway::testing::Bench;
    use std::time::Duration;

    #[test]
    fn a_silent_mgc_is_asked_whether_it_is_there() {
        let mut bench = Bench::new();
        assert_eq!(bench.error("C=-{MF=ROOT{E=3{it/ito{mit=1000}}}}"), 0);
        assert!(bench.wait(Duration::from_secs(9)).is_empty());
        bench.say("C=-{AV=ROOT{AT{}}}");
        assert!(bench.wait(Duration::from_secs(9)).is_empty());
        let sent = bench.wait(Duration::from_secs(1));
        assert!(sent[0].1.ends_with("T=1{C=-{N=ROOT{OE=3{it/ito}}}}"), "{sent:?}");
        bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=-{N=ROOT}}");
        assert_eq!(bench.wait(Duration::from_secs(10)).len(), 1);
    }

    #[test]
    fn inactivity_of_the_mgc_is_an_event_of_root_with_a_time() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        assert_eq!(bench.error("C=1{MF=ip/access/1{E=3{it/ito{mit=1000}}}}"), 512);
        assert_eq!(bench.error("C=-{MF=ROOT{E=3{it/ito}}}"), 457);
        assert_eq!(bench.error("C=-{MF=ROOT{E=3{hangterm/thb}}}"), 512);
    }
}
