//! The stack of the gateway: certificates or a pre-shared key, as the leg is signalled.

use super::{Identity, IdentityError, PeerJudge, Rustls, TlsSession, TlsStack};
use crate::{gateway::bearer::FailureCause, rules::roles::TlsRole};
use std::{net::SocketAddr, sync::Arc};

/// A stack for either kind of peer.
#[derive(Debug, Clone)]
pub struct Stacks {
    certificates: Rustls,
    /// `None`: OpenSSL could not be set up, and no key opens anything.
    #[cfg(feature = "psk")]
    keys: Option<super::OpenSsl>,
}

impl Stacks {
    /// Stacks of which the one for certificates presents this one.
    ///
    /// # Errors
    /// As [`Rustls::new`].
    pub fn new(identity: &Identity) -> Result<Self, IdentityError> {
        Ok(Self {
            certificates: Rustls::new(identity)?,
            #[cfg(feature = "psk")]
            keys: super::OpenSsl::new().ok(),
        })
    }
}

impl TlsStack for Stacks {
    fn session(
        &self,
        role: TlsRole,
        peer: SocketAddr,
        judge: Arc<PeerJudge>,
    ) -> Result<Box<dyn TlsSession>, FailureCause> {
        if judge.key().is_none() {
            return self.certificates.session(role, peer, judge);
        }
        #[cfg(feature = "psk")]
        if let Some(keys) = &self.keys {
            return keys.session(role, peer, judge);
        }
        Err(FailureCause::TlsProtocol)
    }
}
