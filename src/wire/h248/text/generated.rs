//! Generated messages, in every style, read back as they were.

use std::borrow::Cow;

use proptest::{collection::vec, option::of, prelude::*, sample::select};

use super::{super::*, Style, encode, parse};

type S<T> = BoxedStrategy<T>;

fn name() -> S<Name<'static>> {
    // Keywords are names too, where no keyword can stand.
    prop_oneof![4 => "[a-zA-Z][a-zA-Z0-9_]{0,8}", 1 => select(vec!["Zz", "q_1", "x"]).prop_map(str::to_owned)]
        .prop_map(Name::from)
        .boxed()
}

/// A parameter's name: not one of the keywords that stand beside parameters.
fn parameter_name() -> S<Name<'static>> {
    "z[a-z0-9_]{0,8}".prop_map(Name::from).boxed()
}

fn pkgd() -> S<PkgdName<'static>> {
    let part = || prop_oneof![6 => name(), 1 => Just(Name::from("*"))];
    (part(), part()).prop_map(|(package, item)| PkgdName::new(package, item)).boxed()
}

fn value() -> S<Value<'static>> {
    prop_oneof![
        "[-+&!_/'?@^`~*$\\\\()%|.a-zA-Z0-9]{1,10}".prop_map(Value::plain),
        "[ !#-~\t]{0,12}".prop_map(Value::quoted),
    ]
    .boxed()
}

fn parm_value() -> S<ParmValue<'static>> {
    prop_oneof![
        4 => value().prop_map(ParmValue::Equal),
        1 => value().prop_map(ParmValue::Unequal),
        1 => value().prop_map(ParmValue::Less),
        1 => value().prop_map(ParmValue::Greater),
        1 => vec(value(), 1..4).prop_map(ParmValue::All),
        1 => vec(value(), 1..4).prop_map(ParmValue::Any),
        1 => (value(), value()).prop_map(|(low, high)| ParmValue::Range(low, high)),
    ]
    .boxed()
}

fn properties() -> S<Vec<PropertyParm<'static>>> {
    vec((pkgd(), parm_value()).prop_map(|(name, value)| PropertyParm { name, value }), 0..3).boxed()
}

fn parameters() -> S<Vec<Parameter<'static>>> {
    vec((parameter_name(), parm_value()).prop_map(|(name, value)| Parameter { name, value }), 0..3).boxed()
}

fn termination() -> S<TerminationId<'static>> {
    prop_oneof![
        4 => "[a-zA-Z*][a-z0-9/*_$]{0,20}".prop_map(TerminationId::from),
        1 => "[a-z][a-z0-9/]{0,9}@[a-z][a-z0-9.-]{0,9}".prop_map(TerminationId::from),
        1 => select(vec!["ROOT", "$", "*", "C", "Error", "ST", "OWB", "B", "K", "7"]).prop_map(TerminationId::from),
    ]
    .boxed()
}

fn terminations() -> S<TerminationIdList<'static>> {
    prop_oneof![
        5 => termination().prop_map(TerminationIdList::from),
        1 => (termination(), vec(termination(), 1..3)).prop_map(|(first, others)| TerminationIdList::new(first, others)),
    ]
    .boxed()
}

fn octets() -> S<Cow<'static, [u8]>> {
    let octet = prop_oneof![6 => 1_u8..=255, 2 => select(b"\\};{\r\n".to_vec())];
    vec(octet, 0..24)
        .prop_map(|mut octets| {
            let begin = octets.iter().position(|octet| !b" \t\r\n".contains(octet)).unwrap_or(octets.len());
            octets.drain(..begin);
            if octets.last() == Some(&b'\\') {
                octets.push(b'\n');
            }
            Cow::Owned(octets)
        })
        .boxed()
}

fn request_id() -> S<RequestId> {
    prop_oneof![4 => any::<u32>().prop_map(RequestId::Id), 1 => Just(RequestId::All)].boxed()
}

fn stream() -> S<StreamId> {
    any::<u16>().prop_map(StreamId).boxed()
}

fn time() -> S<TimeNotation> {
    (0..100_000_000_u32, 0..100_000_000_u32).prop_map(|(date, time)| TimeNotation { date, time }).boxed()
}

fn error() -> S<ErrorDescriptor<'static>> {
    (0..=9999_u16, of("[ !#-~]{0,16}".prop_map(Cow::Owned)))
        .prop_map(|(code, text)| ErrorDescriptor { code: ErrorCode(code), text })
        .boxed()
}

fn statistics() -> S<StatisticsDescriptor<'static>> {
    let parameter = (pkgd(), vec(value(), 0..3)).prop_map(|(name, values)| StatisticsParameter { name, values });
    vec(parameter, 0..3).prop_map(StatisticsDescriptor).boxed()
}

fn mode() -> S<StreamMode> {
    use StreamMode::{Inactive, Loopback, ReceiveOnly, SendOnly, SendReceive};
    select(vec![SendOnly, ReceiveOnly, SendReceive, Inactive, Loopback]).boxed()
}

fn state() -> S<ServiceState> {
    select(vec![ServiceState::Test, ServiceState::OutOfService, ServiceState::InService]).boxed()
}

fn stream_parms() -> S<StreamParms<'static>> {
    let control = (of(mode()), of(any::<bool>()), of(any::<bool>()), properties())
        .prop_map(|(mode, reserve_group, reserve_value, properties)| LocalControlDescriptor {
            mode,
            reserve_group,
            reserve_value,
            properties,
        })
        .prop_filter("empty braces", |control| *control != LocalControlDescriptor::default());
    (of(control), of(octets()), of(octets()), of(statistics()))
        .prop_map(|(local_control, local, remote, statistics)| StreamParms { local_control, local, remote, statistics })
        .prop_filter("empty braces", |parms| !parms.is_empty())
        .boxed()
}

fn media() -> S<MediaDescriptor<'static>> {
    let state = (of(state()), of(any::<bool>()), properties())
        .prop_map(|(service_state, lock, properties)| TerminationStateDescriptor {
            service_state,
            event_buffer_control: lock
                .map(|lock| if lock { EventBufferControl::LockStep } else { EventBufferControl::Off }),
            properties,
        })
        .prop_filter("empty braces", |state| *state != TerminationStateDescriptor::default());
    let streams = prop_oneof![
        stream_parms().prop_map(Streams::One),
        vec(stream_parms(), 1..3).prop_map(|parms| {
            let numbered = parms.into_iter().zip(1..).map(|(parms, id)| StreamDescriptor { id: StreamId(id), parms });
            Streams::Multi(numbered.collect())
        }),
    ];
    (of(state), streams).prop_map(|(termination_state, streams)| MediaDescriptor { termination_state, streams }).boxed()
}

fn signal() -> S<Signal<'static>> {
    let flags = (any::<bool>(), any::<u8>());
    let direction = select(vec![SignalDirection::External, SignalDirection::Internal, SignalDirection::Both]);
    let kind = select(vec![SignalType::OnOff, SignalType::TimeOut, SignalType::Brief]);
    (
        pkgd(),
        of(stream()),
        of(kind),
        of(any::<u16>()),
        flags,
        of(direction),
        of(request_id()),
        of(any::<u16>()),
        parameters(),
    )
        .prop_map(
            |(
                name,
                stream,
                signal_type,
                duration,
                (keep_active, set),
                direction,
                request_id,
                intersignal,
                parameters,
            )| {
                let set = NotifyCompletion {
                    time_out: set & 1 > 0,
                    interrupted_by_event: set & 2 > 0,
                    interrupted_by_signals: set & 4 > 0,
                    other_reason: set & 8 > 0,
                    iteration: set & 16 > 0,
                };
                let notify_completion = (set != NotifyCompletion::default()).then_some(set);
                Signal {
                    name,
                    stream,
                    signal_type,
                    duration,
                    notify_completion,
                    keep_active,
                    direction,
                    request_id,
                    intersignal,
                    parameters,
                }
            },
        )
        .boxed()
}

fn signals() -> S<SignalsDescriptor<'static>> {
    let request = prop_oneof![
        4 => signal().prop_map(SignalRequest::Signal),
        1 => (any::<u16>(), vec(signal(), 1..3)).prop_map(|(id, signals)| SignalRequest::List(SeqSigList { id, signals })),
    ];
    vec(request, 0..3).prop_map(SignalsDescriptor).boxed()
}

fn digit_map() -> S<DigitMapDescriptor<'static>> {
    let timer = || of(0..100_u8);
    // A pattern may not look like a timer.
    let value = (timer(), timer(), timer(), timer(), "\\([0-9xa-k|.\\[\\]-]{0,9}\\)")
        .prop_map(|(start_timer, short_timer, long_timer, duration_modifier, map)| DigitMapValue {
            start_timer,
            short_timer,
            long_timer,
            duration_modifier,
            digit_map: Cow::Owned(map),
        })
        .boxed();
    prop_oneof![
        name().prop_map(DigitMapDescriptor::Name),
        value.clone().prop_map(DigitMapDescriptor::Value),
        (name(), value).prop_map(|(name, value)| DigitMapDescriptor::Named(name, value)),
    ]
    .boxed()
}

fn requested<E: Clone + std::fmt::Debug + 'static>(embed: S<E>) -> S<RequestedEvent<'static, E>> {
    let notify = prop_oneof![
        Just(NotifyBehaviour::Immediate),
        Just(NotifyBehaviour::Never),
        of(embed.clone()).prop_map(|embed| NotifyBehaviour::Regulated(embed.map(Box::new))),
    ];
    (pkgd(), of(stream()), any::<bool>(), of(digit_map()), of(embed), of(notify), any::<bool>(), parameters())
        .prop_map(|(name, stream, keep_active, digit_map, embed, notify, reset_events, parameters)| RequestedEvent {
            name,
            stream,
            keep_active,
            digit_map,
            embed: embed.map(Box::new),
            notify,
            reset_events,
            parameters,
        })
        .boxed()
}

fn events() -> S<EventsDescriptor<'static>> {
    let second = (request_id(), vec(requested(signals()), 0..2))
        .prop_map(|(id, events)| SecondEventsDescriptor { request_id: (!events.is_empty()).then_some(id), events });
    let embedded = (of(signals()), of(second))
        .prop_map(|(signals, events)| Embedded { signals, events })
        .prop_filter("one of the two", |embedded| embedded.signals.is_some() || embedded.events.is_some());
    (request_id(), vec(requested(embedded.boxed()), 0..3))
        .prop_map(|(id, events)| EventsDescriptor { request_id: (!events.is_empty()).then_some(id), events })
        .boxed()
}

fn event_spec() -> S<EventSpec<'static>> {
    (pkgd(), of(stream()), parameters())
        .prop_map(|(name, stream, parameters)| EventSpec { name, stream, parameters })
        .boxed()
}

fn buffer() -> S<EventBufferDescriptor<'static>> {
    vec(event_spec(), 0..3).prop_map(EventBufferDescriptor).boxed()
}

fn observed() -> S<ObservedEventsDescriptor<'static>> {
    let event = (of(time()), event_spec()).prop_map(|(time, event)| ObservedEvent { time, event });
    (request_id(), vec(event, 1..3))
        .prop_map(|(request_id, events)| ObservedEventsDescriptor { request_id, events })
        .boxed()
}

fn packages_item() -> S<PackagesItem<'static>> {
    (name(), any::<u16>()).prop_map(|(name, version)| PackagesItem { name, version }).boxed()
}

fn mux() -> S<MuxDescriptor<'static>> {
    let kind = select(vec![MuxType::H221, MuxType::Nx64K, MuxType::V76, MuxType::Extension(Name::from("X-abc1"))]);
    (kind, vec(termination(), 1..3))
        .prop_map(|(mux_type, terminations)| MuxDescriptor { mux_type, terminations })
        .boxed()
}

fn modem() -> S<ModemDescriptor<'static>> {
    let types = vec(select(vec!["V18", "V32b", "SN", "X-9"]).prop_map(Name::from), 1..3);
    (types, properties()).prop_map(|(types, properties)| ModemDescriptor { types, properties }).boxed()
}

fn audit_item() -> S<AuditItem<'static>> {
    use AuditToken::{DigitMap, EventBuffer, Events, Media, Modem, Mux, ObservedEvents, Packages, Signals, Statistics};
    let token =
        select(vec![Mux, Modem, Media, Signals, EventBuffer, DigitMap, Statistics, Events, ObservedEvents, Packages]);
    let local_parm = prop_oneof![
        Just(IndAudLocalControlParm::Mode),
        mode().prop_map(IndAudLocalControlParm::ModeIs),
        mode().prop_map(IndAudLocalControlParm::ModeIsNot),
        Just(IndAudLocalControlParm::ReservedGroup),
        pkgd().prop_map(IndAudLocalControlParm::Property),
        (pkgd(), parm_value())
            .prop_map(|(name, value)| IndAudLocalControlParm::PropertyIs(PropertyParm { name, value })),
    ];
    let parms = (vec(local_parm, 0..3), of(octets()), of(octets()), of(pkgd()))
        .prop_map(|(local_control, local, remote, statistics)| IndAudStreamParms {
            local_control,
            local,
            remote,
            statistics,
        })
        .prop_filter("empty braces", |parms| !parms.is_empty())
        .boxed();
    let state_parm = prop_oneof![
        Just(IndAudTerminationStateParm::Buffer),
        Just(IndAudTerminationStateParm::ServiceStates),
        state().prop_map(IndAudTerminationStateParm::ServiceStatesIs),
        state().prop_map(IndAudTerminationStateParm::ServiceStatesIsNot),
        pkgd().prop_map(IndAudTerminationStateParm::Property),
    ];
    let streams = prop_oneof![
        parms.clone().prop_map(IndAudStreams::One),
        vec((stream(), parms), 1..3).prop_map(|all| {
            IndAudStreams::Multi(all.into_iter().map(|(id, parms)| IndAudStreamDescriptor { id, parms }).collect())
        }),
    ];
    let part = prop_oneof![
        name().prop_map(EventParameterOrStream::Parameter),
        stream().prop_map(EventParameterOrStream::Stream)
    ];
    prop_oneof![
        4 => token.prop_map(AuditItem::Token),
        3 => prop_oneof![
            (vec(state_parm, 0..3), streams)
                .prop_map(|(termination_state, streams)| IndAudParameter::Media(IndAudMediaDescriptor { termination_state, streams })),
            (of(request_id()), pkgd())
                .prop_map(|(request_id, name)| IndAudParameter::Events(IndAudEventsDescriptor { request_id, name })),
            (pkgd(), of(part))
                .prop_map(|(name, part)| IndAudParameter::EventBuffer(IndAudEventBufferDescriptor { name, part })),
            signal().prop_map(|signal| IndAudParameter::Signals(IndAudSignalsDescriptor::Signal(signal))),
            (any::<u16>(), of(signal()))
                .prop_map(|(id, signal)| IndAudParameter::Signals(IndAudSignalsDescriptor::List(id, signal))),
            name().prop_map(IndAudParameter::DigitMap),
            pkgd().prop_map(IndAudParameter::Statistics),
            packages_item().prop_map(IndAudParameter::Packages),
        ].prop_map(AuditItem::Individual),
    ]
    .boxed()
}

fn audit() -> S<AuditDescriptor<'static>> {
    vec(audit_item(), 0..3).prop_map(AuditDescriptor).boxed()
}

fn returned() -> S<TerminationAudit<'static>> {
    use AuditReturnItem::{DigitMap, Media, Modem, Mux, ObservedEvents, Packages};
    let parameter = prop_oneof![
        media().prop_map(AuditReturnParameter::Media),
        modem().prop_map(AuditReturnParameter::Modem),
        mux().prop_map(AuditReturnParameter::Mux),
        events().prop_map(AuditReturnParameter::Events),
        signals().prop_map(AuditReturnParameter::Signals),
        digit_map().prop_map(AuditReturnParameter::DigitMap),
        observed().prop_map(AuditReturnParameter::ObservedEvents),
        buffer().prop_map(AuditReturnParameter::EventBuffer),
        statistics().prop_map(AuditReturnParameter::Statistics),
        vec(packages_item(), 1..3).prop_map(AuditReturnParameter::Packages),
        error().prop_map(AuditReturnParameter::Error),
        select(vec![Mux, Modem, Media, DigitMap, ObservedEvents, Packages]).prop_map(AuditReturnParameter::Empty),
    ];
    vec(parameter, 0..3).prop_map(TerminationAudit).boxed()
}

fn mid() -> S<MId<'static>> {
    prop_oneof![
        (any::<std::net::IpAddr>(), of(any::<u16>())).prop_map(|(address, port)| MId::Ip(address, port)),
        ("[a-z0-9][a-z0-9.-]{0,20}", of(any::<u16>())).prop_map(|(name, port)| MId::Domain(Name::from(name), port)),
        (4..=8_u8, any::<u32>()).prop_filter_map("fits", |(digits, value)| {
            MtpAddress::new(value & (u32::MAX >> (32 - 4 * u32::from(digits))), digits).map(MId::Mtp)
        }),
        "[a-z][a-z0-9/]{0,20}".prop_map(|path| MId::Device(Name::from(path))),
    ]
    .boxed()
}

fn profile() -> S<ServiceChangeProfile<'static>> {
    (name(), 0..100_u8).prop_map(|(name, version)| ServiceChangeProfile { name, version }).boxed()
}

fn contact() -> S<(Option<ServiceChangeAddress<'static>>, Option<MId<'static>>)> {
    prop_oneof![
        Just((None, None)),
        any::<u16>().prop_map(|port| (Some(ServiceChangeAddress::Port(port)), None)),
        mid().prop_map(|mid| (Some(ServiceChangeAddress::MId(mid)), None)),
        mid().prop_map(|mid| (None, Some(mid))),
    ]
    .boxed()
}

fn service_change() -> S<ServiceChangeParm<'static>> {
    use ServiceChangeMethod::{Disconnected, Extension, Failover, Forced, Graceful, HandOff, Restart};
    let methods = vec![Failover, Forced, Graceful, Restart, Disconnected, HandOff, Extension(Name::from("X-own"))];
    let extension = (select(vec!["X-a", "x+Bc9"]), parm_value())
        .prop_map(|(name, value)| Parameter { name: Name::from(name), value });
    (
        (select(methods), "9[0-9]{2} [a-zA-Z ]{0,9}", of(any::<u32>()), contact(), of(profile())),
        (of(0..100_u8), of(time()), any::<bool>(), vec(audit_item(), 0..2), vec(extension, 0..2)),
    )
        .prop_map(
            |(
                (method, reason, delay, (address, mgc_id_to_try), profile),
                (version, time_stamp, incomplete, audit, extensions),
            )| {
                ServiceChangeParm {
                    reason: ServiceChangeReason(Cow::Owned(reason)),
                    method,
                    delay,
                    address,
                    mgc_id_to_try,
                    profile,
                    version,
                    time_stamp,
                    incomplete,
                    audit,
                    extensions,
                }
            },
        )
        .boxed()
}

fn amm() -> S<AmmRequest<'static>> {
    (
        (terminations(), of(media()), of(modem()), of(mux()), of(events())),
        (of(buffer()), of(signals()), of(digit_map()), of(audit()), of(statistics())),
    )
        .prop_map(
            |((terminations, media, modem, mux, events), (event_buffer, signals, digit_map, audit, statistics))| {
                AmmRequest {
                    terminations,
                    media,
                    modem,
                    mux,
                    events,
                    event_buffer,
                    signals,
                    digit_map,
                    audit,
                    statistics,
                }
            },
        )
        .boxed()
}

fn command() -> S<CommandRequest<'static>> {
    let command = prop_oneof![
        amm().prop_map(Command::Add),
        amm().prop_map(Command::Move),
        amm().prop_map(Command::Modify),
        (terminations(), of(audit()))
            .prop_map(|(terminations, audit)| Command::Subtract(SubtractRequest { terminations, audit })),
        (terminations(), audit())
            .prop_map(|(terminations, audit)| Command::AuditValue(AuditRequest { terminations, audit })),
        (terminations(), audit())
            .prop_map(|(terminations, audit)| Command::AuditCapability(AuditRequest { terminations, audit })),
        (terminations(), observed(), of(error())).prop_map(|(terminations, observed_events, error)| {
            Command::Notify(NotifyRequest { terminations, observed_events, error })
        }),
        (terminations(), service_change())
            .prop_map(|(terminations, parms)| Command::ServiceChange(ServiceChangeRequest { terminations, parms })),
    ];
    (any::<bool>(), any::<bool>(), command)
        .prop_map(|(optional, wildcard_return, command)| CommandRequest { optional, wildcard_return, command })
        .boxed()
}

fn reply() -> S<CommandReply<'static>> {
    let amms = || (terminations(), returned()).prop_map(|(terminations, audit)| AmmsReply { terminations, audit });
    let audited = || {
        prop_oneof![
            vec(termination(), 1..3).prop_map(AuditReply::Context),
            error().prop_map(AuditReply::ContextError),
            (terminations(), returned())
                .prop_map(|(terminations, audit)| AuditReply::Terminations(terminations, audit)),
        ]
    };
    let parms = (contact(), of(profile()), of(0..100_u8), of(time())).prop_map(
        |((address, mgc_id_to_try), profile, version, time_stamp)| {
            ServiceChangeResult::Parms(ServiceChangeResParm { address, mgc_id_to_try, profile, version, time_stamp })
        },
    );
    prop_oneof![
        amms().prop_map(CommandReply::Add),
        amms().prop_map(CommandReply::Move),
        amms().prop_map(CommandReply::Modify),
        amms().prop_map(CommandReply::Subtract),
        audited().prop_map(CommandReply::AuditValue),
        audited().prop_map(CommandReply::AuditCapability),
        (terminations(), of(error()))
            .prop_map(|(terminations, error)| CommandReply::Notify(NotifyReply { terminations, error })),
        (terminations(), prop_oneof![error().prop_map(ServiceChangeResult::Error), parms]).prop_map(
            |(terminations, result)| CommandReply::ServiceChange(ServiceChangeReply { terminations, result })
        ),
    ]
    .boxed()
}

fn context() -> S<ContextId> {
    prop_oneof![
        Just(ContextId::Null),
        Just(ContextId::Choose),
        Just(ContextId::All),
        (1..=0xFFFF_FFFD_u32).prop_map(ContextId::Id),
    ]
    .boxed()
}

fn context_properties() -> S<ContextProperties<'static>> {
    use TopologyDirection::{Bothway, Isolate, Oneway, OnewayBoth, OnewayExternal};
    let direction = select(vec![Bothway, Isolate, Oneway, OnewayBoth, OnewayExternal]);
    let topology = (termination(), termination(), direction, of(stream()))
        .prop_map(|(from, to, direction, stream)| TopologyRequest { from, to, direction, stream });
    (vec(topology, 0..3), of(0..16_u8), of(any::<bool>()), of(any::<bool>()), properties(), vec(context(), 0..3))
        .prop_map(|(topology, priority, emergency, ieps_call, properties, context_list)| ContextProperties {
            topology,
            priority,
            emergency,
            ieps_call,
            properties,
            context_list,
        })
        .boxed()
}

fn context_audit() -> S<ContextAttrAuditRequest<'static>> {
    let logic = select(vec![SelectLogic::And, SelectLogic::Or]);
    (
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), vec(pkgd(), 0..2)),
        (of(0..16_u8), of(any::<bool>()), of(any::<bool>()), properties(), vec(context(), 0..3), of(logic)),
    )
        .prop_map(|((topology, emergency, priority, ieps_call, properties), select)| ContextAttrAuditRequest {
            topology,
            emergency,
            priority,
            ieps_call,
            properties,
            select_priority: select.0,
            select_emergency: select.1,
            select_ieps_call: select.2,
            select_properties: select.3,
            select_contexts: select.4,
            select_logic: select.5,
        })
        .prop_filter("empty braces", |audit| *audit != ContextAttrAuditRequest::default())
        .boxed()
}

fn transaction() -> S<Transaction<'static>> {
    let id = || any::<u32>().prop_map(TransactionId);
    let action = (context(), context_properties(), of(context_audit()), vec(command(), 0..3))
        .prop_map(|(context, properties, audit, commands)| ActionRequest {
            context,
            properties,
            audit: audit.map(Box::new),
            commands,
        })
        .prop_filter("empty braces", |action| {
            !action.commands.is_empty() || action.audit.is_some() || !action.properties.is_empty()
        });
    let answered = (context(), context_properties(), vec(reply(), 0..3), of(error()))
        .prop_map(|(context, properties, commands, error)| ActionReply { context, properties, commands, error });
    let result = prop_oneof![
        1 => error().prop_map(TransactionResult::Error),
        6 => vec(answered, 1..3).prop_map(TransactionResult::Actions),
    ];
    let segmentation = || (any::<u16>(), any::<bool>()).prop_map(|(number, last)| Segmentation { number, last });
    let ack = (id(), of(id())).prop_map(|(first, last)| TransactionAck { first, last });
    prop_oneof![
        6 => (id(), vec(action, 1..3)).prop_map(|(id, actions)| Transaction::Request(TransactionRequest { id, actions })),
        6 => (id(), of(segmentation()), any::<bool>(), result).prop_map(
            |(id, segmentation, immediate_ack_required, result)| {
                Transaction::Reply(TransactionReply { id, segmentation, immediate_ack_required, result })
            }
        ),
        1 => id().prop_map(Transaction::Pending),
        1 => vec(ack, 1..3).prop_map(Transaction::Ack),
        1 => (id(), segmentation()).prop_map(|(id, segmentation)| Transaction::Segment(Segment { id, segmentation })),
    ]
    .boxed()
}

/// Any message that the grammar can spell without loss.
pub(crate) fn message() -> S<Message<'static>> {
    let auth = (any::<u32>(), any::<u32>(), "[0-9A-F]{24,64}").prop_map(|(spi, sequence_number, data)| {
        AuthenticationHeader { security_parameter_index: spi, sequence_number, data: Cow::Owned(data) }
    });
    let body = prop_oneof![
        1 => error().prop_map(MessageBody::Error),
        9 => vec(transaction(), 1..3).prop_map(MessageBody::Transactions),
    ];
    (of(auth), 0..100_u8, mid(), body)
        .prop_map(|(auth, version, mid, body)| Message { auth, version, mid, body })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 384, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_style_reads_back_as_the_value_it_spells(message in message(), seed in any::<u64>()) {
        for style in [Style::Compact, Style::Pretty, Style::Spelling(seed)] {
            let octets = encode(&message, style);
            match parse(&octets) {
                Ok(again) => prop_assert!(again == message, "{style:?}\n{}\n{again:#?}", String::from_utf8_lossy(&octets)),
                Err(fault) => prop_assert!(false, "{style:?}: {fault}\n{}", String::from_utf8_lossy(&octets)),
            }
        }
    }

    #[test]
    fn the_compact_form_is_a_fixpoint_of_every_spelling(message in message(), seed in any::<u64>()) {
        let compact = encode(&message, Style::Compact);
        let spelled = encode(&message, Style::Spelling(seed));
        let again = parse(&spelled).map(|message| encode(&message, Style::Compact).to_ascii_lowercase());
        prop_assert_eq!(again.ok(), Some(compact.to_ascii_lowercase()));
    }

    #[test]
    fn no_octets_panic(octets in vec(any::<u8>(), 0..200)) {
        let _ = parse(&octets);
    }
}
