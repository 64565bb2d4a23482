//! Lines to descriptions, in RFC 8866's order with one line of look-ahead.

use super::{
    Address, Attribute, Attributes, Bandwidth, Choosable, ConnectionData, MediaDescription, MediaKind, Mode, Origin,
    Port, Proto, SessionDescription, TimeDescription,
    line::{Cursor, Lines, Parsed, Word, is_visible},
};
use crate::wire::{ErrorKind, ParseError};
use std::borrow::Cow;

/// Reads the descriptions in `octets`: exactly one in [`Mode::Rfc`]; in [`Mode::H248`] the alternatives in falling
/// preference, none when the input is blank (H.248.1 7.1.8: the resources of that direction are released).
///
/// # Errors
/// The first fault: its octet offset, the field, and the clause of the line it stands in.
pub fn parse(octets: &[u8], mode: Mode) -> Result<Vec<SessionDescription<'_>>, ParseError> {
    descriptions(octets, mode).map_err(|error| *error)
}

fn descriptions(octets: &[u8], mode: Mode) -> Parsed<Vec<SessionDescription<'_>>> {
    let mut lines = Lines::new(octets, mode)?;
    let mut descriptions = Vec::with_capacity(1);
    while lines.letter().is_some() || (mode == Mode::Rfc && descriptions.is_empty()) {
        descriptions.push(session(&mut lines, descriptions.is_empty())?);
    }
    Ok(descriptions)
}

/// The one description of an RFC 8866 body.
pub(super) fn parse_rfc(octets: &[u8]) -> Result<SessionDescription<'_>, ParseError> {
    let description = Lines::new(octets, Mode::Rfc).and_then(|mut lines| session(&mut lines, true));
    description.map_err(|error| *error)
}

fn session<'a>(lines: &mut Lines<'a>, is_first: bool) -> Parsed<SessionDescription<'a>> {
    let rfc = lines.mode == Mode::Rfc;
    let missing = |lines: &Lines<'a>, field, clause| Err(lines.error(ErrorKind::Missing, field, clause));
    let mut session = SessionDescription::default();

    match lines.take(b'v')? {
        Some(value) => {
            version(Cursor::new(value, lines.mode, "proto-version", "RFC 8866 5.1"))?;
            session.versioned = true;
        }
        None if rfc && is_first => return missing(lines, "proto-version", "RFC 8866 5.1"),
        None => {}
    }
    session.origin = match lines.take(b'o')? {
        Some(value) => Some(origin(Cursor::new(value, lines.mode, "origin-field", "RFC 8866 5.2"))?),
        None if rfc => return missing(lines, "origin-field", "RFC 8866 5.2"),
        None => None,
    };
    session.name = match lines.take(b's')? {
        Some(value) => Some(text(Cursor::new(value, lines.mode, "session-name-field", "RFC 8866 5.3"))?),
        None if rfc => return missing(lines, "session-name-field", "RFC 8866 5.3"),
        None => None,
    };
    session.information = optional_text(lines, b'i', "information-field", "RFC 8866 5.4")?;
    session.uri = optional_text(lines, b'u', "uri", "RFC 8866 5.5")?;
    while let Some(value) = lines.take(b'e')? {
        session.emails.push(text(Cursor::new(value, lines.mode, "email-address", "RFC 8866 5.6"))?);
    }
    while let Some(value) = lines.take(b'p')? {
        session.phones.push(text(Cursor::new(value, lines.mode, "phone-number", "RFC 8866 5.6"))?);
    }
    session.connection = match lines.take(b'c')? {
        Some(value) => Some(connection(value, lines.mode)?),
        None => None,
    };
    session.bandwidths = bandwidths(lines)?;
    while let Some(value) = lines.take(b't')? {
        session.times.push(time(lines, value)?);
    }
    if rfc && session.times.is_empty() {
        // A line that may not stand here at all is the better explanation than the one that should.
        return match lines.letter() {
            Some(b'k' | b'a' | b'm') | None => missing(lines, "time-field", "RFC 8866 5.9"),
            Some(_) => Err(unexpected(lines, b"vosiuepcb")),
        };
    }
    session.key = optional_text(lines, b'k', "key-field", "RFC 8866 5.12")?;
    session.attributes = attributes(lines)?;

    while lines.letter() == Some(b'm') {
        let offset = lines.offset();
        if !rfc && !session.media.is_empty() {
            return Err(lines.error(ErrorKind::Duplicate, "media-field", "H.248.1 7.1.8"));
        }
        let Some(value) = lines.take(b'm')? else { break };
        let media = media(lines, value)?;
        if rfc && session.connection.is_none() && media.connections.is_empty() {
            let cursor = Cursor::new(value, lines.mode, "connection-field", "RFC 8866 5.7");
            return Err(cursor.error_at(offset, ErrorKind::Missing));
        }
        session.media.reserve_exact(if session.media.is_empty() { 2 } else { 0 });
        session.media.push(media);
    }
    match lines.letter() {
        None => Ok(session),
        Some(b'v') if !rfc => Ok(session),
        Some(_) if session.media.is_empty() => Err(unexpected(lines, b"vosiuepcbtka")),
        Some(_) => Err(unexpected(lines, b"vosiuepcbtkam")),
    }
}

/// Why the next line may not stand here, when lines up to `passed` are behind.
fn unexpected(lines: &Lines<'_>, passed: &[u8]) -> Box<ParseError> {
    let letter = lines.letter().unwrap_or_default();
    let kind = match letter {
        b'v' | b'o' | b's' | b'i' | b'u' | b'c' | b'k' if passed.contains(&letter) => {
            ErrorKind::Contradiction("the line is out of order or given twice")
        }
        letter if b"vosiuepcbtrzkam".contains(&letter) => ErrorKind::Contradiction("the line is out of order"),
        _ => ErrorKind::Expected("a type letter SDP defines"),
    };
    lines.error(kind, "type", "RFC 8866 5")
}

fn text(mut cursor: Cursor<'_>) -> Parsed<Cow<'_, str>> {
    cursor.text().map(Cow::Borrowed)
}

fn optional_text<'a>(
    lines: &mut Lines<'a>,
    letter: u8,
    field: &'static str,
    clause: &'static str,
) -> Parsed<Option<Cow<'a, str>>> {
    lines.take(letter)?.map(|value| text(Cursor::new(value, lines.mode, field, clause))).transpose()
}

fn version(mut cursor: Cursor<'_>) -> Parsed<()> {
    let word = cursor.word("proto-version")?;
    cursor.number(word, 0, 0)?;
    cursor.finish()
}

fn origin(mut cursor: Cursor<'_>) -> Parsed<Origin<'_>> {
    let word = cursor.word("username")?;
    let username = cursor.run_of(word, is_visible)?.into();
    let mut number = |field| {
        let word = cursor.next_word(field)?;
        if word.is_choose(cursor.mode) { Ok(word.text) } else { cursor.digits(word) }
    };
    let session_id = number("sess-id")?.into();
    let session_version = number("sess-version")?.into();
    let address = Address::parse(&mut cursor)?;
    cursor.finish()?;
    Ok(Origin { username, session_id, session_version, address })
}

fn connection(value: Word<'_>, mode: Mode) -> Parsed<ConnectionData<'_>> {
    let mut cursor = Cursor::new(value, mode, "connection-field", "RFC 8866 5.7");
    ConnectionData::parse(&mut cursor)
}

fn bandwidths<'a>(lines: &mut Lines<'a>) -> Parsed<Vec<Bandwidth<'a>>> {
    let mut bandwidths = Vec::new();
    while let Some(value) = lines.take(b'b')? {
        const CLAUSE: &str = "RFC 8866 5.8";
        let (kind, number) = value.split_name(lines.mode, "bwtype", CLAUSE)?;
        let mut cursor = Cursor::new(number.unwrap_or(value), lines.mode, "bwtype", CLAUSE);
        let kind = cursor.token(kind)?.into();
        if number.is_none() {
            return Err(cursor.error_at(value.offset + value.text.len(), ErrorKind::Expected("a colon")));
        }
        let word = cursor.word("bandwidth")?;
        let value = match word.is_choose(cursor.mode) {
            true => Choosable::Choose,
            false => Choosable::Given(cursor.number(word, 0, u64::MAX)?),
        };
        cursor.finish()?;
        bandwidths.push(Bandwidth { kind, value });
    }
    Ok(bandwidths)
}

fn time<'a>(lines: &mut Lines<'a>, value: Word<'a>) -> Parsed<TimeDescription<'a>> {
    let mut cursor = Cursor::new(value, lines.mode, "time-field", "RFC 8866 5.9");
    let word = cursor.word("start-time")?;
    let start = instant(&cursor, word)?;
    let word = cursor.next_word("stop-time")?;
    let stop = instant(&cursor, word)?;
    cursor.finish()?;
    let mut repeats = Vec::new();
    while let Some(value) = lines.take(b'r')? {
        repeats.push(repeat(Cursor::new(value, lines.mode, "repeat-field", "RFC 8866 5.10"))?);
    }
    let zone = match lines.mode {
        // RFC 8866 9: time zones adjust repetitions and cannot stand without one.
        Mode::Rfc if repeats.is_empty() => None,
        _ => lines
            .take(b'z')?
            .map(|value| zone(Cursor::new(value, lines.mode, "zone-field", "RFC 8866 5.11")))
            .transpose()?,
    };
    Ok(TimeDescription { start, stop, repeats, zone })
}

/// `time` or 0: RFC 8866 9 has ten digits or more, which excludes everything before 1931.
fn instant(cursor: &Cursor<'_>, word: Word<'_>) -> Parsed<u64> {
    const TEN_DIGITS: u64 = 1_000_000_000;
    match cursor.number(word, 0, u64::MAX)? {
        1..TEN_DIGITS if cursor.mode == Mode::Rfc => {
            Err(cursor.error_at(word.offset, ErrorKind::OutOfRange { min: TEN_DIGITS, max: u64::MAX }))
        }
        instant => Ok(instant),
    }
}

/// `typed-time`: digits and a unit.
fn typed_time(cursor: &Cursor<'_>, mut word: Word<'_>) -> Parsed<()> {
    word.text = word.text.strip_suffix(['d', 'h', 'm', 's']).unwrap_or(word.text);
    cursor.digits(word).map(drop)
}

fn repeat(mut words: Cursor<'_>) -> Parsed<Cow<'_, str>> {
    let verbatim = words.rest().text;
    let word = words.word("repeat-interval")?;
    typed_time(&words, word)?;
    let word = words.next_word("typed-time")?;
    typed_time(&words, word)?;
    let mut next = Some(words.next_word("typed-time")?);
    while let Some(word) = next {
        typed_time(&words, word)?;
        next = words.optional_word("typed-time")?;
    }
    Ok(verbatim.into())
}

fn zone(mut words: Cursor<'_>) -> Parsed<Cow<'_, str>> {
    let verbatim = words.rest().text;
    let mut next = Some(words.word("time")?);
    while let Some(word) = next {
        instant(&words, word)?;
        let mut offset = words.next_word("typed-time")?;
        if let Some(magnitude) = offset.text.strip_prefix('-') {
            offset = Word { text: magnitude, offset: offset.offset + 1 };
        }
        typed_time(&words, offset)?;
        next = words.optional_word("time")?;
    }
    Ok(verbatim.into())
}

fn attributes<'a>(lines: &mut Lines<'a>) -> Parsed<Attributes<'a>> {
    if lines.letter() != Some(b'a') {
        return Ok(Attributes::default());
    }
    // A line has some thirty octets. Bounded, as a body of many media would otherwise have room for its rest made at each.
    let mut attributes = Vec::with_capacity((lines.remaining() / 32 + 1).min(32));
    while let Some(value) = lines.take(b'a')? {
        Attribute::parse_into(&mut attributes, value, lines.mode)?;
    }
    Ok(attributes.into())
}

fn media<'a>(lines: &mut Lines<'a>, value: Word<'a>) -> Parsed<MediaDescription<'a>> {
    let mut cursor = Cursor::new(value, lines.mode, "media-field", "RFC 8866 5.14");
    let kind = MediaKind::from_name(cursor.token_word("media")?);
    let word = cursor.next_word("port")?;
    let port = match word.is_choose(cursor.mode) {
        true => Choosable::Choose,
        false => Choosable::Given(match word.split_once(b'/') {
            None => Port { number: cursor.number(word, 0, 65535)? as u16, count: None },
            Some((number, count)) => Port {
                number: cursor.number(number, 0, 65535)? as u16,
                count: Some(cursor.number(count, 1, u32::MAX.into())? as u32),
            },
        }),
    };
    let word = cursor.next_word("proto")?;
    let mut parts = word;
    while let Some((part, rest)) = parts.split_once(b'/') {
        cursor.token(part)?;
        parts = rest;
    }
    cursor.token(parts)?;
    let proto = Proto::from_name(word.text);
    let mut formats = Vec::with_capacity(memchr::memchr_iter(b' ', cursor.rest().text.as_bytes()).count());
    formats.push(cursor.next_token("fmt")?.into());
    while !cursor.at_end() {
        formats.push(cursor.next_token("fmt")?.into());
    }
    let information = optional_text(lines, b'i', "information-field", "RFC 8866 5.4")?;
    let mut connections = Vec::new();
    while let Some(value) = lines.take(b'c')? {
        connections.reserve_exact(usize::from(connections.is_empty()));
        connections.push(connection(value, lines.mode)?);
    }
    let bandwidths = bandwidths(lines)?;
    let key = optional_text(lines, b'k', "key-field", "RFC 8866 5.12")?;
    let attributes = attributes(lines)?;
    Ok(MediaDescription { kind, port, proto, formats, information, connections, bandwidths, key, attributes })
}
