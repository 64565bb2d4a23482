//! Values and the parameters that carry them.

use std::{borrow::Cow, fmt, num::ParseIntError, str::FromStr};

use super::{Name, PkgdName, owned::into_owned};

/// One VALUE of the text encoding: a run of safe characters, or a quoted string. Which of the two a package item wants
/// follows from its type: strings are quoted, everything else is not (H.248.1 B.2, "VALUE").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Value<'a> {
    /// Unquoted. The encoder quotes it when it holds anything but safe characters.
    Plain(Cow<'a, str>),
    /// Quoted; without the quotes. The encoder replaces what a quoted string cannot carry (`"`, control, non-ASCII) by `?`.
    Quoted(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// An unquoted value: number, enumeration or identifier.
    pub fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Plain(text.into())
    }

    /// A quoted string.
    pub fn quoted(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Quoted(text.into())
    }

    /// A decimal number.
    pub fn number(number: impl Into<i64>) -> Value<'static> {
        Value::Plain(Cow::Owned(number.into().to_string()))
    }

    /// `on` or `off`.
    pub const fn boolean(on: bool) -> Value<'static> {
        Value::Plain(Cow::Borrowed(if on { "on" } else { "off" }))
    }

    /// The characters, without quotes.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Quoted(text) => text,
        }
    }

    /// True for a quoted string.
    pub const fn is_quoted(&self) -> bool {
        matches!(self, Self::Quoted(_))
    }

    /// An unquoted decimal or `0x` hexadecimal number.
    pub fn as_integer(&self) -> Option<i64> {
        let Self::Plain(text) = self else { return None };
        match text.get(..2) {
            Some("0x" | "0X") => i64::from_str_radix(text.get(2..)?, 16).ok(),
            _ => text.parse().ok(),
        }
    }

    /// `on` or `off`, unquoted, in any case.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Plain(text) if text.eq_ignore_ascii_case("on") => Some(true),
            Self::Plain(text) if text.eq_ignore_ascii_case("off") => Some(false),
            _ => None,
        }
    }
}

into_owned!(
    enum Value {
        Plain(text),
        Quoted(text),
    }
);

/// What is said about a property or parameter: its value, values, range, or a relation to a value (`parmValue`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum ParmValue<'a> {
    /// `= V`
    Equal(Value<'a>),
    /// `# V`: any value but this.
    Unequal(Value<'a>),
    /// `< V`
    Less(Value<'a>),
    /// `> V`
    Greater(Value<'a>),
    /// `= [V, V …]`: all of these (AND). Never empty in a parsed message.
    All(Vec<Value<'a>>),
    /// `= {V, V …}`: one of these (OR). Never empty in a parsed message.
    Any(Vec<Value<'a>>),
    /// `= [V:V]`: lowest and highest, inclusive.
    Range(Value<'a>, Value<'a>),
}

impl<'a> ParmValue<'a> {
    /// The value, when exactly one is given with `=`.
    pub const fn single(&self) -> Option<&Value<'a>> {
        match self {
            Self::Equal(value) => Some(value),
            _ => None,
        }
    }
}

into_owned!(
    enum ParmValue {
        Equal(value),
        Unequal(value),
        Less(value),
        Greater(value),
        All(values),
        Any(values),
        Range(low, high),
    }
);

/// A property of a package and what is said about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct PropertyParm<'a> {
    /// Which property.
    pub name: PkgdName<'a>,
    /// What is said about it.
    pub value: ParmValue<'a>,
}

impl<'a> PropertyParm<'a> {
    /// `package/item = value`.
    pub const fn equal(name: PkgdName<'a>, value: Value<'a>) -> Self {
        Self { name, value: ParmValue::Equal(value) }
    }
}

into_owned!(struct PropertyParm { name, value });

/// A parameter of an event or signal (EventParameter, SigParameter), or an extension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Parameter<'a> {
    /// Its name inside the event or signal.
    pub name: Name<'a>,
    /// Its value.
    pub value: ParmValue<'a>,
}

impl<'a> Parameter<'a> {
    /// `name = value`.
    pub fn equal(name: impl Into<Name<'a>>, value: Value<'a>) -> Self {
        Self { name: name.into(), value: ParmValue::Equal(value) }
    }
}

into_owned!(struct Parameter { name, value });

/// A stream inside a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct StreamId(pub u16);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Ties a Notify to the Events or Signals descriptor that asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum RequestId {
    /// A number.
    Id(u32),
    /// `*`: all requests.
    All,
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::All => f.write_str("*"),
        }
    }
}

/// A time stamp as its sixteen digits; whether they name a real moment is not checked (H.248.1 B.2, TimeStamp).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeNotation {
    /// `yyyymmdd`, below 10⁸.
    pub date: u32,
    /// `hhmmsscc`, centiseconds last, below 10⁸.
    pub time: u32,
}

impl fmt::Display for TimeNotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}T{:08}", self.date % 100_000_000, self.time % 100_000_000)
    }
}

impl FromStr for TimeNotation {
    type Err = ParseIntError;

    /// Reads `yyyymmddThhmmsscc`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().parse();
        Ok(Self { date: digits(0..8)?, time: digits(9..17)? })
    }
}

into_owned!(plain StreamId, RequestId, TimeNotation);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_typed_by_their_spelling() {
        assert_eq!(Value::plain("0x1f").as_integer(), Some(31));
        assert_eq!(Value::number(-4).as_integer(), Some(-4));
        assert_eq!(Value::quoted("4").as_integer(), None);
        assert_eq!(Value::plain("ON").as_bool(), Some(true));
    }

    #[test]
    fn a_time_stamp_prints_as_it_reads() {
        let text = "20260102T03040506";
        assert_eq!(text.parse::<TimeNotation>().map(|t| t.to_string()), Ok(text.to_owned()));
    }
}
