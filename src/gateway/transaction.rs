//! Transactions in both directions, H.248.1 annex D.1: what was received is executed at most once, what is sent is repeated
//! until it is answered. Octets only: what they mean is somebody else's.

use super::control::Peer;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

/// How long the gateway waits and remembers. H.248.1 annex D.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// First retransmission of a request of the gateway's own; each further one waits twice as long.
    pub retransmission: Duration,
    /// Longest wait between two retransmissions.
    pub retransmission_limit: Duration,
    /// T-MAX: when a request counts as lost, and the MGC with it.
    pub give_up: Duration,
    /// LONG-TIMER: how long a received transaction is remembered.
    pub long: Duration,
    /// How long execution of a request takes at least. Zero for a gateway that is quick; more makes one that says Pending.
    pub execution: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            retransmission: Duration::from_millis(200),
            retransmission_limit: Duration::from_secs(4),
            give_up: Duration::from_secs(25),
            long: Duration::from_secs(30),
            execution: Duration::ZERO,
        }
    }
}

/// What to do with a transaction request that arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Never seen within LONG-TIMER: execute.
    New,
    /// Answered before: send these octets again.
    Answered(Vec<u8>),
    /// Being executed: Pending.
    Running,
    /// Answered and acknowledged: nothing to say.
    Acknowledged,
    /// No memory for one more: refuse without execution.
    Full,
}

#[derive(Debug)]
enum Received {
    Running { pendings: u32 },
    Answered(Vec<u8>),
    Acknowledged,
}

/// Who sent a transaction, and its id: what identifies it for LONG-TIMER.
pub(super) type TransactionKey = (String, u32);

/// Transactions received within LONG-TIMER.
#[derive(Debug)]
pub(super) struct Replies {
    received: BTreeMap<TransactionKey, Received>,
    expiry: VecDeque<(Instant, TransactionKey)>,
    long: Duration,
    octets: usize,
    octets_limit: usize,
    count_limit: usize,
}

impl Replies {
    pub(super) fn new(long: Duration, count_limit: usize, octets_limit: usize) -> Self {
        Self { received: BTreeMap::new(), expiry: VecDeque::new(), long, octets: 0, octets_limit, count_limit }
    }

    /// Judges a request by what is remembered, and remembers it.
    pub(super) fn admit(&mut self, now: Instant, key: &TransactionKey) -> Admission {
        self.forget(now);
        let full = self.received.len() >= self.count_limit || self.octets >= self.octets_limit;
        match self.received.get_mut(key) {
            Some(Received::Running { pendings }) => {
                *pendings = pendings.saturating_add(1);
                Admission::Running
            }
            Some(Received::Answered(octets)) => Admission::Answered(octets.clone()),
            Some(Received::Acknowledged) => Admission::Acknowledged,
            None if full => Admission::Full,
            None => {
                self.received.insert(key.clone(), Received::Running { pendings: 0 });
                self.expiry.push_back((now + self.long, key.clone()));
                Admission::New
            }
        }
    }

    /// How often Pending was sent for a transaction that still runs.
    pub(super) fn pendings(&self, key: &TransactionKey) -> u32 {
        match self.received.get(key) {
            Some(Received::Running { pendings }) => *pendings,
            _ => 0,
        }
    }

    /// Stores the reply of an admitted request.
    pub(super) fn answered(&mut self, key: &TransactionKey, octets: &[u8]) {
        if let Some(received) = self.received.get_mut(key) {
            self.octets = self.octets.saturating_add(octets.len());
            *received = Received::Answered(octets.to_vec());
        }
    }

    /// The peer has these replies: their octets may go, their ids stay for LONG-TIMER.
    pub(super) fn acknowledged(&mut self, mid: &str, first: u32, last: u32) {
        // A range costs what it covers; a peer that acknowledges everything over and over must not cost more than memory.
        const MOST: usize = 1024;
        if first > last {
            return;
        }
        for (_, received) in self.received.range_mut((mid.to_owned(), first)..=(mid.to_owned(), last)).take(MOST) {
            if let Received::Answered(octets) = received {
                self.octets = self.octets.saturating_sub(octets.len());
                *received = Received::Acknowledged;
            }
        }
    }

    /// Drops what is older than LONG-TIMER.
    pub(super) fn forget(&mut self, now: Instant) {
        while self.expiry.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, key)) = self.expiry.pop_front() else { break };
            if let Some(Received::Answered(octets)) = self.received.remove(&key) {
                self.octets = self.octets.saturating_sub(octets.len());
            }
        }
    }

    /// When the oldest is to be forgotten.
    pub(super) fn timeout(&self) -> Option<Instant> {
        self.expiry.front().map(|(at, _)| *at)
    }
}

/// A request of the gateway's own that awaits its reply.
#[derive(Debug)]
struct Outstanding<P> {
    to: Peer,
    octets: Vec<u8>,
    purpose: P,
    next: Instant,
    interval: Duration,
    dead: Instant,
}

/// What time has brought for a request of the gateway's own.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due<P> {
    /// Send it again.
    Repeat(Peer, Vec<u8>),
    /// Nobody answered within T-MAX.
    Lost(Peer, P),
}

/// The gateway's own requests until they are answered.
#[derive(Debug)]
pub(super) struct Requests<P> {
    outstanding: BTreeMap<u32, Outstanding<P>>,
    due: BTreeSet<(Instant, u32)>,
    next_id: u32,
}

impl<P> Requests<P> {
    pub(super) fn new(first_id: u32) -> Self {
        Self { outstanding: BTreeMap::new(), due: BTreeSet::new(), next_id: first_id.max(1) }
    }

    /// A transaction id nobody has. Zero is left out: it means "no id" in an error reply.
    pub(super) fn allot(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id = self.next_id.checked_add(1).unwrap_or(1);
        id
    }

    /// A request goes out.
    pub(super) fn sent(&mut self, now: Instant, id: u32, to: Peer, octets: Vec<u8>, purpose: P, timers: &Timers) {
        let next = now + timers.retransmission;
        self.due.insert((next, id));
        let dead = now + timers.give_up;
        self.outstanding.insert(id, Outstanding { to, octets, purpose, next, interval: timers.retransmission, dead });
    }

    /// The peer answered: what the request was for. `None` for an answer nobody waits for.
    pub(super) fn answered(&mut self, id: u32) -> Option<(Peer, P)> {
        let outstanding = self.outstanding.remove(&id)?;
        self.due.remove(&(outstanding.next, id));
        Some((outstanding.to, outstanding.purpose))
    }

    /// The peer is at work: no repetition, but still an end. H.248.1 8.2.3.
    pub(super) fn pending(&mut self, now: Instant, id: u32, timers: &Timers) {
        if let Some(outstanding) = self.outstanding.get_mut(&id) {
            self.due.remove(&(outstanding.next, id));
            outstanding.dead = now + timers.give_up;
            outstanding.next = outstanding.dead;
            self.due.insert((outstanding.next, id));
        }
    }

    /// Gives up the requests to which `no_longer` applies.
    pub(super) fn withdraw(&mut self, no_longer: impl Fn(&P) -> bool) {
        let due = &mut self.due;
        self.outstanding.retain(|id, outstanding| {
            let keep = !no_longer(&outstanding.purpose);
            if !keep {
                due.remove(&(outstanding.next, *id));
            }
            keep
        });
    }

    /// The next thing that time has brought, if any.
    pub(super) fn due(&mut self, now: Instant, timers: &Timers) -> Option<Due<P>> {
        let &(at, id) = self.due.first().filter(|(at, _)| *at <= now)?;
        let outstanding = self.outstanding.get_mut(&id)?;
        self.due.remove(&(at, id));
        if outstanding.dead <= now {
            let Outstanding { to, purpose, .. } = self.outstanding.remove(&id)?;
            return Some(Due::Lost(to, purpose));
        }
        outstanding.interval = (outstanding.interval * 2).min(timers.retransmission_limit);
        outstanding.next = (now + outstanding.interval).min(outstanding.dead);
        self.due.insert((outstanding.next, id));
        Some(Due::Repeat(outstanding.to, outstanding.octets.clone()))
    }

    /// When something is due.
    pub(super) fn timeout(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::control::AssociationId;

    fn epoch() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "any instant serves as the origin of virtual time")]
        Instant::now()
    }

    fn key(id: u32) -> TransactionKey {
        ("mgc".into(), id)
    }

    fn peer() -> Peer {
        Peer { association: AssociationId(0), address: ([127, 0, 0, 1], 2944).into() }
    }

    #[test]
    fn a_transaction_is_remembered_for_the_long_timer() {
        let (now, timers) = (epoch(), Timers::default());
        let mut replies = Replies::new(timers.long, 9, 9999);
        assert_eq!(replies.admit(now, &key(1)), Admission::New);
        assert_eq!(replies.admit(now, &key(1)), Admission::Running);
        assert_eq!(replies.pendings(&key(1)), 1);
        replies.answered(&key(1), b"reply");
        assert_eq!(replies.admit(now + timers.long / 2, &key(1)), Admission::Answered(b"reply".to_vec()));
        assert_eq!(replies.admit(now + timers.long, &key(1)), Admission::New);
    }

    #[test]
    fn an_acknowledged_reply_keeps_its_id_only() {
        let now = epoch();
        let mut replies = Replies::new(Duration::from_secs(30), 9, 9999);
        replies.admit(now, &key(7));
        replies.answered(&key(7), b"reply");
        replies.acknowledged("another", 0, u32::MAX);
        assert_eq!(replies.admit(now, &key(7)), Admission::Answered(b"reply".to_vec()));
        replies.acknowledged("mgc", 0, u32::MAX);
        assert_eq!(replies.admit(now, &key(7)), Admission::Acknowledged);
        assert_eq!(replies.octets, 0);
    }

    #[test]
    fn memory_for_replies_is_bounded() {
        let now = epoch();
        let mut replies = Replies::new(Duration::from_secs(30), 2, 9999);
        assert_eq!(replies.admit(now, &key(1)), Admission::New);
        assert_eq!(replies.admit(now, &key(2)), Admission::New);
        assert_eq!(replies.admit(now, &key(3)), Admission::Full);
        let mut replies = Replies::new(Duration::from_secs(30), 9, 4);
        replies.admit(now, &key(1));
        replies.answered(&key(1), b"reply");
        assert_eq!(replies.admit(now, &key(3)), Admission::Full);
    }

    #[test]
    fn an_unanswered_request_is_repeated_ever_more_slowly_then_given_up() {
        let (start, timers) = (epoch(), Timers::default());
        let mut requests = Requests::new(1);
        let id = requests.allot();
        requests.sent(start, id, peer(), b"request".to_vec(), "purpose", &timers);
        let mut waits = Vec::new();
        let mut before = start;
        loop {
            let at = requests.timeout().expect("something is due until the end");
            waits.push((at - before).as_millis());
            before = at;
            match requests.due(at, &timers) {
                Some(Due::Repeat(..)) => {}
                Some(Due::Lost(_, purpose)) => break assert_eq!(purpose, "purpose"),
                None => panic!("time-out without cause"),
            }
        }
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 4000, 4000, 4000, 4000, 2800]);
        assert_eq!(requests.timeout(), None);
    }

    #[test]
    fn pending_stops_the_repetition_but_not_the_end() {
        let (start, timers) = (epoch(), Timers::default());
        let mut requests = Requests::new(1);
        let id = requests.allot();
        requests.sent(start, id, peer(), b"request".to_vec(), (), &timers);
        requests.pending(start, id, &timers);
        assert_eq!(requests.timeout(), Some(start + timers.give_up));
        assert!(matches!(requests.due(start + timers.give_up, &timers), Some(Due::Lost(..))));
    }
}
