//! What a frame says: one line and a decode tree.

use super::{Entry, Event, TcpEvent, TlsEvent};
use crate::results::{Decode, Frame, Protocol};
use crate::wire::{
    Framed, h248,
    msrp::{self, Start},
};

/// The frame of a recorded event.
pub(super) fn frame(entry: &Entry) -> Frame {
    let octets = entry.event.payload();
    let (protocol, secured, summary, decode) = match &entry.event {
        Event::Datagram(_) => (Protocol::H248, false, h248_line(octets), Vec::new()),
        Event::Message { protocol, secured, .. } => {
            let (summary, decode) = message(*protocol, octets);
            (*protocol, *secured, summary, decode)
        }
        Event::Tcp(event) => (Protocol::Tcp, false, tcp_line(*event).into(), Vec::new()),
        Event::Tls(event) => (Protocol::Tls, false, tls_line(event), Vec::new()),
        Event::Octets(_) => (Protocol::Tls, false, "TLS records".into(), Vec::new()),
    };
    let mut frame = Frame {
        number: entry.number,
        time_us: entry.time_us,
        from: entry.route.from,
        to: entry.route.to,
        link: entry.route.link,
        protocol,
        secured,
        summary,
        octets: Vec::new(),
        length: 0,
        decode,
    }
    .with_octets(octets);
    frame.length = entry.length;
    frame
}

fn h248_line(octets: &[u8]) -> String {
    match h248::parse(octets) {
        Ok(_) => "H.248".into(),
        Err(_) => "not H.248".into(),
    }
}

fn message(protocol: Protocol, octets: &[u8]) -> (String, Vec<Decode>) {
    match protocol {
        Protocol::Msrp => (msrp_line(octets), Vec::new()),
        _ => (format!("{} octets", octets.len()), Vec::new()),
    }
}

fn msrp_line(octets: &[u8]) -> String {
    let Ok(Framed::Complete(frame, _)) = msrp::parse(octets) else { return "not MSRP".into() };
    let flag = char::from(frame.flag.octet());
    match &frame.head.start {
        Start::Request(method) => {
            let range = frame.head.byte_range().map(|range| format!(" {range}")).unwrap_or_default();
            format!("{}{range} {flag}", method.as_str())
        }
        Start::Response { code, comment } => {
            let comment = comment.as_ref().map(|text| format!(" {text}")).unwrap_or_default();
            format!("{}{comment}", code.value())
        }
    }
}

const fn tcp_line(event: TcpEvent) -> &'static str {
    match event {
        TcpEvent::Connecting => "TCP SYN",
        TcpEvent::Established => "TCP established",
        TcpEvent::Refused => "TCP refused (RST)",
        TcpEvent::TimedOut => "TCP connect timed out",
        TcpEvent::Fin => "TCP FIN",
        TcpEvent::Reset => "TCP RST",
    }
}

fn tls_line(event: &TlsEvent) -> String {
    match event {
        TlsEvent::Complete { version, cipher } => format!("{version} established, {cipher}"),
        TlsEvent::Alert(name) => format!("TLS alert {name}"),
        TlsEvent::Failed(why) => format!("TLS failed: {why}"),
    }
}
