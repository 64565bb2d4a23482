//! Transactions: requests, replies and what keeps them reliable.

use std::fmt;

use super::{ActionReply, ActionRequest, ErrorDescriptor, owned::into_owned};

/// One element of a message's body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Transaction<'a> {
    /// Do this.
    Request(TransactionRequest<'a>),
    /// It is done, or not.
    Reply(TransactionReply<'a>),
    /// Still working on it (H.248.1 8.2.3).
    Pending(TransactionId),
    /// These replies arrived, never empty in a parsed message (H.248.1 Annex D.1.2.2).
    Ack(Vec<TransactionAck>),
    /// This part of a segmented reply arrived (version 3).
    Segment(Segment),
}

into_owned!(plain TransactionId, TransactionAck, Segment, Segmentation);
into_owned!(
    enum Transaction {
        Request(request),
        Reply(reply),
        Pending(id),
        Ack(acks),
        Segment(segment),
    }
);

/// Numbers a transaction within the association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TransactionId(pub u32);

impl TransactionId {
    /// Stands in a reply to a request whose id could not be read (H.248.1 8.2.2).
    pub const NONE: Self = Self(0);
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Commands to execute, in order, grouped by context.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TransactionRequest<'a> {
    /// Repeated by the reply.
    pub id: TransactionId,
    /// One or more; none only in the broken request of a fault.
    pub actions: Vec<ActionRequest<'a>>,
}

impl<'a> TransactionRequest<'a> {
    /// A request with these actions.
    pub const fn new(id: TransactionId, actions: Vec<ActionRequest<'a>>) -> Self {
        Self { id, actions }
    }
}

into_owned!(struct TransactionRequest { id, actions });

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TransactionReply<'a> {
    /// The request's id.
    pub id: TransactionId,
    /// Which part this is of a reply too long for one message (version 3).
    pub segmentation: Option<Segmentation>,
    /// The receiver shall acknowledge at once: a Pending went before (H.248.1 8.2.3).
    pub immediate_ack_required: bool,
    /// What came of it.
    pub result: TransactionResult<'a>,
}

impl<'a> TransactionReply<'a> {
    /// A reply with these action replies.
    pub const fn new(id: TransactionId, actions: Vec<ActionReply<'a>>) -> Self {
        Self { id, segmentation: None, immediate_ack_required: false, result: TransactionResult::Actions(actions) }
    }

    /// A reply that the transaction as a whole failed.
    pub const fn error(id: TransactionId, error: ErrorDescriptor<'a>) -> Self {
        Self { id, segmentation: None, immediate_ack_required: false, result: TransactionResult::Error(error) }
    }
}

into_owned!(struct TransactionReply { id, segmentation, immediate_ack_required, result });

/// What came of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum TransactionResult<'a> {
    /// Nothing was executed.
    Error(ErrorDescriptor<'a>),
    /// One reply per action, up to the first that failed. Never empty in a parsed message.
    Actions(Vec<ActionReply<'a>>),
}

into_owned!(
    enum TransactionResult {
        Error(error),
        Actions(actions),
    }
);

/// Place of one part of a segmented reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Segmentation {
    /// Counts from 1.
    pub number: u16,
    /// No part follows.
    pub last: bool,
}

/// Acknowledges one part of a segmented reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Segment {
    /// The reply's transaction.
    pub id: TransactionId,
    /// The part.
    pub segmentation: Segmentation,
}

/// A run of acknowledged transactions, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TransactionAck {
    /// The first.
    pub first: TransactionId,
    /// The last, when more than one was named.
    pub last: Option<TransactionId>,
}

impl TransactionAck {
    /// One transaction.
    pub const fn one(id: TransactionId) -> Self {
        Self { first: id, last: None }
    }

    /// True if `id` is acknowledged.
    pub fn covers(&self, id: TransactionId) -> bool {
        self.first <= id && id <= self.last.unwrap_or(self.first)
    }
}
