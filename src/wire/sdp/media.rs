//! A media description, and the view of one medium with what it inherits from its session.

use super::{
    Attribute, Attributes, Bandwidth, Choosable, ConnectionData, Direction, Fingerprint, Path, Proto,
    SessionDescription, Setup, TypedAttribute, owned,
};
use std::{borrow::Cow, fmt};

/// An `m=` line and the lines that belong to it (RFC 8866 5.14).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct MediaDescription<'a> {
    /// The kind of medium.
    pub kind: MediaKind<'a>,
    /// The transport port.
    pub port: Choosable<Port>,
    /// The transport protocol.
    pub proto: Proto<'a>,
    /// Formats; `*` for MSRP and BFCP, `-` or `$` in H.248. At least one.
    pub formats: Vec<Cow<'a, str>>,
    /// `i=`.
    pub information: Option<Cow<'a, str>>,
    /// `c=`, more than one only for layered multicast.
    pub connections: Vec<ConnectionData<'a>>,
    /// `b=`.
    pub bandwidths: Vec<Bandwidth<'a>>,
    /// `k=`, obsolete (RFC 8866 5.12): kept so that it can be reported, never to be used.
    pub key: Option<Cow<'a, str>>,
    /// `a=`, in order.
    pub attributes: Attributes<'a>,
}

/// `media` of an `m=` line. Names are case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum MediaKind<'a> {
    /// `audio`.
    Audio,
    /// `video`.
    Video,
    /// `text`.
    Text,
    /// `application`: BFCP among others.
    Application,
    /// `message`: MSRP.
    Message,
    /// `image`.
    Image,
    /// `-`: H.248's "of no interest".
    Unspecified,
    /// `$`: the gateway chooses.
    Choose,
    /// Any other token.
    Other(Cow<'a, str>),
}

/// `port` of an `m=` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Port {
    /// The port; 0 rejects or ends the medium, 9 stands where an active endpoint has none (RFC 4145 4.1).
    pub number: u16,
    /// `/count`: how many ports in a row.
    pub count: Option<u32>,
}

/// One medium and its session: media level wins over session level wherever both may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream<'s, 'a> {
    /// The description the medium belongs to.
    pub session: &'s SessionDescription<'a>,
    /// The medium.
    pub media: &'s MediaDescription<'a>,
}

impl From<u16> for Port {
    fn from(number: u16) -> Self {
        Self { number, count: None }
    }
}

impl<'a> MediaDescription<'a> {
    /// A medium with format `*` and nothing else; chain [`with`](Self::with) and
    /// [`with_connection`](Self::with_connection). `port` `None` writes `$`.
    pub fn new(kind: MediaKind<'a>, port: Option<u16>, proto: Proto<'a>) -> Self {
        Self {
            kind,
            port: port.map_or(Choosable::Choose, |number| Choosable::Given(number.into())),
            proto,
            formats: vec![Cow::Borrowed("*")],
            information: None,
            connections: Vec::new(),
            bandwidths: Vec::new(),
            key: None,
            attributes: Attributes::default(),
        }
    }

    /// The same with one more attribute at the end.
    #[must_use]
    pub fn with(mut self, attribute: impl Into<Attribute<'a>>) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// The same with one more `c=` line.
    #[must_use]
    pub fn with_connection(mut self, connection: impl Into<ConnectionData<'a>>) -> Self {
        self.connections.push(connection.into());
        self
    }

    /// The port number, unless the gateway is to choose it.
    pub const fn port_number(&self) -> Option<u16> {
        match self.port {
            Choosable::Given(Port { number, .. }) => Some(number),
            Choosable::Choose => None,
        }
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> MediaDescription<'static> {
        MediaDescription {
            kind: self.kind.into_owned(),
            port: self.port,
            proto: self.proto.into_owned(),
            formats: self.formats.into_iter().map(owned).collect(),
            information: self.information.map(owned),
            connections: self.connections.into_iter().map(ConnectionData::into_owned).collect(),
            bandwidths: self.bandwidths.into_iter().map(Bandwidth::into_owned).collect(),
            key: self.key.map(owned),
            attributes: self.attributes.into_owned(),
        }
    }
}

impl<'s, 'a> Stream<'s, 'a> {
    /// The first attribute of this type, media level first; session level only where its RFC allows it there.
    pub fn get<T: TypedAttribute<'a> + 's>(self) -> Option<&'s T> {
        let inherited = || if T::AT_SESSION_LEVEL { self.session.attributes.get() } else { None };
        self.media.attributes.get().or_else(inherited)
    }

    /// All attributes of this type at the level that counts: media level, else session level.
    pub fn all<T: TypedAttribute<'a> + 's>(self) -> impl Iterator<Item = &'s T> {
        let inherit = T::AT_SESSION_LEVEL && self.media.attributes.get::<T>().is_none();
        let level = if inherit { &self.session.attributes } else { &self.media.attributes };
        level.all()
    }

    /// `a=setup`.
    pub fn setup(self) -> Option<Setup> {
        self.get().copied()
    }

    /// `a=fingerprint`, each (RFC 8122 5).
    pub fn fingerprints(self) -> impl Iterator<Item = &'s Fingerprint<'a>> {
        self.all()
    }

    /// `a=path`.
    pub fn path(self) -> Option<&'s Path<'a>> {
        self.get()
    }

    /// `sendrecv` and its kin; both directions when the description says nothing (RFC 8866 6.7).
    pub fn direction(self) -> Direction {
        self.get().copied().unwrap_or(Direction::SendReceive)
    }

    /// The `c=` that holds for this medium.
    pub fn connection(self) -> Option<&'s ConnectionData<'a>> {
        self.media.connections.first().or(self.session.connection.as_ref())
    }

    /// True when the MGC leaves the whole value of attribute `name` to the gateway: `a=name:$`.
    pub fn chooses(self, name: &str) -> bool {
        self.media.attributes.chooses(name) || self.session.attributes.chooses(name)
    }
}

impl<'a> MediaKind<'a> {
    /// The variant for a name; [`MediaKind::Other`] keeps one that has none.
    pub fn from_name(name: impl Into<Cow<'a, str>>) -> Self {
        let name = name.into();
        match name.as_ref() {
            "audio" => Self::Audio,
            "video" => Self::Video,
            "text" => Self::Text,
            "application" => Self::Application,
            "message" => Self::Message,
            "image" => Self::Image,
            "-" => Self::Unspecified,
            "$" => Self::Choose,
            _ => Self::Other(name),
        }
    }

    /// The name as an `m=` line writes it.
    pub fn name(&self) -> &str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Text => "text",
            Self::Application => "application",
            Self::Message => "message",
            Self::Image => "image",
            Self::Unspecified => "-",
            Self::Choose => "$",
            Self::Other(name) => name,
        }
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> MediaKind<'static> {
        MediaKind::from_name(self.name().to_owned())
    }
}

impl fmt::Display for MediaKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)?;
        self.count.map_or(Ok(()), |count| write!(f, "/{count}"))
    }
}
