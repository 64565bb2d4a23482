//! TPKT (RFC 1006 6): packets on a TCP stream, as H.248 uses them (H.248.1 Annex D.2).
//!
//! Four octets of header: version 3, a reserved octet, and the length of the packet, header included. Nothing here panics.
//!
//! ```
//! use gatecheck::wire::{Framed, tpkt};
//!
//! let mut octets = Vec::new();
//! tpkt::encode_into(b"MEGACO/2", &mut octets)?;
//! assert_eq!(tpkt::parse(&octets), Ok(Framed::Complete(&b"MEGACO/2"[..], 12)));
//! # Ok::<(), tpkt::TooLong>(())
//! ```

use super::{ErrorKind, Framed, ParseError, Protocol};

const CLAUSE: &str = "RFC 1006 6";
const HEADER: u16 = 4;

/// Longest payload in octets.
pub const LONGEST_PAYLOAD: usize = (u16::MAX - HEADER) as usize;

/// Reads the packet at the start of `octets` and returns its payload. The reserved octet is ignored, as reserved octets are.
///
/// # Errors
/// A version other than 3, or a length below that of the header; seen as soon as its octets are there.
pub fn parse(octets: &[u8]) -> Result<Framed<&[u8]>, ParseError> {
    let fault = |offset, kind, field| Err(ParseError { protocol: Protocol::Tpkt, offset, kind, field, clause: CLAUSE });
    if octets.first().is_some_and(|version| *version != 3) {
        return fault(0, ErrorKind::OutOfRange { min: 3, max: 3 }, "vrsn");
    }
    let Some((&[_, _, high, low], rest)) = octets.split_first_chunk() else {
        return Ok(Framed::Incomplete(usize::from(HEADER) - octets.len()));
    };
    let packet = u16::from_be_bytes([high, low]);
    let Some(length) = packet.checked_sub(HEADER) else {
        return fault(2, ErrorKind::OutOfRange { min: HEADER.into(), max: u16::MAX.into() }, "packet length");
    };
    let length = usize::from(length);
    Ok(match rest.get(..length) {
        Some(payload) => Framed::Complete(payload, usize::from(packet)),
        None => Framed::Incomplete(length - rest.len()),
    })
}

/// The payload has more than [`LONGEST_PAYLOAD`] octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("longer than a TPKT packet can be")]
pub struct TooLong;

/// Appends `payload` as one packet; on error nothing is appended.
pub fn encode_into(payload: &[u8], out: &mut Vec<u8>) -> Result<(), TooLong> {
    let length = u16::try_from(payload.len()).ok().and_then(|length| length.checked_add(HEADER)).ok_or(TooLong)?;
    out.extend_from_slice(&[3, 0]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(payload);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_out_one_by_one_and_never_before_they_are_whole() {
        let mut stream = Vec::new();
        for payload in [&b""[..], b"a", &[7; LONGEST_PAYLOAD]] {
            stream.clear();
            encode_into(payload, &mut stream).unwrap();
            assert_eq!(parse(&stream), Ok(Framed::Complete(payload, stream.len())));
            for cut in [0, 1, 3, stream.len() - 1] {
                let missing = if cut < 4 { 4 - cut } else { stream.len() - cut };
                assert_eq!(parse(&stream[..cut]), Ok(Framed::Incomplete(missing)));
            }
        }
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        for (octets, offset) in [(&[2][..], 0), (&[3, 0, 0, 3], 2), (b"MEGACO", 0)] {
            assert_eq!(parse(octets).map_err(|e| e.offset), Err(offset));
        }
        assert_eq!(parse(&[3, 9, 0, 4]), Ok(Framed::Complete(&[][..], 4)));
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let mut out = Vec::new();
        assert_eq!(encode_into(&[0; LONGEST_PAYLOAD + 1], &mut out), Err(TooLong));
        assert!(out.is_empty());
    }
}
