//! Packages by behaviour, one file each: what the gateway does with a package, not only what it is called.
//!
//! Names, types and where each comes from are data (`wire::h248::package`); which packages an interface has, its profile
//! says. Of what is in them, events this gateway does not detect and signals it does not generate are refused (512, 513).

pub(super) mod adid;
mod bearer_control;
mod ds;
mod generic;
mod gm;
pub(super) mod hangterm;
mod ipnapt;
pub(super) mod it;
mod network;
pub(super) mod ocp;
pub mod root;
mod seplink;
mod tman;

use super::{
    bearer::{BearerEvent, BearerState, Conditions, Order},
    event::StreamsOf,
    stream::{Refusal, refusal_of},
};
use crate::wire::h248::{
    ErrorCode, EventSpec, Parameter, ParmValue, PkgdName, RequestedEvent, Signal, SignalType, StreamId, Value,
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// An event this gateway detects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detected {
    /// On ROOT, or on terminations.
    pub(super) root: bool,
    /// Parameters it may be asked for with.
    pub(super) parameters: &'static [&'static str],
    /// Parameters it must be asked for with.
    pub(super) mandatory: &'static [&'static str],
}

/// How an event is detected, if it is.
pub(super) fn detected(name: &PkgdName<'_>) -> Option<Detected> {
    let plain = Detected { root: false, parameters: &[], mandatory: &[] };
    let on_root = Detected { root: true, ..plain };
    Some(match name {
        name if name.is("hangterm/thb") => Detected { parameters: &["timerx"], ..plain },
        name if name.is("adid/ipstop") => Detected { parameters: &["dt", "dir"], mandatory: &["dt"], ..plain },
        name if name.is("it/ito") => Detected { parameters: &["mit"], mandatory: &["mit"], ..on_root },
        name if name.is("ocp/mg_overload") => on_root,
        name if ["g/cause", "g/sc", "nt/netfail", "tcpbcc/bncchange", "tlsbsc/bncchange"]
            .iter()
            .any(|n| name.is(n)) =>
        {
            plain
        }
        _ => return None,
    })
}

/// The parameters of a signal this gateway generates, all of which it must have.
pub(super) fn generated(name: &PkgdName<'_>) -> Option<&'static [&'static str]> {
    match name {
        name if name.is("ipnapt/latch") => Some(&["napt"]),
        name if ["tcpbcc/estbnc", "tcpbcc/relbnc", "tlsbsc/estbnc"].iter().any(|n| name.is(n)) => Some(&[]),
        _ => None,
    }
}

/// How a signal ends when the MGC does not say. All there are do something once.
pub(super) const fn signal_type(_: &Signal<'_>) -> SignalType {
    SignalType::Brief
}

/// What a bearer event is in the words of the packages that report it, on a stream whose leg was in `before`.
pub(super) fn of_bearer(
    event: &BearerEvent,
    stream: StreamId,
    before: BearerState,
    secured: bool,
) -> Vec<EventSpec<'static>> {
    let mut events = Vec::new();
    if let BearerEvent::Failed { cause, .. } | BearerEvent::Ended { cause, .. } = event {
        events.push(generic::cause(*cause));
        events.extend(network::netfail(*cause));
    }
    events.extend(bearer_control::changes(event, before, secured));
    events.into_iter().map(|(name, parameters)| EventSpec { name, stream: Some(stream), parameters }).collect()
}

/// What is given for a property of a stream, if anything.
pub(super) type Given<'g> = &'g dyn Fn(&str) -> Option<&'g ParmValue<'static>>;

/// What the properties of a stream add to its leg. 449, 472.
pub(super) fn conditions(given: Given<'_>, remote: Option<SocketAddr>) -> Result<Conditions, Refusal> {
    Ok(Conditions {
        source: gm::source(given, remote)?,
        linkage: seplink::linkage(given)?,
        police: tman::police(given)?,
        dscp: ds::code_point(given)?,
    })
}

/// Whether a property is `on`; one that was not given is not.
fn boolean(given: Given<'_>, name: &str) -> Result<bool, Refusal> {
    let Some(value) = given(name) else { return Ok(false) };
    value.single().and_then(Value::as_bool).ok_or_else(|| refused(value))
}

/// The number of a property.
fn number_of(given: Given<'_>, name: &str, most: u32) -> Result<Option<u32>, Refusal> {
    let Some(value) = given(name) else { return Ok(None) };
    let number = value.single().and_then(Value::as_integer).and_then(|number| u32::try_from(number).ok());
    number.filter(|number| *number <= most).map(Some).ok_or_else(|| refused(value))
}

fn refused(value: &ParmValue<'_>) -> Refusal {
    refusal_of(ErrorCode::UNSUPPORTED_VALUE, value.single().map(Value::as_str).unwrap_or_default())
}

/// What a signal orders of a leg.
pub(super) fn order(signal: &Signal<'_>) -> Option<Order> {
    match &signal.name {
        name if name.is("tcpbcc/estbnc") || name.is("tlsbsc/estbnc") => Some(Order::Establish),
        name if name.is("tcpbcc/relbnc") => Some(Order::Release),
        name if name.is("ipnapt/latch") => ipnapt::latch(signal).map(Order::Latch),
        _ => None,
    }
}

/// An event as a package makes it.
pub(super) type Observed = (PkgdName<'static>, Vec<Parameter<'static>>);

/// An event that time brings, armed by the Events descriptor that asks for it.
#[derive(Debug, Clone)]
pub(super) enum Watch {
    /// `hangterm/thb`.
    Heartbeat(hangterm::Heartbeat),
    /// `adid/ipstop`.
    Standstill(adid::Standstill),
    /// `it/ito`.
    Silence(it::Silence),
}

impl Watch {
    /// The watches a requested event arms.
    pub(super) fn of(now: Instant, requested: &RequestedEvent<'_>, streams: &StreamsOf) -> Vec<Self> {
        let heartbeat = hangterm::Heartbeat::of(now, requested).map(Self::Heartbeat);
        let standstill = adid::Standstill::of(now, requested, streams).map(Self::Standstill);
        let silence = it::Silence::of(now, requested).map(Self::Silence);
        heartbeat.into_iter().chain(standstill).chain(silence).collect()
    }

    /// When it is to be looked at.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Heartbeat(watch) => Some(watch.due()),
            Self::Standstill(watch) => watch.due(),
            Self::Silence(watch) => Some(watch.due()),
        }
    }

    /// The event, if its time has come.
    pub(super) fn elapsed(&mut self, now: Instant, streams: &StreamsOf) -> Option<EventSpec<'static>> {
        match self {
            Self::Heartbeat(watch) => watch.elapsed(now),
            Self::Standstill(watch) => watch.elapsed(now, streams),
            Self::Silence(watch) => watch.elapsed(now),
        }
    }

    /// The MGC was heard.
    pub(super) fn heard(&mut self, now: Instant) {
        if let Self::Silence(watch) = self {
            watch.heard(now);
        }
    }
}

/// The number of a requested event's parameter.
fn number(requested: &RequestedEvent<'_>, parameter: &str) -> Option<u64> {
    let value = requested.parameters.iter().find(|given| given.name == parameter)?.value.single()?;
    value.as_integer().and_then(|number| u64::try_from(number).ok())
}

/// A time of so many units; longer than a year is as good as for ever, and sums of it with the clock stay possible.
fn time(number: u64, unit: Duration) -> Duration {
    const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);
    u32::try_from(number).ok().and_then(|number| unit.checked_mul(number)).map_or(YEAR, |time| time.min(YEAR))
}

/// An unquoted word.
fn word(name: &'static str, value: &'static str) -> Parameter<'static> {
    Parameter::equal(name, Value::plain(value))
}
