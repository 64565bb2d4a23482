//! Terminations: streams, events and what is told of them.

use super::{
    bearer::{BearerEvent, FailureCause},
    context::{Changes, Contexts},
    control::Peer,
    profile::Profile,
    stream::{Refusal, Stream, Surroundings, known_property, refusal, refusal_of},
};
use crate::wire::h248::{
    AmmRequest, AuditReturnParameter, ErrorCode, EventBufferControl, EventSpec, EventsDescriptor, IntoOwned,
    MediaDescriptor, Name, ObservedEvent, Parameter, PkgdName, ServiceState, SignalRequest, SignalsDescriptor,
    StatisticsDescriptor, StatisticsParameter, StreamDescriptor, StreamId, StreamParms, Streams, TerminationAudit,
    TerminationStateDescriptor, Value,
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

/// A termination in a context.
#[derive(Debug, Clone)]
pub(super) struct Termination {
    pub(super) name: Name<'static>,
    /// The realm of its streams when they name none.
    pub(super) realm: String,
    pub(super) since: Instant,
    pub(super) service_state: ServiceState,
    /// Boxed: a map of few keeps room for eleven.
    pub(super) streams: BTreeMap<StreamId, Box<Stream>>,
    pub(super) events: EventsDescriptor<'static>,
    /// Who asked for the events.
    pub(super) audience: Peer,
    /// Observed and not yet told.
    pub(super) observed: VecDeque<ObservedEvent<'static>>,
    /// A Notify is on its way.
    pub(super) notifying: bool,
}

impl Termination {
    pub(super) fn new(now: Instant, name: Name<'static>, realm: String, audience: Peer) -> Self {
        Self {
            name,
            realm,
            since: now,
            service_state: ServiceState::InService,
            streams: BTreeMap::new(),
            events: EventsDescriptor::default(),
            audience,
            observed: VecDeque::new(),
            notifying: false,
        }
    }

    /// `nt` statistics: how long, and application octets both ways over all streams. H.248.1 E.11.
    pub(super) fn statistics(&self, now: Instant) -> StatisticsDescriptor<'static> {
        let legs = || self.streams.values().filter_map(|stream| stream.leg.as_ref());
        let values = [
            ("dur", now.saturating_duration_since(self.since).as_millis()),
            ("os", legs().map(|leg| u128::from(leg.counters.sent())).sum()),
            ("or", legs().map(|leg| u128::from(leg.counters.received())).sum()),
        ];
        let parameter = |(item, value): (&'static str, u128)| StatisticsParameter {
            name: PkgdName::new("nt", item),
            values: vec![Value::plain(value.to_string())],
        };
        StatisticsDescriptor(values.map(parameter).into())
    }

    /// Media as audits show it.
    pub(super) fn media(&self) -> MediaDescriptor<'static> {
        let streams: Vec<_> =
            self.streams.iter().map(|(id, stream)| StreamDescriptor { id: *id, parms: stream.parms() }).collect();
        MediaDescriptor {
            termination_state: Some(TerminationStateDescriptor {
                service_state: Some(self.service_state),
                event_buffer_control: Some(EventBufferControl::Off),
                properties: Vec::new(),
            }),
            streams: if streams.is_empty() { Streams::default() } else { Streams::Multi(streams) },
        }
    }

    /// Notes a bearer event if the MGC asked to hear of it. Signalling model, "failure and release told to the MGC".
    pub(super) fn observe(&mut self, stream: StreamId, event: &BearerEvent) {
        // More than this many at once is somebody's attack, of which the MGC knows by then.
        const MOST: usize = 16;
        let (BearerEvent::Failed { cause, .. } | BearerEvent::Ended { cause, .. }) = event else { return };
        for requested in &self.events.events {
            let concerned = requested.stream.is_none_or(|wanted| wanted == stream);
            for name in OBSERVABLE.iter().filter(|_| concerned) {
                let name = PkgdName::new(name.0, name.1);
                if requested.name.covers(&name) && self.observed.len() < MOST {
                    let event = EventSpec { parameters: parameters(&name, *cause), stream: Some(stream), name };
                    // An orderly release is no failure of the network.
                    if !event.parameters.is_empty() {
                        self.observed.push_back(ObservedEvent { time: None, event });
                    }
                }
            }
        }
    }

    /// Takes over what Add or Modify says of everything but streams.
    fn apply_rest(&mut self, request: &AmmRequest<'_>, profile: &Profile, peer: Peer) -> Result<(), Refusal> {
        let absent = [
            (request.modem.is_some(), "Modem"),
            (request.mux.is_some(), "Mux"),
            (request.digit_map.is_some(), "DigitMap"),
            (request.event_buffer.as_ref().is_some_and(|buffer| !buffer.0.is_empty()), "EventBuffer"),
        ];
        if let Some((_, name)) = absent.iter().find(|(given, _)| *given) {
            return Err(refusal_of(ErrorCode::UNKNOWN_DESCRIPTOR, name));
        }
        if let Some(signals) = &request.signals {
            no_signals(signals, profile)?;
        }
        for statistic in request.statistics.iter().flat_map(|statistics| &statistics.0) {
            known_item(profile, &statistic.name, ErrorCode::NO_SUCH_STATISTIC, |package| package.statistics)?;
        }
        if let Some(state) = request.media.as_ref().and_then(|media| media.termination_state.as_ref()) {
            self.state(state, profile)?;
        }
        if let Some(events) = &request.events {
            for event in &events.events {
                known_item(profile, &event.name, ErrorCode::NO_SUCH_EVENT, |package| package.events)?;
            }
            self.events = events.clone().into_owned();
            self.audience = peer;
            // What was observed answers a request that no longer stands. H.248.1 7.1.9.
            self.observed.clear();
        }
        Ok(())
    }

    fn state(&mut self, state: &TerminationStateDescriptor<'_>, profile: &Profile) -> Result<(), Refusal> {
        if let Some(property) = state.properties.first() {
            known_property(profile, &property.name)?;
            return Err(refusal_of(ErrorCode::PROPERTY_ILLEGAL_IN_DESCRIPTOR, &property.name.to_string()));
        }
        if state.event_buffer_control == Some(EventBufferControl::LockStep) {
            return Err(refusal_of(ErrorCode::UNSUPPORTED_VALUE, "LockStep"));
        }
        self.service_state = state.service_state.unwrap_or(self.service_state);
        Ok(())
    }
}

/// Events of bearers.
const OBSERVABLE: [(&str, &str); 2] = [("g", "cause"), ("nt", "netfail")];

fn parameters(name: &PkgdName<'_>, cause: FailureCause) -> Vec<Parameter<'static>> {
    if name.is("g/cause") {
        vec![
            Parameter::equal("Generalcause", Value::plain(cause.general())),
            Parameter::equal("Failurecause", Value::quoted(cause.word())),
        ]
    } else if cause == FailureCause::Released {
        Vec::new()
    } else {
        vec![Parameter::equal("cs", Value::quoted(cause.word()))]
    }
}

/// 440 unknown package, `code` unknown item of a known one.
pub(super) fn known_item(
    profile: &Profile,
    name: &PkgdName<'_>,
    code: ErrorCode,
    items: impl Fn(&'static super::profile::Package) -> &'static [&'static str],
) -> Result<(), Refusal> {
    if name.package.is_wildcard() {
        return Ok(());
    }
    let package = profile.package(&name.package);
    let package = package.ok_or_else(|| refusal_of(ErrorCode::UNKNOWN_PACKAGE, &name.package))?;
    let known = items(package).iter().any(|item| name.item == *item || name.item.is_wildcard());
    known.then_some(()).ok_or_else(|| refusal_of(code, &name.to_string()))
}

/// None of the packages here has a signal.
pub(super) fn no_signals(signals: &SignalsDescriptor<'_>, profile: &Profile) -> Result<(), Refusal> {
    for request in &signals.0 {
        let signal = match request {
            SignalRequest::Signal(signal) => Some(signal),
            SignalRequest::List(list) => list.signals.first(),
        };
        let Some(signal) = signal else { continue };
        known_item(profile, &signal.name, ErrorCode::NO_SUCH_SIGNAL, |_| &[])?;
        return Err(refusal_of(ErrorCode::NO_SUCH_SIGNAL, &signal.name.to_string()));
    }
    Ok(())
}

impl Contexts {
    /// Carries out the descriptors of Add or Modify on a termination, all or nothing. What the reply must say: Local where
    /// it left a choice (TS 29.334 5.8), then what was asked for.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        peer: Peer,
        context: u32,
        mut termination: Termination,
        request: &AmmRequest<'_>,
    ) -> Result<TerminationAudit<'static>, Refusal> {
        let mut changes = Changes::default();
        match self.apply_to(peer, context, &mut termination, request, &mut changes) {
            Ok(chosen) => {
                let mut audit = TerminationAudit(chosen.map(AuditReturnParameter::Media).into_iter().collect());
                if let Some(asked) = &request.audit {
                    audit.0.extend(termination.audit(now, asked, self.config.interface.profile()).0);
                }
                self.keep(context, termination, changes);
                Ok(audit)
            }
            Err(refusal) => {
                self.undo(changes);
                Err(refusal)
            }
        }
    }

    fn apply_to(
        &mut self,
        peer: Peer,
        context: u32,
        termination: &mut Termination,
        request: &AmmRequest<'_>,
        changes: &mut Changes,
    ) -> Result<Option<MediaDescriptor<'static>>, Refusal> {
        let profile = self.config.interface.profile();
        termination.apply_rest(request, profile, peer)?;
        let mut chosen = Vec::new();
        for (id, parms) in streams(request) {
            let relay = self.relay(context, id);
            let Termination { streams, realm, .. } = &mut *termination;
            if !streams.contains_key(&id) && streams.len() >= self.config.limits.streams_per_termination {
                return Err(refusal(ErrorCode::INSUFFICIENT_RESOURCES));
            }
            let mut surroundings = Surroundings {
                profile,
                policy: &*self.policy,
                ports: &mut *self.ports,
                realms: &self.config.realms,
                realm,
                certificate: &self.config.certificate,
                secret: self.config.secret.wrapping_add(self.next_leg.into()),
                relay,
                next_leg: &mut self.next_leg,
                changes,
            };
            if let Some(local) = streams.entry(id).or_default().apply(parms, &mut surroundings)? {
                chosen.push(StreamDescriptor {
                    id,
                    parms: StreamParms { local: Some(local.into()), ..Default::default() },
                });
            }
        }
        if chosen.is_empty() {
            return Ok(None);
        }
        // The reply numbers streams as the request did.
        let numbered = request.media.as_ref().is_some_and(|media| matches!(media.streams, Streams::Multi(_)));
        let streams = match chosen.pop() {
            Some(only) if !numbered => Streams::One(only.parms),
            last => Streams::Multi(chosen.into_iter().chain(last).collect()),
        };
        Ok(Some(MediaDescriptor { termination_state: None, streams }))
    }
}

/// The streams a request speaks of; one without a number is stream 1 (H.248.1 7.1.4).
pub(super) fn streams<'r, 'a>(
    request: &'r AmmRequest<'a>,
) -> impl Iterator<Item = (StreamId, &'r StreamParms<'a>)> + use<'r, 'a> {
    let (one, many) = match request.media.as_ref().map(|media| &media.streams) {
        Some(Streams::One(parms)) if *parms != StreamParms::default() => (Some((StreamId(1), parms)), &[][..]),
        Some(Streams::Multi(streams)) => (None, streams.as_slice()),
        _ => (None, &[][..]),
    };
    one.into_iter().chain(many.iter().map(|stream| (stream.id, &stream.parms)))
}
