//! Gateways whose transactions go astray.

use super::rewrite::{action_replies, message, replies, tap};
use crate::wire::h248::{self, Command, MessageBody, Style, Transaction, TransactionId};

tap!(ShortIds, control_out, |octets| replies(octets, |reply| reply.id = TransactionId(reply.id.0 & 0x7FFF_FFFF)));

tap!(RepliesTwice, control_out, |octets| {
    let is_reply = h248::parse(&octets).is_ok_and(|message| {
        message.transactions().iter().any(|transaction| matches!(transaction, Transaction::Reply(_)))
    });
    if is_reply { vec![octets.clone(), octets] } else { vec![octets] }
});

tap!(FirstTransactionOnly, control_in, |octets| message(octets, |message| {
    if let MessageBody::Transactions(transactions) = &mut message.body {
        transactions.truncate(1);
    }
}));

tap!(ShortReplies, control_out, |octets| action_replies(octets, |action| action.commands.truncate(64)));

tap!(DiesOfLength, control_in, |octets| {
    assert!(octets.len() < 50_000, "faulty on purpose: that is long");
    vec![octets]
});

/// Ids from here on are the fault's own.
const OWN: u32 = 4_200_000_000;

/// What a Modify says of media is carried out by a transaction of its own first, so that it stays when the rest fails.
#[derive(Debug)]
pub(super) struct HalfModify;

impl crate::net::Tap for HalfModify {
    fn control_in(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        let first = h248::parse(&octets).ok().and_then(|mut message| {
            let MessageBody::Transactions(transactions) = &mut message.body else { return None };
            let [Transaction::Request(request)] = transactions.as_mut_slice() else { return None };
            request.id = TransactionId(OWN + request.id.0 % 90_000_000);
            let mut halved = false;
            for command in request.actions.iter_mut().flat_map(|action| &mut action.commands) {
                let Command::Modify(modify) = &mut command.command else { return None };
                halved |= modify.media.is_some() && modify.events.take().is_some();
            }
            halved.then(|| h248::encode(&message, Style::Compact))
        });
        first.into_iter().chain([octets]).collect()
    }

    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        super::rewrite::transactions(
            octets,
            |transaction| !matches!(transaction, Transaction::Reply(reply) if reply.id.0 >= OWN),
        )
    }
}
