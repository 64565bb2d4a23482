//! IP packets from recorded octets: UDP as it was, TCP rebuilt.

use super::interface_of;
use crate::harness::transcript::{Route, TcpEvent};
use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader, UdpHeader};
use std::{collections::HashMap, net::SocketAddr};

/// One packet of the file.
pub(super) struct Packet {
    pub(super) interface: u32,
    pub(super) time_us: u64,
    pub(super) octets: Vec<u8>,
}

/// An interface's number and the packet's octets.
type Made = (u32, Vec<u8>);

/// Payload of one segment: below the MTU of any link, so that nobody sees jumbo frames.
const SEGMENT: usize = 1400;

const HOPS: u8 = 64;
const WINDOW: u16 = 65_535;

/// A UDP datagram; none when it does not fit one or the addresses are of two kinds.
pub(super) fn datagram(route: &Route, octets: &[u8]) -> Option<Made> {
    let mut packet = Vec::new();
    let (source, destination) = (route.source.port(), route.destination.port());
    let builder: PacketBuilderStep<UdpHeader> = match (route.source, route.destination) {
        (SocketAddr::V4(s), SocketAddr::V4(d)) => {
            PacketBuilder::ipv4(s.ip().octets(), d.ip().octets(), HOPS).udp(source, destination)
        }
        (SocketAddr::V6(s), SocketAddr::V6(d)) => {
            PacketBuilder::ipv6(s.ip().octets(), d.ip().octets(), HOPS).udp(source, destination)
        }
        _ => return None,
    };
    builder.write(&mut packet, octets).ok()?;
    Some((interface_of(route.link), packet))
}

/// One direction of a connection.
#[derive(Default, Clone, Copy)]
struct Half {
    next: u32,
    finished: bool,
}

/// The TCP connections of a transcript, as far as they have come.
#[derive(Default)]
pub(super) struct Segments {
    halves: HashMap<(SocketAddr, SocketAddr), Half>,
    begun: u32,
}

/// What a segment does besides carrying octets.
#[derive(Default, Clone, Copy)]
struct Flags {
    syn: bool,
    fin: bool,
    rst: bool,
    /// Nothing to acknowledge: the very first SYN.
    alone: bool,
}

impl Segments {
    /// Packets for an event.
    pub(super) fn event(&mut self, route: &Route, event: TcpEvent) -> Vec<Made> {
        let back = route.reversed();
        let mut made = Vec::new();
        match event {
            TcpEvent::Connecting => made.extend(self.syn(route)),
            TcpEvent::Established => made.extend(self.establish(route)),
            TcpEvent::Refused => {
                if !self.halves.contains_key(&key(&back)) {
                    made.extend(self.syn(&back));
                }
                made.extend(self.send(route, Flags { rst: true, ..Flags::default() }, &[], 0));
                self.forget(route);
            }
            // Nobody answered the SYN.
            TcpEvent::TimedOut => self.forget(route),
            TcpEvent::Fin => {
                made.extend(self.implicit(route));
                made.extend(self.send(route, Flags { fin: true, ..Flags::default() }, &[], 0));
                let finished = |route: &Route| self.halves.get(&key(route)).is_some_and(|half| half.finished);
                if finished(route) && finished(&back) {
                    made.extend(self.send(&back, Flags::default(), &[], 0));
                    self.forget(route);
                }
            }
            TcpEvent::Reset => {
                made.extend(self.implicit(route));
                made.extend(self.send(route, Flags { rst: true, ..Flags::default() }, &[], 0));
                self.forget(route);
            }
        }
        made
    }

    /// Packets for octets; `length` is how many there were, also when they were not kept: then sequence numbers jump.
    pub(super) fn octets(&mut self, route: &Route, octets: &[u8], length: u64) -> Vec<Made> {
        let mut made = self.implicit(route);
        for part in octets.chunks(SEGMENT) {
            made.extend(self.send(route, Flags::default(), part, 0));
        }
        let missing = length.saturating_sub(octets.len() as u64);
        if let Some(half) = self.halves.get_mut(&key(route)) {
            // Sequence numbers count modulo 2^32. RFC 9293 section 3.4.
            half.next = half.next.wrapping_add((missing % (1 << 32)) as u32);
        }
        made
    }

    fn syn(&mut self, route: &Route) -> Option<Made> {
        self.begun = self.begun.wrapping_add(1);
        let half = Half { next: self.begun.wrapping_mul(0x0100_0000), finished: false };
        self.halves.insert(key(route), half);
        self.halves.remove(&key(&route.reversed()));
        self.send(route, Flags { syn: true, alone: true, ..Flags::default() }, &[], 1)
    }

    fn establish(&mut self, route: &Route) -> Vec<Made> {
        let back = route.reversed();
        let mut made = Vec::new();
        if !self.halves.contains_key(&key(route)) || self.halves.contains_key(&key(&back)) {
            made.extend(self.syn(route));
        }
        let half = Half { next: self.begun.wrapping_mul(0x0100_0000).wrapping_add(0x0080_0000), finished: false };
        self.halves.insert(key(&back), half);
        made.extend(self.send(&back, Flags { syn: true, ..Flags::default() }, &[], 1));
        made.extend(self.send(route, Flags::default(), &[], 0));
        made
    }

    /// A connection whose beginning was not recorded gets one.
    fn implicit(&mut self, route: &Route) -> Vec<Made> {
        let known = [*route, route.reversed()].iter().all(|route| self.halves.contains_key(&key(route)));
        if known { Vec::new() } else { self.establish(route) }
    }

    fn forget(&mut self, route: &Route) {
        self.halves.remove(&key(route));
        self.halves.remove(&key(&route.reversed()));
    }

    fn send(&mut self, route: &Route, flags: Flags, octets: &[u8], counted: u32) -> Option<Made> {
        let acknowledged = self.halves.get(&key(&route.reversed())).map_or(0, |half| half.next);
        let half = self.halves.entry(key(route)).or_default();
        let mut header = TcpHeader::new(route.source.port(), route.destination.port(), half.next, WINDOW);
        header.syn = flags.syn;
        header.fin = flags.fin;
        header.rst = flags.rst;
        header.psh = !octets.is_empty();
        header.ack = !flags.alone;
        header.acknowledgment_number = if flags.alone { 0 } else { acknowledged };
        half.finished |= flags.fin;
        let length = u32::try_from(octets.len()).unwrap_or(0);
        half.next = half.next.wrapping_add(length).wrapping_add(counted.max(u32::from(flags.fin)));
        let mut packet = Vec::new();
        let builder = match (route.source, route.destination) {
            (SocketAddr::V4(s), SocketAddr::V4(d)) => {
                PacketBuilder::ipv4(s.ip().octets(), d.ip().octets(), HOPS).tcp_header(header)
            }
            (SocketAddr::V6(s), SocketAddr::V6(d)) => {
                PacketBuilder::ipv6(s.ip().octets(), d.ip().octets(), HOPS).tcp_header(header)
            }
            _ => return None,
        };
        builder.write(&mut packet, octets).ok()?;
        Some((interface_of(route.link), packet))
    }
}

const fn key(route: &Route) -> (SocketAddr, SocketAddr) {
    (route.source, route.destination)
}
