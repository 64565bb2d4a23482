//! Handshake messages in the clear: the two hellos (RFC 5246 7.4, RFC 8446 4).

use super::{ErrorKind, ParseError, ProtocolVersion, fault};
use crate::wire::{Framed, Protocol, Reader};

const CLAUSE: &str = "RFC 8446 4.1";

/// The type of a handshake message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandshakeType {
    /// 1.
    ClientHello,
    /// 2; in TLS 1.3 also a HelloRetryRequest.
    ServerHello,
    /// Any other.
    Other(u8),
}

/// One handshake message. It may span records: give [`Handshake::parse`] the fragments of consecutive handshake records joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handshake<'a> {
    /// Its type.
    pub kind: HandshakeType,
    /// Its body.
    pub body: &'a [u8],
}

impl<'a> Handshake<'a> {
    /// Reads the message at the start of `octets`. It cannot be wrong, only incomplete: its length may be up to 2^24, so a caller who
    /// gathers sets a limit of its own.
    pub fn parse(octets: &'a [u8]) -> Framed<Self> {
        let Some((&[kind, l0, l1, l2], rest)) = octets.split_first_chunk() else {
            return Framed::Incomplete(4 - octets.len());
        };
        let length = u32::from_be_bytes([0, l0, l1, l2]) as usize;
        let Some(body) = rest.get(..length) else { return Framed::Incomplete(length - rest.len()) };
        let kind = match kind {
            1 => HandshakeType::ClientHello,
            2 => HandshakeType::ServerHello,
            other => HandshakeType::Other(other),
        };
        Framed::Complete(Self { kind, body }, 4 + length)
    }
}

/// What a client offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientHello<'a> {
    /// The version field; TLS 1.3 clients say 1.2 here and the truth in an extension: see [`ClientHello::versions`].
    pub legacy_version: ProtocolVersion,
    /// 32 octets of randomness; NSS key logs are indexed by it.
    pub random: [u8; 32],
    /// The session id, at most 32 octets.
    pub session_id: &'a [u8],
    cipher_suites: &'a [u8],
    /// The extensions.
    pub extensions: Extensions<'a>,
}

impl<'a> ClientHello<'a> {
    /// Reads the body of a ClientHello; offsets count from its start.
    pub fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(Protocol::Tls, body);
        let (legacy_version, random, session_id) = read_common(&mut reader)?;
        let suites_at = reader.offset();
        let cipher_suites = read_vector(&mut reader, 2, "cipher_suites")?;
        if cipher_suites.is_empty() || cipher_suites.len() % 2 != 0 {
            return Err(fault(
                suites_at,
                ErrorKind::Contradiction("not a list of two-octet suites"),
                "cipher_suites",
                CLAUSE,
            ));
        }
        let methods_at = reader.offset();
        if read_vector(&mut reader, 1, "compression_methods")?.is_empty() {
            return Err(fault(methods_at, ErrorKind::Missing, "compression_methods", CLAUSE));
        }
        let extensions = Extensions::read(&mut reader)?;
        Ok(Self { legacy_version, random, session_id, cipher_suites, extensions })
    }

    /// The cipher suites offered, best first.
    pub fn cipher_suites(&self) -> impl Iterator<Item = u16> + use<'a> {
        pairs(self.cipher_suites)
    }

    /// The versions offered, best first: `supported_versions`, or the one of the version field.
    pub fn versions(&self) -> impl Iterator<Item = ProtocolVersion> + use<'a> {
        let listed = self.extensions.find(Extension::SUPPORTED_VERSIONS).and_then(|data| match data.split_first() {
            Some((length, list)) if usize::from(*length) == list.len() => Some(list),
            _ => None,
        });
        let field = if listed.is_none() { Some(self.legacy_version) } else { None };
        pairs(listed.unwrap_or_default()).map(ProtocolVersion).chain(field)
    }

    /// The host name of `server_name` (SNI, RFC 6066 3).
    pub fn server_name(&self) -> Option<&'a str> {
        let mut reader = Reader::new(Protocol::Tls, self.extensions.find(Extension::SERVER_NAME)?);
        let mut names = Reader::new(Protocol::Tls, read_vector(&mut reader, 2, "server_name_list").ok()?);
        while let Some(kind) = names.take_octet() {
            let name = read_vector(&mut names, 2, "HostName").ok()?;
            if kind == 0 {
                return std::str::from_utf8(name).ok();
            }
        }
        None
    }
}

/// What a server chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerHello<'a> {
    /// The version field; see [`ServerHello::version`].
    pub legacy_version: ProtocolVersion,
    /// 32 octets of randomness; a fixed value marks a HelloRetryRequest (RFC 8446 4.1.3).
    pub random: [u8; 32],
    /// The session id, at most 32 octets.
    pub session_id: &'a [u8],
    /// The cipher suite chosen.
    pub cipher_suite: u16,
    /// The extensions.
    pub extensions: Extensions<'a>,
}

impl<'a> ServerHello<'a> {
    /// Reads the body of a ServerHello; offsets count from its start.
    pub fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(Protocol::Tls, body);
        let (legacy_version, random, session_id) = read_common(&mut reader)?;
        let Some(&[s0, s1, _compression]) = reader.take(3) else {
            return Err(end(&reader, "cipher_suite"));
        };
        let extensions = Extensions::read(&mut reader)?;
        let cipher_suite = u16::from_be_bytes([s0, s1]);
        Ok(Self { legacy_version, random, session_id, cipher_suite, extensions })
    }

    /// The version chosen: that of `supported_versions`, or of the version field.
    pub fn version(&self) -> ProtocolVersion {
        match self.extensions.find(Extension::SUPPORTED_VERSIONS) {
            Some(&[major, minor]) => ProtocolVersion(u16::from_be_bytes([major, minor])),
            _ => self.legacy_version,
        }
    }
}

/// One extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Its type.
    pub kind: u16,
    /// Its data.
    pub data: &'a [u8],
}

impl Extension<'_> {
    /// `server_name`.
    pub const SERVER_NAME: u16 = 0;
    /// `pre_shared_key`.
    pub const PRE_SHARED_KEY: u16 = 41;
    /// `supported_versions`.
    pub const SUPPORTED_VERSIONS: u16 = 43;
}

/// The extensions of a hello, as octets that are known to be well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extensions<'a>(&'a [u8]);

impl<'a> Extensions<'a> {
    /// The extensions in order.
    pub fn iter(&self) -> impl Iterator<Item = Extension<'a>> + use<'a> {
        let mut reader = Reader::new(Protocol::Tls, self.0);
        std::iter::from_fn(move || read_extension(&mut reader).ok().flatten())
    }

    /// The data of the first extension of that type.
    pub fn find(&self, kind: u16) -> Option<&'a [u8]> {
        self.iter().find(|extension| extension.kind == kind).map(|extension| extension.data)
    }

    /// The rest of a hello: a vector of extensions, or nothing, as before TLS 1.2.
    fn read(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        if reader.is_empty() {
            return Ok(Self::default());
        }
        let start = reader.offset() + 2;
        let extensions = read_vector(reader, 2, "extensions")?;
        if !reader.is_empty() {
            return Err(reader.error(ErrorKind::Trailing, "extensions", CLAUSE));
        }
        let mut inner = Reader::new(Protocol::Tls, extensions);
        let shift = |error: ParseError| ParseError { offset: start + error.offset, ..error };
        while read_extension(&mut inner).map_err(shift)?.is_some() {}
        Ok(Self(extensions))
    }
}

fn read_extension<'a>(reader: &mut Reader<'a>) -> Result<Option<Extension<'a>>, ParseError> {
    if reader.is_empty() {
        return Ok(None);
    }
    let Some(&[k0, k1]) = reader.take(2) else { return Err(end(reader, "extension_type")) };
    let data = read_vector(reader, 2, "extension_data")?;
    Ok(Some(Extension { kind: u16::from_be_bytes([k0, k1]), data }))
}

fn read_common<'a>(reader: &mut Reader<'a>) -> Result<(ProtocolVersion, [u8; 32], &'a [u8]), ParseError> {
    let Some(&[major, minor]) = reader.take(2) else { return Err(end(reader, "legacy_version")) };
    let Some((&random, _)) = reader.take(32).and_then(<[u8]>::split_first_chunk) else {
        return Err(end(reader, "random"));
    };
    let at = reader.offset();
    let session_id = read_vector(reader, 1, "legacy_session_id")?;
    if session_id.len() > 32 {
        return Err(fault(at, ErrorKind::TooLong { limit: 32 }, "legacy_session_id", CLAUSE));
    }
    Ok((ProtocolVersion(u16::from_be_bytes([major, minor])), random, session_id))
}

/// A vector with a length of `width` octets, 1 or 2, before it.
fn read_vector<'a>(reader: &mut Reader<'a>, width: usize, field: &'static str) -> Result<&'a [u8], ParseError> {
    let at = reader.offset();
    let length = match reader.take(width) {
        Some(&[length]) => usize::from(length),
        Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])),
        _ => return Err(end(reader, field)),
    };
    let too_long = fault(at, ErrorKind::Contradiction("the vector is longer than what holds it"), field, CLAUSE);
    reader.take(length).ok_or(too_long)
}

fn end(reader: &Reader<'_>, field: &'static str) -> ParseError {
    reader.error_at(reader.input().len(), ErrorKind::UnexpectedEnd(field), field, CLAUSE)
}

fn pairs(octets: &[u8]) -> impl Iterator<Item = u16> + use<'_> {
    octets.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn vector(width: usize, octets: &[u8]) -> Vec<u8> {
        let length = u16::try_from(octets.len()).unwrap().to_be_bytes();
        [&length[2 - width..], octets].concat()
    }

    pub(in super::super) fn client_hello(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let listed: Vec<u8> = extensions
            .iter()
            .flat_map(|(kind, data)| [kind.to_be_bytes().to_vec(), vector(2, data)].concat())
            .collect();
        [
            &[3, 3][..],
            &[0xAB; 32],
            &vector(1, &[7; 32]),
            &vector(2, &[0x13, 1, 0xC0, 0x2F]),
            &[1, 0],
            &vector(2, &listed),
        ]
        .concat()
    }

    fn sni(name: &str) -> (u16, Vec<u8>) {
        (0, vector(2, &[&[0][..], &vector(2, name.as_bytes())].concat()))
    }

    #[test]
    fn a_client_hello_tells_name_versions_and_suites() {
        let body = client_hello(&[(10, vec![0, 2, 0, 29]), sni("mgw.example"), (43, vec![4, 3, 4, 3, 3])]);
        let hello = ClientHello::parse(&body).unwrap();
        assert_eq!(hello.server_name(), Some("mgw.example"));
        assert_eq!(hello.versions().collect::<Vec<_>>(), [ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]);
        assert_eq!(hello.cipher_suites().collect::<Vec<_>>(), [0x1301, 0xC02F]);
        assert_eq!((hello.random, hello.session_id), ([0xAB; 32], &[7; 32][..]));
    }

    #[test]
    fn without_extensions_the_version_field_counts() {
        let body = [&[3, 1][..], &[0; 32], &[0, 0, 2, 0, 0x2F, 1, 0]].concat();
        let hello = ClientHello::parse(&body).unwrap();
        assert_eq!(hello.versions().collect::<Vec<_>>(), [ProtocolVersion(0x0301)]);
        assert_eq!(hello.server_name(), None);
    }

    #[test]
    fn a_server_hello_tells_the_version_chosen() {
        let common = [&[3, 3][..], &[1; 32], &[0, 0x13, 2, 0]].concat();
        let new = [&common[..], &[0, 6, 0, 43, 0, 2, 3, 4]].concat();
        assert_eq!(
            ServerHello::parse(&common).map(|h| (h.version(), h.cipher_suite)),
            Ok((ProtocolVersion::TLS1_2, 0x1302))
        );
        assert_eq!(ServerHello::parse(&new).map(|h| h.version()), Ok(ProtocolVersion::TLS1_3));
    }

    #[test]
    fn no_cut_of_a_hello_passes_but_the_one_before_its_extensions() {
        let body = client_hello(&[sni("a")]);
        let bare = 2 + 32 + 33 + 6 + 2;
        for cut in 0..body.len() {
            assert_eq!(ClientHello::parse(&body[..cut]).is_ok(), cut == bare, "{cut}");
        }
    }

    #[test]
    fn lengths_that_lie_are_named() {
        let body = client_hello(&[sni("a")]);
        for (at, value, field) in [
            (34, 40, "legacy_session_id"),
            (34, 255, "legacy_session_id"),
            (68, 3, "cipher_suites"),
            (76, 1, "extensions"),
        ] {
            let mut bad = body.clone();
            bad[at] = value;
            assert_eq!(ClientHello::parse(&bad).map_err(|e| e.field), Err(field), "{at}");
        }
    }

    #[test]
    fn a_handshake_message_may_be_incomplete() {
        assert_eq!(Handshake::parse(&[1, 0]), Framed::Incomplete(2));
        assert_eq!(Handshake::parse(&[1, 0, 0, 3, 9]), Framed::Incomplete(2));
        let message = Handshake { kind: HandshakeType::Other(11), body: &[] };
        assert_eq!(Handshake::parse(&[11, 0, 0, 0, 5]), Framed::Complete(message, 4));
    }
}
