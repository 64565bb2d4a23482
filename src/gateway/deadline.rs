//! When time brings something at a termination: one entry for each that waits for anything, so that nothing is scanned.

use crate::wire::h248::Name;
use std::{
    collections::{BTreeMap, HashMap},
    time::Instant,
};

/// The next moment of every termination that has one, ROOT included. Holds at most one entry for each.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    by_time: BTreeMap<(Instant, u64), Name<'static>>,
    by_name: HashMap<Name<'static>, (Instant, u64)>,
    next: u64,
}

impl Deadlines {
    /// Sets or takes away the moment of a termination.
    pub(super) fn set(&mut self, name: &Name<'static>, at: Option<Instant>) {
        let before = if self.by_name.is_empty() { None } else { self.by_name.get(name).copied() };
        if before.map(|(at, _)| at) == at {
            return;
        }
        if let Some(key) = before {
            self.by_time.remove(&key);
            self.by_name.remove(name);
        }
        if let Some(at) = at {
            let key = (at, self.next);
            self.next = self.next.wrapping_add(1);
            self.by_time.insert(key, name.clone());
            self.by_name.insert(name.clone(), key);
        }
    }

    /// A termination whose moment has come; its entry goes.
    pub(super) fn due(&mut self, now: Instant) -> Option<Name<'static>> {
        let (key, _) = self.by_time.first_key_value().filter(|((at, _), _)| *at <= now)?;
        let key = *key;
        let name = self.by_time.remove(&key)?;
        self.by_name.remove(&name);
        Some(name)
    }

    /// When the next is due.
    pub(super) fn timeout(&self) -> Option<Instant> {
        self.by_time.first_key_value().map(|((at, _), _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_termination_has_one_moment_and_they_come_in_order() {
        #[expect(clippy::disallowed_methods, reason = "any instant serves as the origin of virtual time")]
        let now = Instant::now();
        let after = |seconds| now + Duration::from_secs(seconds);
        let (a, b) = (Name::from("ip/a/1"), Name::from("ip/a/2"));
        let mut deadlines = Deadlines::default();
        deadlines.set(&a, Some(after(1)));
        deadlines.set(&b, Some(after(2)));
        deadlines.set(&a, Some(after(3)));
        assert_eq!((deadlines.timeout(), deadlines.by_time.len()), (Some(after(2)), 2));
        assert_eq!(deadlines.due(after(1)), None);
        assert_eq!(deadlines.due(after(9)), Some(b));
        deadlines.set(&a, None);
        assert_eq!((deadlines.due(after(9)), deadlines.timeout()), (None, None));
        assert!(deadlines.by_name.is_empty());
    }
}
