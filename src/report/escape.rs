//! Text from the wire, made harmless.

use std::fmt::Write as _;

/// `text` with every character that could act instead of showing itself written as an escape: C0 and C1 controls, DEL, bidirectional
/// overrides, line separators, invisible characters, non-characters. Newline and tab stay. Escapes are ASCII, because the pictures
/// Unicode has for controls are missing from many fonts.
///
/// ```
/// use gatecheck::report::escape::visible;
/// assert_eq!(visible("a\u{1b}[31mb"), r"a\x1b[31mb");
/// assert_eq!(visible("evil\u{202e}gpj"), r"evil\u{202e}gpj");
/// ```
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            '\r' => shown.push_str("\\r"),
            c if acts(c) => push_code(&mut shown, c),
            c => shown.push(c),
        }
    }
    shown
}

/// Does a terminal, a browser or an XML reader do something else with `c` than draw it?
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}')
        || u32::from(c) & 0xfffe == 0xfffe
}

fn push_code(shown: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = match u32::from(c) {
        code @ 0..0x100 => write!(shown, "\\x{code:02x}"),
        code => write!(shown, "\\u{{{code:x}}}"),
    };
}

/// [`visible`] on one line: a newline becomes `\n`, a tab a space.
#[must_use]
pub fn one_line(text: &str) -> String {
    visible(text).replace('\n', "\\n").replace('\t', " ")
}

/// [`visible`], then escaped for HTML and XML text and quoted attributes.
#[must_use]
pub fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    push_html(&mut escaped, &visible(text));
    escaped
}

/// Appends `shown`, which already went through [`visible`], escaped for HTML.
pub(super) fn push_html(escaped: &mut String, shown: &str) {
    for c in shown.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
}

/// `id` as an element id and URL fragment: letters, digits, `-`, `_`, `.` stay, the rest becomes `~` and its hex, so that different ids stay different
/// and links survive regeneration.
#[must_use]
pub fn anchor(id: &str) -> String {
    let mut anchor = String::from("s-");
    for c in id.chars() {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            anchor.push(c);
        } else {
            let _ = write!(anchor, "~{:x}~", u32::from(c));
        }
    }
    anchor
}

/// A relative path as a link: no scheme, no authority, nothing that ends an attribute.
#[must_use]
pub fn href(path: &str) -> String {
    let mut link = String::from("./");
    for octet in path.trim_start_matches('/').bytes() {
        if octet.is_ascii_alphanumeric() || b"-_./~".contains(&octet) {
            link.push(char::from(octet));
        } else {
            let _ = write!(link, "%{octet:02X}");
        }
    }
    link
}

/// One argument as a POSIX shell would need it.
#[must_use]
pub fn shell(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_survives() {
        for code in (0..0x20).chain(0x7f..0xa0).chain([0x202e, 0x2066, 0xfeff, 0xfffe, 0x1_ffff]) {
            let c = char::from_u32(code).unwrap();
            let kept = visible(&c.to_string()).contains(c);
            assert_eq!(kept, c == '\n' || c == '\t', "{code:x}");
            assert!(!one_line(&c.to_string()).contains(c));
        }
    }

    #[test]
    fn markup_becomes_text() {
        assert_eq!(html("</script><img onerror='x'>"), "&lt;/script&gt;&lt;img onerror=&#39;x&#39;&gt;");
    }

    #[test]
    fn a_link_cannot_leave_the_folder_by_scheme_or_authority() {
        assert_eq!(href("javascript:alert(1)"), "./javascript%3Aalert%281%29");
        assert_eq!(href("//evil/x\"y"), "./evil/x%22y");
        assert_eq!(href("traces/4.1.3-a.pcapng"), "./traces/4.1.3-a.pcapng");
    }

    #[test]
    fn different_ids_have_different_anchors() {
        assert_ne!(anchor("a b"), anchor("a_b"));
        assert_ne!(anchor("a~20~b"), anchor("a b"));
    }

    #[test]
    fn a_shell_argument_is_quoted_when_it_must() {
        assert_eq!(shell("--seed=7"), "--seed=7");
        assert_eq!(shell("it's; rm"), "'it'\\''s; rm'");
        assert_eq!(shell(""), "''");
    }
}
