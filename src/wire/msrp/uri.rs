//! MSRP URIs and paths (RFC 4975 6, 9). How two URIs are compared is a judgement: see `rules::msrp_path`.

use std::{
    borrow::Cow,
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use super::{ErrorKind, ParseError, fault, text::refused};

/// The host of a URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
        let (secure, scheme) = if starts_with_ignoring_case(text, "msrp://") {
            (false, "msrp://".len())
        } else if starts_with_ignoring_case(text, "msrps://") {
            (true, "msrps://".len())
        } else {
            return Err(fault(offset, ErrorKind::Expected("msrp:// or msrps://"), "msrp-scheme"));
        };
        let cut = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let find =
            |from: usize, pattern: &[char]| text.get(from..).and_then(|rest| rest.find(pattern)).map(|at| from + at);

        let slash = find(scheme, &['/']).unwrap_or(text.len());
        let at = find(scheme, &['@']).filter(|at| *at < slash);
        let userinfo = at.map(|at| cut(scheme, at));
        if let Some(userinfo) = userinfo {
            check(userinfo, offset + scheme, "userinfo", |octet| {
                is_reg_name_octet(octet) || matches!(octet, b';' | b':')
            })?;
        }
        let host_start = at.map_or(scheme, |at| at + 1);
        let authority_end = find(host_start, &['/', ';']).unwrap_or(text.len());
        let (host, port) = read_host_port(cut(host_start, authority_end), offset + host_start)?;

        let transport_start;
        let session_id = if text.as_bytes().get(authority_end) == Some(&b'/') {
            let end = find(authority_end, &[';']).unwrap_or(text.len());
            let session_id = cut(authority_end + 1, end);
            check(session_id, offset + authority_end + 1, "session-id", is_session_id_octet)?;
            transport_start = end;
            Some(Cow::Borrowed(session_id))
        } else {
            transport_start = authority_end;
            None
        };
        if transport_start == text.len() {
            return Err(fault(offset + text.len(), ErrorKind::Missing, "transport"));
        }
        let transport_end = find(transport_start + 1, &[';']).unwrap_or(text.len());
        let transport = cut(transport_start + 1, transport_end);
        check(transport, offset + transport_start + 1, "transport", |octet| octet.is_ascii_alphanumeric())?;
        let params = cut(transport_end + 1, text.len());
        check_parameters(params, transport_end < text.len(), offset + transport_end + 1)?;
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

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

const fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~')
}

/// RFC 3986 `reg-name`, without `;`: RFC 4975 ends the authority there.
const fn is_reg_name_octet(octet: u8) -> bool {
    is_unreserved(octet) || matches!(octet, b'%' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=')
}

const fn is_session_id_octet(octet: u8) -> bool {
    is_unreserved(octet) || matches!(octet, b'+' | b'=' | b'/')
}

/// Not empty, only allowed octets, and every `%` followed by two hexadecimal digits.
fn check(text: &str, offset: usize, field: &'static str, allowed: impl Fn(u8) -> bool) -> Result<(), ParseError> {
    if text.is_empty() {
        return Err(fault(offset, ErrorKind::Missing, field));
    }
    if let Some((at, kind)) = refused(text, allowed) {
        return Err(fault(offset + at, kind, field));
    }
    for (at, _) in text.match_indices('%') {
        let escaped = text.as_bytes().get(at + 1..at + 3).unwrap_or_default();
        if escaped.len() != 2 || !escaped.iter().all(u8::is_ascii_hexdigit) {
            return Err(fault(offset + at, ErrorKind::Expected("\"%\" and two hexadecimal digits"), field));
        }
    }
    Ok(())
}

fn read_host_port(text: &str, offset: usize) -> Result<(Host<'_>, Option<u16>), ParseError> {
    let (host, after) = if let Some(literal) = text.strip_prefix('[') {
        let (literal, after) =
            literal.split_once(']').ok_or(fault(offset + text.len(), ErrorKind::UnexpectedEnd("\"]\""), "host"))?;
        let address = literal.parse().map_err(|_| fault(offset + 1, ErrorKind::Expected("an IPv6 address"), "host"))?;
        (Host::V6(address), after)
    } else {
        let (host, after) = text.split_at(text.find(':').unwrap_or(text.len()));
        let address = if host.starts_with(|first: char| first.is_ascii_digit()) { host.parse().ok() } else { None };
        match address {
            Some(address) => (Host::V4(address), after),
            None => {
                check(host, offset, "host", is_reg_name_octet)?;
                (Host::Name(Cow::Borrowed(host)), after)
            }
        }
    };
    let port_offset = offset + text.len() - after.len();
    match after.strip_prefix(':') {
        // RFC 3986 lets a colon stand without a port.
        Some("") => Ok((host, None)),
        Some(digits) => match digits.parse() {
            Ok(port) if digits.bytes().all(|octet| octet.is_ascii_digit()) => Ok((host, Some(port))),
            _ => {
                let range = ErrorKind::OutOfRange { min: 0, max: u64::from(u16::MAX) };
                let (at, kind) = refused(digits, |octet| octet.is_ascii_digit()).unwrap_or((0, range));
                Err(fault(port_offset + 1 + at, kind, "port"))
            }
        },
        None if after.is_empty() => Ok((host, None)),
        None => Err(fault(port_offset, ErrorKind::Expected("\":\", \"/\" or \";\""), "authority")),
    }
}

fn check_parameters(params: &str, present: bool, offset: usize) -> Result<(), ParseError> {
    let mut at = offset;
    for parameter in params.split(';').filter(|_| present) {
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
        let mut at = offset;
        for uri in text.split(' ') {
            MsrpUri::read(uri, at)?;
            at += uri.len() + 1;
        }
        Ok(Self(Cow::Borrowed(text)))
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
            ("msrp://[::1;tcp", 11, "host"),
            ("msrp://[::g]:1;tcp", 8, "host"),
            ("msrp://[::1]x;tcp", 12, "authority"),
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
