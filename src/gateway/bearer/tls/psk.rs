//! TLS 1.2 and 1.3 with pre-shared keys, by OpenSSL on memory: it reads what the relay received and writes what the relay
//! is to send, and never sees a socket. No certificate, no resumption, no renegotiation.

use super::{PeerJudge, PreSharedKey, TlsSession, TlsStack};
use crate::{gateway::bearer::FailureCause, rules::roles::TlsRole};
use openssl::{
    error::ErrorStack,
    ex_data::Index,
    ssl::{
        ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslOptions, SslRef, SslSessionCacheMode, SslStream,
        SslVersion,
    },
};
use std::{
    fmt,
    io::{self, Read, Write},
    net::SocketAddr,
    sync::Arc,
};

/// Suites of RFC 5489, 5487 and 7905 with AES-128 at least, forward secrecy first.
const TLS12: &str = "ECDHE-PSK-CHACHA20-POLY1305:ECDHE-PSK-AES128-CBC-SHA256:ECDHE-PSK-AES256-CBC-SHA384:\
                     PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384:PSK-CHACHA20-POLY1305";
/// An external key goes with SHA-256 unless it says otherwise (RFC 8446 4.2.11).
const TLS13: &str = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";

/// The stack for pre-shared keys.
#[derive(Clone)]
pub struct OpenSsl {
    context: SslContext,
    judge: Index<Ssl, Arc<PeerJudge>>,
}

impl fmt::Debug for OpenSsl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenSsl")
    }
}

/// OpenSSL could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the stack for pre-shared keys is unusable")]
pub struct SetupError(#[from] ErrorStack);

impl OpenSsl {
    /// A stack for both roles. Each session takes its key from the judge it is given.
    ///
    /// # Errors
    /// OpenSSL refuses its settings.
    pub fn new() -> Result<Self, SetupError> {
        let judge = Ssl::new_ex_index()?;
        let mut context = SslContextBuilder::new(SslMethod::tls())?;
        context.set_min_proto_version(Some(SslVersion::TLS1_2))?;
        context.set_cipher_list(TLS12)?;
        context.set_ciphersuites(TLS13)?;
        context.set_options(SslOptions::NO_TICKET | SslOptions::NO_RENEGOTIATION | SslOptions::NO_COMPRESSION);
        context.set_session_cache_mode(SslSessionCacheMode::OFF);
        context.set_num_tickets(0)?;
        context.set_psk_client_callback(move |ssl: &mut SslRef, _hint, identity, key| {
            let Some(own) = ssl.ex_data(judge).and_then(|judge: &Arc<PeerJudge>| judge.key()) else { return Ok(0) };
            let name = [own.identity().as_bytes(), &[0]].concat();
            Ok(if fill(identity, &name) { give(key, &own) } else { 0 })
        });
        context.set_psk_server_callback(move |ssl: &mut SslRef, identity, key| {
            let judge = ssl.ex_data(judge).map(Arc::clone);
            let own = judge.as_ref().and_then(|judge| judge.key_for(identity));
            Ok(own.map_or(0, |own| give(key, &own)))
        });
        Ok(Self { context: context.build(), judge })
    }
}

/// Writes the key where OpenSSL wants it, and says how long it is: 0 refuses the peer.
fn give(room: &mut [u8], key: &PreSharedKey) -> usize {
    if fill(room, key.key()) { key.key().len() } else { 0 }
}

fn fill(room: &mut [u8], octets: &[u8]) -> bool {
    let Some(start) = room.get_mut(..octets.len()) else { return false };
    start.copy_from_slice(octets);
    true
}

impl TlsStack for OpenSsl {
    fn session(
        &self,
        role: TlsRole,
        _: SocketAddr,
        judge: Arc<PeerJudge>,
    ) -> Result<Box<dyn TlsSession>, FailureCause> {
        let mut ssl = Ssl::new(&self.context).map_err(|_| FailureCause::TlsProtocol)?;
        ssl.set_ex_data(self.judge, judge);
        match role {
            TlsRole::Client => ssl.set_connect_state(),
            TlsRole::Server => ssl.set_accept_state(),
        }
        let stream = SslStream::new(ssl, Pipe::default()).map_err(|_| FailureCause::TlsProtocol)?;
        let mut session = PskSession { stream, established: false, peer_has_closed: false };
        session.shake_hands()?;
        Ok(Box::new(session))
    }
}

struct PskSession {
    stream: SslStream<Pipe>,
    established: bool,
    peer_has_closed: bool,
}

impl fmt::Debug for PskSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.stream.ssl().version_str();
        f.debug_struct("PskSession").field("version", &version).finish_non_exhaustive()
    }
}

impl PskSession {
    fn shake_hands(&mut self) -> Result<(), FailureCause> {
        if self.established {
            return Ok(());
        }
        match self.stream.do_handshake() {
            Ok(()) => self.established = true,
            Err(error) if error.code() == ErrorCode::WANT_READ => {}
            Err(error) => return Err(cause(error.ssl_error())),
        }
        Ok(())
    }
}

impl TlsSession for PskSession {
    fn receive(&mut self, octets: &[u8], plain: &mut Vec<u8>) -> Result<(), FailureCause> {
        self.stream.get_mut().incoming.extend_from_slice(octets);
        self.shake_hands()?;
        let mut buffer = [0; 4096];
        while self.established {
            match self.stream.ssl_read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => plain.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.code() == ErrorCode::WANT_READ => break,
                Err(error) if error.code() == ErrorCode::ZERO_RETURN => {
                    self.peer_has_closed = true;
                    break;
                }
                Err(error) => return Err(cause(error.ssl_error())),
            }
        }
        Ok(())
    }

    fn send(&mut self, plain: &[u8]) -> Result<(), FailureCause> {
        // Writing to memory never blocks, so that all of it goes at once.
        self.stream.write_all(plain).map_err(|_| FailureCause::TlsProtocol)
    }

    fn close(&mut self) {
        if self.established {
            // The first call only sends; the answer is the relay's to wait for.
            let _ = self.stream.shutdown();
        }
    }

    fn flush(&mut self, wire: &mut Vec<u8>) {
        wire.append(&mut self.stream.get_mut().outgoing);
    }

    fn is_handshaking(&self) -> bool {
        !self.established
    }

    fn peer_certificate(&self) -> Option<&[u8]> {
        None
    }

    fn proves_key(&self) -> bool {
        self.established
    }

    fn peer_has_closed(&self) -> bool {
        self.peer_has_closed
    }
}

/// The two directions of TCP, in memory.
#[derive(Default)]
struct Pipe {
    incoming: Vec<u8>,
    taken: usize,
    outgoing: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.incoming.get(self.taken..).unwrap_or_default().read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.taken += count;
        if self.taken == self.incoming.len() {
            // Owns nothing while it is empty.
            self.incoming = Vec::new();
            self.taken = 0;
        }
        Ok(count)
    }
}

impl Write for Pipe {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.outgoing.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a TLS error is in the words of the signalling model. A wrong key shows as a breach of the protocol: the peer's
/// Finished, or its binder, does not verify.
fn cause(error: Option<&ErrorStack>) -> FailureCause {
    // SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION.
    const VERSION: [i32; 2] = [258, 1070];
    let reasons = error.into_iter().flat_map(ErrorStack::errors);
    let outdated = reasons.into_iter().any(|error| VERSION.contains(&error.reason_code()));
    if outdated { FailureCause::TlsVersion } else { FailureCause::TlsProtocol }
}

#[cfg(test)]
mod tests;
