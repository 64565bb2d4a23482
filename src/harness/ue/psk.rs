//! A UE's TLS session by pre-shared key (TS 33.328: e2e protection by MIKEY-TICKET), by OpenSSL on memory.

use super::{Observed, SharedKey, TlsSettings, Versions, tls::alert_name};
use crate::rules::roles::TlsRole;
use openssl::{
    error::ErrorStack,
    ssl::{
        ErrorCode, Ssl, SslContextBuilder, SslMethod, SslOptions, SslRef, SslSessionCacheMode, SslStream, SslVersion,
    },
};
use rustls::{AlertDescription, KeyLog};
use std::{
    io::{self, Read, Write},
    sync::Arc,
};

const TLS12: &str = "ECDHE-PSK-CHACHA20-POLY1305:ECDHE-PSK-AES128-CBC-SHA256:PSK-AES128-GCM-SHA256";
const TLS13: &str = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";

/// One session.
pub(super) struct KeySession {
    stream: SslStream<Pipe>,
    established: bool,
}

impl KeySession {
    pub(super) fn new(settings: &TlsSettings, key_log: Arc<dyn KeyLog>) -> Result<Self, Observed> {
        let Some(key) = settings.key.clone() else { return Err(Observed::Configuration("no key".into())) };
        let configuration = |error: ErrorStack| Observed::Configuration(error.to_string());
        let ssl = ssl(settings.role, settings.versions, key, key_log).map_err(configuration)?;
        let mut session =
            Self { stream: SslStream::new(ssl, Pipe::default()).map_err(configuration)?, established: false };
        session.shake_hands()?;
        Ok(session)
    }

    fn shake_hands(&mut self) -> Result<(), Observed> {
        if !self.established {
            match self.stream.do_handshake() {
                Ok(()) => self.established = true,
                Err(error) if error.code() == ErrorCode::WANT_READ => {}
                Err(error) => return Err(observed(&error)),
            }
        }
        Ok(())
    }

    pub(super) fn read(&mut self, octets: &[u8], plain: &mut Vec<u8>) -> Result<bool, Observed> {
        self.stream.get_mut().incoming.extend_from_slice(octets);
        self.shake_hands()?;
        let mut buffer = [0; 16 << 10];
        while self.established {
            match self.stream.ssl_read(&mut buffer) {
                Ok(count) => plain.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.code() == ErrorCode::WANT_READ => break,
                Err(error) if error.code() == ErrorCode::ZERO_RETURN => return Ok(true),
                Err(error) => return Err(observed(&error)),
            }
        }
        Ok(false)
    }

    pub(super) fn write(&mut self, plain: &[u8]) -> io::Result<()> {
        self.stream.write_all(plain)
    }

    pub(super) fn close(&mut self) {
        // The first call only sends, and before the handshake ends it cannot.
        let _said = self.stream.shutdown();
    }

    pub(super) fn records(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.stream.get_mut().outgoing)
    }

    pub(super) const fn is_handshaking(&self) -> bool {
        !self.established
    }

    pub(super) fn negotiated(&self) -> (&'static str, String) {
        let ssl = self.stream.ssl();
        let version = if ssl.version2() == Some(SslVersion::TLS1_3) { "TLS 1.3" } else { "TLS 1.2" };
        let cipher = ssl.current_cipher().and_then(|cipher| cipher.standard_name()).unwrap_or_default();
        (version, cipher.to_owned())
    }
}

fn ssl(role: TlsRole, versions: Versions, key: SharedKey, key_log: Arc<dyn KeyLog>) -> Result<Ssl, ErrorStack> {
    let mut context = SslContextBuilder::new(SslMethod::tls())?;
    context.set_min_proto_version(Some(match versions {
        Versions::Tls13 => SslVersion::TLS1_3,
        Versions::Tls12 | Versions::Both => SslVersion::TLS1_2,
    }))?;
    context.set_max_proto_version(match versions {
        Versions::Tls12 => Some(SslVersion::TLS1_2),
        Versions::Tls13 | Versions::Both => None,
    })?;
    context.set_cipher_list(TLS12)?;
    context.set_ciphersuites(TLS13)?;
    context.set_options(SslOptions::NO_TICKET);
    context.set_session_cache_mode(SslSessionCacheMode::OFF);
    context.set_num_tickets(0)?;
    context.set_keylog_callback(move |_, line| {
        let mut words = line.split(' ');
        if let (Some(label), Some(random), Some(secret)) = (words.next(), words.next(), words.next()) {
            key_log.log(label, &octets(random), &octets(secret));
        }
    });
    let own = key.clone();
    context.set_psk_client_callback(move |_: &mut SslRef, _hint, identity, room| {
        let name = [own.identity.as_bytes(), &[0]].concat();
        Ok(if fill(identity, &name) && fill(room, &own.key) { own.key.len() } else { 0 })
    });
    context.set_psk_server_callback(move |_: &mut SslRef, identity, room| {
        let known = identity == Some(key.identity.as_bytes());
        Ok(if known && fill(room, &key.key) { key.key.len() } else { 0 })
    });
    let mut ssl = Ssl::new(&context.build())?;
    match role {
        TlsRole::Client => ssl.set_connect_state(),
        TlsRole::Server => ssl.set_accept_state(),
    }
    Ok(ssl)
}

fn fill(room: &mut [u8], octets: &[u8]) -> bool {
    let Some(start) = room.get_mut(..octets.len()) else { return false };
    start.copy_from_slice(octets);
    true
}

fn octets(hexadecimal: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    hexadecimal.as_bytes().chunks(2).filter_map(pair).collect()
}

/// An OpenSSL error in the terms of a UE.
fn observed(error: &openssl::ssl::Error) -> Observed {
    // A reason above 1000 is an alert the peer sent; 258 and 267 say that there is no common version, or no TLS.
    let reason =
        error.ssl_error().and_then(|stack| stack.errors().first()).map_or(0, openssl::error::Error::reason_code);
    match u8::try_from(reason - 1000) {
        Ok(alert) => Observed::Alert(alert_name(AlertDescription::from(alert))),
        Err(_) if reason == 258 => Observed::Version,
        Err(_) if reason == 267 => Observed::NotTls,
        Err(_) => Observed::Tls(error.to_string()),
    }
}

/// The two directions of TCP, in memory.
#[derive(Default)]
struct Pipe {
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.incoming.as_slice().read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.incoming.drain(..count);
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
