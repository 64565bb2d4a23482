//! One input through one codec: its value, its tree, its JSON, and its octets again.

use super::{excerpt::Advice, split::Split};
use crate::wire::{
    ErrorKind, Framed, ParseError, Protocol as Grammar, bfcp,
    h248::{self, FaultLevel, Leniency, Style},
    msrp::{self, ContinuationFlag, Event, Framer, Head, Limits},
    sdp::{self, Mode, SessionDescription},
    tree::{self, Decode},
};

/// The protocols there is a codec for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Protocol {
    /// H.248 (MEGACO) text.
    H248,
    /// Session descriptions.
    Sdp,
    /// MSRP frames, one after the other.
    Msrp,
    /// BFCP messages, one after the other.
    Bfcp,
}

/// How to read: what is not of the protocol at hand is not looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) protocol: Protocol,
    pub(super) mode: Mode,
    pub(super) leniency: Leniency,
    pub(super) split: Split,
}

/// What an input says.
#[derive(Debug)]
pub(super) enum Decoded<'a> {
    H248(Box<h248::Message<'a>>),
    Sdp(Vec<SessionDescription<'a>>, Mode),
    Msrp(Vec<Chunk>),
    Bfcp(Vec<(Extent, bfcp::Message<'a>)>),
}

/// Where one unit of a stream begins, and where the next one does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    start: usize,
    end: usize,
}

/// An MSRP frame put together from the framer's events.
#[derive(Debug)]
pub(super) struct Chunk {
    extent: Extent,
    head: Head<'static>,
    body: Option<Vec<u8>>,
    flag: ContinuationFlag,
}

impl Chunk {
    fn frame(&self) -> msrp::Frame<'_> {
        msrp::Frame { head: self.head.clone(), body: self.body.as_deref(), flag: self.flag }
    }
}

/// Why an input cannot be read, and what its reader may want to know besides.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: ParseError,
    pub(super) advice: Vec<Advice>,
}

impl From<ParseError> for Refusal {
    fn from(error: ParseError) -> Self {
        Self { error, advice: Vec::new() }
    }
}

impl Reading {
    /// Reads all of `octets`.
    pub(super) fn read<'a>(&self, octets: &'a [u8]) -> Result<Decoded<'a>, Refusal> {
        match self.protocol {
            Protocol::H248 => self.h248(octets),
            Protocol::Sdp => self.sdp(octets),
            Protocol::Msrp => msrp(self.split.pieces(octets), octets).map_err(|error| line_ends(error, octets)),
            Protocol::Bfcp => bfcp(self.split.pieces(octets), octets).map_err(Refusal::from),
        }
    }

    fn h248<'a>(&self, octets: &'a [u8]) -> Result<Decoded<'a>, Refusal> {
        // A SEQUENCE of BER; no text begins with a zero.
        if octets.first() == Some(&0x30) {
            let kind = ErrorKind::Unsupported("this looks like binary (ASN.1 BER), and text is expected");
            let error =
                ParseError { protocol: Grammar::H248, offset: 0, kind, field: "message", clause: "H.248.1 B.2" };
            return Err(error.into());
        }
        h248::parse_with(octets, &self.leniency).map(|message| Decoded::H248(Box::new(message))).map_err(|fault| {
            let code = fault.error_code();
            let answer = match fault.level {
                FaultLevel::Response => "none: responses are not answered".to_owned(),
                _ => format!("error {code} ({})", code.title().unwrap_or("no title")),
            };
            let accepts = |allowed| h248::parse_with(octets, &self.leniency.or(allowed)).is_ok();
            let lenient = Leniency::NAMED
                .iter()
                .filter(|(_, allowed)| accepts(*allowed))
                .map(|(name, _)| Advice("help", format!("some stacks send this; --lenient {name} accepts it")));
            let advice = std::iter::once(Advice("answer", answer)).chain(lenient).collect();
            Refusal { error: fault.error, advice }
        })
    }

    fn sdp<'a>(&self, octets: &'a [u8]) -> Result<Decoded<'a>, Refusal> {
        sdp::parse(octets, self.mode).map(|value| Decoded::Sdp(value, self.mode)).map_err(|error| {
            let relaxed = self.mode == Mode::Rfc && sdp::parse(octets, Mode::H248).is_ok();
            let advice = relaxed.then(|| Advice("help", "inside H.248 it is allowed: --mode h248".into()));
            Refusal { error, advice: advice.into_iter().collect() }
        })
    }
}

/// MSRP says CRLF; what was saved by an editor often has LF alone, which is hard to see.
fn line_ends(error: ParseError, octets: &[u8]) -> Refusal {
    let rest = octets.get(error.offset..).unwrap_or_default();
    let length = rest.iter().position(|octet| *octet == b'\n');
    let bare = length.is_some_and(|at| !rest.get(..at).unwrap_or_default().ends_with(b"\r"))
        && octets.get(..error.offset).is_some_and(|before| !before.ends_with(b"\r"));
    let advice = bare.then(|| Advice("help", "this line ends with LF alone; MSRP wants CR LF".into()));
    Refusal { error, advice: advice.into_iter().collect() }
}

fn msrp<'a, 'i>(pieces: impl Iterator<Item = &'i [u8]>, octets: &[u8]) -> Result<Decoded<'a>, ParseError> {
    let mut framer = Framer::new(Limits::default());
    let (mut chunks, mut current): (Vec<Chunk>, Option<Chunk>) = (Vec::new(), None);
    let (mut fed, mut start) = (0, 0);
    for mut input in pieces {
        fed += input.len();
        while let Some(event) = framer.next(&mut input)? {
            match event {
                Event::HeadComplete { head, has_body } => {
                    let (extent, flag) = (Extent { start, end: start }, ContinuationFlag::Last);
                    let body = has_body.then(Vec::new);
                    current = Some(Chunk { extent, head: head.into_owned(), body, flag });
                }
                Event::BodyPart(part) => {
                    if let Some(body) = current.as_mut().and_then(|chunk| chunk.body.as_mut()) {
                        body.extend_from_slice(part);
                    }
                }
                Event::End(flag) => {
                    let end = fed - input.len();
                    chunks.extend(current.take().map(|chunk| Chunk { extent: Extent { start, end }, flag, ..chunk }));
                    start = end;
                }
            }
        }
    }
    if framer.is_between_frames() && !chunks.is_empty() {
        return Ok(Decoded::Msrp(chunks));
    }
    let what = if current.is_some() { "the end-line" } else { "the rest of a head" };
    let kind = ErrorKind::UnexpectedEnd(what);
    Err(ParseError {
        protocol: Grammar::Msrp,
        offset: octets.len(),
        kind,
        field: "msrp-req-or-resp",
        clause: "RFC 4975 9",
    })
}

fn bfcp<'a, 'i>(pieces: impl Iterator<Item = &'i [u8]>, octets: &'a [u8]) -> Result<Decoded<'a>, ParseError> {
    let mut messages = Vec::new();
    // Octets before the message at hand, octets that have arrived, and how many must have before it is looked at again.
    let (mut start, mut arrived, mut wanted) = (0, 0, 1);
    for piece in pieces {
        arrived += piece.len();
        while arrived >= wanted {
            let received = octets.get(start..arrived).unwrap_or_default();
            match bfcp::parse(received).map_err(|error| ParseError { offset: start + error.offset, ..error })? {
                Framed::Complete(message, length) => {
                    messages.push((Extent { start, end: start + length }, message));
                    start += length;
                    wanted = start + 1;
                }
                Framed::Incomplete(missing) => wanted = arrived + missing,
            }
        }
    }
    if start == arrived && !messages.is_empty() {
        return Ok(Decoded::Bfcp(messages));
    }
    let (what, field) = match arrived - start {
        0..12 => ("the rest of the common header", "COMMON-HEADER"),
        _ => ("the rest of the payload", "Payload Length"),
    };
    let kind = ErrorKind::UnexpectedEnd(what);
    Err(ParseError { protocol: Grammar::Bfcp, offset: octets.len(), kind, field, clause: "RFC 4582 5.1" })
}

impl Decoded<'_> {
    /// The tree of what was read from `octets`.
    pub(super) fn tree(&self, octets: &[u8]) -> Vec<Decode> {
        let unit = |number: usize, what: &str, extent: Extent, draw: fn(&[u8]) -> Vec<Decode>| {
            let own = octets.get(extent.start..extent.end).unwrap_or_default();
            let end = u32::try_from(own.len()).unwrap_or(u32::MAX);
            let children = draw(own);
            Decode { children, ..Decode::leaf(format!("{what} {}", number + 1), 0, end) }.shifted(extent.start)
        };
        match self {
            Self::H248(_) => tree::h248(octets),
            Self::Sdp(..) => tree::sdp(octets),
            Self::Msrp(chunks) => {
                let chunks = chunks.iter().enumerate();
                chunks.map(|(number, chunk)| unit(number, "frame", chunk.extent, tree::msrp)).collect()
            }
            Self::Bfcp(messages) => {
                let messages = messages.iter().enumerate();
                messages.map(|(number, (extent, _))| unit(number, "message", *extent, tree::bfcp)).collect()
            }
        }
    }

    /// The typed value as JSON: of H.248 the message, of SDP a list of descriptions, of the stream protocols a list of messages. What is
    /// absent is left out.
    pub(super) fn json(&self) -> serde_json::Result<serde_json::Value> {
        let mut value = match self {
            Self::H248(message) => serde_json::to_value(message),
            Self::Sdp(descriptions, _) => serde_json::to_value(descriptions),
            Self::Msrp(chunks) => serde_json::to_value(chunks.iter().map(Chunk::frame).collect::<Vec<_>>()),
            Self::Bfcp(messages) => {
                serde_json::to_value(messages.iter().map(|(_, message)| message).collect::<Vec<_>>())
            }
        }?;
        leave_out_nulls(&mut value);
        Ok(value)
    }

    /// The octets of the value. Only H.248 has styles.
    pub(super) fn encode(&self, style: Style) -> Vec<u8> {
        match self {
            Self::H248(message) => h248::encode(message, style),
            Self::Sdp(descriptions, mode) => sdp::encode(descriptions, *mode),
            Self::Msrp(chunks) => chunks.iter().flat_map(|chunk| msrp::encode(&chunk.frame())).collect(),
            Self::Bfcp(messages) => messages.iter().flat_map(|(_, message)| bfcp::encode(message)).collect(),
        }
    }

    /// Whether both say the same, wherever they said it.
    pub(super) fn says_the_same(&self, other: &Decoded<'_>) -> bool {
        match (self, other) {
            (Self::H248(one), Decoded::H248(other)) => one == other,
            (Self::Sdp(one, _), Decoded::Sdp(other, _)) => one == other,
            (Self::Msrp(one), Decoded::Msrp(other)) => one.iter().map(Chunk::frame).eq(other.iter().map(Chunk::frame)),
            (Self::Bfcp(one), Decoded::Bfcp(other)) => one.iter().map(|(_, m)| m).eq(other.iter().map(|(_, m)| m)),
            _ => false,
        }
    }
}

/// Removes absent members. The grammars bound how deep a value nests.
fn leave_out_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(leave_out_nulls);
        }
        serde_json::Value::Array(elements) => elements.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}
