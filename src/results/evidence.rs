//! What was seen on the wire, and what was concluded from it.

use serde::{Deserialize, Serialize};

use super::verdict::{Basis, Level};
pub use crate::wire::tree::Decode;

/// Who sends or receives: the lanes of a ladder diagram, in drawing order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lane {
    /// The UE on the access side.
    #[serde(rename = "UE-A")]
    UeA,
    /// A NAT between UE-A and the gateway.
    #[serde(rename = "NAT")]
    Nat,
    /// The controller: IMS-ALG, IBCF or MRFC.
    #[serde(rename = "MGC")]
    Mgc,
    /// The media gateway: IMS-AGW, TrGW or MRFP.
    #[serde(rename = "MG")]
    Mg,
    /// The UE, or network, on the core side.
    #[serde(rename = "UE-B")]
    UeB,
    /// A third participant (Mp).
    #[serde(rename = "UE-C")]
    UeC,
}

impl Lane {
    /// Every lane in drawing order.
    pub const ALL: [Self; 6] = [Self::UeA, Self::Nat, Self::Mgc, Self::Mg, Self::UeB, Self::UeC];

    /// The name over the lane.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UeA => "UE-A",
            Self::Nat => "NAT",
            Self::Mgc => "MGC",
            Self::Mg => "MG",
            Self::UeB => "UE-B",
            Self::UeC => "UE-C",
        }
    }
}

/// The network interface of the gateway a frame crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// H.248.
    Control,
    /// Bearers towards the UE.
    Access,
    /// Bearers towards the network.
    Core,
}

impl Link {
    /// The word used in results and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Access => "access",
            Self::Core => "core",
        }
    }
}

/// What a frame is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// An H.248 message.
    #[serde(rename = "H.248")]
    H248,
    /// A TCP event: connected, accepted, FIN, reset.
    #[serde(rename = "TCP")]
    Tcp,
    /// A TLS event: hello, finished, alert.
    #[serde(rename = "TLS")]
    Tls,
    /// An MSRP message or chunk, after decryption.
    #[serde(rename = "MSRP")]
    Msrp,
    /// A BFCP message, after decryption.
    #[serde(rename = "BFCP")]
    Bfcp,
    /// Application octets of no known protocol.
    #[serde(rename = "data")]
    Data,
}

impl Protocol {
    /// The name used in results and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::H248 => "H.248",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Msrp => "MSRP",
            Self::Bfcp => "BFCP",
            Self::Data => "data",
        }
    }
}

/// One thing on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Number within the scenario, from 1, in time order; checks refer to it, and the trace file uses the same.
    pub number: u32,
    /// µs since the scenario began.
    pub time_us: u64,
    /// Sender.
    pub from: Lane,
    /// Receiver.
    pub to: Lane,
    /// Interface of the gateway it crossed.
    pub link: Link,
    /// What it is.
    pub protocol: Protocol,
    /// The application octets travelled inside TLS.
    #[serde(default)]
    pub secured: bool,
    /// One line: `Transaction 7 Add.req 2 terminations`.
    pub summary: String,
    /// The octets, at most [`Frame::OCTETS_KEPT`] of them; empty for a TCP event. Hex in JSON.
    #[serde(default, with = "hex", skip_serializing_if = "Vec::is_empty")]
    pub octets: Vec<u8>,
    /// True length in octets, also of what was not kept.
    #[serde(default)]
    pub length: u64,
    /// Decode tree, roots in wire order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decode: Vec<Decode>,
}

impl Frame {
    /// Octets a frame keeps; the trace file has them all.
    pub const OCTETS_KEPT: usize = 4096;

    /// Stores `octets`, cut at [`Self::OCTETS_KEPT`], and their true length.
    #[must_use]
    pub fn with_octets(mut self, octets: &[u8]) -> Self {
        self.length = octets.len() as u64;
        self.octets = octets.iter().copied().take(Self::OCTETS_KEPT).collect();
        self
    }
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Observed to hold.
    Met,
    /// The right effect by other means than the ones named, such as another error code: at worst `non-strict`.
    Deviates,
    /// Observed broken: the wrong thing came, or the right one was proven absent (a marker or the end came without it).
    Missed,
    /// Neither seen to hold nor seen broken.
    NotObserved,
}

/// A message that should have been there: drawn as a ghost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    /// Who should have sent it.
    pub from: Lane,
    /// Who should have got it.
    pub to: Lane,
    /// What it would have been made of.
    pub protocol: Protocol,
    /// One line, as [`Frame::summary`].
    pub summary: String,
    /// Frame after which it was due; 0 = before the first.
    pub after: u32,
}

/// One claim about what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The claim: `nothing is forwarded before TLS ends`. The same words in every scenario, so that failures group.
    pub text: String,
    /// Requirement id in the catalogue, or empty.
    #[serde(default)]
    pub requirement: String,
    /// Clause the claim comes from: `TR 4.3.1`, `RFC 4975 7.3.1`.
    pub clause: String,
    /// How binding.
    #[serde(default)]
    pub level: Level,
    /// What became of it.
    pub outcome: Outcome,
    /// What was to be seen.
    #[serde(default)]
    pub expected: String,
    /// What was seen.
    #[serde(default)]
    pub actual: String,
    /// Numbers of the frames it was judged from.
    #[serde(default)]
    pub frames: Vec<u32>,
    /// Why it needs no frame (process exit, absence up to the end); a check with neither is the harness's error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_wire: Option<String>,
    /// The message that did not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
    /// Rests on something else than its scenario does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

impl Check {
    /// A "shall" with this outcome, judged from no frame yet.
    #[must_use]
    pub fn new(text: impl Into<String>, clause: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            text: text.into(),
            requirement: String::new(),
            clause: clause.into(),
            level: Level::Shall,
            outcome,
            expected: String::new(),
            actual: String::new(),
            frames: Vec::new(),
            off_wire: None,
            absent: None,
            basis: None,
        }
    }

    /// Names the frames it was judged from.
    #[must_use]
    pub fn from_frames(mut self, frames: impl IntoIterator<Item = u32>) -> Self {
        self.frames = frames.into_iter().collect();
        self
    }

    /// Says why no frame can be named.
    #[must_use]
    pub fn off_wire(mut self, reason: impl Into<String>) -> Self {
        self.off_wire = Some(reason.into());
        self
    }

    /// Expected beside actual.
    #[must_use]
    pub fn compare(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.expected = expected.into();
        self.actual = actual.into();
        self
    }

    /// Does it say what it was judged from?
    #[must_use]
    pub fn is_grounded(&self) -> bool {
        !self.frames.is_empty() || self.off_wire.as_ref().is_some_and(|reason| !reason.is_empty())
    }
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// It ran, and its checks hold.
    Passed,
    /// It ran, and could not go on or found something broken.
    Failed,
    /// An earlier step stopped the scenario.
    NotReached,
    /// Nobody wrote it: the harness's error.
    Undefined,
}

/// One Gherkin step as it ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// `Given`, `When`, `Then`, `And` …
    pub keyword: String,
    /// The wording, parameters filled in.
    pub text: String,
    /// The text block below it, parameters filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// What became of it.
    pub outcome: StepOutcome,
    /// µs since the scenario began.
    pub started_us: u64,
    /// How long, in µs.
    pub duration_us: u64,
    /// What it concluded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// Octets as lower-case hex: a third of the size of a JSON array and greppable.
mod hex {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let digit = |n: u8| char::from(if n < 10 { b'0' + n } else { b'a' + n - 10 });
        serializer.serialize_str(&octets.iter().flat_map(|o| [digit(o >> 4), digit(o & 15)]).collect::<String>())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
        let digits = digits.filter(|d| d.len() % 2 == 0).ok_or_else(|| D::Error::custom("octets are not hex"))?;
        Ok(digits.chunks(2).map(|pair| pair.iter().fold(0, |octet, d| octet << 4 | *d) as u8).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame {
            number: 1,
            time_us: 10,
            from: Lane::Mgc,
            to: Lane::Mg,
            link: Link::Control,
            protocol: Protocol::H248,
            secured: false,
            summary: "Add".into(),
            octets: Vec::new(),
            length: 0,
            decode: vec![Decode::leaf("x", 0, 1)],
        }
    }

    #[test]
    fn octets_survive_json_as_hex() {
        let sent = frame().with_octets(&[0, 0x0a, 0xff]);
        let json = serde_json::to_string(&sent).unwrap();
        assert!(json.contains("\"octets\":\"000aff\""), "{json}");
        assert_eq!(serde_json::from_str::<Frame>(&json).unwrap(), sent);
        assert!(serde_json::from_str::<Frame>(&json.replace("000aff", "0é")).is_err());
    }

    #[test]
    fn a_long_frame_keeps_its_true_length() {
        let long = frame().with_octets(&vec![7; Frame::OCTETS_KEPT + 10]);
        assert_eq!((long.octets.len(), long.length), (Frame::OCTETS_KEPT, Frame::OCTETS_KEPT as u64 + 10));
    }
}
