//! Making the gateway's certificate: the one part of its identity that needs randomness.

use crate::gateway::Identity;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use std::io;

impl Identity {
    /// A new self-signed certificate with an ECDSA P-256 key, good for nothing but its fingerprint (RFC 8122 section 5).
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn generate() -> io::Result<Self> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(io::Error::other)?;
        let mut params = CertificateParams::new([]).map_err(io::Error::other)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "gatecheck");
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        Ok(Self::new(vec![certificate.der().to_vec()], key.serialize_der()))
    }
}
