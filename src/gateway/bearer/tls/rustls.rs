//! TLS 1.2 and 1.3 with certificates, by rustls. Peers are known by fingerprint only; there is no resumption, so that no
//! ticket of one session opens another (TR 4.1.1 c).

use super::{Identity, Judgement, PeerJudge, TlsSession, TlsStack};
use crate::{gateway::bearer::FailureCause, rules::roles::TlsRole};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Connection, DigitallySignedStruct,
    DistinguishedName, Error, PeerIncompatible, ServerConfig, ServerConnection, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::{
        NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use std::{
    io::{self, BufRead, Read, Write},
    net::SocketAddr,
    sync::Arc,
};

/// The stack for certificates.
#[derive(Debug, Clone)]
pub struct Rustls {
    provider: Arc<CryptoProvider>,
    identity: Arc<SingleCertAndKey>,
}

/// Why an identity cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("certificate and private key are unusable")]
pub struct IdentityError(#[source] Error);

impl Rustls {
    /// A stack that presents this identity in both roles.
    pub fn new(identity: &Identity) -> Result<Self, IdentityError> {
        let provider = Arc::new(ring::default_provider());
        let chain = identity.chain().iter().cloned().map(CertificateDer::from).collect();
        let key = PrivatePkcs8KeyDer::from(identity.private_key().to_vec());
        let key = CertifiedKey::from_der(chain, key.into(), &provider).map_err(IdentityError)?;
        Ok(Self { provider, identity: Arc::new(SingleCertAndKey::from(key)) })
    }

    fn client(&self, peer: SocketAddr, verifier: Arc<Verifier>) -> Result<Connection, Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_client_cert_resolver(Arc::clone(&self.identity) as _);
        config.resumption = Resumption::disabled();
        // An address is never sent as a server name (RFC 6066 section 3), which suits peers known by fingerprint.
        let name = ServerName::IpAddress(peer.ip().into());
        ClientConnection::new(Arc::new(config), name).map(Connection::from)
    }

    fn server(&self, verifier: Arc<Verifier>) -> Result<Connection, Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::clone(&self.identity) as _);
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        ServerConnection::new(Arc::new(config)).map(Connection::from)
    }
}

impl TlsStack for Rustls {
    fn session(
        &self,
        role: TlsRole,
        peer: SocketAddr,
        judge: Arc<PeerJudge>,
    ) -> Result<Box<dyn TlsSession>, FailureCause> {
        let algorithms = self.provider.signature_verification_algorithms;
        let verifier = Arc::new(Verifier { judge, algorithms });
        let connection = match role {
            TlsRole::Client => self.client(peer, verifier),
            TlsRole::Server => self.server(verifier),
        };
        let mut connection = connection.map_err(|error| cause(&error))?;
        // What is sent is flushed at once: the relay bounds it.
        connection.set_buffer_limit(None);
        let hello = (role == TlsRole::Server).then(Hello::default);
        Ok(Box::new(RustlsSession { connection, hello, refusal: None, peer_has_closed: false }))
    }
}

struct RustlsSession {
    connection: Connection,
    /// The beginning of the ClientHello, until its version is known.
    hello: Option<Hello>,
    /// The alert for a version rustls was not asked about.
    refusal: Option<[u8; 7]>,
    peer_has_closed: bool,
}

impl std::fmt::Debug for RustlsSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let version = self.connection.protocol_version();
        f.debug_struct("RustlsSession").field("version", &version).finish_non_exhaustive()
    }
}

impl RustlsSession {
    fn decrypt(&mut self, mut octets: &[u8], plain: &mut Vec<u8>) -> Result<(), FailureCause> {
        let pauses = octets.len() < BULK;
        while !octets.is_empty() && !self.peer_has_closed {
            // Takes at most a record; the rest when its plaintext has left.
            let taken = self.connection.read_tls(&mut octets).map_err(|_| FailureCause::TlsProtocol)?;
            let state = self.connection.process_new_packets().map_err(|error| cause(&error))?;
            self.peer_has_closed = state.peer_has_closed() || taken == 0;
            let mut reader = self.connection.reader();
            while let Ok(chunk) = reader.fill_buf() {
                let length = chunk.len();
                if length == 0 {
                    break;
                }
                plain.extend_from_slice(chunk);
                reader.consume(length);
            }
        }
        if pauses {
            // rustls gives back the buffer a large record took when it is about to read, not when it has read.
            let _ = self.connection.read_tls(&mut NothingYet);
        }
        Ok(())
    }
}

/// Fewer octets than this at a time: the peer pauses, and buffers are worth giving back.
const BULK: usize = 16 * 1024;

struct NothingYet;

impl Read for NothingYet {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl TlsSession for RustlsSession {
    fn receive(&mut self, mut octets: &[u8], plain: &mut Vec<u8>) -> Result<(), FailureCause> {
        if let Some(mut hello) = self.hello.take() {
            hello.take(&mut octets);
            if let Some(version) = hello.outdated_version() {
                self.refusal = Some(protocol_version_alert(version));
                return Err(FailureCause::TlsVersion);
            }
            if hello.is_complete() {
                self.decrypt(&hello.octets, plain)?;
            } else {
                self.hello = Some(hello);
            }
        }
        self.decrypt(octets, plain)
    }

    fn send(&mut self, plain: &[u8]) -> Result<(), FailureCause> {
        self.connection.writer().write_all(plain).map_err(|_| FailureCause::TlsProtocol)
    }

    fn close(&mut self) {
        self.connection.send_close_notify();
    }

    fn flush(&mut self, wire: &mut Vec<u8>) {
        wire.extend(self.refusal.take().into_iter().flatten());
        while self.connection.wants_write() {
            // Writing to memory does not fail, but a loop must not hang on a claim.
            if !matches!(self.connection.write_tls(wire), Ok(1..)) {
                break;
            }
        }
    }

    fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    fn peer_certificate(&self) -> Option<&[u8]> {
        Some(self.connection.peer_certificates()?.first()?.as_ref())
    }

    fn peer_has_closed(&self) -> bool {
        self.peer_has_closed
    }
}

/// The head of the first record, as far as the version of the ClientHello in it. rustls complains of what old hellos lack
/// before it looks at their version, and so would neither send the right alert nor let us tell the MGC.
#[derive(Default)]
struct Hello {
    octets: Vec<u8>,
}

impl Hello {
    /// Record header, handshake header, client_version.
    const LENGTH: usize = 5 + 4 + 2;

    fn take(&mut self, octets: &mut &[u8]) {
        let missing = Self::LENGTH.saturating_sub(self.octets.len());
        let (head, rest) = octets.split_at_checked(missing).unwrap_or((octets, &[]));
        self.octets.extend_from_slice(head);
        *octets = rest;
    }

    /// All there, or not a handshake record to begin with.
    fn is_complete(&self) -> bool {
        self.octets.len() == Self::LENGTH || self.octets.first().is_some_and(|content_type| *content_type != 22)
    }

    /// The version, if it is below TLS 1.2. RFC 5246 7.4.1.2; TLS 1.3 says 1.2 there (RFC 8446 4.1.2).
    fn outdated_version(&self) -> Option<[u8; 2]> {
        match *self.octets {
            [22, 3, _, _, _, 1, _, _, _, 3, minor @ 0..3] => Some([3, minor]),
            _ => None,
        }
    }
}

/// A fatal protocol_version alert in a record of that version.
const fn protocol_version_alert([major, minor]: [u8; 2]) -> [u8; 7] {
    [21, major, minor, 0, 2, 2, 70]
}

/// What a TLS error is in the words of the signalling model.
fn cause(error: &Error) -> FailureCause {
    match error {
        Error::NoCertificatesPresented => FailureCause::TlsNoCertificate,
        // Only the verifier below says so.
        Error::InvalidCertificate(CertificateError::BadEncoding) => FailureCause::TlsFingerprint,
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => FailureCause::TlsVersion,
        _ => FailureCause::TlsProtocol,
    }
}

/// Asks the judge about the peer's certificate and checks that the peer holds its key. No chain, no names, no dates: the
/// signalled fingerprint is the whole trust (RFC 8122 section 7).
#[derive(Debug)]
struct Verifier {
    judge: Arc<PeerJudge>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn verify(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        match self.judge.judge(Some(certificate)) {
            Judgement::Accepted | Judgement::Pending => Ok(()),
            // The one error that rustls sends as bad_certificate.
            Judgement::Refused => Err(Error::InvalidCertificate(CertificateError::BadEncoding)),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verify(end_entity).map(|()| ServerCertVerified::assertion())
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

impl ClientCertVerifier for Verifier {
    fn offer_client_auth(&self) -> bool {
        self.judge.asks_certificate()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.judge.requires_certificate()
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
        self.verify(end_entity).map(|()| ClientCertVerified::assertion())
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
