//! TLS as peers of the gateway do it in tests: any certificate suits them.

use crate::{
    gateway::{Expected, Identity},
    rules::fingerprint::fingerprint_of,
    wire::sdp::HashFunction,
};
use rustls::{
    ClientConfig, ClientConnection, Connection, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    ServerConnection, SignatureScheme, SupportedProtocolVersion,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use std::sync::Arc;

pub(crate) fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(["test".to_owned()]).unwrap();
    Identity::new(vec![made.cert.der().to_vec()], made.signing_key.serialize_der())
}

pub(crate) fn signalled(identity: &Identity) -> Expected {
    Expected::Fingerprints(vec![fingerprint_of(identity.certificate(), HashFunction::Sha256).unwrap()])
}

pub(crate) fn client(identity: Option<&Identity>, version: &'static SupportedProtocolVersion) -> Connection {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone(provider)));
    let config = match identity {
        Some(identity) => {
            let (chain, key) = der(identity);
            config.with_client_auth_cert(chain, key.into()).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    let name = ServerName::try_from("gateway.test").unwrap();
    ClientConnection::new(Arc::new(config), name).unwrap().into()
}

pub(crate) fn server(identity: &Identity, version: &'static SupportedProtocolVersion) -> Connection {
    let provider = Arc::new(ring::default_provider());
    let (chain, key) = der(identity);
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(Arc::new(Anyone(provider)))
        .with_single_cert(chain, key.into())
        .unwrap();
    ServerConnection::new(Arc::new(config)).unwrap().into()
}

fn der(identity: &Identity) -> (Vec<CertificateDer<'static>>, PrivatePkcs8KeyDer<'static>) {
    let chain = identity.chain().iter().cloned().map(CertificateDer::from).collect();
    (chain, PrivatePkcs8KeyDer::from(identity.private_key().to_vec()))
}

/// Takes every certificate: these peers judge nobody.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for Anyone {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
