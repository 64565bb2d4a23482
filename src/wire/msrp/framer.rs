//! MSRP from a stream, in pieces of any size, without gathering bodies.

use memchr::memchr;

use super::{
    super::{ErrorKind, ParseError},
    ContinuationFlag, Head,
    end_line::{self, LONGEST, Match},
    fault,
    head::{Follows, MSRP},
};

/// What a peer may make us hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest head in octets, start line to empty line (or end-line).
    pub head: usize,
}

impl Default for Limits {
    /// 16 KiB of head: room for a path of dozens of relays.
    fn default() -> Self {
        Self { head: 16 * 1024 }
    }
}

/// One step through a stream of frames: a head, any number of body parts, an end; then the next head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// Start line and headers are complete.
    HeadComplete {
        /// The head.
        head: Head<'a>,
        /// Whether a body follows, be it empty.
        has_body: bool,
    },
    /// The next octets of the body, never none.
    BodyPart(&'a [u8]),
    /// The frame is complete.
    End(ContinuationFlag),
}

/// Turns a stream into [`Event`]s. Holds at most one head and one end-line.
///
/// Where the stream was cut changes neither the heads, nor the concatenated body parts, nor the ends, nor the error.
///
/// ```
/// use gatecheck::wire::msrp::{Event, Framer, Limits};
///
/// let mut framer = Framer::new(Limits::default());
/// let mut body = Vec::new();
/// for piece in [&b"MSRP abcd SEND\r\nTo-Path: msrp://b:1/y;tcp\r\nFrom-Path: msrp://a:2/x;t"[..], b"cp\r\n\r\nhi\r\n---", b"----abcd$\r\n"] {
///     let mut input = piece;
///     while let Some(event) = framer.next(&mut input).unwrap() {
///         if let Event::BodyPart(part) = event {
///             body.extend_from_slice(part);
///         }
///     }
/// }
/// assert_eq!(body, b"hi");
/// ```
#[derive(Debug)]
pub struct Framer {
    limits: Limits,
    state: State,
    /// A head, or octets that may be the start of an end-line; in [`State::Flush`] such octets that turned out not to be.
    held: Vec<u8>,
    /// How many of the held octets belong to the head, not the body.
    not_body: usize,
    transaction_id: Vec<u8>,
    /// Octets of the stream before the current frame.
    frame_offset: usize,
    /// Octets of the current frame taken so far.
    taken: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// The head in `held` was handed out.
    HeadDone(Follows),
    Body,
    Flush,
    Failed(ParseError),
}

impl Framer {
    /// A framer at the start of a stream.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Head,
            held: Vec::new(),
            not_body: 0,
            transaction_id: Vec::new(),
            frame_offset: 0,
            taken: 0,
        }
    }

    /// Whether the stream may end here: between frames, with nothing held.
    pub const fn is_between_frames(&self) -> bool {
        matches!(self.state, State::Head) && self.held.is_empty()
    }

    /// Octets held at the moment.
    pub const fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes octets from the front of `input` and returns what they complete; `None` when all are taken and more are needed.
    ///
    /// # Errors
    /// The first fault in a head; its offset counts from the start of the stream. A stream has no way back from it: every later call
    /// returns the same error.
    pub fn next<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Result<Option<Event<'s>>, ParseError> {
        loop {
            match self.state {
                State::Failed(error) => return Err(error),
                State::Head => {
                    if self.held.is_empty() {
                        // Nothing held: the usual head, whole and at the front of a piece, is never copied.
                        if let Some((head, follows, length)) = self.checked(read_head(input, self.limits))? {
                            self.begin(head.transaction_id.as_str(), follows);
                            take(input, length);
                            self.taken = length;
                            let has_body = follows == Follows::Body;
                            return Ok(Some(Event::HeadComplete { head, has_body }));
                        }
                    }
                    if !self.gather_head(input)? {
                        return Ok(None);
                    }
                    return self.head_from_held();
                }
                State::HeadDone(Follows::Nothing(flag)) => {
                    self.end();
                    return Ok(Some(Event::End(flag)));
                }
                State::HeadDone(Follows::Body) => {
                    self.held.clear();
                    self.state = State::Body;
                    if input.first().is_some_and(|octet| *octet != b'-') {
                        continue;
                    }
                    // The empty line's CRLF may be the end-line's.
                    self.held.extend_from_slice(b"\r\n");
                    self.not_body = 2;
                }
                State::Flush => {
                    self.held.clear();
                    self.state = State::Body;
                }
                State::Body if input.is_empty() => return Ok(None),
                State::Body if self.held.is_empty() => {
                    let (at, found) = end_line::find(&self.transaction_id, input);
                    if at > 0 {
                        self.taken = self.taken.saturating_add(at);
                        return Ok(Some(Event::BodyPart(take(input, at))));
                    }
                    if let Match::Whole(flag, length) = found {
                        take(input, length);
                        self.taken = self.taken.saturating_add(length);
                        self.end();
                        return Ok(Some(Event::End(flag)));
                    }
                    self.held.extend_from_slice(input);
                    take(input, input.len());
                }
                State::Body => {
                    let before = self.held.len();
                    let more = input.len().min(LONGEST.saturating_sub(before));
                    self.held.extend_from_slice(input.get(..more).unwrap_or_default());
                    match end_line::at_start(&self.transaction_id, &self.held) {
                        Match::Whole(flag, length) => {
                            take(input, length - before);
                            self.taken = self.taken.saturating_add(length - self.not_body);
                            self.end();
                            return Ok(Some(Event::End(flag)));
                        }
                        Match::Partial => {
                            take(input, more);
                        }
                        Match::No => {
                            self.held.truncate(before);
                            self.state = State::Flush;
                            let not_body = std::mem::take(&mut self.not_body);
                            if before > not_body {
                                self.taken = self.taken.saturating_add(before - not_body);
                                return Ok(Some(Event::BodyPart(self.held.get(not_body..).unwrap_or_default())));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Moves octets into `held` until it is a whole head; false when they do not suffice.
    fn gather_head(&mut self, input: &mut &[u8]) -> Result<bool, ParseError> {
        let before = self.held.len();
        let room = self.limits.head.saturating_sub(before);
        self.held.extend_from_slice(input.get(..room.min(input.len())).unwrap_or_default());
        // Only lines that end in the new octets can end the head.
        match self.checked(head_length_from(&self.held, before, self.limits))? {
            Some(length) => {
                self.held.truncate(length);
                take(input, length - before);
                Ok(true)
            }
            None => {
                take(input, room);
                Ok(false)
            }
        }
    }

    fn head_from_held(&mut self) -> Result<Option<Event<'_>>, ParseError> {
        let read = match Head::read(&self.held) {
            Ok(read) => read,
            Err(error) => {
                let error = ParseError { offset: self.frame_offset.saturating_add(error.offset), ..error };
                self.state = State::Failed(error);
                return Err(error);
            }
        };
        // A gathered head is whole; were it not, waiting for more would be the answer.
        let Some((head, follows, length)) = read else { return Ok(None) };
        self.transaction_id.clear();
        self.transaction_id.extend_from_slice(head.transaction_id.as_str().as_bytes());
        self.state = State::HeadDone(follows);
        self.taken = length;
        Ok(Some(Event::HeadComplete { head, has_body: follows == Follows::Body }))
    }

    fn begin(&mut self, transaction_id: &str, follows: Follows) {
        self.transaction_id.clear();
        self.transaction_id.extend_from_slice(transaction_id.as_bytes());
        self.state = State::HeadDone(follows);
    }

    fn end(&mut self) {
        self.held.clear();
        self.not_body = 0;
        self.frame_offset = self.frame_offset.saturating_add(self.taken);
        self.taken = 0;
        self.state = State::Head;
    }

    /// Counts an error's offset from the start of the stream, and remembers it.
    fn checked<T>(&mut self, result: Result<T, ParseError>) -> Result<T, ParseError> {
        result.map_err(|error| {
            let error = ParseError { offset: self.frame_offset.saturating_add(error.offset), ..error };
            self.state = State::Failed(error);
            error
        })
    }
}

/// Cuts up to `count` octets off the front of `input`.
fn take<'i>(input: &mut &'i [u8], count: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at(count.min(input.len()));
    *input = rest;
    taken
}

/// Reads a head; `None` when octets are missing. A fault counts only once the start line, for faults further on the head, is
/// whole: so the answer does not depend on how much of it is there already.
pub(super) fn read_head(octets: &[u8], limits: Limits) -> Result<Option<(Head<'_>, Follows, usize)>, ParseError> {
    match Head::read(octets.get(..limits.head).unwrap_or(octets)) {
        Ok(Some(read)) => Ok(Some(read)),
        Ok(None) => head_length_from(octets, 0, limits).map(|_| None),
        Err(error) => head_length_from(octets, 0, limits).and_then(|length| length.map_or(Ok(None), |_| Err(error))),
    }
}

/// The length of the head at the start of `octets`, if its end is there, looking only at lines that end after `from`.
fn head_length_from(octets: &[u8], from: usize, limits: Limits) -> Result<Option<usize>, ParseError> {
    let octets = octets.get(..limits.head).unwrap_or(octets);
    // Octets that came after the first five change nothing about them.
    let start = octets.get(..MSRP.len()).unwrap_or(octets);
    if from < MSRP.len() && !MSRP.as_bytes().starts_with(start) {
        return Err(fault(0, ErrorKind::Expected("\"MSRP \""), "pMSRP"));
    }
    let mut at = from;
    while let Some(length) = memchr(b'\n', octets.get(at..).unwrap_or_default()) {
        let end = at + length + 1;
        let line_start = memchr::memrchr(b'\n', octets.get(..end - 1).unwrap_or_default()).map_or(0, |lf| lf + 1);
        let line = octets.get(line_start..end).unwrap_or_default();
        if line_start == 0 {
            // The start line is judged as soon as it is whole: no peer of another protocol is waited for.
            Head::read(line)?;
        } else if line == b"\r\n" || line == b"\n" || line.first() == Some(&b'-') {
            return Ok(Some(end));
        }
        at = end;
    }
    if octets.len() >= limits.head {
        return Err(fault(limits.head, ErrorKind::TooLong { limit: limits.head }, "headers"));
    }
    Ok(None)
}
