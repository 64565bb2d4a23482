//! Terminations: streams, events and what is told of them.

use super::{
    bearer::LegCommand,
    context::{Changes, Contexts},
    control::Peer,
    event::{Events, Reaction, Rules},
    package,
    profile::Profile,
    property::Properties,
    signal::Signals,
    stream::{Refusal, Stream, Surroundings, refusal, refusal_of},
};
use crate::wire::h248::{
    AmmRequest, AuditReturnParameter, ErrorCode, EventSpec, IntoOwned, MediaDescriptor, Name, PkgdName, PropertyParm,
    ServiceState, Signal, SignalsDescriptor, StatisticsDescriptor, StatisticsParameter, StreamDescriptor, StreamId,
    StreamParms, Streams, TerminationAudit, TerminationStateDescriptor, Value, package::Place,
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
    /// TerminationState properties.
    pub(super) properties: Properties,
    /// Boxed: a map of few keeps room for eleven.
    pub(super) streams: BTreeMap<StreamId, Box<Stream>>,
    pub(super) events: Events,
    pub(super) signals: Signals,
}

impl Termination {
    pub(super) fn new(now: Instant, name: Name<'static>, realm: String) -> Self {
        Self {
            name,
            realm,
            since: now,
            service_state: ServiceState::InService,
            properties: Properties::default(),
            streams: BTreeMap::new(),
            events: Events::default(),
            signals: Signals::default(),
        }
    }

    /// How long, application octets both ways (`nt`, H.248.1 E.11) and connections turned away (`gm/dp`), over all streams.
    pub(super) fn statistics(&self, now: Instant) -> StatisticsDescriptor<'static> {
        let legs = || self.streams.values().filter_map(|stream| stream.leg.as_ref());
        let values = [
            ("dur", now.saturating_duration_since(self.since).as_millis()),
            ("os", legs().map(|leg| u128::from(leg.counters.sent())).sum()),
            ("or", legs().map(|leg| u128::from(leg.counters.received())).sum()),
            ("dp", legs().map(|leg| u128::from(leg.counters.dropped())).sum()),
        ];
        let parameter = |(item, value): (&'static str, u128)| StatisticsParameter {
            name: PkgdName::new(if item == "dp" { "gm" } else { "nt" }, item),
            values: vec![Value::plain(value.to_string())],
        };
        StatisticsDescriptor(values.map(parameter).into())
    }

    /// Media as audits show it.
    pub(super) fn media(&self, profile: &Profile) -> MediaDescriptor<'static> {
        let streams: Vec<_> = self
            .streams
            .iter()
            .map(|(id, stream)| StreamDescriptor { id: *id, parms: stream.parms(profile) })
            .collect();
        MediaDescriptor {
            termination_state: Some(TerminationStateDescriptor {
                service_state: Some(self.service_state),
                event_buffer_control: Some(self.events.buffer.control()),
                properties: self.properties.audited(profile, Place::TerminationState),
            }),
            streams: if streams.is_empty() { Streams::default() } else { Streams::Multi(streams) },
        }
    }

    /// When time brings something here.
    pub(super) fn due(&self) -> Option<Instant> {
        [self.signals.due(), self.events.due()].into_iter().flatten().min()
    }

    /// Something happened: notes it if the MGC asked to hear of it, and does what it asked for then.
    pub(super) fn occur(&mut self, now: Instant, event: EventSpec<'static>, changes: &mut Changes) {
        self.chain(now, VecDeque::from([event]), changes);
    }

    /// Time has passed.
    pub(super) fn elapsed(&mut self, now: Instant, changes: &mut Changes) {
        let Self { signals, streams, .. } = self;
        let ended = signals.elapsed(now, &mut |signal| begin(streams, signal, changes));
        self.chain(now, ended.into(), changes);
        for event in self.events.elapsed(now, &self.streams) {
            self.occur(now, event, changes);
        }
    }

    /// What events ask for, and what follows.
    fn react(&mut self, now: Instant, reactions: Vec<Reaction>, changes: &mut Changes) {
        let mut events = VecDeque::new();
        self.respond(now, reactions, &mut events, changes);
        self.chain(now, events, changes);
    }

    /// The completion of a signal is an event, whose embedded signals may complete in turn: so many times and no more.
    fn chain(&mut self, now: Instant, mut events: VecDeque<EventSpec<'static>>, changes: &mut Changes) {
        const MOST: usize = 16;
        for _ in 0..MOST {
            let Some(event) = events.pop_front() else { break };
            let reactions = self.events.occur(now, event, &self.streams);
            self.respond(now, reactions, &mut events, changes);
        }
    }

    fn respond(
        &mut self,
        now: Instant,
        reactions: Vec<Reaction>,
        events: &mut VecDeque<EventSpec<'static>>,
        changes: &mut Changes,
    ) {
        for Reaction { interrupts, signals } in reactions {
            if interrupts {
                events.extend(self.signals.interrupt());
            }
            if let Some(signals) = signals {
                events.extend(self.play(now, signals, changes));
            }
        }
    }

    /// Plays signals instead of those before; the completions that brings.
    fn play(
        &mut self,
        now: Instant,
        descriptor: SignalsDescriptor<'static>,
        changes: &mut Changes,
    ) -> Vec<EventSpec<'static>> {
        let Self { signals, streams, .. } = self;
        signals.replace(now, descriptor, &mut |signal| begin(streams, signal, changes))
    }

    /// Takes over what Add or Modify says of everything but streams, events and signals. The properties the gateway had to
    /// choose.
    fn apply_rest(
        &mut self,
        request: &AmmRequest<'_>,
        profile: &Profile,
    ) -> Result<Vec<PropertyParm<'static>>, Refusal> {
        let mut chosen = Vec::new();
        let absent = [
            (request.modem.is_some(), "Modem"),
            (request.mux.is_some(), "Mux"),
            (request.digit_map.is_some(), "DigitMap"),
        ];
        if let Some((_, name)) = absent.iter().find(|(given, _)| *given) {
            return Err(refusal_of(ErrorCode::UNKNOWN_DESCRIPTOR, name));
        }
        if let Some(state) = request.media.as_ref().and_then(|media| media.termination_state.as_ref()) {
            chosen = self.state(state, profile)?;
        }
        Ok(chosen)
    }

    /// The properties the gateway had to choose.
    fn state(
        &mut self,
        state: &TerminationStateDescriptor<'_>,
        profile: &Profile,
    ) -> Result<Vec<PropertyParm<'static>>, Refusal> {
        if let Some(control) = state.event_buffer_control {
            self.events.buffer.set_control(control);
        }
        self.service_state = state.service_state.unwrap_or(self.service_state);
        self.properties.take(profile, &state.properties)
    }

    /// Takes over signals and events, in this order: an event that waited may stop a signal of the same command.
    fn apply_events(
        &mut self,
        now: Instant,
        peer: Peer,
        request: &AmmRequest<'_>,
        rules: Rules,
        changes: &mut Changes,
    ) -> Result<(), Refusal> {
        rules.amm(request)?;
        if let Some(buffer) = &request.event_buffer {
            self.events.buffer.set_wanted(buffer.clone().into_owned());
        }
        if let Some(signals) = &request.signals {
            let completed = self.play(now, signals.clone().into_owned(), changes);
            self.chain(now, completed.into(), changes);
        }
        if let Some(events) = &request.events {
            let reactions = self.events.request(now, peer, events.clone().into_owned(), &self.streams);
            self.react(now, reactions, changes);
        }
        Ok(())
    }
}

/// Brings a signal's effect about on the streams it is for; false when none has a bearer to work on.
fn begin(streams: &BTreeMap<StreamId, Box<Stream>>, signal: &Signal<'_>, changes: &mut Changes) -> bool {
    let concerned = streams.iter().filter(|(id, _)| signal.stream.is_none_or(|wanted| wanted == **id));
    let order = package::order(signal);
    let mut begun = false;
    for leg in concerned.filter_map(|(_, stream)| stream.leg.as_ref()) {
        begun = true;
        if let Some(order) = order {
            changes.command(leg.relay, LegCommand::Order { leg: leg.id, order });
        }
    }
    begun
}

/// A termination as a command leaves it, what follows from that, and what the reply says.
pub(super) struct Applied {
    termination: Termination,
    changes: Changes,
    audit: TerminationAudit<'static>,
}

impl Contexts {
    /// Carries out the descriptors of Add or Modify on a termination, all or nothing. What the reply must say: Local where
    /// it left a choice (TS 29.334 5.8), then what was asked for.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        peer: Peer,
        context: u32,
        termination: Termination,
        request: &AmmRequest<'_>,
    ) -> Result<TerminationAudit<'static>, Refusal> {
        let applied = self.prepare(now, peer, context, termination, Changes::default(), request)?;
        Ok(self.keep_applied(context, applied))
    }

    pub(super) fn keep_applied(&mut self, context: u32, applied: Applied) -> TerminationAudit<'static> {
        self.keep(context, applied.termination, applied.changes);
        applied.audit
    }

    /// The same, but for what follows: nothing has happened until it is kept.
    pub(super) fn prepare(
        &mut self,
        now: Instant,
        peer: Peer,
        context: u32,
        mut termination: Termination,
        mut changes: Changes,
        request: &AmmRequest<'_>,
    ) -> Result<Applied, Refusal> {
        match self.apply_to(now, peer, context, &mut termination, request, &mut changes) {
            Ok(chosen) => {
                let mut audit = TerminationAudit(chosen.map(AuditReturnParameter::Media).into_iter().collect());
                if let Some(asked) = &request.audit {
                    audit.0.extend(termination.audit(now, asked, self.config.interface.profile()).0);
                }
                Ok(Applied { termination, changes, audit })
            }
            Err(refusal) => {
                self.undo(changes);
                Err(refusal)
            }
        }
    }

    fn apply_to(
        &mut self,
        now: Instant,
        peer: Peer,
        context: u32,
        termination: &mut Termination,
        request: &AmmRequest<'_>,
        changes: &mut Changes,
    ) -> Result<Option<MediaDescriptor<'static>>, Refusal> {
        let profile = self.config.interface.profile();
        let state = termination.apply_rest(request, profile)?;
        let state = (!state.is_empty())
            .then(|| TerminationStateDescriptor { properties: state, ..TerminationStateDescriptor::default() });
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
            let stream = streams.entry(id).or_default();
            let empty = |octets: &Option<std::borrow::Cow<'_, [u8]>>| octets.as_ref().is_some_and(|o| o.is_empty());
            let ends = empty(&parms.local) && empty(&parms.remote);
            let parms = stream.apply(parms, &mut surroundings)?;
            // Nothing is reserved for it any more: the stream goes (H.248.1 7.1.6).
            if ends && stream.reserve_group != Some(true) && stream.reserve_value != Some(true) {
                streams.remove(&id);
            }
            if !parms.is_empty() {
                chosen.push(StreamDescriptor { id, parms });
            }
        }
        termination.apply_events(now, peer, request, Rules { profile, root: false }, changes)?;
        if chosen.is_empty() && state.is_none() {
            return Ok(None);
        }
        // The reply numbers streams as the request did.
        let numbered = request.media.as_ref().is_some_and(|media| matches!(media.streams, Streams::Multi(_)));
        let streams = match chosen.pop() {
            Some(only) if !numbered => Streams::One(only.parms),
            None => Streams::default(),
            last => Streams::Multi(chosen.into_iter().chain(last).collect()),
        };
        Ok(Some(MediaDescriptor { termination_state: state, streams }))
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
