//! Transactions received: what was answered, what is being executed, what still awaits its acknowledgement.

use super::Timers;
use crate::gateway::control::Peer;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

/// What to do with a transaction request that arrived.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::gateway) enum Admission {
    /// Never seen within LONG-TIMER: execute.
    New,
    /// Answered before: send these messages again.
    Answered(Vec<Vec<u8>>),
    /// Being executed: Pending.
    Running,
    /// Answered and acknowledged: nothing to say.
    Acknowledged,
    /// No memory for one more: refuse without execution.
    Full,
}

#[derive(Debug)]
enum Received {
    Running {
        pendings: u32,
    },
    /// The messages of the reply, more than one when it is segmented; those acknowledged are empty.
    Answered(Vec<Vec<u8>>),
    Acknowledged,
}

impl Received {
    fn octets(&self) -> usize {
        match self {
            Self::Answered(messages) => messages.iter().map(Vec::len).sum(),
            _ => 0,
        }
    }
}

/// Who sent a transaction, and its id: what identifies it for LONG-TIMER, whatever way it came.
pub(in crate::gateway) type TransactionKey = (Arc<str>, u32);

/// A reply repeated until it is acknowledged.
#[derive(Debug)]
struct Repetition {
    to: Peer,
    next: Instant,
    interval: Duration,
    dead: Instant,
}

/// Transactions received within LONG-TIMER, as far as memory goes: beyond its bounds the oldest are forgotten, whose
/// repetition is the least likely.
#[derive(Debug)]
pub(in crate::gateway) struct Replies {
    received: BTreeMap<TransactionKey, Received>,
    expiry: VecDeque<(Instant, TransactionKey)>,
    repetitions: BTreeMap<TransactionKey, Repetition>,
    due: BTreeSet<(Instant, TransactionKey)>,
    /// The name last seen: transactions of one MGC share it.
    name: Arc<str>,
    long: Duration,
    octets: usize,
    octets_limit: usize,
    count_limit: usize,
}

/// What remembering a transaction costs besides its reply, about.
const OVERHEAD: usize = 128;

impl Replies {
    pub(in crate::gateway) fn new(long: Duration, count_limit: usize, octets_limit: usize) -> Self {
        Self {
            received: BTreeMap::new(),
            expiry: VecDeque::new(),
            repetitions: BTreeMap::new(),
            due: BTreeSet::new(),
            name: Arc::from(""),
            long,
            octets: 0,
            octets_limit,
            count_limit,
        }
    }

    /// The key of a transaction from a sender of this name, in lower case.
    pub(in crate::gateway) fn key(&mut self, mid: &str, id: u32) -> TransactionKey {
        if *self.name != *mid {
            self.name = Arc::from(mid);
        }
        (Arc::clone(&self.name), id)
    }

    /// Judges a request by what is remembered, and remembers it.
    pub(in crate::gateway) fn admit(&mut self, now: Instant, key: &TransactionKey) -> Admission {
        self.forget(now);
        match self.received.get(key) {
            Some(Received::Running { .. }) => Admission::Running,
            Some(Received::Answered(messages)) => {
                Admission::Answered(messages.iter().filter(|octets| !octets.is_empty()).cloned().collect())
            }
            Some(Received::Acknowledged) => Admission::Acknowledged,
            None => self.remember(now, key),
        }
    }

    fn remember(&mut self, now: Instant, key: &TransactionKey) -> Admission {
        if !self.make_room() {
            return Admission::Full;
        }
        self.received.insert(key.clone(), Received::Running { pendings: 0 });
        self.octets = self.octets.saturating_add(OVERHEAD);
        self.expiry.push_back((now + self.long, key.clone()));
        Admission::New
    }

    /// How often Pending was sent for a transaction that still runs; `None` when it does not.
    pub(in crate::gateway) fn pendings(&self, key: &TransactionKey) -> Option<u32> {
        match self.received.get(key) {
            Some(Received::Running { pendings }) => Some(*pendings),
            _ => None,
        }
    }

    /// A Pending goes out for a transaction that runs.
    pub(in crate::gateway) fn pending_sent(&mut self, key: &TransactionKey) {
        if let Some(Received::Running { pendings }) = self.received.get_mut(key) {
            *pendings = pendings.saturating_add(1);
        }
    }

    /// Stores the reply of an admitted request.
    pub(in crate::gateway) fn answered(&mut self, key: &TransactionKey, messages: Vec<Vec<u8>>) {
        if let Some(received) = self.received.get_mut(key) {
            self.octets = self.octets.saturating_sub(received.octets());
            *received = Received::Answered(messages);
            self.octets = self.octets.saturating_add(received.octets());
        }
    }

    /// Repeats a stored reply until the peer acknowledges it: it asks no more itself, since a Pending went before or this
    /// is a segment. H.248.1 8.2.3, annex D.1.4.
    pub(in crate::gateway) fn repeat(&mut self, now: Instant, key: &TransactionKey, to: Peer, timers: &Timers) {
        if !self.received.contains_key(key) {
            return;
        }
        self.rest(key);
        let interval = timers.retransmission;
        let next = now + interval;
        self.due.insert((next, key.clone()));
        self.repetitions.insert(key.clone(), Repetition { to, next, interval, dead: now + timers.give_up });
    }

    /// The next stored reply to send again, if its time has come.
    pub(in crate::gateway) fn due(&mut self, now: Instant, timers: &Timers) -> Option<(Peer, Vec<Vec<u8>>)> {
        loop {
            let (at, key) = self.due.first().filter(|(at, _)| *at <= now)?.clone();
            self.due.remove(&(at, key.clone()));
            let Some(repetition) = self.repetitions.get_mut(&key) else { continue };
            let Some(Received::Answered(messages)) = self.received.get(&key) else {
                self.repetitions.remove(&key);
                continue;
            };
            if repetition.dead <= now {
                self.repetitions.remove(&key);
                continue;
            }
            repetition.interval = timers.longer(repetition.interval);
            repetition.next = (now + repetition.interval).min(repetition.dead);
            self.due.insert((repetition.next, key));
            let messages = messages.iter().filter(|octets| !octets.is_empty()).cloned().collect();
            return Some((repetition.to, messages));
        }
    }

    /// The peer has these replies: their octets may go, their ids stay for LONG-TIMER.
    pub(in crate::gateway) fn acknowledged(&mut self, mid: &str, first: u32, last: u32) {
        // A range costs what it covers; a peer that acknowledges everything over and over must not cost more than memory.
        const MOST: usize = 1024;
        if first > last {
            return;
        }
        let range = self.key(mid, first)..=self.key(mid, last);
        let mut done = Vec::new();
        for (key, received) in self.received.range_mut(range).take(MOST) {
            if matches!(received, Received::Answered(_)) {
                self.octets = self.octets.saturating_sub(received.octets());
                *received = Received::Acknowledged;
                done.push(key.clone());
            }
        }
        done.iter().for_each(|key| self.rest(key));
    }

    /// The peer has this segment of a reply; with the last one it has the reply.
    pub(in crate::gateway) fn segment_acknowledged(&mut self, mid: &str, id: u32, number: u16) {
        let key = self.key(mid, id);
        let Some(received) = self.received.get_mut(&key) else { return };
        let Received::Answered(messages) = received else { return };
        let index = usize::from(number).checked_sub(1);
        // Only a reply that is segmented is acknowledged by segments.
        let Some(octets) = index.filter(|_| messages.len() > 1).and_then(|index| messages.get_mut(index)) else {
            return;
        };
        self.octets = self.octets.saturating_sub(octets.len());
        *octets = Vec::new();
        if messages.iter().all(Vec::is_empty) {
            *received = Received::Acknowledged;
            self.rest(&key);
        }
    }

    /// Drops what is older than LONG-TIMER.
    pub(in crate::gateway) fn forget(&mut self, now: Instant) {
        while self.expiry.front().is_some_and(|(at, _)| *at <= now) {
            self.forget_oldest();
        }
    }

    /// When the oldest is to be forgotten, or one is to be repeated.
    pub(in crate::gateway) fn timeout(&self) -> Option<Instant> {
        let expiry = self.expiry.front().map(|(at, _)| *at);
        expiry.into_iter().chain(self.due.first().map(|(at, _)| *at)).min()
    }

    /// Room for one more; false when the oldest is still being executed.
    fn make_room(&mut self) -> bool {
        while self.received.len() >= self.count_limit || self.octets >= self.octets_limit {
            let runs = self.expiry.front().is_none_or(|(_, key)| self.pendings(key).is_some());
            if runs {
                return false;
            }
            self.forget_oldest();
        }
        true
    }

    fn forget_oldest(&mut self) {
        let Some((_, key)) = self.expiry.pop_front() else { return };
        if let Some(received) = self.received.remove(&key) {
            self.octets = self.octets.saturating_sub(received.octets() + OVERHEAD);
        }
        self.rest(&key);
    }

    /// No more repetition of this reply.
    fn rest(&mut self, key: &TransactionKey) {
        if let Some(repetition) = self.repetitions.remove(key) {
            self.due.remove(&(repetition.next, key.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{epoch, peer},
        *,
    };

    fn key(id: u32) -> TransactionKey {
        ("mgc".into(), id)
    }

    fn replies(count: usize, octets: usize) -> Replies {
        Replies::new(Timers::default().long, count, octets)
    }

    fn answered(text: &str) -> Admission {
        Admission::Answered(vec![text.into()])
    }

    #[test]
    fn a_transaction_is_remembered_for_the_long_timer() {
        let (now, long) = (epoch(), Timers::default().long);
        let mut replies = replies(9, 9999);
        assert_eq!(replies.admit(now, &key(1)), Admission::New);
        assert_eq!(replies.admit(now, &key(1)), Admission::Running);
        replies.pending_sent(&key(1));
        assert_eq!(replies.pendings(&key(1)), Some(1));
        replies.answered(&key(1), vec![b"reply".to_vec()]);
        assert_eq!(replies.admit(now + long / 2, &key(1)), answered("reply"));
        assert_eq!(replies.admit(now + long, &key(1)), Admission::New);
    }

    #[test]
    fn an_acknowledged_reply_keeps_its_id_only() {
        let now = epoch();
        let mut replies = replies(9, 9999);
        replies.admit(now, &key(7));
        replies.answered(&key(7), vec![b"reply".to_vec()]);
        replies.acknowledged("another", 0, u32::MAX);
        assert_eq!(replies.admit(now, &key(7)), answered("reply"));
        replies.acknowledged("mgc", 0, u32::MAX);
        assert_eq!(replies.admit(now, &key(7)), Admission::Acknowledged);
        assert_eq!(replies.octets, OVERHEAD);
        replies.forget(now + Timers::default().long);
        assert_eq!((replies.octets, replies.received.len()), (0, 0));
    }

    #[test]
    fn beyond_memory_the_oldest_is_forgotten_unless_it_runs() {
        let now = epoch();
        let mut counted = replies(2, 9999);
        for id in 1..=3 {
            assert_eq!(counted.admit(now, &key(id)), Admission::New);
            counted.answered(&key(id), vec![b"reply".to_vec()]);
        }
        assert_eq!(counted.admit(now, &key(2)), answered("reply"));
        assert_eq!(counted.admit(now, &key(1)), Admission::New);
        let mut running = replies(1, 9999);
        assert_eq!(running.admit(now, &key(1)), Admission::New);
        assert_eq!(running.admit(now, &key(2)), Admission::Full);
        let mut weighed = replies(9, 2 * OVERHEAD);
        for id in 1..=9 {
            assert_eq!(weighed.admit(now, &key(id)), Admission::New);
            weighed.answered(&key(id), vec![vec![b'x'; OVERHEAD]]);
            assert!(weighed.octets <= 3 * OVERHEAD, "{}", weighed.octets);
        }
    }

    #[test]
    fn a_reply_that_wants_an_acknowledgement_is_repeated_until_it_comes_or_nobody_cares() {
        let (now, timers) = (epoch(), Timers::default());
        for acknowledged in [true, false] {
            let mut replies = replies(9, 9999);
            replies.admit(now, &key(1));
            replies.answered(&key(1), vec![b"reply".to_vec()]);
            replies.repeat(now, &key(1), peer(), &timers);
            let first = replies.timeout().expect("a repetition");
            assert_eq!(first, now + timers.retransmission);
            assert_eq!(replies.due(first, &timers), Some((peer(), vec![b"reply".to_vec()])));
            assert_eq!(replies.due(first, &timers), None);
            if acknowledged {
                replies.acknowledged("mgc", 1, 1);
            }
            let end = now + timers.give_up;
            let mut again = 0;
            while let Some(at) = replies.timeout().filter(|at| *at <= end) {
                again += usize::from(replies.due(at, &timers).is_some());
            }
            assert_eq!(again, if acknowledged { 0 } else { 8 });
        }
    }

    #[test]
    fn only_segments_not_acknowledged_are_repeated() {
        let (now, timers) = (epoch(), Timers::default());
        let mut replies = replies(9, 9999);
        replies.admit(now, &key(1));
        replies.answered(&key(1), vec![b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
        replies.repeat(now, &key(1), peer(), &timers);
        for number in [0, 2, 2, 4] {
            replies.segment_acknowledged("mgc", 1, number);
        }
        let left = vec![b"one".to_vec(), b"three".to_vec()];
        assert_eq!(replies.due(now + timers.retransmission, &timers), Some((peer(), left.clone())));
        assert_eq!(replies.admit(now, &key(1)), Admission::Answered(left));
        replies.segment_acknowledged("mgc", 1, 1);
        replies.segment_acknowledged("mgc", 1, 3);
        assert_eq!(replies.admit(now, &key(1)), Admission::Acknowledged);
        assert_eq!((replies.octets, replies.due.len()), (OVERHEAD, 0));
    }
}
