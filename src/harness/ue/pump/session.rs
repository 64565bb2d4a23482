//! Phase II: the TLS session between socket and inbox.

use super::{Fin, Pump};
use crate::{
    harness::{
        transcript::{Event, TlsEvent},
        ue::{
            Observed, Secured, TlsSettings, UeError,
            shared::TlsState,
            tls::{Presented, alert_name},
        },
    },
    rules::roles::TlsRole,
};
use rustls::{AlertDescription, Connection, Error, ProtocolVersion};
use std::io::{self, Read as _};

/// A TLS session and what was seen of the peer's certificate.
pub(super) struct Session {
    pub(super) connection: Connection,
    presented: Presented,
    settings: TlsSettings,
    announced: bool,
    failed: bool,
}

impl Pump {
    pub(super) fn take_in(&mut self, octets: &[u8]) {
        if self.session.is_some() {
            return self.feed(octets);
        }
        let begins = self.shared.settings().tls.as_ref().map(|tls| tls.autonomous && tls.role == TlsRole::Server);
        match begins {
            None => self.shared.change(|state| state.inbox.extend(octets)),
            Some(begins) => {
                self.held.extend_from_slice(octets);
                if begins {
                    self.begin_tls();
                }
            }
        }
    }

    pub(super) fn begin_tls(&mut self) {
        if self.session.is_some() {
            return;
        }
        // Read now, not when TCP was established: what to expect of the peer may have come since.
        let settings = self.shared.settings().tls.clone();
        let begun = match settings {
            Some(settings) => settings
                .connection(self.route.destination.ip(), self.shared.transcript.key_log())
                .map(|(connection, presented)| (connection, presented, settings)),
            None => Err(Observed::Configuration("no TLS on this bearer".into())),
        };
        match begun {
            Ok((connection, presented, settings)) => {
                self.shared.change(|state| state.tls = TlsState::Handshaking);
                self.session = Some(Session { connection, presented, settings, announced: false, failed: false });
                let held = std::mem::take(&mut self.held);
                self.feed(&held);
            }
            Err(observed) => {
                let error = UeError::new(observed, self.last_frame);
                self.shared.change(|state| state.tls = TlsState::Failed(error));
            }
        }
    }

    /// Gives received octets to the TLS session and what it makes of them to the inbox.
    pub(super) fn feed(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let Some(session) = &mut self.session else { return };
            if session.failed || !matches!(session.connection.read_tls(&mut octets), Ok(1..)) {
                return;
            }
            let processed = session.connection.process_new_packets();
            let mut plain = Vec::new();
            // Ends in WouldBlock when all is read; any other end shows in `processed`.
            let _drained: io::Result<usize> = session.connection.reader().read_to_end(&mut plain);
            let closed = processed.as_ref().is_ok_and(rustls::IoState::peer_has_closed);
            if !plain.is_empty() {
                self.announce();
                self.shared.change(|state| state.inbox.extend(plain));
            }
            if closed && self.shared.lock().alert.is_none() {
                self.peer_alert("close_notify".into());
            }
            if let Err(error) = processed {
                self.tls_failed(&error);
            }
        }
    }

    /// Says, once, that the handshake is complete.
    pub(super) fn announce(&mut self) {
        let Some(session) = &mut self.session else { return };
        if session.announced || session.failed || session.connection.is_handshaking() {
            return;
        }
        session.announced = true;
        let version = match session.connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            _ => "TLS 1.2",
        };
        let suite = session.connection.negotiated_cipher_suite();
        let cipher = suite.map(|s| format!("{:?}", s.suite()).replace("TLS13_", "TLS_")).unwrap_or_default();
        let presented = session.presented.fingerprint();
        let frame = self.record(Event::Tls(TlsEvent::Complete { version, cipher: cipher.clone() }));
        self.shared.change(|state| {
            state.presented = presented.clone();
            state.tls = TlsState::Up(Secured { version, cipher, presented, frame });
        });
    }

    pub(super) fn tls_failed(&mut self, error: &Error) {
        let Some(session) = &mut self.session else { return };
        session.failed = true;
        let presented = session.presented.fingerprint();
        let observed = session.settings.observed(error, presented.as_ref());
        let frame = if let Error::AlertReceived(alert) = error {
            self.peer_alert(alert_name(*alert))
        } else {
            // Whoever refuses closes; whoever is refused waits to see the refuser close.
            if self.fin == Fin::Open {
                self.fin = Fin::Wanted;
            }
            self.record(Event::Tls(TlsEvent::Failed(observed.to_string())))
        };
        self.flush_tls();
        self.shared.change(|state| {
            state.presented = presented;
            state.tls = TlsState::Failed(UeError::new(observed, frame));
        });
    }

    pub(super) fn close_notify(&mut self) {
        let Some(session) = &mut self.session else { return };
        if session.failed {
            return;
        }
        session.connection.send_close_notify();
        // Encrypted, so that nobody sees it in the octets; before the handshake ends `flush_tls` does.
        if session.announced {
            self.record(Event::Tls(TlsEvent::Alert("close_notify".into())));
        }
    }

    pub(super) fn peer_alert(&mut self, name: String) -> u32 {
        let event = Event::Tls(TlsEvent::Alert(name.clone()));
        let frame = self.shared.transcript.record(self.route.reversed(), event);
        self.shared.change(|state| state.alert = Some((name, frame)));
        frame
    }

    /// Moves what the TLS session wants sent to `out`, and records an alert that leaves in the clear.
    pub(super) fn flush_tls(&mut self) {
        let Some(session) = &mut self.session else { return };
        let mut records = Vec::new();
        while session.connection.wants_write() {
            if session.connection.write_tls(&mut records).is_err() {
                break;
            }
        }
        // Content type 21 with two octets of content; an encrypted alert is longer. RFC 8446 sections 5.1 and 6.
        if let [.., 21, 3, _, 0, 2, _level, description] = records[..] {
            let alert = alert_name(AlertDescription::from(description));
            self.record(Event::Tls(TlsEvent::Alert(alert)));
        }
        self.out.extend(records);
    }
}
