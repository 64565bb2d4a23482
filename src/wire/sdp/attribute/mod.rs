//! `a=` lines: typed where this crate knows them, verbatim where it does not.
//!
//! To add one: a file beside this with its type, `parse` and `Display`; a row in `typed_attributes!` below.

mod accept_types;
mod bfcp_versions;
mod conference;
mod connection;
mod direction;
mod end_to_access_edge;
mod fingerprint;
mod floor_control;
mod floor_id;
mod key_management;
mod max_size;
mod msrp_cema;
mod path;
mod setup;

pub use accept_types::{AcceptTypes, AcceptWrappedTypes, MediaRange};
pub use bfcp_versions::BfcpVersions;
pub use conference::{ConferenceId, UserId};
pub use connection::Connection;
pub use direction::Direction;
pub use end_to_access_edge::EndToAccessEdge;
pub use fingerprint::{Digest, Fingerprint, HashFunction};
pub use floor_control::{FloorControl, FloorControlRole};
pub use floor_id::FloorId;
pub use key_management::KeyManagement;
pub use max_size::MaxSize;
pub use msrp_cema::MsrpCema;
pub use path::Path;
pub use setup::Setup;

use super::{
    Mode,
    line::{Cursor, Parsed, Word},
    owned,
};
use crate::wire::ErrorKind;
use std::{borrow::Cow, fmt};

/// A type that stands for one `a=` attribute.
pub trait TypedAttribute<'a>: Sized {
    /// True when the attribute may also stand at session level and then holds for every medium without its own.
    const AT_SESSION_LEVEL: bool;

    /// The value, if `attribute` is of this type.
    fn of<'b>(attribute: &'b Attribute<'a>) -> Option<&'b Self>;
}

/// Declares the enum and the conversions between it and its types. A row: variant, type, levels, name, clause.
macro_rules! typed_attributes {
    ($($variant:ident($($type:tt)+), $session_level:literal, $name:literal, $clause:literal;)+) => {
        /// One `a=` line.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "target", derive(serde::Serialize))]
        pub enum Attribute<'a> {
            /// `sendrecv`, `sendonly`, `recvonly` or `inactive` (RFC 8866 6.7).
            Direction(Direction),
            /// `msrp-cema` (RFC 6714 4).
            MsrpCema(MsrpCema),
            $(#[doc = concat!("`", $name, "` (", $clause, ").")] $variant($($type)+),)+
            /// `a=name:$`: the MGC leaves the whole value to the gateway (H.248.1 7.1.8).
            Choose(Cow<'a, str>),
            /// Any other attribute, verbatim; no value when the line has no colon.
            Other {
                /// What stands before the colon.
                name: Cow<'a, str>,
                /// What stands behind it.
                value: Option<Cow<'a, str>>,
            },
        }

        impl<'a> Attribute<'a> {
            /// The name as the line writes it.
            pub fn name(&self) -> &str {
                match self {
                    Self::Direction(direction) => direction.name(),
                    Self::MsrpCema(_) => "msrp-cema",
                    $(Self::$variant(_) => $name,)+
                    Self::Choose(name) | Self::Other { name, .. } => name,
                }
            }

            /// The same value, independent of the input it was read from.
            pub fn into_owned(self) -> Attribute<'static> {
                match self {
                    Self::Direction(direction) => Attribute::Direction(direction),
                    Self::MsrpCema(value) => Attribute::MsrpCema(value),
                    $(Self::$variant(value) => Attribute::$variant(value.into_owned()),)+
                    Self::Choose(name) => Attribute::Choose(owned(name)),
                    Self::Other { name, value } => Attribute::Other { name: owned(name), value: value.map(owned) },
                }
            }

            /// Reads the value of an attribute that has a type; `None` for another name.
            #[inline]
            fn parse_typed(name: &str, value: Word<'a>, mode: Mode) -> Option<Parsed<Self>> {
                match name {
                    $($name => Some(Cursor::new(value, mode, $name, $clause).whole(<$($type)+>::parse).map(Self::$variant)),)+
                    _ => None,
                }
            }
        }

        impl fmt::Display for Attribute<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Direction(direction) => f.write_str(direction.name()),
                    Self::MsrpCema(_) => f.write_str("msrp-cema"),
                    $(Self::$variant(value) => write!(f, concat!($name, ":{}"), value),)+
                    Self::Choose(name) => write!(f, "{name}:$"),
                    Self::Other { name, value: None } => f.write_str(name),
                    Self::Other { name, value: Some(value) } => {
                        f.write_str(name)?;
                        f.write_str(":")?;
                        f.write_str(value)
                    }
                }
            }
        }

        $(
            impl<'a> TypedAttribute<'a> for $($type)+ {
                const AT_SESSION_LEVEL: bool = $session_level;

                fn of<'b>(attribute: &'b Attribute<'a>) -> Option<&'b Self> {
                    match attribute {
                        Attribute::$variant(value) => Some(value),
                        _ => None,
                    }
                }
            }

            impl<'a> From<$($type)+> for Attribute<'a> {
                fn from(value: $($type)+) -> Self {
                    Self::$variant(value)
                }
            }
        )+
    };
}

typed_attributes! {
    Setup(Setup), true, "setup", "RFC 4145 4";
    Connection(Connection), false, "connection", "RFC 4145 5";
    Fingerprint(Fingerprint<'a>), true, "fingerprint", "RFC 8122 5";
    Path(Path<'a>), false, "path", "RFC 4975 8.3";
    AcceptTypes(AcceptTypes<'a>), false, "accept-types", "RFC 4975 8.6";
    AcceptWrappedTypes(AcceptWrappedTypes<'a>), false, "accept-wrapped-types", "RFC 4975 8.6";
    MaxSize(MaxSize), false, "max-size", "RFC 4975 8.6";
    FloorControl(FloorControl), false, "floorctrl", "RFC 8856 5.1";
    ConferenceId(ConferenceId<'a>), false, "confid", "RFC 8856 5.2";
    UserId(UserId<'a>), false, "userid", "RFC 8856 5.3";
    FloorId(FloorId<'a>), false, "floorid", "RFC 8856 5.4";
    BfcpVersions(BfcpVersions), false, "bfcpver", "RFC 8856 5.5";
    KeyManagement(KeyManagement<'a>), true, "key-mgmt", "RFC 4567 3.1";
    EndToAccessEdge(EndToAccessEdge<'a>), false, "3ge2ae", "TS 24.229 7.5.2";
}

impl<'a> TypedAttribute<'a> for Direction {
    const AT_SESSION_LEVEL: bool = true;

    fn of<'b>(attribute: &'b Attribute<'a>) -> Option<&'b Self> {
        match attribute {
            Attribute::Direction(direction) => Some(direction),
            _ => None,
        }
    }
}

impl<'a> TypedAttribute<'a> for MsrpCema {
    const AT_SESSION_LEVEL: bool = false;

    fn of<'b>(attribute: &'b Attribute<'a>) -> Option<&'b Self> {
        match attribute {
            Attribute::MsrpCema(value) => Some(value),
            _ => None,
        }
    }
}

impl From<MsrpCema> for Attribute<'_> {
    fn from(value: MsrpCema) -> Self {
        Self::MsrpCema(value)
    }
}

impl From<Direction> for Attribute<'_> {
    fn from(direction: Direction) -> Self {
        Self::Direction(direction)
    }
}

impl<'a> Attribute<'a> {
    /// An attribute this crate has no type for. A name that has a type would not read back as this.
    pub fn other(name: impl Into<Cow<'a, str>>, value: Option<impl Into<Cow<'a, str>>>) -> Self {
        Self::Other { name: name.into(), value: value.map(Into::into) }
    }

    /// Reads what stands behind `a=` and adds it to `attributes`: an attribute is too large to be handed back for each line.
    #[inline]
    pub(super) fn parse_into(attributes: &mut Vec<Self>, line: Word<'a>, mode: Mode) -> Parsed<()> {
        const CLAUSE: &str = "RFC 8866 5.13";
        let error = |word, kind, field| Err(Cursor::new(word, mode, field, CLAUSE).error(kind));
        // H.248 users write names that are no tokens (`a=a=ptime:30`); they pass as any other unknown name.
        let (mut name, value) = line.split_name(mode, "attribute-name", CLAUSE)?;
        if mode == Mode::H248 && value.is_none() {
            name.text = name.text.trim_ascii_end();
            if name.text.is_empty() {
                return error(name, ErrorKind::Expected("attribute-name"), "attribute-name");
            }
        }
        if value.is_some_and(|value| value.is_choose(mode)) {
            attributes.push(Self::Choose(name.text.into()));
            return Ok(());
        }
        if let Some(property) = Self::property(name.text) {
            if let Some(value) = value {
                return error(value, ErrorKind::Trailing, "attribute-value");
            }
            attributes.push(property);
            return Ok(());
        }
        let end = Word { text: "", offset: line.offset + line.text.len() };
        if let Some(typed) = Self::parse_typed(name.text, value.unwrap_or(end), mode) {
            attributes.push(typed?);
            return Ok(());
        }
        if value.is_some_and(|value| value.text.is_empty()) && mode == Mode::Rfc {
            return error(end, ErrorKind::UnexpectedEnd("attribute-value"), "attribute-value");
        }
        attributes.push(Self::Other { name: name.text.into(), value: value.map(|value| value.text.into()) });
        Ok(())
    }

    /// The attributes that have no value.
    fn property(name: &str) -> Option<Self> {
        match name {
            "sendrecv" => Some(Self::Direction(Direction::SendReceive)),
            "sendonly" => Some(Self::Direction(Direction::SendOnly)),
            "recvonly" => Some(Self::Direction(Direction::ReceiveOnly)),
            "inactive" => Some(Self::Direction(Direction::Inactive)),
            "msrp-cema" => Some(Self::MsrpCema(MsrpCema)),
            _ => None,
        }
    }
}

/// Attributes of one level, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Attributes<'a>(Vec<Attribute<'a>>);

impl<'a> Attributes<'a> {
    /// Every attribute, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Attribute<'a>> {
        self.0.iter()
    }

    /// The number of attributes.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first attribute of a type: `attributes.get::<Setup>()`.
    pub fn get<T: TypedAttribute<'a>>(&self) -> Option<&T> {
        self.0.iter().find_map(T::of)
    }

    /// All attributes of a type, in order.
    pub fn all<'b, T: TypedAttribute<'a> + 'b>(&'b self) -> impl Iterator<Item = &'b T> {
        self.0.iter().filter_map(T::of)
    }

    /// True when the whole value of attribute `name` is left to the gateway: `a=name:$`.
    pub fn chooses(&self, name: &str) -> bool {
        self.0.iter().any(|attribute| matches!(attribute, Attribute::Choose(chosen) if chosen == name))
    }

    /// The value of the first untyped attribute `name`; empty when it has none.
    pub fn other(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|attribute| match attribute {
            Attribute::Other { name: given, value } if given == name => Some(value.as_deref().unwrap_or_default()),
            _ => None,
        })
    }

    /// Adds one at the end.
    pub fn push(&mut self, attribute: impl Into<Attribute<'a>>) {
        // Most media have several; growing from one is what parsing would otherwise spend its time on.
        if self.0.capacity() == 0 {
            self.0.reserve(12);
        }
        self.0.push(attribute.into());
    }

    /// Keeps the attributes that satisfy `keep`.
    pub fn retain(&mut self, keep: impl FnMut(&Attribute<'a>) -> bool) {
        self.0.retain(keep);
    }

    /// Puts `attribute` where the first of its name stands and drops the others of that name; at the end if none.
    pub fn replace(&mut self, attribute: impl Into<Attribute<'a>>) {
        let mut replacement = Some(attribute.into());
        let name = replacement.as_ref().map(|attribute| attribute.name().to_owned()).unwrap_or_default();
        self.0.retain_mut(|old| {
            if old.name() != name {
                return true;
            }
            match replacement.take() {
                Some(new) => {
                    *old = new;
                    true
                }
                None => false,
            }
        });
        self.0.extend(replacement);
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Attributes<'static> {
        Attributes(self.0.into_iter().map(Attribute::into_owned).collect())
    }
}

impl<'a> From<Vec<Attribute<'a>>> for Attributes<'a> {
    fn from(attributes: Vec<Attribute<'a>>) -> Self {
        Self(attributes)
    }
}

impl<'a> FromIterator<Attribute<'a>> for Attributes<'a> {
    fn from_iter<I: IntoIterator<Item = Attribute<'a>>>(attributes: I) -> Self {
        Self(attributes.into_iter().collect())
    }
}

impl<'b, 'a> IntoIterator for &'b Attributes<'a> {
    type Item = &'b Attribute<'a>;
    type IntoIter = std::slice::Iter<'b, Attribute<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Writes words with one space between them.
fn write_words<T: fmt::Display>(f: &mut fmt::Formatter<'_>, words: &[T]) -> fmt::Result {
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            f.write_str(" ")?;
        }
        word.fmt(f)?;
    }
    Ok(())
}
