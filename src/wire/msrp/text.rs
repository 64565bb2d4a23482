//! The character strings of the grammar, as types that cannot hold anything else.

use std::{borrow::Cow, fmt};

use super::{ErrorKind, ParseError, fault};

const fn is_token_octet(octet: u8) -> bool {
    matches!(octet, 0x21 | 0x23..=0x27 | b'*' | b'+' | b'-' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | 0x5E..=0x7E)
}

/// The first octet of `text` that `allowed` refuses.
pub(super) fn refused(text: &str, allowed: impl Fn(u8) -> bool) -> Option<(usize, ErrorKind)> {
    let at = text.bytes().position(|octet| !allowed(octet))?;
    Some((at, ErrorKind::InvalidOctet(text.as_bytes().get(at).copied().unwrap_or_default())))
}

fn check_ident(text: &str) -> Result<(), (usize, ErrorKind)> {
    let octets = text.as_bytes();
    match octets.first() {
        Some(first) if !first.is_ascii_alphanumeric() => return Err((0, ErrorKind::InvalidOctet(*first))),
        _ => {}
    }
    let ident_octet = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'+' | b'%' | b'=');
    match refused(text, ident_octet) {
        Some(refusal) => Err(refusal),
        None if octets.len() > 32 => Err((32, ErrorKind::TooLong { limit: 32 })),
        None if octets.len() < 4 => Err((octets.len(), ErrorKind::Expected("an ident of 4 to 32 characters"))),
        None => Ok(()),
    }
}

fn check_token(text: &str) -> Result<(), (usize, ErrorKind)> {
    match refused(text, is_token_octet) {
        Some(refusal) => Err(refusal),
        None if text.is_empty() => Err((0, ErrorKind::Expected("a token"))),
        None => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), (usize, ErrorKind)> {
    refused(text, |octet| octet == b'\t' || (octet >= b' ' && octet != 0x7F)).map_or(Ok(()), Err)
}

fn check_content_type(text: &str) -> Result<(), (usize, ErrorKind)> {
    let essence = text.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t']);
    let slash = essence.find('/').ok_or((essence.len(), ErrorKind::Expected("type \"/\" subtype")))?;
    check_token(essence.get(..slash).unwrap_or_default())?;
    check_token(essence.get(slash + 1..).unwrap_or_default()).map_err(|(at, kind)| (slash + 1 + at, kind))?;
    check_text(text)
}

macro_rules! grammar_strings {
    ($($(#[$doc:meta])* $name:ident, $field:literal, $check:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
