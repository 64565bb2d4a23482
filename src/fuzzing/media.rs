//! Fuzz bodies for what flows on bearers, and for TPKT.

use crate::rules::msrp_chunks::{Progress, Reassembly};
use crate::wire::{
    Framed, ParseError,
    bfcp::{self, Payload},
    msrp::{self, Event, Framer, Limits},
    tls_record::{self, Alert, ClientHello, ContentType, Handshake, HandshakeType, ServerHello, Speaker},
    tpkt,
};

/// MSRP: a frame that reads is written and read equal; an error points into the input; a stream says the same whole, octet by octet and in uneven pieces; no framer
/// holds more than a head; chunks join to no more than arrived.
pub fn msrp_framing(octets: &[u8]) {
    let read = msrp::parse(octets);
    if let Err(error) = read {
        assert!(error.offset <= octets.len(), "{error} is outside the input");
    }
    if let Ok(Framed::Complete(frame, length)) = read {
        assert!(length <= octets.len());
        let written = msrp::encode(&frame);
        assert_eq!(msrp::parse(&written), Ok(Framed::Complete(frame.clone(), written.len())));
        let mut reassembly = Reassembly::default();
        let body = frame.body.unwrap_or_default();
        match reassembly.accept(&frame.head, body, frame.flag) {
            Ok(Progress::Complete(whole)) => assert_eq!(whole, body),
            Ok(Progress::Partial) => assert_eq!(reassembly.held(), body.len()),
            Ok(Progress::Aborted) | Err(_) => assert_eq!(reassembly.held(), 0),
        }
    }
    // The first octets choose the sizes of the uneven pieces, so that one input is one case.
    let sizes: Vec<usize> = octets.iter().take(7).map(|octet| usize::from(octet % 61) + 1).collect();
    let limits = Limits { head: 4096 };
    let whole = msrp_events(std::iter::once(octets), limits);
    assert_eq!(msrp_events(octets.chunks(1), limits), whole);
    let mut rest = octets;
    let uneven = sizes.iter().cycle().map_while(|size| {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    });
    assert_eq!(msrp_events(uneven, limits), whole);
}

/// One line for each head and end, the octets of all bodies, and the error that ended the stream.
fn msrp_events<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    limits: Limits,
) -> (Vec<String>, Vec<u8>, Option<ParseError>) {
    let (mut framer, mut lines, mut bodies) = (Framer::new(limits), Vec::new(), Vec::new());
    for mut input in pieces {
        loop {
            match framer.next(&mut input) {
                Ok(Some(Event::BodyPart(part))) => bodies.extend_from_slice(part),
                Ok(Some(event)) => lines.push(format!("{} {event:?}", bodies.len())),
                Ok(None) => break,
                Err(error) => return (lines, bodies, Some(error)),
            }
        }
        assert!(input.is_empty() && framer.held() <= limits.head);
    }
    (lines, bodies, None)
}

/// BFCP: a message that reads is written octet for octet, and every attribute written anew reads equal; an error points into the input.
pub fn bfcp_frame(octets: &[u8]) {
    let (message, length) = match bfcp::parse(octets) {
        Ok(Framed::Complete(message, length)) => (message, length),
        Ok(Framed::Incomplete(missing)) => return assert!(missing > 0),
        Err(error) => return assert!(error.offset <= octets.len(), "{error} is outside the input"),
    };
    assert_eq!(Some(&bfcp::encode(&message)[..]), octets.get(..length));
    if let Payload::Attributes(attributes) = message.payload {
        let Ok(list) = bfcp::AttributeList::of(attributes) else { panic!("read, and too long to write") };
        assert!(list.view().iter().eq(attributes.iter()));
        assert_eq!(list.view().octets().len(), attributes.octets().len());
    }
}

/// TLS records: what is framed is written octet for octet, hellos and alerts never break, and more octets never turn the judgement on who
/// speaks first.
pub fn tls_record(octets: &[u8]) {
    let mut rest = octets;
    while let Ok(Framed::Complete(record, length)) = tls_record::parse(rest) {
        let mut written = Vec::new();
        tls_record::encode_into(&record, &mut written);
        assert_eq!(Some(&written[..]), rest.get(..length));
        if record.content_type == ContentType::Alert {
            let _ = Alert::parse(record.fragment).map(|alert| alert.to_string());
        }
        hello(record.fragment);
        rest = rest.get(length..).unwrap_or_default();
    }
    hello(octets);
    let mut known = Speaker::Unsure;
    for length in 0..=octets.len().min(64) {
        let now = tls_record::speaker(octets.get(..length).unwrap_or_default());
        assert!(known == Speaker::Unsure || now == known, "{known:?} became {now:?}");
        known = now;
    }
}

fn hello(octets: &[u8]) {
    let Framed::Complete(message, _) = Handshake::parse(octets) else { return };
    match message.kind {
        HandshakeType::ClientHello => {
            if let Ok(hello) = ClientHello::parse(message.body) {
                assert!(hello.versions().count() <= 128 && hello.cipher_suites().count() > 0);
                let _ = hello.server_name();
            }
        }
        HandshakeType::ServerHello => {
            let _ = ServerHello::parse(message.body).map(|hello| hello.version());
        }
        HandshakeType::Other(_) => {}
    }
}

/// TPKT: packets are written as they are read, but for the reserved octet.
pub fn tpkt(octets: &[u8]) {
    let mut rest = octets;
    while let Ok(Framed::Complete(payload, length)) = tpkt::parse(rest) {
        let mut written = Vec::new();
        assert_eq!(tpkt::encode_into(payload, &mut written), Ok(()));
        assert_eq!(tpkt::parse(&written), Ok(Framed::Complete(payload, length)));
        rest = rest.get(length..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the corpus is files")]

    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// Every file of a protocol's corpus.
    fn corpus(protocol: &str) -> Vec<Vec<u8>> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora").join(protocol);
        ["valid", "invalid"]
            .iter()
            .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn bodies_hold_on_any_octets(octets in vec(any::<u8>(), 0..200)) {
            for body in [msrp_framing, bfcp_frame, tls_record, tpkt] {
                body(&octets);
            }
        }

        #[test]
        fn bodies_hold_on_octets_that_start_like_tls(
            first in (20..25_u8, 0..5_u8, 0..5_u8), octets in vec(any::<u8>(), 0..80), lengths in any::<(u8, u8)>(),
        ) {
            let mut input = vec![first.0, 3, first.1, 0, lengths.0, first.2, 0, 0, lengths.1];
            input.extend(octets);
            tls_record(&input);
            tls_record(input.get(5..).unwrap_or_default());
        }

        #[test]
        fn bodies_hold_on_spliced_frames(picks in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4)) {
            let files = corpus("msrp");
            let part = |(file, end): &(prop::sample::Index, prop::sample::Index)| {
                let file = &files[file.index(files.len())];
                file[..end.index(file.len() + 1)].to_vec()
            };
            msrp_framing(&picks.iter().flat_map(part).collect::<Vec<u8>>());
        }
    }
}
