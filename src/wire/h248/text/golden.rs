//! Octets written by hand from Annex B beside the values they stand for: neither side is made by the other.

use super::{
    super::{package::ItemKind, *},
    Style, encode, parse,
};

const MID: MId<'static> = MId::Ip(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), Some(2944));

fn request(id: u32, context: ContextId, commands: Vec<Command<'static>>) -> Message<'static> {
    let action = ActionRequest::new(context, commands);
    Message::request(2, MID, TransactionRequest::new(TransactionId(id), vec![action]))
}

fn reply(id: u32, context: ContextId, commands: Vec<CommandReply<'static>>) -> Message<'static> {
    Message::reply(2, MID, TransactionReply::new(TransactionId(id), vec![ActionReply::new(context, commands)]))
}

fn other(transaction: Transaction<'static>) -> Message<'static> {
    Message::new(2, MID, vec![transaction])
}

fn modify(termination: &'static str, amm: AmmRequest<'static>) -> Message<'static> {
    let amm = AmmRequest { terminations: termination.into(), ..amm };
    request(1, ContextId::Id(5), vec![Command::Modify(amm)])
}

fn none() -> AmmRequest<'static> {
    AmmRequest::new("x")
}

fn event(package: &'static str, item: &'static str) -> PkgdName<'static> {
    PkgdName::new(package, item)
}

fn register() -> Message<'static> {
    let mut parms = ServiceChangeParm::new(ServiceChangeMethod::Restart, "901 Cold Boot");
    parms.profile = Some(ServiceChangeProfile { name: "ThreeGPP_Iq".into(), version: 1 });
    parms.version = Some(2);
    request(
        1,
        ContextId::Null,
        vec![Command::ServiceChange(ServiceChangeRequest { terminations: TerminationId::root().into(), parms })],
    )
}

fn registered() -> Message<'static> {
    let parms = ServiceChangeResParm {
        profile: Some(ServiceChangeProfile { name: "ThreeGPP_Iq".into(), version: 1 }),
        version: Some(2),
        ..ServiceChangeResParm::default()
    };
    reply(
        1,
        ContextId::Null,
        vec![CommandReply::ServiceChange(ServiceChangeReply {
            terminations: TerminationId::root().into(),
            result: ServiceChangeResult::Parms(parms),
        })],
    )
}

fn add_access() -> Message<'static> {
    let control = LocalControlDescriptor {
        properties: vec![PropertyParm::equal(event("ipdc", "realm"), Value::quoted("access"))],
        ..LocalControlDescriptor::mode(StreamMode::SendReceive)
    };
    let parms = StreamParms {
        local_control: Some(control),
        local: Some(b"v=0\r\nc=IN IP4 $\r\nm=message $ TCP/TLS *\r\n"[..].into()),
        ..StreamParms::default()
    };
    let add = AmmRequest {
        media: Some(MediaDescriptor::stream(StreamId(1), parms)),
        events: Some(EventsDescriptor::new(7, [event("g", "cause"), event("nt", "netfail")])),
        ..AmmRequest::new(TerminationId::choose())
    };
    request(2, ContextId::Choose, vec![Command::Add(add)])
}

fn added() -> Message<'static> {
    let parms = StreamParms { local: Some(b"v=0\r\na=x:\\{}\r\n"[..].into()), ..StreamParms::default() };
    let media = AuditReturnParameter::Media(MediaDescriptor::stream(StreamId(1), parms));
    let add = AmmsReply { terminations: "ip/7".into(), audit: TerminationAudit(vec![media]) };
    reply(2, ContextId::Id(5), vec![CommandReply::Add(add)])
}

fn observed() -> Message<'static> {
    let observed = ObservedEvent {
        time: Some(TimeNotation { date: 20_260_102, time: 3_040_506 }),
        event: EventSpec {
            name: event("g", "cause"),
            stream: Some(StreamId(1)),
            parameters: vec![Parameter::equal("Generalcause", Value::plain("NR"))],
        },
    };
    let notify = NotifyRequest {
        terminations: "ip/7".into(),
        observed_events: ObservedEventsDescriptor { request_id: RequestId::Id(7), events: vec![observed] },
        error: None,
    };
    request(3, ContextId::Id(5), vec![Command::Notify(notify)])
}

fn audit_all() -> Message<'static> {
    let audit = AuditRequest {
        terminations: TerminationId::All.into(),
        audit: AuditDescriptor::of([AuditToken::Media, AuditToken::Packages]),
    };
    let command = CommandRequest { optional: true, wildcard_return: true, command: Command::AuditValue(audit) };
    let mut action = ActionRequest::new(ContextId::All, Vec::new());
    action.commands.push(command);
    Message::request(2, MID, TransactionRequest::new(TransactionId(4), vec![action]))
}

fn topology() -> Message<'static> {
    let mut action = ActionRequest::new(ContextId::Id(5), Vec::new());
    action.properties.priority = Some(15);
    action.properties.emergency = Some(false);
    action.properties.topology = vec![TopologyRequest {
        from: "a".into(),
        to: "b".into(),
        direction: TopologyDirection::OnewayBoth,
        stream: Some(StreamId(2)),
    }];
    Message::request(3, MID, TransactionRequest::new(TransactionId(5), vec![action]))
}

fn embedded() -> Message<'static> {
    let second = RequestedEvent {
        embed: Some(Box::new(SignalsDescriptor::default())),
        ..RequestedEvent::new(event("al", "of"))
    };
    let embedded = Embedded {
        signals: Some(SignalsDescriptor(vec![SignalRequest::Signal(Signal::new(event("cg", "dt")))])),
        events: Some(SecondEventsDescriptor { request_id: Some(RequestId::Id(2)), events: vec![second] }),
    };
    let first =
        RequestedEvent { keep_active: true, embed: Some(Box::new(embedded)), ..RequestedEvent::new(event("al", "on")) };
    let events = EventsDescriptor { request_id: Some(RequestId::Id(1)), events: vec![first] };
    modify("a", AmmRequest { events: Some(events), ..none() })
}

fn signal() -> Message<'static> {
    let completion = NotifyCompletion { time_out: true, iteration: true, ..NotifyCompletion::default() };
    let signal = Signal {
        stream: Some(StreamId(1)),
        signal_type: Some(SignalType::TimeOut),
        duration: Some(100),
        notify_completion: Some(completion),
        parameters: vec![Parameter::equal("napt", Value::plain("LATCH"))],
        ..Signal::new(event("ipnapt", "latch"))
    };
    modify("a", AmmRequest { signals: Some(SignalsDescriptor(vec![SignalRequest::Signal(signal)])), ..none() })
}

fn relations() -> Message<'static> {
    let parm = |item, value| PropertyParm { name: PkgdName::new("p", item), value };
    let control = LocalControlDescriptor {
        properties: vec![
            parm("a", ParmValue::Unequal(Value::number(1))),
            parm("b", ParmValue::All(vec![Value::number(1), Value::quoted("x y")])),
            parm("c", ParmValue::Any(vec![Value::boolean(true)])),
            parm("d", ParmValue::Range(Value::number(-1), Value::number(9))),
        ],
        ..LocalControlDescriptor::default()
    };
    let parms = StreamParms { local_control: Some(control), ..StreamParms::default() };
    modify(
        "a",
        AmmRequest { media: Some(MediaDescriptor { termination_state: None, streams: Streams::One(parms) }), ..none() },
    )
}

fn state() -> Message<'static> {
    let state = TerminationStateDescriptor {
        service_state: Some(ServiceState::OutOfService),
        event_buffer_control: Some(EventBufferControl::LockStep),
        properties: Vec::new(),
    };
    let media = MediaDescriptor { termination_state: Some(state), streams: Streams::default() };
    modify("ROOT", AmmRequest { media: Some(media), ..none() })
}

fn digit_map() -> Message<'static> {
    let value = DigitMapValue {
        start_timer: Some(16),
        duration_modifier: Some(5),
        digit_map: "(0|[1-7]x.)".into(),
        ..DigitMapValue::default()
    };
    modify("a", AmmRequest { digit_map: Some(DigitMapDescriptor::Named("dial".into(), value)), ..none() })
}

fn subtracted() -> Message<'static> {
    let parameter =
        |item, value: i64| StatisticsParameter { name: PkgdName::new("nt", item), values: vec![Value::number(value)] };
    let statistics = StatisticsDescriptor(vec![parameter("os", 10), parameter("or", 0)]);
    let audit = TerminationAudit(vec![AuditReturnParameter::Statistics(statistics)]);
    reply(6, ContextId::Id(5), vec![CommandReply::Subtract(AmmsReply { terminations: "ip/7".into(), audit })])
}

fn failed() -> Message<'static> {
    let error = ErrorDescriptor::with_text(ErrorCode::UNSUPPORTED_VALUE, "ipdc/realm=dmz");
    let audit = TerminationAudit::of_error(error);
    reply(7, ContextId::Id(5), vec![CommandReply::Modify(AmmsReply { terminations: "ip/7".into(), audit })])
}

fn audited() -> Message<'static> {
    let packages = [("g", 2), ("nt", 1)].map(|(name, version)| PackagesItem { name: name.into(), version });
    let audit = TerminationAudit(vec![
        AuditReturnParameter::Packages(packages.to_vec()),
        AuditReturnParameter::Empty(AuditReturnItem::Media),
    ]);
    let audited = AuditReply::Terminations("ROOT".into(), audit);
    reply(8, ContextId::Null, vec![CommandReply::AuditValue(audited)])
}

fn selected() -> Message<'static> {
    let parms = IndAudStreamParms {
        local_control: vec![
            IndAudLocalControlParm::ModeIs(StreamMode::Inactive),
            IndAudLocalControlParm::Property(event("nt", "jit")),
        ],
        ..IndAudStreamParms::default()
    };
    let media = IndAudMediaDescriptor { termination_state: Vec::new(), streams: IndAudStreams::One(parms) };
    let audit = AuditDescriptor(vec![AuditItem::Individual(IndAudParameter::Media(media))]);
    let audit = AuditRequest { terminations: TerminationId::All.into(), audit };
    request(9, ContextId::Null, vec![Command::AuditValue(audit)])
}

/// Value and the compact octets it stands for.
fn golden() -> Vec<(Message<'static>, &'static str)> {
    let id = TransactionId;
    let ack = |first, last: Option<u32>| TransactionAck { first: id(first), last: last.map(id) };
    let subtract =
        |terminations| Command::Subtract(SubtractRequest { terminations, audit: Some(AuditDescriptor::default()) });
    let mut segmented = TransactionReply::new(id(6), vec![ActionReply::new(ContextId::Id(1), Vec::new())]);
    segmented.segmentation = Some(Segmentation { number: 2, last: true });
    let mut late = TransactionReply::error(id(6), ErrorDescriptor::new(ErrorCode::NOT_IMPLEMENTED));
    late.immediate_ack_required = true;
    vec![
        (register(), r#"!/2 [127.0.0.1]:2944 T=1{C=-{SC=ROOT{SV{MT=RS,RE="901 Cold Boot",PF=ThreeGPP_Iq/1,V=2}}}}"#),
        (registered(), "!/2 [127.0.0.1]:2944 P=1{C=-{SC=ROOT{SV{PF=ThreeGPP_Iq/1,V=2}}}}"),
        (
            add_access(),
            "!/2 [127.0.0.1]:2944 T=2{C=${A=${M{ST=1{O{MO=SR,ipdc/realm=\"access\"},L{v=0\r\nc=IN IP4 $\r\nm=message $ TCP/TLS *\r\n}}},E=7{g/cause,nt/netfail}}}}",
        ),
        (added(), "!/2 [127.0.0.1]:2944 P=2{C=5{A=ip/7{M{ST=1{L{v=0\r\na=x:\\{\\}\r\n}}}}}}"),
        (observed(), "!/2 [127.0.0.1]:2944 T=3{C=5{N=ip/7{OE=7{20260102T03040506:g/cause{ST=1,Generalcause=NR}}}}}"),
        (audit_all(), "!/2 [127.0.0.1]:2944 T=4{C=*{O-W-AV=*{AT{M,PG}}}}"),
        (topology(), "!/3 [127.0.0.1]:2944 T=5{C=5{TP{a,b,OWB,ST=2},PR=15,EGO}}"),
        (embedded(), "!/2 [127.0.0.1]:2944 T=1{C=5{MF=a{E=1{al/on{KA,EM{SG{cg/dt},E=2{al/of{EM{SG}}}}}}}}}"),
        (signal(), "!/2 [127.0.0.1]:2944 T=1{C=5{MF=a{SG{ipnapt/latch{ST=1,SY=TO,DR=100,NC={TO,IR},napt=LATCH}}}}}"),
        (relations(), r#"!/2 [127.0.0.1]:2944 T=1{C=5{MF=a{M{O{p/a#1,p/b=[1,"x y"],p/c={on},p/d=[-1:9]}}}}}"#),
        (state(), "!/2 [127.0.0.1]:2944 T=1{C=5{MF=ROOT{M{TS{SI=OS,BF=SP}}}}}"),
        (digit_map(), "!/2 [127.0.0.1]:2944 T=1{C=5{MF=a{DM=dial{T:16,Z:5,(0|[1-7]x.)}}}}"),
        (subtracted(), "!/2 [127.0.0.1]:2944 P=6{C=5{S=ip/7{SA{nt/os=10,nt/or=0}}}}"),
        (failed(), r#"!/2 [127.0.0.1]:2944 P=7{C=5{MF=ip/7{ER=449{"ipdc/realm=dmz"}}}}"#),
        (audited(), "!/2 [127.0.0.1]:2944 P=8{C=-{AV=ROOT{PG{g-2,nt-1},M}}}"),
        (selected(), "!/2 [127.0.0.1]:2944 T=9{C=-{AV=*{AT{M{O{MO=IN,nt/jit}}}}}}"),
        (request(1, ContextId::Id(5), vec![subtract("ip/7".into())]), "!/2 [127.0.0.1]:2944 T=1{C=5{S=ip/7{AT{}}}}"),
        (
            request(1, ContextId::Id(5), vec![subtract(TerminationIdList::new("a".into(), vec!["b".into()]))]),
            "!/2 [127.0.0.1]:2944 T=1{C=5{S=[a,b]{AT{}}}}",
        ),
        (
            modify("a", AmmRequest { events: Some(EventsDescriptor::default()), ..none() }),
            "!/2 [127.0.0.1]:2944 T=1{C=5{MF=a{E}}}",
        ),
        (
            modify("a", AmmRequest { signals: Some(SignalsDescriptor::default()), ..none() }),
            "!/2 [127.0.0.1]:2944 T=1{C=5{MF=a{SG}}}",
        ),
        (
            reply(
                3,
                ContextId::Id(5),
                vec![CommandReply::Notify(NotifyReply { terminations: "ip/7".into(), error: None })],
            ),
            "!/2 [127.0.0.1]:2944 P=3{C=5{N=ip/7}}",
        ),
        (other(Transaction::Pending(id(4))), "!/2 [127.0.0.1]:2944 PN=4{}"),
        (other(Transaction::Ack(vec![ack(1, Some(3)), ack(7, None)])), "!/2 [127.0.0.1]:2944 K{1-3,7}"),
        (
            other(Transaction::Segment(Segment { id: id(6), segmentation: Segmentation { number: 1, last: false } })),
            "!/2 [127.0.0.1]:2944 SM=6/1",
        ),
        (other(Transaction::Reply(segmented)), "!/2 [127.0.0.1]:2944 P=6/2/&{C=1}"),
        (other(Transaction::Reply(late)), r#"!/2 [127.0.0.1]:2944 P=6{IA,ER=501{"not implemented"}}"#),
        (
            Message::error(1, MId::domain("mg.example"), ErrorDescriptor { code: ErrorCode(400), text: None }),
            "!/1 <mg.example> ER=400{}",
        ),
        (
            Message {
                auth: Some(AuthenticationHeader {
                    security_parameter_index: 0x1A,
                    sequence_number: 2,
                    data: "0123456789abcdef01234567".into(),
                }),
                ..Message::new(3, MId::Device("gw/1".into()), vec![Transaction::Pending(id(9))])
            },
            "AU=0x0000001A:0x00000002:0x0123456789abcdef01234567 !/3 gw/1 PN=9{}",
        ),
    ]
}

#[test]
fn values_are_spelled_as_annex_b_spells_them() {
    for (message, octets) in golden() {
        assert_eq!(String::from_utf8_lossy(&encode(&message, Style::Compact)), octets);
    }
}

#[test]
fn octets_read_as_the_values_they_stand_for() {
    for (message, octets) in golden() {
        assert_eq!(parse(octets.as_bytes()), Ok(message), "{octets}");
    }
}

#[test]
fn pretty_is_long_tokens_one_item_a_line() {
    let pretty = encode(&add_access(), Style::Pretty);
    let expected = "MEGACO/2 [127.0.0.1]:2944
Transaction = 2 {
  Context = $ {
    Add = $ {
      Media {
        Stream = 1 {
          LocalControl {
            Mode = SendReceive,
            ipdc/realm=\"access\"
          },
          Local {
v=0\r
c=IN IP4 $\r
m=message $ TCP/TLS *\r
}
        }
      },
      Events = 7 {
        g/cause,
        nt/netfail
      }
    }
  }
}";
    assert_eq!(String::from_utf8_lossy(&pretty), expected);
}

#[test]
fn the_same_seed_gives_the_same_spelling() {
    let message = add_access();
    assert_eq!(encode(&message, Style::Spelling(7)), encode(&message, Style::Spelling(7)));
    assert_ne!(encode(&message, Style::Spelling(7)), encode(&message, Style::Spelling(8)));
}

#[test]
fn what_the_grammar_cannot_carry_is_replaced_not_emitted() {
    let control = LocalControlDescriptor {
        properties: vec![PropertyParm::equal(event("a b", "9\u{e9}"), Value::plain("x y\"\n"))],
        ..LocalControlDescriptor::default()
    };
    let parms =
        StreamParms { local_control: Some(control), local: Some(b"a\0}\\"[..].into()), ..StreamParms::default() };
    let amm = AmmRequest { media: Some(MediaDescriptor::stream(StreamId(1), parms)), ..none() };
    let octets = encode(&modify("a-b", amm), Style::Compact);
    let text = String::from_utf8_lossy(&octets);
    assert_eq!(text, "!/2 [127.0.0.1]:2944 T=1{C=5{MF=a_b{M{ST=1{O{a_b/x__=\"x y??\"},L{a\\}\\\r\n}}}}}}",);
    assert!(parse(&octets).is_ok());
}

#[test]
fn every_registered_name_is_a_name() {
    let registry = package::Registry::default();
    for package in registry.packages() {
        for item in package.items.iter().filter(|item| item.kind == ItemKind::Property) {
            let name = PkgdName::new(package.name.clone().into_owned(), item.name.clone().into_owned());
            let parms = StreamParms {
                local_control: Some(LocalControlDescriptor {
                    properties: vec![PropertyParm::equal(name, Value::plain("$"))],
                    ..LocalControlDescriptor::default()
                }),
                ..StreamParms::default()
            };
            let message =
                modify("a", AmmRequest { media: Some(MediaDescriptor::stream(StreamId(1), parms)), ..none() });
            assert_eq!(parse(&encode(&message, Style::Compact)), Ok(message));
        }
    }
}
