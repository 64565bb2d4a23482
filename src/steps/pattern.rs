//! Text blocks that say what a message shows, and whether it does.
//!
//! A pattern is H.248 text in long tokens, in any spacing. What stands in it has to stand in the message, in the same place, in
//! any order among its neighbours; what it does not mention may be there too. `…` stands for any run of characters. The
//! message is compared as decoded and spelled anew, so that its own spelling does not matter.

use crate::wire::{
    h248::{self, Message, Style},
    tree::{self, Decode},
};

/// What a pattern names and a message lacks, as a path of what contains it; `None` when all is there.
pub(super) fn lacking(pattern: &str, message: &Message<'_>) -> Option<String> {
    let wanted = drawn_pattern(pattern);
    let shown = body(message);
    lacking_of(&wanted, &shown, false).map(|path| path.join(" › "))
}

/// The transactions of a message as drawn from its canonical spelling: what is inside replies, or inside requests.
fn body(message: &Message<'_>) -> Vec<Decode> {
    let text = h248::encode(message, Style::Pretty);
    // The first root is the message's header.
    tree::h248(&text).into_iter().skip(1).flat_map(|transaction| transaction.children).collect()
}

/// What a message says after its header, spelled in full, for readers.
pub(super) fn spelled(message: &Message<'_>) -> String {
    let text = h248::encode(message, Style::Pretty);
    let text = String::from_utf8_lossy(&text).into_owned();
    text.split_once('\n').map_or(text.clone(), |(_, body)| body.trim().to_owned())
}

/// The descriptors a pattern names at its top.
pub(super) fn top_words(pattern: &str) -> Vec<String> {
    drawn_pattern(pattern)
        .into_iter()
        .map(|node| node.label.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect()
}

fn drawn_pattern(pattern: &str) -> Vec<Decode> {
    let whole = format!("!/1 [0.0.0.0]\nReply = 1 {{\n{pattern}\n}}");
    tree::h248(whole.as_bytes()).into_iter().skip(1).flat_map(|reply| reply.children).collect()
}

/// Each wanted node meets a shown one of its own; the path to the first that does not.
fn lacking_of(wanted: &[Decode], shown: &[Decode], sdp: bool) -> Option<Vec<String>> {
    let mut taken = vec![false; shown.len()];
    for node in wanted {
        let inside_sdp = sdp || ["Local", "Remote"].contains(&node.label.as_str());
        let mut nearest: Option<Vec<String>> = None;
        let met = shown.iter().zip(&mut taken).any(|(candidate, taken)| {
            if *taken || !label_meets(&node.label, &candidate.label, sdp) {
                return false;
            }
            let lacking = if inside_sdp && !sdp {
                // SDP is drawn by its streams; here its lines are alike.
                lacking_of(&lines(&node.children), &lines(&candidate.children), true)
            } else {
                lacking_of(&node.children, &candidate.children, sdp)
            };
            match lacking {
                None => {
                    *taken = true;
                    true
                }
                Some(path) => {
                    nearest.get_or_insert(path);
                    false
                }
            }
        });
        if !met {
            let path = std::iter::once(node.label.clone()).chain(nearest.unwrap_or_default());
            return Some(path.collect());
        }
    }
    None
}

/// Every line of SDP, none in another.
fn lines(drawn: &[Decode]) -> Vec<Decode> {
    let line = |node: &Decode| {
        let alone = Decode::leaf(node.label.clone(), node.start, node.end);
        std::iter::once(alone).chain(lines(&node.children)).collect::<Vec<_>>()
    };
    drawn.iter().flat_map(line).collect()
}

/// Is one label the other, `…` apart? SDP is compared as it stands, everything else without regard to case and white space.
fn label_meets(wanted: &str, shown: &str, sdp: bool) -> bool {
    if sdp {
        return glob(wanted.trim(), shown.trim());
    }
    let plain =
        |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect() };
    glob(&plain(wanted), &plain(shown))
}

fn glob(wanted: &str, shown: &str) -> bool {
    let mut parts = wanted.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = shown.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, after)) = rest.split_once(*part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &[u8] = b"!/2 <mg> P=7{C=5{A=ip/access/1{M{ST=1{O{MO=SR,ipdc/realm=\"access\"},\
        L{v=0\r\nc=IN IP4 192.0.2.1\r\nm=message 10000 TCP *\r\na=x:a;B\r\n}}}},MF=ip/access/2}}";

    fn shows(pattern: &str) -> bool {
        lacking(pattern, &h248::parse(REPLY).unwrap()).is_none()
    }

    #[test]
    fn a_pattern_names_what_has_to_be_there_in_its_place() {
        for pattern in [
            "Context = 5",
            "Context = 5 { Modify = ip/access/2, Add = IP/access/… }",
            "Context = … { Add = … { Media { Stream = 1 { LocalControl { Mode = SendReceive } } } } }",
            "Context = 5 { Add = … { Media { Stream = 1 { Local {\nc=IN IP4 …\nm=message … TCP *\n} } } } }",
            "Context = 5 { Add = … { Media { Stream = 1 { Local {\na=x:a;B\n} } } } }",
        ] {
            assert!(shows(pattern), "{pattern}");
        }
        for pattern in [
            "Context = 6",
            "Context = 5 { Add = …, Add = … }",
            "Context = 5 { Subtract = … }",
            "Context = 5 { Media }",
            "Context = 5 { Add = … { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }",
            "Context = 5 { Add = … { Media { Stream = 1 { Local {\nC=IN IP4 …\n} } } } }",
        ] {
            assert!(!shows(pattern), "{pattern}");
        }
    }

    #[test]
    fn what_lacks_is_told_with_what_should_contain_it() {
        let message = h248::parse(REPLY).unwrap();
        let path = lacking("Context = 5 { Add = … { Media { Stream = 2 } } }", &message);
        assert_eq!(path.as_deref(), Some("Context = 5 › Add = … › Media › Stream = 2"));
        assert_eq!(top_words("Media { Stream = 1 }, Events = 5 { g/cause }"), ["Media", "Events"]);
    }

    #[test]
    fn dots_stand_for_any_run() {
        assert!(glob("a…c", "abc") && glob("…", "") && glob("a…b…", "aXbY") && glob("x=…", "x="));
        assert!(!glob("a…c", "abd") && !glob("a", "ab") && !glob("a…b…c", "acb"));
    }
}
