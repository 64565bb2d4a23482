//! One TCP connection of a leg, with its TLS session if it has one. It knows nothing of other connections.

use super::{
    FailureCause, LegId,
    msrp_b2bua::Direction,
    msrp_switch::Input,
    relay::{HALF_CLOSE_TIMEOUT, LINGER_TIMEOUT},
    tls::{Judgement, PeerJudge, TlsSession},
};
use std::{mem, net::SocketAddr, time::Instant};

/// A connection of a relay. Never reused within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u32);

/// How a TCP connection ended for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TcpEnd {
    /// The peer sent FIN: it will send nothing more.
    Fin,
    /// The connection is gone.
    Reset,
}

/// Application octets that may wait for one connection before its counterpart is no longer read.
const OUTBOUND_LIMIT: usize = 64 * 1024;

/// Above what forwarding leaves: a peer that makes its gateway answer (key updates) and never reads gets no more answers.
const OUTBOUND_FLOOD: usize = 4 * OUTBOUND_LIMIT;

/// Where a connection stands. TR figure 4.3.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Phase I: SYN sent.
    Connecting {
        /// Given up then.
        until: Instant,
    },
    /// Phase II: TLS is being established.
    Handshaking {
        /// Given up then, however fast or slowly octets come.
        until: Instant,
    },
    /// TLS is up with a peer nobody signalled yet.
    Held {
        /// Given up then.
        until: Instant,
    },
    /// The leg's bearer: its peer owns the leg.
    Carrying {
        /// The gateway has ended its direction and gives the peer this long to end its own.
        half_closed: Option<Instant>,
    },
    /// No longer the leg's: what waits goes out, then FIN; what comes in is thrown away.
    Closing {
        /// Cut off then.
        until: Instant,
    },
}

/// What the peer sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Incoming {
    /// More may come.
    Open,
    /// It ended, but what came before was not all delivered.
    Ended(FailureCause),
    /// It ended, and that was passed on and reported.
    Concluded,
}

/// What the gateway sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outgoing {
    /// More may go.
    Open,
    /// When the octets that wait are out, FIN.
    Finishing,
    /// When the octets that wait are out, reset.
    Aborting,
    /// FIN was sent.
    Finished,
}

/// One TCP connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) leg: LegId,
    pub(super) peer: SocketAddr,
    pub(super) stage: Stage,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
    pub(super) tcp_ended: bool,
    /// While others wait for this one to take what waits for it: when it is given up.
    pub(super) stalled_until: Option<Instant>,
    /// The MSRP it brings, where that is taken apart.
    pub(super) input: Option<Box<Input>>,
    tls: Option<Box<dyn TlsSession>>,
    /// What it sends, where the gateway reads MSRP; nothing between frames.
    pub(super) msrp: Option<Box<Direction>>,
    inbound: Vec<u8>,
    outbound: Outbound,
}

impl Connection {
    pub(super) fn new(leg: LegId, peer: SocketAddr, stage: Stage) -> Self {
        Self {
            leg,
            peer,
            stage,
            incoming: Incoming::Open,
            outgoing: Outgoing::Open,
            tcp_ended: false,
            stalled_until: None,
            input: None,
            tls: None,
            msrp: None,
            inbound: Vec::new(),
            outbound: Outbound::default(),
        }
    }

    /// It is another relay's now: nobody there waits for it yet, and no frame half written was for a peer there.
    pub(super) fn arrive(&mut self) {
        self.stalled_until = None;
        if let Some(direction) = &mut self.msrp {
            direction.forget_sink();
        }
    }

    /// When this connection is looked at again though nothing happens.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Connecting { until }
            | Stage::Handshaking { until }
            | Stage::Held { until }
            | Stage::Closing { until } => Some(until),
            Stage::Carrying { half_closed } => half_closed.into_iter().chain(self.stalled_until).min(),
        }
    }

    pub(super) const fn is_secured(&self) -> bool {
        self.tls.is_some()
    }

    pub(super) const fn is_closing(&self) -> bool {
        matches!(self.stage, Stage::Closing { .. })
    }

    pub(super) const fn is_carrying(&self) -> bool {
        matches!(self.stage, Stage::Carrying { .. })
    }

    /// Neither direction has ended.
    pub(super) fn is_open(&self) -> bool {
        self.incoming == Incoming::Open && self.outgoing == Outgoing::Open
    }

    /// Octets the far leg has not taken yet hold back those that follow them: that is the flow control.
    pub(super) fn wants_read(&self) -> bool {
        match self.stage {
            Stage::Connecting { .. } => false,
            Stage::Closing { .. } => !self.tcp_ended,
            Stage::Handshaking { .. } | Stage::Held { .. } | Stage::Carrying { .. } => {
                !self.tcp_ended && self.inbound.is_empty() && self.outbound.len() < OUTBOUND_FLOOD
            }
        }
    }

    /// Puts TLS on the connection. Octets already received but not delivered are its first.
    pub(super) fn secure(&mut self, session: Box<dyn TlsSession>) -> Result<(), FailureCause> {
        self.tls = Some(session);
        let early = mem::take(&mut self.inbound);
        self.receive(&early)
    }

    /// Takes octets from TCP.
    pub(super) fn receive(&mut self, octets: &[u8]) -> Result<(), FailureCause> {
        if self.is_closing() || self.incoming != Incoming::Open {
            return Ok(());
        }
        let Some(tls) = &mut self.tls else {
            self.inbound.extend_from_slice(octets);
            return Ok(());
        };
        let taken = tls.receive(octets, &mut self.inbound);
        if tls.peer_has_closed() {
            self.incoming = Incoming::Ended(FailureCause::Released);
        }
        tls.flush(self.outbound.tail());
        taken
    }

    /// TCP ended for reading. Under TLS that is no end unless close_notify came before (RFC 5246 section 7.2.1).
    pub(super) fn tcp_ended(&mut self, how: TcpEnd) {
        self.tcp_ended = true;
        if how == TcpEnd::Reset {
            self.outbound.clear();
            self.outgoing = Outgoing::Finished;
        }
        if self.incoming == Incoming::Open {
            self.incoming = Incoming::Ended(match how {
                TcpEnd::Reset => FailureCause::TcpReset,
                TcpEnd::Fin if self.is_secured() => FailureCause::TlsTruncated,
                TcpEnd::Fin => FailureCause::Released,
            });
        }
    }

    /// Whether the bearer is gone although its peer had ended it in order before.
    pub(super) fn is_cut(&self) -> bool {
        self.tcp_ended && self.incoming == Incoming::Concluded && self.outgoing == Outgoing::Finished
    }

    /// TLS broke after it was established: nothing that follows can be read.
    pub(super) fn break_off(&mut self, cause: FailureCause) {
        if self.incoming == Incoming::Open {
            self.incoming = Incoming::Ended(cause);
        }
    }

    /// The judgement on the peer at the end of the handshake; `None` while it goes on.
    pub(super) fn judge(&self, judge: &PeerJudge) -> Option<Judgement> {
        let tls = self.tls.as_ref()?;
        let judgement = || if tls.proves_key() { Judgement::Accepted } else { judge.judge(tls.peer_certificate()) };
        (!tls.is_handshaking()).then(judgement)
    }

    pub(super) fn presented_certificate(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.peer_certificate().is_some())
    }

    pub(super) const fn has_inbound(&self) -> bool {
        !self.inbound.is_empty()
    }

    /// Application octets received and not delivered yet.
    pub(super) fn take_inbound(&mut self) -> Vec<u8> {
        mem::take(&mut self.inbound)
    }

    /// Gives octets back that nobody has room for yet.
    pub(super) fn return_inbound(&mut self, octets: Vec<u8>) {
        self.inbound = octets;
    }

    /// Nothing more of what the peer sends is taken, whether it ended or not.
    pub(super) fn condemn(&mut self, cause: FailureCause) {
        if self.incoming != Incoming::Concluded {
            self.inbound = Vec::new();
            self.incoming = Incoming::Ended(cause);
        }
    }

    /// Whether application octets can be sent now.
    pub(super) fn has_room(&self) -> bool {
        self.outgoing == Outgoing::Open && self.outbound.len() < OUTBOUND_LIMIT
    }

    /// Whether octets that wait for it keep others waiting.
    pub(super) fn is_full(&self) -> bool {
        self.outgoing == Outgoing::Open && self.outbound.len() >= OUTBOUND_LIMIT
    }

    /// Sends the gateway's own words, unless its direction has ended.
    pub(super) fn answer(&mut self, octets: Vec<u8>) -> Result<(), FailureCause> {
        if octets.is_empty() || self.outgoing != Outgoing::Open { Ok(()) } else { self.send(octets) }
    }

    /// Sends application octets.
    pub(super) fn send(&mut self, octets: Vec<u8>) -> Result<(), FailureCause> {
        let Some(tls) = &mut self.tls else {
            self.outbound.push(octets);
            return Ok(());
        };
        tls.send(&octets)?;
        tls.flush(self.outbound.tail());
        Ok(())
    }

    /// Ends the gateway's direction in order: what waits, close_notify, FIN (TR 4.3.4).
    pub(super) fn finish(&mut self) {
        if self.outgoing == Outgoing::Open {
            if let Some(tls) = &mut self.tls {
                tls.close();
                tls.flush(self.outbound.tail());
            }
            self.outgoing = Outgoing::Finishing;
        }
    }

    /// Ends the gateway's direction so that the peer does not take it for the end of what was to be sent: TLS without
    /// close_notify, TCP with a reset.
    pub(super) const fn truncate(&mut self) {
        if matches!(self.outgoing, Outgoing::Open) {
            self.outgoing = if self.is_secured() { Outgoing::Finishing } else { Outgoing::Aborting };
        }
    }

    /// Ends the gateway's direction with whatever alert waits.
    pub(super) const fn give_up(&mut self) {
        if matches!(self.outgoing, Outgoing::Open) {
            self.outgoing = Outgoing::Finishing;
        }
    }

    #[cfg(test)]
    pub(super) const fn owned_octets(&self) -> usize {
        self.inbound.capacity() + self.outbound.octets.capacity()
    }

    pub(super) fn to_write(&self) -> &[u8] {
        self.outbound.octets()
    }

    pub(super) fn wrote(&mut self, now: Instant, octets: usize) {
        self.outbound.consume(octets);
        // Octets one by one are no progress: those who wait are kept waiting.
        if !self.is_full() {
            self.stalled_until = None;
        }
        // A peer that reads is not silent.
        if let Stage::Carrying { half_closed: Some(until) } = &mut self.stage {
            *until = now + HALF_CLOSE_TIMEOUT;
        }
    }

    /// Octets still leave: a connection that is closing gets its time anew.
    pub(super) fn extend_linger(&mut self, now: Instant) {
        if let Stage::Closing { until } = &mut self.stage {
            *until = now + LINGER_TIMEOUT;
        }
    }
}

/// Octets that wait for TCP. Owns nothing while it is empty.
#[derive(Debug, Default)]
struct Outbound {
    octets: Vec<u8>,
    start: usize,
}

impl Outbound {
    const fn len(&self) -> usize {
        self.octets.len() - self.start
    }

    fn octets(&self) -> &[u8] {
        self.octets.get(self.start..).unwrap_or_default()
    }

    fn push(&mut self, octets: Vec<u8>) {
        if self.len() == 0 {
            *self = Self { octets, start: 0 };
        } else {
            self.tail().extend_from_slice(&octets);
        }
    }

    /// Where more octets are appended.
    fn tail(&mut self) -> &mut Vec<u8> {
        // Only when half is free: the cost per octet stays constant.
        if self.start > self.octets.len() / 2 {
            self.octets.drain(..self.start);
            self.start = 0;
        }
        &mut self.octets
    }

    fn consume(&mut self, octets: usize) {
        self.start = self.octets.len().min(self.start.saturating_add(octets));
        if self.start == self.octets.len() {
            self.clear();
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}
