//! The controller against a scripted gateway: a socket that says what a test tells it to.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
    time::timeout,
};

use super::{Controller, Fate, Fates, Mgc, Network, Options, Stranger, Stray, TransactError, Transport};
use crate::{
    harness::transcript::{Event, Transcript},
    results::{Lane, Protocol},
    wire::{
        Framed,
        h248::{
            self, ActionRequest, AmmRequest, AuditDescriptor, Command, ContextId, MessageBody, RequestId, Style,
            SubtractRequest, TerminationId, Transaction, TransactionId,
        },
        tpkt,
    },
};

/// Longer than anything takes unless it is broken.
const AMPLE: Duration = Duration::from_secs(10);

struct Gateway {
    socket: UdpSocket,
    mgc: SocketAddr,
}

impl Gateway {
    async fn heard(&self) -> Vec<u8> {
        let mut buffer = vec![0; 65_535];
        let length = timeout(AMPLE, self.socket.recv(&mut buffer)).await.expect("a message").unwrap();
        buffer.truncate(length);
        buffer
    }

    /// The id of the next request.
    async fn asked(&self) -> TransactionId {
        transaction_of(&self.heard().await)
    }

    async fn says(&self, body: impl AsRef<str>) {
        let text = format!("!/2 <mg> {}", body.as_ref());
        self.socket.send_to(text.as_bytes(), self.mgc).await.unwrap();
    }

    /// Nothing we sent is still on its way: loopback keeps order, and the answer to this comes last.
    async fn settled(&self) {
        self.says("T=999999{C=-{SC=marker{SV{MT=RS,RE=\"900 x\"}}}}").await;
        while !String::from_utf8_lossy(&self.heard().await).contains("P=999999") {}
    }
}

fn transaction_of(octets: &[u8]) -> TransactionId {
    let message = h248::parse(octets).unwrap();
    match message.transactions().first() {
        Some(Transaction::Request(request)) => request.id,
        other => panic!("no request: {other:?}"),
    }
}

async fn registered(options: Options) -> (Mgc, Gateway) {
    let mgc = Mgc::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let gateway = Gateway { socket, mgc: mgc.address() };
    gateway.says("T=1{C=-{SC=ROOT{SV{MT=RS,RE=\"901 Cold Boot\",V=2,PF=ThreeGPP_Iq/1}}}}").await;
    mgc.registered(AMPLE).await.unwrap();
    gateway.heard().await;
    (mgc, gateway)
}

fn hasty() -> Options {
    Options {
        transaction: Duration::from_millis(80),
        retransmission: Duration::from_millis(10),
        after_pending: AMPLE,
        ..Options::default()
    }
}

fn subtract() -> Vec<ActionRequest<'static>> {
    let request = SubtractRequest { terminations: TerminationId::from("ip/1").into(), audit: None };
    vec![ActionRequest::new(ContextId::Id(1), vec![Command::Subtract(request)])]
}

fn add() -> AmmRequest<'static> {
    AmmRequest::new(TerminationId::choose())
}

/// Senders of a transcript's frames, in order.
fn senders(transcript: &Transcript) -> Vec<Lane> {
    transcript.entries().iter().map(|entry| entry.route.from).collect()
}

/// Adds a termination, with the gateway granting what the test wants.
async fn granted(controller: &Controller, gateway: &Gateway, context: u32, termination: &str) {
    let (added, ()) = tokio::join!(controller.add(ContextId::Choose, add()), async {
        let id = gateway.asked().await;
        gateway.says(format!("P={id}{{C={context}{{A={termination}}}}}")).await;
    });
    assert_eq!(added.unwrap().termination(), &TerminationId::from(termination));
}

#[tokio::test]
async fn a_gateway_registers_and_takes_leave() {
    let (mgc, gateway) = registered(Options::default()).await;
    let registration = mgc.registration().unwrap();
    assert_eq!((registration.version, registration.offered_version, registration.number), (2, 2, 1));
    assert_eq!(registration.mid.to_string(), "<mg>");
    assert_eq!(registration.profile.unwrap().name, "threegpp_iq");
    assert_eq!(registration.address, gateway.socket.local_addr().unwrap());
    assert_eq!(senders(mgc.transcript()), [Lane::Mg, Lane::Mgc]);

    gateway.says("T=2{C=-{SC=ROOT{SV{MT=FO,RE=\"905 Termination taken out of service\"}}}}").await;
    assert!(mgc.deregistered(AMPLE).await);
    gateway.heard().await;
    gateway.says("T=3{C=-{SC=ROOT{SV{MT=RS,RE=\"902 Warm Boot\",V=3,AD=4000}}}}").await;
    let again = mgc.registered_again(1, AMPLE).await.unwrap();
    assert_eq!((again.number, again.version, again.address.port()), (2, 3, 4000));
}

#[tokio::test]
async fn the_registration_is_answered_with_version_and_profile() {
    let mgc = Mgc::bind("127.0.0.1:0".parse().unwrap(), Options { version: 2, ..Options::default() }).await.unwrap();
    let gateway = Gateway { socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(), mgc: mgc.address() };
    let request = "T=1{C=-{SC=ROOT{SV{MT=RS,RE=\"901 Cold Boot\",V=3,PF=ThreeGPP_Iq/1}}}}";
    gateway.says(request).await;
    let first = gateway.heard().await;
    let text = String::from_utf8_lossy(&first).to_ascii_uppercase();
    assert!(text.contains("V=2") && text.contains("PF=THREEGPP_IQ/1"), "{text}");
    gateway.says(request).await;
    assert_eq!(gateway.heard().await, first);
    assert_eq!(mgc.registration().unwrap().number, 1);
}

#[tokio::test]
async fn nobody_registers() {
    let mgc = Mgc::bind("127.0.0.1:0".parse().unwrap(), Options::default()).await.unwrap();
    let error = mgc.registered(Duration::from_millis(10)).await.unwrap_err();
    assert!(error.to_string().contains("no gateway registered"), "{error}");
    let controller = mgc.controller(Transcript::new());
    assert!(matches!(controller.transact(subtract()).await, Err(TransactError::NotRegistered)));
}

#[tokio::test]
async fn another_host_cannot_register() {
    let options = Options { peer: Some("192.0.2.1".parse().unwrap()), ..Options::default() };
    let mgc = Mgc::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
    let gateway = Gateway { socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(), mgc: mgc.address() };
    gateway.says("T=1{C=-{SC=ROOT{SV{MT=RS,RE=\"901 Cold Boot\"}}}}").await;
    let error = mgc.registered(Duration::from_millis(200)).await.unwrap_err();
    assert!(error.to_string().contains("not the gateway under test"), "{error}");
}

#[tokio::test]
async fn replies_in_any_order_reach_their_own_scenarios() {
    let (mgc, gateway) = registered(Options::default()).await;
    let (one, two) = (mgc.controller(Transcript::new()), mgc.controller(Transcript::new()));
    let (first, second, ()) =
        tokio::join!(one.add(ContextId::Choose, add()), two.add(ContextId::Choose, add()), async {
            let (first, second) = (gateway.asked().await, gateway.asked().await);
            gateway.says(format!("P={second}{{C=22{{A=ip/2}}}}")).await;
            gateway.says(format!("P={first}{{C=11{{A=ip/1}}}}")).await;
        });
    assert_eq!((first.unwrap().context, second.unwrap().context), (ContextId::Id(11), ContextId::Id(22)));
    for controller in [&one, &two] {
        assert_eq!(senders(controller.transcript()), [Lane::Mgc, Lane::Mg]);
        assert_eq!(controller.held().len(), 1);
    }
}

#[tokio::test]
async fn one_message_with_two_replies_is_evidence_for_both() {
    let (mgc, gateway) = registered(Options::default()).await;
    let (one, two) = (mgc.controller(Transcript::new()), mgc.controller(Transcript::new()));
    let (first, second, ()) = tokio::join!(one.transact(subtract()), two.transact(subtract()), async {
        let (first, second) = (gateway.asked().await, gateway.asked().await);
        gateway.says(format!("P={second}{{C=1{{S=ip/1}}}}P={first}{{C=1{{S=ip/1}}}}")).await;
    });
    assert_eq!(first.unwrap().octets, second.unwrap().octets);
    assert_eq!((one.transcript().last(), two.transcript().last()), (2, 2));
}

#[tokio::test]
async fn a_notify_reaches_the_scenario_it_is_about_once_and_is_always_answered() {
    let (mgc, gateway) = registered(Options::default()).await;
    let (one, two) = (mgc.controller(Transcript::new()), mgc.controller(Transcript::new()));
    granted(&one, &gateway, 11, "ip/1").await;
    granted(&two, &gateway, 22, "ip/2").await;

    let notify = "T=70{C=22{N=ip/2{OE=7{g/cause{Generalcause=NR}}}}}";
    gateway.says(notify).await;
    let reply = gateway.heard().await;
    gateway.says(notify).await;
    assert_eq!(gateway.heard().await, reply);
    gateway.says("T=71{C=-{N=ip/1{OE=8{nt/netfail}}}}").await;
    gateway.heard().await;

    let about_two = two.notification(AMPLE).await.unwrap();
    assert_eq!((about_two.context, about_two.request_id), (ContextId::Id(22), RequestId::Id(7)));
    assert!(about_two.events[0].event.name.is("g/cause"));
    let frame = two.transcript().entries().into_iter().find(|entry| entry.number == about_two.frame).unwrap();
    assert!(matches!(frame.event, Event::Datagram(octets) if octets.ends_with(notify.as_bytes())));
    assert_eq!(two.arrived_notification(), None);
    assert_eq!(one.notification(AMPLE).await.unwrap().termination, TerminationId::from("ip/1"));
    assert_eq!(mgc.strays(), []);
}

#[tokio::test]
async fn a_notify_of_nobody_is_answered_and_kept_as_a_stray() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    gateway.says("T=70{C=5{N=ip/2{OE=7{g/cause}}}}").await;
    gateway.heard().await;
    assert_eq!(controller.arrived_notification(), None);
    assert!(matches!(mgc.strays().as_slice(), [Stray { frame: 3, what }] if what.contains("no scenario owns")));
}

#[tokio::test]
async fn a_pending_stops_repetition_and_outlasts_the_bound() {
    let (mgc, gateway) = registered(hasty()).await;
    let (patient, other) = (mgc.controller(Transcript::new()), mgc.controller(Transcript::new()));
    let (answer, ()) = tokio::join!(patient.transact(subtract()), async {
        let id = gateway.asked().await;
        gateway.says(format!("PN={id}{{}}")).await;
        // The same bound passes for a request that gets no Pending.
        let late = other.transact(subtract()).await.unwrap_err();
        assert!(matches!(late, TransactError::TimedOut { .. }), "{late}");
        gateway.says(format!("P={id}{{IA,C=1{{S=ip/1}}}}")).await;
        let ack = loop {
            let heard = gateway.heard().await;
            let message = h248::parse(&heard).unwrap();
            if let Some(Transaction::Ack(acks)) = message.transactions().first() {
                break acks.clone();
            }
        };
        assert!(ack[0].covers(id));
    });
    let answer = answer.unwrap();
    assert_eq!(answer.pending_frames.len(), 1);
    assert!(answer.reply.immediate_ack_required);
    assert_eq!(senders(patient.transcript()).last(), Some(&Lane::Mgc));
}

#[tokio::test]
async fn an_unanswered_request_is_repeated_unchanged_and_given_up() {
    let (mgc, _gateway) = registered(hasty()).await;
    let controller = mgc.controller(Transcript::new());
    let error = controller.transact(subtract()).await.unwrap_err();
    let TransactError::TimedOut { transmissions, request_frame: 1, .. } = error else { panic!("{error}") };
    let entries = controller.transcript().entries();
    assert!(transmissions >= 2 && entries.len() == transmissions as usize);
    assert!(entries.iter().all(|entry| entry.event.payload() == entries[0].event.payload()));
}

#[tokio::test]
async fn a_second_reply_is_recorded_and_nothing_more() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    let (answer, ()) = tokio::join!(controller.transact(subtract()), async {
        let id = gateway.asked().await;
        gateway.says(format!("P={id}{{C=1{{S=ip/1}}}}")).await;
        gateway.says(format!("P={id}{{C=1{{S=ip/1}}}}")).await;
    });
    assert_eq!(answer.unwrap().reply_frame, 2);
    gateway.settled().await;
    assert_eq!(senders(controller.transcript()), [Lane::Mgc, Lane::Mg, Lane::Mg]);
    assert_eq!(mgc.strays(), []);
}

#[tokio::test]
async fn a_repeated_request_is_the_same_octets_and_gets_an_answer_of_its_own() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    let answered = async {
        let first = gateway.heard().await;
        let id = transaction_of(&first);
        gateway.says(format!("P={id}{{C=1{{S=ip/1}}}}")).await;
        first
    };
    let (answer, first) = tokio::join!(controller.transact(subtract()), answered);
    let answer = answer.unwrap();
    let (again, ()) = tokio::join!(controller.repeat(&answer), async {
        assert_eq!(gateway.heard().await, first);
        gateway.says(format!("P={}{{C=1{{ER=411{{\"gone\"}}}}}}", answer.reply.id)).await;
    });
    let again = again.unwrap();
    assert_ne!(again.octets, answer.octets);
    assert_eq!(again.error().unwrap().code.0, 411);
}

#[tokio::test]
async fn a_malformed_reply_is_reported_and_kept() {
    let (mgc, gateway) = registered(Options::default()).await;
    let (one, two) = (mgc.controller(Transcript::new()), mgc.controller(Transcript::new()));
    let (broken, good, ()) = tokio::join!(one.transact(subtract()), two.transact(subtract()), async {
        let (first, second) = (gateway.asked().await, gateway.asked().await);
        gateway.says(format!("P={first}{{C=1{{S=}}}}")).await;
        gateway.says(format!("P={second}{{C=1{{S=ip/1}}}}")).await;
    });
    let Err(TransactError::Undecodable { frame: 2, octets, .. }) = broken else { panic!("{broken:?}") };
    assert!(octets.ends_with(b"S=}}"));
    assert_eq!(one.transcript().entries()[1].event.payload(), &*octets);
    assert!(good.is_ok());
}

#[tokio::test]
async fn garbage_is_for_the_only_request_that_waits() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    let (broken, ()) = tokio::join!(controller.transact(subtract()), async {
        gateway.asked().await;
        gateway.socket.send_to(b"\x00\xff", gateway.mgc).await.unwrap();
    });
    assert!(matches!(broken, Err(TransactError::Undecodable { .. })), "{broken:?}");
    gateway.socket.send_to(b"\x00\xff", gateway.mgc).await.unwrap();
    gateway.settled().await;
    assert!(mgc.strays()[0].what.contains("undecodable"));
}

#[tokio::test]
async fn an_answer_without_transaction_is_for_the_malformed_request() {
    let (mgc, gateway) = registered(Options::default()).await;
    let (one, two) = (mgc.controller(Transcript::new()), mgc.controller(Transcript::new()));
    let (refused, error, good, ()) = tokio::join!(
        one.transact_octets(None, b"!/2 <mgc> T=x{"),
        two.transact_octets(None, b"!/9"),
        two.transact(subtract()),
        async {
            let heard = [gateway.heard().await, gateway.heard().await];
            let good = heard.iter().find(|octets| octets.ends_with(b"}")).unwrap();
            gateway.says("P=0{ER=403{\"syntax error in transaction request\"}}").await;
            // Malformed requests take turns: the second is sent when the first is answered.
            assert_eq!(gateway.heard().await, b"!/9");
            gateway.says("ER=406{\"version\"}").await;
            gateway.says(format!("P={}{{C=1{{S=ip/1}}}}", transaction_of(good))).await;
        }
    );
    assert_eq!(refused.unwrap().error().unwrap().code.0, 403);
    assert!(matches!(error, Err(TransactError::MessageError { error, .. }) if error.code.0 == 406));
    assert!(good.is_ok());
}

#[tokio::test]
async fn an_error_for_junk_is_not_for_the_request_that_follows_it() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    controller.send_octets(b"INVITE").await.unwrap();
    let (answer, ()) = tokio::join!(controller.transact(subtract()), async {
        assert_eq!(gateway.heard().await, b"INVITE");
        let id = gateway.asked().await;
        gateway.says("ER=400{}").await;
        gateway.says(format!("P={id}{{C=1{{S=ip/1}}}}")).await;
    });
    assert_eq!(answer.unwrap().reply_frame, 4);
}

#[tokio::test]
async fn a_damaged_request_may_be_answered_under_its_own_id() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    let id = controller.next_transaction();
    let octets = controller.compose(id, subtract());
    let damaged = octets.strip_suffix(b"}}").unwrap();
    let (answer, ()) = tokio::join!(controller.transact_octets(Some(id), damaged), async {
        assert_eq!(gateway.heard().await, damaged);
        gateway.says(format!("P={id}{{ER=403{{}}}}")).await;
    });
    assert_eq!(answer.unwrap().reply.id, id);
}

#[tokio::test]
async fn a_scenario_spells_as_it_likes_and_the_same_in_every_run() {
    let (mgc, _gateway) = registered(Options::default()).await;
    let id = TransactionId(5);
    let spelled = || {
        let controller = mgc.controller(Transcript::new());
        controller.spell(Style::Spelling(3));
        [controller.compose(id, subtract()), controller.compose(id, subtract())]
    };
    let texts = spelled();
    assert_eq!(texts, spelled());
    for text in &texts {
        let MessageBody::Transactions(_) = h248::parse(text).unwrap().body else { panic!("{text:?}") };
    }
}

#[tokio::test]
async fn a_killed_controller_is_silent_and_its_port_free() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    mgc.kill().await;
    assert!(matches!(controller.transact(subtract()).await, Err(TransactError::NotSent(_))));
    UdpSocket::bind(gateway.mgc).await.unwrap();
}

#[tokio::test]
async fn release_subtracts_what_is_held_and_finds_what_is_left() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    granted(&controller, &gateway, 11, "ip/1").await;
    granted(&controller, &gateway, 22, "ip/2").await;
    let (release, ()) = tokio::join!(controller.release(), async {
        for context in [11, 22] {
            let id = gateway.asked().await;
            gateway.says(format!("P={id}{{C={context}{{S=*}}}}")).await;
        }
        let id = gateway.asked().await;
        gateway.says(format!("P={id}{{C=11{{ER=411{{\"unknown context\"}}}}}}")).await;
        let id = gateway.asked().await;
        gateway.says(format!("P={id}{{C=22{{AV=ip/2}}}}")).await;
    });
    assert_eq!(release.held.len(), 2);
    assert_eq!(release.leaked.iter().map(|leak| leak.context).collect::<Vec<_>>(), [ContextId::Id(22)]);
    assert!(!release.is_clean() && release.unanswered.is_none());
    assert_eq!(controller.held(), []);
}

#[tokio::test]
async fn commands_are_answered_by_their_reply_or_an_error() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    let audit = AuditDescriptor::default();
    let (refused, other, ()) = tokio::join!(
        controller.modify(ContextId::Id(1), AmmRequest::new("ip/1")),
        controller.audit(ContextId::Id(1), TerminationId::Root, audit),
        async {
            let (first, second) = (gateway.asked().await, gateway.asked().await);
            gateway.says(format!("P={first}{{C=1{{MF=ip/1{{ER=430{{\"unknown\"}}}}}}}}")).await;
            gateway.says(format!("P={second}{{C=1{{S=ip/1}}}}")).await;
        }
    );
    assert_eq!(refused.unwrap_err().descriptor().unwrap().code.0, 430);
    assert!(other.unwrap_err().to_string().contains("does not answer AuditValue"));
}

/// A gateway over TCP: the same script, with packets.
struct TcpGateway {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl TcpGateway {
    async fn call(mgc: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(mgc).await.unwrap(), buffer: Vec::new() }
    }

    async fn says(&mut self, body: impl AsRef<str>) {
        let mut packet = Vec::new();
        tpkt::encode_into(format!("!/2 <mg> {}", body.as_ref()).as_bytes(), &mut packet).unwrap();
        self.stream.write_all(&packet).await.unwrap();
    }

    async fn heard(&mut self) -> Vec<u8> {
        loop {
            if let Framed::Complete(message, length) = tpkt::parse(&self.buffer).unwrap() {
                let message = message.to_vec();
                self.buffer.drain(..length);
                return message;
            }
            let read = timeout(AMPLE, self.stream.read_buf(&mut self.buffer)).await.expect("a message").unwrap();
            assert_ne!(read, 0, "closed");
        }
    }
}

async fn registered_over_tcp() -> (Mgc, TcpGateway) {
    let options = Options { transport: Transport::Tcp, ..Options::default() };
    let mgc = Mgc::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
    let mut gateway = TcpGateway::call(mgc.address()).await;
    gateway.says("T=1{C=-{SC=ROOT{SV{MT=RS,RE=\"901 Cold Boot\",V=2}}}}").await;
    mgc.registered(AMPLE).await.unwrap();
    gateway.heard().await;
    (mgc, gateway)
}

#[tokio::test]
async fn over_tcp_messages_are_packets_and_each_is_a_frame() {
    let (mgc, mut gateway) = registered_over_tcp().await;
    let controller = mgc.controller(Transcript::new());
    let (answer, ()) = tokio::join!(controller.transact(subtract()), async {
        let id = transaction_of(&gateway.heard().await);
        gateway.says(format!("P={id}{{C=1{{S=ip/1}}}}")).await;
    });
    let answer = answer.unwrap();
    let frames = controller.transcript().frames();
    assert_eq!(frames.iter().map(|frame| frame.number).collect::<Vec<_>>(), [answer.request_frame, answer.reply_frame]);
    assert!(frames.iter().all(|frame| frame.protocol == Protocol::H248));
}

#[tokio::test]
async fn a_revived_controller_speaks_on_the_connection_the_gateway_makes_anew() {
    let (mgc, gateway) = registered_over_tcp().await;
    let controller = mgc.controller(Transcript::new());
    mgc.kill().await;
    drop(gateway);
    mgc.revive().await.unwrap();
    let (answer, ()) = tokio::join!(controller.transact(subtract()), async {
        let mut again = TcpGateway::call(mgc.address()).await;
        let id = transaction_of(&again.heard().await);
        again.says(format!("P={id}{{C=1{{S=ip/1}}}}")).await;
    });
    assert_eq!(answer.unwrap().error(), None);
}

#[tokio::test]
async fn what_is_no_packet_is_a_stray_and_ends_the_connection() {
    let (mgc, mut gateway) = registered_over_tcp().await;
    gateway.stream.write_all(b"MEGACO/2").await.unwrap();
    assert_eq!(timeout(AMPLE, gateway.stream.read(&mut [0])).await.unwrap().unwrap(), 0);
    assert!(mgc.strays()[0].what.contains("no TPKT"), "{:?}", mgc.strays());
}

#[tokio::test]
async fn a_lossy_network_is_outlasted_and_told() {
    let (mgc, gateway) = registered(Options::default()).await;
    let controller = mgc.controller(Transcript::new());
    mgc.impair(Some(Network { seed: 5, loss: 500, duplicate: 200, reorder: 200 }));
    let answering = async {
        loop {
            let id = gateway.asked().await;
            gateway.says(format!("P={id}{{C=1{{S=ip/1}}}}")).await;
        }
    };
    let asking = async {
        for _ in 0..10 {
            controller.transact(subtract()).await.unwrap();
        }
    };
    tokio::select! {
        () = asking => {}
        () = answering => {}
    }
    let fates = mgc.fates();
    assert!(fates.lost > 0 && fates.doubled + fates.delayed > 0, "{fates:?}");
    let told = controller.transcript().entries();
    assert!(told.iter().any(|entry| matches!(entry.event, Event::Network { fate: Fate::Lost, .. })));
    mgc.impair(None);
    assert_eq!(mgc.fates(), Fates::default());
}

#[tokio::test]
async fn a_gateway_that_registered_with_another_is_found_where_it_listens() {
    let mgc = Mgc::bind("127.0.0.1:0".parse().unwrap(), Options::default()).await.unwrap();
    let gateway = Gateway { socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(), mgc: mgc.address() };
    let known = gateway.socket.local_addr().unwrap();
    let (registration, ()) = tokio::join!(timeout(AMPLE, mgc.find(Some(known))), async {
        let refused = gateway.asked().await;
        gateway.says(format!("P={refused}{{ER=505{{\"not yet\"}}}}")).await;
        let id = gateway.asked().await;
        gateway.says(format!("P={id}{{C=-{{AV=ROOT}}}}")).await;
    });
    let registration = registration.unwrap();
    assert_eq!((registration.address, registration.version, registration.mid.to_string()), (known, 2, "<mg>".into()));
    assert_eq!(mgc.registration(), Some(registration));
}

#[tokio::test]
async fn a_stranger_says_what_it_likes_and_hears_what_comes_back() {
    let peer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let transcript = Transcript::new();
    let address = peer.local_addr().unwrap();
    let (stranger, accepted) = tokio::join!(Stranger::open(Transport::Tcp, address, None, &transcript), peer.accept());
    let (mut stranger, (mut stream, from)) = (stranger.unwrap(), accepted.unwrap());
    assert_eq!(stranger.address(), from);
    stranger.send_bare(&[3, 0, 0]).await.unwrap();
    let mut half = [0; 3];
    stream.read_exact(&mut half).await.unwrap();
    assert_eq!(half, [3, 0, 0]);
    assert_eq!(stranger.flood(b"x", 10).await, 10);
    let mut packet = Vec::new();
    tpkt::encode_into(b"!/1 ER=400{}", &mut packet).unwrap();
    stream.write_all(&packet).await.unwrap();
    assert_eq!(&*stranger.receive(AMPLE).await.unwrap().1, b"!/1 ER=400{}");
    drop(stream);
    assert!(stranger.closed(AMPLE).await);
}
