//! Events: what the MGC asked to hear of, and what was observed of it (H.248.1 7.1.9).

use super::{
    control::Peer,
    event_buffer::EventBuffer,
    package::{self, Watch},
    profile::Profile,
    stream::{Refusal, Stream, refusal_of},
};
use crate::wire::h248::{
    AmmRequest, DigitMapDescriptor, Embedded, ErrorCode, ErrorDescriptor, EventSpec, EventsDescriptor, NotifyBehaviour,
    ObservedEvent, ObservedEventsDescriptor, Parameter, PkgdName, RequestId, RequestedEvent, SecondEventsDescriptor,
    SignalsDescriptor, StreamId,
    package::{ItemKind, Lookup},
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

/// Observed events that may wait to be told: more than this many at once is somebody's attack, of which the MGC knows by
/// then.
const MOST: usize = 16;

/// Watches a descriptor may arm: more are the same watch over and over.
const WATCHES: usize = 16;

/// The streams of a termination: what watches look at.
pub(super) type StreamsOf = BTreeMap<StreamId, Box<Stream>>;

/// What Events and Signals descriptors may ask for, beyond what exists: that is judged before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) profile: &'static Profile,
    /// The descriptor is for ROOT.
    pub(super) root: bool,
}

/// What follows from an event besides telling it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reaction {
    /// Signals that do not keep active stop.
    pub(super) interrupts: bool,
    /// These are to be played from now on.
    pub(super) signals: Option<SignalsDescriptor<'static>>,
}

/// The events of one termination, or of ROOT.
#[derive(Debug, Clone, Default)]
pub(super) struct Events {
    requested: EventsDescriptor<'static>,
    /// Who asked.
    audience: Option<Peer>,
    pub(super) buffer: EventBuffer,
    /// Observed and not yet told, with the request each answers.
    observed: VecDeque<(RequestId, ObservedEvent<'static>)>,
    /// A Notify is on its way.
    notifying: bool,
    /// Events that time brings.
    watches: Vec<Watch>,
}

impl Events {
    /// What was asked for, as audits show it.
    pub(super) const fn requested(&self) -> &EventsDescriptor<'static> {
        &self.requested
    }

    /// What was observed and not yet told, as audits show it.
    pub(super) fn observed(&self) -> Option<ObservedEventsDescriptor<'static>> {
        let (request_id, _) = self.observed.front()?;
        let events = self.observed.iter().take_while(|(id, _)| id == request_id);
        let events = events.map(|(_, event)| event.clone()).collect();
        Some(ObservedEventsDescriptor { request_id: *request_id, events })
    }

    /// A new descriptor replaces the old one as a whole, and what it asked for.
    pub(super) fn request(
        &mut self,
        now: Instant,
        from: Peer,
        requested: EventsDescriptor<'static>,
        streams: &StreamsOf,
    ) -> Vec<Reaction> {
        self.audience = Some(from);
        // What was observed answers a request that no longer stands.
        self.observed.clear();
        self.activate(now, requested, streams)
    }

    /// A descriptor is active from now on; what waited for one is matched against it. H.248.1 7.1.9.
    fn activate(&mut self, now: Instant, requested: EventsDescriptor<'static>, streams: &StreamsOf) -> Vec<Reaction> {
        self.watches = requested.events.iter().flat_map(|event| Watch::of(now, event, streams)).take(WATCHES).collect();
        self.requested = requested;
        self.buffer.resume();
        let mut reactions = Vec::new();
        while let Some(event) = (!self.buffer.is_quarantined()).then(|| self.buffer.next()).flatten() {
            reactions.append(&mut self.act_on(now, event, streams));
        }
        reactions
    }

    /// Something happened: notes it if it was asked for.
    pub(super) fn occur(&mut self, now: Instant, event: EventSpec<'static>, streams: &StreamsOf) -> Vec<Reaction> {
        if self.buffer.is_quarantined() {
            self.buffer.keep(event);
            return Vec::new();
        }
        self.act_on(now, event, streams)
    }

    fn act_on(&mut self, now: Instant, event: EventSpec<'static>, streams: &StreamsOf) -> Vec<Reaction> {
        let concerns = |wanted: Option<StreamId>| wanted.is_none() || event.stream.is_none() || wanted == event.stream;
        let found = self.requested.events.iter().find(|r| r.name.covers(&event.name) && concerns(r.stream));
        let (Some(found), Some(request_id)) = (found, self.requested.request_id) else { return Vec::new() };
        let embedded = match (&found.embed, &found.notify) {
            (Some(embedded), _) | (None, Some(NotifyBehaviour::Regulated(Some(embedded)))) => (**embedded).clone(),
            _ => Embedded::default(),
        };
        let reaction = Reaction { interrupts: !found.keep_active, signals: embedded.signals };
        let told = !matches!(found.notify, Some(NotifyBehaviour::Never));
        let reset = found.reset_events;
        if told && self.observed.len() < MOST {
            self.observed.push_back((request_id, ObservedEvent { time: None, event }));
        }
        self.buffer.acted();
        let mut reactions = vec![reaction];
        // An embedded descriptor that becomes active counts as a new one.
        if let Some(events) = embedded.events {
            reactions.append(&mut self.activate(now, first_level(events), streams));
        } else if reset {
            reactions.append(&mut self.activate(now, EventsDescriptor::default(), streams));
        }
        reactions
    }

    /// When a watch is to be looked at.
    pub(super) fn due(&self) -> Option<Instant> {
        self.watches.iter().filter_map(Watch::due).min()
    }

    /// Events that time has brought.
    pub(super) fn elapsed(&mut self, now: Instant, streams: &StreamsOf) -> Vec<EventSpec<'static>> {
        self.watches.iter_mut().filter_map(|watch| watch.elapsed(now, streams)).collect()
    }

    /// A peer was heard. Others than who asked are no sign of its life.
    pub(super) fn heard(&mut self, now: Instant, from: Peer) {
        if self.audience.is_some_and(|audience| audience.address.ip() == from.address.ip()) {
            self.watches.iter_mut().for_each(|watch| watch.heard(now));
        }
    }

    /// What to tell now, and whom: nothing while a Notify is on its way.
    pub(super) fn notification(
        &mut self,
    ) -> Option<(Peer, ObservedEventsDescriptor<'static>, Option<ErrorDescriptor<'static>>)> {
        let audience = self.audience.filter(|_| !self.notifying)?;
        let observed = self.observed()?;
        self.observed.drain(..observed.events.len());
        self.notifying = true;
        // H.248.1 7.2.7: 518 is told in a Notify.
        let error = self.buffer.take_lost().then(|| ErrorDescriptor::new(ErrorCode::EVENT_BUFFER_FULL));
        Some((audience, observed, error))
    }

    /// Whether something waits to be told.
    pub(super) fn has_news(&self) -> bool {
        !self.observed.is_empty() && !self.notifying
    }

    /// The MGC has the Notify.
    pub(super) const fn notified(&mut self) {
        self.notifying = false;
    }

    /// The MGC did not take the Notify.
    pub(super) fn forget(&mut self) {
        self.notifying = false;
        self.observed.clear();
    }
}

/// An embedded Events descriptor as the one it becomes.
fn first_level(events: SecondEventsDescriptor<'static>) -> EventsDescriptor<'static> {
    let embedded = |signals| Box::new(Embedded { signals: Some(signals), events: None });
    let event = |event: RequestedEvent<'static, SignalsDescriptor<'static>>| RequestedEvent {
        name: event.name,
        stream: event.stream,
        keep_active: event.keep_active,
        digit_map: event.digit_map,
        embed: event.embed.map(|signals| embedded(*signals)),
        notify: event.notify.map(|notify| match notify {
            NotifyBehaviour::Immediate => NotifyBehaviour::Immediate,
            NotifyBehaviour::Never => NotifyBehaviour::Never,
            NotifyBehaviour::Regulated(signals) => {
                NotifyBehaviour::Regulated(signals.map(|signals| embedded(*signals)))
            }
        }),
        reset_events: event.reset_events,
        parameters: event.parameters,
    };
    EventsDescriptor { request_id: events.request_id, events: events.events.into_iter().map(event).collect() }
}

impl Rules {
    /// What Add, Move or Modify says of events and signals.
    pub(super) fn amm(&self, request: &AmmRequest<'_>) -> Result<(), Refusal> {
        request.events.as_ref().map_or(Ok(()), |events| self.events(events))?;
        for event in request.event_buffer.iter().flat_map(|buffer| &buffer.0) {
            self.known_event(&event.name)?;
        }
        request.signals.as_ref().map_or(Ok(()), |signals| self.signals(signals))
    }

    /// Can all of this be detected? 440, 451, 512, 446, 449, 457, and what embedded signals are refused for.
    pub(super) fn events(&self, descriptor: &EventsDescriptor<'_>) -> Result<(), Refusal> {
        for event in &descriptor.events {
            self.event(&event.name, &event.parameters, event.digit_map.as_ref())?;
            let regulated = match &event.notify {
                Some(NotifyBehaviour::Regulated(embedded)) => embedded.as_deref(),
                _ => None,
            };
            for embedded in event.embed.as_deref().into_iter().chain(regulated) {
                if let Some(signals) = &embedded.signals {
                    self.signals(signals)?;
                }
                for event in embedded.events.iter().flat_map(|second| &second.events) {
                    self.event(&event.name, &event.parameters, event.digit_map.as_ref())?;
                    if let Some(signals) = &event.embed {
                        self.signals(signals)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn event(
        &self,
        name: &PkgdName<'_>,
        parameters: &[Parameter<'_>],
        digit_map: Option<&DigitMapDescriptor<'_>>,
    ) -> Result<(), Refusal> {
        self.known_event(name)?;
        // No event here collects digits.
        if digit_map.is_some() {
            return Err(refusal_of(ErrorCode::UNKNOWN_PARAMETER, "DigitMap"));
        }
        let Some(detected) = package::detected(name) else { return Ok(()) };
        let given = |wanted: &&&str| parameters.iter().any(|given| given.name == ***wanted);
        if let Some(missing) = detected.mandatory.iter().find(|wanted| !given(wanted)) {
            return Err(refusal_of(ErrorCode::MISSING_PARAMETER, missing));
        }
        self.parameters(ItemKind::Event, name, parameters, detected.parameters)
    }

    /// May this event be asked for here? 512. A wildcard asks for those that may.
    pub(super) fn known_event(&self, name: &PkgdName<'_>) -> Result<(), Refusal> {
        let wildcard = name.package.is_wildcard() || name.item.is_wildcard();
        if wildcard || package::detected(name).is_some_and(|detected| detected.root == self.root) {
            return Ok(());
        }
        Err(refusal_of(ErrorCode::CANNOT_DETECT_EVENT, &name.to_string()))
    }

    /// Parameters the item has, with values of their type: 446, 449.
    pub(super) fn parameters(
        &self,
        kind: ItemKind,
        name: &PkgdName<'_>,
        parameters: &[Parameter<'_>],
        taken: &[&str],
    ) -> Result<(), Refusal> {
        let item = match self.profile.registry.item(kind, name) {
            Lookup::Item(item) => Some(item),
            _ => None,
        };
        for parameter in parameters {
            if !taken.iter().any(|known| parameter.name == *known) {
                return Err(refusal_of(ErrorCode::UNKNOWN_PARAMETER, &parameter.name));
            }
            let known = item.and_then(|item| item.parameters.iter().find(|known| parameter.name == *known.name));
            let value = parameter.value.single();
            if !value.is_some_and(|value| known.is_none_or(|known| known.value_type.admits(value))) {
                let value = value.map_or_else(|| parameter.name.to_string(), |value| value.as_str().to_owned());
                return Err(refusal_of(ErrorCode::UNSUPPORTED_VALUE, &value));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{BearerEvent, FailureCause, LegId, RelayId, testing::Bench};

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    fn with(events: &str) -> (Bench, RelayId, LegId) {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, events);
        let (relay, leg) = bench.opened();
        (bench, relay, leg)
    }

    fn reset(bench: &mut Bench, relay: RelayId, leg: LegId) -> Vec<String> {
        bench.report(relay, BearerEvent::Failed { leg, cause: FailureCause::TcpReset })
    }

    #[test]
    fn a_new_descriptor_replaces_the_old_as_a_whole_and_an_empty_one_clears() {
        let (mut bench, relay, leg) = with(",E=1{g/cause}");
        bench.say("C=1{MF=ip/access/1{E=2{nt/netfail}}}");
        let told = reset(&mut bench, relay, leg);
        assert!(told[0].contains("OE=2{nt/netfail") && !told[0].contains("g/cause"), "{told:?}");
        assert_eq!(bench.say("C=1{AV=ip/access/1{AT{E}}}"), "{C=1{AV=ip/access/1{E=2{nt/netfail}}}}");
        bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        bench.say("C=1{MF=ip/access/1{E}}");
        assert!(reset(&mut bench, relay, leg).is_empty());
    }

    #[test]
    fn wildcards_ask_for_every_event_of_a_package_or_of_all() {
        let (mut bench, relay, leg) = with(",E=1{g/*}");
        let told = reset(&mut bench, relay, leg);
        assert!(told[0].contains("g/cause") && !told[0].contains("netfail"), "{told:?}");
        let (mut bench, relay, leg) = with(",E=1{*/*}");
        let told = reset(&mut bench, relay, leg);
        assert!(["g/cause", "nt/netfail", "tcpbcc/bncchange"].iter().all(|name| told[0].contains(name)), "{told:?}");
    }

    #[test]
    fn embedded_events_take_the_place_of_those_that_held_them() {
        let (mut bench, relay, leg) = with(",E=1{g/cause{EM{E=2{nt/netfail}}}}");
        let told = reset(&mut bench, relay, leg);
        assert!(told[0].contains("OE=1{g/cause"), "{told:?}");
        let audit = bench.say("C=1{AV=ip/access/1{AT{E,OE}}}");
        assert!(audit.contains("{E=2{nt/netfail},OE=2{nt/netfail"), "{audit}");
        let told = bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        assert!(told[0].contains("OE=2{nt/netfail"), "{told:?}");
    }

    #[test]
    fn an_event_may_be_detected_without_being_told() {
        let (mut bench, relay, leg) = with(",E=1{g/cause{NBNN,EM{E=2{g/cause}}}}");
        assert!(reset(&mut bench, relay, leg).is_empty());
        assert_eq!(bench.say("C=1{AV=ip/access/1{AT{E}}}"), "{C=1{AV=ip/access/1{E=2{g/cause}}}}");
        let (mut bench, relay, leg) = with(",E=1{g/cause{NBIN,RSE}}");
        assert_eq!(reset(&mut bench, relay, leg).len(), 1);
        assert_eq!(bench.say("C=1{AV=ip/access/1{AT{E}}}"), "{C=1{AV=ip/access/1{E}}}");
    }

    #[test]
    fn an_event_of_another_stream_is_none() {
        let (mut bench, relay, leg) = with(",E=1{g/cause{ST=2},nt/netfail{ST=1}}");
        let told = reset(&mut bench, relay, leg);
        assert!(told[0].contains("nt/netfail{ST=1") && !told[0].contains("g/cause"), "{told:?}");
    }

    #[test]
    fn events_nobody_can_detect_are_refused_by_their_codes() {
        let (mut bench, _, _) = with("");
        for (code, events) in [
            (440, "nosuch/event"),
            (451, "g/nosuch"),
            (512, "nt/qualert"),
            (512, "nt/qualert{th=5}"),
            (446, "g/cause{Generalcause=NR}"),
            (446, "g/cause{DM=map}"),
            (449, "hangterm/thb{timerx=soon}"),
            (451, "g/cause{EM{E=2{g/nosuch}}}"),
            (452, "g/cause{EM{SG{g/nosuch}}}"),
            (452, "g/cause{EM{E=2{g/cause{EM{SG{g/nosuch}}}}}}"),
        ] {
            assert_eq!(bench.error(&format!("C=1{{MF=ip/access/1{{E=1{{{events}}}}}}}")), code, "{events}");
        }
        assert_eq!(bench.error("C=1{MF=ip/access/1{EB{g/nosuch}}}"), 451);
        assert_eq!(bench.say("C=1{AV=ip/access/1{AT{E,EB}}}"), "{C=1{AV=ip/access/1{E,EB}}}");
    }
}
