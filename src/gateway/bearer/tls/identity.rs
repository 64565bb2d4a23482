//! Who the gateway is in TLS.

use std::fmt;

/// The certificate chain the gateway presents, and its private key.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    chain: Vec<Vec<u8>>,
    key: Vec<u8>,
}

impl Identity {
    /// From DER: the certificates, the gateway's own first, and the PKCS #8 private key of that one.
    pub const fn new(chain: Vec<Vec<u8>>, key: Vec<u8>) -> Self {
        Self { chain, key }
    }

    /// The gateway's own certificate, DER: what `a=fingerprint` in Local is the digest of (RFC 8122 section 5). Empty
    /// if the chain is.
    pub fn certificate(&self) -> &[u8] {
        self.chain.first().map_or(&[], Vec::as_slice)
    }

    /// The certificates as presented, DER.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The private key, PKCS #8 DER.
    pub fn private_key(&self) -> &[u8] {
        &self.key
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A log is no place for the key.
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}
