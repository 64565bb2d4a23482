//! Sequences of attributes: as received, and being written (RFC 4582 5.2).

use std::fmt;

use super::{Attribute, ErrorKind, ParseError, Value, fault};

const CLAUSE: &str = "RFC 4582 5.2";

/// Attributes as octets that are known to be valid. Iterating costs no allocation and cannot fail.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributes<'a>(pub(super) &'a [u8]);

impl<'a> Attributes<'a> {
    /// The attributes in order.
    pub const fn iter(&self) -> AttributesIter<'a> {
        AttributesIter { rest: self.0 }
    }

    /// The octets, padding included.
    pub const fn octets(&self) -> &'a [u8] {
        self.0
    }

    /// True when there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks attributes, nested ones too, that start `offset` octets into the input.
    pub(super) fn checked(octets: &'a [u8], mut offset: usize) -> Result<Self, ParseError> {
        let mut rest = octets;
        while !rest.is_empty() {
            let (attribute, after) = read_one(rest, offset)?;
            if let Some(nested) = attribute.value.nested() {
                // An attribute has at most 255 octets and a group takes four of them: at most 63 levels.
                Self::checked(nested.0, offset + 4)?;
            }
            offset += rest.len() - after.len();
            rest = after;
        }
        Ok(Self(octets))
    }
}

impl fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for Attributes<'a> {
    type Item = Attribute<'a>;
    type IntoIter = AttributesIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Iterator over [`Attributes`].
#[derive(Debug, Clone)]
pub struct AttributesIter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for AttributesIter<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (attribute, after) = read_one(self.rest, 0).ok()?;
        self.rest = after;
        Some(attribute)
    }
}

/// Reads the attribute at the start of `octets`; returns what comes after it and its padding.
fn read_one(octets: &[u8], offset: usize) -> Result<(Attribute<'_>, &[u8]), ParseError> {
    let [first, length, ..] = *octets else {
        return Err(fault(offset + octets.len(), ErrorKind::UnexpectedEnd("an attribute header"), "attribute", CLAUSE));
    };
    let length = usize::from(length);
    if length < 2 {
        return Err(fault(offset + 1, ErrorKind::OutOfRange { min: 2, max: 255 }, "Length", CLAUSE));
    }
    let Some(value) = octets.get(2..length) else {
        let kind = ErrorKind::Contradiction("the attribute is longer than what holds it");
        return Err(fault(offset + 1, kind, "Length", CLAUSE));
    };
    let Some(after) = octets.get(length.next_multiple_of(4)..) else {
        return Err(fault(offset + octets.len(), ErrorKind::UnexpectedEnd("padding"), "attribute", CLAUSE));
    };
    let value = Value::read(first >> 1, value, offset)?;
    Ok((Attribute { mandatory: first & 1 == 1, value }, after))
}

/// An attribute of more than 255 octets, or a payload of more than 65 535 words, cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("longer than the length field can say")]
pub struct TooLong;

/// Attributes being written. A group takes the [view](AttributeList::view) of its own list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AttributeList(Vec<u8>);

impl AttributeList {
    /// No attributes yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// A list of these attributes.
    pub fn of<'a>(attributes: impl IntoIterator<Item = Attribute<'a>>) -> Result<Self, TooLong> {
        let mut list = Self::new();
        attributes.into_iter().try_for_each(|attribute| list.push(attribute))?;
        Ok(list)
    }

    /// Appends an attribute; on error the list is as before.
    pub fn push(&mut self, attribute: Attribute<'_>) -> Result<(), TooLong> {
        let start = self.0.len();
        self.0.extend_from_slice(&[attribute.value.kind() << 1 | u8::from(attribute.mandatory), 0]);
        attribute.value.write(|part| self.0.extend_from_slice(part));
        let length = self.0.len() - start;
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        let fits = self.0.len() <= usize::from(u16::MAX) * 4;
        match (u8::try_from(length), self.0.get_mut(start + 1)) {
            (Ok(length), Some(field)) if fits => *field = length,
            _ => {
                self.0.truncate(start);
                return Err(TooLong);
            }
        }
        Ok(())
    }

    /// What was written so far.
    pub fn view(&self) -> Attributes<'_> {
        Attributes(&self.0)
    }
}
