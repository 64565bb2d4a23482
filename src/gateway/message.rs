//! Messages: the transactions in them, and what is sent.

use super::{
    control::{Delayed, Gateway, GatewayEvent, Output, Peer, Purpose},
    transaction::{Admission, TransactionKey},
};
use crate::wire::h248::{
    self, ActionReply, ActionRequest, CommandReply, ContextId, ErrorCode, ErrorDescriptor, Fault, FaultLevel,
    IntoOwned, MId, Message, MessageBody, Style, Transaction, TransactionAck, TransactionId, TransactionReply,
    TransactionRequest, TransactionResult,
};
use std::{ops::RangeInclusive, time::Instant};

/// The versions of H.248.1 there are.
const VERSIONS: RangeInclusive<u8> = 1..=3;

impl Gateway {
    pub(super) fn message(&mut self, now: Instant, peer: Peer, message: Message<'_>) {
        let Message { version, mid, body, .. } = message;
        if !VERSIONS.contains(&version) {
            return self.message_error(peer, *VERSIONS.end(), ErrorDescriptor::new(ErrorCode::VERSION_NOT_SUPPORTED));
        }
        // An error body answers something of ours that the peer could not read: retransmission ends that.
        let MessageBody::Transactions(transactions) = body else { return };
        if transactions.len() > self.contexts.config.limits.transactions_per_message {
            return self.message_error(peer, version, ErrorDescriptor::new(ErrorCode::TOO_MANY_TRANSACTIONS));
        }
        self.transactions(now, peer, version, &mid, transactions);
    }

    fn transactions(
        &mut self,
        now: Instant,
        peer: Peer,
        version: u8,
        mid: &MId<'_>,
        transactions: Vec<Transaction<'_>>,
    ) {
        let mid = mid.to_string().to_ascii_lowercase();
        for transaction in transactions {
            match transaction {
                Transaction::Request(request) => self.request(now, peer, version, &mid, request, None),
                Transaction::Reply(reply) => self.reply(now, peer, version, reply),
                Transaction::Pending(TransactionId(id)) => {
                    let timers = self.contexts.config.timers;
                    self.requests.pending(now, id, &timers);
                }
                Transaction::Ack(acks) => {
                    // A message holds thousands of ranges; those of one peer in its right mind are few.
                    for TransactionAck { first, last } in acks.into_iter().take(64) {
                        self.replies.acknowledged(&mid, first.0, last.unwrap_or(first).0);
                    }
                }
                // The gateway never segments.
                Transaction::Segment(_) => {}
            }
        }
    }

    /// The syntax ladder of H.248.1 8.2.2: what could be read is executed, the rest answered with the error of its level.
    pub(super) fn fault(&mut self, now: Instant, peer: Peer, mut fault: Fault<'_>) {
        let version = fault.version.unwrap_or(self.version);
        if !VERSIONS.contains(&version) {
            return self.message_error(peer, *VERSIONS.end(), ErrorDescriptor::new(ErrorCode::VERSION_NOT_SUPPORTED));
        }
        let transactions = std::mem::take(&mut fault.transactions);
        if transactions.len() >= self.contexts.config.limits.transactions_per_message {
            return self.message_error(peer, version, ErrorDescriptor::new(ErrorCode::TOO_MANY_TRANSACTIONS));
        }
        let mid = fault.mid.take();
        if let Some(mid) = &mid {
            self.transactions(now, peer, version, mid, transactions);
        }
        match (fault.level, mid, fault.broken.take()) {
            (FaultLevel::Response, ..) => {}
            (FaultLevel::Message, ..) => self.message_error(peer, version, fault.descriptor()),
            (_, Some(mid), Some(broken)) => {
                let mid = mid.to_string().to_ascii_lowercase();
                self.request(now, peer, version, &mid, broken, Some((fault.context, fault.descriptor())));
            }
            _ => {
                let reply = TransactionReply::error(TransactionId::NONE, fault.descriptor());
                self.send_reply(peer, version, reply);
            }
        }
    }

    fn request(
        &mut self,
        now: Instant,
        peer: Peer,
        version: u8,
        mid: &str,
        request: TransactionRequest<'_>,
        broken: Option<(Option<ContextId>, ErrorDescriptor<'static>)>,
    ) {
        if let Err(code) = self.registration.admits(&self.contexts.config, peer) {
            // Not stored: the same request may be right in a moment.
            self.event(GatewayEvent::Refused { peer, code: code.0 });
            let reply = TransactionReply::error(request.id, ErrorDescriptor::new(code));
            return drop(self.send_reply(peer, version, reply));
        }
        self.spoke(peer);
        let key = (mid.to_owned(), request.id.0);
        let admission = match self.contexts.policy.answers_duplicates_from_store() {
            true => self.replies.admit(now, &key),
            false => Admission::New,
        };
        match admission {
            Admission::New if self.contexts.config.timers.execution.is_zero() || broken.is_some() => {
                self.execute_and_reply(now, peer, version, &key, &request, broken);
            }
            Admission::New if self.delayed.len() >= self.contexts.config.limits.delayed => {
                let error = ErrorDescriptor::new(ErrorCode::TEMPORARILY_BUSY);
                let octets = self.send_reply(peer, version, TransactionReply::error(request.id, error));
                self.replies.answered(&key, &octets);
            }
            Admission::New => {
                let due = now + self.contexts.config.timers.execution;
                self.delayed.push_back(Delayed { due, peer, version, key, request: request.into_owned() });
            }
            Admission::Answered(octets) => self.outputs.push_back(Output::Control { to: peer, octets }),
            Admission::Running => self.send(peer, version, Transaction::Pending(request.id)),
            Admission::Acknowledged => {}
            Admission::Full => {
                let error = ErrorDescriptor::new(ErrorCode::INSUFFICIENT_RESOURCES);
                self.send_reply(peer, version, TransactionReply::error(request.id, error));
            }
        }
    }

    pub(super) fn execute_and_reply(
        &mut self,
        now: Instant,
        peer: Peer,
        version: u8,
        key: &TransactionKey,
        request: &TransactionRequest<'_>,
        broken: Option<(Option<ContextId>, ErrorDescriptor<'static>)>,
    ) {
        let (mut actions, failed) = self.execute(now, peer, &request.actions);
        let mut reply = match broken {
            Some((_, error)) if actions.is_empty() => TransactionReply::error(request.id, error),
            Some((context, error)) if !failed => {
                match actions.last_mut().filter(|last| context.is_some() && last.error.is_none()) {
                    Some(last) => last.error = Some(error),
                    // No context can be named for what could not be read.
                    None => actions.push(ActionReply::error(context.unwrap_or(ContextId::Null), error)),
                }
                TransactionReply::new(request.id, actions)
            }
            _ if actions.is_empty() => {
                let error = ErrorDescriptor::new(ErrorCode::SYNTAX_ERROR_IN_ACTION);
                TransactionReply::error(request.id, error)
            }
            _ => TransactionReply::new(request.id, actions),
        };
        reply.immediate_ack_required = self.replies.pendings(key) > 0;
        if let Some(code) = first_error(&reply) {
            self.event(GatewayEvent::Refused { peer, code: code.0 });
        }
        let octets = self.send_reply(peer, version, reply);
        self.replies.answered(key, &octets);
    }

    fn reply(&mut self, now: Instant, peer: Peer, version: u8, reply: TransactionReply<'_>) {
        let TransactionId(id) = reply.id;
        if reply.immediate_ack_required {
            self.send(peer, version, Transaction::Ack(vec![TransactionAck::one(reply.id)]));
        }
        let Some((to, purpose)) = self.requests.answered(id) else { return };
        match purpose {
            Purpose::Register => self.register_answered(now, to, reply.result),
            Purpose::Notify(termination) => self.notified(now, &termination),
            Purpose::Leave => self.left(),
        }
    }

    fn message_error(&mut self, peer: Peer, version: u8, error: ErrorDescriptor<'static>) {
        self.event(GatewayEvent::Refused { peer, code: error.code.0 });
        let message = Message::error(version, self.contexts.config.mid.clone(), error);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to: peer, octets });
    }

    /// Sends a reply, or 533 in its place when it is too long; the octets sent.
    fn send_reply(&mut self, peer: Peer, version: u8, reply: TransactionReply<'_>) -> Vec<u8> {
        let (id, mid) = (reply.id, self.contexts.config.mid.clone());
        let mut octets = h248::encode(&Message::reply(version, mid.clone(), reply), Style::Compact);
        if octets.len() > self.contexts.config.limits.message_octets {
            let error = TransactionReply::error(id, ErrorDescriptor::new(ErrorCode::RESPONSE_TOO_LARGE));
            octets = h248::encode(&Message::reply(version, mid, error), Style::Compact);
        }
        self.outputs.push_back(Output::Control { to: peer, octets: octets.clone() });
        octets
    }

    fn send(&mut self, peer: Peer, version: u8, transaction: Transaction<'_>) {
        let message = Message::new(version, self.contexts.config.mid.clone(), vec![transaction]);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to: peer, octets });
    }

    /// Sends a request of the gateway's own until it is answered.
    pub(super) fn send_request(&mut self, now: Instant, to: Peer, purpose: Purpose, actions: Vec<ActionRequest<'_>>) {
        let id = self.requests.allot();
        let request = TransactionRequest::new(TransactionId(id), actions);
        let message = Message::request(self.version, self.contexts.config.mid.clone(), request);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to, octets: octets.clone() });
        let timers = self.contexts.config.timers;
        self.requests.sent(now, id, to, octets, purpose, &timers);
    }
}

fn first_error(reply: &TransactionReply<'_>) -> Option<ErrorCode> {
    match &reply.result {
        TransactionResult::Error(error) => Some(error.code),
        TransactionResult::Actions(actions) => actions.iter().find_map(|action| {
            let command = action.commands.iter().find_map(CommandReply::error);
            command.or(action.error.as_ref()).map(|error| error.code)
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{
        Limits, Policy, Reference, Timers,
        testing::{Bench, config, mgc},
    };
    use proptest::prelude::*;
    use std::{sync::Arc, time::Duration};

    const MESSAGE: &str = "!/2 [192.0.2.9]:2944 ";

    fn said(bench: &mut Bench, body: &str) -> Vec<String> {
        bench.message(format!("{MESSAGE}{body}").as_bytes())
    }

    fn answer(bench: &mut Bench, body: &str) -> String {
        let sent = said(bench, body);
        let [only] = sent.as_slice() else { panic!("one answer to {body}: {sent:?}") };
        only.strip_prefix("!/2 [192.0.2.1]:2944 ").expect("from the gateway").to_owned()
    }

    #[test]
    fn a_repeated_request_is_answered_again_and_not_executed_again() {
        let mut bench = Bench::new();
        let first = answer(&mut bench, "T=5{C=${A=$}}");
        assert_eq!(answer(&mut bench, "T=5{C=${A=$}}"), first);
        assert_eq!(bench.counts(), (1, 1));
        // Another MGC's transaction 5 is another transaction.
        let other = bench.message(b"!/2 [192.0.2.10]:2944 T=5{C=${A=$}}");
        assert!(other[0].contains("C=2"), "{other:?}");
        bench.wait(Timers::default().long);
        assert!(answer(&mut bench, "T=5{C=${A=$}}").contains("C=3"));
    }

    #[test]
    fn an_acknowledged_transaction_is_neither_answered_nor_executed_again() {
        let mut bench = Bench::new();
        answer(&mut bench, "T=5{C=${A=$}}");
        assert!(said(&mut bench, "K{1-9}").is_empty());
        assert!(said(&mut bench, "T=5{C=${A=$}}").is_empty());
        assert_eq!(bench.counts(), (1, 1));
    }

    #[derive(Debug)]
    struct Forgetful;

    impl Policy for Forgetful {
        fn answers_duplicates_from_store(&self) -> bool {
            false
        }
    }

    #[test]
    fn a_policy_may_execute_duplicates() {
        let mut bench = Bench::with(config(), Arc::new(Forgetful));
        answer(&mut bench, "T=5{C=${A=$}}");
        answer(&mut bench, "T=5{C=${A=$}}");
        assert_eq!(bench.counts(), (2, 2));
    }

    #[test]
    fn a_slow_gateway_says_pending_and_wants_its_reply_acknowledged() {
        let mut slow = config();
        slow.timers.execution = Duration::from_secs(1);
        slow.limits.delayed = 1;
        let mut bench = Bench::with(slow, Arc::new(Reference));
        assert!(said(&mut bench, "T=5{C=${A=$}}").is_empty());
        assert_eq!(answer(&mut bench, "T=5{C=${A=$}}"), "PN=5{}");
        assert!(answer(&mut bench, "T=6{C=${A=$}}").contains("P=6{ER=511"));
        let sent = bench.wait(Duration::from_secs(1));
        assert!(sent[0].1.ends_with("P=5{IA,C=1{A=ip/access/1}}"), "{sent:?}");
        assert_eq!(bench.counts(), (1, 1));
    }

    #[test]
    fn what_could_be_read_is_executed_before_the_error_is_told() {
        for (code, body) in [
            (442, "T=5{C=${A=$,A=}}"),
            (442, "T=5{C=${A=$,NoSuch=$}}"),
            (422, "T=5{C=${A=$},C=none{A=$}}"),
            (403, "T=5{C=${A=$}"),
        ] {
            let mut bench = Bench::new();
            let reply = answer(&mut bench, body);
            assert!(
                reply.starts_with("P=5{C=1{A=ip/access/1") && reply.contains(&format!("ER={code}")),
                "{body}: {reply}"
            );
            assert_eq!(bench.counts(), (1, 1), "{body}");
            // The broken transaction is one all the same: executed once.
            assert_eq!(answer(&mut bench, body), reply);
            assert_eq!(bench.counts(), (1, 1), "{body}");
        }
    }

    #[test]
    fn what_has_no_readable_id_is_answered_with_id_zero() {
        let mut bench = Bench::new();
        assert!(answer(&mut bench, "T=none{C=${A=$}}").starts_with("P=0{ER=403"));
        let reply = said(&mut bench, "T=5{C=${A=$}}T=none{}");
        assert!(reply.len() == 2 && reply[0].contains("P=5{C=1{") && reply[1].contains("P=0{ER=403"), "{reply:?}");
    }

    #[test]
    fn unreadable_messages_get_a_message_error_and_errors_get_nothing() {
        let mut bench = Bench::new();
        for garbage in [&b"garbage"[..], b"0\x82\x01\x00", b""] {
            let sent = bench.message(garbage);
            assert!(sent.len() == 1 && sent[0].contains("ER=400"), "{garbage:?}: {sent:?}");
        }
        assert!(said(&mut bench, "ER=400{\"no\"}").is_empty());
        assert!(said(&mut bench, "P=5{garbage}").is_empty());
        let sent = bench.message(b"!/4 [192.0.2.9]:2944 T=5{C=${A=$}}");
        assert!(sent[0].contains("ER=406"), "{sent:?}");
    }

    #[test]
    fn each_version_is_answered_in_kind() {
        let mut bench = Bench::new();
        for version in 1..=3 {
            let sent = bench.message(format!("!/{version} [192.0.2.9]:2944 T={version}{{C=${{A=$}}}}").as_bytes());
            assert!(sent[0].starts_with(&format!("!/{version} ")), "{sent:?}");
        }
    }

    #[test]
    fn memory_is_bounded_by_refusals() {
        let mut small = config();
        small.limits = Limits { replies: 2, transactions_per_message: 2, message_octets: 400, ..Limits::default() };
        let mut bench = Bench::with(small, Arc::new(Reference));
        assert!(answer(&mut bench, "T=1{C=${A=$}}T=2{C=${A=$}}T=3{C=${A=$}}").starts_with("ER=413"));
        answer(&mut bench, "T=1{C=${A=$}}");
        let adds = ["A=$"; 40].join(",");
        assert!(answer(&mut bench, &format!("T=2{{C=1{{{adds}}}}}")).starts_with("P=2{ER=533"));
        assert!(answer(&mut bench, "T=3{C=${A=$}}").starts_with("P=3{ER=510"));
        assert_eq!(bench.counts().0, 1);
    }

    #[test]
    fn a_reply_goes_where_the_request_came_from() {
        let mut bench = Bench::new();
        let mut from = mgc();
        from.address.set_port(4711);
        bench.gateway.handle_h248(bench.now, from, format!("{MESSAGE}T=1{{C=${{A=$}}}}").as_bytes());
        assert_eq!(bench.sent()[0].0, from);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            Bench::new().message(&octets);
        }

        #[test]
        fn damaged_messages_never_panic_and_leave_no_port_behind(
            cuts in proptest::collection::vec((0usize..400, any::<u8>()), 0..6),
            length in 0usize..400,
        ) {
            let mut octets = format!(
                "{MESSAGE}T=5{{C=${{A=${{M{{ST=1{{O{{MO=SR,ipdc/realm=\"core\"}},L{{v=0\nc=IN IP4 $\nm=message $ TCP/TLS *\n\
                 a=setup:actpass\na=fingerprint:sha-256 $\n}}}}}},E=1{{g/cause}},AT{{M,PG}}}},O-W-S=*}},C=*{{W-AV=*{{AT{{}}}}}}}}"
            ).into_bytes();
            for (at, octet) in cuts {
                if let Some(place) = octets.get_mut(at) {
                    *place = octet;
                }
            }
            octets.truncate(length.max(60));
            let mut bench = Bench::new();
            bench.message(&octets);
            bench.gateway.shutdown(bench.now);
            bench.sent();
            // Every port is either free again or belongs to a leg a relay was told to open.
            let opened = bench.bearer().iter().filter(|(_, c)| matches!(c, crate::gateway::LegCommand::Open { .. })).count();
            prop_assert_eq!(bench.ports.lock().unwrap().len(), opened);
        }
    }
}
