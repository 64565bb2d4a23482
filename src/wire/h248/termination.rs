//! Terminations: one, a wildcard, or a list.

use std::fmt;

use super::{Name, owned::into_owned};

/// Names a termination, or several (H.248.1 6.2.2, B.2 TerminationID).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum TerminationId<'a> {
    /// `ROOT`: the gateway itself.
    Root,
    /// `$`: the gateway chooses.
    Choose,
    /// `*`: every termination but ROOT.
    All,
    /// A path, possibly with `*` or `$` inside (`ip/*/3`, `ip/$`).
    Path(Name<'a>),
}

impl<'a> TerminationId<'a> {
    /// ROOT.
    pub const fn root() -> Self {
        Self::Root
    }

    /// `$`.
    pub const fn choose() -> Self {
        Self::Choose
    }

    /// A path; `ROOT`, `$` and `*` give what they mean.
    pub fn path(text: impl Into<Name<'a>>) -> Self {
        let name = text.into();
        match name.as_str() {
            "$" => Self::Choose,
            "*" => Self::All,
            root if root.eq_ignore_ascii_case("ROOT") => Self::Root,
            _ => Self::Path(name),
        }
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Root => "ROOT",
            Self::Choose => "$",
            Self::All => "*",
            Self::Path(name) => name,
        }
    }

    /// True if the gateway has to choose all or part of it.
    pub fn has_choose(&self) -> bool {
        self.as_str().contains('$')
    }

    /// True if it may stand for several terminations.
    pub fn has_wildcard(&self) -> bool {
        self.as_str().contains('*')
    }

    /// True if it names exactly one termination.
    pub fn is_concrete(&self) -> bool {
        !self.has_choose() && !self.has_wildcard()
    }

    /// True if `other`, a concrete id, is among what this names: `*` matches everything but ROOT, a `*` inside a path any
    /// run of characters between two slashes, a last `*` also what follows further slashes.
    pub fn matches(&self, other: &TerminationId<'_>) -> bool {
        match (self, other) {
            (Self::All, other) => *other != TerminationId::Root,
            (Self::Path(pattern), TerminationId::Path(path)) if self.has_wildcard() => {
                path_matches(pattern.as_bytes(), path.as_bytes())
            }
            _ => self.as_str().eq_ignore_ascii_case(other.as_str()),
        }
    }
}

/// Greedy glob with one point of return: linear in pattern × path, both at most 64 octets on the wire.
fn path_matches(pattern: &[u8], path: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while let Some(&octet) = path.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                back = Some((p, t));
            }
            Some(wanted) if wanted.eq_ignore_ascii_case(&octet) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after_star, from)) = back else { return false };
                // A `*` with more pattern behind it stays inside its path element.
                if path.get(from) == Some(&b'/') && after_star < pattern.len() {
                    return false;
                }
                (p, t) = (after_star, from + 1);
                back = Some((after_star, from + 1));
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|&octet| octet == b'*')
}

impl PartialEq<str> for TerminationId<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str().eq_ignore_ascii_case(other)
    }
}

impl PartialEq<&str> for TerminationId<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str().eq_ignore_ascii_case(other)
    }
}

impl fmt::Display for TerminationId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'a> From<&'a str> for TerminationId<'a> {
    fn from(text: &'a str) -> Self {
        Self::path(text)
    }
}

impl From<String> for TerminationId<'_> {
    fn from(text: String) -> Self {
        Self::path(text)
    }
}

into_owned!(
    enum TerminationId {
        Root,
        Choose,
        All,
        Path(name),
    }
);

/// The terminations a command is for: one, or with version 3 `[a, b …]`. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TerminationIdList<'a> {
    first: TerminationId<'a>,
    others: Vec<TerminationId<'a>>,
}

impl<'a> TerminationIdList<'a> {
    /// `first` and then `others`.
    pub const fn new(first: TerminationId<'a>, others: Vec<TerminationId<'a>>) -> Self {
        Self { first, others }
    }

    /// The only or first termination.
    pub const fn first(&self) -> &TerminationId<'a> {
        &self.first
    }

    /// The termination, when there is only one.
    pub const fn single(&self) -> Option<&TerminationId<'a>> {
        if self.others.is_empty() { Some(&self.first) } else { None }
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = &TerminationId<'a>> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl<'a, T: Into<TerminationId<'a>>> From<T> for TerminationIdList<'a> {
    fn from(only: T) -> Self {
        Self { first: only.into(), others: Vec::new() }
    }
}

into_owned!(struct TerminationIdList { first, others });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_never_matches_root() {
        assert!(!TerminationId::All.matches(&TerminationId::Root));
        assert!(TerminationId::from("root").matches(&TerminationId::Root));
    }

    #[test]
    fn a_wildcard_inside_a_path_stays_inside_its_element() {
        let matches = |pattern: &str, path: &str| TerminationId::from(pattern).matches(&TerminationId::from(path));
        assert!(matches("ip/*/3", "IP/access/3"));
        assert!(!matches("ip/*/3", "ip/access/x/3"));
        assert!(matches("ip/*", "ip/access/3"));
        assert!(!matches("ip/*", "tdm/1"));
        assert!(!matches("ip/*/3", "ip/access/4"));
    }
}
