//! The target file: what is tested, where it is, how it is started, and what it is known to lack.
//!
//! Unknown keys and values are errors that name the nearest valid one, with line and column. What the file may say but this
//! version cannot honour (another control transport, binary encoding, another role) is refused by [`Manifest::parse`], never
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

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::Range,
    path::Path,
    time::Duration,
};

use serde::Deserialize;

use crate::{harness::mgc::Options, results::Interface, wire::h248::MId};

/// What the target is, and so what we play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An IMS-AGW, TrGW or MRFP: we are the MGC and both media peers.
    Mg,
    /// A controller: we are the MG.
    Mgc,
    /// An MSRP endpoint.
    MsrpEndpoint,
    /// A BFCP floor control server.
    BfcpServer,
}

impl Role {
    /// The word a target file uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mg => "mg",
            Self::Mgc => "mgc",
            Self::MsrpEndpoint => "msrp-endpoint",
            Self::BfcpServer => "bfcp-server",
        }
    }
}

/// How H.248 messages travel, H.248.1 annex D.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// UDP with application level framing.
    #[default]
    Udp,
    /// TCP with TPKT.
    Tcp,
}

/// How H.248 messages are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// H.248.1 annex B.
    #[default]
    Text,
    /// H.248.1 annex A.
    Binary,
}

/// Whose control association a scenario uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// One for the whole run, as a real MG has one MGC.
    #[default]
    Shared,
    /// A fresh MGC and, where we launch it, a fresh target for every scenario.
    Private,
}

/// `[control]`: the H.248 association.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Control {
    /// How messages travel.
    pub transport: Transport,
    /// How messages are written.
    pub encoding: Encoding,
    /// Where our MGC listens; port 0 leaves the port to the system.
    #[serde(deserialize_with = "address_or_ip")]
    pub address: SocketAddr,
    /// The only address that may register, when given; its port is ignored (an MG may send from any).
    pub peer: Option<IpAddr>,
    /// The mId our MGC writes, in H.248 text (`[192.0.2.1]:2944`, `<mgc.example>`); absent: the address it listens on.
    pub mid: Option<String>,
    /// One association for all scenarios, or one each.
    pub sharing: Sharing,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            transport: Transport::Udp,
            encoding: Encoding::Text,
            address: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0),
            peer: None,
            mid: None,
            sharing: Sharing::Shared,
        }
    }
}

/// By what the open points of the TR are judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// What the TR leaves open is recorded, not judged.
    #[default]
    Open,
    /// The target adopts the signalling model of the reference and is judged by it in full.
    Adopted,
}

/// `[profile]`: what the target says it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The interface it serves: `iq`, `ix` or `mp`.
    #[serde(deserialize_with = "interface")]
    pub interface: Interface,
    /// The profile name it registers with (compared without regard to case).
    pub name: Option<String>,
    /// The profile version it registers with.
    pub version: Option<u8>,
    /// By what the open points are judged.
    #[serde(default)]
    pub model: Model,
}

/// One side of the target's media plane.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Side {
    /// The realm's name, as `ipdc/realm` carries it; absent: the side's own name.
    pub realm: Option<String>,
    /// Addresses the gateway takes for bearers of this side, at most one per IP version.
    pub gateway: Vec<IpAddr>,
    /// Addresses our media peers use on this side, at most one per IP version.
    pub peers: Vec<IpAddr>,
}

impl Default for Side {
    fn default() -> Self {
        let loopback = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        Self { realm: None, gateway: loopback.clone(), peers: loopback }
    }
}

/// `[media]`: realms and addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// Towards the UE.
    pub access: Side,
    /// Towards the other side of the IMS.
    pub core: Side,
}

impl Media {
    /// The realm name signalled for the access side.
    pub fn access_realm(&self) -> &str {
        self.access.realm.as_deref().unwrap_or("access")
    }

    /// The realm name signalled for the core side.
    pub fn core_realm(&self) -> &str {
        self.core.realm.as_deref().unwrap_or("core")
    }
}

/// `[timers]`: how long we wait, in milliseconds. Longer waits cost run time only when the target does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timers {
    /// From the start of the target to its registration.
    pub registration: u64,
    /// From a request to its final reply, retransmissions included.
    pub transaction: u64,
    /// From a request to its first retransmission; doubled each time, H.248.1 annex D.1.
    pub retransmission: u64,
    /// From the order to establish a bearer to its establishment.
    pub bearer: u64,
    /// From an order or a cause to the Notify or release that follows.
    pub event: u64,
    /// From a request to stop to the end of a target we launched.
    pub stop: u64,
}

impl Default for Timers {
    fn default() -> Self {
        Self { registration: 10_000, transaction: 3_000, retransmission: 500, bearer: 5_000, event: 5_000, stop: 2_000 }
    }
}

impl Timers {
    fn all(&self) -> [(&'static str, u64); 6] {
        [
            ("timers.registration", self.registration),
            ("timers.transaction", self.transaction),
            ("timers.retransmission", self.retransmission),
            ("timers.bearer", self.bearer),
            ("timers.event", self.event),
            ("timers.stop", self.stop),
        ]
    }

    /// From the start of the target to its registration.
    pub const fn registration(&self) -> Duration {
        Duration::from_millis(self.registration)
    }

    /// From a request to its final reply.
    pub const fn transaction(&self) -> Duration {
        Duration::from_millis(self.transaction)
    }

    /// From a request to its first retransmission.
    pub const fn retransmission(&self) -> Duration {
        Duration::from_millis(self.retransmission)
    }

    /// From the order to establish a bearer to its establishment.
    pub const fn bearer(&self) -> Duration {
        Duration::from_millis(self.bearer)
    }

    /// From a cause to the Notify or release that follows.
    pub const fn event(&self) -> Duration {
        Duration::from_millis(self.event)
    }

    /// From a request to stop to the end of a target we launched.
    pub const fn stop(&self) -> Duration {
        Duration::from_millis(self.stop)
    }
}

/// When a launched target counts as there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readiness {
    /// When it has registered.
    #[default]
    Registered,
    /// When it has written a first line to its standard output, and then registered.
    FirstLine,
}

/// What follows the death of a target we launched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// It is started again for the scenarios that follow.
    #[default]
    AfterCrash,
    /// Every scenario that follows is `crash` too.
    Never,
}

/// `[launch]`: how the target is started; without this table it is already running.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Launch {
    /// A gateway inside this program: `reference`, or the name of a null or faulty one.
    pub in_process: Option<String>,
    /// A program to run; `{self}` is this one.
    pub command: Option<String>,
    /// Its arguments. `{mgc}` becomes our MGC's `ADDR:PORT`, `{access}` and `{core}` the first gateway address of each
    /// side, `{interface}` `iq`, `ix` or `mp`.
    pub args: Option<Vec<String>>,
    /// Environment variables added to ours.
    pub environment: BTreeMap<String, String>,
    /// When it counts as there.
    pub readiness: Readiness,
    /// What follows its death.
    pub restart: Restart,
}

/// `[capabilities]`: what the target's maker declares. `false` makes scenarios that need it `unsupported`; absent: its audit
/// and behaviour decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capabilities {
    /// Bearers over IPv6.
    pub ipv6: Option<bool>,
    /// TLS ended at the gateway (TR 4.1.3 a).
    pub e2ae: Option<bool>,
    /// TLS passed through (TR 4.1.3 b).
    pub e2e: Option<bool>,
    /// Application-agnostic bearers (`TCP`, `TCP/TLS`).
    pub agnostic: Option<bool>,
    /// MSRP-aware bearers.
    pub msrp_aware: Option<bool>,
    /// BFCP-aware bearers.
    pub bfcp_aware: Option<bool>,
    /// TCP set-up by the gateway.
    pub tcp_active: Option<bool>,
    /// TLS 1.2.
    pub tls12: Option<bool>,
    /// TLS 1.3.
    pub tls13: Option<bool>,
    /// H.248 packages it has, by name; absent: as audited.
    pub packages: Option<Vec<String>>,
}

/// How the bearer type is told to the gateway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BearerProto {
    /// By the `m=` proto of Local and Remote.
    #[default]
    MLine,
    /// By a package property.
    Property,
}

/// How the gateway is asked for its certificate's fingerprint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FingerprintRequest {
    /// `a=fingerprint:sha-256 $` in Local.
    #[default]
    Choose,
    /// Not at all: it returns one for every secured bearer.
    Implicit,
}

/// How the gateway is told its TLS role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleCoding {
    /// By `a=setup` and the application's rule.
    #[default]
    Setup,
    /// By a package property.
    Property,
}

/// `[coding]`: how this target codes what the TR leaves open.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Coding {
    /// How the bearer type is told.
    pub bearer: BearerProto,
    /// How the fingerprint is asked for.
    pub fingerprint: FingerprintRequest,
    /// How the TLS role is told.
    pub role: RoleCoding,
    /// The events that report bearer failure and release.
    pub events: Vec<String>,
}

impl Default for Coding {
    fn default() -> Self {
        Self {
            bearer: BearerProto::MLine,
            fingerprint: FingerprintRequest::Choose,
            role: RoleCoding::Setup,
            events: vec!["g/cause".into(), "nt/netfail".into()],
        }
    }
}

/// `[[known_failure]]`: a failure that is known, and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFailure {
    /// Scenario id, requirement id or clause prefix.
    pub selector: String,
    /// Why it is known to fail; shown in the report.
    pub reason: String,
    /// The last day it may be used, `YYYY-MM-DD`.
    pub expires: Option<toml::value::Date>,
}

impl KnownFailure {
    /// Is `today` (year, month, day) after the last day it may be used?
    pub fn has_expired(&self, today: (u16, u8, u8)) -> bool {
        self.expires.is_some_and(|last| (last.year, last.month, last.day) < today)
    }
}

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
            () if self.control.transport != Transport::Udp => refuse(
                "control.transport",
                "H.248 over TCP cannot be honoured by this version",
                "set it to \"udp\" if the target also listens there",
            ),
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

/// `iq`, `ix` or `mp`.
fn interface<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Interface, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "iq" => Ok(Interface::Iq),
        "ix" => Ok(Interface::Ix),
        "mp" => Ok(Interface::Mp),
        other => Err(serde::de::Error::unknown_variant(other, &["iq", "ix", "mp"])),
    }
}

/// `ADDR`, `ADDR:PORT` or `[V6]:PORT`.
fn address_or_ip<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, 0)))
        .map_err(|_| serde::de::Error::custom(format!("{text:?} is not an address: ADDR, ADDR:PORT or [V6]:PORT")))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let tcp = error("[control]\nencoding = \"text\"\ntransport = \"tcp\"\n");
        assert_eq!((tcp.line, tcp.column), (6, 13));
        assert!(tcp.problem.contains("over TCP cannot be honoured"), "{tcp}");
        assert!(error("[control]\nencoding = \"binary\"\n").problem.contains("binary H.248"));
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
        for text in [super::super::REFERENCE_TOML, include_str!("../../../features/targets/example-remote.toml")] {
            Manifest::parse(text).unwrap();
        }
    }
}
