//! Octets written by hand from the RFCs, beside the values they stand for: read and written, so that parser and
//! encoder cannot share a mistake.

use super::{
    AcceptTypes, AcceptWrappedTypes, Address, AddressType, Attribute, Bandwidth, BfcpVersions, Choosable, ConferenceId,
    Connection, ConnectionData, Digest, Direction, EndToAccessEdge, Fingerprint, FloorControl, FloorControlRole,
    FloorId, HashFunction, Host, KeyManagement, MaxSize, MediaDescription, MediaKind, MediaRange, Mode, MsrpCema,
    Multicast, NetworkType, Origin, Path, Port, Proto, SessionDescription, Setup, TimeDescription, UserId, encode,
    parse,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const HEAD: &str = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";

fn v4(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
}

fn v6() -> IpAddr {
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1))
}

/// What [`HEAD`] stands for.
fn head() -> SessionDescription<'static> {
    SessionDescription {
        versioned: true,
        origin: Some(Origin {
            username: "-".into(),
            session_id: "1".into(),
            session_version: "2".into(),
            address: v4(1).into(),
        }),
        name: Some("-".into()),
        connection: Some(v4(1).into()),
        times: vec![TimeDescription::default()],
        ..SessionDescription::default()
    }
}

fn check(octets: &str, mode: Mode, value: &[SessionDescription<'_>]) {
    assert_eq!(parse(octets.as_bytes(), mode).as_deref(), Ok(value), "{octets}");
    assert_eq!(String::from_utf8(encode(value, mode)).unwrap(), octets);
}

#[test]
fn attributes_read_and_write_their_golden_octets() {
    let sha1 = Digest::new(&[0x4A, 0xAD, 0xB9, 0xB1, 0x3F]).unwrap();
    let table: Vec<(&str, Attribute<'_>)> = vec![
        ("setup:active", Setup::Active.into()),
        ("setup:passive", Setup::Passive.into()),
        ("setup:actpass", Setup::ActPass.into()),
        ("setup:holdconn", Setup::HoldConn.into()),
        ("connection:new", Connection::New.into()),
        ("connection:existing", Connection::Existing.into()),
        ("fingerprint:sha-1 4A:AD:B9:B1:3F", Fingerprint::new(HashFunction::Sha1, sha1.clone()).into()),
        ("fingerprint:md5 4A:AD:B9:B1:3F", Fingerprint::new(HashFunction::Md5, sha1.clone()).into()),
        ("fingerprint:blake3 4A:AD:B9:B1:3F", Fingerprint::new(HashFunction::Other("blake3".into()), sha1).into()),
        ("path:msrp://a.example:1/s;tcp", Path::new("msrp://a.example:1/s;tcp").into()),
        (
            "path:msrps://r.example:1/r;tcp msrps://[::1]:2/e;tcp",
            Path(vec!["msrps://r.example:1/r;tcp".into(), "msrps://[::1]:2/e;tcp".into()]).into(),
        ),
        ("msrp-cema", MsrpCema.into()),
        ("accept-types:*", AcceptTypes(vec![MediaRange::Any]).into()),
        (
            "accept-types:message/cpim text/*",
            AcceptTypes(vec![MediaRange::new("message", "cpim"), MediaRange::new("text", "*")]).into(),
        ),
        ("accept-wrapped-types:text/plain", AcceptWrappedTypes(vec![MediaRange::new("text", "plain")]).into()),
        ("max-size:2048", MaxSize(2048).into()),
        ("floorctrl:s-only", FloorControl(vec![FloorControlRole::ServerOnly]).into()),
        (
            "floorctrl:s-only c-only c-s",
            FloorControl(vec![
                FloorControlRole::ServerOnly,
                FloorControlRole::ClientOnly,
                FloorControlRole::ClientServer,
            ])
            .into(),
        ),
        ("confid:4321", ConferenceId::from(4321).into()),
        ("userid:1234", UserId::from(1234).into()),
        ("floorid:543", FloorId { floor: "543".into(), streams: vec![] }.into()),
        ("floorid:1 mstrm:10 11", FloorId { floor: "1".into(), streams: vec!["10".into(), "11".into()] }.into()),
        ("bfcpver:1 2", BfcpVersions(vec![1, 2]).into()),
        ("key-mgmt:mikey AQAFgM0X", KeyManagement { protocol: "mikey".into(), data: "AQAFgM0X".into() }.into()),
        ("3ge2ae:requested", EndToAccessEdge::Requested.into()),
        ("3ge2ae:applied", EndToAccessEdge::Applied.into()),
        ("sendrecv", Direction::SendReceive.into()),
        ("sendonly", Direction::SendOnly.into()),
        ("recvonly", Direction::ReceiveOnly.into()),
        ("inactive", Direction::Inactive.into()),
        ("label:10", Attribute::other("label", Some("10"))),
        ("rtcp-mux", Attribute::other("rtcp-mux", None::<&str>)),
    ];
    for (octets, attribute) in table {
        let mut value = head();
        value.media.push(MediaDescription::new(MediaKind::Message, Some(9), Proto::TcpTlsMsrp).with(attribute));
        check(&format!("{HEAD}m=message 9 TCP/TLS/MSRP *\r\na={octets}\r\n"), Mode::Rfc, &[value]);
    }
}

#[test]
fn choices_read_and_write_their_golden_octets() {
    let choose =
        |attribute: Attribute<'static>| MediaDescription::new(MediaKind::Message, None, Proto::TcpTls).with(attribute);
    let table = [
        ("fingerprint:sha-256 $", choose(Fingerprint::choose(HashFunction::Sha256).into())),
        ("setup:$", choose(Attribute::Choose("setup".into()))),
        ("path:msrp://$:$/$;tcp", choose(Path::new("msrp://$:$/$;tcp").into())),
    ];
    for (octets, media) in table {
        let value = SessionDescription::new(media);
        check(&format!("v=0\r\nm=message $ TCP/TLS *\r\na={octets}\r\n"), Mode::H248, &[value]);
    }
}

#[test]
fn connections_read_and_write_their_golden_octets() {
    let address = |family, host| Address { network: NetworkType::Internet, family, host };
    let table = [
        ("IN IP4 192.0.2.9", ConnectionData::from(v4(9))),
        ("IN IP6 2001:db8::1", ConnectionData::from(v6())),
        ("IN IP4 $", ConnectionData::choose(AddressType::Ip4)),
        ("IN IP6 $", ConnectionData::choose(AddressType::Ip6)),
        ("IN $ $", ConnectionData::choose(AddressType::Choose)),
        (
            "IN IP4 mg.example",
            ConnectionData { address: address(AddressType::Ip4, Host::Name("mg.example".into())), multicast: None },
        ),
        (
            "IN IP4 233.252.0.1/127/3",
            ConnectionData {
                address: IpAddr::V4(Ipv4Addr::new(233, 252, 0, 1)).into(),
                multicast: Some(Multicast { ttl: Some(127), count: Some(3) }),
            },
        ),
        (
            "IN IP6 ff02::1/2",
            ConnectionData {
                address: IpAddr::V6(Ipv6Addr::new(0xFF02, 0, 0, 0, 0, 0, 0, 1)).into(),
                multicast: Some(Multicast { ttl: None, count: Some(2) }),
            },
        ),
        (
            "ATM NSAP 47.0091",
            ConnectionData {
                address: Address {
                    network: NetworkType::Other("ATM".into()),
                    family: AddressType::Other("NSAP".into()),
                    host: Host::Name("47.0091".into()),
                },
                multicast: None,
            },
        ),
    ];
    for (octets, connection) in table {
        let value = SessionDescription { connection: Some(connection), ..SessionDescription::default() };
        check(&format!("c={octets}\r\n"), Mode::H248, &[value]);
    }
}

#[test]
fn media_lines_read_and_write_their_golden_octets() {
    let table = [
        ("message 7654 TCP/MSRP *", MediaDescription::new(MediaKind::Message, Some(7654), Proto::TcpMsrp)),
        ("application 9 TCP/TLS/BFCP *", MediaDescription::new(MediaKind::Application, Some(9), Proto::TcpTlsBfcp)),
        ("- $ - *", MediaDescription::new(MediaKind::Unspecified, None, Proto::Unspecified)),
        (
            "audio 49170/2 RTP/AVP 0 8",
            MediaDescription {
                port: Choosable::Given(Port { number: 49170, count: Some(2) }),
                formats: vec!["0".into(), "8".into()],
                ..MediaDescription::new(MediaKind::Audio, None, Proto::RtpAvp)
            },
        ),
    ];
    for (octets, media) in table {
        check(&format!("v=0\r\nm={octets}\r\n"), Mode::H248, &[SessionDescription::new(media)]);
    }
}

#[test]
fn every_line_reads_and_writes_its_golden_octets() {
    let octets = "v=0\r\no=alice 7 8 IN IP6 2001:db8::1\r\ns=Floor\r\ni=About\r\nu=https://a.example/\r\ne=a@a.example\r\n\
        p=+1 617 555\r\nc=IN IP6 2001:db8::1\r\nb=CT:64\r\nt=3034423619 0\r\nr=7d 1h 0\r\nz=3044070019 -1h\r\n\
        k=prompt\r\na=tool:x\r\nm=text 1 TCP *\r\ni=One\r\nc=IN IP4 192.0.2.1\r\nb=AS:8\r\n";
    let media = MediaDescription {
        information: Some("One".into()),
        bandwidths: vec![Bandwidth { kind: "AS".into(), value: 8.into() }],
        ..MediaDescription::new(MediaKind::Text, Some(1), Proto::Tcp).with_connection(v4(1))
    };
    let value = SessionDescription {
        versioned: true,
        origin: Some(Origin {
            username: "alice".into(),
            session_id: "7".into(),
            session_version: "8".into(),
            address: v6().into(),
        }),
        name: Some("Floor".into()),
        information: Some("About".into()),
        uri: Some("https://a.example/".into()),
        emails: vec!["a@a.example".into()],
        phones: vec!["+1 617 555".into()],
        connection: Some(v6().into()),
        bandwidths: vec![Bandwidth { kind: "CT".into(), value: 64.into() }],
        times: vec![TimeDescription {
            start: 3_034_423_619,
            stop: 0,
            repeats: vec!["7d 1h 0".into()],
            zone: Some("3044070019 -1h".into()),
        }],
        key: Some("prompt".into()),
        attributes: [Attribute::other("tool", Some("x"))].into_iter().collect(),
        media: vec![media],
    };
    check(octets, Mode::Rfc, &[value]);
}

#[test]
fn alternatives_keep_their_order_of_preference() {
    let medium = |proto| SessionDescription::new(MediaDescription::new(MediaKind::Application, None, proto));
    let octets = "v=0\r\nm=application $ TCP/TLS *\r\nv=0\r\nm=application $ TCP *\r\n";
    check(octets, Mode::H248, &[medium(Proto::TcpTls), medium(Proto::Tcp)]);
}

#[test]
fn media_level_wins_over_session_level_where_both_may_speak() {
    let text = format!(
        "{HEAD}a=setup:active\r\na=fingerprint:sha-1 01\r\na=fingerprint:sha-256 02\r\na=sendonly\r\n\
        m=message 9 TCP/TLS *\r\nm=message 9 TCP/TLS *\r\nc=IN IP6 2001:db8::1\r\na=setup:passive\r\na=fingerprint:sha-1 03\r\na=inactive\r\n"
    );
    let session = SessionDescription::parse(text.as_bytes()).unwrap();
    let (first, second) = (session.stream(0).unwrap(), session.stream(1).unwrap());
    assert_eq!((first.setup(), second.setup()), (Some(Setup::Active), Some(Setup::Passive)));
    assert_eq!((first.direction(), second.direction()), (Direction::SendOnly, Direction::Inactive));
    assert_eq!((first.fingerprints().count(), second.fingerprints().count()), (2, 1));
    assert_eq!(second.connection().and_then(ConnectionData::ip), Some(v6()));
    assert_eq!(first.connection().and_then(ConnectionData::ip), Some(v4(1)));
}

#[test]
fn no_value_forges_a_line() {
    let forged = Attribute::other("x", Some("1\r\nm=message 9 TCP *"));
    let session = SessionDescription { attributes: [forged].into_iter().collect(), ..SessionDescription::default() };
    let octets = session.encode(Mode::Rfc);
    assert!(SessionDescription::parse(&octets).unwrap().media.is_empty());
}

#[test]
fn a_description_made_for_h248_becomes_conformant_on_demand() {
    let media = MediaDescription::new(MediaKind::Message, Some(9), Proto::TcpMsrp).with_connection(v4(1));
    let octets = SessionDescription::new(media).encode(Mode::Rfc);
    assert_eq!(
        String::from_utf8(octets.clone()).unwrap(),
        "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\nc=IN IP4 192.0.2.1\r\n"
    );
    assert!(SessionDescription::parse(&octets).is_ok());
}

#[test]
fn a_replaced_attribute_keeps_its_place() {
    let mut session =
        SessionDescription::parse(b"v=0\no=- 0 0 IN IP4 192.0.2.1\ns=-\nt=0 0\na=setup:actpass\na=x\na=setup:active")
            .unwrap();
    session.attributes.replace(Setup::Passive);
    session.attributes.replace(MaxSize(1));
    let names: Vec<_> = session.attributes.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["setup:passive", "x", "max-size:1"]);
}

#[test]
fn lower_case_digests_are_read_told_and_written_in_upper_case() {
    let session =
        SessionDescription::parse(b"v=0\no=- 0 0 IN IP4 192.0.2.1\ns=-\nt=0 0\na=fingerprint:SHA-256 ab:0C").unwrap();
    let fingerprint = session.attributes.get::<Fingerprint<'_>>().unwrap();
    assert!(fingerprint.digest.given().unwrap().was_lower_case());
    assert_eq!(fingerprint.to_string(), "sha-256 AB:0C");
}
