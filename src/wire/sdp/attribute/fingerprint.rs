//! `a=fingerprint`: the hash of the certificate an endpoint will show.

use crate::wire::{
    ErrorKind, ParseError,
    sdp::{
        Choosable,
        line::{Cursor, Parsed, Word},
        owned,
    },
};
use std::{borrow::Cow, fmt};

/// `a=fingerprint` (RFC 8122 5). In H.248 the gateway may be asked for its own: `a=fingerprint:sha-256 $`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Fingerprint<'a> {
    /// The hash function.
    pub hash: HashFunction<'a>,
    /// The hash of the DER-encoded certificate.
    pub digest: Choosable<Digest>,
}

/// A hash function by its registered name; read in any case, written in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum HashFunction<'a> {
    /// `md2`, not to be used (RFC 8122 5).
    Md2,
    /// `md5`, not to be used (RFC 8122 5).
    Md5,
    /// `sha-1`.
    Sha1,
    /// `sha-224`.
    Sha224,
    /// `sha-256`.
    Sha256,
    /// `sha-384`.
    Sha384,
    /// `sha-512`.
    Sha512,
    /// A token this crate has no function for.
    Other(Cow<'a, str>),
}

/// One octet or more of a hash. Digests are equal when their octets are, however they were spelt.
#[derive(Debug, Clone)]
pub struct Digest {
    octets: Box<[u8]>,
    lower_case: bool,
}

impl<'a> Fingerprint<'a> {
    /// The fingerprint with this digest.
    pub const fn new(hash: HashFunction<'a>, digest: Digest) -> Self {
        Self { hash, digest: Choosable::Given(digest) }
    }

    /// `hash $`: the gateway is asked for its own.
    pub const fn choose(hash: HashFunction<'a>) -> Self {
        Self { hash, digest: Choosable::Choose }
    }

    /// True when the gateway is asked for its own.
    pub const fn is_choose(&self) -> bool {
        self.digest.is_choose()
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Fingerprint<'static> {
        let hash = match self.hash {
            HashFunction::Other(token) => HashFunction::Other(owned(token)),
            known => HashFunction::from_name(known.name().to_owned()),
        };
        Fingerprint { hash, digest: self.digest }
    }

    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        let hash = HashFunction::from_name(cursor.token_word("hash-func")?);
        let word = cursor.next_word("fingerprint")?;
        let digest = match word.is_choose(cursor.mode) {
            true => Choosable::Choose,
            false => Choosable::Given(Digest::parse(cursor, word)?),
        };
        Ok(Self { hash, digest })
    }
}

impl<'a> HashFunction<'a> {
    /// The variant for a name in any case; [`HashFunction::Other`] keeps one that has none.
    pub fn from_name(name: impl Into<Cow<'a, str>>) -> Self {
        let name = name.into();
        match name.as_ref() {
            "sha-256" => Self::Sha256,
            other if other.eq_ignore_ascii_case("md2") => Self::Md2,
            other if other.eq_ignore_ascii_case("md5") => Self::Md5,
            other if other.eq_ignore_ascii_case("sha-1") => Self::Sha1,
            other if other.eq_ignore_ascii_case("sha-224") => Self::Sha224,
            other if other.eq_ignore_ascii_case("sha-256") => Self::Sha256,
            other if other.eq_ignore_ascii_case("sha-384") => Self::Sha384,
            other if other.eq_ignore_ascii_case("sha-512") => Self::Sha512,
            _ => Self::Other(name),
        }
    }

    /// The name as the line writes it.
    pub fn name(&self) -> &str {
        match self {
            Self::Md2 => "md2",
            Self::Md5 => "md5",
            Self::Sha1 => "sha-1",
            Self::Sha224 => "sha-224",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
            Self::Other(token) => token,
        }
    }

    /// Octets in a digest, for the functions known here.
    pub const fn digest_length(&self) -> Option<usize> {
        match self {
            Self::Md2 | Self::Md5 => Some(16),
            Self::Sha1 => Some(20),
            Self::Sha224 => Some(28),
            Self::Sha256 => Some(32),
            Self::Sha384 => Some(48),
            Self::Sha512 => Some(64),
            Self::Other(_) => None,
        }
    }
}

impl Digest {
    /// A digest; `None` when there is no octet.
    pub fn new(octets: &[u8]) -> Option<Self> {
        (!octets.is_empty()).then(|| Self { octets: octets.into(), lower_case: false })
    }

    /// The octets.
    pub const fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// True when it was read with a hex digit in lower case, which RFC 8122 5 does not allow; it is written in upper
    /// case all the same.
    pub const fn was_lower_case(&self) -> bool {
        self.lower_case
    }

    fn parse(cursor: &Cursor<'_>, word: Word<'_>) -> Parsed<Self> {
        let (pairs, last) = word.text.as_bytes().as_chunks::<3>();
        let mut octets = vec![0; pairs.len() + 1].into_boxed_slice();
        let mut seen = 0;
        let mut octet = |high: u8, low: u8| {
            let (high, low) = (HEX[usize::from(high)], HEX[usize::from(low)]);
            seen |= high | low;
            (high & 0x0F) << 4 | low & 0x0F
        };
        let mut between = true;
        for (place, [high, low, colon]) in octets.iter_mut().zip(pairs) {
            *place = octet(*high, *low);
            between &= *colon == b':';
        }
        let (Some(place), [high, low], true) = (octets.last_mut(), last, between) else {
            return Err(misspelt(cursor, word));
        };
        *place = octet(*high, *low);
        if seen & NOT_HEX != 0 {
            return Err(misspelt(cursor, word));
        }
        Ok(Self { octets, lower_case: seen & LOWER_CASE != 0 })
    }
}

/// A hex digit's value with what there is to say about it.
const HEX: [u8; 256] = {
    let mut table = [NOT_HEX; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        if digit > 9 {
            table[b"0123456789abcdef"[digit as usize] as usize] = digit | LOWER_CASE;
        }
        digit += 1;
    }
    table
};
const NOT_HEX: u8 = 0x80;
const LOWER_CASE: u8 = 0x40;

/// Where pairs of hex digits with colons between them end to be such.
fn misspelt(cursor: &Cursor<'_>, word: Word<'_>) -> Box<ParseError> {
    let fits = |(at, octet): (usize, u8)| if at % 3 == 2 { octet == b':' } else { octet.is_ascii_hexdigit() };
    match word.text.bytes().enumerate().position(|place| !fits(place)) {
        Some(at) => cursor.invalid_octet(word, at),
        None => cursor.error_at(word.offset + word.text.len(), ErrorKind::UnexpectedEnd("two hex digits")),
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.octets() == other.octets()
    }
}

impl Eq for Digest {}

impl std::hash::Hash for Digest {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.octets().hash(state);
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, octet) in self.octets().iter().enumerate() {
            write!(f, "{}{octet:02X}", if index == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Display for HashFunction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Fingerprint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.hash, self.digest)
    }
}
