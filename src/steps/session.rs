//! The session between UE-A and UE-B: what the IMS-ALG asks of the gateway, and what it is granted.

use super::{
    msrp::Model,
    party::{Party, Side, Signals},
    peer::Peer,
    world::{Done, Stop, World},
};
use crate::{
    harness::mgc::{Answer, TransactError},
    rules::roles::{TcpRole, TlsRole},
    wire::{
        h248::{
            ActionRequest, AmmRequest, AmmsReply, Command, CommandReply, ContextId, ErrorDescriptor, EventsDescriptor,
            LocalControlDescriptor, MediaDescriptor, ParmValue, PkgdName, PropertyParm, StreamId, StreamMode,
            StreamParms, SubtractRequest, TerminationAudit, TerminationId, TransactionResult, Value,
        },
        msrp,
        sdp::{
            self, AddressType, Application, ConnectionData, Fingerprint, MediaDescription, MediaKind, Mode, Proto,
            SessionDescription, Setup,
        },
    },
};
use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// The stream every scenario uses.
pub(super) const STREAM: StreamId = StreamId(1);
/// What every granted command rests on.
const GRANT: &str = "H.248.1 7.2";
/// What every established bearer rests on.
pub(super) const ESTABLISHED: &str = "TR 29.828 4.1.3";
/// The port of an endpoint that opens its connection (RFC 4145 4.1).
const DISCARD: u16 = 9;

/// What the gateway granted one side.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub(super) termination: TerminationId<'static>,
    /// Address and port of the gateway's endpoint.
    pub(super) address: SocketAddr,
    /// Local as the gateway returned it.
    pub(super) local: SessionDescription<'static>,
    /// The reply it came in.
    pub(super) frame: u32,
}

impl Granted {
    pub(super) fn fingerprint(&self) -> Option<Fingerprint<'static>> {
        self.local.stream(0)?.fingerprints().next().cloned().map(Fingerprint::into_owned)
    }
}

/// One session as it stands.
#[derive(Debug)]
pub(super) struct Session {
    parties: [Party; 2],
    pub(super) peers: [Option<Peer>; 2],
    pub(super) granted: [Option<Granted>; 2],
    pub(super) context: Option<ContextId>,
    pub(super) v6: bool,
    /// The gateway is asked to put its own paths into MSRP.
    pub(super) aware: bool,
    pub(super) addresses: [IpAddr; 2],
    pub(super) realms: [String; 2],
    /// Failures were asked for, with this request id.
    pub(super) events: Option<u32>,
    /// The last request and its reply.
    pub(super) last: Option<Answer>,
    /// A request and its repetition.
    pub(super) repeated: Option<(Answer, Answer)>,
    /// What a request that must be refused came to.
    pub(super) refusal: Option<Result<Answer, TransactError>>,
    /// What the last audit returned, and its frame.
    pub(super) audited: Option<(TerminationAudit<'static>, u32)>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            parties: Default::default(),
            peers: [None, None],
            granted: [None, None],
            context: None,
            v6: false,
            aware: false,
            addresses: [Ipv4Addr::LOCALHOST.into(); 2],
            realms: Default::default(),
            events: None,
            last: None,
            repeated: None,
            refusal: None,
            audited: None,
        }
    }
}

impl Session {
    /// A session of two other UEs like these, in the same mould.
    pub(super) fn like(other: &Self) -> Self {
        Self {
            parties: other.parties.clone(),
            v6: other.v6,
            aware: other.aware,
            addresses: other.addresses,
            realms: other.realms.clone(),
            ..Self::default()
        }
    }

    pub(super) fn party(&self, side: Side) -> &Party {
        &self.parties[side.index()]
    }

    pub(super) fn party_mut(&mut self, side: Side) -> &mut Party {
        &mut self.parties[side.index()]
    }

    /// The address of the UE on one side.
    pub(super) fn address(&self, side: Side) -> IpAddr {
        self.addresses[side.index()]
    }

    pub(super) fn granted(&self, side: Side) -> Result<&Granted, Stop> {
        self.granted[side.index()].as_ref().ok_or_else(|| Stop::Harness("nothing is reserved yet".into()))
    }

    pub(super) fn peer(&mut self, side: Side) -> Result<&mut Peer, Stop> {
        self.peers[side.index()].as_mut().ok_or_else(|| Stop::Harness("that UE is not there yet".into()))
    }

    /// The path of its peer as the SDP tells it to the UE of one side. TR table 4.1.4-1, "controller needs to modify".
    pub(super) fn path_told(&self, side: Side) -> Result<msrp::Path<'static>, Stop> {
        if self.aware {
            let path = granted_path(self.granted(side)?);
            return path.ok_or_else(|| Stop::Harness("the gateway named no path".into()));
        }
        let other = self.peers[side.other().index()].as_ref();
        let path = other.ok_or_else(|| Stop::Harness("that UE is not there yet".into()))?.path(side.other())?;
        if self.party(side).model != Model::Sessmatch {
            return Ok(path);
        }
        // The address of the next hop, the session of the far UE.
        let session = path.uris().next_back().and_then(|uri| uri.session_id.map(Cow::into_owned)).unwrap_or_default();
        let scheme = if self.party(side).secured() { "msrps" } else { "msrp" };
        let text = format!("{scheme}://{}/{session};tcp", self.granted(side)?.address);
        msrp::Path::parse(&text).map(msrp::Path::into_owned).map_err(Stop::harness)
    }

    fn family(&self) -> AddressType<'static> {
        if self.v6 { AddressType::Ip6 } else { AddressType::Ip4 }
    }

    fn proto(&self, side: Side) -> Proto<'static> {
        let application = if self.aware { Application::Msrp } else { Application::Agnostic };
        Proto::over_tcp(application, self.party(side).secured())
    }

    /// What the IMS-ALG writes into Local: everything of the gateway's to choose, its TCP role said.
    fn local(&self, side: Side) -> Vec<u8> {
        let party = self.party(side);
        let mut media = MediaDescription::new(MediaKind::Message, None, self.proto(side))
            .with_connection(ConnectionData::choose(self.family()));
        if party.setup_given {
            media = media.with(match party.tcp_role {
                TcpRole::Client => Setup::Passive,
                TcpRole::Server => Setup::Active,
            });
        }
        if party.secured() {
            media = media.with(Fingerprint::choose(party.hash.clone()));
        }
        if self.aware {
            let scheme = if party.secured() { "msrps" } else { "msrp" };
            media = media.with(sdp::Path::new(format!("{scheme}://$:$/$;tcp")));
        }
        SessionDescription::new(media).encode(Mode::H248)
    }

    /// What the IMS-ALG knows of the UE, or `None` while it knows nothing.
    pub(super) fn remote(&self, side: Side, fingerprints: &[Fingerprint<'static>]) -> Vec<u8> {
        let party = self.party(side);
        let address = self.peers[side.index()].as_ref().and_then(Peer::listening);
        let port = address.map_or(DISCARD, |a| a.port());
        let mut media = MediaDescription::new(MediaKind::Message, Some(port), self.proto(side))
            .with_connection(ConnectionData::from(self.address(side)));
        // RFC 4975 alone knows no negotiation of the direction.
        if party.model != Model::Rfc4975 {
            media = media.with(match party.tcp_role {
                TcpRole::Client => Setup::Active,
                TcpRole::Server => Setup::Passive,
            });
        }
        let path = self.peers[side.index()].as_ref().filter(|_| self.aware).and_then(|peer| peer.path(side).ok());
        if let Some(path) = path {
            media = media.with(sdp::Path(path.as_str().split(' ').map(|uri| uri.to_owned().into()).collect()));
        }
        for fingerprint in fingerprints {
            media = media.with(fingerprint.clone());
        }
        let text = SessionDescription::new(media).encode(Mode::H248);
        match party.signals {
            Signals::UpperCase => {
                String::from_utf8_lossy(&text).replace("fingerprint:sha-256", "fingerprint:SHA-256").into_bytes()
            }
            _ => text,
        }
    }

    /// The Add for one side.
    pub(super) fn add(&self, side: Side) -> AmmRequest<'static> {
        let party = self.party(side);
        let mode = if party.inactive { StreamMode::Inactive } else { StreamMode::SendReceive };
        let mut control = LocalControlDescriptor::mode(mode);
        control.properties.push(PropertyParm::equal(
            PkgdName::new("ipdc", "realm"),
            Value::quoted(self.realms[side.index()].clone()),
        ));
        if let Some(role) = party.ordered_role {
            let word = match role {
                TlsRole::Client => "client",
                TlsRole::Server => "server",
            };
            control.properties.push(PropertyParm {
                name: PkgdName::new("tlsbsc", "role"),
                value: ParmValue::Equal(Value::plain(word)),
            });
        }
        let remote = (party.signals != Signals::NotYet).then(|| Cow::Owned(self.remote(side, &party.signalled())));
        let parms = StreamParms {
            local_control: Some(control),
            local: Some(Cow::Owned(self.local(side))),
            remote,
            statistics: None,
        };
        let events = self.events.map(|request| {
            EventsDescriptor::new(request, [PkgdName::new("g", "cause"), PkgdName::new("nt", "netfail")])
        });
        AmmRequest {
            media: Some(MediaDescriptor::stream(STREAM, parms)),
            events,
            ..AmmRequest::new(TerminationId::Choose)
        }
    }
}

/// The reply to the only command of a transaction, or the error that stands in its place.
pub(super) fn only_reply(
    answer: &Answer,
) -> Result<(ContextId, &CommandReply<'static>), Option<&ErrorDescriptor<'static>>> {
    match &answer.reply.result {
        TransactionResult::Error(error) => Err(Some(error)),
        TransactionResult::Actions(actions) => match actions.first() {
            Some(action) => match (action.commands.first(), &action.error) {
                (Some(reply), _) => match reply.error() {
                    Some(error) => Err(Some(error)),
                    None => Ok((action.context, reply)),
                },
                (None, error) => Err(error.as_ref()),
            },
            None => Err(None),
        },
    }
}

/// An error descriptor, or its absence, in words.
pub(super) fn error_text(error: Option<&ErrorDescriptor<'_>>) -> String {
    match error {
        Some(error) => format!("error {} {:?}", error.code.0, error.text.as_deref().unwrap_or_default()),
        None => "neither a reply nor an error".into(),
    }
}

impl World {
    /// Sends one transaction and waits for its reply. Silence, and a reply that cannot be read, are evidence.
    pub(super) async fn transact(&mut self, actions: Vec<ActionRequest<'static>>) -> Result<Answer, Stop> {
        match self.controller()?.transact(actions).await {
            Ok(answer) => {
                self.session.last = Some(answer.clone());
                Ok(answer)
            }
            Err(error) => Err(self.transaction_failed(error)),
        }
    }

    /// What a transaction without a usable reply says about the gateway.
    pub(super) fn transaction_failed(&mut self, error: TransactError) -> Stop {
        let claim = "every transaction request is answered by a reply that can be read";
        let frame = error.frame().unwrap_or_else(|| self.transcript.last());
        let clause = "H.248.1 8.2";
        self.ground(claim, clause, false, "a transaction reply", error, [frame]).err().unwrap_or(Stop::Judged)
    }

    /// Adds a termination for one side and reads what was granted.
    pub(super) async fn reserve(&mut self, side: Side) -> Done {
        let context = self.session.context.unwrap_or(ContextId::Choose);
        let action = ActionRequest::new(context, vec![Command::Add(self.session.add(side))]);
        let answer = self.transact(vec![action]).await?;
        let frames = [answer.request_frame, answer.reply_frame];
        let (context, reply) = match only_reply(&answer) {
            Ok((context, CommandReply::Add(reply))) => (context, reply.clone()),
            Ok(_) => {
                return self.ground("Add is answered by an Add reply", GRANT, false, "Add", "another command", frames);
            }
            Err(error) => return self.add_refused(side, error, frames),
        };
        let asked = self.session.context;
        let right_context = match asked {
            Some(asked) => asked == context,
            None => matches!(context, ContextId::Id(_)),
        };
        let expected = asked.map_or_else(|| "a new context id".to_owned(), |c| c.to_string());
        self.ground("the reply names the context", GRANT, right_context, expected, context, frames)?;
        self.session.context = Some(context);
        let granted = match read_grant(&reply, frames[1]) {
            Ok(granted) => granted,
            Err(found) => {
                return self.ground(
                    "the reply says what the gateway chose",
                    GRANT,
                    false,
                    "Local with an address and a port",
                    found,
                    frames,
                );
            }
        };
        let family_fits = granted.address.is_ipv6() == self.session.v6;
        self.ground(
            "the reply says what the gateway chose",
            GRANT,
            family_fits,
            format!("an {} address and a port", if self.session.v6 { "IPv6" } else { "IPv4" }),
            granted.address,
            frames,
        )?;
        let fingerprint = granted.fingerprint();
        if self.session.party(side).secured() {
            let digest = fingerprint.as_ref().and_then(|f| f.digest.given());
            let found = digest.map_or("none", |_| "a fingerprint");
            self.ground(
                "the reply tells the fingerprint that was asked for",
                GRANT,
                digest.is_some(),
                "a fingerprint",
                found,
                frames,
            )?;
        }
        if self.session.aware && granted_path(&granted).is_none() {
            let found = format!("Local without a path of the gateway, frame {}", granted.frame);
            return Err(Stop::Unsupported(format!("MSRP-aware interworking is optional: {found}")));
        }
        if let Some(peer) = &mut self.session.peers[side.index()] {
            peer.expect_gateway(granted.address, fingerprint);
        }
        self.session.granted[side.index()] = Some(granted);
        Ok(())
    }

    /// An Add that was refused. Lacking an assumed package is no fault; anything else is.
    fn add_refused(&mut self, side: Side, error: Option<&ErrorDescriptor<'static>>, frames: [u32; 2]) -> Done {
        let found = error_text(error);
        if self.session.party(side).ordered_role.is_some() && error.is_some_and(|e| [440, 445, 450].contains(&e.code.0))
        {
            return Err(Stop::Unsupported(format!("tlsbsc/role (assumed) answered with {found}, frame {}", frames[1])));
        }
        if self.session.aware && error.is_some_and(|e| [449, 472, 515].contains(&e.code.0)) {
            let found = format!("{found}, frame {}", frames[1]);
            return Err(Stop::Unsupported(format!("MSRP-aware interworking is optional: {found}")));
        }
        self.ground("the gateway grants the termination", GRANT, false, "an Add reply", found, frames)
    }

    /// Both UEs come up as described, without connecting.
    pub(super) async fn create_peers(&mut self) -> Done {
        for side in Side::BOTH {
            if self.session.peers[side.index()].is_none() {
                let peer = Peer::new(side, &self.session, &self.transcript, self.environment()?.bounds())?;
                self.session.peers[side.index()] = Some(peer);
            }
        }
        Ok(())
    }

    /// Everything up to, and without, the bearers.
    pub(super) async fn reserve_both(&mut self) -> Done {
        self.create_peers().await?;
        // A UE that waits for the gateway has to wait before the gateway is told of it.
        for side in Side::BOTH {
            self.reserve(side).await?;
        }
        Ok(())
    }

    /// Phase I and, where TLS is used, phase II, for both UEs at once.
    pub(super) async fn establish_both(&mut self) -> Done {
        let [a, b] = &mut self.session.peers;
        let (Some(a), Some(b)) = (a, b) else { return Err(Stop::Harness("the UEs are not there yet".into())) };
        let (from_a, from_b) = futures::join!(a.establish(), b.establish());
        for (side, result) in [(Side::A, from_a), (Side::B, from_b)] {
            let name = side.lane().name();
            match result {
                Ok(frames) => {
                    let claim = format!("the bearer of {name} is established");
                    self.ground(&claim, ESTABLISHED, true, "established", "established", frames)?;
                }
                Err(error) => {
                    let claim = format!("the bearer of {name} is established");
                    self.ground(&claim, ESTABLISHED, false, "established", &error.observed, [error.frame])?;
                }
            }
        }
        Ok(())
    }

    /// Subtracts what is granted, each termination by name.
    pub(super) async fn subtract_both(&mut self) -> Done {
        let Some(context) = self.session.context else { return Err(Stop::Harness("there is no context".into())) };
        let terminations: Vec<_> = self.session.granted.iter().flatten().map(|g| g.termination.clone()).collect();
        let commands = terminations
            .into_iter()
            .map(|t| Command::Subtract(SubtractRequest { terminations: t.into(), audit: None }))
            .collect::<Vec<_>>();
        let count = commands.len();
        let answer = self.transact(vec![ActionRequest::new(context, commands)]).await?;
        let done = match &answer.reply.result {
            TransactionResult::Actions(actions) => actions
                .iter()
                .flat_map(|a| &a.commands)
                .filter(|c| matches!(c, CommandReply::Subtract(_)) && c.error().is_none())
                .count(),
            TransactionResult::Error(_) => 0,
        };
        self.ground(
            "Subtract is granted",
            GRANT,
            done == count,
            format!("{count} Subtract replies"),
            format!("{done} without error"),
            [answer.request_frame, answer.reply_frame],
        )
    }

    /// The Modify that passes a UE's fingerprints on.
    pub(super) async fn pass_on_remote(&mut self, side: Side, fingerprints: &[Fingerprint<'static>]) -> Done {
        let remote = self.session.remote(side, fingerprints);
        let parms = StreamParms { remote: Some(Cow::Owned(remote)), ..StreamParms::default() };
        self.modify(side, parms).await
    }

    /// A Modify of one side's stream, which must be granted.
    pub(super) async fn modify(&mut self, side: Side, parms: StreamParms<'static>) -> Done {
        let context = self.session.context.unwrap_or(ContextId::Null);
        let termination = self.session.granted(side)?.termination.clone();
        let request =
            AmmRequest { media: Some(MediaDescriptor::stream(STREAM, parms)), ..AmmRequest::new(termination) };
        let answer = self.transact(vec![ActionRequest::new(context, vec![Command::Modify(request)])]).await?;
        let frames = [answer.request_frame, answer.reply_frame];
        match only_reply(&answer) {
            Ok((_, CommandReply::Modify(_))) => {
                self.ground("Modify is granted", GRANT, true, "a Modify reply", "a Modify reply", frames)
            }
            Ok(_) => self.ground("Modify is granted", GRANT, false, "a Modify reply", "another command", frames),
            Err(error) => {
                let found = error_text(error);
                self.ground("Modify is granted", GRANT, false, "a Modify reply", found, frames)
            }
        }
    }
}

/// What an Add reply grants: a concrete termination, and Local with everything chosen.
pub(super) fn read_grant(reply: &AmmsReply<'static>, frame: u32) -> Result<Granted, String> {
    let termination = reply.terminations.first().clone();
    if !termination.is_concrete() {
        return Err(format!("termination {termination}"));
    }
    let parms = reply.audit.media().and_then(|m| m.parms(STREAM)).ok_or("no Media descriptor for the stream")?;
    let local = parms.local.as_deref().ok_or("no Local descriptor")?;
    let local = sdp::parse(local, Mode::H248).map_err(|e| format!("Local that is not SDP: {e}"))?;
    let local = local.into_iter().next().ok_or("an empty Local")?.into_owned();
    let stream = local.stream(0).ok_or("no m-line in Local")?;
    let port = stream.media.port_number().filter(|p| *p != 0).ok_or("no port in Local")?;
    let ip = stream.connection().and_then(ConnectionData::ip).ok_or("no address in Local")?;
    let address = SocketAddr::new(ip, port);
    Ok(Granted { termination, address, local, frame })
}

/// The gateway's MSRP path, when Local names one that is whole.
pub(super) fn granted_path(granted: &Granted) -> Option<msrp::Path<'static>> {
    let path = granted.local.stream(0)?.path()?;
    msrp::Path::parse(&path.0.join(" ")).ok().map(msrp::Path::into_owned)
}

/// The proto an Add reply names, and its fingerprint's hash.
pub(super) fn granted_proto(granted: &Granted) -> (String, Option<String>) {
    let proto = granted.local.stream(0).map_or_else(String::new, |s| s.media.proto.name().to_owned());
    (proto, granted.fingerprint().map(|f| f.hash.name().to_owned()))
}
