//! How a stream is cut into the pieces its parser is fed.

use std::{num::ParseIntError, str::FromStr};

/// The longest piece of a random split, in octets.
const LONGEST: u64 = 64;

/// Where a stream is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Split {
    /// Nowhere.
    #[default]
    Whole,
    /// After every octet.
    Bytewise,
    /// Into pieces of 1 to 64 octets, the same for the same seed.
    Seed(u64),
}

impl FromStr for Split {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "whole" => Self::Whole,
            "bytewise" => Self::Bytewise,
            seed => Self::Seed(seed.parse()?),
        })
    }
}

impl Split {
    /// The pieces of `octets`, in order, none of them empty.
    pub(super) fn pieces(self, octets: &[u8]) -> impl Iterator<Item = &[u8]> {
        let mut state = if let Self::Seed(seed) = self { seed } else { 0 };
        let mut rest = octets;
        std::iter::from_fn(move || {
            let length = match self {
                Self::Whole => rest.len(),
                Self::Bytewise => 1,
                Self::Seed(_) => {
                    // The generator and the multiplier of Knuth's MMIX; its high bits are the good ones.
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    usize::try_from((state >> 33) % LONGEST + 1).unwrap_or(1)
                }
            };
            let (piece, after) = rest.split_at(length.min(rest.len()));
            rest = after;
            (!piece.is_empty()).then_some(piece)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_to_the_stream() {
        let octets: Vec<u8> = (0..=u8::MAX).collect();
        for (split, pieces) in [("whole", Some(1)), ("bytewise", Some(256)), ("7", None), ("0", None)] {
            let split: Split = split.parse().unwrap();
            assert_eq!(split.pieces(&octets).flatten().copied().collect::<Vec<u8>>(), octets);
            assert!(pieces.is_none_or(|count| split.pieces(&octets).count() == count));
        }
        assert!("sometimes".parse::<Split>().is_err());
    }

    #[test]
    fn a_seed_always_cuts_the_same_way_and_another_one_differently() {
        let lengths = |seed| Split::Seed(seed).pieces(&[0; 999]).map(<[u8]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(3), lengths(3));
        assert_ne!(lengths(3), lengths(4));
    }
}
