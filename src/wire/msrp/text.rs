//! The character strings of the grammar, as types that cannot hold anything else.

use std::{borrow::Cow, fmt};

use super::{ErrorKind, ParseError, fault};

/// Sets of octets the grammar names; a table, because every octet of every head is looked up in it.
#[derive(Clone, Copy)]
pub(super) enum Octets {
    Ident = 1,
    Token = 2,
    Text = 4,
    SessionId = 8,
    /// RFC 3986 `reg-name`, without `%`, which two digits must follow, and without `;`: RFC 4975 ends the authority there.
    RegName = 16,
    Userinfo = 32,
    Alphanumeric = 64,
    Upper = 128,
}

static OCTETS: [u8; 256] = {
    let mut table = [0; 256];
    let mut octet: u8 = 0;
    loop {
        let alphanumeric = octet.is_ascii_alphanumeric();
        let unreserved = alphanumeric || matches!(octet, b'-' | b'.' | b'_' | b'~');
        let reg_name =
            unreserved || matches!(octet, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=');
        let token =
            matches!(octet, 0x21 | 0x23..=0x27 | b'*' | b'+' | b'-' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | 0x5E..=0x7E);
        let mut sets = 0;
        if alphanumeric || matches!(octet, b'.' | b'-' | b'+' | b'%' | b'=') {
            sets |= Octets::Ident as u8;
        }
        if token {
            sets |= Octets::Token as u8;
        }
        if octet == b'\t' || (octet >= b' ' && octet != 0x7F) {
            sets |= Octets::Text as u8;
        }
        if unreserved || matches!(octet, b'+' | b'=' | b'/') {
            sets |= Octets::SessionId as u8;
        }
        if reg_name {
            sets |= Octets::RegName as u8;
        }
        if reg_name || matches!(octet, b';' | b':') {
            sets |= Octets::Userinfo as u8;
        }
        if alphanumeric {
            sets |= Octets::Alphanumeric as u8;
        }
        if octet.is_ascii_uppercase() {
            sets |= Octets::Upper as u8;
        }
        table[octet as usize] = sets;
        if octet == u8::MAX {
            break table;
        }
        octet += 1;
    }
};

/// Where the run of `allowed` octets that starts at `from` ends.
#[inline]
pub(super) fn run(octets: &[u8], from: usize, allowed: Octets) -> usize {
    let rest = octets.get(from..).unwrap_or_default();
    let length = rest.iter().position(|octet| OCTETS[usize::from(*octet)] & allowed as u8 == 0).unwrap_or(rest.len());
    from + length
}

/// The first octet of `text` that is not one of `allowed`.
pub(super) fn refused(text: &str, allowed: Octets) -> Option<(usize, ErrorKind)> {
    let at = run(text.as_bytes(), 0, allowed);
    text.as_bytes().get(at).map(|octet| (at, ErrorKind::InvalidOctet(*octet)))
}

/// `text` without the spaces and tabs around it, and how many stood before it.
pub(super) fn trim(text: &str) -> (&str, usize) {
    let blank = |octet: &u8| matches!(octet, b' ' | b'\t');
    let before = text.bytes().take_while(|octet| blank(octet)).count();
    let rest = text.get(before..).unwrap_or_default();
    let after = rest.bytes().rev().take_while(|octet| blank(octet)).count();
    (rest.get(..rest.len() - after).unwrap_or_default(), before)
}

fn check_ident(text: &str) -> Result<(), (usize, ErrorKind)> {
    let octets = text.as_bytes();
    match octets.first() {
        Some(first) if !first.is_ascii_alphanumeric() => return Err((0, ErrorKind::InvalidOctet(*first))),
        _ => {}
    }
    match refused(text, Octets::Ident) {
        Some(refusal) => Err(refusal),
        None if octets.len() > 32 => Err((32, ErrorKind::TooLong { limit: 32 })),
        None if octets.len() < 4 => Err((octets.len(), ErrorKind::Expected("an ident of 4 to 32 characters"))),
        None => Ok(()),
    }
}

fn check_token(text: &str) -> Result<(), (usize, ErrorKind)> {
    match refused(text, Octets::Token) {
        Some(refusal) => Err(refusal),
        None if text.is_empty() => Err((0, ErrorKind::Expected("a token"))),
        None => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), (usize, ErrorKind)> {
    refused(text, Octets::Text).map_or(Ok(()), Err)
}

fn check_content_type(text: &str) -> Result<(), (usize, ErrorKind)> {
    let octets = text.as_bytes();
    let expected = |at, what| Err((at, ErrorKind::Expected(what)));
    let slash = run(octets, 0, Octets::Token);
    if slash == 0 {
        return expected(0, "a token");
    }
    if octets.get(slash) != Some(&b'/') {
        return expected(slash, "\"/\"");
    }
    let end = run(octets, slash + 1, Octets::Token);
    if end == slash + 1 {
        return expected(end, "a token");
    }
    let parameters = octets.get(end..).unwrap_or_default();
    match parameters.iter().find(|octet| !matches!(octet, b' ' | b'\t')) {
        None => Ok(()),
        Some(b';') => match run(octets, end, Octets::Text) {
            at if at == octets.len() => Ok(()),
            at => Err((at, ErrorKind::InvalidOctet(octets.get(at).copied().unwrap_or_default()))),
        },
        Some(_) => expected(end, "\";\""),
    }
}

macro_rules! grammar_strings {
    ($($(#[$doc:meta])* $name:ident, $field:literal, $check:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "target", derive(serde::Serialize))]
        pub struct $name<'a>(Cow<'a, str>);

        impl<'a> $name<'a> {
            /// Takes `text` if the grammar allows it; the error's offset counts from the start of `text`.
            pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, ParseError> {
                Self::read(text.into(), 0)
            }

            /// The same for text that stands `offset` octets into the input.
            pub(super) fn read(text: Cow<'a, str>, offset: usize) -> Result<Self, ParseError> {
                match $check(&text) {
                    Ok(()) => Ok(Self(text)),
                    Err((at, kind)) => Err(fault(offset + at, kind, $field)),
                }
            }

            /// The characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The same, independent of the input it was read from.
            pub fn into_owned(self) -> $name<'static> {
                $name(Cow::Owned(self.0.into_owned()))
            }
        }

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl PartialEq<str> for $name<'_> {
            fn eq(&self, other: &str) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<&str> for $name<'_> {
            fn eq(&self, other: &&str) -> bool {
                self.0 == **other
            }
        }
    )*};
}

grammar_strings! {
    /// A transaction id or Message-ID (`ident`): a letter or digit, then 3 to 31 of letters, digits and `.-+%=`. Case matters.
    Ident, "ident", check_ident;
    /// A `token`: header names, names of unknown methods.
    Token, "token", check_token;
    /// Free text (`utf8text`): no control characters but the tab. Comments, reasons, header values.
    Text, "utf8text", check_text;
    /// A `Content-Type` value: `type/subtype` and parameters, kept as written.
    ContentType, "Content-Type", check_content_type;
}

impl ContentType<'_> {
    /// `type/subtype` without the parameters.
    pub fn essence(&self) -> &str {
        self.0.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ident_has_4_to_32_characters_and_starts_with_a_letter_or_digit() {
        for good in ["abcd", "0.-+", "a%==", &"x".repeat(32)] {
            assert!(Ident::new(good).is_ok(), "{good}");
        }
        let kinds = |text: &str| Ident::new(text.to_owned()).map_err(|e| (e.offset, e.kind));
        assert_eq!(kinds(""), Err((0, ErrorKind::Expected("an ident of 4 to 32 characters"))));
        assert_eq!(kinds("abc"), Err((3, ErrorKind::Expected("an ident of 4 to 32 characters"))));
        assert_eq!(kinds(".abc"), Err((0, ErrorKind::InvalidOctet(b'.'))));
        assert_eq!(kinds("ab_cd"), Err((2, ErrorKind::InvalidOctet(b'_'))));
        assert_eq!(kinds(&"x".repeat(33)), Err((32, ErrorKind::TooLong { limit: 32 })));
    }

    #[test]
    fn text_cannot_smuggle_a_line() {
        assert!(Text::new("Zürich\tok").is_ok());
        assert_eq!(Text::new("a\r\nb").map_err(|e| e.offset), Err(1));
        assert!(Text::new("\u{7f}").is_err());
    }

    #[test]
    fn a_content_type_needs_type_and_subtype() {
        assert_eq!(
            ContentType::new("message/cpim ; x=\"y z\"").map(|c| c.essence().to_owned()),
            Ok("message/cpim".into())
        );
        for bad in ["text", "text/", "/plain", "te xt/plain", "text/plain;\r"] {
            assert!(ContentType::new(bad).is_err(), "{bad}");
        }
    }
}
