//! The pen: punctuation, keywords and sanitised text, in the style asked for.

use super::{
    Style,
    decoder::{is_quotable, is_safe},
    token::Token,
};

/// The text encoder.
pub(super) struct Encoder {
    pub(super) out: Vec<u8>,
    style: Style,
    depth: usize,
    /// No item was written yet inside the innermost braces.
    fresh: bool,
    random: u64,
}

impl Encoder {
    pub(super) fn new(style: Style) -> Self {
        let random = if let Style::Spelling(seed) = style { seed } else { 0 };
        Self { out: Vec::with_capacity(512), style, depth: 0, fresh: true, random }
    }

    /// SplitMix64: the next number below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    const fn is_spelling(&self) -> bool {
        matches!(self.style, Style::Spelling(_))
    }

    const fn is_pretty(&self) -> bool {
        matches!(self.style, Style::Pretty)
    }

    /// An order in which to write `N` parts whose order is free.
    pub(super) fn order<const N: usize>(&mut self) -> [usize; N] {
        let mut order = std::array::from_fn(|index| index);
        if self.is_spelling() {
            for index in (1..N).rev() {
                let other = self.below(index as u64 + 1) as usize;
                order.swap(index, other);
            }
        }
        order
    }

    /// LWSP where the grammar allows it and nobody needs it.
    pub(super) fn gap(&mut self) {
        if self.is_spelling() {
            match self.below(12) {
                0 => self.out.extend(b" "),
                1 => self.out.extend(b"\r\n\t"),
                2 => self.out.extend(b"\n"),
                3 => self.out.extend(b" ;{,\" comment }\r"),
                _ => {}
            }
        }
    }

    /// White space inside an octet string's brace, where a `;` would be data.
    pub(super) fn white(&mut self) {
        if self.is_spelling() {
            let white: &[u8] = if self.below(2) == 0 { b"\r\n" } else { b"" };
            self.out.extend(white);
        }
    }

    /// SEP: LWSP that has to be there.
    pub(super) fn separator(&mut self) {
        self.out.push(if self.is_pretty() { b'\n' } else { b' ' });
        self.gap();
    }

    /// Between two transactions: nothing is needed unless the first has no closing brace.
    pub(super) fn between(&mut self, needed: bool) {
        if needed || self.is_pretty() { self.separator() } else { self.gap() }
    }

    fn line(&mut self) {
        self.out.push(b'\n');
        for _ in 0..self.depth {
            self.out.extend(b"  ");
        }
    }

    /// `{`
    pub(super) fn open(&mut self) {
        self.gap();
        if self.is_pretty() {
            self.out.push(b' ');
        }
        self.out.push(b'{');
        self.depth += 1;
        self.fresh = true;
        self.gap();
    }

    /// Goes before every item inside braces.
    pub(super) fn item(&mut self) {
        if !std::mem::replace(&mut self.fresh, false) {
            self.punctuation(b',');
        }
        if self.is_pretty() {
            self.line();
        }
    }

    /// `}`
    pub(super) fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.is_pretty() && !self.fresh {
            self.line();
        }
        self.punctuation(b'}');
        self.fresh = false;
    }

    /// One character of punctuation that has LWSP on both sides.
    pub(super) fn punctuation(&mut self, octet: u8) {
        self.gap();
        self.out.push(octet);
        self.gap();
    }

    /// `=`
    pub(super) fn equals(&mut self) {
        if self.is_pretty() {
            self.out.extend(b" = ");
        } else {
            self.punctuation(b'=');
        }
    }

    /// A keyword.
    pub(super) fn token(&mut self, token: Token) {
        match self.style {
            Style::Compact => self.out.extend(token.short().as_bytes()),
            Style::Pretty => self.out.extend(token.long().as_bytes()),
            Style::Spelling(_) => {
                let word = if self.below(2) == 0 { token.short() } else { token.long() };
                self.any_case(word.as_bytes());
            }
        }
    }

    /// `keyword = keyword`
    pub(super) fn token_is(&mut self, token: Token, value: Token) {
        self.token(token);
        self.equals();
        self.token(value);
    }

    /// `keyword = number`
    pub(super) fn number_is(&mut self, token: Token, value: impl Into<u32>) {
        self.token(token);
        self.equals();
        self.number(value);
    }

    fn any_case(&mut self, word: &[u8]) {
        let how = self.below(6);
        for &octet in word {
            let upper = match how {
                0 => false,
                1 => true,
                2 => self.below(2) == 0,
                _ => octet.is_ascii_uppercase(),
            };
            self.out.push(if upper { octet.to_ascii_uppercase() } else { octet.to_ascii_lowercase() });
        }
    }

    /// A number in decimal.
    pub(super) fn number(&mut self, number: impl Into<u32>) {
        let mut rest = number.into();
        let mut digits = [0_u8; 10];
        let mut count = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        self.out.extend(digits.get(10 - count..).unwrap_or_default());
    }

    /// The last eight digits of a number.
    pub(super) fn digits(&mut self, number: u32) {
        let mut rest = number;
        let mut digits = [0_u8; 8];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.out.extend(digits);
    }

    /// Text that is already legal.
    pub(super) fn text(&mut self, text: &str) {
        self.out.extend(text.as_bytes());
    }

    /// A name of at most 64 characters: octets outside `legal` become `_`, a first one outside `first` becomes `x`.
    fn sanitised(&mut self, text: &str, first: impl Fn(u8) -> bool, legal: impl Fn(u8) -> bool) {
        let octets = text.as_bytes();
        let octets = octets.get(..64).unwrap_or(octets);
        match octets.split_first() {
            Some((&head, tail)) if first(head) && tail.iter().all(|&octet| legal(octet)) => {
                if self.is_spelling() {
                    self.any_case(octets)
                } else {
                    self.out.extend(octets)
                }
            }
            Some((&head, tail)) => {
                self.out.push(if first(head) { head } else { b'x' });
                self.out.extend(tail.iter().map(|&octet| if legal(octet) { octet } else { b'_' }));
            }
            None => self.out.push(b'x'),
        }
    }

    /// A NAME of the ABNF, or `*`.
    pub(super) fn name(&mut self, name: &str) {
        if name == "*" {
            self.out.push(b'*');
        } else {
            self.sanitised(
                name,
                |octet| octet.is_ascii_alphabetic(),
                |octet| octet.is_ascii_alphanumeric() || octet == b'_',
            );
        }
    }

    /// A path.
    pub(super) fn path(&mut self, path: &str) {
        self.sanitised(path, super::parameter::begins_path, super::parameter::is_path);
    }

    /// A domain name.
    pub(super) fn domain(&mut self, name: &str) {
        self.sanitised(name, |o| o.is_ascii_alphanumeric(), |o| o.is_ascii_alphanumeric() || o == b'-' || o == b'.');
    }

    /// An extension name: any run of safe characters.
    pub(super) fn extension(&mut self, name: &str) {
        self.sanitised(name, is_safe, is_safe);
    }

    /// A quoted string.
    pub(super) fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        if text.bytes().all(is_quotable) {
            self.out.extend(text.as_bytes());
        } else {
            self.out.extend(text.chars().map(|c| u8::try_from(c).ok().filter(|&o| is_quotable(o)).unwrap_or(b'?')));
        }
        self.out.push(b'"');
    }

    /// An octet string and its braces: `}` is escaped, NUL dropped, and a final `\` kept from escaping the brace.
    pub(super) fn octet_string(&mut self, octets: &[u8]) {
        self.gap();
        self.text(if self.is_pretty() { " {\n" } else { "{" });
        self.white();
        if memchr::memchr2(b'}', 0, octets).is_none() {
            self.out.extend(octets);
        } else {
            for &octet in octets.iter().filter(|&&octet| octet != 0) {
                if octet == b'}' {
                    self.out.push(b'\\');
                }
                self.out.push(octet);
            }
        }
        if octets.last() == Some(&b'\\') {
            self.out.extend(b"\r\n");
        }
        self.out.push(b'}');
        self.gap();
        self.fresh = false;
    }
}
