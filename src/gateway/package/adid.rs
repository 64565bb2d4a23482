//! `adid`, H.248.40: no application data flows (the event's and its parameters' names are recalled).

use super::{number, time};
use crate::{
    gateway::{event::StreamsOf, stream::Leg},
    wire::h248::{EventSpec, PkgdName, RequestedEvent, StreamId, Value},
};
use std::time::{Duration, Instant};

/// The direction in which nothing flows, seen from the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
    Both,
}

/// `adid/ipstop`, armed.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct Standstill {
    stream: Option<StreamId>,
    direction: Direction,
    longest: Duration,
    /// Octets so far, when last looked.
    octets: u64,
    since: Instant,
    next: Instant,
    told: bool,
}

impl Standstill {
    /// `dt` is in seconds, 0 is never; `dir` is `BOTH` if not said.
    pub(super) fn of(now: Instant, requested: &RequestedEvent<'_>, streams: &StreamsOf) -> Option<Self> {
        let longest = time(number(requested, "dt").filter(|seconds| *seconds > 0)?, Duration::from_secs(1));
        let given = requested.parameters.iter().find(|given| given.name == "dir");
        let direction = given.and_then(|given| given.value.single()).map(Value::as_str).unwrap_or_default();
        let direction = match direction {
            word if word.eq_ignore_ascii_case("IN") => Direction::In,
            word if word.eq_ignore_ascii_case("OUT") => Direction::Out,
            _ => Direction::Both,
        };
        let mut armed =
            Self { stream: requested.stream, direction, longest, octets: 0, since: now, next: now, told: false };
        armed.octets = armed.count(streams);
        armed.next = now + armed.step();
        requested.name.covers(&name()).then_some(armed)
    }

    /// Nothing is looked at any more once it was told.
    pub(super) fn due(&self) -> Option<Instant> {
        (!self.told).then_some(self.next)
    }

    pub(super) fn elapsed(&mut self, now: Instant, streams: &StreamsOf) -> Option<EventSpec<'static>> {
        if self.told || now < self.next {
            return None;
        }
        let octets = self.count(streams);
        if octets != self.octets {
            self.octets = octets;
            self.since = now;
        }
        self.told = now >= self.since + self.longest;
        self.next = now + self.step();
        self.told.then(|| EventSpec { stream: self.stream, ..EventSpec::new(name()) })
    }

    /// Octets are counted where they flow, and looked at four times in `dt`.
    fn step(&self) -> Duration {
        self.longest / 4
    }

    fn count(&self, streams: &StreamsOf) -> u64 {
        let concerned = streams.iter().filter(|(id, _)| self.stream.is_none_or(|wanted| wanted == **id));
        let legs = concerned.filter_map(|(_, stream)| stream.leg.as_ref());
        let octets = |leg: &Leg| match self.direction {
            Direction::In => leg.counters.received(),
            Direction::Out => leg.counters.sent(),
            Direction::Both => leg.counters.received().wrapping_add(leg.counters.sent()),
        };
        legs.map(octets).fold(0, u64::wrapping_add)
    }
}

fn name() -> PkgdName<'static> {
    PkgdName::new("adid", "ipstop")
}

#[cfg(test)]
mod tests {
    use crate::gateway::{LegCommand, testing::Bench};
    use std::time::Duration;

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    #[test]
    fn a_direction_without_octets_for_so_long_is_told_once() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, ",E=5{adid/ipstop{dt=20,dir=IN}}");
        let Some((_, LegCommand::Open { counters, .. })) = bench.bearer().pop() else { panic!("a leg") };
        for _ in 0..10 {
            counters.add_received(1);
            assert!(bench.wait(Duration::from_secs(10)).is_empty());
        }
        counters.add_sent(9);
        let sent = bench.wait(Duration::from_secs(25));
        assert!(sent[0].1.ends_with("{OE=5{adid/ipstop}}}}"), "{sent:?}");
        bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        assert!(bench.wait(Duration::from_secs(1000)).is_empty());
    }

    #[test]
    fn inactivity_needs_a_time_and_a_direction_that_exists() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        let with = |event: &str| format!("C=1{{MF=ip/access/1{{E=1{{{event}}}}}}}");
        assert_eq!(bench.error(&with("adid/ipstop")), 457);
        assert_eq!(bench.error(&with("adid/ipstop{dt=5,dir=UP}")), 449);
    }
}
