//! `a=fingerprint`: the hash of the certificate an endpoint will show.

use crate::wire::{
    ErrorKind, ParseError,
    sdp::{
        Choosable,
        line::{Cursor, Word},
        owned,
    },
};
use std::{borrow::Cow, fmt};

/// `a=fingerprint` (RFC 8122 5). In H.248 the gateway may be asked for its own: `a=fingerprint:sha-256 $`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint<'a> {
    /// The hash function.
    pub hash: HashFunction<'a>,
    /// The hash of the DER-encoded certificate.
    pub digest: Choosable<Digest>,
}

/// A hash function by its registered name; read in any case, written in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

/// 1 to 64 octets of a hash. Digests are equal when their octets are, however they were spelt.
#[derive(Debug, Clone, Copy)]
pub struct Digest {
    octets: [u8; Self::MAX],
    length: u8,
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

    pub(super) fn parse(mut cursor: Cursor<'a>) -> Result<Self, ParseError> {
        let word = cursor.word("hash-func")?;
        let hash = HashFunction::from_name(cursor.token(word)?);
        let word = cursor.next_word("fingerprint")?;
        let digest = match word.is_choose(cursor.mode) {
            true => Choosable::Choose,
            false => Choosable::Given(Digest::parse(&cursor, word)?),
        };
        cursor.finish()?;
        Ok(Self { hash, digest })
    }
}

impl<'a> HashFunction<'a> {
    /// The variant for a name in any case; [`HashFunction::Other`] keeps one that has none.
    pub fn from_name(name: impl Into<Cow<'a, str>>) -> Self {
        const KNOWN: [HashFunction<'static>; 7] = [
            HashFunction::Sha256,
            HashFunction::Sha1,
            HashFunction::Sha224,
            HashFunction::Sha384,
            HashFunction::Sha512,
            HashFunction::Md5,
            HashFunction::Md2,
        ];
        let name = name.into();
        match KNOWN.into_iter().find(|known| known.name().eq_ignore_ascii_case(&name)) {
            Some(known) => known,
            None => Self::Other(name),
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
    /// The longest digest kept.
    pub const MAX: usize = 64;

    /// A digest of 1 to [`Digest::MAX`] octets; `None` for any other length.
    pub fn new(octets: &[u8]) -> Option<Self> {
        let mut digest = Self { octets: [0; Self::MAX], length: u8::try_from(octets.len()).ok()?, lower_case: false };
        digest.octets.get_mut(..octets.len()).filter(|_| !octets.is_empty())?.copy_from_slice(octets);
        Some(digest)
    }

    /// The octets.
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..self.length.into()).unwrap_or_default()
    }

    /// True when it was read with a hex digit in lower case, which RFC 8122 5 does not allow; it is written in upper
    /// case all the same.
    pub const fn was_lower_case(&self) -> bool {
        self.lower_case
    }

    fn parse(cursor: &Cursor<'_>, word: Word<'_>) -> Result<Self, ParseError> {
        let mut digest = Self { octets: [0; Self::MAX], length: 0, lower_case: false };
        let mut hex = word.text.bytes().enumerate();
        let unexpected = |found: Option<(usize, u8)>| match found {
            Some((at, _)) => cursor.invalid_octet(word, at),
            None => cursor.error_at(word.offset + word.text.len(), ErrorKind::UnexpectedEnd("two hex digits")),
        };
        loop {
            let (mut value, first) = (0, word.offset);
            for _ in 0..2 {
                let found = hex.next();
                let digit = found.and_then(|(_, octet)| char::from(octet).to_digit(16));
                let Some((digit, (_, octet))) = digit.zip(found) else { return Err(unexpected(found)) };
                value = value << 4 | digit as u8;
                digest.lower_case |= octet.is_ascii_lowercase();
            }
            let too_long = || cursor.error_at(first, ErrorKind::TooLong { limit: Self::MAX });
            *digest.octets.get_mut(usize::from(digest.length)).ok_or_else(too_long)? = value;
            digest.length += 1;
            match hex.next() {
                None => return Ok(digest),
                Some((_, b':')) => {}
                other => return Err(unexpected(other)),
            }
        }
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
