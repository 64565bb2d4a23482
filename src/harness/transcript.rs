//! Everything one scenario saw on the wire, in time order: the evidence.
//!
//! A [`Transcript`] is a handle: clone it into every peer of the scenario. Each peer records what it sends and what it
//! receives, with a [`Route`] that names the sender first. Two readings are made from it: [`Transcript::frames`] for ladder
//! and checks, and the trace file ([`super::pcap::trace`]). Memory is bounded by [`Limits`]; what did not fit is counted,
//! never silently lost.
//!
//! Octets of a TCP connection are recorded twice: raw, as they crossed the socket, and as the application messages found in
//! them. Only the messages (and raw octets that open TLS) become frames.

mod summary;

use super::mgc::Fate;
use crate::results::{Frame, Lane, Link, Protocol};
use rustls::KeyLog;
use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// Who sent to whom, and where. The sender stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Interface of the gateway that was crossed.
    pub link: Link,
    /// Sender.
    pub from: Lane,
    /// Receiver.
    pub to: Lane,
    /// Sender's socket address.
    pub source: SocketAddr,
    /// Receiver's socket address.
    pub destination: SocketAddr,
}

impl Route {
    /// The lane is one of its ends.
    #[must_use]
    pub fn involves(&self, lane: Lane) -> bool {
        self.from == lane || self.to == lane
    }

    /// The way back.
    #[must_use]
    pub const fn reversed(self) -> Self {
        let Self { link, from, to, source, destination } = self;
        Self { link, from: to, to: from, source: destination, destination: source }
    }
}

/// What happened to a TCP connection. The route's sender is the side that caused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TcpEvent {
    /// The sender began an active open.
    Connecting,
    /// The sender's active open succeeded.
    Established,
    /// The sender answered an active open with a reset.
    Refused,
    /// Nobody answered the sender's active open within its bound.
    TimedOut,
    /// The sender has no more octets.
    Fin,
    /// The sender gave the connection up.
    Reset,
}

/// What happened to a TLS session. The route's sender is the side that caused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsEvent {
    /// The handshake is complete and the peer verified, as the recording side sees it.
    Complete {
        /// `TLS 1.2` or `TLS 1.3`.
        version: &'static str,
        /// The cipher suite's registered name.
        cipher: String,
    },
    /// The sender sent this alert, by its RFC 8446 name.
    Alert(String),
    /// The recording side gave up, and why.
    Failed(String),
}

/// One thing to record.
#[derive(Debug, Clone)]
pub enum Event {
    /// An H.248 message that is a UDP datagram.
    Datagram(Arc<[u8]>),
    /// Something happened to a TCP connection.
    Tcp(TcpEvent),
    /// Octets of a TCP connection as they crossed the socket: TLS records, or the plain stream.
    Octets(Arc<[u8]>),
    /// Something happened to a TLS session.
    Tls(TlsEvent),
    /// The network we play did something to an H.248 datagram. One that was lost on its way to us stands nowhere else; all others
    /// are datagrams of their own as we sent or received them.
    Network {
        /// What.
        fate: Fate,
        /// The datagram.
        octets: Arc<[u8]>,
    },
    /// An application message on a TCP connection, after decryption.
    Message {
        /// Its protocol.
        protocol: Protocol,
        /// It travelled inside TLS.
        secured: bool,
        /// The message.
        octets: Arc<[u8]>,
    },
}

impl Event {
    /// An H.248 datagram.
    #[must_use]
    pub fn datagram(octets: &[u8]) -> Self {
        Self::Datagram(octets.into())
    }

    /// Raw octets of a TCP connection.
    #[must_use]
    pub fn octets(octets: &[u8]) -> Self {
        Self::Octets(octets.into())
    }

    /// An application message on a TCP connection.
    #[must_use]
    pub fn message(protocol: Protocol, secured: bool, octets: &[u8]) -> Self {
        Self::Message { protocol, secured, octets: octets.into() }
    }

    /// The octets it carries; empty for events.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        match self {
            Self::Datagram(octets)
            | Self::Octets(octets)
            | Self::Network { octets, .. }
            | Self::Message { octets, .. } => octets,
            Self::Tcp(_) | Self::Tls(_) => &[],
        }
    }

    fn forget_octets(&mut self) {
        if let Self::Datagram(octets)
        | Self::Octets(octets)
        | Self::Network { octets, .. }
        | Self::Message { octets, .. } = self
        {
            *octets = Arc::new([]);
        }
    }

    /// Raw octets that a ladder leaves out, because the messages in them are frames of their own.
    fn is_detail(&self) -> bool {
        match self {
            // Content types change_cipher_spec and handshake, RFC 8446 section 5.1; alerts are events.
            Self::Octets(octets) => !matches!(octets[..], [20 | 22, 3, _, ..]),
            _ => false,
        }
    }
}

/// A recorded event.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Frame number, from 1.
    pub number: u32,
    /// µs since the transcript began.
    pub time_us: u64,
    /// Who sent to whom.
    pub route: Route,
    /// What.
    pub event: Event,
    /// True length of the event's octets, also when they were not kept.
    pub length: u64,
}

impl Entry {
    /// What it says, in one line; `None` for raw octets whose messages are entries of their own.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        (!self.event.is_detail()).then(|| summary::frame(self).summary)
    }
}

/// A step of the scenario began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMark {
    /// The step's wording.
    pub name: String,
    /// Number of the last frame before it; 0 = none.
    pub after: u32,
}

/// How much one transcript keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of all events together; later octets are measured but not kept.
    pub octets: usize,
    /// Events; later ones are counted only.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { octets: 32 << 20, entries: 100_000 }
    }
}

/// Handle on the evidence of one scenario; clones share it.
#[derive(Clone)]
pub struct Transcript(Arc<Shared>);

struct Shared {
    began: Instant,
    began_wall: SystemTime,
    limits: Limits,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    entries: Vec<Entry>,
    steps: Vec<StepMark>,
    key_log: String,
    octets: usize,
    omitted: u64,
}

/// Key log lines of one scenario fit easily; a peer that renegotiates for ever must not fill memory.
const KEY_LOG_LIMIT: usize = 1 << 20;

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}

impl Transcript {
    /// An empty transcript that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// An empty transcript with other bounds.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        let log = Mutex::new(Log::default());
        Self(Arc::new(Shared { began: Instant::now(), began_wall: SystemTime::now(), limits, log }))
    }

    /// Records one event and returns its frame number. When the transcript is full this is the last number given.
    pub fn record(&self, route: Route, mut event: Event) -> u32 {
        let mut log = self.log();
        // The clock is read under the lock, so that numbers and times have one order.
        let time_us = self.elapsed_us();
        let length = event.payload().len();
        let last = log.entries.last().map_or(0, |entry| entry.number);
        if log.entries.len() >= self.0.limits.entries {
            log.omitted += 1;
            return last;
        }
        if log.octets.saturating_add(length) > self.0.limits.octets {
            event.forget_octets();
            log.omitted += 1;
        } else {
            log.octets += length;
        }
        let number = last.saturating_add(1);
        log.entries.push(Entry { number, time_us, route, event, length: length as u64 });
        number
    }

    /// Marks the beginning of a step.
    pub fn step(&self, name: impl Into<String>) {
        let mut log = self.log();
        let after = log.entries.last().map_or(0, |entry| entry.number);
        if log.steps.len() < self.0.limits.entries {
            log.steps.push(StepMark { name: name.into(), after });
        }
    }

    /// µs since the transcript began.
    #[must_use]
    pub fn elapsed_us(&self) -> u64 {
        u64::try_from(self.0.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// When the transcript began, as time since the Unix epoch.
    #[must_use]
    pub fn began(&self) -> Duration {
        self.0.began_wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }

    /// Number of the latest frame; 0 = none.
    #[must_use]
    pub fn last(&self) -> u32 {
        self.log().entries.last().map_or(0, |entry| entry.number)
    }

    /// Where TLS stacks put the secrets of their sessions.
    #[must_use]
    pub fn key_log(&self) -> Arc<dyn KeyLog> {
        Arc::new(Secrets(self.clone()))
    }

    /// The secrets of every TLS session, as NSS key log lines.
    #[must_use]
    pub fn secrets(&self) -> String {
        self.log().key_log.clone()
    }

    /// Every recorded event, in order. Octets are shared, not copied.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.log().entries.clone()
    }

    /// Every step, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<StepMark> {
        self.log().steps.clone()
    }

    /// Events that were not recorded in full, because the transcript was full.
    #[must_use]
    pub fn omitted(&self) -> u64 {
        self.log().omitted
    }

    /// What a ladder shows: messages, TCP and TLS events, handshake flights, with summary and decode tree.
    /// Other raw octets are only in the trace file, so numbers may skip.
    #[must_use]
    pub fn frames(&self) -> Vec<Frame> {
        self.entries().iter().filter(|entry| !entry.event.is_detail()).map(summary::frame).collect()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // A panicking recorder leaves the log whole: every change is one push.
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript").field("last", &self.last()).finish_non_exhaustive()
    }
}

/// A rustls key log that ends in a transcript.
#[derive(Debug)]
struct Secrets(Transcript);

impl KeyLog for Secrets {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        let mut log = self.0.log();
        // Both ends of a session may be ours, and say the same.
        if log.key_log.len() + line.len() <= KEY_LOG_LIMIT && !log.key_log.contains(&line) {
            log.key_log.push_str(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route() -> Route {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Route { link: Link::Access, from: Lane::UeA, to: Lane::Mg, source: address(1000), destination: address(2000) }
    }

    #[test]
    fn numbers_count_from_one_and_times_never_fall() {
        let transcript = Transcript::new();
        let numbers: Vec<u32> = (0..3).map(|_| transcript.record(route(), Event::Tcp(TcpEvent::Fin))).collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert!(transcript.entries().is_sorted_by_key(|entry| entry.time_us));
    }

    #[test]
    fn a_full_transcript_counts_what_it_leaves_out() {
        let transcript = Transcript::with_limits(Limits { octets: 5, entries: 3 });
        transcript.record(route(), Event::octets(b"1234"));
        transcript.record(route(), Event::octets(b"5678"));
        let last = transcript.record(route(), Event::octets(b"9"));
        assert_eq!(transcript.record(route(), Event::octets(b"x")), last);
        let kept: Vec<(usize, u64)> =
            transcript.entries().iter().map(|entry| (entry.event.payload().len(), entry.length)).collect();
        assert_eq!(kept, [(4, 4), (0, 4), (1, 1)]);
        assert_eq!(transcript.omitted(), 2);
    }

    #[test]
    fn raw_octets_are_no_frames_but_handshake_flights_are() {
        let transcript = Transcript::new();
        transcript.record(route(), Event::octets(b"MSRP abcd SEND\r\n"));
        transcript.record(route(), Event::octets(&[22, 3, 1, 0, 4, 1, 0, 0, 0]));
        transcript.record(route(), Event::octets(&[23, 3, 3, 0, 1, 0]));
        let frames = transcript.frames();
        assert_eq!(frames.len(), 1);
        assert_eq!((frames[0].number, frames[0].protocol), (2, Protocol::Tls));
    }

    #[test]
    fn the_same_secret_is_logged_once() {
        let transcript = Transcript::new();
        transcript.key_log().log("CLIENT_RANDOM", &[1, 2], &[0xab]);
        transcript.key_log().log("CLIENT_RANDOM", &[1, 2], &[0xab]);
        assert_eq!(transcript.secrets(), "CLIENT_RANDOM 0102 ab\n");
    }
}
