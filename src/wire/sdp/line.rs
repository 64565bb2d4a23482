//! Lines, and a cursor over the words of one line that knows its offset, its clause and the field being read.

use super::Mode;
use crate::wire::{ErrorKind, ParseError, Protocol};

/// Boxed, because an error is several times as large as what the hot path returns.
pub(super) type Parsed<T> = Result<T, Box<ParseError>>;

/// Octets of RFC 8866's `token`.
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0x21;
    while octet <= 0x7E {
        table[octet] = !matches!(octet as u8, b'"' | b'(' | b')' | b',' | b'/' | b':'..=b'@' | b'['..=b']');
        octet += 1;
    }
    table
};

/// True for an octet of RFC 8866's `token`.
pub(super) const fn is_token_octet(octet: u8) -> bool {
    TOKEN[octet as usize]
}

/// How many octets of RFC 8866's `token` stand at the start.
#[inline]
fn token_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|&octet| !is_token_octet(octet)).unwrap_or(bytes.len())
}

/// True for an octet of RFC 8866's `non-ws-string`.
pub(super) const fn is_visible(octet: u8) -> bool {
    octet > b' ' && octet != 0x7F
}

/// Where the first octet stands that is not above `LAST` and is `wanted`. Words and lines are mostly shorter than what a call of
/// `memchr` is worth: eight octets a step, inlined, cost less.
#[inline]
fn find_low<const LAST: u8>(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + first_low::<LAST>(bytes.get(from..)?)?;
        if bytes.get(at).is_some_and(|&octet| wanted(octet)) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Where the first octet stands that is not above `LAST`, or is no ASCII: to ask for less would cost more.
#[inline]
fn first_low<const LAST: u8>(bytes: &[u8]) -> Option<usize> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        // The top bit of each octet that borrows; a borrow can only spoil octets above the first, which is the one looked for.
        let low = u64::from_le_bytes(*word).wrapping_sub(EACH * (LAST as u64 + 1)) & (EACH << 7);
        if low != 0 {
            return Some(bytes.len() - rest.len() + low.trailing_zeros() as usize / 8);
        }
        rest = after;
    }
    rest.iter().position(|octet| !(LAST + 1..0x80).contains(octet)).map(|at| bytes.len() - rest.len() + at)
}

/// A piece of a line and where it starts in the input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) offset: usize,
}

impl<'a> Word<'a> {
    /// The parts before and after the first `separator`, which is ASCII.
    #[inline]
    pub(super) fn split_once(self, separator: u8) -> Option<(Self, Self)> {
        let at = memchr::memchr(separator, self.text.as_bytes())?;
        let after = self.text.get(at + 1..).unwrap_or_default();
        let before = self.text.get(..at).unwrap_or_default();
        Some((Word { text: before, offset: self.offset }, Word { text: after, offset: self.offset + at + 1 }))
    }

    /// The parts before and after the first `:`; none after it when there is none. In [`Mode::Rfc`] the first part must be a token.
    #[inline(always)]
    pub(super) fn split_name(
        self,
        mode: Mode,
        field: &'static str,
        clause: &'static str,
    ) -> Parsed<(Self, Option<Self>)> {
        let Self { text, offset } = self;
        let length = match mode {
            Mode::Rfc => token_length(text.as_bytes()),
            Mode::H248 => memchr::memchr(b':', text.as_bytes()).unwrap_or(text.len()),
        };
        if length == 0 {
            let kind = text.bytes().next().filter(|&octet| octet != b':');
            return Err(error_at(
                offset,
                kind.map_or(ErrorKind::Expected(field), ErrorKind::InvalidOctet),
                field,
                clause,
            ));
        }
        let Some((name, rest)) = text.split_at_checked(length) else { return Ok((self, None)) };
        match rest.as_bytes() {
            [] => Ok((self, None)),
            [b':', ..] => {
                let value = rest.get(1..).unwrap_or_default();
                Ok((Self { text: name, offset }, Some(Self { text: value, offset: offset + length + 1 })))
            }
            [octet, ..] => Err(error_at(offset + length, ErrorKind::InvalidOctet(*octet), field, clause)),
        }
    }

    /// True when this is `$` and `mode` gives it a meaning.
    pub(super) fn is_choose(self, mode: Mode) -> bool {
        mode == Mode::H248 && self.text.trim_ascii() == "$"
    }
}

/// The unread part of one line's value.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
    offset: usize,
    field: &'static str,
    clause: &'static str,
    pub(super) mode: Mode,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a line's value, for the grammar's element `field`.
    #[inline]
    pub(super) const fn new(value: Word<'a>, mode: Mode, field: &'static str, clause: &'static str) -> Self {
        Self { rest: value.text, offset: value.offset, field, clause, mode }
    }

    /// Everything left, not consumed.
    pub(super) const fn rest(&self) -> Word<'a> {
        Word { text: self.rest, offset: self.offset }
    }

    /// An error where the cursor stands.
    #[inline]
    pub(super) fn error(&self, kind: ErrorKind) -> Box<ParseError> {
        self.error_at(self.offset, kind)
    }

    /// An error at a place already read.
    #[inline]
    pub(super) fn error_at(&self, offset: usize, kind: ErrorKind) -> Box<ParseError> {
        error_at(offset, kind, self.field, self.clause)
    }

    /// True when the line holds no more words.
    #[inline]
    pub(super) fn at_end(&self) -> bool {
        match self.mode {
            Mode::Rfc => self.rest.is_empty(),
            Mode::H248 => self.rest.bytes().all(is_blank),
        }
    }

    /// The word that starts here, and names what is read for errors.
    #[inline]
    pub(super) fn word(&mut self, field: &'static str) -> Parsed<Word<'a>> {
        self.field = field;
        self.skip_spare_blanks();
        let h248 = self.mode == Mode::H248;
        let length = find_low::<b' '>(self.rest.as_bytes(), |octet| octet == b' ' || (h248 && octet == b'\t'));
        let length = length.unwrap_or(self.rest.len());
        if length == 0 {
            return Err(self.no_word());
        }
        Ok(self.take_octets(length))
    }

    /// The word that starts here as RFC 8866's `token`.
    #[inline]
    pub(super) fn token_word(&mut self, field: &'static str) -> Parsed<&'a str> {
        self.field = field;
        self.skip_spare_blanks();
        let bytes = self.rest.as_bytes();
        let length = token_length(bytes);
        if length > 0 && matches!(bytes.get(length), None | Some(b' ')) {
            return Ok(self.take_octets(length).text);
        }
        let word = self.word(field)?;
        self.token(word)
    }

    /// The token after a separator.
    #[inline]
    pub(super) fn next_token(&mut self, field: &'static str) -> Parsed<&'a str> {
        self.separator(field)?;
        self.token_word(field)
    }

    #[cold]
    fn no_word(&self) -> Box<ParseError> {
        self.error(match self.rest.is_empty() {
            true => ErrorKind::UnexpectedEnd(self.field),
            false => ErrorKind::Expected(self.field),
        })
    }

    /// The word after a separator: one space, or in H.248 any run of blanks.
    #[inline]
    pub(super) fn next_word(&mut self, field: &'static str) -> Parsed<Word<'a>> {
        self.separator(field)?;
        self.word(field)
    }

    /// The separator before `field`, consumed.
    #[inline]
    pub(super) fn separator(&mut self, field: &'static str) -> Parsed<()> {
        self.field = field;
        if self.at_end() {
            return Err(self.error(ErrorKind::UnexpectedEnd(field)));
        }
        match self.mode {
            Mode::Rfc => self.advance(usize::from(self.rest.starts_with(' '))),
            Mode::H248 => self.skip_spare_blanks(),
        }
        Ok(())
    }

    /// The word that starts here, in which quoted strings may hold blanks.
    pub(super) fn quoted_word(&mut self, field: &'static str) -> Parsed<Word<'a>> {
        self.skip_spare_blanks();
        let start = self.rest();
        let mut word = self.word(field)?;
        let (mut quoted, mut escaped, mut length) = (false, false, 0);
        for octet in start.text.bytes() {
            match octet {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b' ' if !quoted => break,
                b'\t' if !quoted && self.mode == Mode::H248 => break,
                _ => {}
            }
            length += 1;
        }
        if quoted {
            return Err(self.error_at(start.offset + length, ErrorKind::UnexpectedEnd("a closing quote")));
        }
        self.advance(length.saturating_sub(word.text.len()));
        word.text = start.text.get(..length).unwrap_or_default();
        Ok(word)
    }

    /// The next word, if the line holds one.
    #[inline]
    pub(super) fn optional_word(&mut self, field: &'static str) -> Parsed<Option<Word<'a>>> {
        if self.at_end() { Ok(None) } else { self.next_word(field).map(Some) }
    }

    /// Everything left, blanks included.
    #[inline]
    pub(super) fn take_rest(&mut self) -> Word<'a> {
        self.take_octets(self.rest.len())
    }

    /// Everything left, of which RFC 8866 wants at least one octet.
    #[inline]
    pub(super) fn text(&mut self) -> Parsed<&'a str> {
        if self.rest.is_empty() && self.mode == Mode::Rfc {
            return Err(self.error(ErrorKind::UnexpectedEnd(self.field)));
        }
        Ok(self.take_rest().text)
    }

    /// What `parse` makes of all of the line.
    #[inline]
    pub(super) fn whole<T>(mut self, parse: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let value = parse(&mut self)?;
        self.finish()?;
        Ok(value)
    }

    /// Nothing may be left, or in H.248 only blanks.
    #[inline]
    pub(super) fn finish(&self) -> Parsed<()> {
        if self.at_end() { Ok(()) } else { Err(self.error(ErrorKind::Trailing)) }
    }

    /// `word` as RFC 8866's `token`.
    #[inline]
    pub(super) fn token(&self, word: Word<'a>) -> Parsed<&'a str> {
        self.run_of(word, is_token_octet)
    }

    /// `word` as decimal digits alone.
    pub(super) fn digits(&self, word: Word<'a>) -> Parsed<&'a str> {
        self.run_of(word, |octet| octet.is_ascii_digit())
    }

    /// `word` as one or more octets that satisfy `allowed`.
    #[inline]
    pub(super) fn run_of(&self, word: Word<'a>, allowed: impl Fn(u8) -> bool) -> Parsed<&'a str> {
        match word.text.bytes().position(|octet| !allowed(octet)) {
            Some(at) => Err(self.invalid_octet(word, at)),
            None if word.text.is_empty() => Err(self.error_at(word.offset, ErrorKind::Expected(self.field))),
            None => Ok(word.text),
        }
    }

    /// `word` as a decimal number within bounds.
    pub(super) fn number(&self, word: Word<'a>, min: u64, max: u64) -> Parsed<u64> {
        let mut value = Some(0_u64);
        for (at, octet) in word.text.bytes().enumerate() {
            let digit = octet.wrapping_sub(b'0');
            if digit > 9 {
                return Err(self.invalid_octet(word, at));
            }
            value = value.and_then(|value| value.checked_mul(10)?.checked_add(u64::from(digit)));
        }
        if word.text.is_empty() {
            return Err(self.error_at(word.offset, ErrorKind::Expected(self.field)));
        }
        value
            .filter(|value| (min..=max).contains(value))
            .ok_or_else(|| self.error_at(word.offset, ErrorKind::OutOfRange { min, max }))
    }

    /// The error for the octet at `at` within `word`.
    pub(super) fn invalid_octet(&self, word: Word<'a>, at: usize) -> Box<ParseError> {
        let octet = word.text.as_bytes().get(at).copied().unwrap_or_default();
        self.error_at(word.offset + at, ErrorKind::InvalidOctet(octet))
    }

    /// Blanks that H.248 tolerates where RFC 8866 has none.
    #[inline]
    fn skip_spare_blanks(&mut self) {
        if self.mode == Mode::H248 {
            self.advance(self.rest.bytes().take_while(|&octet| is_blank(octet)).count());
        }
    }

    #[inline]
    fn advance(&mut self, count: usize) {
        self.take_octets(count);
    }

    #[inline]
    fn take_octets(&mut self, count: usize) -> Word<'a> {
        let mut word = self.rest();
        if let Some((text, rest)) = self.rest.split_at_checked(count) {
            word.text = text;
            self.rest = rest;
        } else {
            self.rest = "";
        }
        self.offset += count;
        word
    }
}

const fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

/// One `letter=value` line.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    letter: u8,
    value: Word<'a>,
}

/// The lines of an input, with one line of look-ahead.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    /// What follows the line ahead.
    rest: &'a str,
    /// Octets of the input before `rest`.
    position: usize,
    pub(super) mode: Mode,
    ahead: Option<Line<'a>>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(octets: &'a [u8], mode: Mode) -> Parsed<Self> {
        let rest = std::str::from_utf8(octets).map_err(|error| {
            // RFC 8866 5: UTF-8 unless `a=charset` names another set, which nobody does.
            error_at(error.valid_up_to(), ErrorKind::Unsupported("text that is not UTF-8"), "byte-string", "RFC 8866 5")
        })?;
        let mut lines = Self { rest, position: 0, mode, ahead: None };
        lines.advance()?;
        Ok(lines)
    }

    /// The letter of the next line.
    pub(super) fn letter(&self) -> Option<u8> {
        self.ahead.map(|line| line.letter)
    }

    /// Octets from the start of the input to the next line.
    pub(super) fn offset(&self) -> usize {
        self.ahead.map_or(self.position, |line| line.value.offset - 2)
    }

    /// Octets after the next line.
    pub(super) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The value of the next line, consumed, if it has this letter.
    #[inline]
    pub(super) fn take(&mut self, letter: u8) -> Parsed<Option<Word<'a>>> {
        match self.ahead {
            Some(Line { letter: found, value }) if found == letter => {
                self.advance()?;
                Ok(Some(value))
            }
            _ => Ok(None),
        }
    }

    /// An error where the next line starts.
    pub(super) fn error(&self, kind: ErrorKind, field: &'static str, clause: &'static str) -> Box<ParseError> {
        error_at(self.offset(), kind, field, clause)
    }

    /// Moves the next line ahead.
    fn advance(&mut self) -> Parsed<()> {
        if self.mode == Mode::H248 {
            // Blanks before a line, and lines without anything else.
            let rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
            self.position += self.rest.len() - rest.len();
            self.rest = rest;
        }
        let bytes = self.rest.as_bytes();
        if bytes.is_empty() {
            self.ahead = None;
            return Ok(());
        }
        let stop = find_low::<b'\r'>(bytes, |octet| matches!(octet, b'\n' | b'\r' | 0)).unwrap_or(bytes.len());
        let end = match bytes.get(stop) {
            Some(b'\n') => stop + 1,
            Some(b'\r') if bytes.get(stop + 1) == Some(&b'\n') => stop + 2,
            // H.248.1 B.2: EOL is CR, LF or CRLF.
            Some(b'\r') if self.mode == Mode::H248 => stop + 1,
            None => stop,
            Some(octet) => return Err(self.invalid_octet(stop, *octet)),
        };
        let [letter, b'=', ..] = bytes else { return Err(self.no_line()) };
        let Some(text) = self.rest.get(2..stop) else { return Err(self.no_line()) };
        let Some(rest) = self.rest.get(end..) else { return Err(self.no_line()) };
        self.ahead = Some(Line { letter: *letter, value: Word { text, offset: self.position + 2 } });
        self.rest = rest;
        self.position += end;
        Ok(())
    }

    #[cold]
    fn no_line(&self) -> Box<ParseError> {
        error_at(self.position, ErrorKind::Expected("a line type=value"), "type", "RFC 8866 5")
    }

    #[cold]
    fn invalid_octet(&self, at: usize, octet: u8) -> Box<ParseError> {
        error_at(self.position + at, ErrorKind::InvalidOctet(octet), "byte-string", "RFC 8866 9")
    }
}

#[cold]
fn error_at(offset: usize, kind: ErrorKind, field: &'static str, clause: &'static str) -> Box<ParseError> {
    Box::new(ParseError { protocol: Protocol::Sdp, offset, kind, field, clause })
}
