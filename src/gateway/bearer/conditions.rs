//! What packages add to a leg: who may connect, how its bearer hangs together with the other leg's, how fast it is read,
//! and what the MGC orders by signal.

use super::{LegId, connection::Connection, relay::Relay};
use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    time::{Duration, Instant},
};

/// What packages add to a [`LegSetup`](super::LegSetup).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions {
    /// From where a peer may connect (`gm`).
    pub source: SourceFilter,
    /// How the bearer hangs together with the other leg's (`seplink`).
    pub linkage: Linkage,
    /// How fast it is read (`tman`).
    pub police: Option<Police>,
    /// The differentiated services code point of what is sent (`ds`), 0 to 63.
    pub dscp: Option<u8>,
}

/// From where a peer may connect; from anywhere by default. H.248.43.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceFilter {
    /// A network: an address of it and the length of its prefix in bits.
    pub network: Option<(IpAddr, u8)>,
    /// Ports.
    pub ports: Option<RangeInclusive<u16>>,
}

impl SourceFilter {
    /// Whether a peer at this address may connect.
    pub fn admits(&self, from: SocketAddr) -> bool {
        self.network.is_none_or(|(network, prefix)| is_within(from.ip(), network, prefix))
            && self.ports.as_ref().is_none_or(|ports| ports.contains(&from.port()))
    }
}

fn is_within(address: IpAddr, network: IpAddr, prefix: u8) -> bool {
    let (address, network, bits) = match (address.to_canonical(), network.to_canonical()) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (address.to_bits().into(), network.to_bits().into(), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    let differs: u128 = address ^ network;
    differs.checked_shr(u32::from(bits - prefix.min(bits))).unwrap_or(0) == 0
}

/// How a leg's bearer hangs together with that of the stream's other leg. H.248.92, contents assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Linkage {
    /// A TCP client connects when the other leg's bearer is established, and not before.
    pub establishment: bool,
    /// The end of this bearer ends the other leg's.
    pub release: bool,
}

impl Default for Linkage {
    fn default() -> Self {
        Self { establishment: false, release: true }
    }
}

/// A rate at which octets are read; flow control holds the peer to it, so nothing is lost. H.248.53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Police {
    /// Octets a second, above 0.
    pub rate: u32,
    /// Octets that may come at once.
    pub burst: u32,
}

/// What the MGC orders by signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Establish the bearer: connect once more, start TLS (`tcpbcc/estbnc`, `tlsbsc/estbnc`).
    Establish,
    /// Release the bearer and keep the leg (`tcpbcc/relbnc`).
    Release,
    /// How to treat a peer from an unexpected address (`ipnapt/latch`).
    Latch(Latch),
}

/// The `napt` parameter of `ipnapt/latch`. H.248.37.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Latch {
    /// Only peers the source filter admits.
    Off,
    /// The first peer is taken from wherever it comes, and then only its address.
    Latch,
    /// The same, forgetting the address latched before.
    Relatch,
}

/// Whom a leg that latches takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Latched {
    #[default]
    Off,
    Waiting,
    To(IpAddr),
}

/// What a rate leaves to be read now.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bucket {
    /// When all that was read so far is paid for by the rate.
    paid: Option<Instant>,
    /// Nothing is read until then.
    pub(super) paused: Option<Instant>,
}

impl Bucket {
    pub(super) fn take(&mut self, now: Instant, octets: usize, police: Police) {
        let rate = u64::from(police.rate.max(1));
        let cost = |octets: u64| Duration::from_nanos(octets.saturating_mul(1_000_000_000) / rate);
        let paid = self.paid.unwrap_or(now).max(now) + cost(octets as u64);
        let resume = paid.checked_sub(cost(police.burst.into())).unwrap_or(now);
        self.paid = Some(paid);
        self.paused = (resume > now).then_some(resume);
    }
}

impl Relay {
    /// Does what the MGC orders by signal.
    pub(super) fn order(&mut self, now: Instant, leg: LegId, order: Order) {
        let Some(found) = self.legs.get_mut(&leg).filter(|found| !found.releasing) else { return };
        match (order, found.owner) {
            (Order::Latch(Latch::Off), _) => found.latched = Latched::Off,
            (Order::Latch(Latch::Latch), _) if found.latched != Latched::Off => {}
            (Order::Latch(_), _) => found.latched = Latched::Waiting,
            (Order::Establish, Some(owner)) => self.update_owner(now, leg, owner),
            (Order::Establish, None) => self.connect(now, leg),
            (Order::Release, _) => self.end(now, leg),
        }
    }

    /// May a peer at this address connect to the leg?
    pub(super) fn admits(&self, leg: LegId, from: SocketAddr) -> bool {
        self.legs.get(&leg).is_some_and(|found| match found.latched {
            Latched::Off => found.setup.conditions.source.admits(from),
            Latched::Waiting => true,
            Latched::To(ip) => ip == from.ip(),
        })
    }

    /// The leg's bearer is established with this peer.
    pub(super) fn latch(&mut self, leg: LegId, peer: SocketAddr) {
        if let Some(found) = self.legs.get_mut(&leg).filter(|found| found.latched == Latched::Waiting) {
            found.latched = Latched::To(peer.ip());
        }
    }

    /// Whether the leg may not connect yet: it waits for the other leg's bearer.
    pub(super) fn awaits_other(&self, leg: LegId) -> bool {
        let linked = self.legs.get(&leg).is_some_and(|found| found.setup.conditions.linkage.establishment);
        let other = || self.counterpart(leg).and_then(|other| self.legs.get(&other)?.owner);
        linked && other().is_none()
    }

    /// The other leg follows when it waited for this one.
    pub(super) fn establish_other(&mut self, now: Instant, leg: LegId) {
        let Some(other) = self.counterpart(leg) else { return };
        let waits = |relay: &Self| {
            let found = relay.legs.get(&other)?;
            Some(found.setup.conditions.linkage.establishment && found.owner.is_none())
        };
        if waits(self) == Some(true) {
            self.establish(now, other);
        }
    }

    /// Octets came in: a rate may stop reading for a while.
    pub(super) fn police(&mut self, now: Instant, leg: LegId, octets: usize) {
        if let Some(found) = self.legs.get_mut(&leg)
            && let Some(police) = found.setup.conditions.police
        {
            found.bucket.take(now, octets, police);
        }
    }

    /// Ends the leg's bearer in order, as its peer could have.
    fn end(&mut self, now: Instant, leg: LegId) {
        let far = self.spreads_to(leg);
        let connections: Vec<_> = self
            .of_leg(leg)
            .filter(|(_, found)| !found.is_closing())
            .map(|(id, found)| (id, found.is_carrying()))
            .collect();
        for (id, carrying) in connections {
            if carrying {
                self.report_ended(leg, super::FailureCause::Released);
            }
            self.leave(now, id, Connection::finish);
        }
        if let Some(far) = far {
            self.end_direction(now, far);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_takes_its_network_and_ports_and_nobody_else() {
        let filter = SourceFilter { network: Some(([192, 0, 2, 0].into(), 24)), ports: Some(7..=9) };
        for (from, admitted) in [
            ("192.0.2.77:8", true),
            ("192.0.2.77:10", false),
            ("192.0.3.77:8", false),
            ("[::ffff:192.0.2.77]:8", true),
            ("[2001:db8::1]:8", false),
        ] {
            assert_eq!(filter.admits(from.parse().unwrap()), admitted, "{from}");
        }
        assert!(SourceFilter::default().admits("192.0.2.77:8".parse().unwrap()));
        assert!(is_within([1, 2, 3, 4].into(), [9, 9, 9, 9].into(), 0));
        assert!(!is_within([1, 2, 3, 4].into(), [1, 2, 3, 5].into(), 99));
    }

    #[test]
    fn a_burst_goes_at_once_and_what_follows_at_the_rate() {
        #[expect(clippy::disallowed_methods, reason = "any instant serves as the origin of virtual time")]
        let now = Instant::now();
        let police = Police { rate: 1000, burst: 500 };
        let mut bucket = Bucket::default();
        bucket.take(now, 500, police);
        assert_eq!(bucket.paused, None);
        bucket.take(now, 1000, police);
        assert_eq!(bucket.paused, Some(now + Duration::from_secs(1)));
        bucket.take(now + Duration::from_secs(9), 100, police);
        assert_eq!(bucket.paused, None);
    }
}
