//! Names: case-blind text, and the package/item pairs built from it.

use std::{
    borrow::Cow,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
};

use super::owned::{IntoOwned, into_owned};

/// A name as it was spelled. Compares, orders and hashes without regard to ASCII case (H.248.1 B.1).
#[derive(Clone, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Name<'a>(Cow<'a, str>);

impl<'a> Name<'a> {
    /// The name `text`. The encoder replaces what the grammar does not allow in a name by `_`.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// The name as it was spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for `*`, which stands for every name.
    pub fn is_wildcard(&self) -> bool {
        self.as_str() == "*"
    }
}

impl Deref for Name<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Name<'_> {}

impl PartialEq<str> for Name<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl PartialEq<&str> for Name<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl PartialOrd for Name<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let lower = |name: &Self| -> Vec<u8> { name.0.to_ascii_lowercase().into_bytes() };
        lower(self).cmp(&lower(other))
    }
}

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for octet in self.0.bytes() {
            state.write_u8(octet.to_ascii_lowercase());
        }
        state.write_u8(0xFF);
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Name<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl IntoOwned for Name<'_> {
    type Owned = Name<'static>;

    fn into_owned(self) -> Self::Owned {
        Name(self.0.into_owned().into())
    }
}

/// A property, event, signal or statistic: `package/item`, each possibly `*` (H.248.1 Annex A, PkgdName).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PkgdName<'a> {
    /// Package name, or `*`.
    pub package: Name<'a>,
    /// Item name inside the package, or `*`.
    pub item: Name<'a>,
}

impl<'a> PkgdName<'a> {
    /// The item `item` of `package`.
    pub fn new(package: impl Into<Name<'a>>, item: impl Into<Name<'a>>) -> Self {
        Self { package: package.into(), item: item.into() }
    }

    /// True if this is `text`, given as `package/item`.
    pub fn is(&self, text: &str) -> bool {
        text.split_once('/').is_some_and(|(package, item)| self.package == package && self.item == item)
    }

    /// True if `other` is what this names, wildcards of this included.
    pub fn covers(&self, other: &PkgdName<'_>) -> bool {
        let covers = |one: &Name<'_>, other: &Name<'_>| one.is_wildcard() || one == other.as_str();
        covers(&self.package, &other.package) && covers(&self.item, &other.item)
    }
}

impl fmt::Display for PkgdName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.package, self.item)
    }
}

into_owned!(struct PkgdName { package, item });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case() {
        assert_eq!(Name::from("IpDc"), Name::from("iPdC"));
        assert!(PkgdName::new("G", "cause").is("g/CAUSE"));
        assert!(PkgdName::new("g", "*").covers(&PkgdName::new("G", "sc")));
        assert!(!PkgdName::new("g", "*").covers(&PkgdName::new("nt", "sc")));
    }
}
