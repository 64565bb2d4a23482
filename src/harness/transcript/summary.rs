//! What a frame says, in one line.

use super::{Entry, Event, TcpEvent, TlsEvent};
use crate::{
    results::{Frame, Protocol},
    wire::{
        Framed,
        h248::{
            self, ActionReply, ActionRequest, AuditReply, CommandReply, ErrorDescriptor, MessageBody, Transaction,
            TransactionResult,
        },
        msrp::{self, Start},
        tree,
    },
};

/// The frame of a recorded event.
pub(super) fn frame(entry: &Entry) -> Frame {
    let octets = entry.event.payload();
    let (protocol, secured, summary, decode) = match &entry.event {
        Event::Datagram(_) => (Protocol::H248, false, h248_line(octets), tree::h248(octets)),
        Event::Network { fate, .. } => {
            let line = format!("the network: {}: {}", fate.word(), h248_line(octets));
            (Protocol::H248, false, line, tree::h248(octets))
        }
        Event::Octets(_) => (Protocol::Tls, false, tls_line(octets), tree::tls(octets)),
        Event::Message { protocol, secured, .. } => {
            let (summary, decode) = match protocol {
                Protocol::Msrp => (msrp_line(octets), tree::msrp(octets)),
                Protocol::H248 => (h248_line(octets), tree::h248(octets)),
                _ => (format!("{} octets", entry.length), Vec::new()),
            };
            (*protocol, *secured, summary, decode)
        }
        Event::Tcp(event) => (Protocol::Tcp, false, tcp_event(*event).into(), Vec::new()),
        Event::Tls(event) => (Protocol::Tls, false, tls_event(event), Vec::new()),
    };
    let frame = Frame {
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
    };
    Frame { length: entry.length, ..frame.with_octets(octets) }
}

fn tls_line(octets: &[u8]) -> String {
    let mut names: Vec<String> = Vec::new();
    for record in tree::tls(octets) {
        let mut parts: Vec<String> = record.children.into_iter().map(|part| part.label).collect();
        if parts.is_empty() {
            parts.push(record.label);
        }
        for part in parts {
            if names.last() != Some(&part) {
                names.push(part);
            }
        }
    }
    names.join(", ")
}

/// The first characters of a line that may name thousands of commands.
fn cut(line: String) -> String {
    const LONGEST: usize = 400;
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

fn h248_line(octets: &[u8]) -> String {
    cut(h248_whole_line(octets))
}

fn h248_whole_line(octets: &[u8]) -> String {
    let message = match h248::parse(octets) {
        Ok(message) => message,
        Err(fault) => return format!("not H.248: {fault}"),
    };
    match &message.body {
        MessageBody::Error(error) => error_line(error),
        MessageBody::Transactions(transactions) => {
            transactions.iter().map(transaction_line).collect::<Vec<_>>().join("; ")
        }
    }
}

fn transaction_line(transaction: &Transaction<'_>) -> String {
    let actions = |lines: Vec<String>| lines.join(" | ");
    match transaction {
        Transaction::Request(request) => {
            format!("Transaction {} {}", request.id, actions(request.actions.iter().map(action_line).collect()))
        }
        Transaction::Reply(reply) => match &reply.result {
            TransactionResult::Error(error) => format!("Reply {} {}", reply.id, error_line(error)),
            TransactionResult::Actions(replies) => {
                format!("Reply {} {}", reply.id, actions(replies.iter().map(action_reply_line).collect()))
            }
        },
        Transaction::Pending(id) => format!("Pending {id}"),
        Transaction::Ack(acks) => {
            let ids: Vec<String> = acks.iter().map(|ack| ack.first.to_string()).collect();
            format!("TransactionResponseAck {}", ids.join(", "))
        }
        Transaction::Segment(segment) => format!("Segment {}/{}", segment.id, segment.segmentation.number),
    }
}

fn action_line(action: &ActionRequest<'_>) -> String {
    let command = |request: &h248::CommandRequest<'_>| {
        let terminations: Vec<String> = request.command.terminations().iter().map(ToString::to_string).collect();
        format!("{} {}", request.command.name(), terminations.join(" "))
    };
    format!("C={} {}", action.context, action.commands.iter().map(command).collect::<Vec<_>>().join(", "))
}

fn action_reply_line(action: &ActionReply<'_>) -> String {
    let error = action.error.iter().map(error_line);
    let parts: Vec<String> = action.commands.iter().map(command_reply_line).chain(error).collect();
    format!("C={} {}", action.context, parts.join(", "))
}

fn command_reply_line(reply: &CommandReply<'_>) -> String {
    let name = match reply {
        CommandReply::Add(_) => "Add",
        CommandReply::Move(_) => "Move",
        CommandReply::Modify(_) => "Modify",
        CommandReply::Subtract(_) => "Subtract",
        CommandReply::AuditValue(_) => "AuditValue",
        CommandReply::AuditCapability(_) => "AuditCapability",
        CommandReply::Notify(_) => "Notify",
        CommandReply::ServiceChange(_) => "ServiceChange",
    };
    let terminations: Vec<String> = match reply {
        CommandReply::AuditValue(AuditReply::Context(list))
        | CommandReply::AuditCapability(AuditReply::Context(list)) => list.iter().map(ToString::to_string).collect(),
        other => other.terminations().into_iter().flat_map(|list| list.iter()).map(ToString::to_string).collect(),
    };
    let error = reply.error().map(|error| format!(" {}", error_line(error))).unwrap_or_default();
    format!("{name} {}{error}", terminations.join(" "))
}

fn error_line(error: &ErrorDescriptor<'_>) -> String {
    let text = error.text.as_ref().map(|text| format!(" {text}")).unwrap_or_default();
    format!("Error {}{text}", error.code)
}

fn msrp_line(octets: &[u8]) -> String {
    let Ok(Framed::Complete(frame, _)) = msrp::parse(octets) else {
        return format!("{} octets that are no MSRP message", octets.len());
    };
    let flag = char::from(frame.flag.octet());
    match &frame.head.start {
        Start::Request(method) => {
            let range = frame.head.byte_range().map(|range| format!(" {range}")).unwrap_or_default();
            let status = frame.head.status().map(|status| format!(" {}", status.code.value())).unwrap_or_default();
            format!("{}{range}{status} {flag}", method.as_str())
        }
        Start::Response { code, comment } => {
            let comment = comment.as_ref().map(|text| format!(" {text}")).unwrap_or_default();
            format!("{}{comment}", code.value())
        }
    }
}

const fn tcp_event(event: TcpEvent) -> &'static str {
    match event {
        TcpEvent::Connecting => "SYN",
        TcpEvent::Established => "TCP established",
        TcpEvent::Refused => "TCP refused",
        TcpEvent::TimedOut => "TCP timed out",
        TcpEvent::Fin => "FIN",
        TcpEvent::Reset => "RST",
    }
}

fn tls_event(event: &TlsEvent) -> String {
    match event {
        TlsEvent::Complete { version, cipher } => format!("{version} established, {cipher}"),
        TlsEvent::Alert(name) => format!("Alert {name}"),
        TlsEvent::Failed(why) => format!("TLS failed: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msrp_lines_name_range_flag_and_code() {
        let head = "To-Path: msrp://b:1/y;tcp\r\nFrom-Path: msrp://a:2/x;tcp\r\n";
        let send = format!(
            "MSRP abcd SEND\r\n{head}Message-ID: m1m1\r\nByte-Range: 1-2/2\r\nContent-Type: text/plain\r\n\r\nhi\r\n-------abcd$\r\n"
        );
        assert_eq!(msrp_line(send.as_bytes()), "SEND 1-2/2 $");
        assert_eq!(msrp_line(format!("MSRP abcd 200 OK\r\n{head}-------abcd$\r\n").as_bytes()), "200 OK");
        assert_eq!(msrp_line(b"GET / HTTP/1.1\r\n"), "16 octets that are no MSRP message");
    }

    #[test]
    fn tls_lines_name_each_message_once() {
        let flight = [20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 2, 9, 9, 23, 3, 3, 0, 1, 7, 23, 3, 3, 0, 1, 7];
        assert_eq!(tls_line(&flight), "ChangeCipherSpec, encrypted handshake, encrypted record");
        assert_eq!(tls_line(&[21, 3, 3, 0, 2, 2, 42]), "Alert bad_certificate");
    }

    #[test]
    fn h248_lines_name_transaction_context_and_commands() {
        assert_eq!(h248_line(b"!/2 [127.0.0.1]:2944 T=1{C=5{S=ip/7{AT{}}}}"), "Transaction 1 C=5 Subtract ip/7");
    }
}
