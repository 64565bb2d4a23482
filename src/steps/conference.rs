//! The conference at an MRFP (TR 4.1.3 c): its participants, their terminations and bearers.

use super::{
    party::{Side, versions},
    session::{ESTABLISHED, Granted, STREAM, error_text, only_reply, read_grant},
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::{
        certificate::Identity,
        msrp_peer::{MsrpPeer, MsrpSettings, Response},
        ue::{Expected, Observed, SharedKey, TlsSettings, Ue, UeError, UeSettings, Versions},
    },
    results::{Interface, Lane, Link},
    rules::roles::{TcpRole, TlsRole},
    wire::{
        h248::{
            ActionRequest, AmmRequest, AuditDescriptor, AuditReply, AuditRequest, AuditToken, Command, CommandReply,
            ContextId, EventsDescriptor, LocalControlDescriptor, MediaDescriptor, PkgdName, PropertyParm, StreamMode,
            StreamParms, SubtractRequest, TerminationId, Value,
        },
        msrp::Path,
        sdp::HashFunction,
    },
};
use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// Where a participant's TLS comes from.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// Plain TCP.
    Nothing,
    /// A certificate known by its fingerprint.
    Certificate(Identity),
    /// A pre-shared key.
    Key(SharedKey),
}

/// One participant and its termination.
pub(super) struct Participant {
    pub(super) lane: Lane,
    /// What the MRFC tells the MRFP about it.
    pub(super) signalled: Proof,
    /// What it uses in fact, when that is something else.
    uses: Option<Proof>,
    versions: Versions,
    tcp_role: TcpRole,
    pub(super) ue: Option<Ue>,
    pub(super) granted: Option<Granted>,
    pub(super) msrp: Option<MsrpPeer>,
    /// It has left, or was never let in.
    pub(super) gone: bool,
    refusal: Option<Result<UeError, UeError>>,
}

/// Everybody who takes part, and the context they are in.
pub(super) struct Conference {
    pub(super) participants: Vec<Participant>,
    context: Option<ContextId>,
    ip: IpAddr,
    realm: String,
    /// Messages said so far.
    pub(super) said: u64,
}

impl Default for Conference {
    fn default() -> Self {
        let ip = Ipv4Addr::LOCALHOST.into();
        Self { participants: Vec::new(), context: None, ip, realm: String::new(), said: 0 }
    }
}

impl std::fmt::Debug for Conference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conference").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Conference {
    fn index(&self, name: &str) -> Result<usize, Stop> {
        let found = self.participants.iter().position(|participant| participant.lane.name() == name);
        found.ok_or_else(|| Stop::Harness(format!("{name} takes no part")))
    }

    pub(super) fn participant(&mut self, name: &str) -> Result<&mut Participant, Stop> {
        let index = self.index(name)?;
        self.participants.get_mut(index).ok_or_else(|| Stop::Harness(format!("{name} takes no part")))
    }
}

impl Participant {
    fn secured(&self) -> bool {
        !matches!(self.signalled, Proof::Nothing)
    }

    pub(super) fn ue(&self) -> Result<&Ue, Stop> {
        self.ue.as_ref().ok_or_else(|| Stop::Harness(format!("{} is not there yet", self.lane.name())))
    }

    pub(super) fn msrp(&self) -> Result<&MsrpPeer, Stop> {
        self.msrp.as_ref().ok_or_else(|| Stop::Harness(format!("{} speaks no MSRP yet", self.lane.name())))
    }

    fn scheme(&self) -> &'static str {
        if self.secured() { "msrps" } else { "msrp" }
    }

    pub(super) fn own_path(&self) -> Result<Path<'static>, Stop> {
        let name = self.lane.name().to_ascii_lowercase();
        let text = format!("{}://{}/{name};tcp", self.scheme(), self.ue()?.address());
        Path::parse(&text).map(Path::into_owned).map_err(Stop::harness)
    }

    fn proto(&self) -> &'static str {
        if self.secured() { "TCP/TLS/MSRP" } else { "TCP/MSRP" }
    }

    fn tls(&self) -> Option<TlsSettings> {
        let role = match self.tcp_role {
            TcpRole::Client => TlsRole::Client,
            TcpRole::Server => TlsRole::Server,
        };
        let tls = match self.uses.as_ref().unwrap_or(&self.signalled) {
            Proof::Nothing => return None,
            Proof::Certificate(own) => TlsSettings::new(role, own.clone()),
            Proof::Key(key) => TlsSettings::keyed(role, key.clone()),
        };
        Some(TlsSettings { versions: self.versions, ..tls })
    }

    /// Local: address, port and path are the MRFP's to choose.
    fn local(&self, family: &str) -> String {
        let setup = match self.tcp_role {
            TcpRole::Client => "passive",
            TcpRole::Server => "active",
        };
        let fingerprint = match self.signalled {
            Proof::Certificate(_) => "a=fingerprint:sha-256 $\r\n",
            Proof::Nothing | Proof::Key(_) => "",
        };
        let (proto, scheme) = (self.proto(), self.scheme());
        format!(
            "v=0\r\nc=IN {family} $\r\nm=message $ {proto} *\r\na=setup:{setup}\r\n{fingerprint}a=path:{scheme}://$:$/$;tcp\r\n"
        )
    }

    /// Remote: the participant as its SDP describes it.
    fn remote(&self, family: &str) -> Result<String, Stop> {
        let address = self.ue()?.address();
        let (setup, port) = match self.tcp_role {
            TcpRole::Client => ("active", 9),
            TcpRole::Server => ("passive", address.port()),
        };
        let fingerprint = match &self.signalled {
            Proof::Certificate(own) => own.fingerprint(HashFunction::Sha256),
            Proof::Nothing | Proof::Key(_) => None,
        };
        let fingerprint = fingerprint.map_or_else(String::new, |f| format!("a=fingerprint:{f}\r\n"));
        let (proto, path, ip) = (self.proto(), self.own_path()?, address.ip());
        Ok(format!(
            "v=0\r\nc=IN {family} {ip}\r\nm=message {port} {proto} *\r\na=setup:{setup}\r\n{fingerprint}a=path:{}\r\n",
            path.as_str()
        ))
    }
}

impl World {
    /// `the MRFC controls an MRFP over IPv4`
    pub(super) async fn mrfp_controlled(&mut self, words: Words) -> Done {
        let environment = self.environment()?;
        let v6 = words.at(0) == "6";
        if v6 && !environment.has_ipv6() {
            return Err(Stop::Skipped("this machine has no IPv6 loopback".into()));
        }
        if cfg!(not(feature = "psk")) {
            return Err(Stop::Skipped("this program was built without pre-shared keys".into()));
        }
        let Some(ip) = environment.address(Side::A, v6) else {
            return Err(Stop::Skipped("the target file gives no address of this IP version".into()));
        };
        self.conference.ip = ip;
        self.conference.realm = environment.realm(Side::A).to_owned();
        let own = self.case.as_ref().is_some_and(|case| case.exclusive);
        let association = environment.association_on(own, Interface::Mp).await?;
        self.controller = Some(association.mgc().controller(self.transcript.clone()));
        self.association = Some(association);
        self.session.events = Some(self.controller()?.next_request());
        Ok(())
    }

    /// A key nobody else has, which no evidence will show.
    pub(super) fn new_key(&mut self, name: &str) -> Result<SharedKey, Stop> {
        self.keys += 1;
        let key = key_octets(self.environment()?.seed(), self.keys);
        let key = SharedKey { identity: format!("{}@conference.example", name.to_ascii_lowercase()), key };
        self.transcript.conceal(key.digits());
        Ok(key)
    }

    fn joins(&mut self, words: &Words, signalled: Proof, versions: Versions, tcp: &str) {
        let lane = match words.at(0) {
            "UE-A" => Lane::UeA,
            "UE-B" => Lane::UeB,
            _ => Lane::UeC,
        };
        self.conference.participants.push(Participant {
            lane,
            signalled,
            uses: None,
            versions,
            tcp_role: if tcp == "awaits" { TcpRole::Server } else { TcpRole::Client },
            ue: None,
            granted: None,
            msrp: None,
            gone: false,
            refusal: None,
        });
    }

    /// `UE-A shares a key with the MRFP, speaks TLS 1.3 and opens the TCP connection`
    pub(super) async fn keyed(&mut self, words: Words) -> Done {
        let key = self.new_key(words.at(0))?;
        self.joins(&words, Proof::Key(key), versions(words.at(1)), words.at(2));
        Ok(())
    }

    /// `UE-A has a certificate, speaks TLS 1.3 and opens the TCP connection`
    pub(super) async fn certified_participant(&mut self, words: Words) -> Done {
        let own = Identity::generate(words.at(0)).map_err(Stop::harness)?;
        self.joins(&words, Proof::Certificate(own), versions(words.at(1)), words.at(2));
        Ok(())
    }

    /// `UE-C takes part without TLS and opens the TCP connection`
    pub(super) async fn plain_participant(&mut self, words: Words) -> Done {
        self.joins(&words, Proof::Nothing, Versions::Both, words.at(1));
        Ok(())
    }

    /// `UE-A uses another key`, `… uses the key of UE-B`, `… goes by another name`, `… has a certificate instead of the key`
    pub(super) async fn key_fault(&mut self, words: Words) -> Done {
        let another = self.new_key(words.at(0))?;
        let own = match &self.conference.participant(words.at(0))?.signalled {
            Proof::Key(key) => key.clone(),
            Proof::Nothing | Proof::Certificate(_) => return Err(Stop::Harness("it shares no key".into())),
        };
        let uses = match (words.at(1), words.at(1).strip_prefix("uses the key of ")) {
            (_, Some(other)) => match &self.conference.participant(other)?.signalled {
                Proof::Key(key) => Proof::Key(SharedKey { key: key.key.clone(), ..own }),
                Proof::Nothing | Proof::Certificate(_) => return Err(Stop::Harness("that one shares no key".into())),
            },
            ("uses another key", _) => Proof::Key(another),
            ("goes by another name", _) => {
                Proof::Key(SharedKey { identity: "somebody.else@conference.example".into(), ..own })
            }
            ("has a certificate instead of the key", _) => {
                Proof::Certificate(Identity::generate(words.at(0)).map_err(Stop::harness)?)
            }
            (other, _) => return Err(Stop::Harness(format!("no such fault: {other}"))),
        };
        self.conference.participant(words.at(0))?.uses = Some(uses);
        Ok(())
    }

    /// `the conference is established`
    pub(super) async fn conference_established(&mut self, _: Words) -> Done {
        self.reserve_conference().await?;
        self.establish_participants(None).await
    }

    /// `the others join and UE-A tries to`
    pub(super) async fn tries_to_join(&mut self, words: Words) -> Done {
        self.reserve_conference().await?;
        let bound = self.environment()?.bounds().handshake;
        self.establish_participants(Some(words.at(0))).await?;
        let participant = self.conference.participant(words.at(0))?;
        let gateway = participant.granted.as_ref().map(|granted| granted.address);
        let ue = participant.ue()?.clone();
        let opened = ue.open(gateway.unwrap_or_else(nowhere)).await;
        participant.refusal = Some(match opened {
            Ok(_) => ue.refused(bound).await,
            Err(error) => Err(error),
        });
        participant.gone = true;
        Ok(())
    }

    /// `the MRFP refuses UE-A`
    pub(super) async fn participant_refused(&mut self, words: Words) -> Done {
        let claim = format!("{} is refused", words.at(0));
        let refusal = self.conference.participant(words.at(0))?.refusal.take();
        match refusal.ok_or_else(|| Stop::Harness("it did not try".into()))? {
            // Only the gateway's alert, or its end of the connection, is a refusal by the gateway.
            Ok(UeError { observed: Observed::Alert(alert), frame }) => {
                self.check(&claim, true, "a refusal", alert, [frame])
            }
            Ok(error) => self.check(&claim, true, "a refusal", &error.observed, [error.frame]),
            Err(error) => self.check(&claim, false, "a refusal", &error.observed, [error.frame]),
        }
    }

    async fn reserve_conference(&mut self) -> Done {
        let bounds = self.environment()?.bounds();
        let ip = self.conference.ip;
        for index in 0..self.conference.participants.len() {
            let Some(participant) = self.conference.participants.get_mut(index) else { continue };
            let mut settings = UeSettings::new(Link::Access, ip, participant.tcp_role);
            settings.lane = participant.lane;
            settings.bounds = bounds;
            settings.tls = participant.tls();
            participant.ue = Some(Ue::new(settings, self.transcript.clone())?);
            self.reserve_participant(index).await?;
        }
        Ok(())
    }

    async fn reserve_participant(&mut self, index: usize) -> Done {
        let family = if self.conference.ip.is_ipv6() { "IP6" } else { "IP4" };
        let Some(participant) = self.conference.participants.get(index) else { return Ok(()) };
        let mut control = LocalControlDescriptor::mode(StreamMode::SendReceive);
        let mut property = |package, item, value| {
            control.properties.push(PropertyParm::equal(PkgdName::new(package, item), value));
        };
        property("ipdc", "realm", Value::quoted(self.conference.realm.clone()));
        if let Proof::Key(key) = &participant.signalled {
            property("tlspsk", "key", Value::plain(key.digits()));
            property("tlspsk", "identity", Value::quoted(key.identity.clone()));
        }
        let parms = StreamParms {
            local_control: Some(control),
            local: Some(Cow::Owned(participant.local(family).into_bytes())),
            remote: Some(Cow::Owned(participant.remote(family)?.into_bytes())),
            statistics: None,
        };
        let events = self.session.events.map(|request| {
            EventsDescriptor::new(request, [PkgdName::new("g", "cause"), PkgdName::new("nt", "netfail")])
        });
        let request = AmmRequest {
            media: Some(MediaDescriptor::stream(STREAM, parms)),
            events,
            ..AmmRequest::new(TerminationId::Choose)
        };
        let (lane, keyed) = (participant.lane, matches!(participant.signalled, Proof::Key(_)));
        let context = self.conference.context.unwrap_or(ContextId::Choose);
        let answer = self.transact(vec![ActionRequest::new(context, vec![Command::Add(request)])]).await?;
        let frames = [answer.request_frame, answer.reply_frame];
        let claim = format!("the MRFP grants the termination of {}", lane.name());
        let granted = match only_reply(&answer) {
            Ok((context, CommandReply::Add(reply))) => {
                self.conference.context = Some(context);
                read_grant(reply, frames[1])
            }
            Ok(_) => Err("another command".to_owned()),
            Err(error) if keyed && error.is_some_and(|error| [440, 445, 450].contains(&error.code.0)) => {
                let found = error_text(error);
                return Err(Stop::Unsupported(format!(
                    "tlspsk/key (assumed) answered with {found}, frame {}",
                    frames[1]
                )));
            }
            Err(error) => Err(error_text(error)),
        };
        let granted = match granted {
            Ok(granted) => granted,
            Err(found) => return self.ground(&claim, "TR 29.828 4.1.3", false, "an Add reply", found, frames),
        };
        self.ground(&claim, "TR 29.828 4.1.3", true, "an Add reply", granted.address, frames)?;
        let seed = self.environment()?.seed() ^ (index as u64 + 1) << 32;
        let Some(participant) = self.conference.participants.get_mut(index) else { return Ok(()) };
        if let (Proof::Certificate(_), Some(fingerprint)) = (&participant.signalled, granted.fingerprint()) {
            participant.ue()?.expect(Expected::Fingerprints(vec![fingerprint]));
        }
        let path = granted.local.stream(0).and_then(|stream| stream.path()).map(|path| path.0.join(" "));
        let path = path.as_deref().map(Path::parse);
        if let Some(Ok(path)) = path {
            let settings = MsrpSettings::new(participant.own_path()?, path.into_owned(), seed);
            participant.granted = Some(granted);
            participant.msrp = Some(MsrpPeer::start(participant.ue()?.clone(), settings));
            return Ok(());
        }
        self.ground(
            "the reply says the MRFP's path",
            "RFC 4975 8",
            false,
            "a=path with everything chosen",
            "none",
            frames,
        )
    }

    /// Everybody's bearer but that of one.
    async fn establish_participants(&mut self, but: Option<&str>) -> Done {
        let attempts = self.conference.participants.iter().filter(|p| but != Some(p.lane.name())).filter_map(|p| {
            let (ue, granted) = (p.ue.clone()?, p.granted.as_ref()?);
            let (lane, gateway) = (p.lane, granted.address);
            Some(async move { (lane, ue.establish(gateway).await) })
        });
        for (lane, established) in futures::future::join_all(attempts).await {
            let claim = format!("the bearer of {} is established", lane.name());
            match established {
                Ok(frame) => self.ground(&claim, ESTABLISHED, true, "established", "established", [frame])?,
                Err(error) => {
                    self.ground(&claim, ESTABLISHED, false, "established", &error.observed, [error.frame])?;
                }
            }
        }
        self.bind_sessions(but).await
    }

    /// A TLS 1.3 client is done before its server has judged it: only who was answered surely takes part.
    async fn bind_sessions(&mut self, but: Option<&str>) -> Done {
        let bound = self.environment()?.bounds().transfer;
        let sessions = self.conference.participants.iter().filter(|p| but != Some(p.lane.name())).filter_map(|p| {
            let (lane, peer) = (p.lane, p.msrp.as_ref()?);
            Some(async move {
                match peer.send_empty().await {
                    Ok(sent) => (lane, peer.responses(&sent, bound).await, sent.frames),
                    Err(error) => (lane, Err(error), Vec::new()),
                }
            })
        });
        for (lane, answered, mut frames) in futures::future::join_all(sessions).await {
            let claim = format!("the SEND that binds the session of {} is answered", lane.name());
            let codes = |responses: &[Response]| responses.iter().map(|r| r.code.to_string()).collect::<String>();
            frames.extend(answered.iter().flatten().map(|response| response.frame));
            let done = answered.as_ref().is_ok_and(|responses| responses.iter().all(|r| r.code == 200));
            let said = answered.map_or_else(|error| error.to_string(), |responses| codes(&responses));
            self.ground(&claim, "RFC 4975 5.4", done, "200", said, frames)?;
        }
        Ok(())
    }

    /// `the MRFC subtracts UE-C`
    pub(super) async fn participant_subtracted(&mut self, words: Words) -> Done {
        let context = self.conference.context.unwrap_or(ContextId::Null);
        let participant = self.conference.participant(words.at(0))?;
        participant.gone = true;
        let Some(granted) = &participant.granted else { return Err(Stop::Harness("it takes no part".into())) };
        let terminations = granted.termination.clone().into();
        let subtract = Command::Subtract(SubtractRequest { terminations, audit: None });
        let answer = self.transact(vec![ActionRequest::new(context, vec![subtract])]).await?;
        let frames = [answer.request_frame, answer.reply_frame];
        let done = only_reply(&answer).map(|_| ()).map_err(error_text);
        let shown = done.as_ref().err().cloned().unwrap_or_else(|| "a Subtract reply".into());
        self.ground("Subtract is granted", "H.248.1 7.2.3", done.is_ok(), "a Subtract reply", shown, frames)
    }

    /// `an audit of UE-A's termination does not show its key`
    pub(super) async fn key_not_audited(&mut self, words: Words) -> Done {
        let context = self.conference.context.unwrap_or(ContextId::Null);
        let participant = self.conference.participant(words.at(0))?;
        let Some(granted) = &participant.granted else { return Err(Stop::Harness("it takes no part".into())) };
        let digits = match &participant.signalled {
            Proof::Key(key) => key.digits(),
            Proof::Nothing | Proof::Certificate(_) => return Err(Stop::Harness("it shares no key".into())),
        };
        let terminations = granted.termination.clone().into();
        let audit = AuditDescriptor::of([AuditToken::Media]);
        let request = Command::AuditValue(AuditRequest { terminations, audit });
        let answer = self.transact(vec![ActionRequest::new(context, vec![request])]).await?;
        let frames = [answer.request_frame, answer.reply_frame];
        let media = match only_reply(&answer) {
            Ok((_, CommandReply::AuditValue(AuditReply::Terminations(_, audit)))) => audit.media().is_some(),
            _ => false,
        };
        self.ground(
            "the audit returns Media",
            "H.248.1 7.2.5",
            media,
            "Media",
            if media { "Media" } else { "none" },
            frames,
        )?;
        let reply = String::from_utf8_lossy(&answer.octets).to_ascii_lowercase();
        let shows = reply.contains(&digits);
        let shown = if shows { "the key" } else { "no key" };
        self.check("what opens a bearer is told to nobody", !shows, "no key", shown, frames)
    }
}

/// Where an awaiting UE need not go.
pub(super) fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9))
}

/// The key of a number in a scenario: the same seed gives the same keys.
pub(crate) fn key_octets(seed: u64, number: u64) -> Vec<u8> {
    let mut mixed = seed ^ 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number);
    let octets = std::iter::repeat_with(|| {
        mixed = mixed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        mixed.to_be_bytes().into_iter().take(4)
    });
    octets.take(4).flatten().collect()
}
