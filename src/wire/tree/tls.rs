//! TLS by its records, and by what is in the clear inside them.

use super::{Decode, NODES, node};
use crate::wire::{
    Framed,
    tls_record::{self, Alert, ContentType, Handshake, HandshakeType},
};
use std::iter;

/// TLS: records, and in them what is in the clear.
pub fn tls(octets: &[u8]) -> Vec<Decode> {
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
    use super::{super::drawn, *};

    #[test]
    fn tls_is_drawn_by_records_and_clear_messages() {
        let flight = [22, 3, 3, 0, 9, 2, 0, 0, 1, 7, 14, 0, 0, 0, 20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 1, 7, 23, 3];
        let expected =
            "Handshake\n ServerHello\n ServerHelloDone\nChangeCipherSpec\nencrypted handshake\npart of a record\n";
        assert_eq!(drawn(&tls(&flight), 0), expected);
    }
}
