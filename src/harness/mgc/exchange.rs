//! One request and what follows it: repetition, Pending, the answer.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{endpoint::Shared, routes::ScenarioId};
use crate::wire::{
    ParseError,
    h248::{ActionReply, CommandReply, ContextId, ErrorDescriptor, TransactionId, TransactionReply, TransactionResult},
};

/// Something that arrived for a request.
#[derive(Debug)]
pub(super) enum Arrival {
    Reply { frame: u32, octets: Arc<[u8]>, reply: Box<TransactionReply<'static>> },
    Pending { frame: u32 },
    Error { frame: u32, octets: Arc<[u8]>, error: ErrorDescriptor<'static> },
    Undecodable { frame: u32, octets: Arc<[u8]>, fault: ParseError },
}

/// Arrivals a waiting request holds: replies are one, Pendings few; a gateway that sends more loses them.
const INBOX: usize = 16;
/// H.248.1 annex D.1.3 suggests this cap between repetitions.
const LONGEST_INTERVAL: Duration = Duration::from_secs(4);

/// A request that was answered by a reply, and the evidence.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The reply.
    pub reply: TransactionReply<'static>,
    /// Frame of the first sending of the request.
    pub request_frame: u32,
    /// Frame of the reply.
    pub reply_frame: u32,
    /// Frames of the Pendings that came before.
    pub pending_frames: Vec<u32>,
    /// How often the request was sent.
    pub transmissions: u32,
    /// The request's octets.
    pub request: Arc<[u8]>,
    /// Octets of the message the reply was in.
    pub octets: Arc<[u8]>,
    pub(super) transaction: Option<TransactionId>,
}

impl Answer {
    /// The action replies; none when the transaction failed as a whole.
    pub fn actions(&self) -> &[ActionReply<'static>] {
        match &self.reply.result {
            TransactionResult::Actions(actions) => actions,
            TransactionResult::Error(_) => &[],
        }
    }

    /// The command replies of all actions, in order.
    pub fn commands(&self) -> impl Iterator<Item = &CommandReply<'static>> {
        self.actions().iter().flat_map(|action| &action.commands)
    }

    /// The context of the first action reply.
    pub fn context(&self) -> Option<ContextId> {
        self.actions().first().map(|action| action.context)
    }

    /// The first error at any level: transaction, action, command.
    pub fn error(&self) -> Option<&ErrorDescriptor<'static>> {
        match &self.reply.result {
            TransactionResult::Error(error) => Some(error),
            TransactionResult::Actions(actions) => actions
                .iter()
                .find_map(|action| action.commands.iter().find_map(CommandReply::error).or(action.error.as_ref())),
        }
    }
}

/// Why a request has no reply.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransactError {
    /// Nothing came within the bound.
    #[error("no reply to transaction in frame {request_frame} after {transmissions} transmissions in {} ms", waited.as_millis())]
    TimedOut {
        /// Frame of the first sending of the request.
        request_frame: u32,
        /// How often the request was sent.
        transmissions: u32,
        /// How long we waited.
        waited: Duration,
        /// Frames of the Pendings that came.
        pending_frames: Vec<u32>,
    },
    /// The answer was a message-level error.
    #[error("message-level error {}", error.code)]
    MessageError {
        /// The error.
        error: ErrorDescriptor<'static>,
        /// Frame of the first sending of the request.
        request_frame: u32,
        /// Frame of the error.
        frame: u32,
        /// Octets of the error's message.
        octets: Arc<[u8]>,
    },
    /// The answer breaks the grammar.
    #[error("the answer in frame {frame} cannot be decoded: {fault}")]
    Undecodable {
        /// What is wrong with it.
        fault: ParseError,
        /// Frame of the first sending of the request.
        request_frame: u32,
        /// Frame of the answer.
        frame: u32,
        /// The answer.
        octets: Arc<[u8]>,
    },
    /// No gateway is registered, so there is nowhere to send to.
    #[error("no gateway is registered")]
    NotRegistered,
    /// The request could not be sent: the controller was killed, or the message is too long for a datagram.
    #[error("the request was not sent: {0}")]
    NotSent(#[source] Arc<io::Error>),
}

impl TransactError {
    /// The frame that shows it best, if one was recorded.
    pub const fn frame(&self) -> Option<u32> {
        match self {
            Self::TimedOut { request_frame: frame, .. }
            | Self::MessageError { frame, .. }
            | Self::Undecodable { frame, .. } => Some(*frame),
            Self::NotRegistered | Self::NotSent(_) => None,
        }
    }
}

/// A request to be sent and awaited.
pub(super) struct Exchange<'s> {
    pub(super) shared: &'s Arc<Shared>,
    pub(super) owner: ScenarioId,
    /// Where it goes; absent: to the gateway registered.
    pub(super) gateway: Option<SocketAddr>,
    /// Its id, when it has one a reply may repeat.
    pub(super) transaction: Option<TransactionId>,
    /// Deliberately malformed.
    pub(super) raw: bool,
    /// Another exchange sends it.
    pub(super) listens: bool,
    pub(super) octets: Arc<[u8]>,
}

impl Exchange<'_> {
    pub(super) async fn run(self) -> Result<Answer, TransactError> {
        let registered = || self.shared.registration.borrow().as_ref().map(|registration| registration.address);
        let gateway = self.gateway.or_else(registered).ok_or(TransactError::NotRegistered)?;
        let turn = if self.raw { Some(self.shared.raw_turn.lock().await) } else { None };
        // A request without an id of its own waits under one nobody uses.
        let id = self.transaction.unwrap_or_else(|| self.shared.routes().allot_transaction());
        let (sender, inbox) = mpsc::channel(INBOX);
        self.shared.routes().expect(id, self.owner, self.raw, sender);
        let _settled = Settle { shared: self.shared, id };
        let answer = self.until_answered(gateway, inbox).await;
        drop(turn);
        answer
    }

    async fn until_answered(
        &self,
        gateway: SocketAddr,
        mut inbox: mpsc::Receiver<Arrival>,
    ) -> Result<Answer, TransactError> {
        let options = &self.shared.options;
        let began = Instant::now();
        let mut pending_frames = Vec::new();
        let request_frame = self.send(gateway).await?;
        let mut transmissions = 1;
        // Waits are counted one by one, not by the clock: a machine that stalls must not make the gateway look silent.
        let (mut interval, mut left) = self.shared.patience();
        let mut wake = Instant::now() + interval.min(left);
        loop {
            match timeout_at(wake, inbox.recv()).await {
                Ok(Some(Arrival::Reply { frame, octets, reply })) => {
                    return Ok(Answer {
                        reply: *reply,
                        request_frame,
                        reply_frame: frame,
                        pending_frames,
                        transmissions,
                        request: Arc::clone(&self.octets),
                        octets,
                        transaction: self.transaction,
                    });
                }
                Ok(Some(Arrival::Pending { frame })) => {
                    // H.248.1 8.2.3: the request is known to have arrived, so it is not repeated any more.
                    if pending_frames.is_empty() {
                        left = options.after_pending;
                        interval = left;
                        wake = Instant::now() + left;
                    }
                    pending_frames.push(frame);
                }
                Ok(Some(Arrival::Error { frame, octets, error })) => {
                    return Err(TransactError::MessageError { error, request_frame, frame, octets });
                }
                Ok(Some(Arrival::Undecodable { frame, octets, fault })) => {
                    return Err(TransactError::Undecodable { fault, request_frame, frame, octets });
                }
                waited => {
                    // A closed inbox: the same transaction is awaited elsewhere now.
                    left = if waited.is_ok() { Duration::ZERO } else { left.saturating_sub(interval) };
                    if left.is_zero() {
                        let waited = began.elapsed();
                        return Err(TransactError::TimedOut { request_frame, transmissions, waited, pending_frames });
                    }
                    self.send(gateway).await?;
                    transmissions += 1;
                    interval = (interval * 2).min(LONGEST_INTERVAL);
                    wake = Instant::now() + interval.min(left);
                }
            }
        }
    }

    async fn send(&self, gateway: SocketAddr) -> Result<u32, TransactError> {
        if self.listens {
            let transcript = self.shared.routes().transcript(self.owner).cloned();
            return Ok(transcript.map_or(0, |transcript| transcript.last()));
        }
        let sent = self.shared.send(Some(self.owner), gateway, &self.octets).await;
        sent.map_err(|error| TransactError::NotSent(Arc::new(error)))
    }
}

/// Stops waiting when the request's future ends, also when it is dropped.
struct Settle<'s> {
    shared: &'s Shared,
    id: TransactionId,
}

impl Drop for Settle<'_> {
    fn drop(&mut self) {
        self.shared.routes().settle(self.id);
    }
}
