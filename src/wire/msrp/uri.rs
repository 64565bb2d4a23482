//! MSRP URIs and paths (RFC 4975 6, 9). How two URIs are compared is a judgement: see `rules::msrp_path`.

use std::{
    borrow::Cow,
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use memchr::memchr;

use super::{
    ErrorKind, ParseError, fault,
    text::{Octets, run},
};

/// The host of a URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Host<'a> {
    /// A name, as written.
    Name(Cow<'a, str>),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address; brackets are not part of it.
    V6(Ipv6Addr),
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}

/// `msrp(s)://[userinfo@]host[:port][/session-id];transport[;parameters]`.
///
/// Fields hold what the grammar allows; [`MsrpUri::parse`] sees to that, and a URI put together by hand is checked when it
/// enters a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct MsrpUri<'a> {
    /// `msrps`: TLS on this hop.
    pub secure: bool,
    /// What stands before `@`.
    pub userinfo: Option<Cow<'a, str>>,
    /// The host.
    pub host: Host<'a>,
    /// The port, when written.
    pub port: Option<u16>,
    /// The session-id, without its leading slash. Case matters.
    pub session_id: Option<Cow<'a, str>>,
    /// `tcp`, or another transport; case does not matter.
    pub transport: Cow<'a, str>,
    /// Everything after the transport's `;`, as written; empty when there is nothing. See [`MsrpUri::parameters`].
    pub params: Cow<'a, str>,
}

impl<'a> MsrpUri<'a> {
    /// Reads one URI; the error's offset counts from the start of `text`.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        Self::read(text, 0)
    }

    /// A URI over TCP with an explicit port and session-id, as `a=path` wants it.
    pub const fn tcp(secure: bool, host: Host<'a>, port: u16, session_id: Cow<'a, str>) -> Self {
        Self {
            secure,
            userinfo: None,
            host,
            port: Some(port),
            session_id: Some(session_id),
            transport: Cow::Borrowed("tcp"),
            params: Cow::Borrowed(""),
        }
    }

    /// A URI of which host, port and session-id may be `$`, for the gateway to choose (H.248.1 7.1.8); an absent port is the
    /// gateway's too, since a path names one (RFC 4975 8.3), and an absent transport is `tcp`. What is given stays.
    ///
    /// # Errors
    /// What is given is no URI; the offset counts from the start of the URI with every choice made.
    pub fn choose(text: &str, host: &Host<'_>, port: u16, session_id: &str) -> Result<MsrpUri<'static>, ParseError> {
        let missing = fault(0, ErrorKind::Expected("msrp:// or msrps://"), "msrp-scheme");
        let (scheme, rest) = text.split_once("://").ok_or(missing)?;
        let end = rest.find(['/', ';']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (resource, transport) = rest.split_once(';').unwrap_or((rest, "tcp"));
        // The colons of an IPv6 address are no port's.
        let after_host = authority.rfind(']').unwrap_or(0);
        let colon = authority.get(after_host..).and_then(|tail| tail.find(':')).map(|at| after_host + at);
        let (given_host, given_port) = authority.split_at(colon.unwrap_or(authority.len()));
        let host = if given_host == "$" { host.to_string() } else { given_host.to_owned() };
        let port = if matches!(given_port, "" | ":" | ":$") { format!(":{port}") } else { given_port.to_owned() };
        let resource = if resource == "/$" { format!("/{session_id}") } else { resource.to_owned() };
        MsrpUri::parse(&format!("{scheme}://{host}{port}{resource};{transport}")).map(MsrpUri::into_owned)
    }

    /// Parameters after the transport: name and value, in order.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.params
            .split(';')
            .filter(|parameter| !parameter.is_empty())
            .map(|parameter| parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value))))
    }

    /// The same, independent of the input it was read from.
    pub fn into_owned(self) -> MsrpUri<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        MsrpUri {
            secure: self.secure,
            userinfo: self.userinfo.map(own),
            host: match self.host {
                Host::Name(name) => Host::Name(own(name)),
                Host::V4(address) => Host::V4(address),
                Host::V6(address) => Host::V6(address),
            },
            port: self.port,
            session_id: self.session_id.map(own),
            transport: own(self.transport),
            params: own(self.params),
        }
    }

    fn read(text: &'a str, offset: usize) -> Result<Self, ParseError> {
        let octets = text.as_bytes();
        let (secure, scheme) = if octets.get(4) == Some(&b':') && starts_with_ignoring_case(octets, b"msrp://") {
            (false, "msrp://".len())
        } else if starts_with_ignoring_case(octets, b"msrps://") {
            (true, "msrps://".len())
        } else {
            return Err(fault(offset, ErrorKind::Expected("msrp:// or msrps://"), "msrp-scheme"));
        };
        let cut = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let next = |at: usize| octets.get(at).copied();
        let wrong = |at: usize, field| match next(at) {
            Some(octet) => Err(fault(offset + at, ErrorKind::InvalidOctet(octet), field)),
            None => Err(fault(offset + at, ErrorKind::Missing, field)),
        };

        let (userinfo, host_start) = match find_at(octets, scheme) {
            None => (None, scheme),
            Some(at) => {
                let end = run_escaped(octets, scheme, Octets::Userinfo);
                if end != at || at == scheme {
                    return wrong(end, "userinfo");
                }
                (Some(cut(scheme, at)), at + 1)
            }
        };
        let (host, host_end) = if next(host_start) == Some(b'[') {
            let Some(length) = memchr(b']', octets.get(host_start..).unwrap_or_default()) else {
                return Err(fault(offset + text.len(), ErrorKind::UnexpectedEnd("\"]\""), "host"));
            };
            let literal = cut(host_start + 1, host_start + length);
            let kind = ErrorKind::Expected("an IPv6 address");
            let address = literal.parse().map_err(|_| fault(offset + host_start + 1, kind, "host"))?;
            (Host::V6(address), host_start + length + 1)
        } else {
            let end = run_escaped(octets, host_start, Octets::RegName);
            if end == host_start {
                return wrong(end, "host");
            }
            let name = cut(host_start, end);
            let address = if name.starts_with(|first: char| first.is_ascii_digit()) { name.parse().ok() } else { None };
            (address.map_or(Host::Name(Cow::Borrowed(name)), Host::V4), end)
        };
        let (port, mut at) =
            if next(host_end) == Some(b':') { read_port(text, host_end + 1, offset)? } else { (None, host_end) };
        let mut session_id = None;
        if next(at) == Some(b'/') {
            let end = run(octets, at + 1, Octets::SessionId);
            if end == at + 1 || !matches!(next(end), None | Some(b';')) {
                return wrong(end, "session-id");
            }
            session_id = Some(Cow::Borrowed(cut(at + 1, end)));
            at = end;
        }
        match next(at) {
            Some(b';') => {}
            None => return wrong(at, "transport"),
            Some(_) => return wrong(at, if port.is_some() { "port" } else { "host" }),
        }
        let transport_end = run(octets, at + 1, Octets::Alphanumeric);
        if transport_end == at + 1 || !matches!(next(transport_end), None | Some(b';')) {
            return wrong(transport_end, "transport");
        }
        let transport = cut(at + 1, transport_end);
        let params = cut(transport_end + 1, text.len());
        if transport_end < text.len() {
            check_parameters(params, offset + transport_end + 1)?;
        }
        Ok(Self {
            secure,
            userinfo: userinfo.map(Cow::Borrowed),
            host,
            port,
            session_id,
            transport: Cow::Borrowed(transport),
            params: Cow::Borrowed(params),
        })
    }
}

impl fmt::Display for MsrpUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secure { "msrps://" } else { "msrp://" })?;
        if let Some(userinfo) = &self.userinfo {
            write!(f, "{userinfo}@")?;
        }
        self.host.fmt(f)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        if let Some(session_id) = &self.session_id {
            write!(f, "/{session_id}")?;
        }
        write!(f, ";{}", self.transport)?;
        if self.params.is_empty() { Ok(()) } else { write!(f, ";{}", self.params) }
    }
}

/// True only for `msrp(s)://name:port/session-id;tcp` that the grammar allows: what nearly every path holds, told without
/// taking it apart.
fn is_plain(uri: &[u8]) -> bool {
    let Some(authority) = uri.strip_suffix(b";tcp") else { return false };
    let schemes = [&b"msrp://"[..], b"msrps://"];
    let Some(scheme) = schemes.into_iter().find(|&scheme| authority.starts_with(scheme)) else { return false };
    let colon = run(authority, scheme.len(), Octets::RegName);
    let port = authority.get(colon..).unwrap_or_default();
    // Five digits may be more than a port can be.
    let digits = port.iter().skip(1).take(5).take_while(|octet| octet.is_ascii_digit()).count();
    colon > scheme.len()
        && port.first() == Some(&b':')
        && (1..5).contains(&digits)
        && port.get(digits + 1) == Some(&b'/')
        && port.len() > digits + 2
        && run(port, digits + 2, Octets::SessionId) == port.len()
}

fn starts_with_ignoring_case(octets: &[u8], prefix: &[u8]) -> bool {
    // The usual spelling first: one comparison instead of one an octet.
    octets.get(..prefix.len()).is_some_and(|start| start == prefix || start.eq_ignore_ascii_case(prefix))
}

/// The `@` that ends userinfo: nothing after the authority may hold one.
fn find_at(octets: &[u8], from: usize) -> Option<usize> {
    let rest = octets.get(from..)?;
    let at = memchr(b'@', rest)?;
    memchr(b'/', rest).is_none_or(|slash| at < slash).then_some(from + at)
}

/// Where the run of `allowed` octets and of `%` with two hexadecimal digits ends.
fn run_escaped(octets: &[u8], from: usize, allowed: Octets) -> usize {
    let mut end = run(octets, from, allowed);
    while let Some([b'%', a, b]) = octets.get(end..end + 3)
        && a.is_ascii_hexdigit()
        && b.is_ascii_hexdigit()
    {
        end = run(octets, end + 3, allowed);
    }
    end
}

/// The port whose digits start at `start`, and where they end.
fn read_port(text: &str, start: usize, offset: usize) -> Result<(Option<u16>, usize), ParseError> {
    let (mut port, mut end) = (Some(0_u16), start);
    while let Some(octet @ b'0'..=b'9') = text.as_bytes().get(end) {
        port = port.and_then(|port| port.checked_mul(10)?.checked_add(u16::from(octet - b'0')));
        end += 1;
    }
    match (text.as_bytes().get(end), port) {
        (Some(octet), _) if !matches!(octet, b'/' | b';') => {
            Err(fault(offset + end, ErrorKind::InvalidOctet(*octet), "port"))
        }
        (_, None) => Err(fault(offset + start, ErrorKind::OutOfRange { min: 0, max: u64::from(u16::MAX) }, "port")),
        // RFC 3986 lets a colon stand without a port.
        (_, port) => Ok((port.filter(|_| end > start), end)),
    }
}

fn check_parameters(params: &str, offset: usize) -> Result<(), ParseError> {
    let mut at = offset;
    for parameter in params.split(';') {
        let (name, value) = parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value)));
        super::Token::read(name.into(), at)?;
        if let Some(value) = value {
            super::Token::read(value.into(), at + name.len() + 1)?;
        }
        at += parameter.len() + 1;
    }
    Ok(())
}

/// The value of `To-Path`, `From-Path` and `a=path`: one or more URIs, leftmost the next hop, rightmost the endpoint.
///
/// Kept as written, so that what is forwarded is what came; every URI in it is known to be valid.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path<'a>(Cow<'a, str>);

impl<'a> Path<'a> {
    /// Reads URIs separated by one space each; the error's offset counts from the start of `text`.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        Self::read(text, 0)
    }

    pub(super) fn read(text: &'a str, offset: usize) -> Result<Self, ParseError> {
        let mut start = 0;
        loop {
            let rest = text.get(start..).unwrap_or_default();
            let length = memchr(b' ', rest.as_bytes());
            let uri = length.map_or(rest, |length| rest.get(..length).unwrap_or_default());
            if !is_plain(uri.as_bytes()) {
                MsrpUri::read(uri, offset + start)?;
            }
            let Some(length) = length else { return Ok(Self(Cow::Borrowed(text))) };
            start += length + 1;
        }
    }

    /// A path of these URIs, next hop first. Fails when there is none, or one holds what the grammar does not allow.
    pub fn from_uris<'u>(uris: impl IntoIterator<Item = &'u MsrpUri<'u>>) -> Result<Path<'static>, ParseError> {
        let mut text = String::new();
        for uri in uris {
            let written = uri.to_string();
            // Fields that add up to another URI than the one meant are as wrong as fields that do not parse.
            if MsrpUri::read(&written, text.len())? != *uri {
                return Err(fault(text.len(), ErrorKind::Contradiction("a field holds a delimiter"), "MSRP-URI"));
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&written);
        }
        if text.is_empty() {
            return Err(fault(0, ErrorKind::Missing, "MSRP-URI"));
        }
        Ok(Path(Cow::Owned(text)))
    }

    /// The URIs, next hop first; never empty.
    pub fn uris(&self) -> impl DoubleEndedIterator<Item = MsrpUri<'_>> {
        self.0.split(' ').filter_map(|uri| MsrpUri::parse(uri).ok())
    }

    /// A path of the first URI only: the hop a frame goes to next, or came from last.
    pub fn next_hop(&self) -> Path<'_> {
        let text = self.as_str();
        Path(Cow::Borrowed(text.split(' ').next().unwrap_or(text)))
    }

    /// The path from the second URI on; `None` when the next hop is the endpoint.
    pub fn beyond(&self) -> Option<Path<'_>> {
        self.as_str().split_once(' ').map(|(_, rest)| Path(Cow::Borrowed(rest)))
    }

    /// The path with another in front of it: the next hops are `hops`.
    pub fn after(&self, hops: &Path<'_>) -> Path<'static> {
        Path(Cow::Owned(format!("{hops} {self}")))
    }

    /// The same path, borrowed.
    pub fn as_ref(&self) -> Path<'_> {
        Path(Cow::Borrowed(self.as_str()))
    }

    /// A path of the last URI only: the endpoint.
    pub fn endpoint(&self) -> Path<'_> {
        let text = self.as_str();
        Path(Cow::Borrowed(text.rsplit(' ').next().unwrap_or(text)))
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, independent of the input it was read from.
    pub fn into_owned(self) -> Path<'static> {
        Path(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_read_into_its_parts_and_written_back() {
        let uri = MsrpUri::parse("MSRPS://alice;x:y@[2001:DB8::1]:2855/a+b=c/d;TCP;k=v;flag").unwrap();
        assert!(uri.secure);
        assert_eq!(uri.userinfo.as_deref(), Some("alice;x:y"));
        assert_eq!(uri.host, Host::V6("2001:db8::1".parse().unwrap()));
        assert_eq!((uri.port, uri.session_id.as_deref(), &*uri.transport), (Some(2855), Some("a+b=c/d"), "TCP"));
        assert_eq!(uri.parameters().collect::<Vec<_>>(), [("k", Some("v")), ("flag", None)]);
        assert_eq!(uri.to_string(), "msrps://alice;x:y@[2001:db8::1]:2855/a+b=c/d;TCP;k=v;flag");
    }

    #[test]
    fn what_may_be_absent_may_be_absent() {
        let uri = MsrpUri::parse("msrp://host.example;tcp").unwrap();
        assert_eq!((uri.port, uri.session_id.clone(), uri.parameters().count()), (None, None, 0));
        assert_eq!(MsrpUri::parse("msrp://10.0.0.1:9;tcp").unwrap().host, Host::V4(Ipv4Addr::new(10, 0, 0, 1)));
        assert_eq!(MsrpUri::parse("msrp://10.0.0.256;tcp").unwrap().host, Host::Name("10.0.0.256".into()));
        assert_eq!(MsrpUri::parse("msrp://h:;tcp").unwrap().port, None);
    }

    #[test]
    fn a_fault_says_where_and_in_which_part() {
        for (text, offset, field) in [
            ("sip://h;tcp", 0, "msrp-scheme"),
            ("msrp://;tcp", 7, "host"),
            ("msrp://h", 8, "transport"),
            ("msrp://h;", 9, "transport"),
            ("msrp://h;t-cp", 10, "transport"),
            ("msrp://h:65536;tcp", 9, "port"),
            ("msrp://h:+1;tcp", 9, "port"),
            ("msrp://h:1x;tcp", 10, "port"),
            ("msrp://[::1;tcp", 15, "host"),
            ("msrp://[::g]:1;tcp", 8, "host"),
            ("msrp://[::1]x;tcp", 12, "host"),
            ("msrp://h/;tcp", 9, "session-id"),
            ("msrp://h/a%20;tcp", 10, "session-id"),
            ("msrp://h%2;tcp", 8, "host"),
            ("msrp://@h;tcp", 7, "userinfo"),
            ("msrp://h;tcp;", 13, "token"),
            ("msrp://h;tcp;a=", 15, "token"),
            // RFC 3986 lets userinfo hold semicolons: the host is b.
            ("msrp://h;tcp;a@b", 16, "transport"),
            ("msrp://h/é;tcp", 9, "session-id"),
        ] {
            assert_eq!(MsrpUri::parse(text).map_err(|e| (e.offset, e.field)), Err((offset, field)), "{text}");
        }
    }

    #[test]
    fn a_path_keeps_its_spelling_and_its_order() {
        let text = "MSRP://a.example:1/x;tcp msrps://[0:0::1]:2/y;tcp";
        let path = Path::parse(text).unwrap();
        assert_eq!(path.as_str(), text);
        assert_eq!(path.uris().map(|u| u.port).collect::<Vec<_>>(), [Some(1), Some(2)]);
        for (bad, offset) in [("", 0), ("msrp://a;tcp ", 13), ("msrp://a;tcp  msrp://b;tcp", 13)] {
            assert_eq!(Path::parse(bad).map_err(|e| e.offset), Err(offset), "{bad}");
        }
    }

    #[test]
    fn what_h248_leaves_open_is_chosen_and_what_it_gives_stays() {
        let host = Host::V6("2001:db8::1".parse().unwrap());
        let choose = |text| MsrpUri::choose(text, &host, 5000, "id").map(|uri| uri.to_string());
        for (text, chosen) in [
            ("msrps://$:$/$;tcp", "msrps://[2001:db8::1]:5000/id;tcp"),
            ("msrp://host.example:$/given;tcp", "msrp://host.example:5000/given;tcp"),
            ("msrp://host.example/$;tcp;x=1", "msrp://host.example:5000/id;tcp;x=1"),
            ("msrp://$/$", "msrp://[2001:db8::1]:5000/id;tcp"),
            ("msrp://[::2]:7/s;tcp", "msrp://[::2]:7/s;tcp"),
            ("msrp://[::2]/s;tcp", "msrp://[::2]:5000/s;tcp"),
        ] {
            assert_eq!(choose(text).as_deref(), Ok(chosen), "{text}");
        }
        for bad in
            ["$", "sip://$:$/$;tcp", "msrp://$:port/$;tcp", "msrp://$:$/a$;tcp", "msrp://$:$/$;t p", "msrp://]:$"]
        {
            assert!(choose(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_is_taken_apart_and_put_together_hop_by_hop() {
        let path = Path::parse("msrp://a:1/x;tcp msrp://b:2/y;tcp msrp://c:3/z;tcp").unwrap();
        let beyond = path.beyond().unwrap();
        assert_eq!(beyond.as_str(), "msrp://b:2/y;tcp msrp://c:3/z;tcp");
        assert_eq!(beyond.after(&path.next_hop()), path);
        assert_eq!(path.endpoint().beyond(), None);
        assert_eq!(path.as_ref(), path);
    }

    #[test]
    fn what_looks_plain_reads() {
        let plain = ["msrp://a.example:2855/s;tcp", "msrps://192.0.2.1:9/a/b+c=;tcp"];
        for uri in plain {
            assert!(is_plain(uri.as_bytes()), "{uri}");
            // No octet put in its place makes it plain and unreadable.
            for at in 0..uri.len() {
                for octet in 0..0x7F_u8 {
                    let (before, after) = (&uri[..at], &uri[at + 1..]);
                    for changed in [format!("{before}{}{after}", char::from(octet)), format!("{before}{after}")] {
                        assert!(!is_plain(changed.as_bytes()) || MsrpUri::parse(&changed).is_ok(), "{changed}");
                    }
                }
            }
        }
        for other in
            ["msrp://a:28555/s;tcp", "msrp://a:1/;tcp", "msrp://a:/s;tcp", "msrp://a;tcp", "msrp://u@a:1/s;tcp", ""]
        {
            assert!(!is_plain(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_path_refuses_uris_that_would_not_read_back() {
        let good = MsrpUri::tcp(true, Host::V6(Ipv6Addr::LOCALHOST), 5061, "s1".into());
        assert_eq!(Path::from_uris([&good, &good]).unwrap().as_str(), format!("{good} {good}"));
        let smuggled = MsrpUri::tcp(false, Host::Name("h".into()), 1, "x;tcp msrp://evil".into());
        assert!(Path::from_uris([&smuggled]).is_err());
        let split = MsrpUri::tcp(false, Host::Name("h".into()), 1, "x;udp".into());
        assert!(Path::from_uris([&split]).is_err());
        assert!(Path::from_uris([]).is_err());
    }
}
