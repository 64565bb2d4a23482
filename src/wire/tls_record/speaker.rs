//! Who speaks first: a judgement on the first octets of a stream.

use super::{Alert, ContentType, record::parse};
use crate::wire::Framed;

/// What the first octets of one direction of a stream show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Too few octets to tell.
    Unsure,
    /// A TLS client: its ClientHello begins.
    Client,
    /// A TLS server: its ServerHello begins.
    Server,
    /// TLS that begins with an unprotected alert: a refusal.
    Alert(Alert),
    /// A TLS record that starts no session: octets from the middle of one, or a broken peer.
    OtherRecord(ContentType),
    /// Not TLS.
    Plain,
}

/// Judges the first octets that one side sent. Six suffice for a hello, seven for an alert.
///
/// MSRP, BFCP and TPKT are never mistaken for TLS: they begin with 0x4D, 0x20 to 0x5F, and 0x03.
pub fn speaker(octets: &[u8]) -> Speaker {
    let (content_type, fragment) = match parse(octets) {
        Err(_) => return Speaker::Plain,
        Ok(Framed::Complete(record, _)) => (record.content_type, record.fragment),
        // The record may be long in coming, its first octets are enough. The content type is checked: parse saw it.
        Ok(Framed::Incomplete(_)) => match octets {
            [22, _, _, _, _, fragment @ ..] => (ContentType::Handshake, fragment),
            [20, _, _, _, _, ..] => return Speaker::OtherRecord(ContentType::ChangeCipherSpec),
            [23, _, _, _, _, ..] => return Speaker::OtherRecord(ContentType::ApplicationData),
            _ => return Speaker::Unsure,
        },
    };
    match (content_type, fragment) {
        (ContentType::Handshake, []) => Speaker::Unsure,
        (ContentType::Handshake, [1, ..]) => Speaker::Client,
        (ContentType::Handshake, [2, ..]) => Speaker::Server,
        (ContentType::Alert, fragment) => {
            Alert::parse(fragment).map_or(Speaker::OtherRecord(content_type), Speaker::Alert)
        }
        _ => Speaker::OtherRecord(content_type),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_octets_tell_the_role() {
        for (octets, expected) in [
            (&[][..], Speaker::Unsure),
            (&[22, 3, 1, 2, 0], Speaker::Unsure),
            (&[22, 3, 1, 2, 0, 1], Speaker::Client),
            (&[22, 3, 3, 0, 90, 2], Speaker::Server),
            (&[22, 3, 3, 0, 90, 11], Speaker::OtherRecord(ContentType::Handshake)),
            (&[21, 3, 3, 0, 2], Speaker::Unsure),
            (
                &[21, 3, 3, 0, 2, 2, 70],
                Speaker::Alert(Alert { level: super::super::AlertLevel::Fatal, description: 70 }),
            ),
            (&[23, 3, 3, 0, 90], Speaker::OtherRecord(ContentType::ApplicationData)),
            (&[20, 3, 3, 0, 1, 1], Speaker::OtherRecord(ContentType::ChangeCipherSpec)),
            (b"MSRP abcd SEND", Speaker::Plain),
            (&[0x20, 11, 0, 0], Speaker::Plain),
            (&[3, 0, 0, 9], Speaker::Plain),
            (&[22, 3, 1, 0xFF, 0xFF, 1], Speaker::Plain),
        ] {
            assert_eq!(speaker(octets), expected, "{octets:02x?}");
        }
    }

    #[test]
    fn more_octets_never_change_the_role() {
        let hello = super::super::hello::tests::client_hello(&[]);
        let mut octets = vec![22, 3, 1, 0, hello.len() as u8 + 4, 1, 0, 0, hello.len() as u8];
        octets.extend(&hello);
        for cut in 6..=octets.len() {
            assert_eq!(speaker(&octets[..cut]), Speaker::Client, "{cut}");
        }
    }
}
