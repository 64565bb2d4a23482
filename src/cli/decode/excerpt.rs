//! A parse error for a person: the line or octets it points at, a marker, the field, the clause, and what to do.

use std::fmt::Write as _;

use crate::wire::{ErrorKind, ParseError, Protocol};

/// Octets shown before and after the fault.
const AROUND: usize = 40;

/// Octets in a line of hexadecimal.
const ROW: usize = 16;

/// A line below the drawing: what it is about, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advice(pub(super) &'static str, pub(super) String);

/// Draws `error`, found in `octets`, which were read from `source`. `advice` goes below what the kind of error
/// suggests. Costs no more than finding the line, however long the input is.
pub(super) fn excerpt(source: &str, octets: &[u8], error: &ParseError, advice: &[Advice], coloured: bool) -> String {
    let paint = |text: &str, code: &str| if coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let place = if error.protocol == Protocol::Bfcp { hex(octets, error.offset) } else { text(octets, error.offset) };
    let gutter = " ".repeat(place.lines.iter().map(|(name, _)| name.len()).max().unwrap_or(1));
    let mut out = format!(
        "{} in {}: {}\n{gutter} --> {source}, {}\n{gutter} |\n",
        paint("error", "1;31"),
        error.protocol,
        paint(&format!("{}: {}", error.field, error.kind), "1"),
        place.name
    );
    for (name, line) in &place.lines {
        let _ = writeln!(out, "{name:>width$} | {line}", width = gutter.len());
    }
    let marker = paint(&"^".repeat(place.width), "1;31");
    let _ = writeln!(out, "{gutter} | {}{marker}", " ".repeat(place.column));
    for (name, fact) in [("field", error.field), ("clause", error.clause), ("help", &what_to_do(error, octets.len()))] {
        let _ = writeln!(out, "{gutter} = {name}: {fact}");
    }
    for Advice(name, fact) in advice {
        let _ = writeln!(out, "{gutter} = {name}: {fact}");
    }
    out
}

/// What is shown of the input.
struct Place {
    /// Where, in words.
    name: String,
    /// The lines, each with what stands in the margin; the last is the one marked.
    lines: Vec<(String, String)>,
    /// Columns before the marker, and its length.
    column: usize,
    width: usize,
}

/// The line of text around `offset`, cut where it is long.
fn text(octets: &[u8], offset: usize) -> Place {
    let offset = offset.min(octets.len());
    // What lies behind the last octet is shown at the end of the line that octet ends.
    let anchor = if offset == octets.len() { offset.saturating_sub(1) } else { offset };
    let (number, start, line_end) = line_of(octets, anchor);
    let line = octets.get(start..line_end).unwrap_or_default();
    let end_of_text = start + line.iter().position(|octet| matches!(octet, b'\r' | b'\n')).unwrap_or(line.len());
    // Line ends are shown only where they are the matter.
    let end = if offset < end_of_text { end_of_text } else { line_end };

    let from = boundary(octets, start.max(offset.saturating_sub(AROUND)), start);
    let to = boundary(octets, end.min(offset.saturating_add(AROUND)), offset);
    let mut line = String::new();
    if from > start {
        line.push('…');
    }
    push_visible(&mut line, octets.get(from..offset).unwrap_or_default());
    let column = line.chars().count();
    let first = boundary_after(octets, offset).min(to.max(offset));
    push_visible(&mut line, octets.get(offset..first).unwrap_or_default());
    let width = (line.chars().count() - column).max(1);
    push_visible(&mut line, octets.get(first..to).unwrap_or_default());
    if to < end {
        line.push('…');
    }
    let at = octets.get(start..offset).unwrap_or_default();
    let name = format!("line {number}, column {}, octet {offset}", String::from_utf8_lossy(at).chars().count() + 1);
    Place { name, lines: vec![(number.to_string(), line)], column, width }
}

/// Rows of octets in hexadecimal: the one with `offset`, and the one before it.
fn hex(octets: &[u8], offset: usize) -> Place {
    let offset = offset.min(octets.len());
    // Behind the last octet of a full row there is still room for a marker.
    let row = if offset == octets.len() && offset > 0 { (offset - 1) / ROW } else { offset / ROW };
    let line = |row: usize| {
        let octets = octets.get(row * ROW..).unwrap_or_default();
        let octets = octets.get(..ROW).unwrap_or(octets);
        let text: String =
            octets.iter().map(|octet| if octet.is_ascii_graphic() { char::from(*octet) } else { '.' }).collect();
        let hex: String = octets.iter().map(|octet| format!("{octet:02x} ")).collect();
        (format!("{:04x}", row * ROW), format!("{hex:<width$} {text}", width = ROW * 3))
    };
    let lines = row.checked_sub(1).into_iter().chain([row]).map(line).collect();
    Place { name: format!("octet {offset} (0x{offset:x})"), lines, column: (offset - row * ROW) * 3, width: 2 }
}

/// Number, start and end of the line that octet `at` belongs to, its line end included. CRLF, LF and CR each end a line.
fn line_of(octets: &[u8], at: usize) -> (usize, usize, usize) {
    let (mut number, mut start) = (1, 0);
    loop {
        let end = start + line_length(octets.get(start..).unwrap_or_default());
        if at < end || end == octets.len() {
            return (number, start, end);
        }
        (number, start) = (number + 1, end);
    }
}

/// Octets to the end of the line, line end included.
fn line_length(rest: &[u8]) -> usize {
    match rest.iter().position(|octet| matches!(octet, b'\r' | b'\n')) {
        Some(at) if rest.get(at..at + 2) == Some(b"\r\n") => at + 2,
        Some(at) => at + 1,
        None => rest.len(),
    }
}

const fn is_continuation(octet: u8) -> bool {
    octet & 0xC0 == 0x80
}

/// The last boundary between characters at or before `at`, not before `least`.
fn boundary(octets: &[u8], at: usize, least: usize) -> usize {
    let inside = |at: &usize| octets.get(*at).is_some_and(|octet| is_continuation(*octet));
    (least..=at).rev().take(4).find(|at| !inside(at)).unwrap_or(at)
}

/// The end of the character that begins at `at`.
fn boundary_after(octets: &[u8], at: usize) -> usize {
    let rest = octets.get(at..).unwrap_or_default();
    let rest = rest.get(..4).unwrap_or(rest);
    match rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()) {
        Some(first) => at + first.len_utf8(),
        None => at + usize::from(!rest.is_empty()),
    }
}

/// `octets` as text in which each can be seen, and none commands the terminal.
pub(super) fn visible(octets: &[u8]) -> String {
    let mut out = String::new();
    push_visible(&mut out, octets);
    out
}

/// Appends octets as [`visible`] shows them.
fn push_visible(out: &mut String, octets: &[u8]) {
    for chunk in octets.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\0'..='\x1f' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('?')),
                '\x7f' => out.push('\u{2421}'),
                ' '..='~' => out.push(c),
                _ if c.is_alphanumeric() => out.push(c),
                _ => out.extend(c.escape_unicode()),
            }
        }
        for octet in chunk.invalid() {
            let _ = write!(out, "\\x{octet:02x}");
        }
    }
}

/// What removes an error of this kind.
fn what_to_do(error: &ParseError, length: usize) -> String {
    match error.kind {
        ErrorKind::UnexpectedEnd(what) if error.offset < length => format!("put {what} where the marker is"),
        ErrorKind::UnexpectedEnd(what) => {
            format!("go on with {what} where the input ends; if it was sent whole, see what cut it off")
        }
        ErrorKind::Expected(what) => format!("put {what} where the marker is"),
        ErrorKind::InvalidOctet(octet) => {
            let name = match octet {
                0x21..=0x7E => format!("`{}`", char::from(octet)),
                b' ' => "the space".to_owned(),
                _ => format!("octet 0x{octet:02X}"),
            };
            format!("remove or replace {name}")
        }
        ErrorKind::OutOfRange { min, max } if min == max => format!("write {min}, the only value allowed here"),
        ErrorKind::OutOfRange { min, max: u64::MAX } => format!("write a number of {min} or more"),
        ErrorKind::OutOfRange { min, max } => format!("write a number from {min} to {max}"),
        ErrorKind::TooLong { limit } => format!("keep it to {limit} at most"),
        ErrorKind::Duplicate => "keep one of the two".to_owned(),
        ErrorKind::Missing => format!("add {} before the marker", error.field),
        ErrorKind::Contradiction(_) => format!("correct {}, or what it disagrees with", error.field),
        ErrorKind::Trailing => "remove what follows, or see whether the end before it came too early".to_owned(),
        ErrorKind::Unsupported(_) => "use a form that is supported".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(protocol: Protocol, offset: usize) -> ParseError {
        ParseError { protocol, offset, kind: ErrorKind::Expected("a digit"), field: "port", clause: "RFC 0 1" }
    }

    fn drawn(octets: &[u8], offset: usize) -> Vec<String> {
        let text = excerpt("x.sdp", octets, &error(Protocol::Sdp, offset), &[], false);
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_marker_stands_under_the_octet() {
        let text = excerpt(
            "x.sdp",
            b"v=0\r\nm=a B c\r\n",
            &error(Protocol::Sdp, 9),
            &[Advice("help", "try less".into())],
            false,
        );
        let expected = "error in SDP: port: expected a digit\n  --> x.sdp, line 2, column 5, octet 9\n  |\n2 | m=a B c\n  |     ^\n  \
            = field: port\n  = clause: RFC 0 1\n  = help: put a digit where the marker is\n  = help: try less\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn line_ends_are_counted_whatever_they_are_and_shown_where_they_matter() {
        let octets = b"a\nb\rc\r\ndd\r\n";
        assert!(drawn(octets, 4)[1].contains("line 3, column 1"));
        assert!(drawn(octets, 8)[1].contains("line 4, column 2"));
        assert_eq!(drawn(octets, 8)[3..5], ["4 | dd", "  |  ^"]);
        assert_eq!(drawn(octets, 9)[3..5], ["4 | dd␍␊", "  |   ^"]);
        assert_eq!(drawn(octets, 10)[3..5], ["4 | dd␍␊", "  |    ^"]);
        assert_eq!(drawn(octets, 11)[3..5], ["4 | dd␍␊", "  |     ^"]);
        assert_eq!(drawn(b"", 0)[3..5], ["1 | ", "  | ^"]);
    }

    #[test]
    fn no_octet_reaches_the_terminal_as_a_command() {
        let octets = b"a\x1b[31m\x7f\xff\xc3\xa4\xe2\x80\xae\xc2\x9bz";
        let lines = drawn(octets, 8);
        assert_eq!(lines[3], "1 | a␛[31m␡\\xffä\\u{202e}\\u{9b}z");
        assert_eq!(lines[4], "  |            ^");
        for octet in 0..=u8::MAX {
            for offset in 0..3 {
                let text = excerpt("x", &[octet; 2], &error(Protocol::Sdp, offset), &[], false);
                assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{octet:02x}");
            }
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_fault() {
        let octets = "ä".repeat(50_000);
        for offset in [0, 1000, 99_998, 100_000] {
            let lines = drawn(octets.as_bytes(), offset);
            assert!(lines[3].chars().count() < 2 * AROUND + 8, "{}", lines[3]);
            assert_eq!(lines[3].contains("1 | …"), offset > 0);
            assert_eq!(lines[3].ends_with('…'), offset < 99_998);
            assert!(!lines[3].contains("\\x"), "{}", lines[3]);
        }
    }

    #[test]
    fn binary_protocols_are_shown_in_hexadecimal() {
        let octets: Vec<u8> = (0x30..0x50).collect();
        let text = excerpt("x", &octets, &error(Protocol::Bfcp, 18), &[], false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[3], "0000 | 30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f  0123456789:;<=>?");
        assert_eq!(lines[4], "0010 | 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO");
        assert_eq!(lines[5], "     |       ^^");
        let end = excerpt("x", &octets, &error(Protocol::Bfcp, 32), &[], false);
        assert!(end.contains(&format!("     | {}^^", " ".repeat(48))), "{end}");
        assert!(excerpt("x", b"", &error(Protocol::Bfcp, 0), &[], true).contains("\x1b[1;31m^^"));
    }
}
