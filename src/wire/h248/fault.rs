//! A message that could not be read to its end, and how to answer it (H.248.1 8.2.2).

use std::fmt;

use super::{
    ActionReply, ContextId, ErrorCode, ErrorDescriptor, MId, Message, Transaction, TransactionId, TransactionReply,
    TransactionRequest,
};
use crate::wire::ParseError;

/// How much of a message was lost to a syntax error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultLevel {
    /// The header, or a body that is an error: answered by a message-level error.
    Message,
    /// A transaction: its id could not be read, or what follows its last action is wrong.
    Transaction,
    /// An action: its context could not be read, or what follows its last command is wrong.
    Action,
    /// A command, from its name to its end.
    Command,
    /// A reply, pending, acknowledgement or segment, which nobody answers.
    Response,
}

/// A syntax error, and everything that could be read before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault<'a> {
    /// What is wrong, and where.
    pub error: ParseError,
    /// How much was lost.
    pub level: FaultLevel,
    /// The version, when the header could be read that far.
    pub version: Option<u8>,
    /// The sender, when the header could be read that far.
    pub mid: Option<MId<'a>>,
    /// Whole transactions before the broken one: to be executed as usual.
    pub transactions: Vec<Transaction<'a>>,
    /// The broken request as far as it was read: id, whole actions, and in the last action (of `context`, when the level
    /// is action or command) the whole commands before the fault. To be executed before the error is reported.
    pub broken: Option<TransactionRequest<'a>>,
    /// The context of the broken action, when it could be read. The last action of `broken` then is that one.
    pub context: Option<ContextId>,
}

impl<'a> Fault<'a> {
    /// The code to answer with: 400 message, 403 transaction, 422 action, 442 command.
    pub const fn error_code(&self) -> ErrorCode {
        match self.level {
            FaultLevel::Message => ErrorCode::SYNTAX_ERROR_IN_MESSAGE,
            FaultLevel::Transaction | FaultLevel::Response => ErrorCode::SYNTAX_ERROR_IN_TRANSACTION,
            FaultLevel::Action => ErrorCode::SYNTAX_ERROR_IN_ACTION,
            FaultLevel::Command => ErrorCode::SYNTAX_ERROR_IN_COMMAND,
        }
    }

    /// The error to answer with; the text tells where and what.
    pub fn descriptor(&self) -> ErrorDescriptor<'static> {
        let ParseError { offset, kind, field, .. } = self.error;
        ErrorDescriptor::with_text(self.error_code(), format!("{field} at octet {offset}: {kind}"))
    }

    /// The id the answer carries: the broken request's, or 0 when it could not be read.
    pub fn transaction_id(&self) -> TransactionId {
        self.broken.as_ref().map_or(TransactionId::NONE, |request| request.id)
    }

    /// The answer when nothing of the broken request is executed: an action reply with the error where the context
    /// is known, else a reply with it. `None` for [`FaultLevel::Response`] and [`FaultLevel::Message`].
    pub fn reply(&self) -> Option<TransactionReply<'static>> {
        let (id, error) = (self.transaction_id(), self.descriptor());
        match (self.level, self.context) {
            (FaultLevel::Message | FaultLevel::Response, _) => None,
            (FaultLevel::Action | FaultLevel::Command, Some(context)) => {
                Some(TransactionReply::new(id, vec![ActionReply::error(context, error)]))
            }
            _ => Some(TransactionReply::error(id, error)),
        }
    }

    /// The whole message to answer with when nothing is executed, sent by `mid`.
    pub fn answer<'m>(&self, mid: MId<'m>) -> Option<Message<'m>> {
        let version = self.version.unwrap_or(1);
        match self.level {
            FaultLevel::Response => None,
            FaultLevel::Message => Some(Message::error(version, mid, self.descriptor())),
            _ => self.reply().map(|reply| Message::reply(version, mid, reply)),
        }
    }
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)
    }
}

impl std::error::Error for Fault<'_> {}
