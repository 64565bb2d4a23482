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

/// True for an octet of RFC 8866's `non-ws-string`.
pub(super) const fn is_visible(octet: u8) -> bool {
    octet > b' ' && octet != 0x7F
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

    /// Names the grammar's element and the clause that errors from here on cite.
    #[inline]
    pub(super) const fn reading(&mut self, field: &'static str, clause: &'static str) {
        self.field = field;
        self.clause = clause;
    }

    /// An error where the cursor stands.
    pub(super) fn error(&self, kind: ErrorKind) -> Box<ParseError> {
        self.error_at(self.offset, kind)
    }

    /// An error at a place already read.
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
        let bytes = self.rest.as_bytes();
        let length = match self.mode {
            Mode::Rfc => memchr::memchr(b' ', bytes),
            Mode::H248 => memchr::memchr2(b' ', b'\t', bytes),
        }
        .unwrap_or(bytes.len());
        if length == 0 {
            return Err(self.error(match self.rest.is_empty() {
                true => ErrorKind::UnexpectedEnd(field),
                false => ErrorKind::Expected(field),
            }));
        }
        let word = Word { text: self.rest.get(..length).unwrap_or_default(), offset: self.offset };
        self.advance(length);
        Ok(word)
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
        let word = Word { text: self.rest, offset: self.offset };
        self.advance(self.rest.len());
        word
    }

    /// Everything left, of which RFC 8866 wants at least one octet.
    pub(super) fn text(&mut self) -> Parsed<&'a str> {
        if self.rest.is_empty() && self.mode == Mode::Rfc {
            return Err(self.error(ErrorKind::UnexpectedEnd(self.field)));
        }
        Ok(self.take_rest().text)
    }

    /// Nothing may be left, or in H.248 only blanks.
    pub(super) fn finish(&self) -> Parsed<()> {
        if self.at_end() { Ok(()) } else { Err(self.error(ErrorKind::Trailing)) }
    }

    /// Splits the line at its first `:`: what stands before it, and the cursor moved behind it. In [`Mode::Rfc`] the
    /// first part must be a token.
    #[inline]
    pub(super) fn split_name(&mut self) -> Parsed<(Word<'a>, bool)> {
        let bytes = self.rest.as_bytes();
        let end = match self.mode {
            Mode::Rfc => bytes.iter().position(|&octet| !is_token_octet(octet)),
            Mode::H248 => memchr::memchr(b':', bytes),
        };
        let length = end.unwrap_or(bytes.len());
        let has_value = match bytes.get(length) {
            None => false,
            Some(b':') => true,
            Some(&octet) => {
                return Err(error_at(self.offset + length, ErrorKind::InvalidOctet(octet), self.field, self.clause));
            }
        };
        if length == 0 {
            return Err(self.error(ErrorKind::Expected(self.field)));
        }
        let name = Word { text: self.rest.get(..length).unwrap_or_default(), offset: self.offset };
        self.advance(length + usize::from(has_value));
        Ok((name, has_value))
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
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.offset += count;
    }
}

const fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

/// One `letter=value` line.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    letter: u8,
    /// Where the letter stands.
    offset: usize,
    value: Word<'a>,
}

/// The lines of an input, with one line of look-ahead.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    position: usize,
    pub(super) mode: Mode,
    ahead: Option<Line<'a>>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(octets: &'a [u8], mode: Mode) -> Parsed<Self> {
        let text = std::str::from_utf8(octets).map_err(|error| {
            // RFC 8866 5: UTF-8 unless `a=charset` names another set, which nobody does.
            error_at(error.valid_up_to(), ErrorKind::Unsupported("text that is not UTF-8"), "byte-string", "RFC 8866 5")
        })?;
        let mut lines = Self { text, position: 0, mode, ahead: None };
        lines.advance()?;
        Ok(lines)
    }

    /// The letter of the next line.
    pub(super) fn letter(&self) -> Option<u8> {
        self.ahead.map(|line| line.letter)
    }

    /// Octets from the start of the input to the next line.
    pub(super) fn offset(&self) -> usize {
        self.ahead.map_or(self.text.len(), |line| line.offset)
    }

    /// The value of the next line, consumed, if it has this letter.
    #[inline]
    pub(super) fn take(&mut self, letter: u8) -> Parsed<Option<Word<'a>>> {
        match self.ahead {
            Some(Line { letter: found, value, .. }) if found == letter => {
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

    fn advance(&mut self) -> Parsed<()> {
        self.ahead = loop {
            if self.position >= self.text.len() {
                break None;
            }
            let start = self.position;
            let line = self.next_line()?;
            let blanks = match self.mode {
                Mode::Rfc => 0,
                Mode::H248 => line.bytes().take_while(|&octet| is_blank(octet)).count(),
            };
            let offset = start + blanks;
            match line.as_bytes().get(blanks..).unwrap_or_default() {
                [letter, b'=', ..] => {
                    let rest = line.get(blanks + 2..).unwrap_or_default();
                    let value = Word { text: rest, offset: offset + 2 };
                    break Some(Line { letter: *letter, offset, value });
                }
                [] if self.mode == Mode::H248 => {}
                _ => return Err(error_at(offset, ErrorKind::Expected("a line type=value"), "type", "RFC 8866 5")),
            }
        };
        Ok(())
    }

    /// The octets up to the next end of line, which is consumed.
    fn next_line(&mut self) -> Parsed<&'a str> {
        let rest = self.text.get(self.position..).unwrap_or_default();
        let bytes = rest.as_bytes();
        let Some(stop) = memchr::memchr3(b'\n', b'\r', 0, bytes) else {
            self.position = self.text.len();
            return Ok(rest);
        };
        let end = match (bytes.get(stop), bytes.get(stop + 1)) {
            (Some(b'\n'), _) => 1,
            (Some(b'\r'), Some(b'\n')) => 2,
            // H.248.1 B.2: EOL is CR, LF or CRLF.
            (Some(b'\r'), _) if self.mode == Mode::H248 => 1,
            (octet, _) => {
                let octet = octet.copied().unwrap_or_default();
                let kind = ErrorKind::InvalidOctet(octet);
                return Err(error_at(self.position + stop, kind, "byte-string", "RFC 8866 9"));
            }
        };
        self.position += stop + end;
        Ok(rest.get(..stop).unwrap_or_default())
    }
}

#[cold]
fn error_at(offset: usize, kind: ErrorKind, field: &'static str, clause: &'static str) -> Box<ParseError> {
    Box::new(ParseError { protocol: Protocol::Sdp, offset, kind, field, clause })
}
