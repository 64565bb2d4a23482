//! Steps about who is let in and who is not.

use super::{
    party::{Presents, Side, Signals, stranger_fingerprint},
    session::ESTABLISHED,
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::{
        certificate::Identity,
        ue::{Observed, TlsSettings, Ue, UeError, UeSettings, client_hello},
    },
    results::{Check, Lane, Level, Link, Outcome},
    rules::roles::{TcpRole, TlsRole},
    wire::h248::ObservedEvent,
};
use std::time::Duration;

/// A ClientHello that offers TLS 1.1 at most (RFC 4346 7.4.1.2): record and handshake headers, version 3.2, random, no session,
/// two RSA suites with CBC, no compression, no extensions.
fn tls_1_1_hello() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend((0..32).map(|n| n * 7));
    body.extend([0, 0, 4, 0, 0x2F, 0, 0x35, 1, 0]);
    let length = body.len() as u8;
    let mut hello = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    hello.extend(body);
    hello
}

impl World {
    /// `UE-A tries to establish its bearer and to send a message`
    pub(super) async fn tries(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let [a, b] = &self.session.peers;
        let (Some(a), Some(b)) = (a, b) else { return Err(Stop::Harness("the UEs are not there yet".into())) };
        let (trying, other) = if side == Side::A { (a, b) } else { (b, a) };
        let (tried, beside) = futures::join!(trying.establish(), other.establish());
        if let Err(error) = beside {
            let claim = format!("the bearer of {} is established", side.other().lane().name());
            self.ground(&claim, ESTABLISHED, false, "established", &error.observed, [error.frame])?;
        }
        // In TLS 1.3 a client learns only afterwards that its certificate was refused, and may have spoken by then.
        if tried.is_ok() {
            let ue = &self.session.peer(side)?.ue;
            let _refused_meanwhile = ue.send(b"MSRP n0tverified SEND\r\n").await;
        }
        Ok(())
    }

    /// `the IMS-AGW refuses UE-A in the TLS handshake`
    pub(super) async fn refused_in_handshake(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let bound = self.environment()?.bounds().handshake;
        let nothing_presented = self.session.party(side).presents == Presents::Nothing;
        let refusal = self.session.peer(side)?.ue.refused(bound).await;
        let claim = format!("{} is refused", side.lane().name());
        let (alert, frame) = match refusal {
            Ok(UeError { observed: Observed::Alert(alert), frame }) => (Some(alert), frame),
            Ok(error) => (None, error.frame),
            Err(error) => return self.check(&claim, false, "a refusal", &error.observed, [error.frame]),
        };
        self.check(&claim, true, "a refusal", alert.as_deref().unwrap_or("the end of TCP"), [frame])?;
        // RFC 8122 5 names bad_certificate; for none at all RFC 5246 7.4.6 and RFC 8446 4.4.2.4 name their own.
        let fitting: &[&str] = if nothing_presented {
            &["bad_certificate", "certificate_required", "handshake_failure"]
        } else {
            &["bad_certificate"]
        };
        let Some(alert) = alert else { return Ok(()) };
        let outcome = if fitting.contains(&alert.as_str()) { Outcome::Met } else { Outcome::Deviates };
        let check = Check { level: Level::Should, ..self.claim("the alert says why", outcome) };
        self.record(check.compare(fitting.join(" or "), alert).from_frames([frame]))
    }

    /// `UE-A sends a message without TLS`
    pub(super) async fn sends_without_tls(&mut self, words: Words) -> Done {
        self.sends_raw(words, b"MSRP pl4intext SEND\r\nTo-Path: msrp://127.0.0.1:1/a;tcp\r\n").await
    }

    /// `UE-A offers nothing newer than TLS 1.1`
    pub(super) async fn offers_old_tls(&mut self, words: Words) -> Done {
        self.sends_raw(words, &tls_1_1_hello()).await
    }

    async fn sends_raw(&mut self, words: Words, octets: &[u8]) -> Done {
        let side = Side::named(words.at(0));
        self.tcp_only(words).await?;
        let other = self.session.peer(side.other())?.establish().await;
        if let Err(error) = other {
            let claim = format!("the bearer of {} is established", side.other().lane().name());
            self.ground(&claim, ESTABLISHED, false, "established", &error.observed, [error.frame])?;
        }
        let sent = self.session.peer(side)?.ue.send_raw(octets).await;
        sent.map(|_| ()).map_err(|e| Stop::Inconclusive(format!("the UE could not send: {e}")))
    }

    /// `the IMS-AGW ends the connection of UE-A`
    pub(super) async fn connection_ended(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let bound = self.environment()?.bounds().handshake;
        let claim = format!("the connection of {} is ended", side.lane().name());
        match self.session.peer(side)?.ue.await_end(bound).await {
            Ok(end) => self.check(&claim, true, "the end of TCP", format!("{:?}", end.tcp), [end.frame]),
            Err(error) => self.check(&claim, false, "the end of TCP", &error.observed, [error.frame]),
        }
    }

    /// `the IMS-ALG hears the cause "tls-fingerprint"`
    pub(super) async fn cause_heard(&mut self, words: Words) -> Done {
        let bound = self.environment()?.bounds().handshake;
        let wanted = words.at(0).to_owned();
        let claim = "the MGC is told of it, and why";
        let mut heard = Vec::new();
        let deadline = tokio::time::Instant::now() + bound;
        loop {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let Some(notification) = self.controller()?.notification(left).await else { break };
            let causes = causes(&notification.events);
            if causes.contains(&wanted) {
                return self.check(claim, true, &wanted, causes.join(", "), [notification.frame]);
            }
            heard.extend(causes);
        }
        let shown = if heard.is_empty() { "no Notify".to_owned() } else { heard.join(", ") };
        let frame = self.transcript.last();
        self.check(claim, false, &wanted, shown, [frame])
    }

    /// `the IMS-ALG learns the fingerprint of UE-A and passes it on( as one that differs)`
    pub(super) async fn fingerprint_learnt(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        self.session.party_mut(side).signals = Signals::Fingerprint;
        let fingerprints = match words.at(1) {
            "" => self.session.party(side).signalled(),
            _ => vec![stranger_fingerprint()],
        };
        self.pass_on_remote(side, &fingerprints).await
    }

    /// A stranger: a TLS client with a certificate nobody signalled.
    fn stranger(&self, bound: Duration) -> Result<Ue, Stop> {
        let identity = Identity::generate("stranger").map_err(Stop::harness)?;
        let mut settings = UeSettings::new(Link::Access, self.session.address(Side::A), TcpRole::Client)
            .with_tls(TlsSettings::new(TlsRole::Client, identity));
        settings.lane = Lane::UeC;
        settings.bounds.connect = bound;
        settings.bounds.handshake = bound;
        Ok(Ue::new(settings, self.transcript.clone())?)
    }

    /// `a stranger with a certificate of its own is refused at the endpoint of UE-A`
    pub(super) async fn stranger_refused(&mut self, words: Words) -> Done {
        let bound = self.environment()?.bounds().handshake;
        let gateway = self.session.granted(Side::named(words.at(0)))?.address;
        let stranger = self.stranger(bound)?;
        let claim = "a stranger is refused";
        let refusal = match stranger.open(gateway).await {
            Ok(_) => stranger.refused(bound).await,
            Err(UeError { observed: Observed::Refused | Observed::Reset, frame }) => {
                Ok(UeError { observed: Observed::Refused, frame })
            }
            Err(other) => Err(other),
        };
        match refusal {
            Ok(refusal) => self.check(claim, true, "a refusal", &refusal.observed, [refusal.frame]),
            Err(error) => self.check(claim, false, "a refusal", &error.observed, [error.frame]),
        }
    }

    async fn stranger_connects(&mut self, words: &Words) -> Result<Ue, Stop> {
        let bound = self.environment()?.bounds().connect;
        let gateway = self.session.granted(Side::named(words.at(0)))?.address;
        let stranger = self.stranger(bound)?;
        match stranger.open(gateway).await {
            Ok(_) => Ok(stranger),
            Err(error) => Err(self
                .ground(
                    "the endpoint can be connected to",
                    ESTABLISHED,
                    false,
                    "established",
                    &error.observed,
                    [error.frame],
                )
                .err()
                .unwrap_or(Stop::Judged)),
        }
    }

    /// `a stranger connects to the endpoint of UE-A and stays silent`
    pub(super) async fn stranger_silent(&mut self, words: Words) -> Done {
        let stranger = self.stranger_connects(&words).await?;
        self.strangers.push(stranger);
        Ok(())
    }

    /// `a stranger connects to the endpoint of UE-A and sends a ClientHello one octet at a time`
    pub(super) async fn stranger_slow(&mut self, words: Words) -> Done {
        let stranger = self.stranger_connects(&words).await?;
        let identity = Identity::generate("stranger").map_err(Stop::harness)?;
        let hello = client_hello(Some(&TlsSettings::new(TlsRole::Client, identity))).map_err(Stop::harness)?;
        let slow = stranger.clone();
        tokio::spawn(async move {
            for octet in hello {
                if slow.send_raw(&[octet]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        self.strangers.push(stranger);
        Ok(())
    }

    /// `the stranger sees its connection end`
    pub(super) async fn stranger_ended(&mut self, _: Words) -> Done {
        // Longer than the model's 10 s for a handshake would be another thing: the termination is gone.
        let bound = self.environment()?.bounds().transfer;
        let Some(stranger) = self.strangers.last().cloned() else {
            return Err(Stop::Harness("no stranger connected".into()));
        };
        let claim = "an unverified connection ends with its termination";
        match stranger.await_end(bound).await {
            Ok(end) => self.check(claim, true, "the end of TCP", format!("{:?}", end.tcp), [end.frame]),
            Err(error) => self.check(claim, false, "the end of TCP", &error.observed, [error.frame]),
        }
    }
}

/// The causes that observed events name: `Failurecause` of `g/cause`, `cs` of `nt/netfail`.
fn causes(observed: &[ObservedEvent<'_>]) -> Vec<String> {
    observed
        .iter()
        .flat_map(|e| &e.event.parameters)
        .filter(|p| p.name == "Failurecause" || p.name == "cs")
        .filter_map(|p| p.value.single().map(|v| v.as_str().to_owned()))
        .collect()
}
