//! What arrives: framing, joining of chunks, and the answers to it.

use super::{Core, MsrpError};
use crate::{
    results::Protocol,
    rules::msrp_chunks::{self, ChunkFinding, Progress, Reassembly},
    wire::msrp::{
        self, ByteRange, ContinuationFlag, Event, Frame, Framer, Head, Limits, Method, Path, Start, Status, StatusCode,
        Text,
    },
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// Octets one endpoint keeps of what arrives.
const KEPT: usize = 64 << 20;

/// Frames one endpoint keeps: empty ones cost memory too.
const FRAMES_KEPT: usize = 200_000;

/// One frame as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Start line and headers.
    pub head: Head<'static>,
    /// The body, when there is one.
    pub body: Option<Vec<u8>>,
    /// How the frame ended.
    pub flag: ContinuationFlag,
    /// Its octets, untouched.
    pub octets: Vec<u8>,
    /// The frame of the transcript.
    pub frame: u32,
}

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its Message-ID; empty when the peer gave none.
    pub message_id: String,
    /// Its Content-Type, when it has a body.
    pub content_type: Option<String>,
    /// The body, joined by Byte-Range.
    pub body: Vec<u8>,
    /// Its chunks in the order of arrival.
    pub chunks: Vec<Chunk>,
}

impl Received {
    /// The chunks' octets as they came, one after another.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        self.chunks.iter().flat_map(|chunk| &chunk.octets).copied().collect()
    }

    /// Frames, one a chunk.
    #[must_use]
    pub fn frames(&self) -> Vec<u32> {
        self.chunks.iter().map(|chunk| chunk.frame).collect()
    }
}

/// A response that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The transaction it answers.
    pub transaction_id: String,
    /// Its status code.
    pub code: u16,
    /// The frame.
    pub frame: u32,
}

/// A REPORT that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The message it is about.
    pub message_id: String,
    /// The status code it tells; 0 when it has no Status.
    pub code: u16,
    /// The octets it is about.
    pub byte_range: Option<ByteRange>,
    /// The frame.
    pub frame: u32,
}

/// What has arrived so far.
#[derive(Default)]
pub(super) struct Inbound {
    pub(super) messages: VecDeque<Received>,
    pub(super) responses: Vec<Response>,
    pub(super) reports: Vec<Report>,
    pub(super) chunks: Vec<Chunk>,
    pub(super) octets: Vec<u8>,
    pub(super) ended: Option<MsrpError>,
    pub(super) findings: Vec<(ChunkFinding, u32)>,
    partial: BTreeMap<String, Vec<Chunk>>,
    reassembly: Reassembly,
}

/// The reading task.
pub(super) async fn read(core: Arc<Core>) {
    let error = match read_until_error(&core).await {
        Ok(never) => match never {},
        Err(error) => error,
    };
    core.inbound().ended = Some(error);
    core.changed.notify_waiters();
}

async fn read_until_error(core: &Core) -> Result<std::convert::Infallible, MsrpError> {
    let mut framer = Framer::new(Limits::default());
    let mut head: Option<Head<'static>> = None;
    let mut body: Option<Vec<u8>> = None;
    let mut octets = Vec::new();
    loop {
        // Bounded by the connection, which the UE ends.
        let arrived = core.ue.receive_some(Duration::MAX).await?;
        {
            let mut inbound = core.inbound();
            if inbound.octets.len() + arrived.len() > KEPT || inbound.chunks.len() >= FRAMES_KEPT {
                return Err(MsrpError::TooLong { limit: KEPT });
            }
            inbound.octets.extend_from_slice(&arrived);
        }
        let mut input = arrived.as_slice();
        loop {
            let before = input;
            let event = framer.next(&mut input);
            octets.extend_from_slice(before.get(..before.len() - input.len()).unwrap_or_default());
            match event {
                Ok(None) => break,
                Ok(Some(Event::HeadComplete { head: read, has_body })) => {
                    head = Some(read.into_owned());
                    body = has_body.then(Vec::new);
                }
                Ok(Some(Event::BodyPart(part))) => body.get_or_insert_default().extend_from_slice(part),
                Ok(Some(Event::End(flag))) => {
                    let octets = std::mem::take(&mut octets);
                    let frame = core.ue.record_message(Protocol::Msrp, &octets);
                    if let Some(head) = head.take() {
                        core.arrived(Chunk { head, body: body.take(), flag, octets, frame }).await?;
                    }
                }
                Err(error) => {
                    octets.extend_from_slice(input);
                    let frame = core.ue.record_message(Protocol::Data, &octets);
                    return Err(MsrpError::Malformed { error, frame });
                }
            }
        }
    }
}

impl Core {
    async fn arrived(&self, chunk: Chunk) -> Result<(), MsrpError> {
        let mut answers = Vec::new();
        // First of all: who awaits the message, response or report finds the frame it came in.
        self.inbound().chunks.push(chunk.clone());
        match &chunk.head.start {
            Start::Response { code, .. } => {
                let transaction_id = chunk.head.transaction_id.to_string();
                let response = Response { transaction_id, code: code.value(), frame: chunk.frame };
                self.inbound().responses.push(response);
            }
            Start::Request(Method::Report) => self.inbound().reports.push(report(&chunk)),
            Start::Request(method) => {
                let code = match method {
                    Method::Send if self.is_ours(&chunk.head) => self.joined(&chunk, &mut answers)?,
                    Method::Send => StatusCode::NO_SESSION,
                    _ => StatusCode::UNKNOWN_METHOD,
                };
                let comment = if code == StatusCode::OK { Text::new("OK").ok() } else { None };
                // Before the report: that is about the message, this about its last chunk.
                answers.splice(0..0, msrp_chunks::response(&chunk.head, code, comment).map(encoded));
            }
        }
        self.changed.notify_waiters();
        if self.settings.responds {
            for answer in answers {
                self.write(&answer).await?;
            }
        }
        Ok(())
    }

    /// Is the request for this session? The endpoints' URIs are compared, whatever relays stand before them. RFC 4975 section 7.3.
    fn is_ours(&self, head: &Head<'_>) -> bool {
        let same = |came: &Path<'_>, known: &Path<'_>| match (came.uris().next_back(), known.uris().next_back()) {
            (Some(came), Some(known)) => self.settings.matching.is_none_or(|rule| rule.same_session(&came, &known)),
            _ => false,
        };
        same(&head.to_path, &self.settings.own) && same(&head.from_path, &self.settings.peer)
    }

    /// Adds a chunk to its message; a whole one is handed on, with the report of success that it asks for.
    fn joined(&self, chunk: &Chunk, answers: &mut Vec<Vec<u8>>) -> Result<StatusCode, MsrpError> {
        let inbound = &mut *self.inbound();
        let message_id = chunk.head.message_id().map(ToString::to_string).unwrap_or_default();
        let octets = chunk.body.as_deref().unwrap_or_default();
        let body = match inbound.reassembly.accept(&chunk.head, octets, chunk.flag) {
            Ok(Progress::Complete(body)) => body,
            Ok(Progress::Partial) => {
                inbound.partial.entry(message_id).or_default().push(chunk.clone());
                return Ok(StatusCode::OK);
            }
            Ok(Progress::Aborted) => {
                inbound.partial.remove(&message_id);
                return Ok(StatusCode::OK);
            }
            Err(finding) => {
                inbound.findings.push((finding, chunk.frame));
                let too_much = finding == ChunkFinding::OverLimit;
                return Ok(if too_much { StatusCode::STOP_SENDING } else { StatusCode::BAD_REQUEST });
            }
        };
        let mut chunks = inbound.partial.remove(&message_id).unwrap_or_default();
        chunks.push(chunk.clone());
        if let Some(asking) = chunks.iter().find(|chunk| chunk.head.success_report()) {
            let total = body.len() as u64;
            let range = ByteRange { start: 1, end: Some(total), total: Some(total) };
            let status = Status::new(StatusCode::OK, Text::new("OK").ok());
            answers.extend(msrp_chunks::report(&asking.head, self.fresh_id(&[])?, range, status).map(encoded));
        }
        let content_type = chunks.iter().find_map(|chunk| chunk.head.content_type()).map(ToString::to_string);
        inbound.messages.push_back(Received { message_id, content_type, body, chunks });
        Ok(StatusCode::OK)
    }
}

/// A frame without body.
fn encoded(head: Head<'_>) -> Vec<u8> {
    msrp::encode(&Frame { head, body: None, flag: ContinuationFlag::Last })
}

fn report(chunk: &Chunk) -> Report {
    Report {
        message_id: chunk.head.message_id().map(ToString::to_string).unwrap_or_default(),
        code: chunk.head.status().map_or(0, |status| status.code.value()),
        byte_range: chunk.head.byte_range(),
        frame: chunk.frame,
    }
}
