//! Decode trees of recorded octets, for a reader: which octets are what.
//!
//! They follow the lexical shape alone, so that a message which its parser rejects is still drawn as far as it makes sense.
//! One pass each; nesting is cut at [`DEPTH`].

use crate::{
    results::Decode,
    wire::{
        Framed,
        tls_record::{self, Alert, ContentType, Handshake, HandshakeType},
    },
};
use std::iter;

/// Nodes one frame gets.
const NODES: usize = 2000;

/// Levels of braces drawn.
const DEPTH: usize = 24;

/// Characters of a label.
const LABEL: usize = 160;

fn label(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(LABEL).collect()
}

fn leaf(octets: &[u8], start: usize, end: usize) -> Decode {
    node(label(octets.get(start..end).unwrap_or_default()), start, end)
}

fn node(label: impl Into<String>, start: usize, end: usize) -> Decode {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Decode::leaf(label, offset(start), offset(end))
}

/// Lines of `octets[start..end]`, each a leaf, empty ones left out.
fn lines(octets: &[u8], start: usize, end: usize) -> Vec<Decode> {
    let mut found = Vec::new();
    let mut at = start;
    for line in octets.get(start..end).unwrap_or_default().split(|octet| matches!(octet, b'\r' | b'\n')) {
        if !line.trim_ascii().is_empty() && found.len() < NODES {
            found.push(leaf(octets, at, at + line.len()));
        }
        at += line.len() + 1;
    }
    found
}

/// H.248 text: a node for everything with braces, a leaf for what stands between commas, SDP by its lines.
pub(super) fn h248(octets: &[u8]) -> Vec<Decode> {
    let mut open: Vec<Decode> = vec![Decode::default()];
    // Braces beyond the depth drawn.
    let (mut beyond, mut nodes) = (0_usize, 0);
    let (mut at, mut token) = (0, 0);
    let mut close_token = |open: &mut Vec<Decode>, from: usize, to: usize| {
        let text = octets.get(from..to).unwrap_or_default();
        if let Some(parent) = open.last_mut()
            && !text.trim_ascii().is_empty()
            && nodes < NODES
        {
            nodes += 1;
            let before = text.len() - text.trim_ascii_start().len();
            parent.children.push(leaf(octets, from + before, from + text.trim_ascii_end().len()));
        }
    };
    while let Some(&octet) = octets.get(at) {
        match octet {
            b'"' => at = find(octets, at + 1, b'"'),
            b',' => {
                close_token(&mut open, token, at);
                token = at + 1;
            }
            b'{' if open.len() > DEPTH => beyond += 1,
            b'}' if beyond > 0 => beyond -= 1,
            b'{' => {
                let begins = if open.len() == 1 { transaction(octets, token, at) } else { token };
                close_token(&mut open, token, begins);
                let mut parent = leaf(octets, begins, at);
                parent.start += u32::try_from(leading_space(octets, begins, at)).unwrap_or(0);
                if is_octet_string(&parent.label) {
                    let end = octet_string(octets, at + 1);
                    parent.children = lines(octets, at + 1, end);
                    parent.end = u32::try_from(end + 1).unwrap_or(u32::MAX);
                    if let Some(outer) = open.last_mut() {
                        outer.children.push(parent);
                    }
                    at = end;
                } else {
                    open.push(parent);
                }
                token = at + 1;
            }
            b'}' => {
                close_token(&mut open, token, at);
                token = at + 1;
                close(&mut open, at + 1);
            }
            _ => {}
        }
        at += 1;
    }
    close_token(&mut open, token, octets.len());
    while open.len() > 1 {
        close(&mut open, octets.len());
    }
    open.pop().map(|root| root.children).unwrap_or_default()
}

fn close(open: &mut Vec<Decode>, end: usize) {
    if open.len() > 1
        && let Some(mut done) = open.pop()
    {
        done.end = u32::try_from(end).unwrap_or(u32::MAX);
        if let Some(parent) = open.last_mut() {
            parent.children.push(done);
        }
    }
}

fn find(octets: &[u8], from: usize, wanted: u8) -> usize {
    let rest = octets.get(from..).unwrap_or_default();
    from + rest.iter().position(|octet| *octet == wanted).unwrap_or(rest.len())
}

/// Where an octet string ends: at the first brace without a backslash before it. H.248.1 B.2.
fn octet_string(octets: &[u8], from: usize) -> usize {
    let mut end = find(octets, from, b'}');
    while end > from && octets.get(end - 1) == Some(&b'\\') && end < octets.len() {
        end = find(octets, end + 1, b'}');
    }
    end.min(octets.len())
}

fn is_octet_string(label: &str) -> bool {
    ["Local", "L", "Remote", "R"].iter().any(|token| label.eq_ignore_ascii_case(token))
}

fn leading_space(octets: &[u8], from: usize, to: usize) -> usize {
    let text = octets.get(from..to).unwrap_or_default();
    text.len() - text.trim_ascii_start().len()
}

/// Where the first transaction begins in `octets[from..to]`, which may hold the message header: at the word before the last `=`.
fn transaction(octets: &[u8], from: usize, to: usize) -> usize {
    let text = octets.get(from..to).unwrap_or_default();
    let equals = text.iter().rposition(|octet| *octet == b'=').unwrap_or(text.len());
    let before = text.get(..equals).unwrap_or_default().trim_ascii_end();
    from + before.iter().rposition(|octet| !octet.is_ascii_alphabetic()).map_or(0, |at| at + 1)
}

/// MSRP: start line, headers, body, end-line.
pub(super) fn msrp(octets: &[u8]) -> Vec<Decode> {
    let blank = octets.windows(4).position(|window| window == b"\r\n\r\n");
    let trimmed = octets.trim_ascii_end();
    let end_line = trimmed.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
    let Some(blank) = blank.filter(|blank| blank + 4 <= end_line) else { return lines(octets, 0, octets.len()) };
    let body = end_line.saturating_sub(2).max(blank + 4);
    let mut tree = lines(octets, 0, blank);
    tree.push(node(format!("body, {} octets", body - blank - 4), blank + 4, body));
    tree.extend(lines(octets, end_line, octets.len()));
    tree
}

/// TLS: records, and in them what is in the clear.
pub(super) fn tls(octets: &[u8]) -> Vec<Decode> {
    let mut at = 0;
    let mut protected = false;
    let records = iter::from_fn(|| {
        let rest = octets.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        let Ok(Framed::Complete(record, length)) = tls_record::parse(rest) else {
            at = octets.len();
            return Some(node("part of a record", start, at));
        };
        at += length;
        let mut tree = node("", start, at);
        tree.label = match record.content_type {
            ContentType::ChangeCipherSpec => {
                protected = true;
                "ChangeCipherSpec".into()
            }
            ContentType::Alert => match Alert::parse(record.fragment).map(Alert::name) {
                Ok(Some(name)) => format!("Alert {name}"),
                _ => "encrypted alert".into(),
            },
            ContentType::Handshake if protected => "encrypted handshake".into(),
            ContentType::Handshake => {
                tree.children = handshake(record.fragment, start + 5);
                "Handshake".into()
            }
            ContentType::ApplicationData => "encrypted record".into(),
            ContentType::Heartbeat => "Heartbeat".into(),
        };
        Some(tree)
    });
    records.take(NODES).collect()
}

fn handshake(mut fragment: &[u8], mut at: usize) -> Vec<Decode> {
    let mut messages = Vec::new();
    while let Framed::Complete(message, length) = Handshake::parse(fragment) {
        messages.push(node(handshake_name(message.kind), at, at + length));
        at += length;
        fragment = fragment.get(length..).unwrap_or_default();
    }
    if !fragment.is_empty() {
        // A message that spans records, or what follows a ChangeCipherSpec in an earlier segment.
        messages.push(node("part of a handshake message", at, at + fragment.len()));
    }
    messages
}

/// Registered names. RFC 5246 section 7.4, RFC 8446 section 4.
const fn handshake_name(kind: HandshakeType) -> &'static str {
    match kind {
        HandshakeType::ClientHello => "ClientHello",
        HandshakeType::ServerHello => "ServerHello",
        HandshakeType::Other(4) => "NewSessionTicket",
        HandshakeType::Other(8) => "EncryptedExtensions",
        HandshakeType::Other(11) => "Certificate",
        HandshakeType::Other(12) => "ServerKeyExchange",
        HandshakeType::Other(13) => "CertificateRequest",
        HandshakeType::Other(14) => "ServerHelloDone",
        HandshakeType::Other(15) => "CertificateVerify",
        HandshakeType::Other(16) => "ClientKeyExchange",
        HandshakeType::Other(20) => "Finished",
        HandshakeType::Other(_) => "handshake message",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(tree: &[Decode], depth: usize) -> String {
        tree.iter().map(|n| format!("{}{}\n{}", " ".repeat(depth), n.label, drawn(&n.children, depth + 1))).collect()
    }

    #[test]
    fn h248_is_drawn_by_its_braces_and_sdp_by_its_lines() {
        let text = b"MEGACO/2 [127.0.0.1]:2944\nTransaction = 7 { Context = $ { Add = ip/$ { Media { Stream = 1 {\n\
            LocalControl { Mode = Inactive, ipdc/realm = \"a,{b\" }, Local { v=0\r\nc=IN IP4 $\r\na=x:{\\}\r\n} } } } } }";
        let tree = h248(text);
        let expected = "MEGACO/2 [127.0.0.1]:2944\nTransaction = 7\n Context = $\n  Add = ip/$\n   Media\n    Stream = 1\n     \
            LocalControl\n      Mode = Inactive\n      ipdc/realm = \"a,{b\"\n     Local\n      v=0\n      c=IN IP4 $\n      a=x:{\\}\n";
        assert_eq!(drawn(&tree, 0), expected);
        let request = &tree[1];
        assert_eq!(&text[request.start as usize..][..15], b"Transaction = 7");
        assert_eq!(request.end as usize, text.len());
    }

    #[test]
    fn deep_nesting_is_cut_and_unbalanced_braces_do_no_harm() {
        for text in ["{".repeat(100_000), "}".repeat(1000), format!("{}{}", "a{".repeat(9999), "}".repeat(9999))] {
            h248(text.as_bytes());
        }
        h248(b"T=1{C=1{L{\\}");
    }

    #[test]
    fn msrp_is_drawn_as_head_body_and_end_line() {
        let chunk = b"MSRP abcd SEND\r\nTo-Path: x\r\n\r\nhi\r\n\r\nyou\r\n-------abcd$\r\n";
        assert_eq!(drawn(&msrp(chunk), 0), "MSRP abcd SEND\nTo-Path: x\nbody, 9 octets\n-------abcd$\n");
        let ok = b"MSRP abcd 200 OK\r\nTo-Path: x\r\n-------abcd$\r\n";
        assert_eq!(drawn(&msrp(ok), 0), "MSRP abcd 200 OK\nTo-Path: x\n-------abcd$\n");
    }

    #[test]
    fn tls_is_drawn_by_records_and_clear_messages() {
        let flight = [22, 3, 3, 0, 9, 2, 0, 0, 1, 7, 14, 0, 0, 0, 20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 1, 7, 23, 3];
        let expected =
            "Handshake\n ServerHello\n ServerHelloDone\nChangeCipherSpec\nencrypted handshake\npart of a record\n";
        assert_eq!(drawn(&tls(&flight), 0), expected);
    }
}
