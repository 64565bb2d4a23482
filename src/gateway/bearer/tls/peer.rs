//! Is the peer the signalled one? RFC 8122 section 5.

use super::PreSharedKey;
use crate::{
    gateway::{bearer::Expected, policy::Policy},
    rules::fingerprint::{FingerprintPolicy, FingerprintVerdict, fingerprint_matches},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is to become of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It is the signalled one.
    Accepted,
    /// It is not.
    Refused,
    /// Nobody was signalled yet.
    Pending,
}

/// Judges the peers of one leg by what is signalled at that moment. Shared by the leg, which learns of Remote, and the
/// sessions that shake hands, which must refuse before the handshake ends.
#[derive(Debug)]
pub struct PeerJudge {
    policy: Arc<dyn Policy>,
    expected: Mutex<Expected>,
}

impl PeerJudge {
    /// A judge who expects these fingerprints.
    pub const fn new(policy: Arc<dyn Policy>, expected: Expected) -> Self {
        Self { policy, expected: Mutex::new(expected) }
    }

    /// From now on judges by this.
    pub fn expect(&self, expected: Expected) {
        *self.lock() = expected;
    }

    /// Whether a TLS client is asked for its certificate.
    pub fn asks_certificate(&self) -> bool {
        self.policy.wants_client_certificate()
    }

    /// Whether a TLS client that presents none when asked is refused, whoever is expected.
    pub fn requires_certificate(&self) -> bool {
        self.asks_certificate() && !self.policy.accepts_peer(false, None)
    }

    /// The key the peer must know, when it is known by one.
    pub fn key(&self) -> Option<PreSharedKey> {
        match &*self.lock() {
            Expected::Key(key) => Some(key.clone()),
            Expected::NotYet | Expected::Fingerprints(_) => None,
        }
    }

    /// The key for a peer that says it is `identity`; `None` when that is somebody else.
    pub fn key_for(&self, identity: Option<&[u8]>) -> Option<PreSharedKey> {
        let matches = |key: &PreSharedKey| identity == Some(key.identity().as_bytes());
        self.key().filter(|key| self.policy.accepts_identity(matches(key)))
    }

    /// Judges the certificate (DER) a peer presented, or that it presented none.
    pub fn judge(&self, certificate: Option<&[u8]>) -> Judgement {
        let accepted = match (certificate, &*self.lock()) {
            // A certificate, or none, does not stand in for the key.
            (_, Expected::Key(_)) => false,
            // Who was never asked broke no rule.
            (None, _) => self.policy.accepts_peer(!self.asks_certificate(), None),
            (Some(_), Expected::NotYet) => return Judgement::Pending,
            (Some(der), Expected::Fingerprints(signalled)) => {
                let verdict = fingerprint_matches(der, signalled, FingerprintPolicy::default());
                self.policy.accepts_peer(verdict == FingerprintVerdict::Match, certificate)
            }
        };
        if accepted { Judgement::Accepted } else { Judgement::Refused }
    }

    fn lock(&self) -> MutexGuard<'_, Expected> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
