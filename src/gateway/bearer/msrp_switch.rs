//! The MSRP switch of an MRFP (TR 4.1.3 c): what one participant sends goes to all the others, each on a leg of its own.
//!
//! The switch is an MSRP endpoint towards every participant: it answers each chunk itself, and sends it on with the paths of
//! the leg it leaves by. Nothing is gathered: a chunk too long to be held leaves as several, each whole, so that chunks of two
//! senders mix on a leg without harm. Reports go back to whoever sent the message; responses end here.
//!
//! Flow control: nobody is read while some participant has more waiting for it than a leg may hold. One that makes no room within
//! [`STALL_TIMEOUT`] is released (`tcp-timeout`), so that the others wait no longer than that.

use super::{
    FailureCause, LegId,
    connection::{Connection, ConnectionId},
    relay::Relay,
};
use crate::{
    rules::msrp_path::equivalent,
    wire::{
        ParseError,
        msrp::{
            self, ByteRange, ContinuationFlag, Event, FailureReport, Frame, Framer, Head, Header, Ident, Limits,
            Method, Start, StatusCode,
        },
    },
};
use std::{
    collections::VecDeque,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

/// A participant for which others have to wait longer than this is released.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Octets of a body above which what is held goes out as a chunk.
const CHUNK: usize = 8 * 1024;

/// Octets made at a time, for all participants together: paths may be much longer than the messages under them.
const PORTION: usize = 256 * 1024;

/// Messages whose sender is remembered, for their reports.
const MESSAGES: usize = 1024;

/// What the switch of one relay remembers.
#[derive(Debug, Default)]
pub(super) struct Switch {
    /// Message-IDs and who sent them, oldest first.
    messages: VecDeque<(Ident<'static>, LegId)>,
    transactions: u64,
}

/// The MSRP that comes in on one connection.
#[derive(Debug)]
pub(super) struct Input {
    framer: Framer,
    current: Option<Current>,
}

impl Default for Input {
    fn default() -> Self {
        Self { framer: Framer::new(Limits::default()), current: None }
    }
}

/// The frame whose end is yet to come.
#[derive(Debug)]
struct Current {
    head: Head<'static>,
    fate: Fate,
    has_body: bool,
    /// Body octets not sent on yet.
    held: Vec<u8>,
    /// Position of the first of them in the message.
    position: u64,
    sent_on: bool,
}

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    SendOn,
    ReportTo(LegId),
    Refuse(StatusCode),
    Ignore,
}

/// Octets for a leg.
type Parcels = Vec<(LegId, Vec<u8>)>;

impl Switch {
    /// An id whose end-line is not in `body`.
    fn transaction(&mut self, body: &[u8]) -> Option<Ident<'static>> {
        let candidates = std::iter::repeat_with(|| {
            self.transactions = self.transactions.wrapping_add(1);
            Ident::new(format!("sw{:016x}", self.transactions)).ok()
        });
        msrp::fresh_transaction_id(body, candidates.take(64).flatten())
    }

    fn sender(&self, message: &Ident<'_>) -> Option<LegId> {
        self.messages.iter().rev().find(|(id, _)| id.as_str() == message.as_str()).map(|(_, leg)| *leg)
    }

    /// Whether the message is this leg's, as far as is remembered.
    fn claim(&mut self, message: &Ident<'_>, leg: LegId) -> bool {
        if let Some(sender) = self.sender(message) {
            return sender == leg;
        }
        if self.messages.len() >= MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back((message.clone().into_owned(), leg));
        true
    }
}

impl Relay {
    /// Whether a leg is a participant's: MSRP on a gateway that switches it.
    pub(super) fn is_switched(&self, leg: LegId) -> bool {
        self.settings.switches && self.legs.get(&leg).is_some_and(|leg| leg.setup.msrp.is_some())
    }

    pub(super) fn participants(&self) -> Vec<LegId> {
        self.legs.keys().copied().filter(|leg| self.is_switched(*leg)).collect()
    }

    /// Takes what came in on a participant's leg apart and hands it out, if everybody has room for it.
    pub(super) fn switch(&mut self, now: Instant, leg: LegId) {
        let Some(from) = self.bearer(leg) else { return };
        if !self.connections.get(&from).is_some_and(Connection::has_inbound) || !self.all_have_room(now) {
            return;
        }
        let Some(near) = self.legs.get(&leg) else { return };
        if !self.settings.policy.may_forward(self.is_carrying(from), near.setup.receives) {
            return;
        }
        let Some(source) = self.connections.get_mut(&from) else { return };
        let octets = source.take_inbound();
        let counters = Arc::clone(&near.counters);
        let mut input = source.input.take().unwrap_or_default();
        let mut parcels = Parcels::new();
        let taken = self.take_apart(leg, &mut input, &octets, &mut parcels);
        counters.add_received((octets.len() - taken.as_ref().map_or(0, |rest| rest.len())) as u64);
        if let Some(source) = self.connections.get_mut(&from) {
            source.input = Some(input);
            match taken {
                Ok(rest) => source.return_inbound(rest.to_vec()),
                Err(_) => source.condemn(FailureCause::MsrpMalformed),
            }
        }
        self.hand_out(now, parcels);
    }

    /// A sender is gone in the middle of a message: whoever has its beginning is told that no more will come.
    pub(super) fn abandon_message(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let leg = connection.leg;
        let current = connection.input.take().and_then(|input| input.current);
        let Some(mut current) = current.filter(|current| current.sent_on) else { return };
        let mut parcels = Parcels::new();
        self.send_on(leg, &mut current, ContinuationFlag::Aborted, &mut parcels);
        self.hand_out(now, parcels);
    }

    /// A sender goes to another conference: the message it is in the middle of ends for those that stay, and as it cannot
    /// begin in its middle for the others, the sender is told to stop (RFC 4975 7.2).
    pub(super) fn leave_conference(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let leg = connection.leg;
        let Some(mut input) = connection.input.take() else { return };
        let mut parcels = Parcels::new();
        if let Some(current) = input.current.as_mut().filter(|current| current.sent_on) {
            self.send_on(leg, current, ContinuationFlag::Aborted, &mut parcels);
            current.fate = Fate::Refuse(StatusCode::STOP_SENDING);
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.input = Some(input);
        }
        self.hand_out(now, parcels);
    }

    /// A participant kept the others waiting for too long.
    pub(super) fn stalled(&mut self, now: Instant, id: ConnectionId) {
        let Some(leg) = self.connections.get(&id).map(|connection| connection.leg) else { return };
        self.abandon_message(now, id);
        self.report_ended(leg, FailureCause::TcpTimeout);
        self.abort_owner(leg, id);
        for participant in self.participants() {
            self.pump(now, participant);
        }
    }

    fn all_have_room(&mut self, now: Instant) -> bool {
        let carrying: Vec<_> = self.participants().into_iter().filter_map(|leg| self.bearer(leg)).collect();
        let mut room = true;
        for id in carrying {
            if let Some(connection) = self.connections.get_mut(&id).filter(|found| found.is_full()) {
                room = false;
                connection.stalled_until.get_or_insert(now + STALL_TIMEOUT);
            }
        }
        room
    }

    fn hand_out(&mut self, now: Instant, parcels: Parcels) {
        for (leg, mut octets) in parcels {
            let Some(to) = self.bearer(leg) else { continue };
            self.settings.policy.forward(&mut octets);
            if let Some(found) = self.legs.get(&leg) {
                found.counters.add_sent(octets.len() as u64);
            }
            let Some(sink) = self.connections.get_mut(&to) else { continue };
            if let Err(cause) = sink.send(octets) {
                sink.break_off(cause);
                self.pump(now, leg);
            }
        }
    }

    /// What is left of the octets when a portion is full; an error when they are no MSRP.
    fn take_apart<'o>(
        &mut self,
        leg: LegId,
        input: &mut Input,
        mut octets: &'o [u8],
        parcels: &mut Parcels,
    ) -> Result<&'o [u8], ParseError> {
        let Input { framer, current } = input;
        let mut counted = 0;
        let mut size = 0;
        while size < PORTION {
            match framer.next(&mut octets)? {
                None => break,
                Some(Event::HeadComplete { head, has_body }) => {
                    let fate = self.fate(leg, &head);
                    let position = head.byte_range().map_or(1, |range| range.start);
                    let (head, held) = (head.into_owned(), Vec::new());
                    *current = Some(Current { head, fate, has_body, held, position, sent_on: false });
                }
                Some(Event::BodyPart(part)) => {
                    let Some(current) = current.as_mut().filter(|current| current.fate == Fate::SendOn) else {
                        continue;
                    };
                    if current.held.len() >= CHUNK {
                        self.send_on(leg, current, ContinuationFlag::More, parcels);
                    }
                    current.held.extend_from_slice(part);
                }
                Some(Event::End(flag)) => {
                    if let Some(current) = current.take() {
                        self.frame_ends(leg, current, flag, parcels);
                    }
                }
            }
            size += parcels.iter().skip(counted).map(|(_, octets)| octets.len()).sum::<usize>();
            counted = parcels.len();
        }
        Ok(octets)
    }

    fn fate(&mut self, leg: LegId, head: &Head<'_>) -> Fate {
        let Start::Request(method) = &head.start else { return Fate::Ignore };
        let paths = self.legs.get(&leg).and_then(|leg| leg.setup.msrp.as_ref());
        let own = paths.and_then(|paths| paths.own.uris().next());
        let meant = head.to_path.uris().next();
        let matches = own.zip(meant).is_some_and(|(own, meant)| equivalent(&meant, &own));
        let for_us = self.settings.policy.accepts_msrp_session(matches);
        match (method, head.message_id()) {
            (Method::Report, Some(message)) if for_us => {
                self.switch.sender(message).map_or(Fate::Ignore, Fate::ReportTo)
            }
            (Method::Report, _) => Fate::Ignore,
            _ if !for_us => Fate::Refuse(StatusCode::NO_SESSION),
            // Two participants may not claim the same message: the others could not tell its parts apart.
            (Method::Send, Some(message)) if self.switch.claim(message, leg) => Fate::SendOn,
            (Method::Send, _) => Fate::Refuse(StatusCode::BAD_REQUEST),
            _ => Fate::Refuse(StatusCode::UNKNOWN_METHOD),
        }
    }

    fn frame_ends(&mut self, leg: LegId, mut current: Current, flag: ContinuationFlag, parcels: &mut Parcels) {
        match current.fate {
            Fate::SendOn => {
                // One without a body only binds the session to the connection (RFC 4975 5.4).
                if current.has_body {
                    self.send_on(leg, &mut current, flag, parcels);
                }
                if current.head.failure_report() == FailureReport::Yes && self.settings.policy.answers_messages() {
                    parcels.push((leg, response(&current.head, StatusCode::OK)));
                }
            }
            Fate::Refuse(code) if current.head.failure_report() != FailureReport::No => {
                parcels.push((leg, response(&current.head, code)));
            }
            Fate::ReportTo(sender) => {
                let Some(transaction) = self.switch.transaction(&[]) else { return };
                if let Some(head) = self.readdressed(sender, transaction, &current.head) {
                    parcels.push((sender, msrp::encode(&Frame { head, body: None, flag })));
                }
            }
            Fate::Refuse(_) | Fate::Ignore => {}
        }
    }

    /// Sends what is held of a message to every other participant that is there, as a chunk of its own.
    fn send_on(&mut self, leg: LegId, current: &mut Current, flag: ContinuationFlag, parcels: &mut Parcels) {
        let body = mem::take(&mut current.held);
        let Some(transaction) = self.switch.transaction(&body) else { return };
        let given = current.head.byte_range();
        let start = current.position;
        current.position = start.saturating_add(body.len() as u64);
        current.sent_on = true;
        let end = current.position.saturating_sub(1);
        let range = Header::ByteRange(ByteRange { start, end: Some(end), total: given.and_then(|given| given.total) });
        let mut head = current.head.clone();
        match head.headers.iter_mut().find(|header| matches!(header, Header::ByteRange(_))) {
            Some(present) => *present = range,
            None => head.headers.insert(0, range),
        }
        for receiver in self.receivers(leg) {
            if let Some(head) = self.readdressed(receiver, transaction.clone(), &head) {
                parcels.push((receiver, msrp::encode(&Frame { head, body: Some(&body), flag })));
            }
        }
    }

    /// Who gets what a participant sends: the others whose bearer is up and who may be sent to.
    fn receivers(&self, sender: LegId) -> Vec<LegId> {
        let policy = &self.settings.policy;
        let takes = |leg: &LegId| {
            let carries = self.bearer(*leg).is_some_and(|id| policy.may_forward(self.is_carrying(id), true));
            *leg != sender
                && !self.is_blocked(sender, *leg)
                && carries
                && self.legs.get(leg).is_some_and(|leg| policy.may_forward(true, leg.setup.sends))
        };
        let mut receivers: Vec<_> = self.participants().into_iter().filter(takes).collect();
        policy.delivers_to(sender, &mut receivers);
        receivers
    }

    /// The head with the paths of the leg it leaves by.
    fn readdressed(&self, leg: LegId, transaction_id: Ident<'static>, head: &Head<'static>) -> Option<Head<'static>> {
        let paths = self.legs.get(&leg)?.setup.msrp.as_ref()?;
        let (to_path, from_path) = self.settings.policy.msrp_paths(head, paths.peer.clone()?, paths.own.clone());
        Some(Head { transaction_id, to_path, from_path, ..head.clone() })
    }
}

/// The answer to a request, to where it came from last (RFC 4975 7.2).
fn response(head: &Head<'_>, code: StatusCode) -> Vec<u8> {
    let head =
        Head::response(head.transaction_id.clone(), code, None, head.from_path.next_hop(), head.to_path.next_hop());
    msrp::encode(&Frame { head, body: None, flag: ContinuationFlag::Last })
}
