//! Self-signed identities for the UEs, and the fingerprints that SDP carries of them. RFC 8122 section 5.

use crate::{
    rules::fingerprint::fingerprint_of,
    wire::sdp::{Fingerprint, HashFunction},
};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::{fmt, sync::Arc};

/// No certificate could be made: the random source or the signer failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no certificate could be made: {0}")]
pub struct CertificateError(String);

/// A certificate and its private key: ECDSA on P-256, self-signed. Clones share the octets.
#[derive(Clone)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: Arc<[u8]>,
}

impl Identity {
    /// A fresh key and a certificate for the common name `name`, valid for decades.
    pub fn generate(name: &str) -> Result<Self, CertificateError> {
        Self::with_validity(name, 2020, 2100)
    }

    /// A certificate that was valid until the end of 2020: RFC 8122 lets the fingerprint alone decide.
    pub fn expired(name: &str) -> Result<Self, CertificateError> {
        Self::with_validity(name, 2010, 2020)
    }

    fn with_validity(name: &str, from: i32, to: i32) -> Result<Self, CertificateError> {
        let failed = |error: rcgen::Error| CertificateError(error.to_string());
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 12, 31);
        let certificate = params.self_signed(&key).map_err(failed)?.der().clone();
        Ok(Self { certificate, key: key.serialize_der().into() })
    }

    /// The certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// The private key, PKCS #8 DER.
    #[must_use]
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.to_vec()).into()
    }

    /// What `a=fingerprint` says of this certificate; `None` for a hash function this crate does not have (MD2, unknown).
    #[must_use]
    pub fn fingerprint(&self, hash: HashFunction<'static>) -> Option<Fingerprint<'static>> {
        fingerprint_of(&self.certificate, hash)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key stays out of every log.
        f.debug_struct("Identity").field("certificate_octets", &self.certificate.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identity_has_a_fingerprint_of_its_own() {
        let (one, other) = (Identity::generate("UE-A").unwrap(), Identity::expired("UE-A").unwrap());
        for hash in [HashFunction::Sha1, HashFunction::Sha256, HashFunction::Sha512] {
            assert_ne!(one.fingerprint(hash.clone()).unwrap(), other.fingerprint(hash).unwrap());
        }
        assert_eq!(one.fingerprint(HashFunction::Other("sha-9".into())), None);
    }

    #[test]
    fn a_private_key_does_not_show_in_logs() {
        let shown = format!("{:?}", Identity::generate("UE-A").unwrap());
        assert!(shown.len() < 60 && shown.ends_with(".. }"), "{shown}");
    }
}
