//! What a UE saw instead of what it asked for.

use crate::wire::sdp::Fingerprint;

/// What was observed. TLS alerts carry their RFC 8446 names (`bad_certificate`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Observed {
    /// The active open was answered with a reset: nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// The network gave no way to the peer.
    #[error("the peer cannot be reached: {0}")]
    Unreachable(String),
    /// What was awaited did not come within its bound.
    #[error("nothing within the time bound while awaiting {0}")]
    TimedOut(&'static str),
    /// The peer reset the connection.
    #[error("the connection was reset")]
    Reset,
    /// The peer sent FIN; under TLS without a close_notify before it, which is a truncation. RFC 8446 section 6.1.
    #[error("the connection was closed{}", if *truncated { " without close_notify" } else { "" })]
    Closed {
        /// TLS was up and no close_notify came.
        truncated: bool,
    },
    /// The peer ended TLS with close_notify.
    #[error("TLS was ended with close_notify")]
    CloseNotify,
    /// The peer sent a fatal alert.
    #[error("the peer sent the TLS alert {0}")]
    Alert(String),
    /// The peer's certificate is not the one signalled. RFC 8122 section 6.2.
    #[error("the peer presented another certificate: {presented}")]
    FingerprintMismatch {
        /// Fingerprint of the certificate it presented.
        presented: Fingerprint<'static>,
    },
    /// The peer presented no certificate although it was asked for one.
    #[error("the peer presented no certificate")]
    NoCertificate,
    /// No common TLS version.
    #[error("no common TLS version")]
    Version,
    /// The peer's octets are not TLS.
    #[error("the peer's octets are not TLS")]
    NotTls,
    /// Any other breach of TLS, in the stack's words.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// Octets came where silence was due; how many.
    #[error("{0} octets arrived where none were due")]
    Unexpected(usize),
    /// There is no connection to do this on: the harness's own mistake, or an earlier failure not looked at.
    #[error("there is no open connection")]
    NotConnected,
    /// This UE is not configured for it.
    #[error("not configured: {0}")]
    Configuration(String),
}

/// What was observed, and the frame that shows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{observed} (frame {frame})")]
pub struct UeError {
    /// What.
    pub observed: Observed,
    /// The frame that shows it; for a time-out the last frame before the bound passed. 0 = none.
    pub frame: u32,
}

impl UeError {
    pub(crate) const fn new(observed: Observed, frame: u32) -> Self {
        Self { observed, frame }
    }
}

/// How a connection ended, as far as the peer showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The peer's alert, `close_notify` included, with its frame.
    pub alert: Option<(String, u32)>,
    /// The peer's FIN or reset, with its frame.
    pub tcp: TcpEnd,
    /// Frame of the FIN or reset.
    pub frame: u32,
}

/// How the peer let go of TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TcpEnd {
    /// In order.
    Fin,
    /// At once.
    Reset,
}

/// What a probe of a port saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortState {
    /// The connection was accepted.
    Open,
    /// The connection was accepted and let go again within the bound.
    Closed,
    /// The connection was refused.
    Refused,
    /// Nobody answered within the bound.
    Silent,
}
