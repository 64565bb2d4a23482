//! The cursor over text: white space, words, numbers, punctuation.

use super::{Leniency, token::Token};
use crate::wire::{ErrorKind, ParseError, Protocol, Reader};

/// What most of this decoder cites.
pub(super) const ABNF: &str = "H.248.1 B.2";

/// A value, or the first fault.
pub(super) type Parsed<T> = Result<T, ParseError>;

const SAFE: u8 = 1;
const WHITE: u8 = 2;
const TEXT: u8 = 4;
/// What LWSP begins with: WSP, EOL, or the `;` of a comment.
const GAP: u8 = 32;
/// What names are made of.
pub(super) const NAME: u8 = 8;
/// What paths are made of, their domain part aside.
pub(super) const PATH: u8 = 16;

/// Character classes of B.2: SafeChar; WSP and EOL; what quoted strings and comments hold (comments `"` besides).
static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut octet = 0x20;
    while octet < 0x7F {
        class[octet] = TEXT;
        octet += 1;
    }
    let safe = b"+-&!_/'?@^`~*$\\()%|.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut index = 0;
    while index < safe.len() {
        class[safe[index] as usize] |= SAFE;
        index += 1;
    }
    let mut octet = 0;
    while octet < 0x7F {
        if (octet as u8).is_ascii_alphanumeric() {
            class[octet] |= NAME | PATH;
        }
        octet += 1;
    }
    class[b'_' as usize] |= NAME | PATH;
    class[b'/' as usize] |= PATH;
    class[b'*' as usize] |= PATH;
    class[b'$' as usize] |= PATH;
    class[b'"' as usize] = 0;
    class[b'\t' as usize] = TEXT | WHITE | GAP;
    class[b' ' as usize] = TEXT | WHITE | GAP;
    class[b'\r' as usize] = WHITE | GAP;
    class[b'\n' as usize] = WHITE | GAP;
    class[b';' as usize] |= GAP;
    class
};

/// True if `octet` is of one of the classes in `class`.
pub(super) fn is(octet: u8, class: u8) -> bool {
    CLASS[usize::from(octet)] & class != 0
}

/// Length of the run of octets of `class` in front of `octets`. Most of the time of a decode goes by in here.
fn run(octets: &[u8], class: u8) -> usize {
    let (fours, rest) = octets.as_chunks::<4>();
    for (index, octets) in fours.iter().enumerate() {
        if let Some(at) = octets.iter().position(|&octet| !is(octet, class)) {
            return index * 4 + at;
        }
    }
    fours.len() * 4 + rest.iter().take_while(|&&octet| is(octet, class)).count()
}

/// SafeChar of B.2.
pub(super) fn is_safe(octet: u8) -> bool {
    is(octet, SAFE)
}

/// What a quoted string may hold.
pub(super) fn is_quotable(octet: u8) -> bool {
    is(octet, TEXT)
}

/// The text decoder. Between two calls the cursor stands on something that is neither white space nor comment, unless the
/// call says `raw`.
pub(super) struct Decoder<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) leniency: Leniency,
    /// The whole input when it is UTF-8, so that not every word has to be looked through again.
    text: Option<&'a str>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(octets: &'a [u8], leniency: Leniency) -> Self {
        Self { reader: Reader::new(Protocol::H248, octets), leniency, text: std::str::from_utf8(octets).ok() }
    }

    /// A second cursor, to look ahead.
    pub(super) const fn ahead(&self) -> Self {
        Self { reader: self.reader, leniency: self.leniency, text: self.text }
    }

    /// Skips LWSP; true if there was any. A comment that no line end closes, or with foreign octets, is left standing.
    #[inline]
    pub(super) fn lwsp(&mut self) -> bool {
        // Compact messages have none after nearly every word.
        match self.reader.peek() {
            Some(octet) if is(octet, GAP) => self.some_lwsp(),
            _ => false,
        }
    }

    fn some_lwsp(&mut self) -> bool {
        let start = self.reader.offset();
        loop {
            self.reader.advance(run(self.reader.rest(), WHITE));
            if self.reader.peek() != Some(b';') || !self.comment() {
                return self.reader.offset() > start;
            }
        }
    }

    fn comment(&mut self) -> bool {
        let start = self.reader.offset();
        self.reader.advance(1);
        self.reader.take_while(|octet| is(octet, TEXT) || octet == b'"');
        let closed = match self.reader.peek() {
            Some(b'\r' | b'\n') => true,
            None => self.leniency.unterminated_comment,
            _ => false,
        };
        if !closed {
            self.reader.seek(start);
        }
        closed
    }

    /// An error at the cursor: the end of input, a foreign octet, or something else than `what`.
    #[cold]
    pub(super) fn expected(&self, what: &'static str, field: &'static str) -> ParseError {
        let kind = match self.reader.peek() {
            None => ErrorKind::UnexpectedEnd(what),
            Some(octet) if is(octet, TEXT | WHITE) || octet == b'"' => ErrorKind::Expected(what),
            Some(octet) => ErrorKind::InvalidOctet(octet),
        };
        self.reader.error(kind, field, ABNF)
    }

    /// An error at an earlier place.
    #[cold]
    pub(super) const fn fault(&self, at: usize, kind: ErrorKind, field: &'static str) -> ParseError {
        self.reader.error_at(at, kind, field, ABNF)
    }

    /// Offset of the cursor.
    pub(super) const fn at(&self) -> usize {
        self.reader.offset()
    }

    /// 1*SafeChar, nothing skipped after it.
    #[inline]
    pub(super) fn raw_word(&mut self, what: &'static str, field: &'static str) -> Parsed<&'a str> {
        let start = self.at();
        let word = self.reader.take(run(self.reader.rest(), SAFE)).unwrap_or_default();
        if word.is_empty() {
            return Err(self.expected(what, field));
        }
        Ok(self.str_from(start, word))
    }

    /// `octets`, which begin at `start` and are ASCII, as text.
    pub(super) fn str_from(&self, start: usize, octets: &'a [u8]) -> &'a str {
        match self.text {
            Some(text) => text.get(start..start + octets.len()).unwrap_or_default(),
            None => std::str::from_utf8(octets).unwrap_or_default(),
        }
    }

    /// 1*SafeChar, then LWSP.
    pub(super) fn word(&mut self, what: &'static str, field: &'static str) -> Parsed<&'a str> {
        let word = self.raw_word(what, field)?;
        self.lwsp();
        Ok(word)
    }

    /// The word at the cursor, not consumed.
    pub(super) fn peek_word(&self) -> &'a str {
        let mut ahead = self.reader;
        self.str_from(self.at(), ahead.take(run(ahead.rest(), SAFE)).unwrap_or_default())
    }

    /// A keyword, one of many.
    pub(super) fn token(&mut self, what: &'static str, field: &'static str) -> Parsed<(Token, usize)> {
        let at = self.at();
        let word = self.word(what, field)?;
        Token::find(word).map(|token| (token, at)).ok_or_else(|| self.fault(at, ErrorKind::Expected(what), field))
    }

    /// True if punctuation `octet` is next.
    pub(super) fn sees(&self, octet: u8) -> bool {
        self.reader.peek() == Some(octet)
    }

    /// Punctuation `octet` and LWSP, if it is next.
    #[inline]
    pub(super) fn eat(&mut self, octet: u8) -> bool {
        let found = self.reader.eat(octet);
        if found {
            self.lwsp();
        }
        found
    }

    /// Punctuation `octet`, then LWSP.
    pub(super) fn expect(&mut self, octet: u8, field: &'static str) -> Parsed<()> {
        if self.eat(octet) {
            return Ok(());
        }
        let what = match octet {
            b'{' => "`{`",
            b'}' => "`}`",
            b'[' => "`[`",
            b']' => "`]`",
            b'=' => "`=`",
            b':' => "`:`",
            b'>' => "`>`",
            _ => "`,`",
        };
        Err(self.expected(what, field))
    }

    /// `{ item , item … }`, at least one.
    pub(super) fn braces(&mut self, field: &'static str, mut item: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        self.expect(b'{', field)?;
        loop {
            item(self)?;
            if !self.eat(b',') {
                return self.close(b'}', field);
            }
        }
    }

    /// The end of a list: `closing`, where a comma could have stood too.
    pub(super) fn close(&mut self, closing: u8, field: &'static str) -> Parsed<()> {
        if self.eat(closing) {
            return Ok(());
        }
        Err(self.expected(if closing == b'}' { "`,` or `}`" } else { "`,` or `]`" }, field))
    }

    /// `= word` as a decimal number.
    pub(super) fn equals_number(&mut self, max: u32, field: &'static str) -> Parsed<u32> {
        self.expect(b'=', field)?;
        let at = self.at();
        let word = self.word("a number", field)?;
        self.number(word, at, max, field)
    }

    /// `= word` as a number of 16 bits.
    pub(super) fn equals_u16(&mut self, field: &'static str) -> Parsed<u16> {
        // `max` bounds the number, so the conversion never falls back.
        self.equals_number(u32::from(u16::MAX), field).map(|number| u16::try_from(number).unwrap_or(u16::MAX))
    }

    /// `word`, found at `at`, as a decimal number from 0 to `max`, with no more digits than `max` has.
    pub(super) fn number(&self, word: &str, at: usize, max: u32, field: &'static str) -> Parsed<u32> {
        let digits = word.as_bytes();
        let mut wide = 0_u64;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return Err(self.fault(at, ErrorKind::Expected("a number"), field));
            }
            wide = wide.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        }
        if digits.is_empty() {
            return Err(self.fault(at, ErrorKind::Expected("a number"), field));
        }
        let most = max.checked_ilog10().unwrap_or(0) as usize + 1;
        match u32::try_from(wide) {
            Ok(number) if number <= max && digits.len() <= most => Ok(number),
            _ => Err(self.fault(at, ErrorKind::OutOfRange { min: 0, max: u64::from(max) }, field)),
        }
    }

    /// Fills `slot`, which was to be filled once.
    pub(super) fn once<T>(&self, slot: &mut Option<T>, value: T, at: usize, field: &'static str) -> Parsed<()> {
        if slot.replace(value).is_some() {
            return Err(self.fault(at, ErrorKind::Duplicate, field));
        }
        Ok(())
    }

    /// Sets `flag`, which was to be set once.
    pub(super) fn flag(&self, flag: &mut bool, at: usize, field: &'static str) -> Parsed<()> {
        if std::mem::replace(flag, true) {
            return Err(self.fault(at, ErrorKind::Duplicate, field));
        }
        Ok(())
    }
}
