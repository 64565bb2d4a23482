//! Session descriptions in Local: what the MGC leaves to the gateway, and the gateway's choices. H.248.1 7.1.8.

use super::{
    bearer::Application,
    port::IpVersion,
    profile::Profile,
    stream::{Refusal, refusal_of},
};
use crate::wire::{
    h248::ErrorCode,
    msrp::{self, MsrpUri},
    sdp::{
        self, Address, AddressType, Attribute, Choosable, ConnectionData, Digest, Fingerprint, HashFunction, Host,
        MediaDescription, MediaKind, NetworkType, Path, Port, SessionDescription, Setup,
    },
};
use sha2::Digest as _;
use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

/// One alternative of a Local descriptor whose media type the gateway supports.
#[derive(Debug)]
pub(super) struct Request {
    description: SessionDescription<'static>,
    secured: bool,
    application: Application,
}

/// A Local descriptor with every choice made.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub(super) description: SessionDescription<'static>,
    pub(super) secured: bool,
    pub(super) application: Application,
    pub(super) address: SocketAddr,
}

/// The address and port a description gives for its medium; `None` while either is missing.
pub(super) fn transport_address(description: &SessionDescription<'_>) -> Option<SocketAddr> {
    let stream = description.stream(0)?;
    let port = stream.media.port_number().filter(|port| *port != 0)?;
    Some(SocketAddr::new(stream.connection()?.ip()?, port))
}

/// The name SDP has for an IP version.
pub(super) const fn family(version: IpVersion) -> &'static str {
    match version {
        IpVersion::V4 => "IP4",
        IpVersion::V6 => "IP6",
    }
}

impl Request {
    /// 515 when the profile has no bearer for the m-line. TR 4.1.4.
    pub(super) fn new(description: SessionDescription<'static>, profile: &Profile) -> Result<Self, Refusal> {
        let proto = description.media.first().map(|media| &media.proto);
        let bearer = proto.and_then(|proto| profile.bearer(proto));
        let unsupported = || {
            let proto = proto.map(ToString::to_string).unwrap_or_default();
            refusal_of(ErrorCode::UNSUPPORTED_MEDIA_TYPE, &proto)
        };
        let (secured, application) = bearer.ok_or_else(unsupported)?;
        Ok(Self { description, secured, application })
    }

    /// Port 0: no medium here. RFC 3264 6.
    pub(super) fn is_rejected(&self) -> bool {
        self.media().and_then(MediaDescription::port_number) == Some(0)
    }

    /// The IP version asked for; IPv4 when the MGC leaves that open too.
    pub(super) fn version(&self) -> IpVersion {
        let connection = self.description.stream(0).and_then(sdp::Stream::connection);
        match connection.map(|connection| &connection.address) {
            Some(Address { host: Host::Ip(IpAddr::V6(_)), .. } | Address { family: AddressType::Ip6, .. }) => {
                IpVersion::V6
            }
            _ => IpVersion::V4,
        }
    }

    /// Makes every choice, given the leg's address; the second value tells whether there was one to make. `answer` is what
    /// the peer says of its part in TCP.
    pub(super) fn grant(
        mut self,
        address: SocketAddr,
        answer: Option<Setup>,
        certificate: &[u8],
        secret: u64,
    ) -> Result<(Granted, bool), Refusal> {
        let mut chosen = self.choose_address(address)?;
        let active = self.description.stream(0).and_then(sdp::Stream::setup) == Some(Setup::Active);
        let scheme = if self.secured { "msrps" } else { "msrp" };
        let application = self.application;
        if let Some(media) = self.description.media.first_mut() {
            chosen |= choose_port(&mut media.port, address.port(), active)?;
            chosen |= choose_formats(media, application);
            let session = || session_id(secret, address);
            chosen |= choose_attributes(&mut media.attributes, |attribute| {
                Ok(match attribute {
                    Attribute::Path(Path(uris)) if uris.iter().any(|uri| uri.contains('$')) => {
                        let choose = |uri: &Cow<'_, str>| choose_uri(uri, address, &session()).map(Cow::Owned);
                        let uris = uris.iter().map(choose).collect::<Result<_, _>>()?;
                        Some(Path(uris).into())
                    }
                    Attribute::Choose(name) if name == "path" => {
                        let uri = format!("{scheme}://$:$/$;tcp");
                        Some(Path::new(choose_uri(&uri, address, &session())?).into())
                    }
                    other => choose_common(other, answer, certificate)?,
                })
            })?;
        }
        chosen |= choose_attributes(&mut self.description.attributes, |attribute| {
            choose_common(attribute, answer, certificate)
        })?;
        let Self { description, secured, application } = self;
        Ok((Granted { description, secured, application, address }, chosen))
    }

    fn media(&self) -> Option<&MediaDescription<'static>> {
        self.description.media.first()
    }

    /// `c=` and `o=`. An address the MGC dictates must be the one the leg has.
    fn choose_address(&mut self, address: SocketAddr) -> Result<bool, Refusal> {
        let mut chosen = false;
        let media = self.description.media.first_mut();
        let mut connections: Vec<&mut ConnectionData<'static>> =
            self.description.connection.iter_mut().chain(media.into_iter().flat_map(|m| &mut m.connections)).collect();
        if connections.is_empty() {
            self.description.connection = Some(address.ip().into());
            return Ok(true);
        }
        for connection in &mut connections {
            chosen |= choose_host(&mut connection.address, address.ip());
            match &connection.address.host {
                Host::Ip(ip) if *ip == address.ip() => {}
                host => return Err(refusal_of(ErrorCode::UNSUPPORTED_VALUE, &host.to_string())),
            }
        }
        if let Some(origin) = &mut self.description.origin {
            chosen |= choose_host(&mut origin.address, address.ip());
            for (text, choice) in
                [(&mut origin.session_id, address.port().to_string()), (&mut origin.session_version, "1".into())]
            {
                if text == "$" {
                    *text = choice.into();
                    chosen = true;
                }
            }
        }
        Ok(chosen)
    }
}

impl Granted {
    /// The application in the terms of the SDP rules.
    pub(super) const fn proto_application(&self) -> sdp::Application {
        match self.application {
            Application::Agnostic => sdp::Application::Agnostic,
            Application::Msrp => sdp::Application::Msrp,
            Application::Bfcp => sdp::Application::Bfcp,
        }
    }
}

fn choose_host(address: &mut Address<'static>, ip: IpAddr) -> bool {
    let open = matches!(address.network, NetworkType::Choose)
        || matches!(address.family, AddressType::Choose)
        || matches!(address.host, Host::Choose);
    if open {
        *address = ip.into();
    }
    open
}

/// An active endpoint need not care for its port: 9 stands for none (RFC 4145 4.1).
fn choose_port(port: &mut Choosable<Port>, own: u16, active: bool) -> Result<bool, Refusal> {
    match *port {
        Choosable::Choose => {
            *port = Choosable::Given(own.into());
            Ok(true)
        }
        Choosable::Given(Port { number, .. }) if number == own || (number == 9 && active) => Ok(false),
        Choosable::Given(Port { number, .. }) => Err(refusal_of(ErrorCode::UNSUPPORTED_VALUE, &number.to_string())),
    }
}

fn choose_formats(media: &mut MediaDescription<'static>, application: Application) -> bool {
    let mut chosen = false;
    if media.kind == MediaKind::Choose {
        media.kind = match application {
            Application::Agnostic => MediaKind::Unspecified,
            Application::Msrp => MediaKind::Message,
            Application::Bfcp => MediaKind::Application,
        };
        chosen = true;
    }
    for format in media.formats.iter_mut().filter(|format| *format == "$") {
        *format = "*".into();
        chosen = true;
    }
    chosen
}

/// Replaces the attributes for which `choose` has an answer.
fn choose_attributes(
    attributes: &mut sdp::Attributes<'static>,
    choose: impl Fn(&Attribute<'static>) -> Result<Option<Attribute<'static>>, Refusal>,
) -> Result<bool, Refusal> {
    let mut chosen = false;
    let decide = |attribute: &Attribute<'static>| {
        let choice = choose(attribute)?;
        chosen |= choice.is_some();
        Ok(choice.unwrap_or_else(|| attribute.clone()))
    };
    let decided = attributes.iter().map(decide).collect::<Result<_, Refusal>>()?;
    *attributes = decided;
    Ok(chosen)
}

/// Attributes that may stand at either level.
fn choose_common(
    attribute: &Attribute<'static>,
    answer: Option<Setup>,
    certificate: &[u8],
) -> Result<Option<Attribute<'static>>, Refusal> {
    // TR 4.4.2.1: the gateway is the server, unless the peer waits already.
    let setup = if answer == Some(Setup::Passive) { Setup::Active } else { Setup::Passive };
    Ok(match attribute {
        Attribute::Setup(Setup::ActPass) => Some(setup.into()),
        Attribute::Choose(name) if name == "setup" => Some(setup.into()),
        Attribute::Fingerprint(fingerprint) if fingerprint.is_choose() => {
            Some(own_fingerprint(fingerprint.hash.clone(), certificate)?.into())
        }
        Attribute::Choose(name) if name == "fingerprint" => {
            Some(own_fingerprint(HashFunction::Sha256, certificate)?.into())
        }
        // What the gateway has no opinion on it cannot choose.
        Attribute::Choose(name) => return Err(refusal_of(ErrorCode::UNSUPPORTED_VALUE, name)),
        _ => None,
    })
}

/// The gateway's certificate by the hash asked for; MD2 and MD5 shall not be used (RFC 8122 5).
fn own_fingerprint(hash: HashFunction<'static>, certificate: &[u8]) -> Result<Fingerprint<'static>, Refusal> {
    let digest = match &hash {
        HashFunction::Sha1 => Digest::new(&sha1::Sha1::digest(certificate)),
        HashFunction::Sha224 => Digest::new(&sha2::Sha224::digest(certificate)),
        HashFunction::Sha256 => Digest::new(&sha2::Sha256::digest(certificate)),
        HashFunction::Sha384 => Digest::new(&sha2::Sha384::digest(certificate)),
        HashFunction::Sha512 => Digest::new(&sha2::Sha512::digest(certificate)),
        HashFunction::Md2 | HashFunction::Md5 | HashFunction::Other(_) => None,
    };
    let digest = digest.ok_or_else(|| refusal_of(ErrorCode::UNSUPPORTED_VALUE, hash.name()))?;
    Ok(Fingerprint::new(hash, digest))
}

/// Fills host, port and session-id of an MSRP URI, each only where it is `$`.
fn choose_uri(uri: &str, address: SocketAddr, session: &str) -> Result<String, Refusal> {
    let host = match address.ip() {
        IpAddr::V4(ip) => msrp::Host::V4(ip),
        IpAddr::V6(ip) => msrp::Host::V6(ip),
    };
    let chosen = MsrpUri::choose(uri, &host, address.port(), session);
    chosen.map(|uri| uri.to_string()).map_err(|_| refusal_of(ErrorCode::UNSUPPORTED_VALUE, uri))
}

/// 80 bits nobody can guess who does not know the secret (RFC 4975 14.1).
fn session_id(secret: u64, address: SocketAddr) -> String {
    let digest = sha2::Sha256::new().chain_update(secret.to_be_bytes()).chain_update(address.to_string()).finalize();
    digest.iter().take(10).map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gateway::profile::Interface, wire::sdp::Mode};

    const CERTIFICATE: &[u8] = b"certificate";

    fn grant_with(local: &str, answer: Option<Setup>) -> Result<(String, bool), Refusal> {
        let description = sdp::parse(local.as_bytes(), Mode::H248).expect("legal SDP").remove(0).into_owned();
        let request = Request::new(description, Interface::Iq.profile())?;
        let address = match request.version() {
            IpVersion::V4 => "192.0.2.1:5000".parse(),
            IpVersion::V6 => "[2001:db8::1]:5000".parse(),
        };
        let (granted, chosen) = request.grant(address.expect("an address"), answer, CERTIFICATE, 7)?;
        Ok((String::from_utf8_lossy(&granted.description.encode(Mode::H248)).replace("\r\n", "\n"), chosen))
    }

    fn grant(local: &str) -> Result<(String, bool), Refusal> {
        grant_with(local, None)
    }

    #[test]
    fn address_port_and_fingerprint_are_chosen_where_asked() {
        let (local, chosen) =
            grant("v=0\nc=IN IP4 $\nm=message $ TCP/TLS/MSRP *\na=setup:passive\na=fingerprint:sha-1 $\n")
                .expect("granted");
        let digest = own_fingerprint(HashFunction::Sha1, CERTIFICATE).expect("known hash");
        assert_eq!(
            local,
            format!(
                "v=0\nc=IN IP4 192.0.2.1\nm=message 5000 TCP/TLS/MSRP *\na=setup:passive\na=fingerprint:{digest}\n"
            )
        );
        assert!(chosen);
        let (local, _) = grant("c=IN IP6 $\nm=message $ TCP *\n").expect("granted");
        assert_eq!(local, "c=IN IP6 2001:db8::1\nm=message 5000 TCP *\n");
    }

    #[test]
    fn nothing_to_choose_gives_nothing_to_report() {
        let given = "v=0\nc=IN IP4 192.0.2.1\nm=message 5000 TCP *\na=setup:passive\n";
        assert_eq!(grant(given), Ok((given.to_owned(), false)));
    }

    #[test]
    fn a_dictated_address_or_port_the_gateway_lacks_is_refused_by_value() {
        let error = grant("c=IN IP4 192.0.2.9\nm=message $ TCP *\n").expect_err("not ours");
        assert_eq!((error.code, error.text.as_deref()), (ErrorCode::UNSUPPORTED_VALUE, Some("192.0.2.9")));
        let error = grant("c=IN IP4 $\nm=message 5001 TCP *\n").expect_err("not ours");
        assert_eq!(error.text.as_deref(), Some("5001"));
        assert!(grant("c=IN IP4 $\nm=message 9 TCP *\na=setup:active\n").is_ok());
    }

    #[test]
    fn a_broken_hash_function_is_refused_by_name() {
        let error = grant("c=IN IP4 $\nm=message $ TCP/TLS *\na=fingerprint:md5 $\n").expect_err("MD5");
        assert_eq!((error.code, error.text.as_deref()), (ErrorCode::UNSUPPORTED_VALUE, Some("md5")));
    }

    #[test]
    fn actpass_becomes_passive_unless_the_peer_waits() {
        let local = "c=IN IP4 $\nm=message $ TCP *\na=setup:actpass\n";
        assert!(grant(local).is_ok_and(|(local, _)| local.ends_with("a=setup:passive\n")));
        let answered = grant_with(local, Some(Setup::Passive));
        assert!(answered.is_ok_and(|(local, _)| local.ends_with("a=setup:active\n")));
    }

    #[test]
    fn each_part_of_an_msrp_path_may_be_the_gateways() {
        let address = "[2001:db8::1]:5000".parse().expect("an address");
        let choose = |uri| choose_uri(uri, address, "id").map_err(|refusal| refusal.code);
        assert_eq!(choose("msrps://$:$/$;tcp").as_deref(), Ok("msrps://[2001:db8::1]:5000/id;tcp"));
        assert_eq!(choose("msrp://host.example:$/given;tcp").as_deref(), Ok("msrp://host.example:5000/given;tcp"));
        assert_eq!(choose("msrp://$:$/a$;tcp"), Err(ErrorCode::UNSUPPORTED_VALUE));
        let (one, other) = (session_id(1, address), session_id(2, address));
        assert!(one != other && one.len() == 20);
    }

    #[test]
    fn an_unknown_media_type_is_refused_by_name() {
        let error = grant("c=IN IP4 $\nm=audio $ RTP/AVP 0\n").expect_err("no RTP here");
        assert_eq!((error.code, error.text.as_deref()), (ErrorCode::UNSUPPORTED_MEDIA_TYPE, Some("RTP/AVP")));
    }
}
