//! The log of the control plane: one line for each transaction of a message, never its content.

use crate::{
    gateway::Peer,
    wire::h248::{self, ErrorDescriptor, MessageBody, Transaction, TransactionResult},
};
use tracing::Level;

/// Logs a message that came in or is about to leave. Costs a parse, and nothing where nobody listens.
pub(super) fn message(direction: &'static str, peer: Peer, octets: &[u8]) {
    if !tracing::enabled!(Level::INFO) {
        return;
    }
    let (association, peer) = (peer.association.0, peer.address);
    let transactions = match h248::parse(octets) {
        Ok(message) => match message.body {
            MessageBody::Transactions(transactions) => transactions,
            MessageBody::Error(error) => {
                tracing::info!(association, %peer, direction, kind = "error", errors = error.code.0, "message");
                return;
            }
        },
        Err(fault) => {
            tracing::info!(association, %peer, direction, kind = "unreadable", offset = fault.error.offset, "message");
            fault.transactions
        }
    };
    for transaction in &transactions {
        let Line { kind, transaction, commands, errors } = Line::of(transaction);
        tracing::info!(association, %peer, direction, kind, transaction, commands, errors, "message");
    }
}

/// What is told of a transaction.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    kind: &'static str,
    transaction: u32,
    /// Command names, in order.
    commands: String,
    /// Error codes, in order.
    errors: String,
}

impl Line {
    fn of(transaction: &Transaction<'_>) -> Self {
        let line = |kind, transaction| Self { kind, transaction, commands: String::new(), errors: String::new() };
        match transaction {
            Transaction::Request(request) => {
                let commands = request.actions.iter().flat_map(|action| &action.commands);
                Self {
                    commands: joined(commands.map(|command| command.command.name())),
                    ..line("request", request.id.0)
                }
            }
            Transaction::Reply(reply) => {
                let code = |error: &ErrorDescriptor<'_>| error.code.0.to_string();
                let errors = match &reply.result {
                    TransactionResult::Error(error) => code(error),
                    TransactionResult::Actions(actions) => joined(actions.iter().flat_map(|action| {
                        let commands = action.commands.iter().filter_map(|reply| reply.error());
                        commands.chain(&action.error).map(code)
                    })),
                };
                Self { errors, ..line("reply", reply.id.0) }
            }
            Transaction::Pending(id) => line("pending", id.0),
            Transaction::Ack(acks) => line("ack", acks.first().map_or(0, |ack| ack.first.0)),
            Transaction::Segment(segment) => line("segment", segment.id.0),
        }
    }
}

/// Words with commas between them; of thousands the first.
fn joined(words: impl Iterator<Item = impl AsRef<str>>) -> String {
    const MOST: usize = 32;
    let mut text = String::new();
    for word in words.take(MOST) {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(word.as_ref());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        let message = h248::parse(text.as_bytes()).expect("a message");
        message.transactions().iter().map(Line::of).collect()
    }

    #[test]
    fn a_request_is_told_by_its_commands_and_a_reply_by_its_errors() {
        let [request] = &lines("!/2 <mgc> T=7{C=${A=$,A=$},C=1{S=*}}")[..] else { panic!("one request") };
        let told = (request.kind, request.transaction, request.commands.as_str());
        assert_eq!(told, ("request", 7, "Add,Add,Subtract"));
        let [reply] = &lines("!/2 <mg> P=7{C=1{MF=x{ER=430{\"no\"}}}}")[..] else { panic!("one reply") };
        assert_eq!((reply.kind, reply.transaction, reply.errors.as_str()), ("reply", 7, "430"));
    }
}
