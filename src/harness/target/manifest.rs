//! The target file: what is tested, where it is, how it is started, and what it is known to lack.
//!
//! Unknown keys and values are errors that name the nearest valid one, with line and column. What the file may say but this
//! version cannot honour (binary encoding, another role) is refused by [`Manifest::parse`], never
//! ignored: a target must not be judged under other conditions than its file states.
//!
//! ```
//! use gatecheck::harness::target::Manifest;
//!
//! let manifest = Manifest::parse("role = \"mg\"\n[profile]\ninterface = \"iq\"\n").unwrap();
//! assert_eq!(manifest.control.mid, None);
//!
//! let error = Manifest::parse("role = \"mg\"\n[profile]\ninterfaec = \"iq\"\n").unwrap_err();
//! assert_eq!((error.line, error.column), (3, 1));
//! assert!(error.to_string().contains("did you mean `interface`?"));
//! ```

use std::{io, ops::Range, path::Path};

use serde::Deserialize;

use super::section::{
    BearerProto, Capabilities, Coding, Control, Encoding, FingerprintRequest, KnownFailure, Launch, Media, Model,
    Profile, Role, RoleCoding, Sharing, Timers,
};
use crate::{harness::mgc::Options, wire::h248::MId};

/// A target file, read and checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What the target is.
    pub role: Role,
    /// The target's name in reports; absent: the file's name.
    pub name: Option<String>,
    /// The H.248 association.
    #[serde(default)]
    pub control: Control,
    /// What the target says it is.
    pub profile: Profile,
    /// Realms and addresses.
    #[serde(default)]
    pub media: Media,
    /// How long we wait.
    #[serde(default)]
    pub timers: Timers,
    /// How it is started; absent: it is already running.
    pub launch: Option<Launch>,
    /// What its maker declares.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// How it codes open points.
    #[serde(default)]
    pub coding: Coding,
    /// Failures that are known.
    #[serde(default, rename = "known_failure")]
    pub known_failures: Vec<KnownFailure>,
}

/// Why there is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The file cannot be used.
    #[error("{path}: {error}")]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        error: ManifestError,
    },
}

/// Why a target file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}; {advice}")]
pub struct ManifestError {
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub advice: String,
}

/// The longest wait a target file may ask for, in milliseconds.
const LONGEST_WAIT: u64 = 600_000;

impl Manifest {
    /// Reads a target file.
    ///
    /// # Errors
    /// The first fault, with its place and what to do: bad TOML, an unknown key or value (with the nearest valid one), a value
    /// outside its range, or a setting this version cannot honour.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|error| syntax(text, &error))?;
        match manifest.check() {
            Ok(()) => Ok(manifest),
            Err(Refusal { key, problem, advice }) => {
                let (line, column) = place(text, span_of(text, key).map_or(0, |span| span.start));
                Err(ManifestError { line, column, problem: format!("`{key}`: {problem}"), advice: advice.into() })
            }
        }
    }

    /// Reads a target file from disk; a target without a name gets the file's.
    ///
    /// # Errors
    /// The file cannot be read, or as [`Manifest::parse`].
    pub fn load(file: &Path) -> Result<Self, LoadError> {
        let path = file.display().to_string();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => return Err(LoadError::Unreadable { path, error }),
        };
        let mut manifest = Self::parse(&text).map_err(|error| LoadError::Unusable { path, error })?;
        let stem = || file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        manifest.name = manifest.name.take().or_else(stem);
        Ok(manifest)
    }

    /// The target's name in reports.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("unnamed")
    }

    /// The target adopts the signalling model and is judged by it in full.
    pub fn adopts_model(&self) -> bool {
        self.profile.model == Model::Adopted
    }

    /// How our controller behaves towards this target.
    pub fn mgc_options(&self) -> Options {
        Options {
            transport: self.control.transport,
            mid: self.control.mid.as_deref().map(mid),
            peer: self.control.peer,
            transaction: self.timers.transaction(),
            retransmission: self.timers.retransmission(),
            ..Options::default()
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        let refuse = |key, problem: &str, advice| Err(Refusal { key, problem: problem.into(), advice });
        let coding = &self.coding;
        match () {
            () if self.role != Role::Mg => refuse("role", "this version tests media gateways only", "set it to \"mg\""),
            () if self.control.encoding != Encoding::Text => refuse(
                "control.encoding",
                "binary H.248 cannot be honoured by this version",
                "set it to \"text\" if the target also reads it",
            ),
            () if coding.bearer != BearerProto::MLine => refuse(
                "coding.bearer",
                "a bearer type by property cannot be honoured by this version",
                "set it to \"m-line\" or leave it out",
            ),
            () if coding.fingerprint != FingerprintRequest::Choose => refuse(
                "coding.fingerprint",
                "an implicit fingerprint cannot be honoured by this version",
                "set it to \"choose\" or leave it out",
            ),
            () if coding.role != RoleCoding::Setup => refuse(
                "coding.role",
                "a TLS role by property cannot be honoured by this version",
                "set it to \"setup\" or leave it out",
            ),
            () if coding.events.iter().any(|event| event.split('/').filter(|part| !part.is_empty()).count() != 2) => {
                refuse("coding.events", "an event is written package/event", "write for example \"g/cause\"")
            }
            () if self.control.address.ip().is_unspecified() => refuse(
                "control.address",
                "an unspecified address cannot be told to a gateway",
                "give the address the gateway reaches us at",
            ),
            () if self.control.sharing == Sharing::Private
                && (self.launch.is_none() || self.control.address.port() != 0) =>
            {
                refuse(
                    "control.sharing",
                    "an association per scenario needs a target of its own per scenario",
                    "set it to \"shared\", or launch the target and leave the port of `control.address` to the system",
                )
            }
            () => self.check_values(),
        }
    }

    fn check_values(&self) -> Result<(), Refusal> {
        for (key, wait) in self.timers.all() {
            if !(1..=LONGEST_WAIT).contains(&wait) {
                let problem = format!("{wait} ms is outside 1..={LONGEST_WAIT}");
                return Err(Refusal { key, problem, advice: "give milliseconds within that range" });
            }
        }
        for (key, addresses) in [
            ("media.access.gateway", &self.media.access.gateway),
            ("media.access.peers", &self.media.access.peers),
            ("media.core.gateway", &self.media.core.gateway),
            ("media.core.peers", &self.media.core.peers),
        ] {
            let v4 = addresses.iter().filter(|address| address.is_ipv4()).count();
            if addresses.is_empty() || v4 > 1 || addresses.len() - v4 > 1 {
                let problem = format!("{} addresses given", addresses.len());
                return Err(Refusal { key, problem, advice: "give one address per IP version, at least one" });
            }
        }
        if let Some(launch) = &self.launch
            && launch.in_process.is_some() == launch.command.is_some()
        {
            return Err(Refusal {
                key: "launch",
                problem: "one of `in_process` and `command` must say what is started".into(),
                advice: "keep one, or remove the table for a target that is already running",
            });
        }
        if self.known_failures.iter().any(|known| known.reason.trim().is_empty() || known.selector.trim().is_empty()) {
            return Err(Refusal {
                key: "known_failure",
                problem: "a known failure without selector or reason".into(),
                advice: "say what fails and why",
            });
        }
        Ok(())
    }
}

/// A value that parses and cannot be used.
struct Refusal {
    key: &'static str,
    problem: String,
    advice: &'static str,
}

/// What the TOML reader or serde objects to, with the nearest valid name where a name is the trouble.
fn syntax(text: &str, error: &toml::de::Error) -> ManifestError {
    let (line, column) = place(text, error.span().map_or(0, |span| span.start));
    let problem = error.message().lines().next().unwrap_or("unreadable").to_string();
    // serde writes: unknown field `x`, expected one of `a`, `b`.
    let mut names = problem.split('`').skip(1).step_by(2);
    let unknown = names.next().filter(|_| problem.starts_with("unknown "));
    let advice = match (unknown, unknown.and_then(|unknown| nearest(unknown, names))) {
        (_, Some(name)) => format!("did you mean `{name}`?"),
        (Some(_), None) => "remove it".into(),
        (None, None) if problem.starts_with("missing field") => "add it".into(),
        (None, None) => "correct it; `gatecheck target init` writes a commented file".into(),
    };
    ManifestError { line, column, problem, advice }
}

/// The candidate with the fewest edits from `name`.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates.min_by_key(|candidate| edits(name, candidate))
}

/// Levenshtein distance in characters.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.chars().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Line and column, both from 1, of an octet offset.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Where the value of a dotted key, or else its nearest table, stands.
fn span_of(text: &str, key: &str) -> Option<Range<usize>> {
    let mut value = None;
    let document = toml::de::DeTable::parse(text).ok()?;
    let mut table = Some(document.get_ref());
    for part in key.split('.') {
        let Some(next) = table.and_then(|table| table.get(part)) else { break };
        table = next.get_ref().as_table();
        value = Some(next.span());
    }
    value
}

/// An mId as H.248 text spells it; whatever is neither address nor domain is a device name.
fn mid(text: &str) -> MId<'static> {
    let port = |rest: &str| rest.strip_prefix(':').and_then(|port| port.parse().ok());
    if let Some((ip, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']'))
        && let Ok(ip) = ip.parse()
    {
        return MId::Ip(ip, port(rest));
    }
    match text.strip_prefix('<').and_then(|text| text.split_once('>')) {
        Some((name, rest)) => MId::Domain(name.to_owned().into(), port(rest)),
        None => MId::Device(text.to_owned().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGETS: [&str; 7] = [
        super::super::REFERENCE_TOML,
        include_str!("../../../features/targets/reference-tcp.toml"),
        include_str!("../../../features/targets/reference-process.toml"),
        include_str!("../../../features/targets/example-remote.toml"),
        include_str!("../../../features/targets/null-accept.toml"),
        include_str!("../../../features/targets/null-501.toml"),
        include_str!("../../../features/targets/null-echo.toml"),
    ];
    const LEAST: &str = "role = \"mg\"\n[profile]\ninterface = \"iq\"\n";

    fn error(tail: &str) -> ManifestError {
        Manifest::parse(&format!("{LEAST}{tail}")).unwrap_err()
    }

    #[test]
    fn the_least_file_takes_the_defaults() {
        let manifest = Manifest::parse(LEAST).unwrap();
        assert_eq!(manifest.profile.model, Model::Open);
        assert_eq!(manifest.control.sharing, Sharing::Shared);
        assert_eq!((manifest.media.access_realm(), manifest.media.core_realm()), ("access", "core"));
        assert_eq!(manifest.launch, None);
    }

    #[test]
    fn an_unknown_key_names_the_nearest_and_its_place() {
        let error = error("[control]\n  shareing = \"shared\"\n");
        assert_eq!((error.line, error.column), (5, 3));
        assert_eq!(error.advice, "did you mean `sharing`?");
        assert!(error.to_string().starts_with("line 5, column 3: unknown field `shareing`"), "{error}");
    }

    #[test]
    fn an_unknown_value_names_the_nearest() {
        assert_eq!(error("[control]\nsharing = \"privat\"\n").advice, "did you mean `private`?");
        assert_eq!(error("[control]\ntransport = \"udb\"\n").advice, "did you mean `udp`?");
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_where_it_stands() {
        let binary = error("[control]\ntransport = \"tcp\"\nencoding = \"binary\"\n");
        assert_eq!((binary.line, binary.column), (6, 12));
        assert!(binary.problem.contains("binary H.248"), "{binary}");
        assert!(error("[coding]\nrole = \"property\"\n").problem.contains("TLS role by property"));
        let role = Manifest::parse("role = \"bfcp-server\"\n[profile]\ninterface = \"mp\"\n").unwrap_err();
        assert_eq!(role.line, 1);
    }

    #[test]
    fn values_outside_their_range_are_refused() {
        assert_eq!(error("[timers]\nbearer = 0\n").line, 5);
        assert!(error("[media.access]\ngateway = []\n").advice.contains("one address per IP version"));
        assert!(error("[launch]\nrestart = \"never\"\n").problem.contains("in_process"));
        assert!(error("[[known_failure]]\nselector = \"4.1.3-a\"\nreason = \" \"\n").advice.contains("why"));
        assert!(error("[control]\naddress = \"0.0.0.0\"\n").problem.contains("unspecified"));
        assert!(error("[control]\nsharing = \"private\"\n").problem.contains("a target of its own"));
        assert!(error("[control]\naddress = \"localhost\"\n").problem.contains("is not an address"));
    }

    #[test]
    fn a_known_failure_expires_after_its_day() {
        let text =
            format!("{LEAST}[[known_failure]]\nselector = \"4.1.3\"\nreason = \"bug 7\"\nexpires = 2026-03-31\n");
        let manifest = Manifest::parse(&text).unwrap();
        assert!(!manifest.known_failures[0].has_expired((2026, 3, 31)));
        assert!(manifest.known_failures[0].has_expired((2026, 4, 1)));
    }

    #[test]
    fn an_mid_reads_as_it_is_written() {
        for text in ["[127.0.0.1]:2944", "[::1]", "<mgc.example>:2944", "<mgc.example>", "mgc/1"] {
            assert_eq!(mid(text).to_string(), text);
        }
    }

    #[test]
    fn bad_toml_has_a_place() {
        let error = Manifest::parse("role = \"mg\"\n[profile\n").unwrap_err();
        assert_eq!(error.line, 2);
    }

    #[test]
    fn the_files_that_come_with_the_suite_are_usable() {
        for text in TARGETS {
            Manifest::parse(text).unwrap();
        }
    }
}
