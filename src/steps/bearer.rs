//! Steps about bearers: how they come up, who opens them, who is TLS client, how they end.

use super::{
    party::{Side, tls_role},
    session::{ESTABLISHED, Session, granted_proto},
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::{
        transcript::{Entry, Event, TcpEvent},
        ue::{PortState, TlsSettings, Versions},
    },
    results::Lane,
    rules::roles::TlsRole,
    wire::tls_record::{Speaker, speaker},
};
use std::collections::BTreeSet;

impl World {
    /// `the IMS-ALG controls an IMS-AGW over IPv4`
    pub(super) async fn connected(&mut self, words: Words) -> Done {
        let environment = self.environment()?;
        self.session.v6 = words.at(0) == "6";
        if self.session.v6 && !environment.has_ipv6() {
            return Err(Stop::Skipped("this machine has no IPv6 loopback".into()));
        }
        for side in Side::BOTH {
            let Some(address) = environment.address(side, self.session.v6) else {
                return Err(Stop::Skipped("the target file gives no address of this IP version".into()));
            };
            self.session.addresses[side.index()] = address;
            self.session.realms[side.index()] = environment.realm(side).to_owned();
        }
        let own = self.case.as_ref().is_some_and(|case| case.exclusive);
        if let Some(case) = &self.case {
            environment.switched_off(case).await?;
        }
        let association = environment.association(own).await?;
        self.controller = Some(association.mgc().controller(self.transcript.clone()));
        self.association = Some(association);
        Ok(())
    }

    pub(super) async fn terminations_reserved(&mut self, _: Words) -> Done {
        self.reserve_both().await
    }

    pub(super) async fn bearers_established(&mut self, _: Words) -> Done {
        self.establish_both().await
    }

    pub(super) async fn session_established(&mut self, _: Words) -> Done {
        self.reserve_both().await?;
        self.establish_both().await
    }

    /// `a second session between two other UEs is established beside it`
    pub(super) async fn second_session(&mut self, _: Words) -> Done {
        let second = Session::like(&self.session);
        let first = std::mem::replace(&mut self.session, second);
        let done = match self.reserve_both().await {
            Ok(()) => self.establish_both().await,
            stopped => stopped,
        };
        let second = std::mem::replace(&mut self.session, first);
        let apart = second.context != self.session.context;
        let shown = format!("{:?}", second.context);
        let frame = second.last.as_ref().map_or(0, |answer| answer.reply_frame);
        self.second = Some(Box::new(second));
        done?;
        self.check("the second session has a context of its own", apart, "another context", shown, [frame])
    }

    pub(super) async fn subtracted(&mut self, _: Words) -> Done {
        self.subtract_both().await
    }

    /// `the reply for UE-A names an address, a port, the proto "TCP/TLS" and a sha-256 fingerprint`
    pub(super) async fn reply_names(&mut self, words: Words) -> Done {
        let granted = self.session.granted(Side::named(words.at(0)))?.clone();
        let (proto, hash) = granted_proto(&granted);
        let expected = (words.at(1), words.at(2).strip_prefix("a "));
        self.check(
            "the reply's Local is of the bearer type asked for",
            (proto.as_str(), hash.as_deref()) == expected,
            format!("proto {}, fingerprint {}", expected.0, expected.1.unwrap_or("none")),
            format!("proto {proto}, fingerprint {}", hash.as_deref().unwrap_or("none")),
            [granted.frame],
        )
    }

    /// `the announced fingerprint is in sha-384`
    pub(super) async fn announced_hash(&mut self, words: Words) -> Done {
        let granted = self.session.granted(Side::A)?.clone();
        let hash = granted_proto(&granted).1.unwrap_or_else(|| "none".into());
        let holds = hash.eq_ignore_ascii_case(words.at(0));
        self.check("the fingerprint is in the hash asked for", holds, words.at(0), &hash, [granted.frame])
    }

    /// `the IMS-AGW presents UE-A the certificate whose fingerprint it announced`
    pub(super) async fn certificate_announced(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let announced = self.session.granted(side)?.fingerprint();
        let peer = self.session.peer(side)?;
        // The UE compared the certificate with the announced fingerprint during its handshake and would have ended it.
        let secured = peer.ue.secured();
        let frame = secured.as_ref().map_or(0, |s| s.frame);
        let shown = secured.and_then(|s| s.presented).map_or_else(|| "no certificate".to_owned(), |f| f.to_string());
        let expected = announced.map_or_else(|| "a fingerprint".to_owned(), |f| f.to_string());
        let same_hash = shown.split(' ').next() == expected.split(' ').next();
        let holds = frame != 0 && (shown == expected || !same_hash && shown != "no certificate");
        self.check("the certificate presented is the one announced", holds, expected, shown, [frame])
    }

    /// `the IMS-AGW is TLS server towards UE-A`
    pub(super) async fn tls_role_taken(&mut self, words: Words) -> Done {
        let expected = tls_role(words.at(0))?;
        let lane = Side::named(words.at(1)).lane();
        let hello = self.transcript.entries().into_iter().find(|entry| {
            entry.route.involves(lane) && matches!(&entry.event, Event::Octets(o) if speaker(o) == Speaker::Client)
        });
        let taken = hello.as_ref().map(|h| if h.route.from == Lane::Mg { TlsRole::Client } else { TlsRole::Server });
        let word = |role| if role == TlsRole::Client { "client" } else { "server" };
        self.check(
            "the gateway takes the TLS role it was given",
            taken == Some(expected),
            format!("gateway is TLS {}", word(expected)),
            taken.map_or_else(|| "no ClientHello".to_owned(), |role| format!("gateway is TLS {}", word(role))),
            hello.map(|h| h.number),
        )
    }

    /// `the TCP connection of UE-A was opened by the IMS-AGW`
    pub(super) async fn tcp_opened_by(&mut self, words: Words) -> Done {
        let lane = Side::named(words.at(0)).lane();
        let established = self
            .transcript
            .entries()
            .into_iter()
            .find(|e| e.route.involves(lane) && matches!(e.event, Event::Tcp(TcpEvent::Established)));
        let opener = established.as_ref().map_or("nobody", |e| match e.route.from {
            Lane::Mg => "the IMS-AGW",
            other => other.name(),
        });
        let frame = established.as_ref().map(|e| e.number);
        self.check("TCP is opened by the side that was told to", opener == words.at(1), words.at(1), opener, frame)
    }

    /// `the first octets UE-A received were a ClientHello`
    pub(super) async fn client_hello_first(&mut self, words: Words) -> Done {
        let lane = Side::named(words.at(0)).lane();
        let entries = self.transcript.entries();
        let tcp =
            entries.iter().find(|e| e.route.involves(lane) && matches!(e.event, Event::Tcp(TcpEvent::Established)));
        let first = octets_to(&entries, lane).next();
        let hello = first.is_some_and(|e| speaker(e.event.payload()) == Speaker::Client);
        let after = tcp.zip(first).is_some_and(|(tcp, first)| tcp.number < first.number);
        let shown = match (hello, after) {
            (true, true) => "a ClientHello after TCP was established",
            (true, false) => "a ClientHello before TCP was established",
            (false, _) => "something else",
        };
        let frames: Vec<u32> = tcp.into_iter().chain(first).map(|e| e.number).collect();
        self.check(
            "TLS begins with ClientHello once TCP is established",
            hello && after,
            "a ClientHello after TCP was established",
            shown,
            frames,
        )
    }

    /// `the two TLS sessions share no secret`
    pub(super) async fn secrets_differ(&mut self, _: Words) -> Done {
        let log = self.transcript.secrets();
        let lines: BTreeSet<(&str, &str)> = log
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(' ')?.1.split_once(' '))
            .collect();
        let sessions: BTreeSet<&str> = lines.iter().map(|(random, _)| *random).collect();
        let secrets: BTreeSet<&str> = lines.iter().map(|(_, secret)| *secret).collect();
        let (randoms, distinct, all) = (sessions.len(), secrets.len(), lines.len());
        let frames: Vec<u32> = Side::BOTH
            .iter()
            .filter_map(|side| Some(self.session.peers[side.index()].as_ref()?.ue.secured()?.frame))
            .collect();
        self.check(
            "each leg has a TLS session of its own",
            randoms == 2 && distinct == all,
            "2 sessions, every secret used once",
            format!("{randoms} sessions, {distinct} secrets in {all} uses"),
            frames,
        )
    }

    /// `UE-A opens its TCP connection but holds TLS back`
    pub(super) async fn tcp_only(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let peer = self.session.peer(side)?;
        let gateway = peer.gateway()?;
        let opened = peer.ue.open(gateway).await;
        self.opened(side, opened.map_err(|e| (e.observed.to_string(), e.frame)))
    }

    fn opened(&mut self, side: Side, opened: Result<u32, (String, u32)>) -> Done {
        let claim = format!("TCP of {} is established", side.lane().name());
        match opened {
            Ok(frame) => self.ground(&claim, ESTABLISHED, true, "established", "established", [frame]),
            Err((observed, frame)) => self.ground(&claim, ESTABLISHED, false, "established", observed, [frame]),
        }
    }

    /// `UE-A completes its TLS handshake`
    pub(super) async fn tls_completed(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let secured = self.session.peer(side)?.ue.secure().await;
        let claim = format!("TLS of {} is established", side.lane().name());
        match secured {
            Ok(secured) => self.ground(&claim, ESTABLISHED, true, "established", secured.version, [secured.frame]),
            Err(error) => self.ground(&claim, ESTABLISHED, false, "established", &error.observed, [error.frame]),
        }
    }

    /// `UE-B connects`
    pub(super) async fn connects(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let established = self.session.peer(side)?.establish().await;
        self.opened(side, established.map(|[_, frame]| frame).map_err(|e| (e.observed.to_string(), e.frame)))
    }

    /// `UE-A starts TLS 1.3 all the same`
    pub(super) async fn tls_all_the_same(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let identity = crate::harness::certificate::Identity::generate("UE-A").map_err(Stop::harness)?;
        let peer = self.session.peer(side)?;
        let mut tls = TlsSettings::new(TlsRole::Client, identity);
        tls.versions = if words.at(1) == "1.2" { Versions::Tls12 } else { Versions::Tls13 };
        let hello = crate::harness::ue::client_hello(Some(&tls)).map_err(Stop::harness)?;
        let sent = peer.ue.send_raw(&hello).await;
        let frame = sent.map_err(|e| Stop::Inconclusive(format!("UE-A could not send: {e}")))?;
        peer.sent.extend_from_slice(&hello);
        peer.sent_frames.push(frame);
        Ok(())
    }

    /// `both UEs see their bearers end`
    pub(super) async fn both_end(&mut self, _: Words) -> Done {
        let bound = self.environment()?.bounds().transfer;
        for side in Side::BOTH {
            let ended = self.session.peer(side)?.ue.await_end(bound).await;
            let claim = format!("the bearer of {} is released", side.lane().name());
            match ended {
                Ok(end) => self.check(&claim, true, "the end of TCP", format!("{:?}", end.tcp), [end.frame])?,
                Err(error) => self.check(&claim, false, "the end of TCP", &error.observed, [error.frame])?,
            }
        }
        Ok(())
    }

    /// `UE-A sees close_notify before the end of TCP`
    pub(super) async fn close_notify_first(&mut self, words: Words) -> Done {
        let bound = self.environment()?.bounds().transfer;
        let side = Side::named(words.at(0));
        let claim = "TLS is closed in order before TCP";
        match self.session.peer(side)?.ue.await_end(bound).await {
            Ok(end) => {
                let (alert, at) = end.alert.unwrap_or_else(|| ("no alert".into(), 0));
                let holds = alert == "close_notify" && at <= end.frame;
                self.check(
                    claim,
                    holds,
                    "close_notify, then FIN",
                    format!("{alert}, then {:?}", end.tcp),
                    [at, end.frame],
                )
            }
            Err(error) => self.check(claim, false, "close_notify, then FIN", &error.observed, [error.frame]),
        }
    }

    /// `the context is gone`
    pub(super) async fn context_gone(&mut self, _: Words) -> Done {
        self.context_gone_now().await
    }

    /// `nobody answers at the endpoint of UE-A any more`
    pub(super) async fn endpoint_gone(&mut self, words: Words) -> Done {
        let side = Side::named(words.at(0));
        let silence = self.environment()?.silence();
        let gateway = self.session.peer(side)?.gateway()?;
        let probed = self.session.peer(side)?.ue.try_connect(gateway, silence).await;
        let (state, frame) =
            probed.map_err(|e| Stop::Inconclusive(format!("the endpoint could not be probed: {e}")))?;
        self.check(
            "the port of a subtracted termination is given back",
            matches!(state, PortState::Refused | PortState::Silent),
            "connection refused",
            format!("{state:?}"),
            [frame],
        )
    }

    /// `the octets on the access side are the octets on the core side`
    pub(super) async fn same_octets(&mut self, _: Words) -> Done {
        let entries = self.transcript.entries();
        for (from, to) in [(Side::A, Side::B), (Side::B, Side::A)] {
            let sent: Vec<&Entry> = octets_from(&entries, from.lane()).collect();
            let came: Vec<&Entry> = octets_to(&entries, to.lane()).collect();
            let frames: Vec<u32> = sent.first().into_iter().chain(came.first()).map(|e| e.number).collect();
            let (sent, came) = (joined(&sent), joined(&came));
            let claim =
                format!("what {} sends is what {} receives, octet for octet", from.lane().name(), to.lane().name());
            let shown = super::message::difference(&sent, &came);
            self.check(&claim, sent == came && !sent.is_empty(), format!("{} octets", sent.len()), shown, frames)?;
        }
        Ok(())
    }
}

/// What one lane got in raw octets, in order.
pub(super) fn octets_to(entries: &[Entry], lane: Lane) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(move |e| e.route.to == lane && matches!(e.event, Event::Octets(_)))
}

/// What one lane sent in raw octets, in order.
pub(super) fn octets_from(entries: &[Entry], lane: Lane) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(move |e| e.route.from == lane && matches!(e.event, Event::Octets(_)))
}

/// The octets of entries, one after the other.
pub(super) fn joined(entries: &[&Entry]) -> Vec<u8> {
    entries.iter().flat_map(|e| e.event.payload()).copied().collect()
}
