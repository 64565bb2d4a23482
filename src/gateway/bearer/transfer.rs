//! Legs that go from one relay to another with everything they have: address, peer, TLS session, octets that wait
//! (H.248.1 7.2.4).

use super::{
    BearerState, LegId,
    connection::{Connection, ConnectionId},
    leg::Leg,
    relay::Relay,
};
use std::time::Instant;

/// A leg and its connections between two relays: [`Relay::detach`] gives it, [`Relay::join`] takes it.
#[derive(Debug)]
pub struct DetachedLeg {
    id: LegId,
    leg: Leg,
    connections: Vec<(ConnectionId, Connection)>,
}

impl DetachedLeg {
    /// Its connections as the relay it came from named them.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.connections.iter().map(|(id, _)| *id)
    }
}

impl Relay {
    /// Takes a leg out, and leaves the others as they are: nothing is ended, nothing reported. Carry out every
    /// [`Output`](super::Output) first: those to come speak of the legs that stay. `None` when it is not there.
    pub fn detach(&mut self, now: Instant, leg: LegId) -> Option<DetachedLeg> {
        if self.is_switched(leg)
            && let Some(bearer) = self.bearer(leg)
        {
            self.leave_conference(now, bearer);
        }
        let found = self.legs.remove(&leg)?;
        self.unblock(leg);
        let names: Vec<_> = self.of_leg(leg).map(|(id, _)| id).collect();
        let connections = names.into_iter().filter_map(|id| self.connections.remove_entry(&id)).collect();
        self.pump_all(now);
        Some(DetachedLeg { id: leg, leg: found, connections })
    }

    /// Takes a leg in. Its connections have new names here: pairs of the one before and the one from now on.
    pub fn join(&mut self, now: Instant, detached: DetachedLeg) -> Vec<(ConnectionId, ConnectionId)> {
        let DetachedLeg { id, mut leg, connections } = detached;
        let before = leg.owner.take();
        let mut renamed = Vec::new();
        for (old, mut connection) in connections {
            connection.arrive();
            let new = self.insert(connection);
            leg.owner = leg.owner.or((before == Some(old)).then_some(new));
            renamed.push((old, new));
        }
        let (owned, released, releasing) = (leg.owner.is_some(), leg.state == BearerState::Released, leg.releasing);
        self.legs.insert(id, leg);
        if owned {
            self.establish_other(now, id);
        } else if !released && !releasing {
            self.establish(now, id);
        }
        self.pump_all(now);
        renamed
    }

    /// Delivers whatever may go on now that the legs, or who may hear whom, are others.
    pub(super) fn pump_all(&mut self, now: Instant) {
        let legs: Vec<_> = self.legs.keys().copied().collect();
        legs.into_iter().for_each(|leg| self.pump(now, leg));
    }

    pub(super) fn set_topology(&mut self, now: Instant, blocked: Vec<(LegId, LegId)>) {
        self.blocked = blocked.into_iter().collect();
        self.pump_all(now);
    }

    /// May nothing pass from one leg to the other? H.248.1 7.1.18.
    pub(super) fn is_blocked(&self, from: LegId, to: LegId) -> bool {
        self.settings.policy.isolates(self.blocked.contains(&(from, to)))
    }

    /// Forgets what was said of a leg that is gone.
    pub(super) fn unblock(&mut self, leg: LegId) {
        self.blocked.retain(|(from, to)| *from != leg && *to != leg);
    }
}
