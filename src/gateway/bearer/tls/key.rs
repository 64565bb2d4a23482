//! The key two ends of a bearer share before they meet, and the name it goes by (TS 33.328: the MIKEY-TICKET outcome).

use std::{fmt, sync::Arc};

/// A pre-shared key and its identity (RFC 4279, RFC 8446 4.2.11). Only its length and its identity are ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PreSharedKey {
    identity: Arc<str>,
    key: Arc<[u8]>,
}

impl PreSharedKey {
    /// Octets of a key, fewest and most: as strong as AES-128, and what both TLS versions can carry.
    pub const KEY_OCTETS: std::ops::RangeInclusive<usize> = 16..=256;
    /// Octets of an identity, fewest and most (RFC 4279 5.3 asks for 128 at least).
    pub const IDENTITY_OCTETS: std::ops::RangeInclusive<usize> = 1..=128;

    /// A key under an identity; `None` when either is of a length that cannot be used, or the identity holds a NUL.
    pub fn new(identity: &str, key: &[u8]) -> Option<Self> {
        let usable = Self::KEY_OCTETS.contains(&key.len())
            && Self::IDENTITY_OCTETS.contains(&identity.len())
            && !identity.contains('\0');
        usable.then(|| Self { identity: identity.into(), key: key.into() })
    }

    /// The name the key goes by; travels in the clear.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The key itself.
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

impl fmt::Debug for PreSharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A log is no place for the key.
        f.debug_struct("PreSharedKey").field("identity", &self.identity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_not_shown() {
        let key = PreSharedKey::new("alice", &[0xA5; 16]).unwrap();
        let shown = format!("{key:?}");
        assert!(shown.contains("alice") && !shown.contains("165") && !shown.to_lowercase().contains("a5"), "{shown}");
    }

    #[test]
    fn weak_and_nameless_keys_are_refused() {
        assert_eq!(PreSharedKey::new("alice", &[1; 15]), None);
        assert_eq!(PreSharedKey::new("alice", &[1; 257]), None);
        assert_eq!(PreSharedKey::new("", &[1; 16]), None);
        assert_eq!(PreSharedKey::new("al\0ice", &[1; 16]), None);
    }
}
