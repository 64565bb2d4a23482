//! Streams: what the MGC said about one stream of one termination, and the leg that follows from it.

use super::{
    bearer::{
        Application, BearerState, Conditions, Counters, Expected, LegCommand, LegId, LegSetup, MsrpPaths, PreSharedKey,
        RelayId,
    },
    context::Changes,
    media::{self, Granted, Request},
    package,
    policy::Policy,
    port::{IpVersion, PortError, Ports},
    profile::Profile,
    property::{Choice, Properties},
};
use crate::{
    rules::roles::{self, Party, TcpRole, TlsRole},
    wire::{
        h248::{
            ErrorCode, ErrorDescriptor, LocalControlDescriptor, ParmValue, PropertyParm, StreamMode, StreamParms,
            Value, package::Place,
        },
        msrp,
        sdp::{self, Mode, SessionDescription, Setup},
    },
};
use std::{net::SocketAddr, sync::Arc};

/// Why a command cannot be carried out, as the MGC is told.
pub(super) type Refusal = ErrorDescriptor<'static>;

pub(super) fn refusal(code: ErrorCode) -> Refusal {
    ErrorDescriptor::new(code)
}

/// A refusal that names the value in question, as TS 29.334 5.17.1 asks for.
pub(super) fn refusal_of(code: ErrorCode, value: &str) -> Refusal {
    ErrorDescriptor::with_text(code, value.chars().take(64).collect::<String>())
}

/// One stream of one termination.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) mode: StreamMode,
    pub(super) reserve_group: Option<bool>,
    pub(super) reserve_value: Option<bool>,
    /// LocalControl properties.
    pub(super) properties: Properties,
    /// Local with every choice made.
    pub(super) local: Option<Granted>,
    pub(super) remote: Option<SessionDescription<'static>>,
    /// Remote came with the first Local: the peer made the offer. Signalling model, "who answers".
    peer_offered: bool,
    /// Never among the properties: what is not there is in no audit.
    key: Option<PreSharedKey>,
    realm: Option<String>,
    pub(super) leg: Option<Leg>,
}

/// The bearer of a stream.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub(super) id: LegId,
    pub(super) relay: RelayId,
    pub(super) local: SocketAddr,
    pub(super) setup: LegSetup,
    pub(super) counters: Arc<Counters>,
    pub(super) state: BearerState,
}

impl Leg {
    fn is_established(&self) -> bool {
        matches!(self.state, BearerState::TcpEstablished | BearerState::TlsEstablished)
    }
}

/// What a stream may draw on while a command is carried out.
pub(super) struct Surroundings<'s> {
    pub(super) profile: &'static Profile,
    pub(super) policy: &'s dyn Policy,
    pub(super) ports: &'s mut dyn Ports,
    pub(super) realms: &'s [String],
    /// The realm of a stream that names none.
    pub(super) realm: &'s str,
    pub(super) certificate: &'s [u8],
    /// What names the gateway makes up are made from.
    pub(super) secret: u64,
    /// The relay of the stream in this context.
    pub(super) relay: RelayId,
    pub(super) next_leg: &'s mut u32,
    pub(super) changes: &'s mut Changes,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            mode: StreamMode::Inactive,
            reserve_group: None,
            reserve_value: None,
            properties: Properties::default(),
            local: None,
            remote: None,
            peer_offered: false,
            key: None,
            realm: None,
            leg: None,
        }
    }
}

impl Stream {
    /// Takes over what the MGC says. A descriptor that is there replaces the earlier one whole, one that is absent
    /// leaves it (H.248.1 7.1.8). Answers what in them was the gateway's to choose.
    pub(super) fn apply(
        &mut self,
        parms: &StreamParms<'_>,
        around: &mut Surroundings<'_>,
    ) -> Result<StreamParms<'static>, Refusal> {
        let mut chosen = StreamParms::default();
        if let Some(control) = &parms.local_control {
            let properties = self.control(control, around)?;
            chosen.local_control = (!properties.is_empty())
                .then(|| LocalControlDescriptor { properties, ..LocalControlDescriptor::default() });
        }
        if let Some(octets) = &parms.remote {
            self.remote(octets)?;
        }
        match &parms.local {
            Some(octets) => chosen.local = self.local(octets, parms.remote.is_some(), around)?.map(Into::into),
            None if self.remote.is_some() && self.local.is_none() => {
                return Err(refusal(ErrorCode::MISSING_REMOTE_OR_LOCAL));
            }
            None => {}
        }
        if let Some(local) = &self.local {
            self.msrp_paths(local)?;
        }
        self.conditions()?;
        self.update(around);
        Ok(chosen)
    }

    /// Ends the bearer, if there is one.
    pub(super) fn release(&mut self, changes: &mut Changes) {
        if let Some(leg) = self.leg.take() {
            changes.command(leg.relay, LegCommand::Release { leg: leg.id });
        }
    }

    /// LocalControl as audits show it.
    pub(super) fn local_control(&self, profile: &Profile) -> LocalControlDescriptor<'static> {
        LocalControlDescriptor {
            mode: Some(self.mode),
            reserve_group: self.reserve_group,
            reserve_value: self.reserve_value,
            properties: self.properties.audited(profile, Place::LocalControl),
        }
    }

    /// The descriptors as audits show them.
    pub(super) fn parms(&self, profile: &Profile) -> StreamParms<'static> {
        let octets = |description: Option<&SessionDescription<'static>>| {
            description.map(|description| description.encode(Mode::H248).into())
        };
        StreamParms {
            local_control: Some(self.local_control(profile)),
            local: octets(self.local.as_ref().map(|local| &local.description)),
            remote: octets(self.remote.as_ref()),
            statistics: None,
        }
    }

    /// The properties the gateway had to choose.
    fn control(
        &mut self,
        control: &LocalControlDescriptor<'_>,
        around: &Surroundings<'_>,
    ) -> Result<Vec<PropertyParm<'static>>, Refusal> {
        let mode = control.mode.unwrap_or(StreamMode::Inactive);
        if mode == StreamMode::Loopback {
            return Err(refusal_of(ErrorCode::UNSUPPORTED_MODE, "Loopback"));
        }
        let (mut properties, mut chosen) = (Properties::default(), Vec::new());
        let mut key = KeyProperty::default();
        for property in &control.properties {
            if key.takes(around.profile, property)? {
                continue;
            }
            let realm = property.name.is("ipdc/realm");
            let supports = |value: &Value<'_>| !realm || known_realm(around, value.as_str()).is_some();
            let choice = Choice {
                own: realm.then(|| Value::quoted(around.realm.to_owned())),
                reserve: control.reserve_value == Some(true) && !realm,
                supports: &supports,
            };
            let (property, chose) = choice.make(around.profile, property)?;
            chosen.extend(chose.then(|| property.clone()));
            properties.set(property);
        }
        let realm = properties.given("ipdc/realm").and_then(ParmValue::single);
        let realm = realm.and_then(|value| known_realm(around, value.as_str())).cloned();
        // A leg has its address for life; to name another realm for it contradicts that, to name none does not.
        match (&self.leg, &realm, self.realm.as_deref().unwrap_or(around.realm)) {
            (Some(_), Some(realm), present) if realm != present => {
                return Err(refusal_of(ErrorCode::CONFLICTING_VALUES, realm));
            }
            (Some(_), None, _) => {}
            _ => self.realm = realm,
        }
        self.mode = mode;
        self.key = key.named(&properties)?;
        self.properties = properties;
        self.reserve_group = control.reserve_group;
        self.reserve_value = control.reserve_value;
        Ok(chosen)
    }

    fn remote(&mut self, octets: &[u8]) -> Result<(), Refusal> {
        let description = first_with_media(parse(octets)?);
        if let (Some(leg), Some(description)) = (&self.leg, &description) {
            let given = media::transport_address(description);
            // Signalling model, "Decisions in detail": a bearer that is up has its peer.
            if leg.is_established() && leg.setup.remote.is_some() && given.is_some() && given != leg.setup.remote {
                return Err(refusal_of(
                    ErrorCode::CONFLICTING_VALUES,
                    &given.map_or_else(String::new, |a| a.to_string()),
                ));
            }
        }
        self.remote = description;
        Ok(())
    }

    fn local(
        &mut self,
        octets: &[u8],
        with_remote: bool,
        around: &mut Surroundings<'_>,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let first = self.local.is_none();
        let mut refused = None;
        // Alternatives stand in falling preference; the first that can be granted is (H.248.1 7.1.8).
        for description in parse(octets)? {
            if description.media.is_empty() {
                refused.get_or_insert_with(|| refusal(ErrorCode::MISSING_INFORMATION));
                continue;
            }
            match Request::new(description, around.profile) {
                Ok(request) if request.is_rejected() => break,
                Ok(request) => {
                    let (granted, chosen) = self.grant(request, around)?;
                    self.peer_offered = if first { with_remote } else { self.peer_offered };
                    let octets = chosen.then(|| granted.description.encode(Mode::H248));
                    self.local = Some(granted);
                    return Ok(octets);
                }
                Err(refusal) => {
                    refused.get_or_insert(refusal);
                }
            }
        }
        match refused {
            Some(refusal) => Err(refusal),
            // `Local{}`, or port 0: the stream's resources go (H.248.1 7.1.8, RFC 3264 6).
            None => {
                self.local = None;
                self.release(around.changes);
                Ok(None)
            }
        }
    }

    /// Makes the choices Local leaves; the second value tells whether there were any.
    fn grant(&mut self, request: Request, around: &mut Surroundings<'_>) -> Result<(Granted, bool), Refusal> {
        let version = request.version();
        let address = match &self.leg {
            Some(leg) if IpVersion::of(&leg.local) == version => leg.local,
            _ => {
                let realm = self.realm.as_deref().unwrap_or(around.realm);
                let address = around.ports.reserve(realm, version).map_err(|error| match error {
                    PortError::UnknownRealm => refusal_of(ErrorCode::UNSUPPORTED_VALUE, realm),
                    PortError::NoAddress => refusal_of(ErrorCode::UNSUPPORTED_VALUE, media::family(version)),
                    PortError::Exhausted => refusal(ErrorCode::INSUFFICIENT_RESOURCES),
                })?;
                around.changes.reserved(address);
                address
            }
        };
        let answer = self.remote.as_ref().and_then(|remote| remote.stream(0)?.setup());
        request.grant(address, answer, around.certificate, around.secret)
    }

    /// Opens the leg, or tells the relay when it is to be otherwise than before.
    fn update(&mut self, around: &mut Surroundings<'_>) {
        let Some(local) = &self.local else { return };
        let setup = around.policy.leg_setup(self.setup(local, around.profile, around.policy));
        match &mut self.leg {
            Some(leg) if leg.local == local.address => {
                if leg.setup != setup {
                    leg.setup = setup.clone();
                    around.changes.command(leg.relay, LegCommand::Update { leg: leg.id, setup });
                }
            }
            before => {
                let id = LegId(*around.next_leg);
                *around.next_leg = around.next_leg.wrapping_add(1);
                let (relay, counters) = (around.relay, Arc::new(Counters::default()));
                let leg = Leg { id, relay, local: local.address, setup, counters, state: BearerState::Idle };
                let (local, setup, counters) = (leg.local, leg.setup.clone(), Arc::clone(&leg.counters));
                // The new leg first, so that the relay is never without one.
                around.changes.command(relay, LegCommand::Open { leg: id, local, setup, counters });
                if let Some(before) = before.replace(leg) {
                    around.changes.command(before.relay, LegCommand::Release { leg: before.id });
                }
            }
        }
    }

    /// What the properties of packages add to the leg.
    fn conditions(&self) -> Result<Conditions, Refusal> {
        let remote = self.remote.as_ref().and_then(media::transport_address);
        package::conditions(&|name| self.properties.given(name), remote)
    }

    /// The paths to put into MSRP, when Local names one of the gateway's; 449 for one that is none. TR table 4.1.4-1.
    fn msrp_paths(&self, local: &Granted) -> Result<Option<MsrpPaths>, Refusal> {
        if local.application != Application::Msrp {
            return Ok(None);
        }
        let path = |description: &SessionDescription<'static>| {
            let Some(path) = description.stream(0).and_then(sdp::Stream::path) else { return Ok(None) };
            let text = path.0.join(" ");
            let parsed = msrp::Path::parse(&text).map(msrp::Path::into_owned);
            parsed.map(Some).map_err(|_| refusal_of(ErrorCode::UNSUPPORTED_VALUE, &text))
        };
        let Some(own) = path(&local.description)? else { return Ok(None) };
        let peer = self.remote.as_ref().map_or(Ok(None), path)?;
        Ok(Some(MsrpPaths { own: own.endpoint().into_owned(), peer }))
    }

    /// The role the MGC orders, against every rule.
    fn tls_role(&self, profile: &Profile) -> Option<TlsRole> {
        match self.properties.value(profile, "tlsbsc/role")?.as_str().to_ascii_lowercase().as_str() {
            "client" => Some(TlsRole::Client),
            "server" => Some(TlsRole::Server),
            _ => None,
        }
    }

    /// How the leg is to be, by everything said so far.
    fn setup(&self, local: &Granted, profile: &Profile, policy: &dyn Policy) -> LegSetup {
        let ruled = match local.description.stream(0).and_then(sdp::Stream::setup) {
            Some(Setup::Active) => TcpRole::Client,
            // TR 4.4.2.1: the server, unless told otherwise.
            _ => TcpRole::Server,
        };
        let tcp_role = policy.tcp_role(ruled);
        let party = if self.peer_offered { Party::Answerer } else { Party::Offerer };
        let ruled =
            self.tls_role(profile).unwrap_or_else(|| roles::tls_role(local.proto_application(), tcp_role, party));
        let expected = match (&self.key, &self.remote) {
            (Some(key), _) => Expected::Key(key.clone()),
            (None, None) => Expected::NotYet,
            (None, Some(remote)) => {
                let fingerprints = remote.stream(0).into_iter().flat_map(sdp::Stream::fingerprints);
                Expected::Fingerprints(fingerprints.filter(|f| !f.is_choose()).cloned().collect())
            }
        };
        LegSetup {
            secured: local.secured,
            application: local.application,
            msrp: self.msrp_paths(local).ok().flatten(),
            tcp_role,
            tls_role: policy.tls_role(ruled),
            remote: self.remote.as_ref().and_then(media::transport_address),
            expected,
            sends: matches!(self.mode, StreamMode::SendOnly | StreamMode::SendReceive),
            receives: matches!(self.mode, StreamMode::ReceiveOnly | StreamMode::SendReceive),
            conditions: self.conditions().unwrap_or_default(),
        }
    }
}

/// The key of `tlspsk/key`, once it was given (signalling model, "Mp"). It goes by `tlspsk/identity`, a property like any
/// other.
#[derive(Debug, Default)]
struct KeyProperty(Option<Vec<u8>>);

impl KeyProperty {
    /// Takes the key, so that it is nowhere else; false for any other property. No refusal names its value.
    fn takes(&mut self, profile: &Profile, property: &PropertyParm<'_>) -> Result<bool, Refusal> {
        if !property.name.is("tlspsk/key") || profile.property(&property.name).is_none() {
            return Ok(false);
        }
        let key = property.value.single().and_then(|value| octets(value.as_str()));
        self.0 = Some(key.ok_or_else(|| refusal_of(ErrorCode::UNSUPPORTED_VALUE, "tlspsk/key"))?);
        Ok(true)
    }

    /// The two are one thing.
    fn named(self, properties: &Properties) -> Result<Option<PreSharedKey>, Refusal> {
        let identity = properties.given("tlspsk/identity").and_then(ParmValue::single);
        match (identity, self.0) {
            (None, None) => Ok(None),
            (Some(identity), Some(key)) => match PreSharedKey::new(identity.as_str(), &key) {
                Some(key) => Ok(Some(key)),
                None => Err(refusal_of(ErrorCode::UNSUPPORTED_VALUE, "tlspsk")),
            },
            (None, Some(_)) => Err(refusal_of(ErrorCode::MISSING_INFORMATION, "tlspsk/identity")),
            (Some(_), None) => Err(refusal_of(ErrorCode::MISSING_INFORMATION, "tlspsk/key")),
        }
    }
}

/// Octets written as pairs of hexadecimal digits (H.248.1 12.2).
fn octets(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let hexadecimal = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    hexadecimal.then(|| digits.chunks(2).filter_map(pair).collect())
}

fn known_realm<'s>(around: &Surroundings<'s>, name: &str) -> Option<&'s String> {
    around.realms.iter().find(|known| known.eq_ignore_ascii_case(name))
}

fn parse(octets: &[u8]) -> Result<Vec<SessionDescription<'static>>, Refusal> {
    let descriptions = sdp::parse(octets, Mode::H248)
        .map_err(|error| ErrorDescriptor::with_text(ErrorCode::INVALID_SDP, error.to_string()))?;
    Ok(descriptions.into_iter().map(SessionDescription::into_owned).collect())
}

fn first_with_media(descriptions: Vec<SessionDescription<'static>>) -> Option<SessionDescription<'static>> {
    descriptions.into_iter().find(|description| !description.media.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{BearerEvent, testing::Bench};

    fn local(proto: &str, setup: &str) -> String {
        format!("v=0\nc=IN IP4 $\nm=message $ {proto} *\n{setup}")
    }

    fn remote(proto: &str) -> String {
        format!("v=0\nc=IN IP4 192.0.2.77\nm=message 7777 {proto} *\na=fingerprint:sha-1 {}\n", ["AB"; 20].join(":"))
    }

    /// The setup after one Add, with Remote in it or in a Modify after it.
    fn setup(proto: &str, setup: &str, property: &str, peer_offered: bool) -> LegSetup {
        let mut bench = Bench::new();
        let local = local(proto, setup);
        let remote = format!("R{{{}}}", remote(proto));
        let control = format!("O{{MO=SR{property}}},");
        let both = if peer_offered { format!(",{remote}") } else { String::new() };
        assert_eq!(bench.error(&format!("C=${{A=${{M{{ST=1{{{control}L{{{local}}}{both}}}}}}}}}")), 0);
        if !peer_offered {
            assert_eq!(bench.error(&format!("C=1{{MF=ip/access/1{{M{{ST=1{{{remote}}}}}}}}}")), 0);
        }
        bench.setup()
    }

    #[test]
    fn the_m_line_says_what_the_bearer_is() {
        for (proto, secured, application) in [
            ("TCP", false, Application::Agnostic),
            ("TCP/MSRP", false, Application::Msrp),
            ("TCP/BFCP", false, Application::Bfcp),
            ("TCP/TLS", true, Application::Agnostic),
            ("TCP/TLS/MSRP", true, Application::Msrp),
            ("TCP/TLS/BFCP", true, Application::Bfcp),
        ] {
            let setup = setup(proto, "", "", true);
            assert_eq!((setup.secured, setup.application), (secured, application), "{proto}");
            assert_eq!(setup.remote, "192.0.2.77:7777".parse().ok());
            assert!(matches!(setup.expected, Expected::Fingerprints(prints) if prints.len() == 1));
        }
    }

    #[test]
    fn roles_follow_setup_application_and_who_offered() {
        use {TcpRole::*, TlsRole as Tls};
        for (proto, given, peer_offered, tcp, tls) in [
            ("TCP/TLS/MSRP", "a=setup:active\n", true, Client, Tls::Client),
            ("TCP/TLS/MSRP", "a=setup:passive\n", false, Server, Tls::Server),
            ("TCP/TLS/MSRP", "", true, Server, Tls::Server),
            ("TCP/TLS/MSRP", "a=setup:actpass\n", true, Server, Tls::Server),
            ("TCP/TLS", "a=setup:active\n", false, Client, Tls::Client),
            ("TCP/TLS", "a=setup:passive\n", true, Server, Tls::Server),
            // BFCP: whoever answered is the TLS server, whatever TCP does.
            ("TCP/TLS/BFCP", "a=setup:active\n", true, Client, Tls::Server),
            ("TCP/TLS/BFCP", "a=setup:passive\n", true, Server, Tls::Server),
            ("TCP/TLS/BFCP", "a=setup:active\n", false, Client, Tls::Client),
            ("TCP/TLS/BFCP", "a=setup:passive\n", false, Server, Tls::Client),
        ] {
            let setup = setup(proto, given, "", peer_offered);
            assert_eq!((setup.tcp_role, setup.tls_role), (tcp, tls), "{proto} {given} {peer_offered}");
        }
    }

    #[test]
    fn an_explicit_tls_role_overrides_every_rule() {
        assert_eq!(setup("TCP/TLS/BFCP", "", ",tlsbsc/role=client", true).tls_role, TlsRole::Client);
        assert_eq!(setup("TCP/TLS", "a=setup:active\n", ",tlsbsc/role=server", true).tls_role, TlsRole::Server);
    }

    #[test]
    fn stream_modes_say_which_way_octets_go() {
        let mut bench = Bench::new();
        assert_eq!(bench.error(&format!("C=${{A=${{M{{ST=1{{L{{{}}}}}}}}}}}", local("TCP", ""))), 0);
        let inactive = bench.setup();
        assert_eq!((inactive.sends, inactive.receives, inactive.expected), (false, false, Expected::NotYet));
        for (mode, sends, receives) in
            [("SO", true, false), ("RC", false, true), ("SR", true, true), ("IN", false, false)]
        {
            assert_eq!(bench.error(&format!("C=1{{MF=ip/access/1{{M{{ST=1{{O{{MO={mode}}}}}}}}}}}")), 0);
            let setup = bench.setup();
            assert_eq!((setup.sends, setup.receives), (sends, receives), "{mode}");
        }
    }

    #[test]
    fn remote_without_a_fingerprint_accepts_nobody() {
        let mut bench = Bench::new();
        let remote = "c=IN IP4 192.0.2.77\nm=message 7777 TCP/TLS *\n";
        bench.say(&format!("C=${{A=${{M{{ST=1{{L{{{}}},R{{{remote}}}}}}}}}}}", local("TCP/TLS", "")));
        assert_eq!(bench.setup().expected, Expected::Fingerprints(vec![]));
    }

    #[test]
    fn tcp_becomes_tls_on_the_same_port() {
        let mut bench = Bench::new();
        let before = bench.add("$", "MO=SR", &local("TCP", ""), "");
        assert!(before.contains("m=message 10000 TCP *"), "{before}");
        bench.bearer();
        let after = bench.say(&format!("C=1{{MF=ip/access/1{{M{{ST=1{{L{{{}}}}}}}}}}}", local("TCP/TLS", "")));
        assert!(after.contains("m=message 10000 TCP/TLS *"), "{after}");
        assert!(matches!(&bench.bearer()[..], [(_, LegCommand::Update { setup, .. })] if setup.secured));
    }

    #[test]
    fn an_msrp_leg_has_the_paths_of_local_and_remote_when_local_names_one() {
        let mut bench = Bench::new();
        let path = |path: &str| format!("a=path:{path}\n");
        let reply = bench.add("$", "MO=SR", &local("TCP/MSRP", &path("msrp://$:$/$;tcp")), "");
        let setup = bench.setup();
        let own = setup.msrp.as_ref().map(|paths| paths.own.to_string()).unwrap_or_default();
        assert!(own.starts_with("msrp://") && !own.contains('$') && reply.contains(&own), "{own} {reply}");
        assert!(setup.msrp.is_some_and(|paths| paths.peer.is_none()));
        let relayed = "msrp://relay.example:1/r;tcp msrp://192.0.2.77:7777/b;tcp";
        let modify = |uris: &str| {
            let remote = format!("{}{}", remote("TCP/MSRP"), path(uris));
            format!("C=1{{MF=ip/access/1{{M{{ST=1{{R{{{remote}}}}}}}}}}}")
        };
        assert_eq!(bench.error(&modify(relayed)), 0);
        let peer = bench.setup().msrp.and_then(|paths| paths.peer);
        assert_eq!(peer.map(|path| path.to_string()).as_deref(), Some(relayed));
        assert_eq!(bench.error(&modify("msrp://192.0.2.77:7777/b")), 449);
    }

    #[test]
    fn without_a_path_in_local_or_without_msrp_there_are_none() {
        assert_eq!(setup("TCP/MSRP", "", "", true).msrp, None);
        assert_eq!(setup("TCP", "a=path:msrp://$:$/$;tcp\n", "", true).msrp, None);
    }

    #[test]
    fn a_leg_of_the_other_ip_version_replaces_the_first_without_a_gap() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", &local("TCP", ""), "");
        bench.bearer();
        let v6 = local("TCP", "").replace("IP4", "IP6");
        assert_eq!(bench.error(&format!("C=1{{MF=ip/access/1{{M{{ST=1{{L{{{v6}}}}}}}}}}}")), 0);
        let commands = bench.bearer();
        assert!(matches!(&commands[..], [(a, LegCommand::Open { .. }), (b, LegCommand::Release { .. })] if a == b));
    }

    #[test]
    fn an_empty_local_or_port_zero_releases_the_leg() {
        for none in ["", "c=IN IP4 $\nm=message 0 TCP *\n"] {
            let mut bench = Bench::new();
            bench.add("$", "MO=SR", &local("TCP", ""), "");
            let (relay, _) = bench.opened();
            assert_eq!(bench.error(&format!("C=1{{MF=ip/access/1{{M{{ST=1{{L{{{none}}}}}}}}}}}")), 0);
            assert!(matches!(bench.bearer()[..], [(_, LegCommand::Release { .. })]));
            bench.say(&format!("C=1{{MF=ip/access/1{{M{{ST=1{{L{{{}}}}}}}}}}}", local("TCP", "")));
            assert_ne!(bench.opened().0, relay, "a relay is never used again");
        }
    }

    #[test]
    fn a_second_remote_that_contradicts_an_established_bearer_is_refused() {
        let mut bench = Bench::new();
        bench.say(&format!("C=${{A=${{M{{ST=1{{L{{{}}},R{{{}}}}}}}}}}}", local("TCP", ""), remote("TCP")));
        let (relay, leg) = bench.opened();
        let other = remote("TCP").replace("7777", "7778");
        let modify = |remote: &str| format!("C=1{{MF=ip/access/1{{M{{ST=1{{R{{{remote}}}}}}}}}}}");
        assert_eq!(bench.error(&modify(&other)), 0);
        bench.report(relay, BearerEvent::Established { leg, state: BearerState::TcpEstablished });
        assert_eq!(bench.error(&modify(&other)), 0);
        assert_eq!(bench.error(&modify(&remote("TCP"))), 473);
    }

    #[cfg(feature = "psk")]
    mod key {
        use super::*;
        use crate::gateway::{Interface, Reference, testing::config};

        const DIGITS: &str = "000102030405060708090A0B0C0D0E0F";

        fn mrfp() -> Bench {
            Bench::with(crate::gateway::Config { interface: Interface::Mp, ..config() }, Arc::new(Reference))
        }

        fn add(bench: &mut Bench, properties: &str) -> u16 {
            bench
                .error(&format!("C=${{A=${{M{{ST=1{{O{{MO=SR{properties}}},L{{{}}}}}}}}}}}", local("TCP/TLS/MSRP", "")))
        }

        #[test]
        fn a_key_is_who_the_peer_must_be_and_no_audit_shows_it() {
            let mut bench = mrfp();
            assert_eq!(add(&mut bench, &format!(",tlspsk/key={DIGITS},tlspsk/identity=\"alice\"")), 0);
            let octets: Vec<u8> = (0..16).collect();
            assert_eq!(bench.setup().expected, Expected::Key(PreSharedKey::new("alice", &octets).unwrap()));
            let audit = bench.say("C=1{AV=ip/access/1{AT{M}}}");
            assert!(audit.contains("tlspsk/identity=\"alice\"") && !audit.contains("0E0F"), "{audit}");
            assert!(!audit.contains("tlspsk/key"), "{audit}");
        }

        #[test]
        fn a_key_that_cannot_be_used_is_refused_without_being_named() {
            for (code, properties) in [
                (449, format!(",tlspsk/key={DIGITS}0,tlspsk/identity=\"alice\"")),
                (449, ",tlspsk/key=0102,tlspsk/identity=\"alice\"".to_owned()),
                (449, format!(",tlspsk/key={DIGITS},tlspsk/identity=\"\"")),
                (472, format!(",tlspsk/key={DIGITS}")),
                (472, ",tlspsk/identity=\"alice\"".to_owned()),
            ] {
                let mut bench = mrfp();
                let control = format!("C=${{A=${{M{{ST=1{{O{{MO=SR{properties}}}}}}}}}}}");
                let reply = bench.say(&control);
                assert!(reply.contains(&format!("ER={code}")) && !reply.contains("0102"), "{reply}");
            }
        }

        #[test]
        fn only_an_mrfp_knows_keys() {
            for interface in [Interface::Iq, Interface::Ix] {
                let config = crate::gateway::Config { interface, ..config() };
                let mut bench = Bench::with(config, Arc::new(Reference));
                assert_eq!(add(&mut bench, &format!(",tlspsk/key={DIGITS},tlspsk/identity=\"alice\"")), 440);
            }
        }
    }
}
