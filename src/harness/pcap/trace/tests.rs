//! Traces of real sessions, read back.

use super::*;
use crate::{
    harness::{
        certificate::Identity,
        msrp_peer::{MsrpPeer, MsrpSettings, Outgoing},
        transcript::TcpEvent,
        ue::{TlsSettings, Ue, UeSettings, Versions},
    },
    results::Lane,
    rules::roles::{TcpRole, TlsRole},
    wire::msrp::Path,
};
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_file::pcapng::{Block, PcapNgReader};
use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
};

const LONG: Duration = Duration::from_secs(20);

/// The transcript of a UE that exchanged MSRP messages, plain or over TLS, and the addresses of both.
async fn session(versions: Option<Versions>) -> (Transcript, SocketAddr) {
    let transcript = Transcript::new();
    let ue = |link, tcp_role, tls_role, transcript| {
        let identity = Identity::generate("UE").unwrap();
        let tls = versions.map(|versions| TlsSettings { versions, ..TlsSettings::new(tls_role, identity) });
        let ip = Ipv4Addr::LOCALHOST.into();
        Ue::new(UeSettings { tls, ..UeSettings::new(link, ip, tcp_role) }, transcript).unwrap()
    };
    let a = ue(Link::Access, TcpRole::Client, TlsRole::Client, transcript.clone());
    let b = ue(Link::Core, TcpRole::Server, TlsRole::Server, Transcript::new());
    let path = |ue: &Ue| Path::parse(&format!("msrp://{}/s;tcp", ue.address())).unwrap().into_owned();
    let a_peer = MsrpPeer::start(a.clone(), MsrpSettings::new(path(&a), path(&b), 1));
    let b_peer = MsrpPeer::start(b.clone(), MsrpSettings::new(path(&b), path(&a), 2));
    transcript.step("the bearers are established");
    let (one, other) = tokio::join!(a.establish(b.address()), b.establish(a.address()));
    one.and(other).unwrap();
    transcript.step("UE-A sends a message");
    let sent = a_peer.send_message(&Outgoing::text(vec![b'x'; 5000]).chunked([100, 3000])).await.unwrap();
    b_peer.receive_message(LONG).await.unwrap();
    a_peer.responses(&sent, LONG).await.unwrap();
    a.close().await.unwrap();
    a.await_end(LONG).await.unwrap();
    let control = Route {
        link: Link::Control,
        from: Lane::Mgc,
        to: Lane::Mg,
        source: "[::1]:2945".parse().unwrap(),
        destination: "[::1]:2944".parse().unwrap(),
    };
    transcript.record(control, Event::datagram(b"!/2 [127.0.0.1]:2944 T=1{C=5{S=ip/7{AT{}}}}"));
    transcript.step("the end");
    (transcript, b.address())
}

fn written(transcript: &Transcript) -> Vec<u8> {
    let mut file = Vec::new();
    write(transcript, "4.1.3-a-01", &mut file).unwrap();
    file
}

#[tokio::test]
async fn what_is_read_back_is_what_was_recorded() {
    let (transcript, _) = session(Some(Versions::Both)).await;
    let file = written(&transcript);
    let mut reader = PcapNgReader::new(file.as_slice()).unwrap();
    let (mut interfaces, mut secrets, mut comments) = (Vec::new(), Vec::new(), Vec::new());
    let mut streams: HashMap<(u16, u16), (u32, Vec<u8>)> = HashMap::new();
    let mut datagrams = 0;
    while let Some(block) = reader.next_block() {
        match block.unwrap().0 {
            Block::InterfaceDescription(interface) => interfaces.push(interface.into_owned()),
            Block::Unknown(block) => secrets.push((block.type_, interfaces.len(), block.value.to_vec())),
            Block::EnhancedPacket(packet) => {
                assert!(!secrets.is_empty(), "secrets come first");
                for option in &packet.options {
                    if let EnhancedPacketOption::Common(CommonOption::Comment(comment)) = option {
                        comments.push(comment.to_string());
                    }
                }
                if packet.interface_id == APPLICATION {
                    continue;
                }
                let sliced = SlicedPacket::from_ip(&packet.data).unwrap();
                let Some(transport) = sliced.transport else { panic!("no transport") };
                match (transport, sliced.net.unwrap()) {
                    (TransportSlice::Tcp(tcp), NetSlice::Ipv4(ip)) => {
                        let header = tcp.to_header();
                        assert_eq!(
                            header.calc_checksum_ipv4(&ip.header().to_header(), tcp.payload()),
                            Ok(tcp.checksum())
                        );
                        let stream = streams.entry((tcp.source_port(), tcp.destination_port())).or_default();
                        if !tcp.syn() {
                            assert_eq!(tcp.sequence_number(), stream.0, "no gap, no overlap");
                        }
                        let counted = u32::from(tcp.syn()) + u32::from(tcp.fin()) + tcp.payload().len() as u32;
                        stream.0 = tcp.sequence_number().wrapping_add(counted);
                        stream.1.extend_from_slice(tcp.payload());
                    }
                    (TransportSlice::Udp(udp), NetSlice::Ipv6(_)) => datagrams += udp.payload().len(),
                    other => panic!("{other:?}"),
                }
            }
            _ => {}
        }
    }
    assert_eq!(interfaces.len(), 4);
    assert_eq!((secrets.len(), secrets[0].0, secrets[0].1), (1, SECRETS_BLOCK, 4));
    let (length, log) = (secrets[0].2[4..8].to_vec(), transcript.secrets());
    assert_eq!(length, (log.len() as u32).to_le_bytes());
    assert!(secrets[0].2[8..].starts_with(log.as_bytes()));
    assert_eq!(datagrams, 43);
    let mut recorded: HashMap<(u16, u16), Vec<u8>> = HashMap::new();
    for entry in transcript.entries() {
        if let Event::Octets(octets) = &entry.event {
            recorded
                .entry((entry.route.source.port(), entry.route.destination.port()))
                .or_default()
                .extend(&octets[..]);
        }
    }
    assert_eq!(recorded.len(), 2);
    assert_eq!(streams.into_iter().map(|(ports, (_, octets))| (ports, octets)).collect::<HashMap<_, _>>(), recorded);
    for step in ["step: the bearers are established", "step: UE-A sends a message", "step: the end", "frame 1: SYN"] {
        assert!(comments.iter().any(|comment| comment == step), "{step} missing in {comments:#?}");
    }
}

#[test]
fn a_refused_and_a_lost_beginning_are_written_too() {
    let transcript = Transcript::new();
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let route = Route { link: Link::Core, from: Lane::UeB, to: Lane::Mg, source: address(1), destination: address(2) };
    transcript.record(route, Event::Tcp(TcpEvent::Connecting));
    transcript.record(route.reversed(), Event::Tcp(TcpEvent::Refused));
    transcript.record(route, Event::octets(b"no beginning was seen"));
    transcript.record(route.reversed(), Event::Tcp(TcpEvent::Reset));
    let flags: Vec<String> = packets(&transcript)
        .iter()
        .map(|(packet, _)| {
            let sliced = SlicedPacket::from_ip(&packet.octets).unwrap();
            let Some(TransportSlice::Tcp(tcp)) = sliced.transport else { panic!("no TCP") };
            let flag = |set: bool, letter: &str| if set { letter.to_owned() } else { String::new() };
            flag(tcp.syn(), "S") + &flag(tcp.ack(), "A") + &flag(tcp.rst(), "R") + &flag(tcp.psh(), "P")
        })
        .collect();
    assert_eq!(flags, ["S", "AR", "S", "SA", "A", "AP", "AR"]);
}

/// What tshark prints for a file, or `None` when there is no tshark.
fn tshark(file: &std::path::Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("tshark").arg("-r").arg(file).args(arguments).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn tshark_shows_the_messages_decrypted_and_nothing_malformed() {
    for versions in [None, Some(Versions::Tls12), Some(Versions::Tls13)] {
        let (transcript, server) = session(versions).await;
        let name = format!("gatecheck-{}-{}.pcapng", std::process::id(), server.port());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, written(&transcript)).unwrap();
        let suspicious = "_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || tcp.checksum.status == 0";
        let inside = "megaco || (tls && data contains \"SEND\")";
        let shown = [
            tshark(&file, &["-Y", "msrp"]),
            tshark(&file, &["-Y", suspicious, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]),
            tshark(&file, &["-Y", inside]),
        ];
        std::fs::remove_file(&file).unwrap();
        let [Some(msrp), Some(suspicious), Some(inside)] = shown else {
            println!("left out: there is no tshark here");
            return;
        };
        assert_eq!(suspicious, "");
        let (control, inside_tls): (Vec<&str>, Vec<&str>) = inside.lines().partition(|line| line.contains("MEGACO"));
        assert_eq!(control.len(), 1, "{inside}");
        // Three chunks and their responses.
        assert_eq!(msrp.matches("SEND").count(), 3, "{msrp}");
        assert_eq!(msrp.matches("Response: 200").count(), 3, "{msrp}");
        if versions.is_some() {
            // The octets, decrypted with the secrets in the file; a chunk may span records.
            assert!(inside_tls.len() >= 3, "{inside}");
        }
    }
}
