//! Whole frames: a head, perhaps a body, an end-line (RFC 4975 5.1, 7.1, 9).

use memchr::memmem;

use super::{
    super::{Framed, ParseError},
    Head, Ident, Limits,
    end_line::{self, HYPHENS, Match},
    framer::read_head,
    head::Follows,
};

/// The flag that ends every frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum ContinuationFlag {
    /// `+`: more chunks of this message follow.
    More,
    /// `$`: this chunk ends its message.
    Last,
    /// `#`: the sender gave the message up; what arrived of it is to be discarded.
    Aborted,
}

impl ContinuationFlag {
    /// The flag's character.
    pub const fn octet(self) -> u8 {
        match self {
            Self::More => b'+',
            Self::Last => b'$',
            Self::Aborted => b'#',
        }
    }

    pub(super) const fn of(octet: u8) -> Option<Self> {
        match octet {
            b'+' => Some(Self::More),
            b'$' => Some(Self::Last),
            b'#' => Some(Self::Aborted),
            _ => None,
        }
    }
}

/// One request or response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Frame<'a> {
    /// Start line and headers.
    pub head: Head<'a>,
    /// The body: none is not the same as empty, which has an empty line before it.
    #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::optional_octets"))]
    pub body: Option<&'a [u8]>,
    /// More to come, last, or aborted.
    pub flag: ContinuationFlag,
}

/// Reads one frame from the start of `octets`.
///
/// The head may be as long as [`Limits::default`] allows, the body as long as the buffer: for chunks of any size, and for input
/// in small pieces, [`Framer`](super::Framer) does the same work once only.
///
/// # Errors
/// The first fault in the head; its offset counts from the start of `octets`. A body has none: without its end-line it is incomplete.
pub fn parse(octets: &[u8]) -> Result<Framed<Frame<'_>>, ParseError> {
    let Some((head, follows, length)) = read_head(octets, Limits::default())? else { return Ok(Framed::Incomplete(1)) };
    if let Follows::Nothing(flag) = follows {
        return Ok(Framed::Complete(Frame { head, body: None, flag }, length));
    }
    // The empty line's CRLF may be the end-line's, when a sender leaves out both an empty body and the CRLF after it.
    let from = length - 2;
    let (at, found) = end_line::find(head.transaction_id.as_str().as_bytes(), octets.get(from..).unwrap_or_default());
    let Match::Whole(flag, end_line) = found else { return Ok(Framed::Incomplete(1)) };
    let body = octets.get(length..from + at).unwrap_or_default();
    Ok(Framed::Complete(Frame { head, body: Some(body), flag }, from + at + end_line))
}

/// The octets of `frame`.
///
/// The body must not hold the transaction's end-line: [`fresh_transaction_id`] finds an id for which that is so.
pub fn encode(frame: &Frame<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512 + frame.body.map_or(0, <[u8]>::len));
    encode_into(frame, &mut out);
    out
}

/// Appends the octets of `frame` to `out`; otherwise as [`encode`].
pub fn encode_into(frame: &Frame<'_>, out: &mut Vec<u8>) {
    frame.head.encode_into(frame.body.is_some(), out);
    out.extend_from_slice(frame.body.unwrap_or_default());
    encode_end_line(&frame.head.transaction_id, frame.flag, frame.body.is_some(), out);
}

/// Appends the end-line, after a body with the CRLF before it. With [`Head::encode_into`] this writes a chunk whose body is
/// streamed, not gathered.
pub fn encode_end_line(transaction_id: &Ident<'_>, flag: ContinuationFlag, after_body: bool, out: &mut Vec<u8>) {
    if after_body {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(HYPHENS.as_bytes());
    out.extend_from_slice(transaction_id.as_str().as_bytes());
    out.extend_from_slice(&[flag.octet(), b'\r', b'\n']);
}

/// The first of `candidates` that `body` does not hold after seven hyphens, so that no part of it can pass for the end-line
/// (RFC 4975 7.1). The candidates come from the caller: this layer has no randomness.
pub fn fresh_transaction_id<'a>(body: &[u8], candidates: impl IntoIterator<Item = Ident<'a>>) -> Option<Ident<'a>> {
    candidates.into_iter().find(|id| memmem::find(body, format!("{HYPHENS}{id}").as_bytes()).is_none())
}
