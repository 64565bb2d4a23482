//! Phase II: the TLS session between socket and inbox.

use super::{Fin, Pump};
use crate::{
    harness::{
        transcript::{Event, TlsEvent},
        ue::{Observed, Secured, TlsSettings, UeError, engine::Engine, shared::TlsState, tls::alert_name},
    },
    rules::roles::TlsRole,
};
use rustls::AlertDescription;

/// A TLS session and what was seen of the peer's certificate.
pub(super) struct Session {
    pub(super) engine: Engine,
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
            None => self.change(|state| state.inbox.extend(octets)),
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
            Some(settings) => Engine::begin(&settings, self.route.destination.ip(), self.shared.transcript.key_log())
                .map(|engine| (engine, settings)),
            None => Err(Observed::Configuration("no TLS on this bearer".into())),
        };
        match begun {
            Ok((engine, settings)) => {
                self.change(|state| state.tls = TlsState::Handshaking);
                self.session = Some(Session { engine, settings, announced: false, failed: false });
                let held = std::mem::take(&mut self.held);
                self.feed(&held);
            }
            Err(observed) => {
                let error = UeError::new(observed, self.last_frame);
                self.change(|state| state.tls = TlsState::Failed(error));
            }
        }
    }

    /// Gives received octets to the TLS session and what it makes of them to the inbox.
    pub(super) fn feed(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let Some(session) = &mut self.session else { return };
            if session.failed {
                return;
            }
            let mut plain = Vec::new();
            let read = session.engine.read(&mut octets, &mut plain, &session.settings);
            let closed = read == Ok(true);
            if !plain.is_empty() {
                self.announce();
                self.change(|state| state.inbox.extend(plain));
            }
            if closed && self.shared.lock().alert.is_none() {
                self.peer_alert("close_notify".into());
            }
            if let Err(observed) = read {
                self.tls_failed(observed);
            }
        }
    }

    /// Says, once, that the handshake is complete.
    pub(super) fn announce(&mut self) {
        let Some(session) = &mut self.session else { return };
        if session.announced || session.failed || session.engine.is_handshaking() {
            return;
        }
        session.announced = true;
        let (version, cipher) = session.engine.negotiated();
        let presented = session.engine.presented();
        let frame = self.record(Event::Tls(TlsEvent::Complete { version, cipher: cipher.clone() }));
        self.change(|state| {
            state.presented = presented.clone();
            state.tls = TlsState::Up(Secured { version, cipher, presented, frame });
        });
    }

    pub(super) fn tls_failed(&mut self, observed: Observed) {
        let Some(session) = &mut self.session else { return };
        session.failed = true;
        let presented = session.engine.presented();
        let frame = if let Observed::Alert(alert) = &observed {
            self.peer_alert(alert.clone())
        } else {
            // Whoever refuses closes; whoever is refused waits to see the refuser close.
            if self.fin == Fin::Open {
                self.fin = Fin::Wanted;
            }
            self.record(Event::Tls(TlsEvent::Failed(observed.to_string())))
        };
        // An alert of TLS 1.3 leaves encrypted: only the reason for it tells which it is.
        let encrypted = match &observed {
            Observed::FingerprintMismatch { .. } => Some("bad_certificate"),
            Observed::NoCertificate => Some("certificate_required"),
            _ => None,
        };
        if !self.flush_tls()
            && let Some(name) = encrypted
        {
            self.record(Event::Tls(TlsEvent::Alert(name.into())));
        }
        self.change(|state| {
            state.presented = presented;
            state.tls = TlsState::Failed(UeError::new(observed, frame));
        });
    }

    pub(super) fn close_notify(&mut self) {
        let Some(session) = &mut self.session else { return };
        if session.failed {
            return;
        }
        session.engine.close();
        // Encrypted, so that nobody sees it in the octets; before the handshake ends `flush_tls` does.
        if session.announced {
            self.record(Event::Tls(TlsEvent::Alert("close_notify".into())));
        }
    }

    pub(super) fn peer_alert(&mut self, name: String) -> u32 {
        let event = Event::Tls(TlsEvent::Alert(name.clone()));
        let frame = self.shared.transcript.record(self.route.reversed(), event);
        self.change(|state| state.alert = Some((name, frame)));
        frame
    }

    /// Moves what the TLS session wants sent to `out`; records an alert that leaves in the clear, and says whether one did.
    pub(super) fn flush_tls(&mut self) -> bool {
        let Some(session) = &mut self.session else { return false };
        let records = session.engine.records();
        // Content type 21 with two octets of content; an encrypted alert is longer. RFC 8446 sections 5.1 and 6.
        let clear = match records[..] {
            [.., 21, 3, _, 0, 2, _level, description] => Some(description),
            _ => None,
        };
        if let Some(description) = clear {
            let alert = alert_name(AlertDescription::from(description));
            self.record(Event::Tls(TlsEvent::Alert(alert)));
        }
        self.out.extend(records);
        clear.is_some()
    }
}
