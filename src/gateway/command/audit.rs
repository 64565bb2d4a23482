//! AuditValue and AuditCapability, H.248.1 7.2.5 and 7.2.6.

use super::Target;
use crate::{
    gateway::{
        context::Place,
        control::Gateway,
        package,
        profile::Profile,
        stream::{Refusal, Stream, refusal, refusal_of},
        termination::Termination,
    },
    wire::h248::{
        AuditDescriptor, AuditItem, AuditReturnItem, AuditReturnParameter, AuditToken, ErrorCode,
        EventBufferDescriptor, EventsDescriptor, IndAudLocalControlParm, IndAudMediaDescriptor, IndAudParameter,
        IndAudStreamParms, IndAudStreams, IndAudTerminationStateParm, LocalControlDescriptor, MediaDescriptor,
        PackagesItem, PkgdName, PropertyParm, RequestedEvent, ServiceState, SignalsDescriptor, StatisticsDescriptor,
        StatisticsParameter, StreamDescriptor, StreamId, StreamParms, Streams, TerminationAudit, TerminationId,
        TerminationStateDescriptor,
        package::{ItemKind, Place as PropertyPlace},
    },
};
use std::time::Instant;

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
                    AuditItem::Token(AuditToken::Events) => {
                        AuditReturnParameter::Events(self.root_events.requested().clone())
                    }
                    AuditItem::Token(AuditToken::ObservedEvents) => self.root_events.observed().map_or(
                        AuditReturnParameter::Empty(AuditReturnItem::ObservedEvents),
                        AuditReturnParameter::ObservedEvents,
                    ),
                    AuditItem::Token(AuditToken::EventBuffer) => {
                        AuditReturnParameter::EventBuffer(self.root_events.buffer.descriptor().clone())
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
        let root = matches!(target, Target::Root);
        let id = match target {
            Target::At(Place { termination, .. }) => TerminationId::Path(termination),
            Target::Root | Target::New => TerminationId::Root,
        };
        let names = |kind| profile.items(kind).map(|(name, _)| name);
        let audit = asked.0.iter().map(|item| match item {
            AuditItem::Token(AuditToken::Statistics) => AuditReturnParameter::Statistics(StatisticsDescriptor(
                names(ItemKind::Statistic).map(|name| StatisticsParameter { name, values: Vec::new() }).collect(),
            )),
            AuditItem::Token(AuditToken::Events) => AuditReturnParameter::Events(EventsDescriptor {
                request_id: Some(crate::wire::h248::RequestId::All),
                events: names(ItemKind::Event)
                    .filter(|name| package::detected(name).is_some_and(|event| event.root == root))
                    .map(RequestedEvent::new)
                    .collect(),
            }),
            item => rest(item, profile),
        });
        (id, TerminationAudit(audit.collect()))
    }

    fn root_media(&self) -> MediaDescriptor<'static> {
        let profile = self.contexts.config.interface.profile();
        MediaDescriptor {
            termination_state: Some(TerminationStateDescriptor {
                service_state: Some(ServiceState::InService),
                event_buffer_control: Some(self.root_events.buffer.control()),
                properties: self.contexts.root.audited(profile, PropertyPlace::Root),
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
            AuditItem::Token(AuditToken::Media) => AuditReturnParameter::Media(self.media(profile)),
            AuditItem::Token(AuditToken::Statistics) => AuditReturnParameter::Statistics(self.statistics(now)),
            AuditItem::Token(AuditToken::Events) => AuditReturnParameter::Events(self.events.requested().clone()),
            AuditItem::Token(AuditToken::ObservedEvents) => self.events.observed().map_or(
                AuditReturnParameter::Empty(AuditReturnItem::ObservedEvents),
                AuditReturnParameter::ObservedEvents,
            ),
            AuditItem::Token(AuditToken::EventBuffer) => {
                AuditReturnParameter::EventBuffer(self.events.buffer.descriptor().clone())
            }
            AuditItem::Token(AuditToken::Signals) => AuditReturnParameter::Signals(self.signals.descriptor()),
            AuditItem::Individual(IndAudParameter::Media(media)) => {
                AuditReturnParameter::Media(self.some_media(media, profile))
            }
            AuditItem::Individual(IndAudParameter::Statistics(name)) => {
                let StatisticsDescriptor(mut statistics) = self.statistics(now);
                statistics.retain(|statistic| name.covers(&statistic.name));
                match statistics.is_empty() {
                    true => missing(name),
                    false => AuditReturnParameter::Statistics(StatisticsDescriptor(statistics)),
                }
            }
            AuditItem::Individual(IndAudParameter::Events(event)) => {
                let mut events = self.events.requested().clone();
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
    fn some_media(&self, asked: &IndAudMediaDescriptor<'_>, profile: &Profile) -> MediaDescriptor<'static> {
        let state =
            asked.termination_state.iter().any(|parm| matches!(parm, IndAudTerminationStateParm::ServiceStates));
        let part = |id: &StreamId, parts: &IndAudStreamParms<'_>| {
            let parms = some_parms(self.streams.get(id)?, parts, profile);
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

fn some_parms(stream: &Stream, asked: &IndAudStreamParms<'_>, profile: &Profile) -> StreamParms<'static> {
    let whole = stream.parms(profile);
    let control = stream.local_control(profile);
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
    profile.packages.iter().map(|(name, version)| PackagesItem { name: (*name).into(), version: *version })
}

fn missing(name: &PkgdName<'_>) -> AuditReturnParameter<'static> {
    AuditReturnParameter::Error(refusal_of(ErrorCode::AUDITED_ITEM_MISSING, &name.to_string()))
}

#[cfg(test)]
mod tests {
    use crate::gateway::testing::Bench;

    #[test]
    fn root_lists_packages_and_limits() {
        let mut bench = Bench::new();
        assert_eq!(
            bench.say("C=-{AV=ROOT{AT{PG}}}"),
            "{C=-{AV=ROOT{PG{g-1,root-2,nt-1,ipdc-1,ipra-1,gm-2,tman-1,ds-2,rtcph-1,\
             hangterm-1,ipnapt-1,it-1,ocp-1,adid-1,tcpbcc-1,tlsbsc-1,seplink-1}}}}"
        );
        assert!(bench.say("C=-{AV=ROOT{AT{M}}}").contains("root/maxNumberOfContexts=20000"));
        assert_eq!(bench.say("C=-{AV=ROOT{AT{}}}"), "{C=-{AV=ROOT}}");
    }

    #[test]
    fn media_shows_what_was_granted() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SO,ipdc/realm=\"access\"", "v=0\nc=IN IP6 $\nm=message $ TCP *\n", "");
        let audit = bench.say("C=1{AV=ip/access/1{AT{M}}}");
        assert!(audit.contains("ST=1{O{MO=SO,ipdc/realm=\"access\""), "{audit}");
        assert!(audit.contains("L{v=0\nc=IN IP6 2001:db8::1\nm=message 10000 TCP *\n}}"), "{audit}");
        let part = bench.say("C=1{AV=ip/access/1{AT{M{ST=1{O{MO}}}}}}");
        assert_eq!(part, "{C=1{AV=ip/access/1{M{ST=1{O{MO=SO}}}}}}");
    }

    #[test]
    fn what_a_termination_lacks_is_reported_as_empty() {
        let mut bench = Bench::new();
        bench.say("C=${A=${E=9{g/cause}}}");
        let audit = bench.say("C=1{AV=ip/access/1{AT{E,SG,OE,EB,PG,DM,MX,MD,SA}}}");
        assert!(audit.contains("E=9{g/cause},SG,OE,EB,PG{") && audit.contains("DM,MX,MD,SA{nt/dur=0"), "{audit}");
        assert_eq!(bench.error("C=1{AV=ip/access/1{AT{SA{nt/jit}}}}"), 532);
    }

    #[test]
    fn wildcards_list_every_termination_of_every_context() {
        let mut bench = Bench::new();
        assert_eq!(bench.error("C=*{AV=*{AT{}}}"), 431);
        bench.say("C=${A=$}");
        bench.say("C=${A=$,A=ip/core/$}");
        assert_eq!(bench.say("C=*{AV=*{AT{}}}"), "{C=1{AV=ip/access/1},C=2{AV=ip/access/2,AV=ip/core/3}}");
        assert_eq!(bench.say("C=*{W-AV=*{AT{}}}"), "{C=*{AV=*}}");
    }

    #[test]
    fn capabilities_name_statistics_and_events() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        let reply = bench.say("C=1{AC=ip/access/1{AT{SA,E}}}");
        assert_eq!(
            reply,
            "{C=1{AC=ip/access/1{SA{nt/dur,nt/os,nt/or,gm/dp},E=*{g/cause,g/sc,nt/netfail,hangterm/thb,adid/ipstop,tcpbcc/bncchange,tlsbsc/bncchange}}}}"
        );
    }
}
