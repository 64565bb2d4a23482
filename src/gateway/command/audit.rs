//! AuditValue and AuditCapability, H.248.1 7.2.5 and 7.2.6.

use super::Target;
use crate::{
    gateway::{
        context::Place,
        control::Gateway,
        profile::Profile,
        stream::{Refusal, Stream, refusal, refusal_of},
        termination::Termination,
    },
    wire::h248::{
        AuditDescriptor, AuditItem, AuditReturnItem, AuditReturnParameter, AuditToken, ErrorCode,
        EventBufferDescriptor, EventsDescriptor, IndAudLocalControlParm, IndAudMediaDescriptor, IndAudParameter,
        IndAudStreamParms, IndAudStreams, IndAudTerminationStateParm, LocalControlDescriptor, MediaDescriptor,
        ObservedEventsDescriptor, PackagesItem, PkgdName, PropertyParm, RequestedEvent, ServiceState,
        SignalsDescriptor, StatisticsDescriptor, StatisticsParameter, StreamDescriptor, StreamId, StreamParms, Streams,
        TerminationAudit, TerminationId, TerminationStateDescriptor, Value,
    },
};
use std::time::Instant;

/// Properties of ROOT in TerminationState, H.248.1 E.2: what this gateway has a value for.
pub(super) const ROOT_PROPERTIES: [&str; 2] = ["root/maxNumberOfContexts", "root/maxTerminationsPerContext"];

impl Gateway {
    pub(super) fn audit_value(
        &self,
        now: Instant,
        place: &Place,
        asked: &AuditDescriptor<'_>,
    ) -> Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal> {
        let termination = self.contexts.termination(place);
        let termination = termination.ok_or_else(|| refusal_of(ErrorCode::UNKNOWN_TERMINATION, &place.termination))?;
        let audit = termination.audit(now, asked, self.contexts.config.interface.profile());
        Ok((TerminationId::Path(place.termination.clone()), audit))
    }

    /// ROOT: packages and limits.
    pub(super) fn audit_root(&self, asked: &AuditDescriptor<'_>) -> TerminationAudit<'static> {
        let profile = self.contexts.config.interface.profile();
        TerminationAudit(
            asked
                .0
                .iter()
                .map(|item| match item {
                    AuditItem::Token(AuditToken::Media) | AuditItem::Individual(IndAudParameter::Media(_)) => {
                        AuditReturnParameter::Media(self.root_media())
                    }
                    item => rest(item, profile),
                })
                .collect(),
        )
    }

    /// What every termination can do; the same for ROOT and all others.
    pub(super) fn audit_capability(
        &self,
        target: Target,
        asked: &AuditDescriptor<'_>,
    ) -> (TerminationId<'static>, TerminationAudit<'static>) {
        let profile = self.contexts.config.interface.profile();
        let id = match target {
            Target::At(Place { termination, .. }) => TerminationId::Path(termination),
            Target::Root | Target::New => TerminationId::Root,
        };
        let names = |items: fn(&'static super::super::profile::Package) -> &'static [&'static str]| {
            profile
                .packages
                .iter()
                .flat_map(move |package| items(package).iter().map(|item| PkgdName::new(package.name, *item)))
        };
        let audit = asked.0.iter().map(|item| match item {
            AuditItem::Token(AuditToken::Statistics) => AuditReturnParameter::Statistics(StatisticsDescriptor(
                names(|package| package.statistics)
                    .map(|name| StatisticsParameter { name, values: Vec::new() })
                    .collect(),
            )),
            AuditItem::Token(AuditToken::Events) => AuditReturnParameter::Events(EventsDescriptor {
                request_id: Some(crate::wire::h248::RequestId::All),
                events: names(|package| package.events).map(RequestedEvent::new).collect(),
            }),
            item => rest(item, profile),
        });
        (id, TerminationAudit(audit.collect()))
    }

    fn root_media(&self) -> MediaDescriptor<'static> {
        let limits = self.contexts.config.limits;
        let values = [limits.contexts, limits.terminations_per_context];
        let property = |(name, value): (&&'static str, usize)| {
            let (package, item) = name.split_once('/').unwrap_or(("root", name));
            PropertyParm::equal(PkgdName::new(package, item), Value::plain(value.to_string()))
        };
        MediaDescriptor {
            termination_state: Some(TerminationStateDescriptor {
                service_state: Some(ServiceState::InService),
                event_buffer_control: None,
                properties: ROOT_PROPERTIES.iter().zip(values).map(property).collect(),
            }),
            streams: Streams::default(),
        }
    }
}

impl Termination {
    /// The descriptors asked for, in that order.
    pub(in crate::gateway) fn audit(
        &self,
        now: Instant,
        asked: &AuditDescriptor<'_>,
        profile: &'static Profile,
    ) -> TerminationAudit<'static> {
        let audit = asked.0.iter().map(|item| match item {
            AuditItem::Token(AuditToken::Media) => AuditReturnParameter::Media(self.media()),
            AuditItem::Token(AuditToken::Statistics) => AuditReturnParameter::Statistics(self.statistics(now)),
            AuditItem::Token(AuditToken::Events) => AuditReturnParameter::Events(self.events.clone()),
            AuditItem::Token(AuditToken::ObservedEvents) => match self.events.request_id {
                Some(request_id) if !self.observed.is_empty() => {
                    let events = self.observed.iter().cloned().collect();
                    AuditReturnParameter::ObservedEvents(ObservedEventsDescriptor { request_id, events })
                }
                _ => AuditReturnParameter::Empty(AuditReturnItem::ObservedEvents),
            },
            AuditItem::Individual(IndAudParameter::Media(media)) => AuditReturnParameter::Media(self.some_media(media)),
            AuditItem::Individual(IndAudParameter::Statistics(name)) => {
                let StatisticsDescriptor(mut statistics) = self.statistics(now);
                statistics.retain(|statistic| name.covers(&statistic.name));
                match statistics.is_empty() {
                    true => missing(name),
                    false => AuditReturnParameter::Statistics(StatisticsDescriptor(statistics)),
                }
            }
            AuditItem::Individual(IndAudParameter::Events(event)) => {
                let mut events = self.events.clone();
                events.events.retain(|requested| event.name.covers(&requested.name));
                match events.events.is_empty() {
                    true => missing(&event.name),
                    false => AuditReturnParameter::Events(events),
                }
            }
            item => rest(item, profile),
        });
        TerminationAudit(audit.collect())
    }

    /// Parts of Media, H.248.1 7.1.12 (version 2).
    fn some_media(&self, asked: &IndAudMediaDescriptor<'_>) -> MediaDescriptor<'static> {
        let state =
            asked.termination_state.iter().any(|parm| matches!(parm, IndAudTerminationStateParm::ServiceStates));
        let part = |id: &StreamId, parts: &IndAudStreamParms<'_>| {
            let parms = some_parms(self.streams.get(id)?, parts);
            Some(StreamDescriptor { id: *id, parms })
        };
        let streams: Vec<_> = match &asked.streams {
            IndAudStreams::One(parts) if parts.is_empty() => Vec::new(),
            IndAudStreams::One(parts) => self.streams.keys().filter_map(|id| part(id, parts)).collect(),
            IndAudStreams::Multi(streams) => streams.iter().filter_map(|s| part(&s.id, &s.parms)).collect(),
        };
        MediaDescriptor {
            termination_state: state.then(|| TerminationStateDescriptor {
                service_state: Some(self.service_state),
                ..TerminationStateDescriptor::default()
            }),
            streams: if streams.is_empty() { Streams::default() } else { Streams::Multi(streams) },
        }
    }
}

fn some_parms(stream: &Stream, asked: &IndAudStreamParms<'_>) -> StreamParms<'static> {
    let whole = stream.parms();
    let control = stream.local_control();
    let wants = |wanted: fn(&IndAudLocalControlParm<'_>) -> bool| asked.local_control.iter().any(wanted);
    let wanted = |property: &PropertyParm<'_>| {
        asked
            .local_control
            .iter()
            .any(|parm| matches!(parm, IndAudLocalControlParm::Property(name) if name.covers(&property.name)))
    };
    StreamParms {
        local_control: (!asked.local_control.is_empty()).then(|| LocalControlDescriptor {
            mode: control.mode.filter(|_| wants(|parm| matches!(parm, IndAudLocalControlParm::Mode))),
            reserve_group: control
                .reserve_group
                .filter(|_| wants(|parm| matches!(parm, IndAudLocalControlParm::ReservedGroup))),
            reserve_value: control
                .reserve_value
                .filter(|_| wants(|parm| matches!(parm, IndAudLocalControlParm::ReservedValue))),
            properties: control.properties.into_iter().filter(wanted).collect(),
        }),
        local: whole.local.filter(|_| asked.local.is_some()),
        remote: whole.remote.filter(|_| asked.remote.is_some()),
        statistics: None,
    }
}

/// What is alike for all terminations, or what none has.
fn rest(item: &AuditItem<'_>, profile: &'static Profile) -> AuditReturnParameter<'static> {
    match item {
        AuditItem::Token(AuditToken::Packages) => AuditReturnParameter::Packages(packages(profile).collect()),
        AuditItem::Token(AuditToken::Signals) => AuditReturnParameter::Signals(SignalsDescriptor::default()),
        AuditItem::Token(AuditToken::Events) => AuditReturnParameter::Events(EventsDescriptor::default()),
        AuditItem::Token(AuditToken::EventBuffer) => {
            AuditReturnParameter::EventBuffer(EventBufferDescriptor::default())
        }
        AuditItem::Token(AuditToken::Statistics) => AuditReturnParameter::Statistics(StatisticsDescriptor::default()),
        AuditItem::Token(AuditToken::Media) => AuditReturnParameter::Empty(AuditReturnItem::Media),
        AuditItem::Token(AuditToken::Modem) => AuditReturnParameter::Empty(AuditReturnItem::Modem),
        AuditItem::Token(AuditToken::Mux) => AuditReturnParameter::Empty(AuditReturnItem::Mux),
        AuditItem::Token(AuditToken::DigitMap) => AuditReturnParameter::Empty(AuditReturnItem::DigitMap),
        AuditItem::Token(AuditToken::ObservedEvents) => AuditReturnParameter::Empty(AuditReturnItem::ObservedEvents),
        AuditItem::Individual(IndAudParameter::Packages(asked)) => {
            match packages(profile).find(|package| package.name == asked.name) {
                Some(package) => AuditReturnParameter::Packages(vec![package]),
                None => AuditReturnParameter::Error(refusal_of(ErrorCode::AUDITED_ITEM_MISSING, &asked.name)),
            }
        }
        AuditItem::Individual(_) => AuditReturnParameter::Error(refusal(ErrorCode::AUDITED_ITEM_MISSING)),
    }
}

fn packages(profile: &'static Profile) -> impl Iterator<Item = PackagesItem<'static>> {
    profile.packages.iter().map(|package| PackagesItem { name: package.name.into(), version: package.version.into() })
}

fn missing(name: &PkgdName<'_>) -> AuditReturnParameter<'static> {
    AuditReturnParameter::Error(refusal_of(ErrorCode::AUDITED_ITEM_MISSING, &name.to_string()))
}
