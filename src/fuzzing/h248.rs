//! H.248 text.

use crate::wire::{
    h248,
    sdp::{self, Mode},
};

/// RFC 8866 bodies: what is read survives being written, in canonical form and as owned values; errors point into the
/// input; what conforms is accepted inside H.248 too.
pub fn sdp_rfc(octets: &[u8]) {
    sdp_round_trip(octets, Mode::Rfc);
}

/// What H.248 carries in Local and Remote: as [`sdp_rfc`], in the relaxed grammar.
pub fn sdp_h248(octets: &[u8]) {
    sdp_round_trip(octets, Mode::H248);
}

/// What is read says the same once written and read again; the written form writes itself; an error points into the
/// input; what is owned equals what is borrowed.
fn sdp_round_trip(octets: &[u8], mode: Mode) {
    let descriptions = match sdp::parse(octets, mode) {
        Ok(descriptions) => descriptions,
        Err(error) => return assert!(error.offset <= octets.len(), "{error} is outside the input"),
    };
    let canonical = sdp::encode(&descriptions, mode);
    let again = sdp::parse(&canonical, mode);
    assert_eq!(again.as_ref(), Ok(&descriptions), "canonical form reads differently");
    assert_eq!(sdp::encode(again.as_deref().unwrap_or_default(), mode), canonical, "canonical form is no fixpoint");
    let owned: Vec<_> = descriptions.iter().cloned().map(sdp::SessionDescription::into_owned).collect();
    assert_eq!(owned, descriptions, "ownership changes the value");
    // A body RFC 8866 allows, with one medium at most, is also what H.248.1 7.1.8 allows, `$` aside.
    let single = descriptions.iter().all(|description| description.media.len() < 2);
    if mode == Mode::Rfc && single && !octets.contains(&b'$') {
        assert!(sdp::parse(octets, Mode::H248).is_ok(), "conformant SDP refused inside H.248");
    }
}

/// H.248 text: what parses is spelled in every style so that it reads back equal, the compact form is a fixpoint, and what
/// does not parse is answered by a message that does.
pub fn h248_text(octets: &[u8]) {
    let seed = octets.iter().fold(0_u64, |sum, octet| sum.rotate_left(5) ^ u64::from(*octet));
    match h248::parse(octets) {
        Ok(message) => {
            for style in [h248::Style::Compact, h248::Style::Pretty, h248::Style::Spelling(seed)] {
                let spelled = h248::encode(&message, style);
                let again = h248::parse(&spelled);
                assert_eq!(again.as_ref(), Ok(&message), "{style:?}: {}", spelled.escape_ascii());
            }
            let compact = h248::encode(&message, h248::Style::Compact);
            let again = h248::parse(&compact).map(|message| h248::encode(&message, h248::Style::Compact));
            assert_eq!(again.as_ref(), Ok(&compact));
            let owned = message.clone().into_owned();
            assert_eq!(owned, message);
        }
        Err(fault) => {
            assert!(fault.error.offset <= octets.len(), "{fault}");
            if let Some(answer) = fault.answer(h248::MId::domain("mg.example")) {
                let spelled = h248::encode(&answer, h248::Style::Compact);
                assert_eq!(h248::parse(&spelled).as_ref(), Ok(&answer));
            }
        }
    }
    // Whatever the lenient reader makes of it, the encoder writes something legal.
    if let Ok(message) = h248::parse_with(octets, &h248::Leniency::ALL) {
        let spelled = h248::encode(&message, h248::Style::Compact);
        assert!(h248::parse(&spelled).is_ok(), "{}", spelled.escape_ascii());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_octets_break_the_sdp_bodies(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            sdp_rfc(&octets);
            sdp_h248(&octets);
        }

        #[test]
        fn no_lines_break_the_sdp_bodies(lines in proptest::collection::vec(
            prop_oneof!["[vosiuepcbtrzkamx]=[ -~\t]{0,30}", "a=(setup|connection|fingerprint|path|accept-types|floorid|floorctrl):[ -~]{0,20}",
                "a=fingerprint:sha-1 [0-9a-fA-F:$]{0,12}", "m=(-|\\$|message) (\\$|9|9/2) (TCP|\\$|TCP/TLS/MSRP) [*$-]", "c=(IN|\\$) (IP4|IP6|\\$) [$0-9a-f:./]{1,12}",
                Just("v=0".to_owned()), Just("s=-".to_owned()), Just("t=0 0".to_owned()), Just("o=- 0 0 IN IP4 192.0.2.1".to_owned())],
            0..8,
        )) {
            let body = lines.join("\r\n");
            sdp_rfc(body.as_bytes());
            sdp_h248(body.as_bytes());
            sdp_rfc(format!("v=0\no=- 0 0 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n{body}").as_bytes());
        }
    }

    proptest! {
        #[test]
        fn no_tokens_break_the_h248_body(tokens in proptest::collection::vec(proptest::sample::select(vec![
            "{", "}", ",", "=", " ", "[", "]", ":", "#", "\"", "\\", ";\n", "$", "*", "1", "a", "a/b", "T=1{C=1{", "MF=a{", "M{", "ST=1{",
            "L{", "R{x}", "O{MO=SR}", "E=1{", "EM{", "SG", "SG{", "SL=1{", "AT{", "PR=1", "TP{a,b,OW", "OWB", "DM=", "T:1,", "(1)", "}}", "}}}}",
            "P=1{", "ER=400{}", "AV=C{", "CA{", "CT{", "CLT={1}", "N=a{OE=1{", "20260101T00000000", "SC=ROOT{SV{MT=RS,RE=\"9\"",
        ]), 0..16)) {
            h248_text(format!("!/3 <a> {}", tokens.concat()).as_bytes());
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the corpus is files")]
    fn every_h248_vector_passes_the_body() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/h248");
        let mut count = 0;
        for verdict in ["valid", "invalid"] {
            for entry in std::fs::read_dir(folder.join(verdict)).into_iter().flatten().flatten() {
                h248_text(&std::fs::read(entry.path()).unwrap_or_default());
                count += 1;
            }
        }
        assert!(count >= 250, "{count}");
    }
}
