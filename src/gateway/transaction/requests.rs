//! The gateway's own requests: repeated until they are answered, or nobody answers.

use super::{Parts, Timers};
use crate::{
    gateway::control::Peer,
    wire::h248::{Segmentation, TransactionResult},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// A request of the gateway's own that awaits its reply.
#[derive(Debug)]
struct Outstanding<P> {
    to: Peer,
    octets: Vec<u8>,
    purpose: P,
    next: Instant,
    interval: Duration,
    dead: Instant,
    pendings: u32,
    parts: Parts,
}

/// What time has brought for a request of the gateway's own.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::gateway) enum Due<P> {
    /// Send it again.
    Repeat(Peer, Vec<u8>),
    /// Nobody answered within T-MAX.
    Lost(Peer, P),
}

/// The gateway's own requests until they are answered.
#[derive(Debug)]
pub(in crate::gateway) struct Requests<P> {
    outstanding: BTreeMap<u32, Outstanding<P>>,
    due: BTreeSet<(Instant, u32)>,
    next_id: u32,
}

impl<P> Requests<P> {
    pub(in crate::gateway) fn new(first_id: u32) -> Self {
        Self { outstanding: BTreeMap::new(), due: BTreeSet::new(), next_id: first_id.max(1) }
    }

    /// A transaction id nobody has. Zero is left out: it means "no id" in an error reply.
    pub(in crate::gateway) fn allot(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id = self.next_id.checked_add(1).unwrap_or(1);
        id
    }

    /// Is this the id of a request sent lately? Ids count upwards.
    pub(in crate::gateway) const fn was_sent(&self, id: u32) -> bool {
        const LATELY: u32 = 1024;
        let age = self.next_id.wrapping_sub(id);
        age > 0 && age <= LATELY
    }

    /// A request goes out. H.248.1 annex D.1.1.
    pub(in crate::gateway) fn sent(
        &mut self,
        now: Instant,
        id: u32,
        to: Peer,
        octets: Vec<u8>,
        purpose: P,
        timers: &Timers,
    ) {
        let interval = timers.retransmission;
        let dead = now + timers.give_up;
        let next = (now + interval).min(dead);
        self.due.insert((next, id));
        let (pendings, parts) = (0, Parts::default());
        self.outstanding.insert(id, Outstanding { to, octets, purpose, next, interval, dead, pendings, parts });
    }

    /// The peer answered: what the request was for. `None` for an answer nobody waits for.
    pub(in crate::gateway) fn answered(&mut self, id: u32) -> Option<(Peer, P)> {
        let outstanding = self.outstanding.remove(&id)?;
        self.due.remove(&(outstanding.next, id));
        Some((outstanding.to, outstanding.purpose))
    }

    /// The peer is at work: no repetition, but still an end. H.248.1 8.2.3. More than `limit` times is an error of the
    /// transaction, which nobody waits for any longer: what it was for.
    pub(in crate::gateway) fn pending(&mut self, now: Instant, id: u32, timers: &Timers, limit: u32) -> Option<P> {
        let outstanding = self.outstanding.get_mut(&id)?;
        if outstanding.pendings >= limit {
            return self.answered(id).map(|(_, purpose)| purpose);
        }
        outstanding.pendings += 1;
        self.patience(now, id, timers);
        None
    }

    /// A segment of a reply: the whole reply once it is there. `Err` for a segment of something nobody waits for, or that no
    /// reply has.
    pub(in crate::gateway) fn segment(
        &mut self,
        now: Instant,
        id: u32,
        segmentation: Segmentation,
        result: TransactionResult<'_>,
        timers: &Timers,
    ) -> Result<Option<TransactionResult<'static>>, ()> {
        let whole = self.outstanding.get_mut(&id).ok_or(())?.parts.add(segmentation, result)?;
        // The peer repeats the segments that are missing.
        self.patience(now, id, timers);
        Ok(whole)
    }

    /// The peer has the request: only the end is awaited.
    fn patience(&mut self, now: Instant, id: u32, timers: &Timers) {
        if let Some(outstanding) = self.outstanding.get_mut(&id) {
            self.due.remove(&(outstanding.next, id));
            outstanding.dead = now + timers.give_up;
            outstanding.next = outstanding.dead;
            self.due.insert((outstanding.next, id));
        }
    }

    /// Gives up the requests to which `no_longer` applies.
    pub(in crate::gateway) fn withdraw(&mut self, no_longer: impl Fn(&P) -> bool) {
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
    pub(in crate::gateway) fn due(&mut self, now: Instant, timers: &Timers) -> Option<Due<P>> {
        let &(at, id) = self.due.first().filter(|(at, _)| *at <= now)?;
        let outstanding = self.outstanding.get_mut(&id)?;
        self.due.remove(&(at, id));
        if outstanding.dead <= now {
            let Outstanding { to, purpose, .. } = self.outstanding.remove(&id)?;
            return Some(Due::Lost(to, purpose));
        }
        outstanding.interval = timers.longer(outstanding.interval);
        outstanding.next = (now + outstanding.interval).min(outstanding.dead);
        self.due.insert((outstanding.next, id));
        Some(Due::Repeat(outstanding.to, outstanding.octets.clone()))
    }

    /// When something is due.
    pub(in crate::gateway) fn timeout(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{epoch, peer},
        *,
    };

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
        assert_eq!(requests.pending(start, id, &timers, 1), None);
        assert_eq!(requests.timeout(), Some(start + timers.give_up));
        assert!(matches!(requests.due(start + timers.give_up, &timers), Some(Due::Lost(..))));
    }

    #[test]
    fn a_peer_that_only_says_pending_is_given_up() {
        let (now, timers) = (epoch(), Timers::default());
        let mut requests = Requests::new(1);
        requests.sent(now, 1, peer(), b"request".to_vec(), "purpose", &timers);
        assert_eq!(requests.pending(now, 2, &timers, 2), None, "nobody waits for that");
        assert_eq!(requests.pending(now, 1, &timers, 2), None);
        assert_eq!(requests.pending(now, 1, &timers, 2), None);
        assert_eq!(requests.pending(now, 1, &timers, 2), Some("purpose"));
        assert_eq!(requests.timeout(), None);
    }

    #[test]
    fn nothing_is_repeated_over_a_reliable_transport() {
        let (now, timers) = (epoch(), Timers::default());
        let mut requests = Requests::new(1);
        requests.sent(now, 1, peer(), b"request".to_vec(), "purpose", &timers.once());
        assert_eq!(requests.timeout(), Some(now + timers.give_up));
        assert_eq!(requests.due(now + timers.give_up, &timers), Some(Due::Lost(peer(), "purpose")));
    }
}
