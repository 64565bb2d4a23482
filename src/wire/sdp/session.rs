//! A session description and the lines that stand above its media.

use super::{Address, Attributes, Choosable, ConnectionData, MediaDescription, Mode, Stream, encode, owned, parse};
use crate::wire::ParseError;
use std::{borrow::Cow, fmt};

/// One session description: lines in RFC 8866's order, text borrowed from the input.
///
/// Text must hold no CR, LF or NUL; [`encode`] writes a space in their place, so that no value can forge a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct SessionDescription<'a> {
    /// `v=0` is there. [`Mode::Rfc`] writes it anyway.
    pub versioned: bool,
    /// `o=`.
    pub origin: Option<Origin<'a>>,
    /// `s=`.
    pub name: Option<Cow<'a, str>>,
    /// `i=`.
    pub information: Option<Cow<'a, str>>,
    /// `u=`.
    pub uri: Option<Cow<'a, str>>,
    /// `e=`, each kept as text.
    pub emails: Vec<Cow<'a, str>>,
    /// `p=`, each kept as text.
    pub phones: Vec<Cow<'a, str>>,
    /// `c=` for all media that have none of their own.
    pub connection: Option<ConnectionData<'a>>,
    /// `b=`.
    pub bandwidths: Vec<Bandwidth<'a>>,
    /// `t=` with its `r=` and `z=`.
    pub times: Vec<TimeDescription<'a>>,
    /// `k=`, obsolete (RFC 8866 5.12): kept so that it can be reported, never to be used.
    pub key: Option<Cow<'a, str>>,
    /// `a=` above the first `m=`.
    pub attributes: Attributes<'a>,
    /// `m=` and what belongs to each.
    pub media: Vec<MediaDescription<'a>>,
}

/// The value of an `o=` line (RFC 8866 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Origin<'a> {
    /// The user's login, or `-`.
    pub username: Cow<'a, str>,
    /// Decimal digits of any length, or `$`.
    pub session_id: Cow<'a, str>,
    /// Decimal digits of any length, or `$`.
    pub session_version: Cow<'a, str>,
    /// The machine that made the session.
    pub address: Address<'a>,
}

/// The value of a `b=` line (RFC 8866 5.8).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Bandwidth<'a> {
    /// `CT`, `AS`, `RS` …
    pub kind: Cow<'a, str>,
    /// Kilobits per second for `CT` and `AS`; the unit of others is their own.
    pub value: Choosable<u64>,
}

/// A `t=` line and what repeats it (RFC 8866 5.9–5.11).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TimeDescription<'a> {
    /// Seconds since 1900, 0 for unbounded.
    pub start: u64,
    /// Seconds since 1900, 0 for unbounded.
    pub stop: u64,
    /// `r=`, each kept as text.
    pub repeats: Vec<Cow<'a, str>>,
    /// `z=`, kept as text.
    pub zone: Option<Cow<'a, str>>,
}

impl<'a> SessionDescription<'a> {
    /// An H.248 description of one stream: `v=0` and the media.
    pub fn new(media: MediaDescription<'a>) -> Self {
        Self { versioned: true, media: vec![media], ..Self::default() }
    }

    /// Reads the one description of an RFC 8866 body.
    ///
    /// # Errors
    /// As [`parse`] in [`Mode::Rfc`].
    pub fn parse(octets: &'a [u8]) -> Result<Self, ParseError> {
        parse::parse_rfc(octets)
    }

    /// This description alone, as [`encode`] writes it.
    pub fn encode(&self, mode: Mode) -> Vec<u8> {
        encode(std::slice::from_ref(self), mode)
    }

    /// The medium at `index` together with what it inherits.
    pub fn stream(&self, index: usize) -> Option<Stream<'_, 'a>> {
        self.media.get(index).map(|media| Stream { session: self, media })
    }

    /// Every medium together with what it inherits.
    pub fn streams(&self) -> impl Iterator<Item = Stream<'_, 'a>> {
        self.media.iter().map(|media| Stream { session: self, media })
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> SessionDescription<'static> {
        SessionDescription {
            versioned: self.versioned,
            origin: self.origin.map(Origin::into_owned),
            name: self.name.map(owned),
            information: self.information.map(owned),
            uri: self.uri.map(owned),
            emails: self.emails.into_iter().map(owned).collect(),
            phones: self.phones.into_iter().map(owned).collect(),
            connection: self.connection.map(ConnectionData::into_owned),
            bandwidths: self.bandwidths.into_iter().map(Bandwidth::into_owned).collect(),
            times: self.times.into_iter().map(TimeDescription::into_owned).collect(),
            key: self.key.map(owned),
            attributes: self.attributes.into_owned(),
            media: self.media.into_iter().map(MediaDescription::into_owned).collect(),
        }
    }
}

impl Origin<'_> {
    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Origin<'static> {
        Origin {
            username: owned(self.username),
            session_id: owned(self.session_id),
            session_version: owned(self.session_version),
            address: self.address.into_owned(),
        }
    }
}

impl Bandwidth<'_> {
    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Bandwidth<'static> {
        Bandwidth { kind: owned(self.kind), value: self.value }
    }
}

impl TimeDescription<'_> {
    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> TimeDescription<'static> {
        TimeDescription {
            start: self.start,
            stop: self.stop,
            repeats: self.repeats.into_iter().map(owned).collect(),
            zone: self.zone.map(owned),
        }
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.username, self.session_id, self.session_version, self.address)
    }
}

impl fmt::Display for Bandwidth<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.value)
    }
}
