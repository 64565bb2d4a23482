//! A UE's TLS session: certificates count by their fingerprint alone (RFC 8122), whatever their names, dates or issuers.

use super::observed::Observed;
use crate::{
    harness::certificate::Identity,
    rules::{
        fingerprint::{FingerprintPolicy, FingerprintVerdict, fingerprint_matches, fingerprint_of},
        roles::TlsRole,
    },
    wire::sdp::{Fingerprint, HashFunction},
};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Connection, DigitallySignedStruct,
    DistinguishedName, Error, InvalidMessage, KeyLog, NoKeyLog, PeerIncompatible, ServerConfig, ServerConnection,
    SignatureScheme, SupportedProtocolVersion,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
    version::{TLS12, TLS13},
};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, OnceLock},
};

/// The TLS versions a UE offers or accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Versions {
    /// TLS 1.2 only.
    Tls12,
    /// TLS 1.3 only.
    Tls13,
    /// Either.
    #[default]
    Both,
}

impl Versions {
    fn supported(self) -> &'static [&'static SupportedProtocolVersion] {
        static BOTH: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
        let (only_13, only_12) = BOTH.split_at(1);
        match self {
            Self::Tls12 => only_12,
            Self::Tls13 => only_13,
            Self::Both => &BOTH,
        }
    }
}

/// Which certificate the gateway must present.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Expected {
    /// Any, or none when the gateway is TLS client; [`super::Ue::presented`] tells which it was.
    #[default]
    Anything,
    /// One that these fingerprints name. RFC 8122 section 5.1.
    Fingerprints(Vec<Fingerprint<'static>>),
}

/// A key shared with the peer, and its name. The key is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedKey {
    /// The name the key goes by, which the TLS client sends in the clear.
    pub identity: String,
    /// The key.
    pub key: Vec<u8>,
}

impl SharedKey {
    /// The key as H.248 text writes octets: pairs of hexadecimal digits.
    #[must_use]
    pub fn digits(&self) -> String {
        self.key.iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedKey").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// How a UE protects its bearer with TLS.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// Who sends the ClientHello; independent of who opened TCP. TR 4.3.3.1.
    pub role: TlsRole,
    /// Versions offered or accepted.
    pub versions: Versions,
    /// Own certificate; a TLS client may have none, a TLS server cannot.
    pub identity: Option<Identity>,
    /// What the gateway must present.
    pub expected: Expected,
    /// A key shared with the peer, in place of certificates.
    pub key: Option<SharedKey>,
    /// A TLS server answers a ClientHello as soon as it comes; otherwise only once [`super::Ue::secure`] was called.
    pub autonomous: bool,
}

impl TlsSettings {
    /// Both versions, with this identity, expecting anything, answering at once.
    #[must_use]
    pub const fn new(role: TlsRole, identity: Identity) -> Self {
        Self {
            role,
            versions: Versions::Both,
            identity: Some(identity),
            expected: Expected::Anything,
            key: None,
            autonomous: true,
        }
    }

    /// Both versions, by a key shared with the peer, without certificates, answering at once.
    #[must_use]
    pub const fn keyed(role: TlsRole, key: SharedKey) -> Self {
        let (versions, expected) = (Versions::Both, Expected::Anything);
        Self { role, versions, identity: None, expected, key: Some(key), autonomous: true }
    }

    /// A TLS session ready to begin towards `peer`. No session is ever resumed: each is new.
    pub(super) fn connection(
        &self,
        peer: IpAddr,
        key_log: Arc<dyn KeyLog>,
    ) -> Result<(Connection, Presented), Observed> {
        let configuration = |error: &dyn fmt::Display| Observed::Configuration(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(ByFingerprint::new(&self.expected, &provider));
        let presented = verifier.presented.clone();
        let versions = self.versions.supported();
        let mut connection = match self.role {
            TlsRole::Client => {
                let builder = ClientConfig::builder_with_provider(provider)
                    .with_protocol_versions(versions)
                    .map_err(|e| configuration(&e))?
                    .dangerous()
                    .with_custom_certificate_verifier(verifier);
                let mut config = match &self.identity {
                    Some(own) => builder
                        .with_client_auth_cert(vec![own.certificate()], own.key())
                        .map_err(|e| configuration(&e))?,
                    None => builder.with_no_client_auth(),
                };
                config.key_log = key_log;
                config.resumption = Resumption::disabled();
                // An address is never sent as server name. RFC 6066 section 3.
                let name = ServerName::IpAddress(peer.into());
                Connection::Client(ClientConnection::new(Arc::new(config), name).map_err(|e| configuration(&e))?)
            }
            TlsRole::Server => {
                let own = self.identity.as_ref().ok_or_else(|| configuration(&"a TLS server without certificate"))?;
                let mut config = ServerConfig::builder_with_provider(provider)
                    .with_protocol_versions(versions)
                    .map_err(|e| configuration(&e))?
                    .with_client_cert_verifier(verifier)
                    .with_single_cert(vec![own.certificate()], own.key())
                    .map_err(|e| configuration(&e))?;
                config.key_log = key_log;
                config.send_tls13_tickets = 0;
                Connection::Server(ServerConnection::new(Arc::new(config)).map_err(|e| configuration(&e))?)
            }
        };
        // The caller bounds what it sends; a limit here would cut it silently.
        connection.set_buffer_limit(None);
        Ok((connection, presented))
    }

    /// The rustls error in the terms of a UE.
    pub(super) fn observed(&self, error: &Error, presented: Option<&Fingerprint<'static>>) -> Observed {
        match error {
            Error::AlertReceived(alert) => Observed::Alert(alert_name(*alert)),
            Error::InvalidCertificate(_) => match presented {
                Some(presented) => Observed::FingerprintMismatch { presented: presented.clone() },
                None => Observed::Tls(error.to_string()),
            },
            Error::NoCertificatesPresented => Observed::NoCertificate,
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::Tls12NotOffered
                | PeerIncompatible::Tls12NotOfferedOrEnabled
                | PeerIncompatible::Tls13RequiredForQuic
                | PeerIncompatible::SupportedVersionsExtensionRequired
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            ) => Observed::Version,
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge
                | InvalidMessage::InvalidEmptyPayload,
            ) => Observed::NotTls,
            other => Observed::Tls(other.to_string()),
        }
    }
}

/// The RFC 8446 name of an alert: `BadCertificate` is `bad_certificate`.
pub(super) fn alert_name(alert: AlertDescription) -> String {
    let mut name = String::new();
    let mut lower = false;
    for letter in format!("{alert:?}").chars() {
        if letter.is_ascii_uppercase() && lower {
            name.push('_');
        }
        lower = letter.is_ascii_lowercase();
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A ClientHello as a UE with these settings would send it.
///
/// # Errors
/// The settings give no client.
pub fn client_hello(settings: Option<&TlsSettings>) -> Result<Vec<u8>, Observed> {
    let hello = TlsSettings {
        role: TlsRole::Client,
        versions: settings.map(|s| s.versions).unwrap_or_default(),
        identity: None,
        expected: Expected::Anything,
        key: None,
        autonomous: false,
    };
    let (mut connection, _) = hello.connection(Ipv4Addr::LOCALHOST.into(), Arc::new(NoKeyLog))?;
    let mut octets = Vec::new();
    connection.write_tls(&mut octets).map_err(|e| Observed::Tls(e.to_string()))?;
    Ok(octets)
}

/// A ClientHello of TLS 1.1 in one record. RFC 4346 section 7.4.1.2.
pub(super) fn outdated_client_hello() -> Vec<u8> {
    const VERSION: [u8; 2] = [3, 2];
    // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA and TLS_RSA_WITH_AES_128_CBC_SHA; then one compression method, null.
    const SUITES: [u8; 8] = [0, 4, 0xC0, 0x13, 0x00, 0x2F, 1, 0];
    // supported_groups secp256r1, ec_point_formats uncompressed, signature_algorithms ecdsa_secp256r1_sha256: what a server may
    // want to see before it looks at the version.
    const EXTENSIONS: [u8; 24] = [0, 22, 0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3];
    let random = [0x11; 32];
    let body = [&VERSION[..], &random, &[0], &SUITES, &EXTENSIONS].concat();
    let length = |octets: &[u8]| u8::try_from(octets.len()).unwrap_or(u8::MAX);
    let message = [&[1, 0, 0, length(&body)][..], &body].concat();
    [&[22, 3, 1, 0, length(&message)][..], &message].concat()
}

/// The certificate the peer presented, accepted or not.
#[derive(Debug, Clone, Default)]
pub(super) struct Presented(Arc<OnceLock<CertificateDer<'static>>>);

impl Presented {
    pub(super) fn fingerprint(&self) -> Option<Fingerprint<'static>> {
        fingerprint_of(self.0.get()?, HashFunction::Sha256)
    }
}

/// Judges a certificate by its fingerprint; signatures are checked as ever, else the peer need not own the key.
#[derive(Debug)]
struct ByFingerprint {
    expected: Expected,
    presented: Presented,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ByFingerprint {
    fn new(expected: &Expected, provider: &CryptoProvider) -> Self {
        let algorithms = provider.signature_verification_algorithms;
        Self { expected: expected.clone(), presented: Presented::default(), algorithms }
    }

    fn judge(&self, presented: &CertificateDer<'_>) -> Result<(), Error> {
        // A session asks once; a renegotiated certificate would not replace the first.
        let _first = self.presented.0.set(presented.clone().into_owned());
        let Expected::Fingerprints(allowed) = &self.expected else { return Ok(()) };
        match fingerprint_matches(presented, allowed, FingerprintPolicy::default()) {
            FingerprintVerdict::Match => Ok(()),
            // The certificate error that makes rustls send bad_certificate, which RFC 4572 section 6.2 asks for.
            FingerprintVerdict::Mismatch | FingerprintVerdict::NothingUsable => {
                Err(Error::InvalidCertificate(CertificateError::BadEncoding))
            }
        }
    }
}

impl ServerCertVerifier for ByFingerprint {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge(end_entity).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for ByFingerprint {
    fn client_auth_mandatory(&self) -> bool {
        matches!(self.expected, Expected::Fingerprints(_))
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.judge(end_entity).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
