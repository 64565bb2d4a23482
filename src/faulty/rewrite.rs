//! H.248 messages changed on their way in or out: what can be read is changed as a value and spelled anew, what cannot passes.

use crate::wire::h248::{
    self, ActionReply, ActionRequest, CommandReply, CommandRequest, Message, MessageBody, Style, Transaction,
    TransactionReply, TransactionResult,
};

/// One tap: what it does to octets one way.
macro_rules! tap {
    ($name:ident, $way:ident, $change:expr) => {
        #[derive(Debug)]
        pub(super) struct $name;

        impl crate::net::Tap for $name {
            fn $way(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
                let change: fn(Vec<u8>) -> Vec<Vec<u8>> = $change;
                change(octets)
            }
        }
    };
}
pub(super) use tap;

/// The message changed.
pub(super) fn message(octets: Vec<u8>, change: impl for<'m> FnOnce(&mut Message<'m>)) -> Vec<Vec<u8>> {
    let changed = h248::parse(&octets).ok().map(|mut message| {
        change(&mut message);
        h248::encode(&message, Style::Compact)
    });
    vec![changed.unwrap_or(octets)]
}

/// Each transaction changed, or dropped where the change says false.
pub(super) fn transactions(octets: Vec<u8>, change: impl for<'m> Fn(&mut Transaction<'m>) -> bool) -> Vec<Vec<u8>> {
    let Ok(mut message) = h248::parse(&octets) else { return vec![octets] };
    let MessageBody::Transactions(transactions) = &mut message.body else { return vec![octets] };
    transactions.retain_mut(|transaction| change(transaction));
    if transactions.is_empty() { Vec::new() } else { vec![h248::encode(&message, Style::Compact)] }
}

/// Each action of each request changed.
pub(super) fn actions(octets: Vec<u8>, change: impl for<'m> Fn(&mut ActionRequest<'m>)) -> Vec<Vec<u8>> {
    transactions(octets, |transaction| {
        if let Transaction::Request(request) = transaction {
            request.actions.iter_mut().for_each(&change);
        }
        true
    })
}

/// Each command of each request changed.
pub(super) fn commands(octets: Vec<u8>, change: impl for<'m> Fn(&mut CommandRequest<'m>)) -> Vec<Vec<u8>> {
    actions(octets, |action| action.commands.iter_mut().for_each(&change))
}

/// Each reply changed.
pub(super) fn replies(octets: Vec<u8>, change: impl for<'m> Fn(&mut TransactionReply<'m>)) -> Vec<Vec<u8>> {
    transactions(octets, |transaction| {
        if let Transaction::Reply(reply) = transaction {
            change(reply);
        }
        true
    })
}

/// Each action of each reply changed.
pub(super) fn action_replies(octets: Vec<u8>, change: impl for<'m> Fn(&mut ActionReply<'m>)) -> Vec<Vec<u8>> {
    replies(octets, |reply| {
        if let TransactionResult::Actions(actions) = &mut reply.result {
            actions.iter_mut().for_each(&change);
        }
    })
}

/// Each command of each reply changed.
pub(super) fn command_replies(octets: Vec<u8>, change: impl for<'m> Fn(&mut CommandReply<'m>)) -> Vec<Vec<u8>> {
    action_replies(octets, |action| action.commands.iter_mut().for_each(&change))
}

/// The octets as text, changed.
pub(super) fn text(octets: Vec<u8>, change: impl FnOnce(&str) -> String) -> Vec<Vec<u8>> {
    vec![change(&String::from_utf8_lossy(&octets)).into_bytes()]
}
