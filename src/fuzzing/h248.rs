//! H.248 text.

use crate::wire::h248;

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
