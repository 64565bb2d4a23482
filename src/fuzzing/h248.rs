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
