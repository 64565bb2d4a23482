//! Descriptions to octets.

use super::{ConnectionData, MediaDescription, Mode, Origin, SessionDescription};
use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    net::{IpAddr, Ipv4Addr},
};

/// Writes descriptions in canonical form: lines in RFC 8866's order, each ended by CRLF, single spaces.
///
/// [`Mode::H248`] writes the lines a description holds, and `v=0` before each but the first.
/// [`Mode::Rfc`] has one description per body: the first is written, with neutral `o=`, `s=` and `t=` lines in place
/// of absent ones.
pub fn encode(descriptions: &[SessionDescription<'_>], mode: Mode) -> Vec<u8> {
    let mut out = String::new();
    let written = match mode {
        Mode::Rfc => descriptions.get(..1).unwrap_or_default(),
        Mode::H248 => descriptions,
    };
    for (index, description) in written.iter().enumerate() {
        // A further description begins with its v= line, whatever the first one does.
        session(&mut out, description, mode, index > 0);
    }
    out.into_bytes()
}

/// One line; a character that would end it early becomes a space.
fn line(out: &mut String, letter: char, value: impl fmt::Display) {
    let start = out.len();
    // Writing to a String cannot fail.
    let _ = write!(out, "{letter}={value}");
    let forged = out.get(start..).is_some_and(|line| memchr::memchr3(b'\r', b'\n', 0, line.as_bytes()).is_some());
    if forged {
        let clean = out.split_off(start).replace(['\r', '\n', '\0'], " ");
        out.push_str(&clean);
    }
    out.push_str("\r\n");
}

fn lines<T: fmt::Display>(out: &mut String, letter: char, values: impl IntoIterator<Item = T>) {
    for value in values {
        line(out, letter, value);
    }
}

fn session(out: &mut String, session: &SessionDescription<'_>, mode: Mode, is_further: bool) {
    let rfc = mode == Mode::Rfc;
    if rfc || is_further || session.versioned {
        line(out, 'v', 0);
    }
    match &session.origin {
        Some(origin) => line(out, 'o', origin),
        None if rfc => line(out, 'o', neutral_origin()),
        None => {}
    }
    match &session.name {
        Some(name) => line(out, 's', name),
        // RFC 8866 5.3: a session without a name.
        None if rfc => line(out, 's', "-"),
        None => {}
    }
    lines(out, 'i', &session.information);
    lines(out, 'u', &session.uri);
    lines(out, 'e', &session.emails);
    lines(out, 'p', &session.phones);
    lines(out, 'c', &session.connection);
    lines(out, 'b', &session.bandwidths);
    if rfc && session.times.is_empty() {
        line(out, 't', "0 0");
    }
    for time in &session.times {
        line(out, 't', format_args!("{} {}", time.start, time.stop));
        lines(out, 'r', &time.repeats);
        lines(out, 'z', &time.zone);
    }
    lines(out, 'k', &session.key);
    lines(out, 'a', &session.attributes);
    for description in &session.media {
        media(out, description);
    }
}

fn media(out: &mut String, media: &MediaDescription<'_>) {
    line(out, 'm', format_args!("{} {} {}{}", media.kind, media.port, media.proto, Formats(&media.formats)));
    lines(out, 'i', &media.information);
    lines::<&ConnectionData<'_>>(out, 'c', &media.connections);
    lines(out, 'b', &media.bandwidths);
    lines(out, 'k', &media.key);
    lines(out, 'a', &media.attributes);
}

/// Formats, each after a space; `*` when there is none, since a line needs one.
struct Formats<'b, 'a>(&'b [Cow<'a, str>]);

impl fmt::Display for Formats<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(" *");
        }
        self.0.iter().try_for_each(|format| write!(f, " {format}"))
    }
}

/// RFC 8866 5.2: an origin that says nothing about anybody.
fn neutral_origin() -> Origin<'static> {
    let zero = Cow::Borrowed("0");
    let address = IpAddr::V4(Ipv4Addr::UNSPECIFIED).into();
    Origin { username: Cow::Borrowed("-"), session_id: zero.clone(), session_version: zero, address }
}
