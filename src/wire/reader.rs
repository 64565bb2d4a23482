//! A cursor over octets that knows its offset. Nothing else in this layer indexes a slice from a peer.

use super::{ErrorKind, ParseError, Protocol};

/// A position in borrowed octets.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    octets: &'a [u8],
    position: usize,
    protocol: Protocol,
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `octets`.
    pub const fn new(protocol: Protocol, octets: &'a [u8]) -> Self {
        Self { octets, position: 0, protocol }
    }

    /// Octets from the start of the input to the cursor.
    pub const fn offset(&self) -> usize {
        self.position
    }

    /// Everything, read or not.
    pub const fn input(&self) -> &'a [u8] {
        self.octets
    }

    /// What is left to read.
    pub fn rest(&self) -> &'a [u8] {
        self.octets.get(self.position..).unwrap_or_default()
    }

    /// True when nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.position >= self.octets.len()
    }

    /// The next octet, not consumed.
    pub fn peek(&self) -> Option<u8> {
        self.octets.get(self.position).copied()
    }

    /// The octet `ahead` places after the next, not consumed.
    pub fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.octets.get(self.position.saturating_add(ahead)).copied()
    }

    /// Consumes one octet.
    pub fn take_octet(&mut self) -> Option<u8> {
        let octet = self.peek()?;
        self.position += 1;
        Some(octet)
    }

    /// Moves on by `count` octets, at most to the end.
    pub fn advance(&mut self, count: usize) {
        self.position = self.position.saturating_add(count).min(self.octets.len());
    }

    /// Goes back (or forward) to an offset taken from [`Reader::offset`].
    pub fn seek(&mut self, offset: usize) {
        self.position = offset.min(self.octets.len());
    }

    /// Consumes `octet` if it is next.
    pub fn eat(&mut self, octet: u8) -> bool {
        let found = self.peek() == Some(octet);
        self.position += usize::from(found);
        found
    }

    /// Consumes `literal` if it is next.
    pub fn eat_slice(&mut self, literal: &[u8]) -> bool {
        let found = self.rest().starts_with(literal);
        self.position += if found { literal.len() } else { 0 };
        found
    }

    /// Consumes `count` octets, or nothing when fewer are left.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..count)?;
        self.position += count;
        Some(taken)
    }

    /// Consumes the longest run of octets that satisfy `wanted`.
    pub fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&octet| !wanted(octet)).unwrap_or(rest.len());
        self.position += length;
        rest.get(..length).unwrap_or_default()
    }

    /// The octets between an earlier offset and the cursor.
    pub fn since(&self, offset: usize) -> &'a [u8] {
        self.octets.get(offset..self.position).unwrap_or_default()
    }

    /// An error at the cursor.
    pub const fn error(&self, kind: ErrorKind, field: &'static str, clause: &'static str) -> ParseError {
        self.error_at(self.position, kind, field, clause)
    }

    /// An error at an earlier offset.
    pub const fn error_at(
        &self,
        offset: usize,
        kind: ErrorKind,
        field: &'static str,
        clause: &'static str,
    ) -> ParseError {
        ParseError { protocol: self.protocol, offset, kind, field, clause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_never_leaves_its_input() {
        let mut reader = Reader::new(Protocol::Sdp, b"ab");
        reader.advance(usize::MAX);
        assert_eq!((reader.offset(), reader.rest(), reader.peek(), reader.take_octet()), (2, &b""[..], None, None));
        reader.seek(9);
        assert_eq!(reader.offset(), 2);
        reader.seek(0);
        assert_eq!(reader.take(3), None);
        assert!(reader.eat_slice(b"ab") && reader.is_empty());
    }
}
