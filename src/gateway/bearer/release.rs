//! How bearers end: TLS, then TCP, then the port (TR 4.3.4, 4.4.3), and how the end of one leg's spreads to the other.

use super::{
    BearerEvent, BearerState, FailureCause, LegId,
    connection::{Connection, ConnectionId, Incoming, Outgoing, Stage},
    relay::{HALF_CLOSE_TIMEOUT, LINGER_TIMEOUT, Output, Relay},
};
use std::time::Instant;

impl Relay {
    /// Releases a leg on the MGC's order.
    pub(super) fn release(&mut self, now: Instant, leg: LegId) {
        let Some(found) = self.legs.get_mut(&leg) else { return };
        found.releasing = true;
        let connections: Vec<_> = self.of_leg(leg).map(|(id, _)| id).collect();
        for id in connections {
            self.leave(now, id, Connection::finish);
        }
        self.retire(leg);
    }

    /// Takes a connection from its leg and closes it: what waits goes out, then the end that `how` chooses.
    pub(super) fn leave(&mut self, now: Instant, id: ConnectionId, how: fn(&mut Connection)) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if let Some(leg) = self.legs.get_mut(&connection.leg) {
            leg.owner = leg.owner.filter(|owner| *owner != id);
        }
        match connection.stage {
            Stage::Closing { .. } => {}
            Stage::Connecting { .. } => self.abort(id),
            Stage::Handshaking { .. } | Stage::Held { .. } | Stage::Carrying { .. } => {
                how(connection);
                connection.stage = Stage::Closing { until: now + LINGER_TIMEOUT };
                self.settle(id);
            }
        }
    }

    /// The peer ended a bearer, and all it brought is delivered: that is reported and passed on.
    pub(super) fn conclude(&mut self, now: Instant, id: ConnectionId, cause: FailureCause) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.incoming = Incoming::Concluded;
        let gateway_ended_too = connection.outgoing != Outgoing::Open;
        let leg = connection.leg;
        self.report_ended(leg, cause);
        let far = self.spreads_to(leg);
        match (cause, far) {
            (FailureCause::Released, Some(far)) => {
                self.end_direction(now, far);
                // A far peer that still sends keeps the other direction alive.
                if gateway_ended_too || !self.is_carrying(far) {
                    self.leave(now, id, Connection::finish);
                }
            }
            (FailureCause::Released, None) => self.leave(now, id, Connection::finish),
            (_, far) => {
                self.leave(now, id, Connection::give_up);
                if let Some(far) = far {
                    self.cut_off(now, far);
                }
            }
        }
    }

    /// A bearer of which one direction had ended in order lost the other.
    pub(super) fn cut(&mut self, now: Instant, id: ConnectionId) {
        let far = self.connections.get(&id).and_then(|connection| self.spreads_to(connection.leg));
        self.leave(now, id, Connection::give_up);
        if let Some(far) = far {
            self.cut_off(now, far);
        }
    }

    /// The peer was given its time to end its direction, and did not.
    pub(super) fn half_close_expired(&mut self, now: Instant, id: ConnectionId) {
        let Some(leg) = self.connections.get(&id).map(|connection| connection.leg) else { return };
        let far = self.spreads_to(leg);
        self.report_ended(leg, FailureCause::Released);
        self.leave(now, id, Connection::finish);
        if let Some(far) = far.filter(|far| self.has_concluded(*far)) {
            self.leave(now, far, Connection::finish);
        }
    }

    /// The bearer the end of this leg's bearer ends as well.
    pub(super) fn spreads_to(&self, leg: LegId) -> Option<ConnectionId> {
        let other = self.counterpart(leg)?;
        let far = self.bearer(other)?;
        let linked = [leg, other].iter().all(|id| self.legs.get(id).is_none_or(|l| l.setup.conditions.linkage.release));
        (self.is_carrying(far) && linked && self.settings.policy.spreads_release()).then_some(far)
    }

    fn has_concluded(&self, id: ConnectionId) -> bool {
        self.connections.get(&id).is_some_and(|connection| connection.incoming == Incoming::Concluded)
    }

    /// Nothing more will come for this peer: the gateway ends its direction.
    pub(super) fn end_direction(&mut self, now: Instant, id: ConnectionId) {
        if self.has_concluded(id) {
            return self.leave(now, id, Connection::finish);
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.finish();
            connection.stage = Stage::Carrying { half_closed: Some(now + HALF_CLOSE_TIMEOUT) };
            self.settle(id);
        }
    }

    /// The far bearer broke: this one ends too, and so that its peer can tell.
    fn cut_off(&mut self, now: Instant, id: ConnectionId) {
        let Some(leg) = self.connections.get(&id).map(|connection| connection.leg) else { return };
        if !self.has_concluded(id) {
            self.report_ended(leg, FailureCause::Released);
        }
        self.leave(now, id, Connection::truncate);
    }

    pub(super) fn report_ended(&mut self, leg: LegId, cause: FailureCause) {
        if let Some(found) = self.legs.get_mut(&leg) {
            found.state = BearerState::Released;
            self.emit(Output::Event(BearerEvent::Ended { leg, cause }));
        }
    }
}
