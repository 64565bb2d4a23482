//! Phases I and II of a leg's bearer (TR 4.3.1), and who gets to own the leg.

use super::{
    BearerEvent, BearerState, FailureCause, LegId, LegSetup,
    connection::{Connection, ConnectionId, Incoming, Stage},
    relay::{CONNECT_TIMEOUT, FINGERPRINT_TIMEOUT, HANDSHAKE_TIMEOUT, Output, Relay},
    tls::Judgement,
};
use crate::rules::roles::TcpRole;
use std::{sync::Arc, time::Instant};

impl Relay {
    /// Listens or connects, as the leg's TCP role wants and as far as it is known where to.
    pub(super) fn establish(&mut self, now: Instant, leg: LegId) {
        let client = self.legs.get(&leg).is_some_and(|found| found.setup.tcp_role == TcpRole::Client);
        if !(client && self.awaits_other(leg)) {
            self.connect(now, leg);
        }
    }

    /// The same, whatever the other leg does.
    pub(super) fn connect(&mut self, now: Instant, leg: LegId) {
        let attempts = self.of_leg(leg).filter(|(_, connection)| !connection.is_closing()).count();
        let Some(found) = self.legs.get_mut(&leg) else { return };
        let local = found.local;
        match (found.setup.tcp_role, found.setup.remote) {
            (TcpRole::Server, _) if !found.listening => {
                found.listening = true;
                self.emit(Output::Listen { leg, local });
            }
            (TcpRole::Server, _) => {}
            (TcpRole::Client, remote) => {
                if std::mem::take(&mut found.listening) {
                    self.emit(Output::StopListening { leg, local });
                }
                if let Some(to) = remote.filter(|_| attempts == 0) {
                    let stage = Stage::Connecting { until: now + CONNECT_TIMEOUT };
                    let connection = self.insert(Connection::new(leg, to, stage));
                    self.emit(Output::Connect { leg, connection, local, to });
                }
            }
        }
    }

    /// The leg is to be otherwise from now on.
    pub(super) fn update(&mut self, now: Instant, leg: LegId, setup: LegSetup) {
        let Some(found) = self.legs.get_mut(&leg).filter(|found| !found.releasing) else { return };
        let before = found.change(setup);
        // A mode change after the bearer ended must not surprise the peer with a new one.
        let renews = found.state != BearerState::Released || !is_same_bearer(&before, &found.setup);
        match found.owner {
            Some(owner) => self.update_owner(now, leg, owner),
            None => {
                self.drop_outdated(leg, &before);
                self.judge_held(now, leg);
                if renews && self.legs.get(&leg).is_some_and(|found| found.owner.is_none()) {
                    self.establish(now, leg);
                }
            }
        }
        // The mode may have changed.
        self.pump(now, leg);
        self.pump_into(now, leg);
    }

    /// TLS on a running TCP connection (TR 4.3.3.2, option 2). Whatever else changed holds for the next bearer.
    pub(super) fn update_owner(&mut self, now: Instant, leg: LegId, owner: ConnectionId) {
        let secured = self.legs.get(&leg).is_some_and(|found| found.setup.secured);
        let Some(connection) = self.connections.get(&owner) else { return };
        if secured && !connection.is_secured() && connection.is_open() {
            self.start_tls(now, owner);
        }
    }

    /// Drops attempts that were begun for a set-up that no longer holds.
    fn drop_outdated(&mut self, leg: LegId, before: &LegSetup) {
        let Some(found) = self.legs.get(&leg) else { return };
        let tcp_changed = found.setup.tcp_role != before.tcp_role
            || (found.setup.tcp_role == TcpRole::Client && found.setup.remote != before.remote);
        let tls_changed = found.setup.secured != before.secured || found.setup.tls_role != before.tls_role;
        let outdated: Vec<_> = self
            .of_leg(leg)
            .filter(|(_, connection)| match connection.stage {
                Stage::Connecting { .. } => tcp_changed,
                Stage::Handshaking { .. } => tcp_changed || tls_changed,
                Stage::Held { .. } | Stage::Carrying { .. } | Stage::Closing { .. } => false,
            })
            .map(|(id, _)| id)
            .collect();
        for id in outdated {
            self.abort(id);
        }
    }

    /// Judges the peers that wait for the fingerprint, in the order they came.
    fn judge_held(&mut self, now: Instant, leg: LegId) {
        let held = |(id, connection): (ConnectionId, &Connection)| {
            matches!(connection.stage, Stage::Held { .. }).then_some(id)
        };
        let held: Vec<_> = self.of_leg(leg).filter_map(held).collect();
        for id in held {
            if self.stage(id).is_some_and(|stage| matches!(stage, Stage::Held { .. })) {
                self.judge(now, id);
            }
        }
    }

    /// Phase I is complete.
    pub(super) fn tcp_established(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get(&id) else { return };
        let leg = connection.leg;
        let Some(found) = self.legs.get(&leg) else { return };
        let secured = found.setup.secured;
        self.report_established(leg, BearerState::TcpEstablished);
        if secured {
            self.start_tls(now, id);
        } else {
            self.own(now, id);
        }
    }

    /// Begins phase II.
    fn start_tls(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Some(leg) = self.legs.get(&connection.leg) else { return };
        connection.stage = Stage::Handshaking { until: now + HANDSHAKE_TIMEOUT };
        let session = self.settings.tls.session(leg.setup.tls_role, connection.peer, Arc::clone(&leg.judge));
        let begun = session.and_then(|session| connection.secure(session));
        self.progress(now, id, begun);
    }

    /// Goes on after a connection took octets or its end.
    pub(super) fn progress(&mut self, now: Instant, id: ConnectionId, taken: Result<(), FailureCause>) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        match (connection.stage, taken) {
            (Stage::Connecting { .. } | Stage::Closing { .. }, _) => self.settle(id),
            (Stage::Carrying { .. }, taken) => {
                if let Err(cause) = taken {
                    connection.break_off(cause);
                }
                let (leg, cut) = (connection.leg, connection.is_cut());
                if cut {
                    self.cut(now, id);
                } else {
                    self.pump(now, leg);
                    self.settle(id);
                }
            }
            (_, Err(cause)) => self.fail(now, id, cause),
            (Stage::Handshaking { .. }, Ok(())) => self.judge(now, id),
            (Stage::Held { .. }, Ok(())) => {
                // With octets in hand it may still prove to be the right peer; without, nothing is lost.
                if let (Incoming::Ended(cause), false) = (connection.incoming, connection.has_inbound()) {
                    self.fail(now, id, cause);
                } else {
                    let leg = connection.leg;
                    self.pump(now, leg);
                }
            }
        }
    }

    /// Judges the peer if its handshake is over.
    fn judge(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Some(leg) = self.legs.get(&connection.leg) else { return };
        match (connection.judge(&leg.judge), connection.incoming) {
            (Some(Judgement::Accepted), _) => self.own(now, id),
            (Some(Judgement::Refused), _) => {
                let presented = connection.presented_certificate();
                let cause = if presented { FailureCause::TlsFingerprint } else { FailureCause::TlsNoCertificate };
                self.fail(now, id, cause);
            }
            (Some(Judgement::Pending), _) => {
                if !matches!(connection.stage, Stage::Held { .. }) {
                    connection.stage = Stage::Held { until: now + FINGERPRINT_TIMEOUT };
                    self.progress(now, id, Ok(()));
                }
            }
            (None, Incoming::Ended(cause)) => self.fail(now, id, cause),
            (None, _) => {}
        }
    }

    /// The connection's peer owns the leg; the others go without a word.
    fn own(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.stage = Stage::Carrying { half_closed: None };
        let (leg, peer) = (connection.leg, connection.peer);
        let state = if connection.is_secured() { BearerState::TlsEstablished } else { BearerState::TcpEstablished };
        let Some(found) = self.legs.get_mut(&leg) else { return };
        found.owner = Some(id);
        let others: Vec<_> = self
            .of_leg(leg)
            .filter(|(other, found)| *other != id && !found.is_closing())
            .map(|(other, _)| other)
            .collect();
        for other in others {
            self.leave(now, other, Connection::finish);
        }
        self.latch(leg, peer);
        self.report_established(leg, state);
        self.establish_other(now, leg);
        self.pump(now, leg);
        self.pump_into(now, leg);
    }

    fn report_established(&mut self, leg: LegId, state: BearerState) {
        let Some(found) = self.legs.get_mut(&leg) else { return };
        if found.state == BearerState::Released || found.state < state {
            found.state = state;
            self.emit(Output::Event(BearerEvent::Established { leg, state }));
        }
    }

    /// An attempt failed: the connection goes, with the alert if there is one; the leg stays for the right peer.
    pub(super) fn fail(&mut self, now: Instant, id: ConnectionId, cause: FailureCause) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let leg = connection.leg;
        let others = self.of_leg(leg).any(|(other, found)| other != id && !found.is_closing());
        if let Some(found) = self.legs.get_mut(&leg) {
            if !others {
                found.state = BearerState::Idle;
            }
            self.emit(Output::Event(BearerEvent::Failed { leg, cause }));
        }
        self.leave(now, id, Connection::give_up);
    }
}

/// Whether two set-ups differ in nothing but the mode.
fn is_same_bearer(before: &LegSetup, after: &LegSetup) -> bool {
    let LegSetup { sends, receives, .. } = *after;
    LegSetup { sends, receives, ..before.clone() } == *after
}
