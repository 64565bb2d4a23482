//! An MSRP endpoint over a UE's bearer: sends chunked messages, answers what arrives, and keeps every octet of both, so that
//! a gateway without MSRP awareness can be held to leaving them untouched (TR 4.1.4 a).
//!
//! Responses and reports go out by themselves, as RFC 4975 7.2 and 7.1.2 ask, from a task that reads as long as the
//! connection lasts. A peer may be started before its UE is connected.

mod inbound;

pub use inbound::{Chunk, Received, Report, Response};

use super::ue::{Ue, UeError};
use crate::{
    results::Protocol,
    rules::{msrp_chunks::ChunkFinding, msrp_path::SessionMatching},
    wire::{
        ParseError,
        msrp::{
            self, ByteRange, ContentType, ContinuationFlag, FailureReport, Frame, Head, Header, Ident, Method, Path,
        },
    },
};
use inbound::Inbound;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, task::AbortHandle, time::timeout};

/// An MSRP session as its endpoint sees it.
#[derive(Debug, Clone)]
pub struct MsrpSettings {
    /// Own `a=path`.
    pub own: Path<'static>,
    /// The peer's `a=path` as it reached this endpoint: what To-Path carries.
    pub peer: Path<'static>,
    /// How paths are compared; `None`: not at all, what came is for the test to judge.
    pub matching: Option<SessionMatching>,
    /// Seed of transaction and message ids: the same seed gives the same ids.
    pub seed: u64,
    /// Answers requests and sends success reports.
    pub responds: bool,
}

impl MsrpSettings {
    /// Matching as RFC 4975, responding.
    #[must_use]
    pub const fn new(own: Path<'static>, peer: Path<'static>, seed: u64) -> Self {
        Self { own, peer, matching: Some(SessionMatching::Rfc4975), seed, responds: true }
    }
}

/// A message to send.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The body.
    pub body: Vec<u8>,
    /// Its Content-Type.
    pub content_type: String,
    /// Octets of body in each chunk; the last size repeats. Empty: one chunk.
    pub chunk_sizes: Vec<usize>,
    /// Asks for a REPORT of success.
    pub success_report: bool,
    /// When to hear of failures.
    pub failure_report: FailureReport,
}

impl Outgoing {
    /// `text/plain` in one chunk, default reports.
    #[must_use]
    pub fn text(body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            content_type: "text/plain".into(),
            chunk_sizes: Vec::new(),
            success_report: false,
            failure_report: FailureReport::Yes,
        }
    }

    /// The same, in chunks of these sizes.
    #[must_use]
    pub fn chunked(mut self, sizes: impl Into<Vec<usize>>) -> Self {
        self.chunk_sizes = sizes.into();
        self
    }

    /// The same, with a REPORT of success.
    #[must_use]
    pub const fn reported(mut self) -> Self {
        self.success_report = true;
        self
    }
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its Message-ID.
    pub message_id: String,
    /// Transaction ids, one a chunk, in order.
    pub transactions: Vec<String>,
    /// The chunks as they were written.
    pub octets: Vec<u8>,
    /// Frames, one a chunk.
    pub frames: Vec<u32>,
}

/// What came instead of an MSRP message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MsrpError {
    /// The bearer failed or ended.
    #[error(transparent)]
    Bearer(#[from] UeError),
    /// Nothing within the bound.
    #[error("nothing within the time bound while awaiting {what} (after frame {frame})")]
    TimedOut {
        /// What was awaited.
        what: &'static str,
        /// The last frame before the bound passed.
        frame: u32,
    },
    /// The octets that came are not MSRP.
    #[error("{error} (frame {frame})")]
    Malformed {
        /// Where and how.
        error: ParseError,
        /// The frame with the octets.
        frame: u32,
    },
    /// The message asked for cannot be written.
    #[error("not an MSRP message: {0}")]
    Unwritable(String),
    /// More octets arrived than this endpoint keeps.
    #[error("more than {limit} octets arrived")]
    TooLong {
        /// Octets kept.
        limit: usize,
    },
}

/// An MSRP endpoint; dropping it ends its task and leaves the UE as it is.
pub struct MsrpPeer {
    core: Arc<Core>,
    reader: AbortHandle,
}

/// What the reading task and the handle share.
struct Core {
    ue: Ue,
    settings: MsrpSettings,
    ids: Mutex<Ids>,
    inbound: Mutex<Inbound>,
    sent: Mutex<Vec<u8>>,
    writing: tokio::sync::Mutex<()>,
    changed: Notify,
}

impl Drop for MsrpPeer {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl MsrpPeer {
    /// Starts reading from `ue`. Must be called inside a tokio runtime.
    #[must_use]
    pub fn start(ue: Ue, settings: MsrpSettings) -> Self {
        let ids = Mutex::new(Ids(settings.seed));
        let core = Arc::new(Core {
            ue,
            settings,
            ids,
            inbound: Mutex::default(),
            sent: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        });
        let reader = tokio::spawn(inbound::read(Arc::clone(&core))).abort_handle();
        Self { core, reader }
    }

    /// The UE underneath.
    #[must_use]
    pub fn ue(&self) -> &Ue {
        &self.core.ue
    }

    /// Sends a message, chunk after chunk, without waiting for responses.
    pub async fn send_message(&self, outgoing: &Outgoing) -> Result<Sent, MsrpError> {
        let unwritable = |error: ParseError| MsrpError::Unwritable(error.to_string());
        let content_type = ContentType::new(outgoing.content_type.as_str()).map_err(unwritable)?;
        let message_id = self.core.fresh_id(&[])?;
        let total = outgoing.body.len() as u64;
        let mut sent = Sent {
            message_id: message_id.to_string(),
            transactions: Vec::new(),
            octets: Vec::new(),
            frames: Vec::new(),
        };
        let (mut rest, mut start) = (outgoing.body.as_slice(), 1);
        let mut sizes = outgoing.chunk_sizes.iter().copied();
        let mut size = rest.len();
        loop {
            size = sizes.next().unwrap_or(size).max(1);
            let (body, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            let transaction_id = self.core.fresh_id(body)?;
            let end = start + body.len() as u64;
            let range = ByteRange { start, end: Some(end - 1), total: Some(total) };
            start = end;
            let Core { settings, .. } = &*self.core;
            let mut head =
                Head::request(transaction_id.clone(), Method::Send, settings.peer.clone(), settings.own.clone())
                    .with(Header::MessageId(message_id.clone()))
                    .with(Header::ByteRange(range));
            if outgoing.success_report {
                head = head.with(Header::SuccessReport(true));
            }
            if outgoing.failure_report != FailureReport::default() {
                head = head.with(Header::FailureReport(outgoing.failure_report));
            }
            let head = head.with(Header::ContentType(content_type.clone()));
            let flag = if rest.is_empty() { ContinuationFlag::Last } else { ContinuationFlag::More };
            let octets = msrp::encode(&Frame { head, body: Some(body), flag });
            sent.frames.push(self.core.write(&octets).await?);
            sent.octets.extend(octets);
            sent.transactions.push(transaction_id.to_string());
            if rest.is_empty() {
                return Ok(sent);
            }
        }
    }

    /// Sends an empty SEND: what binds a session to the connection right after it is established. RFC 4975 section 5.4.
    pub async fn send_empty(&self) -> Result<Sent, MsrpError> {
        let (transaction_id, message_id) = (self.core.fresh_id(&[])?, self.core.fresh_id(&[])?);
        let Core { settings, .. } = &*self.core;
        let head = Head::request(transaction_id.clone(), Method::Send, settings.peer.clone(), settings.own.clone())
            .with(Header::MessageId(message_id.clone()));
        let octets = msrp::encode(&Frame { head, body: None, flag: ContinuationFlag::Last });
        let frames = vec![self.core.write(&octets).await?];
        let (message_id, transactions) = (message_id.to_string(), vec![transaction_id.to_string()]);
        Ok(Sent { message_id, transactions, octets, frames })
    }

    /// Sends octets as one MSRP message, whatever they are. Returns their frame.
    pub async fn send_octets(&self, octets: &[u8]) -> Result<u32, MsrpError> {
        self.core.write(octets).await
    }

    /// Awaits the next whole message.
    pub async fn receive_message(&self, bound: Duration) -> Result<Received, MsrpError> {
        self.core.until(bound, "an MSRP message", |inbound| inbound.messages.pop_front()).await
    }

    /// Awaits a response to each of a message's transactions, in the order of the chunks.
    pub async fn responses(&self, sent: &Sent, bound: Duration) -> Result<Vec<Response>, MsrpError> {
        let all = |inbound: &mut Inbound| {
            let to = |id: &String| inbound.responses.iter().find(|response| response.transaction_id == *id).cloned();
            sent.transactions.iter().map(to).collect()
        };
        self.core.until(bound, "MSRP responses", all).await
    }

    /// Awaits the response to one transaction, whoever wrote its request.
    pub async fn response(&self, transaction_id: &str, bound: Duration) -> Result<Response, MsrpError> {
        let to = |inbound: &mut Inbound| {
            inbound.responses.iter().find(|response| response.transaction_id == transaction_id).cloned()
        };
        self.core.until(bound, "an MSRP response", to).await
    }

    /// Awaits a REPORT about a message.
    pub async fn report(&self, sent: &Sent, bound: Duration) -> Result<Report, MsrpError> {
        let about =
            |inbound: &mut Inbound| inbound.reports.iter().find(|report| report.message_id == sent.message_id).cloned();
        self.core.until(bound, "an MSRP report", about).await
    }

    /// Awaits so many REPORTs about a message: one of each who received it.
    pub async fn reports_of(&self, sent: &Sent, count: usize, bound: Duration) -> Result<Vec<Report>, MsrpError> {
        let all = |inbound: &mut Inbound| {
            let about = inbound.reports.iter().filter(|report| report.message_id == sent.message_id);
            let about: Vec<_> = about.cloned().collect();
            (about.len() >= count).then_some(about)
        };
        self.core.until(bound, "MSRP reports", all).await
    }

    /// Everything this endpoint wrote, requests and responses, in order.
    #[must_use]
    pub fn sent_octets(&self) -> Vec<u8> {
        self.core.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything that arrived, in order, as it came.
    #[must_use]
    pub fn received_octets(&self) -> Vec<u8> {
        self.core.inbound().octets.clone()
    }

    /// What was wrong with chunks that arrived, and the frame of each.
    #[must_use]
    pub fn findings(&self) -> Vec<(ChunkFinding, u32)> {
        self.core.inbound().findings.clone()
    }

    /// Every whole frame that arrived, in order.
    #[must_use]
    pub fn received_chunks(&self) -> Vec<Chunk> {
        self.core.inbound().chunks.clone()
    }
}

impl Core {
    fn inbound(&self) -> std::sync::MutexGuard<'_, Inbound> {
        self.inbound.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An id whose end-line is not in `body`.
    fn fresh_id(&self, body: &[u8]) -> Result<Ident<'static>, MsrpError> {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let candidates = std::iter::repeat_with(|| ids.next()).take(64).flatten();
        msrp::fresh_transaction_id(body, candidates)
            .ok_or_else(|| MsrpError::Unwritable("the body holds every end-line tried".into()))
    }

    async fn write(&self, octets: &[u8]) -> Result<u32, MsrpError> {
        // Responses leave from the reading task: the log has the order of the wire, and what the peer answers is in it.
        let _turn = self.writing.lock().await;
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(self.ue.send_as(Protocol::Msrp, octets).await?)
    }

    async fn until<T>(
        &self,
        bound: Duration,
        what: &'static str,
        mut found: impl FnMut(&mut Inbound) -> Option<T>,
    ) -> Result<T, MsrpError> {
        let search = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                // Registered before the look, so that a change between the two is not missed.
                changed.as_mut().enable();
                let ended = {
                    let mut inbound = self.inbound();
                    if let Some(found) = found(&mut inbound) {
                        return Ok(found);
                    }
                    inbound.ended.clone()
                };
                if let Some(error) = ended {
                    return Err(error);
                }
                changed.await;
            }
        };
        let late = |_| MsrpError::TimedOut { what, frame: self.ue.transcript().last() };
        timeout(bound, search).await.map_err(late)?
    }
}

/// Ids that look random and repeat with their seed (splitmix64).
struct Ids(u64);

impl Ids {
    fn next(&mut self) -> Option<Ident<'static>> {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        Ident::new(format!("gc{mixed:016x}")).ok()
    }
}

#[cfg(test)]
mod tests;
