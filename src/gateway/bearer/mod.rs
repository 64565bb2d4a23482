//! Bearers: TCP plus optional TLS on each leg, and the relay between the legs of one stream.
//!
//! A *leg* is one stream of one termination: a reserved local address, at most one peer that owns it. A *relay* is the
//! legs of one stream in one context. [`LegCommand`]s come from the H.248 side, [`BearerEvent`]s go back to it.

pub mod conditions;
mod connection;
mod establishment;
mod forwarding;
mod leg;
mod msrp_b2bua;
mod msrp_switch;
mod relay;
mod release;
#[cfg(test)]
pub(crate) mod tests;
pub mod tls;
mod transfer;

pub use conditions::{Conditions, Latch, Linkage, Order, Police, SourceFilter};
pub use connection::{ConnectionId, TcpEnd};
pub use msrp_switch::STALL_TIMEOUT;
pub use relay::{
    CLOSING_CONNECTIONS, CONNECT_TIMEOUT, FINGERPRINT_TIMEOUT, HALF_CLOSE_TIMEOUT, HANDSHAKE_TIMEOUT, LINGER_TIMEOUT,
    Output, Relay, UNVERIFIED_CONNECTIONS,
};
pub use tls::{Identity, IdentityError, PreSharedKey, TlsStack};
pub use transfer::DetachedLeg;

use super::policy::Policy;
use crate::{
    rules::roles::{TcpRole, TlsRole},
    wire::{msrp, sdp::Fingerprint},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The legs of one stream in one context. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelayId(pub u32);

/// One stream of one termination. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegId(pub u32);

/// What the gateway knows of the protocol above TCP or TLS, from the m-line's proto. TR 4.1.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Application {
    /// `TCP`, `TCP/TLS`: octets.
    Agnostic,
    /// `TCP/MSRP`, `TCP/TLS/MSRP`.
    Msrp,
    /// `TCP/BFCP`, `TCP/TLS/BFCP`.
    Bfcp,
}

/// Who the peer must be: by its certificate (RFC 8122 section 5), or by a key it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Remote was not given yet: complete the handshake, forward nothing, judge when it comes.
    NotYet,
    /// Remote was given with these fingerprints; none means nobody can be accepted.
    Fingerprints(Vec<Fingerprint<'static>>),
    /// Whoever knows this key, which takes the place of certificates (TR 4.1.3 c).
    Key(PreSharedKey),
}

/// The MSRP paths of a leg whose path is the gateway's: the aware mode of TR 4.1.4 b.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsrpPaths {
    /// The gateway's URI towards this peer: `a=path` of Local.
    pub own: msrp::Path<'static>,
    /// The peer's path, next hop first: `a=path` of Remote, once known.
    pub peer: Option<msrp::Path<'static>>,
}

/// How one leg's bearer is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegSetup {
    /// TLS ends here (TR 4.1.3 a); otherwise octets pass as they come.
    pub secured: bool,
    /// The protocol above.
    pub application: Application,
    /// Paths to put into MSRP, when Local names one; without meaning to other applications.
    pub msrp: Option<MsrpPaths>,
    /// Whether the gateway opens the connection (client) or waits for it (server).
    pub tcp_role: TcpRole,
    /// The gateway's part in the TLS handshake; without meaning on a plain leg.
    pub tls_role: TlsRole,
    /// The peer's address, once known: where a TCP client connects to.
    pub remote: Option<SocketAddr>,
    /// Who the peer must be; without meaning on a plain leg.
    pub expected: Expected,
    /// Stream mode, seen from the context: octets may leave towards the peer.
    pub sends: bool,
    /// Stream mode, seen from the context: octets may come in from the peer.
    pub receives: bool,
    /// What packages add.
    pub conditions: Conditions,
}

/// Application octets delivered, counted above TLS (`nt/os`, `nt/or`).
#[derive(Debug, Default)]
pub struct Counters {
    sent: AtomicU64,
    dropped: AtomicU64,
    received: AtomicU64,
}

impl Counters {
    /// Adds octets sent to the peer.
    pub fn add_sent(&self, octets: u64) {
        self.sent.fetch_add(octets, Ordering::Relaxed);
    }

    /// Adds octets received from the peer.
    pub fn add_received(&self, octets: u64) {
        self.received.fetch_add(octets, Ordering::Relaxed);
    }

    /// Adds a connection the source filter turned away.
    pub fn add_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Connections turned away by the source filter so far.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Octets sent to the peer so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Octets received from the peer so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }
}

/// What the H.248 side tells a relay.
#[derive(Debug, Clone)]
pub enum LegCommand {
    /// A new leg on an address reserved through [`super::Ports`].
    Open {
        /// Its name from now on.
        leg: LegId,
        /// Its local address.
        local: SocketAddr,
        /// How its bearer is to be.
        setup: LegSetup,
        /// Where delivered octets are counted.
        counters: Arc<Counters>,
    },
    /// The leg is to be otherwise from now on. A changed fingerprint applies to the next session (TR 4.1.1 c).
    Update {
        /// Which leg.
        leg: LegId,
        /// How its bearer is to be.
        setup: LegSetup,
    },
    /// Something to do once, by a signal of the MGC's.
    Order {
        /// Which leg.
        leg: LegId,
        /// What.
        order: Order,
    },
    /// The leg is another relay's from now on, with all it has. Whoever runs the relays does it, with [`Relay::detach`] and
    /// [`Relay::join`]; told to a relay alone it does nothing. H.248.1 7.2.4.
    Move {
        /// Which leg.
        leg: LegId,
        /// Where to; it need not exist yet.
        to: RelayId,
    },
    /// Between these legs nothing passes in this direction, between all others it does. It may name a leg that is yet to
    /// come. H.248.1 7.1.18.
    Topology {
        /// From whom to whom.
        blocked: Vec<(LegId, LegId)>,
    },
    /// Release TLS, then TCP, then the port (TR 4.3.4, 4.4.3).
    Release {
        /// Which leg.
        leg: LegId,
    },
}

/// Where a leg's bearer stands. TR figure 4.3.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BearerState {
    /// No connection that owns the leg.
    Idle,
    /// Phase I done: TCP is up.
    TcpEstablished,
    /// Phase II done: TLS is up and the peer is the signalled one.
    TlsEstablished,
    /// It was up, and ended.
    Released,
}

/// Why a bearer failed or ended, in the words of the signalling model (`Failurecause`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// It was released in order: by the peer, or by the gateway because the other leg's bearer ended.
    Released,
    /// TCP set-up was refused.
    TcpRefused,
    /// TCP set-up was not answered in time.
    TcpTimeout,
    /// TCP was reset.
    TcpReset,
    /// TCP ended under TLS without close_notify.
    TlsTruncated,
    /// The peer presented no certificate.
    TlsNoCertificate,
    /// The peer's certificate is not the signalled one, or none was signalled.
    TlsFingerprint,
    /// No common TLS version.
    TlsVersion,
    /// What came was not TLS, or TLS in the wrong direction, or broken.
    TlsProtocol,
    /// TLS was not established in time, or the fingerprint did not come in time.
    TlsTimeout,
    /// What came was not MSRP on a leg whose MSRP the gateway reads.
    MsrpMalformed,
}

impl FailureCause {
    /// The word sent to the MGC.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::TcpRefused => "tcp-refused",
            Self::TcpTimeout => "tcp-timeout",
            Self::TcpReset => "tcp-reset",
            Self::TlsTruncated => "tls-truncated",
            Self::TlsNoCertificate => "tls-no-certificate",
            Self::TlsFingerprint => "tls-fingerprint",
            Self::TlsVersion => "tls-version",
            Self::TlsProtocol => "tls-protocol",
            Self::TlsTimeout => "tls-timeout",
            Self::MsrpMalformed => "msrp-malformed",
        }
    }

    /// `Generalcause` of `g/cause` (H.248.1 E.1.2): NR, normal release; FT, failure temporary; FP, failure permanent.
    pub const fn general(self) -> &'static str {
        match self {
            Self::Released => "NR",
            Self::TcpRefused | Self::TcpTimeout | Self::TcpReset | Self::TlsTruncated | Self::TlsTimeout => "FT",
            Self::TlsNoCertificate
            | Self::TlsFingerprint
            | Self::TlsVersion
            | Self::TlsProtocol
            | Self::MsrpMalformed => "FP",
        }
    }
}

/// What a relay tells the H.248 side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerEvent {
    /// A phase of establishment ended well.
    Established {
        /// Which leg.
        leg: LegId,
        /// How far it is.
        state: BearerState,
    },
    /// A connection attempt failed; the leg stays usable for the right peer.
    Failed {
        /// Which leg.
        leg: LegId,
        /// Why.
        cause: FailureCause,
    },
    /// An established bearer ended.
    Ended {
        /// Which leg.
        leg: LegId,
        /// Why.
        cause: FailureCause,
    },
}

impl BearerEvent {
    /// The leg it is about.
    pub const fn leg(&self) -> LegId {
        match self {
            Self::Established { leg, .. } | Self::Failed { leg, .. } | Self::Ended { leg, .. } => *leg,
        }
    }
}

/// What every relay of a gateway has in common.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    /// The decisions.
    pub policy: Arc<dyn Policy>,
    /// Makes the TLS sessions.
    pub tls: Arc<dyn TlsStack>,
    /// Legs with MSRP are participants of a conference (Mp), however many there are.
    pub switches: bool,
}

impl RelaySettings {
    /// Settings with TLS by certificates, the gateway presenting this one, and by pre-shared keys.
    pub fn new(policy: Arc<dyn Policy>, identity: &Identity) -> Result<Self, IdentityError> {
        Ok(Self { policy, tls: Arc::new(tls::Stacks::new(identity)?), switches: false })
    }
}
