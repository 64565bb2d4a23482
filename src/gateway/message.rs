//! Messages: the transactions in them, and what is sent.

use super::{
    association::Authentication,
    control::{Delayed, Gateway, GatewayEvent, Output, Peer, Purpose},
    registration::Answer,
    transaction::{self, Admission, TransactionKey},
};
use crate::wire::h248::{
    self, ActionReply, ActionRequest, CommandReply, ContextId, ErrorCode, ErrorDescriptor, Fault, FaultLevel,
    IntoOwned, MId, Message, MessageBody, Segment, Style, Transaction, TransactionAck, TransactionId, TransactionReply,
    TransactionRequest, TransactionResult,
};
use std::time::{Duration, Instant};

/// What a request is part of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'m> {
    pub(super) peer: Peer,
    version: u8,
    mid: &'m str,
}

/// What could not be read of a request: in which context, and what to answer.
type Broken = (Option<ContextId>, ErrorDescriptor<'static>);

impl Gateway {
    pub(super) fn message(&mut self, now: Instant, peer: Peer, message: Message<'_>) {
        let Message { auth, version, mid, body } = message;
        let transactions = match body {
            MessageBody::Transactions(transactions) => transactions,
            // Errors are not answered, or two peers would go on for ever.
            MessageBody::Error(error) => return self.error_received(now, peer, &error),
        };
        if let Err(code) = self.speaks(version) {
            return self.message_error(peer, version, ErrorDescriptor::new(code));
        }
        if auth.is_some() && self.contexts.config.association.authentication == Authentication::Refused {
            return self.message_error(peer, version, ErrorDescriptor::new(ErrorCode::UNAUTHORIZED));
        }
        if transactions.len() > self.contexts.config.limits.transactions_per_message {
            return self.message_error(peer, version, ErrorDescriptor::new(ErrorCode::TOO_MANY_TRANSACTIONS));
        }
        self.transactions(now, peer, version, &mid, transactions);
    }

    /// 406 for a version that is not spoken, or none that was agreed. H.248.1 11.3.
    fn speaks(&self, version: u8) -> Result<(), ErrorCode> {
        let agreed = self.registration.incompatibility().is_none_or(|code| code != ErrorCode::VERSION_NOT_SUPPORTED);
        let settings = &self.contexts.config.association;
        // Before agreement an MGC may answer in the version it likes.
        let lowest = if self.registration.is_registered() { settings.lowest_version } else { 1 };
        let spoken = (lowest..=settings.version).contains(&version);
        if agreed && spoken { Ok(()) } else { Err(ErrorCode::VERSION_NOT_SUPPORTED) }
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
        let origin = self.origin(peer, version, &mid);
        for transaction in transactions {
            match transaction {
                Transaction::Request(request) => self.request(now, origin, request, None),
                Transaction::Reply(reply) => self.reply(now, origin, reply),
                Transaction::Pending(TransactionId(id)) => {
                    let (timers, limit) = (self.contexts.config.timers, self.root().mgc_originated_pending_limit);
                    if let Some(purpose) = self.requests.pending(now, id, &timers, limit) {
                        self.abandoned(now, purpose);
                    }
                }
                Transaction::Ack(acks) => {
                    // A message holds thousands of ranges; those of one peer in its right mind are few.
                    for TransactionAck { first, last } in acks.into_iter().take(64) {
                        self.replies.acknowledged(&mid, first.0, last.unwrap_or(first).0);
                    }
                }
                Transaction::Segment(Segment { id, segmentation }) => {
                    self.replies.segment_acknowledged(&mid, id.0, segmentation.number);
                }
            }
        }
    }

    /// Where answers to a message go, and the version they are in: the message's, but not above what was agreed.
    fn origin<'m>(&self, peer: Peer, version: u8, mid: &'m str) -> Origin<'m> {
        let agreed = if self.registration.is_registered() { self.version } else { version };
        Origin { peer, version: version.min(agreed), mid }
    }

    /// The syntax ladder of H.248.1 8.2.2: what could be read is executed, the rest answered with the error of its level.
    pub(super) fn fault(&mut self, now: Instant, peer: Peer, mut fault: Fault<'_>) {
        let version = fault.version.unwrap_or(self.version);
        // Past the header a message-level fault is one in an error, and errors are not answered.
        if fault.level == FaultLevel::Message && fault.mid.is_some() && fault.error.field != "mId" {
            return;
        }
        if let Err(code) = self.speaks(version) {
            return self.message_error(peer, version, ErrorDescriptor::new(code));
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
                let origin = self.origin(peer, version, &mid);
                self.request(now, origin, broken, Some((fault.context, fault.descriptor())));
            }
            _ => {
                let reply = TransactionReply::error(TransactionId::NONE, fault.descriptor());
                self.send_reply(peer, version, reply);
            }
        }
    }

    /// The peer speaks the binary encoding: said in words, since an offset would help nobody.
    pub(super) fn binary(&mut self, peer: Peer) {
        let text = "binary encoding: this is a text association";
        let error = ErrorDescriptor::with_text(ErrorCode::SYNTAX_ERROR_IN_MESSAGE, text);
        self.message_error(peer, self.version, error);
    }

    fn request(&mut self, now: Instant, origin: Origin<'_>, request: TransactionRequest<'_>, broken: Option<Broken>) {
        let Origin { peer, version, mid } = origin;
        let refused = |code| TransactionReply::error(request.id, ErrorDescriptor::new(code));
        let admitted = self.registration.admits(&self.contexts.config, peer);
        if let Err(code) = admitted
            && !(code == ErrorCode::UNAUTHORIZED_ENTITY && self.contexts.policy.obeys_strangers())
        {
            // Not stored: the same request may be right in a moment.
            self.event(GatewayEvent::Refused { peer, code: code.0 });
            return drop(self.send_reply(peer, version, refused(code)));
        }
        self.spoke(peer, version);
        let key = self.replies.key(mid, request.id.0);
        let admission = match self.contexts.policy.answers_duplicates_from_store() {
            true => self.replies.admit(now, &key),
            false => Admission::New,
        };
        match admission {
            Admission::New if self.contexts.config.timers.execution.is_zero() || broken.is_some() => {
                self.execute_and_reply(now, peer, version, &key, &request, broken);
            }
            Admission::New if self.delayed.len() >= self.contexts.config.limits.delayed => {
                self.finish(now, peer, version, &key, refused(ErrorCode::TEMPORARILY_BUSY));
            }
            Admission::New => {
                let due = now + self.contexts.config.timers.execution;
                self.provisional.push_back((now + self.provisional(), key.clone()));
                self.delayed.push_back(Delayed { due, peer, version, key, request: request.into_owned() });
            }
            Admission::Answered(messages) => {
                self.outputs.extend(messages.into_iter().map(|octets| Output::Control { to: peer, octets }));
            }
            Admission::Running => {
                // The peer may have lost the way it came by first; a queue is short.
                if let Some(delayed) = self.delayed.iter_mut().find(|delayed| delayed.key == key) {
                    delayed.peer = peer;
                }
                self.say_pending(now, &key);
            }
            Admission::Acknowledged => {}
            Admission::Full => drop(self.send_reply(peer, version, refused(ErrorCode::INSUFFICIENT_RESOURCES))),
        }
    }

    /// Executes what is due, says Pending for what is not. H.248.1 8.2.3.
    pub(super) fn delayed_timeout(&mut self, now: Instant) {
        while self.delayed.front().is_some_and(|delayed| delayed.due <= now) {
            let Some(Delayed { peer, version, key, request, .. }) = self.delayed.pop_front() else { break };
            self.execute_and_reply(now, peer, version, &key, &request, None);
        }
        while self.provisional.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, key)) = self.provisional.pop_front() else { break };
            self.say_pending(now, &key);
            if self.replies.pendings(&key).is_some() {
                self.provisional.push_back((now + self.provisional(), key));
            }
        }
    }

    /// Pending for a request that is being executed; 506 in the end when that was said too often (H.248.1 E.2,
    /// MGOriginatedPendingLimit).
    fn say_pending(&mut self, now: Instant, key: &TransactionKey) {
        let Some(at) = self.delayed.iter().position(|delayed| delayed.key == *key) else { return };
        let Some(Delayed { peer, version, request, .. }) = self.delayed.get(at) else { return };
        let (peer, version, id) = (*peer, *version, request.id);
        if !self.contexts.policy.says_pending() {
            return;
        }
        if self.replies.pendings(key).is_none_or(|said| said < self.root().mg_originated_pending_limit) {
            self.replies.pending_sent(key);
            return self.send(peer, version, Transaction::Pending(id));
        }
        self.delayed.remove(at);
        let error = ErrorDescriptor::new(ErrorCode::TOO_MANY_PENDINGS);
        self.finish(now, peer, version, key, TransactionReply::error(id, error));
    }

    /// How long a request may be executed before Pending is said, and again. H.248.1 E.2, MGProvisionalResponseTimerValue.
    fn provisional(&self) -> Duration {
        // An MGC that writes 0 is not to hear nothing else.
        self.root().mg_provisional_response_timer.max(Duration::from_millis(10))
    }

    fn execute_and_reply(
        &mut self,
        now: Instant,
        peer: Peer,
        version: u8,
        key: &TransactionKey,
        request: &TransactionRequest<'_>,
        broken: Option<Broken>,
    ) {
        let commands: usize = request.actions.iter().map(|action| action.commands.len()).sum();
        let most = self.contexts.config.limits.commands_per_transaction;
        if commands > most {
            let text = format!("{commands} commands: more than {most}");
            let error = ErrorDescriptor::with_text(ErrorCode::INSUFFICIENT_RESOURCES, text);
            return self.finish(now, peer, version, key, TransactionReply::error(request.id, error));
        }
        let (mut actions, failed) = self.execute(now, peer, &request.actions);
        let reply = match broken {
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
        self.finish(now, peer, version, key, reply);
        // Whoever hands the gateway over hears of it before the next MGC does.
        self.continue_hand_off(now);
    }

    /// The end of a transaction received: the reply is sent and remembered, and repeated where the peer no longer asks.
    fn finish(
        &mut self,
        now: Instant,
        peer: Peer,
        version: u8,
        key: &TransactionKey,
        mut reply: TransactionReply<'static>,
    ) {
        let unreliable = !self.contexts.config.association.is_reliable(peer.association);
        let pending = self.replies.pendings(key).is_some_and(|said| said > 0);
        reply.immediate_ack_required = pending && unreliable && self.contexts.policy.wants_acknowledgement();
        if let Some(code) = first_error(&reply) {
            self.event(GatewayEvent::Refused { peer, code: code.0 });
        }
        let repeated = reply.immediate_ack_required;
        let messages = self.send_reply(peer, version, reply);
        let repeated = unreliable && (repeated || messages.len() > 1);
        self.replies.answered(key, messages);
        if repeated {
            let timers = self.contexts.config.timers;
            self.replies.repeat(now, key, peer, &timers);
        }
    }

    fn reply(&mut self, now: Instant, origin: Origin<'_>, reply: TransactionReply<'_>) {
        let Origin { peer, version, mid } = origin;
        let TransactionReply { id, segmentation, immediate_ack_required, result } = reply;
        let result = match segmentation {
            None => result,
            Some(segmentation) => {
                let timers = self.contexts.config.timers;
                let whole = self.requests.segment(now, id.0, segmentation, result, &timers);
                // What comes late was taken before, and its acknowledgement lost.
                if whole.is_ok() || self.requests.was_sent(id.0) {
                    self.send(peer, version, Transaction::Segment(Segment { id, segmentation }));
                }
                let Ok(Some(whole)) = whole else { return };
                whole
            }
        };
        if immediate_ack_required {
            self.send(peer, version, Transaction::Ack(vec![TransactionAck::one(id)]));
        }
        let Some((to, purpose)) = self.requests.answered(id.0) else { return };
        match purpose {
            Purpose::Register => self.register_answered(now, to, Answer::of(result, mid)),
            Purpose::Notify(termination) => self.notified(now, &termination),
            Purpose::Leave => self.left(),
        }
    }

    fn message_error(&mut self, peer: Peer, version: u8, error: ErrorDescriptor<'static>) {
        self.event(GatewayEvent::Refused { peer, code: error.code.0 });
        // In a version the gateway speaks.
        let settings = &self.contexts.config.association;
        let version = version.min(settings.version).max(settings.lowest_version);
        let message = Message::error(version, self.contexts.config.mid.clone(), error);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to: peer, octets });
    }

    /// Sends a reply; when it is too long, segments where they are allowed, else 533 in its place. The messages sent.
    fn send_reply(&mut self, peer: Peer, version: u8, reply: TransactionReply<'_>) -> Vec<Vec<u8>> {
        let config = &self.contexts.config;
        let (id, mid, limit) = (reply.id, config.mid.clone(), config.limits.message_octets);
        let segments = version >= 3 && config.association.segments_over(peer.association);
        let mut reply = Message::reply(version, mid.clone(), reply);
        let octets = h248::encode(&reply, Style::Compact);
        let messages = if octets.len() <= limit {
            vec![octets]
        } else {
            let whole = match &mut reply.body {
                MessageBody::Transactions(transactions) => transactions.pop(),
                MessageBody::Error(_) => None,
            };
            let cut = match whole {
                Some(Transaction::Reply(whole)) if segments && self.contexts.policy.segments() => {
                    transaction::messages(version, &mid, whole, limit)
                }
                _ => None,
            };
            cut.unwrap_or_else(|| {
                let error = TransactionReply::error(id, ErrorDescriptor::new(ErrorCode::RESPONSE_TOO_LARGE));
                vec![h248::encode(&Message::reply(version, mid, error), Style::Compact)]
            })
        };
        self.outputs.extend(messages.iter().map(|octets| Output::Control { to: peer, octets: octets.clone() }));
        messages
    }

    fn send(&mut self, peer: Peer, version: u8, transaction: Transaction<'_>) {
        let message = Message::new(version, self.contexts.config.mid.clone(), vec![transaction]);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to: peer, octets });
    }

    /// Sends a request of the gateway's own until it is answered; to an MGC that another has succeeded, to that one.
    pub(super) fn send_request(&mut self, now: Instant, to: Peer, purpose: Purpose, actions: Vec<ActionRequest<'_>>) {
        let to = self.registration.present(to);
        let id = self.requests.allot();
        let request = TransactionRequest::new(TransactionId(id), actions);
        let message = Message::request(self.version, self.contexts.config.mid.clone(), request);
        let octets = h248::encode(&message, Style::Compact);
        self.outputs.push_back(Output::Control { to, octets: octets.clone() });
        let timers = self.contexts.config.timers;
        let reliable = self.contexts.config.association.is_reliable(to.association);
        let timers = if reliable { timers.once() } else { timers };
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
        Authentication, Config, Limits, Peer, Policy, Reference, SegmentedOver, Timers,
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
    fn memory_is_bounded() {
        let mut small = config();
        small.limits = Limits { replies: 2, transactions_per_message: 2, message_octets: 400, ..Limits::default() };
        let mut bench = Bench::with(small, Arc::new(Reference));
        assert!(answer(&mut bench, "T=1{C=${A=$}}T=2{C=${A=$}}T=3{C=${A=$}}").starts_with("ER=413"));
        assert_eq!(bench.counts().0, 0);
        answer(&mut bench, "T=1{C=${A=$}}");
        let adds = ["A=$"; 40].join(",");
        assert!(answer(&mut bench, &format!("T=2{{C=1{{{adds}}}}}")).starts_with("P=2{ER=533"));
        answer(&mut bench, "T=3{C=${A=$}}");
        assert!(answer(&mut bench, "T=1{C=${A=$}}").contains("C=3"), "the oldest transaction is forgotten");
    }

    #[test]
    fn ten_thousand_commands_are_refused_as_a_whole() {
        let mut bench = Bench::new();
        let adds = vec!["A=$"; 10_000].join(",");
        let reply = answer(&mut bench, &format!("T=1{{C=${{{adds}}}}}"));
        assert_eq!(reply, "P=1{ER=510{\"10000 commands: more than 4096\"}}");
        assert_eq!(bench.counts(), (0, 0));
        let audits = vec!["O-AV=nobody{AT{}}"; 4096].join(",");
        assert!(answer(&mut bench, &format!("T=2{{C=-{{{audits}}}}}")).starts_with("P=2{ER=533"));
    }

    fn slow(execution: u64, provisional: u64, pendings: u32) -> Config {
        let mut slow = config();
        slow.timers.execution = Duration::from_secs(execution);
        slow.timers.provisional = Duration::from_secs(provisional);
        slow.limits.pendings = pendings;
        slow
    }

    #[test]
    fn pending_is_said_again_and_again_until_the_reply() {
        let mut bench = Bench::with(slow(10, 3, 9), Arc::new(Reference));
        said(&mut bench, "T=5{C=${A=$}}");
        let sent = bench.wait(Duration::from_secs(10));
        let texts: Vec<_> = sent.iter().map(|(_, text)| text.rsplit_once(' ').expect("a message").1).collect();
        assert_eq!(texts, ["PN=5{}", "PN=5{}", "PN=5{}", "P=5{IA,C=1{A=ip/access/1}}"]);
        // Nobody asks for it any more, so it is repeated until it is acknowledged.
        assert_eq!(bench.wait(Duration::from_secs(1)).len(), 2);
        said(&mut bench, "K{5}");
        assert!(bench.wait(Duration::from_secs(20)).is_empty());
    }

    #[test]
    fn too_many_pendings_end_in_506_and_nothing_is_executed() {
        let mut bench = Bench::with(slow(100, 3, 2), Arc::new(Reference));
        said(&mut bench, "T=5{C=${A=$}}");
        let sent = bench.wait(Duration::from_secs(9));
        assert!(sent.len() == 3 && sent[2].1.contains("P=5{IA,ER=506"), "{sent:?}");
        said(&mut bench, "K{5}");
        assert!(bench.wait(Duration::from_secs(15)).is_empty());
        assert_eq!(bench.counts(), (0, 0));
        // Asked over and over it comes sooner.
        let mut bench = Bench::with(slow(100, 50, 2), Arc::new(Reference));
        let answers: Vec<_> = (0..4).flat_map(|_| said(&mut bench, "T=5{C=${A=$}}")).collect();
        assert!(answers.len() == 3 && answers[2].contains("ER=506"), "{answers:?}");
    }

    #[test]
    fn the_mgc_says_when_pending_is_said_and_how_often() {
        let mut bench = Bench::with(slow(60, 50, 9), Arc::new(Reference));
        said(
            &mut bench,
            "T=1{C=-{MF=ROOT{M{TS{root/MGProvisionalResponseTimerValue=0,root/MGOriginatedPendingLimit=2}}}}}",
        );
        bench.wait(Duration::from_secs(60));
        said(&mut bench, "K{1}T=5{C=${A=$}}");
        let sent = bench.wait(Duration::from_millis(30));
        assert!(sent.len() == 3 && sent[2].1.contains("ER=506"), "{sent:?}");
    }

    #[test]
    fn no_acknowledgement_is_wanted_over_a_reliable_transport() {
        let mut with = slow(10, 3, 9);
        with.association.reliable = vec![mgc().association..=mgc().association];
        let mut bench = Bench::with(with, Arc::new(Reference));
        said(&mut bench, "T=5{C=${A=$}}");
        let sent = bench.wait(Duration::from_secs(20));
        assert!(sent.len() == 4 && sent[3].1.ends_with("P=5{C=1{A=ip/access/1}}"), "{sent:?}");
    }

    #[test]
    fn a_duplicate_is_one_whatever_way_it_comes() {
        let mut bench = Bench::new();
        let request = format!("{MESSAGE}T=5{{C=${{A=$}}}}");
        let first = bench.message(request.as_bytes());
        let other = Peer { association: crate::gateway::AssociationId(7), address: ([192, 0, 2, 9], 5000).into() };
        bench.gateway.handle_h248(bench.now, other, request.as_bytes());
        assert_eq!(bench.sent(), [(other, first[0].clone())]);
        assert_eq!(bench.counts(), (1, 1));
        // One that is being executed is answered where it was asked for last.
        let mut bench = Bench::with(slow(1, 3, 9), Arc::new(Reference));
        bench.message(request.as_bytes());
        bench.gateway.handle_h248(bench.now, other, request.as_bytes());
        let sent: Vec<_> = bench.sent().into_iter().chain(bench.wait(Duration::from_secs(1))).collect();
        assert!(sent.len() == 2 && sent.iter().all(|(to, _)| *to == other), "{sent:?}");
    }

    #[test]
    fn an_authentication_header_is_ignored_or_refused_as_configured() {
        let signed = format!("AU=0x00000001:0x00000002:0x{} {MESSAGE}T=5{{C=${{A=$}}}}", "0".repeat(24));
        assert!(Bench::new().message(signed.as_bytes())[0].contains("P=5{C=1{"));
        let mut strict = config();
        strict.association.authentication = Authentication::Refused;
        let mut bench = Bench::with(strict, Arc::new(Reference));
        let refused = bench.message(signed.as_bytes());
        assert!(refused[0].contains(" ER=402") && bench.counts() == (0, 0), "{refused:?}");
        assert!(answer(&mut bench, "T=5{C=${A=$}}").contains("P=5{C=1{"));
    }

    #[test]
    fn errors_are_never_answered_however_they_are_written() {
        let mut bench = Bench::new();
        for error in ["ER=400{\"no\"}", "ER=400{\"no\"", "ER=", "ER=400{\"no\"} T=1{C=${A=$}}"] {
            assert!(said(&mut bench, error).is_empty(), "{error}");
            let unknown_version = format!("!/9 [192.0.2.9]:2944 {error}");
            assert!(bench.message(unknown_version.as_bytes()).is_empty(), "{error}");
        }
        assert_eq!(bench.counts(), (0, 0));
        assert!(bench.message(b"!/2 [192.0.2.9]:2944")[0].contains("ER=400"), "a header alone is no error");
    }

    #[test]
    fn binary_encoding_is_called_by_its_name() {
        let sent = Bench::new().message(b"0\x82\x01\x00\xa1");
        assert!(sent[0].ends_with("ER=400{\"binary encoding: this is a text association\"}"), "{sent:?}");
    }

    /// A gateway that segments over UDP, with a context of 40 terminations.
    fn segmenting() -> Bench {
        let mut with = config();
        with.association.segmentation = SegmentedOver::Everything;
        let mut bench = Bench::with(with, Arc::new(Reference));
        bench.say(&format!("C=${{{}}}", ["A=$"; 40].join(",")));
        let config = Arc::get_mut(&mut bench.gateway.contexts.config).expect("nobody else has it");
        config.limits.message_octets = 700;
        bench
    }

    #[test]
    fn a_long_reply_is_segmented_and_what_is_not_acknowledged_repeated() {
        let mut bench = segmenting();
        let audit = "!/3 [192.0.2.9]:2944 T=5{C=1{AV=*{AT{SA}}}}";
        let segments = bench.message(audit.as_bytes());
        let count = segments.len();
        assert!(count > 3 && segments.iter().all(|text| text.len() <= 700), "{segments:?}");
        for (number, text) in (1..).zip(&segments) {
            let end = if number == count { "/&" } else { "" };
            assert!(text.starts_with(&format!("!/3 [192.0.2.1]:2944 P=5/{number}{end}{{C=1{{")), "{text}");
        }
        assert_eq!(segments.concat().matches("AV=ip/access/").count(), 40);
        bench.message(b"!/3 [192.0.2.9]:2944 SM=5/1");
        for number in 3..count {
            bench.message(format!("!/3 [192.0.2.9]:2944 SM=5/{number}").as_bytes());
        }
        let left = [segments[1].clone(), segments[count - 1].clone()];
        let again: Vec<_> = bench.wait(Timers::default().retransmission).into_iter().map(|(_, text)| text).collect();
        assert_eq!(again, left);
        assert_eq!(bench.message(audit.as_bytes()), left, "a repeated request gets what is missing");
        bench.message(format!("!/3 [192.0.2.9]:2944 SM=5/2 SM=5/{count}/&").as_bytes());
        assert!(bench.wait(Duration::from_secs(20)).is_empty());
        assert!(bench.message(audit.as_bytes()).is_empty());
    }

    #[test]
    fn only_version_3_has_segments_and_only_where_they_are_wanted() {
        let mut bench = segmenting();
        assert!(answer(&mut bench, "T=5{C=1{AV=*{AT{SA}}}}").contains("P=5{ER=533"));
        let config = Arc::get_mut(&mut bench.gateway.contexts.config).expect("nobody else has it");
        config.association.segmentation = SegmentedOver::Reliable;
        let sent = bench.message(b"!/3 [192.0.2.9]:2944 T=6{C=1{AV=*{AT{SA}}}}");
        assert!(sent.len() == 1 && sent[0].contains("P=6{ER=533"), "{sent:?}");
    }

    #[test]
    fn a_segmented_reply_to_the_gateway_is_acknowledged_and_put_together() {
        let mut with = config();
        with.mgcs = vec![mgc()];
        let mut bench = Bench::with(with, Arc::new(Reference));
        bench.gateway.start(bench.now);
        bench.sent();
        let last = "!/3 [192.0.2.9]:2944 P=1/2/&{IA,C=2{MF=x}}";
        assert_eq!(bench.message(last.as_bytes()), ["!/3 [192.0.2.1]:2944 SM=1/2/&"]);
        assert_eq!(bench.error("C=${A=$}"), 505, "not registered by a half");
        assert!(bench.wait(Duration::from_secs(20)).is_empty(), "the request is not repeated");
        let first = bench.message(b"!/3 [192.0.2.9]:2944 P=1/1{C=-{SC=ROOT{SV{V=3}}}}");
        assert_eq!(first, ["!/3 [192.0.2.1]:2944 SM=1/1"]);
        assert_eq!(bench.error("C=${A=$}"), 0);
        // Its acknowledgement was lost.
        assert_eq!(bench.message(last.as_bytes())[0], "!/3 [192.0.2.1]:2944 SM=1/2/&");
        assert!(said(&mut bench, "P=99/1{C=-{SC=ROOT}}").is_empty(), "what nobody asked is not acknowledged");
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
