//! Octets from one leg to the other.

use super::{
    FailureCause, LegId,
    connection::{Connection, ConnectionId, Incoming, Stage},
    msrp_b2bua::{Plan, Rewritten},
    relay::{HALF_CLOSE_TIMEOUT, Relay},
};
use std::time::Instant;

impl Relay {
    /// Where octets of a leg go: the other of two, those it is isolated from not counted. Participants of a conference have
    /// none.
    pub(super) fn counterpart(&self, leg: LegId) -> Option<LegId> {
        if self.is_switched(leg) {
            return None;
        }
        let isolated = |other: LegId| self.is_blocked(leg, other) && self.is_blocked(other, leg);
        let others = self.legs.iter().filter(|(id, found)| **id != leg && !found.releasing).map(|(id, _)| *id);
        let mut others = others.filter(|other| !isolated(*other));
        let other = others.next()?;
        others.next().is_none().then_some(other)
    }

    /// The connection that carries a leg's octets: its owner's, else one whose peer is not judged yet, which only a
    /// faulty policy lets through.
    pub(super) fn bearer(&self, leg: LegId) -> Option<ConnectionId> {
        let carries = |connection: &Connection| matches!(connection.stage, Stage::Carrying { .. } | Stage::Held { .. });
        match self.legs.get(&leg)?.owner {
            Some(owner) => self.connections.get(&owner).filter(|found| carries(found)).map(|_| owner),
            None => self.of_leg(leg).find(|(_, found)| carries(found)).map(|(id, _)| id),
        }
    }

    pub(super) fn is_carrying(&self, id: ConnectionId) -> bool {
        self.connections.get(&id).is_some_and(Connection::is_carrying)
    }

    /// Octets that wait for `leg` to take them.
    pub(super) fn pump_into(&mut self, now: Instant, leg: LegId) {
        if let Some(from) = self.counterpart(leg) {
            self.pump(now, from);
        }
        if self.is_switched(leg) {
            self.participants().into_iter().for_each(|participant| self.pump(now, participant));
        }
    }

    /// Delivers what came in on a leg, and its end when all is delivered.
    pub(super) fn pump(&mut self, now: Instant, leg: LegId) {
        let Some(from) = self.bearer(leg) else { return };
        if self.is_switched(leg) {
            self.switch(now, leg);
        } else if let Some(to) = self.counterpart(leg) {
            self.deliver(now, (leg, from), to);
        }
        let Some(source) = self.connections.get(&from) else { return };
        if let (Incoming::Ended(cause), false, true) = (source.incoming, source.has_inbound(), source.is_carrying()) {
            self.conclude(now, from, cause);
        }
    }

    fn deliver(&mut self, now: Instant, (leg, from): (LegId, ConnectionId), far: LegId) {
        let Some(to) = self.bearer(far) else { return };
        let policy = &self.settings.policy;
        let (Some(near_leg), Some(far_leg)) = (self.legs.get(&leg), self.legs.get(&far)) else { return };
        if self.is_blocked(leg, far)
            || !policy.may_forward(self.is_carrying(from), near_leg.setup.receives)
            || !policy.may_forward(self.is_carrying(to), far_leg.setup.sends)
            || !self.connections.get(&to).is_some_and(Connection::has_room)
        {
            return;
        }
        let plan = Plan::between(&near_leg.setup, &far_leg.setup);
        let Some(source) = self.connections.get_mut(&from).filter(|source| source.has_inbound()) else { return };
        if matches!(plan, Plan::Hold) {
            return;
        }
        let came = source.take_inbound();
        if let Stage::Carrying { half_closed: Some(until) } = &mut source.stage {
            *until = now + HALF_CLOSE_TIMEOUT;
        }
        let count = came.len();
        let ahead = source.msrp.take();
        let Some(sink) = self.connections.get_mut(&to) else { return };
        let mut octets = came;
        if let Plan::Rewrite(route) = plan {
            let (mut ahead, mut back) = (ahead.unwrap_or_default(), sink.msrp.take().unwrap_or_default());
            let Rewritten { out, rest, malformed } = ahead.rewrite(octets, to, route, policy.as_ref(), &mut back);
            let may_answer = policy.may_forward(true, near_leg.setup.sends);
            let answers = if may_answer { ahead.answers(&back) } else { Vec::new() };
            sink.msrp = Some(back).filter(|back| !back.is_idle());
            near_leg.counters.add_received((count - rest.len()) as u64);
            near_leg.counters.add_sent(answers.len() as u64);
            octets = out;
            if let Some(source) = self.connections.get_mut(&from) {
                source.msrp = Some(ahead).filter(|ahead| !ahead.is_idle());
                source.return_inbound(rest);
                if malformed {
                    source.condemn(FailureCause::MsrpMalformed);
                }
                if let Err(cause) = source.answer(answers) {
                    source.condemn(cause);
                }
            }
        } else {
            near_leg.counters.add_received(count as u64);
        }
        policy.forward(&mut octets);
        far_leg.counters.add_sent(octets.len() as u64);
        let Some(sink) = self.connections.get_mut(&to).filter(|_| !octets.is_empty()) else { return };
        if let Err(cause) = sink.send(octets) {
            sink.break_off(cause);
            self.pump(now, far);
        }
    }
}
