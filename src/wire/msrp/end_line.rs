//! The line that ends a frame, and the search for it in a body (RFC 4975 7.1, 9).
//!
//! `CRLF ------- transact-id flag CRLF`: the leading CRLF is not part of the body. The search is for the part that is the same in
//! every frame, so its cost does not depend on the peer's choice of transaction id; each hit is checked in constant time.

use std::sync::LazyLock;

use memchr::{memchr, memmem::Finder, memrchr};

use super::{ContinuationFlag, Ident};

/// Longest end-line with its leading CRLF.
pub(super) const LONGEST: usize = 2 + 7 + 32 + 1 + 2;

pub(super) const HYPHENS: &str = "-------";
const STEM: &[u8] = b"\r\n-------";
static STEM_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(STEM));

/// The flag of the end-line `line` (without CRLF), if it is this transaction's.
pub(super) fn read(line: &str, transaction_id: &Ident<'_>) -> Option<ContinuationFlag> {
    let rest = line.strip_prefix(HYPHENS)?.strip_prefix(transaction_id.as_str())?;
    match rest.as_bytes() {
        [flag] => ContinuationFlag::of(*flag),
        _ => None,
    }
}

/// What stands at the start of some octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// No end-line.
    No,
    /// Perhaps one: the octets are too few to tell.
    Partial,
    /// An end-line of that many octets.
    Whole(ContinuationFlag, usize),
}

/// Looks for this transaction's end-line, leading CRLF included, at the very start of `octets`.
pub(super) fn at_start(transaction_id: &[u8], octets: &[u8]) -> Match {
    let mut rest = octets;
    for part in [STEM, transaction_id] {
        match rest.split_at_checked(part.len()) {
            Some((start, after)) if start == part => rest = after,
            None if part.starts_with(rest) => return Match::Partial,
            _ => return Match::No,
        }
    }
    let Some((flag, after)) = rest.split_first() else { return Match::Partial };
    let Some(flag) = ContinuationFlag::of(*flag) else { return Match::No };
    match after {
        [] | [b'\r'] => Match::Partial,
        [b'\r', b'\n', ..] => Match::Whole(flag, STEM.len() + transaction_id.len() + 3),
        _ => Match::No,
    }
}

/// The first whole stem. Most bodies hold few CRs, which are found several times faster than a string: the first ones are tried one by one.
/// Where they crowd, the search is for all of the stem, whose cost does not depend on the body.
fn find_stem(octets: &[u8]) -> Option<usize> {
    const TRIES: usize = 8;
    let mut from = 0;
    for _ in 0..TRIES {
        let at = from + memchr(b'\r', octets.get(from..)?)?;
        if octets.get(at..)?.starts_with(STEM) {
            return Some(at);
        }
        from = at + 1;
    }
    STEM_FINDER.find(octets.get(from..)?).map(|at| from + at)
}

/// The first place in `octets` where this transaction's end-line stands, or may stand once more octets are there.
/// The place is where the body ends; without one it is the length of `octets`.
pub(super) fn find(transaction_id: &[u8], octets: &[u8]) -> (usize, Match) {
    let mut from = 0;
    while let Some(at) = find_stem(octets.get(from..).unwrap_or_default()) {
        let at = from + at;
        match at_start(transaction_id, octets.get(at..).unwrap_or_default()) {
            Match::No => from = at + STEM.len(),
            found => return (at, found),
        }
    }
    // A stem cut off by the end of the octets starts at their last CR: it has no other.
    let tail = octets.len().saturating_sub(STEM.len() - 1).max(from);
    if let Some(at) = memrchr(b'\r', octets.get(tail..).unwrap_or_default()) {
        let at = tail + at;
        if octets.get(at..).is_some_and(|rest| STEM.starts_with(rest)) {
            return (at, Match::Partial);
        }
    }
    (octets.len(), Match::No)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: ContinuationFlag = ContinuationFlag::Last;

    #[test]
    fn only_this_transactions_end_line_on_a_line_of_its_own_counts() {
        for (octets, expected) in [
            (&b"x\r\n-------abcd$\r\n"[..], (1, Match::Whole(LAST, 16))),
            (b"\r\n-------abcde$\r\n\r\n-------abcd+\r\n", (17, Match::Whole(ContinuationFlag::More, 16))),
            (b"-------abcd$\r\n", (12, Match::Partial)),
            (b"x-------abcd$\r\n!", (16, Match::No)),
            (b"\r\n-------abc$\r\n!", (16, Match::No)),
            (b"\r\n-------abcd!\r\n!", (17, Match::No)),
            (b"\r\n-------abcd$\rx", (16, Match::No)),
            (b"\r\r\n-------abcd#\r\n", (1, Match::Whole(ContinuationFlag::Aborted, 16))),
            (b"\r\n--------abcd$\r\n", (15, Match::Partial)),
        ] {
            assert_eq!(find(b"abcd", octets), expected, "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn a_transaction_id_that_ends_in_a_flag_is_told_from_its_prefix() {
        assert_eq!(find(b"abcd", b"\r\n-------abcd+$\r\n!").1, Match::No);
        assert_eq!(find(b"abcd+", b"\r\n-------abcd+$\r\n").1, Match::Whole(LAST, 17));
        assert_eq!(find(b"abcd+", b"\r\n-------abcd+\r\n!").1, Match::No);
    }

    #[test]
    fn every_proper_prefix_of_an_end_line_is_partial() {
        let whole = b"body\r\n-------abcd$\r\n";
        for length in 5..whole.len() {
            assert_eq!(find(b"abcd", &whole[..length]), (4, Match::Partial), "{length}");
        }
        assert_eq!(find(b"abcd", whole), (4, Match::Whole(LAST, 16)));
    }
}
