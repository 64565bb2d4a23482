//! What arrives: framing, joining of chunks, and the answers to it.

use super::{Core, MsrpError, PathMatching};
use crate::{
    results::Protocol,
    wire::msrp::{
        self, ByteRange, ContinuationFlag, Event, FailureReport, Frame, Framer, Head, Header, Limits, Method, MsrpUri,
        Path, Start, Status, StatusCode, Text,
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
    partial: BTreeMap<String, Vec<Chunk>>,
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
        match &chunk.head.start {
            Start::Response { code, .. } => {
                let transaction_id = chunk.head.transaction_id.to_string();
                let response = Response { transaction_id, code: code.value(), frame: chunk.frame };
                self.inbound().responses.push(response);
            }
            Start::Request(Method::Report) => self.inbound().reports.push(report(&chunk)),
            Start::Request(method) => {
                let code = match method {
                    Method::Send if self.is_ours(&chunk.head) => StatusCode::OK,
                    Method::Send => StatusCode::NO_SESSION,
                    _ => StatusCode::UNKNOWN_METHOD,
                };
                answers.extend(self.response(&chunk.head, code));
                if code == StatusCode::OK {
                    let complete = self.inbound().join(chunk.clone());
                    if let Some(message) = complete {
                        answers.extend(self.success_report(&message)?);
                        self.inbound().messages.push_back(message);
                    }
                }
            }
        }
        self.inbound().chunks.push(chunk);
        self.changed.notify_waiters();
        if self.settings.responds {
            for answer in answers {
                self.write(&msrp::encode(&answer)).await?;
            }
        }
        Ok(())
    }

    /// Is the request for this session? RFC 4975 section 7.3: the last URI of To-Path, the last of From-Path.
    fn is_ours(&self, head: &Head<'_>) -> bool {
        let last = |path: &Path<'_>| path.uris().next_back().map(MsrpUri::into_owned);
        let same = |came: &Path<'_>, known: &Path<'_>| match (last(came), last(known), self.settings.matching) {
            (_, _, PathMatching::Off) => true,
            (Some(came), Some(known), PathMatching::Uri) => same_uri(&came, &known),
            (Some(came), Some(known), PathMatching::SessionId) => came.session_id == known.session_id,
            _ => false,
        };
        same(&head.to_path, &self.settings.own) && same(&head.from_path, &self.settings.peer)
    }

    /// The response that Failure-Report asks for. RFC 4975 sections 7.1.1 and 7.2.
    fn response(&self, head: &Head<'static>, code: StatusCode) -> Option<Frame<'static>> {
        let wanted = match head.failure_report() {
            FailureReport::Yes => true,
            FailureReport::Partial => code != StatusCode::OK,
            FailureReport::No => false,
        };
        // To the previous hop alone, in the name under which the request came here.
        let to_path = first(&head.from_path)?;
        let from_path = first(&head.to_path)?;
        let comment = Text::new(if code == StatusCode::OK { "OK" } else { "Refused" }).ok();
        let head = Head::response(head.transaction_id.clone(), code, comment, to_path, from_path);
        wanted.then_some(Frame { head, body: None, flag: ContinuationFlag::Last })
    }

    /// The report of success, when it was asked for. RFC 4975 section 7.1.2.
    fn success_report(&self, message: &Received) -> Result<Option<Frame<'static>>, MsrpError> {
        let Some(chunk) = message.chunks.iter().find(|chunk| chunk.head.success_report()) else { return Ok(None) };
        let Some(message_id) = chunk.head.message_id().cloned() else { return Ok(None) };
        let total = message.body.len() as u64;
        let range = ByteRange { start: 1, end: Some(total), total: Some(total) };
        let to_path = chunk.head.from_path.clone();
        let own = self.settings.own.clone();
        let head = Head::request(self.fresh_id(&[])?, Method::Report, to_path, own)
            .with(Header::MessageId(message_id))
            .with(Header::ByteRange(range))
            .with(Header::Status(Status::new(StatusCode::OK, Text::new("OK").ok())));
        Ok(Some(Frame { head, body: None, flag: ContinuationFlag::Last }))
    }
}

impl Inbound {
    /// Adds a chunk to its message; the message, when it is whole.
    fn join(&mut self, chunk: Chunk) -> Option<Received> {
        let message_id = chunk.head.message_id().map(ToString::to_string).unwrap_or_default();
        if chunk.flag == ContinuationFlag::Aborted {
            self.partial.remove(&message_id);
            return None;
        }
        let chunks = self.partial.entry(message_id.clone()).or_default();
        chunks.push(chunk);
        let body = joined(chunks)?;
        let chunks = self.partial.remove(&message_id)?;
        let content_type = chunks.iter().find_map(|chunk| chunk.head.content_type()).map(ToString::to_string);
        Some(Received { message_id, content_type, body, chunks })
    }
}

/// The body of a message whose chunks are all there. RFC 4975 section 7.3.1: Byte-Range decides, not the order of arrival.
fn joined(chunks: &[Chunk]) -> Option<Vec<u8>> {
    let length = |chunk: &Chunk| chunk.body.as_ref().map_or(0, Vec::len) as u64;
    let start = |chunk: &Chunk| chunk.head.byte_range().map_or(1, |range| range.start);
    let last = chunks.iter().find(|chunk| chunk.flag == ContinuationFlag::Last)?;
    let total = start(last).checked_sub(1)?.checked_add(length(last))?;
    // Cheap first: most calls end here while chunks are missing.
    if chunks.iter().map(length).sum::<u64>() < total {
        return None;
    }
    let mut ordered: Vec<&Chunk> = chunks.iter().collect();
    ordered.sort_by_key(|chunk| start(chunk));
    let mut body = Vec::new();
    for chunk in ordered {
        let known = (body.len() as u64 + 1).checked_sub(start(chunk))?;
        let new = chunk.body.as_deref().unwrap_or_default().get(usize::try_from(known).ok()?..);
        body.extend_from_slice(new.unwrap_or_default());
    }
    (body.len() as u64 == total).then_some(body)
}

fn first(path: &Path<'_>) -> Option<Path<'static>> {
    Path::from_uris(path.uris().next().as_ref()).ok()
}

/// RFC 4975 section 6.1: userinfo and parameters do not count, the host in any case, the session-id exactly.
fn same_uri(one: &MsrpUri<'_>, other: &MsrpUri<'_>) -> bool {
    one.secure == other.secure
        && one.host.to_string().eq_ignore_ascii_case(&other.host.to_string())
        && one.port == other.port
        && one.session_id == other.session_id
        && one.transport.eq_ignore_ascii_case(&other.transport)
}

fn report(chunk: &Chunk) -> Report {
    Report {
        message_id: chunk.head.message_id().map(ToString::to_string).unwrap_or_default(),
        code: chunk.head.status().map_or(0, |status| status.code.value()),
        byte_range: chunk.head.byte_range(),
        frame: chunk.frame,
    }
}
