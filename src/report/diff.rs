//! Expected beside actual, with what differs marked.

use super::escape::{push_html, visible};

/// Words compared at most; longer texts are shown unmarked rather than compared in quadratic time.
const WORDS: usize = 400;

/// Both texts as HTML, the words only one of them has in `<mark>`.
pub(super) fn marked(expected: &str, actual: &str) -> (String, String) {
    let (expected, actual) = (visible(expected), visible(actual));
    let (a, b) = (words(&expected), words(&actual));
    if a.len() > WORDS || b.len() > WORDS || a.is_empty() || b.is_empty() {
        return (plain(&expected), plain(&actual));
    }
    let (in_a, in_b) = common(&a, &b);
    (emphasise(&a, &in_a), emphasise(&b, &in_b))
}

fn plain(text: &str) -> String {
    let mut html = String::new();
    push_html(&mut html, text);
    html
}

/// Runs of letters and digits, and everything else one character at a time.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, tail) = rest.split_at(end);
        words.push(word);
        rest = tail;
    }
    words
}

/// Which words of each side belong to a longest common subsequence.
fn common(a: &[&str], b: &[&str]) -> (Vec<bool>, Vec<bool>) {
    let mut longest = vec![vec![0_u16; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] =
                if a[i] == b[j] { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let (mut in_a, mut in_b) = (vec![false; a.len()], vec![false; b.len()]);
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            (in_a[i], in_b[j]) = (true, true);
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    (in_a, in_b)
}

fn emphasise(words: &[&str], shared: &[bool]) -> String {
    let mut html = String::new();
    let mut open = false;
    for (word, shared) in words.iter().zip(shared) {
        if open == *shared {
            html.push_str(if open { "</mark>" } else { "<mark>" });
            open = !open;
        }
        push_html(&mut html, word);
    }
    if open {
        html.push_str("</mark>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_marked() {
        let (expected, actual) = marked("error 449 value", "error 501 value");
        assert_eq!(expected, "error <mark>449</mark> value");
        assert_eq!(actual, "error <mark>501</mark> value");
    }

    #[test]
    fn markup_in_either_side_stays_text() {
        let (expected, actual) = marked("<b>", "</mark><script>");
        assert!(!format!("{expected}{actual}").replace("<mark>", "").replace("</mark>", "").contains('<'));
    }

    #[test]
    fn a_long_text_is_shown_unmarked() {
        let long = "a ".repeat(100_000);
        assert!(!marked(&long, "a").0.contains("<mark>"));
    }
}
