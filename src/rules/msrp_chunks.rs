//! Byte-Range arithmetic, reassembly of chunks, and where responses and reports go (RFC 4975 5.1, 7).

use std::collections::BTreeMap;

use crate::wire::msrp::{
    ByteRange, ContinuationFlag, FailureReport, Head, Header, Ident, Method, Start, Status, StatusCode, Text,
};

/// What is wrong with a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ChunkFinding {
    /// SEND and REPORT need a Message-ID (RFC 4975 7.1, 7.1.2).
    #[error("no Message-ID")]
    MissingMessageId,
    /// A REPORT needs a Status (RFC 4975 7.1.2).
    #[error("no Status in a REPORT")]
    MissingStatus,
    /// A body needs a Content-Type (RFC 4975 9).
    #[error("a body without Content-Type")]
    MissingContentType,
    /// Octets are counted from 1 (RFC 4975 7.1.1).
    #[error("the range starts at 0")]
    StartsAtZero,
    /// The end lies before the start by more than an empty chunk allows.
    #[error("the range ends before it starts")]
    EndsBeforeStart,
    /// The range or the body reaches past the total.
    #[error("the range reaches past the total")]
    PastTotal,
    /// The body does not have as many octets as the range says.
    #[error("the body has not the length the range says")]
    BodyLength,
    /// The last chunk does not end at the total.
    #[error("the last chunk does not end at the total")]
    NotTheEnd,
    /// Chunks of one message disagree about the total.
    #[error("the total changed")]
    TotalChanged,
    /// A chunk holds octets that an earlier one held.
    #[error("chunks overlap")]
    Overlap,
    /// More than the receiver is willing to hold; the answer is 413.
    #[error("over the limit")]
    OverLimit,
}

/// Where a chunk's octets lie, from its Byte-Range and the length of its body; without Byte-Range it starts the message.
///
/// Returns the position of the first octet (from 1) and of the octet after the last.
pub fn chunk_span(range: Option<ByteRange>, body: u64) -> Result<(u64, u64), ChunkFinding> {
    let range = range.unwrap_or(ByteRange { start: 1, end: None, total: None });
    let after = range.start.checked_add(body).ok_or(ChunkFinding::PastTotal)?;
    if range.start == 0 {
        return Err(ChunkFinding::StartsAtZero);
    }
    if let Some(end) = range.end {
        // An empty chunk is n-(n-1): 1-0/0 is how an empty message is sent.
        if end < range.start - 1 {
            return Err(ChunkFinding::EndsBeforeStart);
        }
        if range.total.is_some_and(|total| end > total) {
            return Err(ChunkFinding::PastTotal);
        }
        if end != after - 1 {
            return Err(ChunkFinding::BodyLength);
        }
    }
    if range.total.is_some_and(|total| after - 1 > total) {
        return Err(ChunkFinding::PastTotal);
    }
    Ok((range.start, after))
}

/// Checks one request on its own. `body` is the length of the body, none without one.
pub fn check_request(head: &Head<'_>, body: Option<u64>, flag: ContinuationFlag) -> Result<(), ChunkFinding> {
    let (send, report) = match head.method() {
        Some(Method::Send) => (true, false),
        Some(Method::Report) => (false, true),
        _ => return Ok(()),
    };
    if head.message_id().is_none() {
        return Err(ChunkFinding::MissingMessageId);
    }
    if report && head.status().is_none() {
        return Err(ChunkFinding::MissingStatus);
    }
    if body.is_some() && head.content_type().is_none() {
        return Err(ChunkFinding::MissingContentType);
    }
    if send {
        let (_, after) = chunk_span(head.byte_range(), body.unwrap_or(0))?;
        let total = head.byte_range().and_then(|range| range.total);
        if flag == ContinuationFlag::Last && total.is_some_and(|total| after - 1 != total) {
            return Err(ChunkFinding::NotTheEnd);
        }
    }
    Ok(())
}

/// What a receiver is willing to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReassemblyLimits {
    /// Octets of all unfinished messages together.
    pub octets: usize,
    /// Unfinished messages.
    pub messages: usize,
    /// Chunks of one message that did not continue an earlier one.
    pub pieces: usize,
}

impl Default for ReassemblyLimits {
    fn default() -> Self {
        Self { octets: 16 * 1024 * 1024, messages: 64, pieces: 4096 }
    }
}

/// What a chunk did to its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// More chunks are needed.
    Partial,
    /// The message is whole: its octets.
    Complete(Vec<u8>),
    /// The sender gave it up; what was held is gone.
    Aborted,
}

/// Joins chunks by Message-ID and Byte-Range, in whatever order they come (RFC 4975 5.1, 7.3.1).
///
/// Memory follows what arrived, never what a range or total claims. A finding leaves the message as it was before the chunk.
#[derive(Debug, Default)]
pub struct Reassembly {
    limits: ReassemblyLimits,
    held: usize,
    messages: BTreeMap<String, Message>,
}

#[derive(Debug, Default)]
struct Message {
    /// Runs of octets by the position of their first; no two overlap.
    runs: BTreeMap<u64, Vec<u8>>,
    octets: usize,
    total: Option<u64>,
    /// The position after the last octet, once the last chunk came.
    end: Option<u64>,
}

impl Reassembly {
    /// Nothing received yet.
    pub fn new(limits: ReassemblyLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Octets held for unfinished messages.
    pub const fn held(&self) -> usize {
        self.held
    }

    /// Takes a chunk of a message; `head` is a SEND's.
    pub fn accept(&mut self, head: &Head<'_>, body: &[u8], flag: ContinuationFlag) -> Result<Progress, ChunkFinding> {
        let id = head.message_id().ok_or(ChunkFinding::MissingMessageId)?.as_str();
        if flag == ContinuationFlag::Aborted {
            self.forget(id);
            return Ok(Progress::Aborted);
        }
        let length = u64::try_from(body.len()).map_err(|_| ChunkFinding::OverLimit)?;
        let (start, after) = chunk_span(head.byte_range(), length)?;
        let total = head.byte_range().and_then(|range| range.total);
        let known = self.messages.get(id);
        if self.held.saturating_add(body.len()) > self.limits.octets
            || (known.is_none() && self.messages.len() >= self.limits.messages)
            || known.is_some_and(|message| message.runs.len() >= self.limits.pieces)
        {
            return Err(ChunkFinding::OverLimit);
        }
        let fresh = Message::default();
        let end = known.unwrap_or(&fresh).check(start, after, total, flag)?;

        let message = self.messages.entry(id.to_owned()).or_default();
        message.total = message.total.or(total);
        message.end = end;
        message.insert(start, body);
        self.held += body.len();
        if !message.is_whole() {
            return Ok(Progress::Partial);
        }
        let mut runs = std::mem::take(&mut message.runs).into_values();
        let mut whole = runs.next().unwrap_or_default();
        runs.for_each(|run| whole.extend_from_slice(&run));
        self.forget(id);
        Ok(Progress::Complete(whole))
    }

    fn forget(&mut self, id: &str) {
        if let Some(message) = self.messages.remove(id) {
            self.held = self.held.saturating_sub(message.octets);
        }
    }
}

impl Message {
    /// Whether a chunk agrees with what is known; returns the message's end as known with it.
    fn check(
        &self,
        start: u64,
        after: u64,
        total: Option<u64>,
        flag: ContinuationFlag,
    ) -> Result<Option<u64>, ChunkFinding> {
        let known_total = self.total.or(total);
        if total.is_some() && total != known_total {
            return Err(ChunkFinding::TotalChanged);
        }
        if known_total.is_some_and(|total| after - 1 > total) || self.end.is_some_and(|end| after > end) {
            return Err(ChunkFinding::PastTotal);
        }
        let before = self.runs.range(..after).next_back();
        if start < after && before.is_some_and(|(at, run)| at + run.len() as u64 > start) {
            return Err(ChunkFinding::Overlap);
        }
        if flag != ContinuationFlag::Last {
            return Ok(self.end);
        }
        let last = self.runs.last_key_value().map_or(1, |(at, run)| at + run.len() as u64);
        if known_total.is_some_and(|total| after - 1 != total)
            || self.end.is_some_and(|end| end != after)
            || last > after
        {
            return Err(ChunkFinding::NotTheEnd);
        }
        Ok(Some(after))
    }

    fn insert(&mut self, start: u64, body: &[u8]) {
        if body.is_empty() {
            return;
        }
        self.octets += body.len();
        match self.runs.range_mut(..start).next_back() {
            // In order, the usual case, there is one run and it grows. What comes out of order is joined at the end only, so that no
            // octet is moved more than once whatever the order.
            Some((at, run)) if at + run.len() as u64 == start => run.extend_from_slice(body),
            _ => {
                self.runs.insert(start, body.to_vec());
            }
        }
    }

    fn is_whole(&self) -> bool {
        self.end.is_some_and(|end| self.octets as u64 == end - 1)
    }
}

/// The response to `request` with that code, if it may have one: REPORTs never do, SENDs as Failure-Report says (RFC 4975 7.2).
///
/// It goes back to the previous hop only; for other methods than SEND, all the way.
pub fn response<'a>(request: &'a Head<'_>, code: StatusCode, comment: Option<Text<'a>>) -> Option<Head<'a>> {
    let to_path = match &request.start {
        Start::Response { .. } | Start::Request(Method::Report) => return None,
        Start::Request(Method::Send) => match request.failure_report() {
            FailureReport::No => return None,
            FailureReport::Partial if code == StatusCode::OK => return None,
            FailureReport::Yes | FailureReport::Partial => request.from_path.next_hop(),
        },
        Start::Request(_) => request.from_path.clone(),
    };
    Some(Head::response(request.transaction_id.clone(), code, comment, to_path, request.to_path.next_hop()))
}

/// The REPORT on a SEND that the endpoint received: back over the whole From-Path, from the endpoint (RFC 4975 7.1.2).
///
/// `range` says which octets it reports on. `None` when the SEND has no Message-ID, or did not ask: for success Success-Report must be
/// `yes`, for failure Failure-Report must not be `no`.
pub fn report<'a>(
    send: &'a Head<'_>,
    transaction_id: Ident<'a>,
    range: ByteRange,
    status: Status<'a>,
) -> Option<Head<'a>> {
    let wanted =
        if status.code == StatusCode::OK { send.success_report() } else { send.failure_report() != FailureReport::No };
    let message_id = send.message_id().filter(|_| wanted)?.clone();
    let (to_path, from_path) = (send.from_path.clone(), send.to_path.endpoint());
    let head = Head::request(transaction_id, Method::Report, to_path, from_path);
    Some(head.with(Header::MessageId(message_id)).with(Header::ByteRange(range)).with(Header::Status(status)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{
        Framed,
        msrp::{self, Path},
    };

    fn send(range: &str) -> Head<'static> {
        let range = if range.is_empty() { String::new() } else { format!("Byte-Range: {range}\r\n") };
        let text = format!(
            "MSRP t1t1 SEND\r\nTo-Path: msrp://r.example:1/r;tcp msrp://b.example:2/b;tcp\r\n\
             From-Path: msrp://q.example:3/q;tcp msrp://a.example:4/a;tcp\r\nMessage-ID: m001\r\n{range}\
             Success-Report: yes\r\nContent-Type: text/plain\r\n-------t1t1$\r\n"
        );
        match msrp::parse(text.as_bytes()) {
            Ok(Framed::Complete(frame, _)) => frame.head.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_range_agrees_with_its_body() {
        for (range, body, expected) in [
            ("", 5, Ok((1, 6))),
            ("1-5/5", 5, Ok((1, 6))),
            ("1-0/0", 0, Ok((1, 1))),
            ("6-*/*", 5, Ok((6, 11))),
            ("6-10/*", 5, Ok((6, 11))),
            ("0-4/5", 5, Err(ChunkFinding::StartsAtZero)),
            ("5-3/9", 0, Err(ChunkFinding::EndsBeforeStart)),
            ("1-6/5", 6, Err(ChunkFinding::PastTotal)),
            ("1-*/5", 6, Err(ChunkFinding::PastTotal)),
            ("1-5/9", 4, Err(ChunkFinding::BodyLength)),
            ("1-4/9", 5, Err(ChunkFinding::BodyLength)),
            ("18446744073709551615-*/*", 1, Err(ChunkFinding::PastTotal)),
        ] {
            assert_eq!(chunk_span(send(range).byte_range(), body), expected, "{range}");
        }
    }

    #[test]
    fn chunks_join_in_any_order() {
        let chunks = [("1-3/*", &b"abc"[..]), ("4-6/*", b"def"), ("7-9/9", b"ghi")];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2], [2, 0, 1], [0, 2, 1]] {
            let mut reassembly = Reassembly::default();
            let mut done = Vec::new();
            for (nth, index) in order.into_iter().enumerate() {
                let (range, body) = chunks[index];
                let flag = if index == 2 { ContinuationFlag::Last } else { ContinuationFlag::More };
                match reassembly.accept(&send(range), body, flag) {
                    Ok(Progress::Complete(whole)) => done = whole,
                    other => assert_eq!((other, nth < 2), (Ok(Progress::Partial), true), "{order:?}"),
                }
            }
            assert_eq!((&done[..], reassembly.held()), (&b"abcdefghi"[..], 0), "{order:?}");
        }
    }

    #[test]
    fn contradictions_are_named_and_change_nothing() {
        use ContinuationFlag::{Aborted, Last, More};
        let mut reassembly = Reassembly::default();
        assert_eq!(reassembly.accept(&send("4-6/9"), b"def", More), Ok(Progress::Partial));
        for (range, body, flag, finding) in [
            ("6-7/9", &b"xy"[..], More, ChunkFinding::Overlap),
            ("3-4/9", b"xy", More, ChunkFinding::Overlap),
            ("1-3/8", b"abc", More, ChunkFinding::TotalChanged),
            ("1-3/9", b"abc", Last, ChunkFinding::NotTheEnd),
            ("8-*/*", b"xyz", More, ChunkFinding::PastTotal),
        ] {
            assert_eq!(reassembly.accept(&send(range), body, flag), Err(finding), "{range}");
            assert_eq!(reassembly.held(), 3);
        }
        assert_eq!(reassembly.accept(&send(""), b"", Aborted), Ok(Progress::Aborted));
        assert_eq!(reassembly.held(), 0);
    }

    #[test]
    fn a_claimed_total_costs_nothing_and_limits_hold() {
        let mut reassembly = Reassembly::new(ReassemblyLimits { octets: 8, messages: 1, pieces: 2 });
        let more = ContinuationFlag::More;
        assert_eq!(reassembly.accept(&send("5-5/18446744073709551615"), b"x", more), Ok(Progress::Partial));
        assert_eq!(reassembly.accept(&send("7-*/*"), b"x", more), Ok(Progress::Partial));
        assert_eq!(reassembly.accept(&send("9-*/*"), b"x", more), Err(ChunkFinding::OverLimit));
        let mut reassembly = Reassembly::new(ReassemblyLimits { octets: 8, messages: 1, pieces: 2 });
        assert_eq!(reassembly.accept(&send("1-*/*"), b"123456789", more), Err(ChunkFinding::OverLimit));
        assert_eq!(reassembly.accept(&send("1-0/0"), b"", ContinuationFlag::Last), Ok(Progress::Complete(Vec::new())));
    }

    #[test]
    fn requests_miss_nothing_mandatory() {
        let last = ContinuationFlag::Last;
        assert_eq!(check_request(&send("1-5/5"), Some(5), last), Ok(()));
        assert_eq!(check_request(&send("1-5/9"), Some(5), last), Err(ChunkFinding::NotTheEnd));
        let mut head = send("");
        head.headers.retain(|header| !matches!(header, Header::ContentType(_)));
        assert_eq!(check_request(&head, Some(5), last), Err(ChunkFinding::MissingContentType));
        head.start = Start::Request(Method::Report);
        assert_eq!(check_request(&head, None, last), Err(ChunkFinding::MissingStatus));
        head.headers.clear();
        assert_eq!(check_request(&head, None, last), Err(ChunkFinding::MissingMessageId));
    }

    #[test]
    fn a_response_goes_to_the_previous_hop_and_a_report_all_the_way() {
        let head = send("1-5/5");
        let answer = response(&head, StatusCode::OK, None).unwrap();
        assert_eq!(answer.to_path, Path::parse("msrp://q.example:3/q;tcp").unwrap());
        assert_eq!(answer.from_path, Path::parse("msrp://r.example:1/r;tcp").unwrap());
        let range = ByteRange { start: 1, end: Some(5), total: Some(5) };
        let about = report(&head, Ident::new("t2t2").unwrap(), range, Status::new(StatusCode::OK, None)).unwrap();
        assert_eq!((&about.to_path, about.from_path.as_str()), (&head.from_path, "msrp://b.example:2/b;tcp"));
        assert_eq!(about.message_id(), head.message_id());
        assert!(response(&about, StatusCode::OK, None).is_none());
    }

    #[test]
    fn nobody_hears_what_they_did_not_ask_for() {
        let mut head = send("");
        head.headers.retain(|header| !matches!(header, Header::SuccessReport(_)));
        let range = ByteRange { start: 1, end: None, total: None };
        let about =
            |head: &Head<'_>, code| report(head, Ident::new("t2t2").unwrap(), range, Status::new(code, None)).is_some();
        assert!(!about(&head, StatusCode::OK) && about(&head, StatusCode::TIMEOUT));
        let partial = head.clone().with(Header::FailureReport(FailureReport::Partial));
        assert!(response(&partial, StatusCode::OK, None).is_none());
        assert!(response(&partial, StatusCode::NO_SESSION, None).is_some());
        let silent = head.with(Header::FailureReport(FailureReport::No));
        assert!(response(&silent, StatusCode::NO_SESSION, None).is_none() && !about(&silent, StatusCode::TIMEOUT));
    }
}
