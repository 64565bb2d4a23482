//! The TLS stack under a UE's session: rustls for certificates, OpenSSL for a pre-shared key.

use super::{Observed, TlsSettings, tls::Presented};
use crate::wire::sdp::Fingerprint;
use rustls::{Connection, KeyLog, ProtocolVersion};
use std::{
    io::{self, Read as _, Write as _},
    net::IpAddr,
    sync::Arc,
};

/// One TLS session's stack.
pub(super) enum Engine {
    Certificates {
        connection: Box<Connection>,
        presented: Presented,
    },
    #[cfg(feature = "psk")]
    Key(super::psk::KeySession),
}

impl Engine {
    /// A session ready to begin towards `peer`, by key if the settings have one.
    pub(super) fn begin(settings: &TlsSettings, peer: IpAddr, key_log: Arc<dyn KeyLog>) -> Result<Self, Observed> {
        if settings.key.is_none() {
            let (connection, presented) = settings.connection(peer, key_log)?;
            return Ok(Self::Certificates { connection: Box::new(connection), presented });
        }
        #[cfg(feature = "psk")]
        return super::psk::KeySession::new(settings, key_log).map(Self::Key);
        #[cfg(not(feature = "psk"))]
        Err(Observed::Configuration("this program was built without pre-shared keys".into()))
    }

    /// Takes octets from TCP and appends the application's to `plain`; true once the peer said close_notify. Octets are left
    /// over only then and after an error.
    pub(super) fn read(
        &mut self,
        octets: &mut &[u8],
        plain: &mut Vec<u8>,
        settings: &TlsSettings,
    ) -> Result<bool, Observed> {
        match self {
            Self::Certificates { connection, presented } => {
                if !matches!(connection.read_tls(octets), Ok(1..)) {
                    *octets = &[];
                    return Ok(false);
                }
                let processed = connection.process_new_packets();
                // Ends in WouldBlock when all is read; any other end shows in `processed`.
                let _drained: io::Result<usize> = connection.reader().read_to_end(plain);
                let state = processed.map_err(|error| settings.observed(&error, presented.fingerprint().as_ref()))?;
                Ok(state.peer_has_closed())
            }
            #[cfg(feature = "psk")]
            Self::Key(session) => session.read(std::mem::take(octets), plain),
        }
    }

    /// Takes application octets, all of them.
    pub(super) fn write(&mut self, plain: &[u8]) -> Result<(), Observed> {
        match self {
            // A Vec behind an unlimited buffer takes everything.
            Self::Certificates { connection, .. } => connection.writer().write_all(plain),
            #[cfg(feature = "psk")]
            Self::Key(session) => session.write(plain),
        }
        .map_err(|error| Observed::Tls(error.to_string()))
    }

    /// Says close_notify.
    pub(super) fn close(&mut self) {
        match self {
            Self::Certificates { connection, .. } => connection.send_close_notify(),
            #[cfg(feature = "psk")]
            Self::Key(session) => session.close(),
        }
    }

    /// The records that wait to be sent.
    pub(super) fn records(&mut self) -> Vec<u8> {
        match self {
            Self::Certificates { connection, .. } => {
                let mut records = Vec::new();
                while connection.wants_write() {
                    if connection.write_tls(&mut records).is_err() {
                        break;
                    }
                }
                records
            }
            #[cfg(feature = "psk")]
            Self::Key(session) => session.records(),
        }
    }

    pub(super) fn is_handshaking(&self) -> bool {
        match self {
            Self::Certificates { connection, .. } => connection.is_handshaking(),
            #[cfg(feature = "psk")]
            Self::Key(session) => session.is_handshaking(),
        }
    }

    /// `TLS 1.2` or `TLS 1.3`, and the cipher suite's registered name.
    pub(super) fn negotiated(&self) -> (&'static str, String) {
        match self {
            Self::Certificates { connection, .. } => {
                let version = match connection.protocol_version() {
                    Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
                    _ => "TLS 1.2",
                };
                let suite = connection.negotiated_cipher_suite();
                let cipher = suite.map(|s| format!("{:?}", s.suite()).replace("TLS13_", "TLS_")).unwrap_or_default();
                (version, cipher)
            }
            #[cfg(feature = "psk")]
            Self::Key(session) => session.negotiated(),
        }
    }

    /// Fingerprint of the certificate the peer presented.
    pub(super) fn presented(&self) -> Option<Fingerprint<'static>> {
        match self {
            Self::Certificates { presented, .. } => presented.fingerprint(),
            #[cfg(feature = "psk")]
            Self::Key(_) => None,
        }
    }
}
