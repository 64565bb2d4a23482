//! The network between our controller and the gateway, made to misbehave: the same way for the same seed.

use std::{collections::VecDeque, net::SocketAddr, sync::Arc};

/// A network that loses, duplicates and reorders datagrams, in both directions alike. Each datagram of a direction has its
/// fate by its place in that direction, so that a run can be repeated. It never loses more than two in a row of one
/// direction: what repeats itself gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Network {
    /// What the fates follow from.
    pub seed: u64,
    /// Datagrams lost, in thousandths.
    pub loss: u16,
    /// Datagrams that arrive twice, in thousandths.
    pub duplicate: u16,
    /// Datagrams that arrive after the next of their direction, in thousandths.
    pub reorder: u16,
}

/// What becomes of one datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It arrives.
    Passed,
    /// It does not.
    Lost,
    /// It arrives twice.
    Doubled,
    /// It arrives after the next.
    Delayed,
}

impl Fate {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Delayed => "delayed",
        }
    }
}

/// How many datagrams had which fate, both directions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fates {
    /// Arrived.
    pub passed: u32,
    /// Lost.
    pub lost: u32,
    /// Arrived twice.
    pub doubled: u32,
    /// Arrived after the next.
    pub delayed: u32,
}

impl Fates {
    fn count(&mut self, fate: Fate) {
        let count = match fate {
            Fate::Passed => &mut self.passed,
            Fate::Lost => &mut self.lost,
            Fate::Doubled => &mut self.doubled,
            Fate::Delayed => &mut self.delayed,
        };
        *count = count.saturating_add(1);
    }
}

/// A datagram and its other end.
pub(super) type Parcel = (SocketAddr, Arc<[u8]>);

/// Lost in a row at most.
const ROW: u8 = 2;
/// Held back at most; more pass.
const HELD: usize = 16;

/// One direction of the network.
#[derive(Debug)]
pub(super) struct Direction {
    network: Network,
    state: u64,
    in_a_row: u8,
    held: VecDeque<Parcel>,
    fates: Fates,
}

impl Direction {
    /// `salt` sets the directions apart.
    pub(super) const fn new(network: Network, salt: u64) -> Self {
        let (passed, lost, doubled, delayed) = (0, 0, 0, 0);
        let fates = Fates { passed, lost, doubled, delayed };
        Self { network, state: network.seed ^ salt, in_a_row: 0, held: VecDeque::new(), fates }
    }

    /// Splitmix64, in thousandths.
    fn draw(&mut self) -> u16 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % 1000) as u16
    }

    fn fate(&mut self) -> Fate {
        let Network { loss, duplicate, reorder, .. } = self.network;
        // Three draws for every datagram, so that one fate does not shift the others.
        let (lost, doubled, delayed) = (self.draw() < loss, self.draw() < duplicate, self.draw() < reorder);
        let fate = match () {
            () if lost && self.in_a_row < ROW => Fate::Lost,
            () if delayed && self.held.len() < HELD => Fate::Delayed,
            () if doubled => Fate::Doubled,
            () => Fate::Passed,
        };
        self.in_a_row = if fate == Fate::Lost { self.in_a_row + 1 } else { 0 };
        self.fates.count(fate);
        fate
    }

    /// What a datagram's fate is, and what arrives now, in order.
    pub(super) fn carry(&mut self, parcel: Parcel) -> (Fate, Vec<Parcel>) {
        let fate = self.fate();
        let arriving = match fate {
            Fate::Lost => Vec::new(),
            Fate::Delayed => {
                self.held.push_back(parcel);
                Vec::new()
            }
            Fate::Doubled => vec![parcel.clone(), parcel],
            Fate::Passed => vec![parcel],
        };
        let overtaken = if arriving.is_empty() { Vec::new() } else { self.release() };
        (fate, arriving.into_iter().chain(overtaken).collect())
    }

    /// What was held back, when nothing comes that could overtake it.
    pub(super) fn release(&mut self) -> Vec<Parcel> {
        self.held.drain(..).collect()
    }

    pub(super) const fn fates(&self) -> Fates {
        self.fates
    }
}

impl std::ops::Add for Fates {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed.saturating_add(other.passed),
            lost: self.lost.saturating_add(other.lost),
            doubled: self.doubled.saturating_add(other.doubled),
            delayed: self.delayed.saturating_add(other.delayed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(number: u8) -> Parcel {
        (SocketAddr::from(([127, 0, 0, 1], 9)), Arc::new([number]))
    }

    fn arrivals(network: Network) -> (Vec<u8>, Fates) {
        let mut direction = Direction::new(network, 1);
        let mut arrived: Vec<u8> =
            (0..200).flat_map(|number| direction.carry(parcel(number)).1).map(|(_, octets)| octets[0]).collect();
        arrived.extend(direction.release().iter().map(|(_, octets)| octets[0]));
        (arrived, direction.fates())
    }

    #[test]
    fn the_same_seed_is_the_same_network() {
        let network = Network { seed: 7, loss: 333, duplicate: 200, reorder: 200 };
        assert_eq!(arrivals(network), arrivals(network));
        assert_ne!(arrivals(network), arrivals(Network { seed: 8, ..network }));
    }

    #[test]
    fn a_network_without_faults_changes_nothing() {
        let (arrived, fates) = arrivals(Network { seed: 3, ..Network::default() });
        assert_eq!(arrived, (0..200).collect::<Vec<u8>>());
        assert_eq!(fates, Fates { passed: 200, ..Fates::default() });
    }

    #[test]
    fn every_fault_shows_in_what_arrives() {
        let lost = arrivals(Network { seed: 1, loss: 1000, ..Network::default() });
        assert_eq!((lost.1.lost, lost.0.len()), (134, 66));
        let doubled = arrivals(Network { seed: 1, duplicate: 1000, ..Network::default() });
        assert_eq!(doubled.0.len(), 400);
        let (reordered, fates) = arrivals(Network { seed: 1, reorder: 300, ..Network::default() });
        assert!(fates.delayed > 30 && !reordered.is_sorted() && reordered.len() == 200);
    }
}
