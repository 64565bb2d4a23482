//! The seam between a relay and a TLS stack: sessions that take and give octets, and never see a socket.
//!
//! [`Rustls`] is the stack for certificates, `OpenSsl` (feature `psk`) the one for pre-shared keys, [`Stacks`] chooses. Others
//! (a scripted double for fuzzing) implement the same two traits.

mod identity;
mod key;
mod peer;
#[cfg(feature = "psk")]
mod psk;
mod rustls;
mod stacks;

pub use self::rustls::{IdentityError, Rustls};
pub use identity::Identity;
pub use key::PreSharedKey;
pub use peer::{Judgement, PeerJudge};
#[cfg(feature = "psk")]
pub use psk::{OpenSsl, SetupError};
pub use stacks::Stacks;

use super::FailureCause;
use crate::rules::roles::TlsRole;
use std::{fmt, net::SocketAddr, sync::Arc};

/// Makes sessions. One for the whole gateway; nothing passes from one session to another (TR 4.1.1 c).
pub trait TlsStack: fmt::Debug + Send + Sync {
    /// A session on a TCP connection to `peer`. The certificate the peer presents is put before `judge` during the
    /// handshake, so that a refusal reaches the peer as an alert.
    fn session(
        &self,
        role: TlsRole,
        peer: SocketAddr,
        judge: Arc<PeerJudge>,
    ) -> Result<Box<dyn TlsSession>, FailureCause>;
}

/// One TLS session. After each call that can make records, [`TlsSession::flush`] has them.
pub trait TlsSession: fmt::Debug + Send {
    /// Takes octets from TCP, all of them, and appends the application's to `plain`. After an error only
    /// [`TlsSession::flush`] makes sense (the alert).
    fn receive(&mut self, octets: &[u8], plain: &mut Vec<u8>) -> Result<(), FailureCause>;

    /// Takes application octets, all of them. Only after the handshake.
    fn send(&mut self, plain: &[u8]) -> Result<(), FailureCause>;

    /// Says close_notify, once.
    fn close(&mut self);

    /// Appends the records that wait to go out to `wire`.
    fn flush(&mut self, wire: &mut Vec<u8>);

    /// Whether the handshake goes on.
    fn is_handshaking(&self) -> bool;

    /// The certificate (DER) the peer presented, once it has.
    fn peer_certificate(&self) -> Option<&[u8]>;

    /// Whether the peer has shown that it knows the key that is signalled: never with certificates.
    fn proves_key(&self) -> bool {
        false
    }

    /// Whether the peer said close_notify.
    fn peer_has_closed(&self) -> bool;
}
