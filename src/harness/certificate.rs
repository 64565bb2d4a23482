//! Self-signed identities for the UEs, and the fingerprints that SDP carries of them. RFC 8122 section 5.

use crate::wire::sdp::{Choosable, Digest, Fingerprint, HashFunction};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::Digest as _;
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
        fingerprint(&self.certificate, hash)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key stays out of every log.
        f.debug_struct("Identity").field("certificate_octets", &self.certificate.len()).finish_non_exhaustive()
    }
}

/// The fingerprint of a DER certificate; `None` for a hash function this crate does not have (MD2, unknown).
#[must_use]
pub fn fingerprint(certificate: &[u8], hash: HashFunction<'static>) -> Option<Fingerprint<'static>> {
    let octets = match hash {
        HashFunction::Md5 => md5::Md5::digest(certificate).to_vec(),
        HashFunction::Sha1 => sha1::Sha1::digest(certificate).to_vec(),
        HashFunction::Sha224 => sha2::Sha224::digest(certificate).to_vec(),
        HashFunction::Sha256 => sha2::Sha256::digest(certificate).to_vec(),
        HashFunction::Sha384 => sha2::Sha384::digest(certificate).to_vec(),
        HashFunction::Sha512 => sha2::Sha512::digest(certificate).to_vec(),
        HashFunction::Md2 | HashFunction::Other(_) => return None,
    };
    Digest::new(&octets).map(|digest| Fingerprint::new(hash, digest))
}

/// Is this the certificate that the fingerprint names? Never for `$`, nor for MD2 and MD5, which RFC 8122 section 5 forbids.
#[must_use]
pub fn matches(expected: &Fingerprint<'_>, certificate: &[u8]) -> bool {
    let Choosable::Given(digest) = &expected.digest else { return false };
    if matches!(expected.hash, HashFunction::Md2 | HashFunction::Md5) {
        return false;
    }
    fingerprint(certificate, expected.clone().into_owned().hash)
        .is_some_and(|own| matches!(own.digest, Choosable::Given(own) if own == *digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_names_one_certificate() {
        let (one, other) = (Identity::generate("UE-A").unwrap(), Identity::generate("UE-A").unwrap());
        for hash in [HashFunction::Sha1, HashFunction::Sha256, HashFunction::Sha512] {
            let named = one.fingerprint(hash).unwrap();
            assert!(matches(&named, &one.certificate()));
            assert!(!matches(&named, &other.certificate()));
        }
    }

    #[test]
    fn forbidden_and_unknown_functions_match_nothing() {
        let identity = Identity::expired("UE-A").unwrap();
        assert_eq!(identity.fingerprint(HashFunction::Other("sha-9".into())), None);
        let md5 = identity.fingerprint(HashFunction::Md5).unwrap();
        assert!(!matches(&md5, &identity.certificate()));
        assert!(!matches(&Fingerprint::choose(HashFunction::Sha256), &identity.certificate()));
    }
}
