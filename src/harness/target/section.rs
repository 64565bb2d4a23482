//! The tables of a target file.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde::Deserialize;

use crate::{harness::mgc::Transport, results::Interface};

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
    /// Where the gateway listens. One that has registered earlier, or that waits to be called, is asked there (AuditValue of ROOT).
    pub gateway: Option<SocketAddr>,
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
            gateway: None,
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
    pub(super) fn all(&self) -> [(&'static str, u64); 6] {
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
    /// Its arguments. `{mgc}` becomes our MGC's `ADDR:PORT`, `{control}` the same address with port 0, `{access}` and `{core}` the first gateway address of each
    /// side, `{interface}` `iq`, `ix` or `mp`. An argument that is all `{access}` or `{core}` is repeated with the option
    /// before it for each address of the side. Absent: what `gatecheck gateway` takes.
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
    /// The Move command.
    #[serde(rename = "move")]
    pub move_command: Option<bool>,
    /// Topology (H.248.1 7.1.18).
    pub topology: Option<bool>,
    /// EventBuffer and BufferControl LockStep (H.248.1 7.1.9, 7.1.11).
    pub event_buffer: Option<bool>,
    /// Several streams in a termination.
    pub multiple_streams: Option<bool>,
    /// Priority, emergency and IEPS call of a context (H.248.1 6.1.1).
    pub context_properties: Option<bool>,
    /// Reservation of several groups or values (H.248.1 7.1.8).
    pub reservation: Option<bool>,
    /// Digit maps (H.248.1 7.1.14).
    pub digit_map: Option<bool>,
    /// Signals (H.248.1 7.1.11).
    pub signals: Option<bool>,
    /// Version 3 of H.248.1.
    pub version3: Option<bool>,
    /// HandOff by ServiceChange (H.248.1 7.2.8).
    pub hand_off: Option<bool>,
    /// Pending for requests that take long (H.248.1 8.2.3).
    pub pending: Option<bool>,
    /// H.248 packages it has, by name; absent: as audited.
    pub packages: Option<Vec<String>>,
}

impl Capabilities {
    /// What is declared of the capability a scenario calls `key` in its `@needs:` tag; `None` when there is no such capability.
    pub fn named(&self, key: &str) -> Option<Option<bool>> {
        Some(match key {
            "move" => self.move_command,
            "topology" => self.topology,
            "event-buffer" => self.event_buffer,
            "multiple-streams" => self.multiple_streams,
            "context-properties" => self.context_properties,
            "reservation" => self.reservation,
            "digit-map" => self.digit_map,
            "signals" => self.signals,
            "version3" => self.version3,
            "hand-off" => self.hand_off,
            "pending" => self.pending,
            _ => return None,
        })
    }
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
