//! `a=floorid`: a floor and the streams it controls.

use crate::wire::{
    ErrorKind,
    sdp::{
        line::{Cursor, Parsed},
        owned,
    },
};
use std::{borrow::Cow, fmt};

/// `a=floorid` (RFC 8856 5.4). `m-stream:`, as RFC 4583's own examples spell it, is read; `mstrm:` is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct FloorId<'a> {
    /// A token that should hold a floor id.
    pub floor: Cow<'a, str>,
    /// Labels (`a=label`, RFC 4574) of the media the floor controls.
    pub streams: Vec<Cow<'a, str>>,
}

impl<'a> FloorId<'a> {
    /// The id a BFCP attribute can carry (16 bits), if the token is one.
    pub fn number(&self) -> Option<u16> {
        self.floor.parse().ok()
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> FloorId<'static> {
        FloorId { floor: owned(self.floor), streams: self.streams.into_iter().map(owned).collect() }
    }

    pub(super) fn parse(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        let word = cursor.word("floorid")?;
        let floor = cursor.token(word)?.into();
        let mut streams = Vec::new();
        if let Some(first) = cursor.optional_word("mstrm")? {
            let label = match first.split_once(b':') {
                Some((keyword, label)) if matches!(keyword.text, "mstrm" | "m-stream") => label,
                _ => return Err(cursor.error_at(first.offset, ErrorKind::Expected("mstrm:"))),
            };
            streams.push(cursor.token(label)?.into());
            while let Some(word) = cursor.optional_word("mstrm")? {
                streams.push(cursor.token(word)?.into());
            }
        }
        Ok(Self { floor, streams })
    }
}

impl fmt::Display for FloorId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.floor)?;
        for (index, stream) in self.streams.iter().enumerate() {
            write!(f, " {}{stream}", if index == 0 { "mstrm:" } else { "" })?;
        }
        Ok(())
    }
}
