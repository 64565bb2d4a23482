//! The package registry: which properties, events, signals and statistics there are, as data.
//!
//! Every row says where it comes from and whether that source was read (`assumed = false`) or only remembered or guessed.
//! A dictionary file replaces or adds packages, for users who hold the Recommendations. Which errors a value earns is
//! judged elsewhere; this module only knows what exists.

#[cfg(feature = "target")]
mod dictionary;
mod known;

use std::borrow::Cow;

#[cfg(feature = "target")]
pub use dictionary::DictionaryError;
pub use known::UNNAMED;

use super::{Name, PkgdName, Value};

/// A set of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    packages: Vec<Package>,
}

impl Default for Registry {
    fn default() -> Self {
        Self { packages: known::packages() }
    }
}

impl Registry {
    /// No packages.
    pub const fn empty() -> Self {
        Self { packages: Vec::new() }
    }

    /// Adds a package, in place of one with the same name.
    pub fn insert(&mut self, package: Package) {
        self.packages.retain(|other| !other.name.eq_ignore_ascii_case(&package.name));
        self.packages.push(package);
    }

    /// All packages.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The package called `name`.
    pub fn package(&self, name: &Name<'_>) -> Option<&Package> {
        self.packages.iter().find(|package| *name == package.name.as_ref())
    }

    /// What is known about an item; for a package that extends another, the other's items too.
    pub fn item(&self, kind: ItemKind, name: &PkgdName<'_>) -> Lookup<'_> {
        let mut package = self.package(&name.package);
        if package.is_none() {
            return Lookup::NoPackage;
        }
        let mut complete = true;
        // Bounded, as a dictionary could let packages extend each other in a ring.
        for _ in 0..8 {
            let Some(found) = package else { break };
            if let Some(item) = found.items.iter().find(|item| item.kind == kind && name.item == item.name.as_ref()) {
                return Lookup::Item(item);
            }
            complete &= found.complete;
            package = found.extends.as_deref().and_then(|base| self.package(&Name::from(base)));
        }
        if complete { Lookup::NoItem } else { Lookup::Unknown }
    }
}

/// What a registry knows about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'r> {
    /// This item.
    Item(&'r Item),
    /// The package is not registered.
    NoPackage,
    /// The package is known in full, and has no such item.
    NoItem,
    /// The package is known in part only: the item may exist.
    Unknown,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Package {
    /// Its name in text.
    pub name: Cow<'static, str>,
    /// Its number in binary, when known.
    #[cfg_attr(feature = "target", serde(default))]
    pub id: Option<u16>,
    /// The version described.
    #[cfg_attr(feature = "target", serde(default = "dictionary::one"))]
    pub version: u16,
    /// The package whose items it has too.
    #[cfg_attr(feature = "target", serde(default))]
    pub extends: Option<Cow<'static, str>>,
    /// What it is for.
    #[cfg_attr(feature = "target", serde(default))]
    pub title: Cow<'static, str>,
    /// Where this row comes from.
    #[cfg_attr(feature = "target", serde(default))]
    pub source: Cow<'static, str>,
    /// Name or id were not seen in a source.
    #[cfg_attr(feature = "target", serde(default))]
    pub assumed: bool,
    /// All items are listed: one that is missing does not exist.
    #[cfg_attr(feature = "target", serde(default))]
    pub complete: bool,
    /// Its items.
    #[cfg_attr(feature = "target", serde(default))]
    pub items: Vec<Item>,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum ItemKind {
    /// A property.
    Property,
    /// An event.
    Event,
    /// A signal.
    Signal,
    /// A statistic.
    Statistic,
}

/// The descriptor a property belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "target", derive(serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Place {
    /// LocalControl of a stream.
    LocalControl,
    /// TerminationState.
    TerminationState,
    /// TerminationState of ROOT.
    Root,
    /// ContextAttr.
    Context,
    /// Any, or not known.
    #[default]
    Any,
}

/// A property, event, signal or statistic.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Its name in text.
    pub name: Cow<'static, str>,
    /// Its number in binary, when known.
    #[cfg_attr(feature = "target", serde(default))]
    pub id: Option<u16>,
    /// Its type: of the value of a property or statistic.
    #[cfg_attr(feature = "target", serde(default, rename = "type"))]
    pub value_type: ValueType,
    /// Its value when none was given.
    #[cfg_attr(feature = "target", serde(default))]
    pub default: Option<Cow<'static, str>>,
    /// The controller may not write it.
    #[cfg_attr(feature = "target", serde(default))]
    pub read_only: bool,
    /// Where a property may stand.
    #[cfg_attr(feature = "target", serde(default))]
    pub place: Place,
    /// Name, id or type were not seen in a source.
    #[cfg_attr(feature = "target", serde(default))]
    pub assumed: bool,
    /// Parameters of an event (as observed) or signal; empty also when unknown.
    #[cfg_attr(feature = "target", serde(default))]
    pub parameters: Vec<ItemParameter>,
}

/// A parameter of an event or signal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct ItemParameter {
    /// Its name in text.
    pub name: Cow<'static, str>,
    /// Its number in binary, when known.
    #[cfg_attr(feature = "target", serde(default))]
    pub id: Option<u16>,
    /// Its type.
    #[cfg_attr(feature = "target", serde(default, rename = "type"))]
    pub value_type: ValueType,
}

/// The type of a value (H.248.1 12.2), which decides how it is spelled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum ValueType {
    /// Not known: anything goes.
    #[default]
    Unknown,
    /// `on` or `off`.
    Boolean,
    /// A decimal or `0x` hexadecimal number.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number too large for 32 bits, or with a fraction.
    Double,
    /// A quoted string.
    String,
    /// Octets as pairs of hexadecimal digits.
    Octets,
    /// One of these words, in any case.
    Enumeration(Vec<Cow<'static, str>>),
}

impl ValueType {
    /// True if `value` is of this type. `$` leaves the choice to the gateway and fits every type.
    pub fn admits(&self, value: &Value<'_>) -> bool {
        let text = match (self, value) {
            (Self::Unknown, _) => return true,
            (_, Value::Plain(text)) if text == "$" => return true,
            (Self::String, value) => return value.is_quoted(),
            // A type other than string is not quoted (B.2, VALUE); octets are, in some stacks.
            (Self::Octets, value) => value.as_str(),
            (_, Value::Quoted(_)) => return false,
            (_, Value::Plain(text)) => text,
        };
        match self {
            Self::Unknown | Self::String => true,
            Self::Boolean => value.as_bool().is_some(),
            Self::Integer { min, max } => value.as_integer().is_some_and(|number| (*min..=*max).contains(&number)),
            Self::Double => text.parse::<f64>().is_ok_and(f64::is_finite) || value.as_integer().is_some(),
            Self::Octets => text.len() % 2 == 0 && text.bytes().all(|octet| octet.is_ascii_hexdigit()),
            Self::Enumeration(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_unique() {
        let registry = Registry::default();
        for (index, package) in registry.packages().iter().enumerate() {
            for other in registry.packages().iter().skip(index + 1) {
                assert!(!package.name.eq_ignore_ascii_case(&other.name), "{}", package.name);
                assert!(package.id.is_none() || package.id != other.id, "{}", package.name);
            }
        }
    }

    #[test]
    fn what_is_assumed_has_no_id_of_its_own() {
        for package in Registry::default().packages().iter().filter(|package| package.assumed) {
            assert!(package.id.is_none() || package.source.contains("id seen"), "{}", package.name);
        }
    }

    #[test]
    fn an_extending_package_has_the_items_of_its_base() {
        let registry = Registry::default();
        let found = registry.item(ItemKind::Statistic, &PkgdName::new("RTP", "OS"));
        assert!(matches!(found, Lookup::Item(item) if item.name == "os"));
        assert_eq!(registry.item(ItemKind::Statistic, &PkgdName::new("rtp", "none")), Lookup::NoItem);
        assert_eq!(registry.item(ItemKind::Event, &PkgdName::new("tcpbcc", "other")), Lookup::Unknown);
        assert_eq!(registry.item(ItemKind::Event, &PkgdName::new("nosuch", "other")), Lookup::NoPackage);
    }

    #[test]
    fn types_decide_the_spelling_of_values() {
        let integer = ValueType::Integer { min: 0, max: 99 };
        assert!(integer.admits(&Value::plain("99")) && integer.admits(&Value::plain("$")));
        assert!(!integer.admits(&Value::plain("100")) && !integer.admits(&Value::quoted("9")));
        assert!(ValueType::String.admits(&Value::quoted("")) && !ValueType::String.admits(&Value::plain("x")));
        assert!(ValueType::Boolean.admits(&Value::plain("OFF")) && !ValueType::Boolean.admits(&Value::plain("1")));
        assert!(ValueType::Double.admits(&Value::plain("0.2")) && !ValueType::Double.admits(&Value::plain("nan")));
    }
}
