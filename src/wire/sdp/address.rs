//! Network addresses of `o=` and `c=` lines.

use super::{
    Mode,
    line::{Cursor, Parsed, Word, is_visible},
    owned,
};
use crate::wire::ErrorKind;
use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// `nettype` (RFC 8866 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum NetworkType<'a> {
    /// `IN`.
    Internet,
    /// `$`: the gateway chooses.
    Choose,
    /// Any other token.
    Other(Cow<'a, str>),
}

/// `addrtype` (RFC 8866 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum AddressType<'a> {
    /// `IP4`.
    Ip4,
    /// `IP6`.
    Ip6,
    /// `$`: the gateway chooses.
    Choose,
    /// Any other token.
    Other(Cow<'a, str>),
}

/// Where: an address, a name to resolve, or for the gateway to choose.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Host<'a> {
    /// An IP address of the family its `addrtype` says.
    Ip(IpAddr),
    /// A fully qualified domain name, or an address of a network that is not the Internet.
    Name(Cow<'a, str>),
    /// `$`: the gateway chooses.
    Choose,
}

/// `nettype addrtype address`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Address<'a> {
    /// The network.
    pub network: NetworkType<'a>,
    /// The address family.
    pub family: AddressType<'a>,
    /// The address.
    pub host: Host<'a>,
}

/// What follows a multicast address: `/ttl`, `/ttl/count` (IPv4) or `/count` (IPv6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Multicast {
    /// Time to live; mandatory with IPv4, absent with IPv6 (RFC 8866 5.7).
    pub ttl: Option<u8>,
    /// Number of consecutive addresses, one when absent.
    pub count: Option<u32>,
}

/// The value of a `c=` line (RFC 8866 5.7).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ConnectionData<'a> {
    /// The address.
    pub address: Address<'a>,
    /// The suffix of a multicast address.
    pub multicast: Option<Multicast>,
}

impl<'a> Address<'a> {
    /// `$` of the given family: the gateway chooses an address.
    pub const fn choose(family: AddressType<'a>) -> Self {
        Self { network: NetworkType::Internet, family, host: Host::Choose }
    }

    /// The IP address, when one is given.
    pub const fn ip(&self) -> Option<IpAddr> {
        match self.host {
            Host::Ip(ip) => Some(ip),
            Host::Name(_) | Host::Choose => None,
        }
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Address<'static> {
        Address {
            network: match self.network {
                NetworkType::Internet => NetworkType::Internet,
                NetworkType::Choose => NetworkType::Choose,
                NetworkType::Other(name) => NetworkType::Other(owned(name)),
            },
            family: match self.family {
                AddressType::Ip4 => AddressType::Ip4,
                AddressType::Ip6 => AddressType::Ip6,
                AddressType::Choose => AddressType::Choose,
                AddressType::Other(name) => AddressType::Other(owned(name)),
            },
            host: match self.host {
                Host::Ip(ip) => Host::Ip(ip),
                Host::Name(name) => Host::Name(owned(name)),
                Host::Choose => Host::Choose,
            },
        }
    }

    /// Reads network, family and the address word, which the caller may have to split further.
    fn parse_parts(cursor: &mut Cursor<'a>, first: &'a str) -> Parsed<(NetworkType<'a>, AddressType<'a>, Word<'a>)> {
        let network = match first {
            "IN" => NetworkType::Internet,
            "$" if cursor.mode == Mode::H248 => NetworkType::Choose,
            other => NetworkType::Other(other.into()),
        };
        let family = match cursor.next_token("addrtype")? {
            "IP4" => AddressType::Ip4,
            "IP6" => AddressType::Ip6,
            "$" if cursor.mode == Mode::H248 => AddressType::Choose,
            other => AddressType::Other(other.into()),
        };
        Ok((network, family, cursor.next_word("connection-address")?))
    }

    /// The three words of an `o=` line that start at the next one.
    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        let first = cursor.next_token("nettype")?;
        let (network, family, word) = Self::parse_parts(cursor, first)?;
        let host = parse_host(cursor, &network, &family, word)?;
        Ok(Self { network, family, host })
    }
}

impl From<IpAddr> for Address<'_> {
    fn from(ip: IpAddr) -> Self {
        let family = if ip.is_ipv4() { AddressType::Ip4 } else { AddressType::Ip6 };
        Self { network: NetworkType::Internet, family, host: Host::Ip(ip) }
    }
}

impl<'a> ConnectionData<'a> {
    /// `c=IN … $`: the gateway chooses an address of the given family.
    pub const fn choose(family: AddressType<'a>) -> Self {
        Self { address: Address::choose(family), multicast: None }
    }

    /// The IP address, when one is given.
    pub const fn ip(&self) -> Option<IpAddr> {
        self.address.ip()
    }

    /// True when the gateway is to choose the address.
    pub const fn is_choose(&self) -> bool {
        matches!(self.address.host, Host::Choose)
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> ConnectionData<'static> {
        ConnectionData { address: self.address.into_owned(), multicast: self.multicast }
    }

    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        let first = cursor.token_word("nettype")?;
        let (network, family, word) = Address::parse_parts(cursor, first)?;
        let is_internet = !matches!(network, NetworkType::Other(_));
        let (host, suffix) = match word.split_once(b'/') {
            Some((host, suffix)) if is_internet => (host, Some(suffix)),
            _ => (word, None),
        };
        let host = parse_host(cursor, &network, &family, host)?;
        let multicast = match suffix {
            Some(suffix) => Some(parse_suffix(cursor, &family, suffix)?),
            None => None,
        };
        if cursor.mode == Mode::Rfc {
            check_multicast(&host, multicast).map_err(|kind| cursor.error_at(word.offset, kind))?;
        }
        cursor.finish()?;
        Ok(Self { address: Address { network, family, host }, multicast })
    }
}

impl From<IpAddr> for ConnectionData<'_> {
    fn from(ip: IpAddr) -> Self {
        Self { address: ip.into(), multicast: None }
    }
}

fn parse_host<'a>(
    cursor: &Cursor<'a>,
    network: &NetworkType<'_>,
    family: &AddressType<'_>,
    word: Word<'a>,
) -> Parsed<Host<'a>> {
    if word.is_choose(cursor.mode) {
        return Ok(Host::Choose);
    }
    if matches!(network, NetworkType::Other(_)) || matches!(family, AddressType::Other(_)) {
        return Ok(Host::Name(cursor.run_of(word, is_visible)?.into()));
    }
    let v4 = word.text.parse::<Ipv4Addr>().map(IpAddr::V4);
    let ip = v4.or_else(|_| word.text.parse::<Ipv6Addr>().map(IpAddr::V6));
    match (family, ip) {
        (AddressType::Ip4, Ok(IpAddr::V6(_))) | (AddressType::Ip6, Ok(IpAddr::V4(_))) => {
            Err(cursor.error_at(word.offset, ErrorKind::Contradiction("the address is not of its addrtype")))
        }
        (_, Ok(ip)) => Ok(Host::Ip(ip)),
        (_, Err(_)) => parse_domain_name(cursor, word),
    }
}

/// `FQDN` of RFC 8866 9; digits and dots alone are a misspelt address, not a name.
fn parse_domain_name<'a>(cursor: &Cursor<'a>, word: Word<'a>) -> Parsed<Host<'a>> {
    let is_name_octet = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.');
    if word.text.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.') || word.text.contains(':') {
        return Err(cursor.error_at(word.offset, ErrorKind::Expected("an IP address or a domain name")));
    }
    match word.text.bytes().position(|octet| !is_name_octet(octet)) {
        Some(at) => Err(cursor.invalid_octet(word, at)),
        None => Ok(Host::Name(word.text.into())),
    }
}

fn parse_suffix<'a>(cursor: &Cursor<'a>, family: &AddressType<'_>, suffix: Word<'a>) -> Parsed<Multicast> {
    let count = |word| cursor.number(word, 1, u32::MAX.into()).map(|count| count as u32);
    if *family == AddressType::Ip6 {
        return Ok(Multicast { ttl: None, count: Some(count(suffix)?) });
    }
    let (ttl, rest) = match suffix.split_once(b'/') {
        Some((ttl, rest)) => (ttl, Some(rest)),
        None => (suffix, None),
    };
    let ttl = cursor.number(ttl, 0, 255)? as u8;
    Ok(Multicast { ttl: Some(ttl), count: rest.map(count).transpose()? })
}

/// RFC 8866 5.7: IPv4 multicast has a TTL, unicast no suffix at all.
const fn check_multicast(host: &Host<'_>, multicast: Option<Multicast>) -> Result<(), ErrorKind> {
    match (host, multicast) {
        (Host::Ip(IpAddr::V4(ip)), None) if ip.is_multicast() => Err(ErrorKind::Missing),
        (Host::Ip(ip), Some(_)) if !ip.is_multicast() => {
            Err(ErrorKind::Contradiction("a unicast address takes no TTL or count"))
        }
        _ => Ok(()),
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.network {
            NetworkType::Internet => "IN",
            NetworkType::Choose => "$",
            NetworkType::Other(name) => name,
        })?;
        f.write_str(match &self.family {
            AddressType::Ip4 => " IP4 ",
            AddressType::Ip6 => " IP6 ",
            AddressType::Choose => " $ ",
            AddressType::Other(name) => return write!(f, " {name} {}", self.host),
        })?;
        self.host.fmt(f)
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
            Self::Choose => f.write_str("$"),
        }
    }
}

impl fmt::Display for ConnectionData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)?;
        let Some(Multicast { ttl, count }) = self.multicast else { return Ok(()) };
        ttl.map_or(Ok(()), |ttl| write!(f, "/{ttl}"))?;
        count.map_or(Ok(()), |count| write!(f, "/{count}"))
    }
}
