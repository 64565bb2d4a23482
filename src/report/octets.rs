//! The octets of a frame beside their decode tree, tied together by number so that hovering one marks the other.

use std::fmt::Write as _;

use crate::results::{Decode, Frame};

use super::escape::{one_line, push_html};

/// Octets shown of a text and of a binary frame; the trace has the rest.
const TEXT: usize = 2048;
const BINARY: usize = 512;
/// Depth and nodes of a decode tree shown: more than any message of these protocols has.
const DEPTH: usize = 24;
const NODES: usize = 400;

/// Octets and decode of one frame, as HTML; empty when the frame has neither.
pub(super) fn html(frame: &Frame) -> String {
    if frame.octets.is_empty() && frame.decode.is_empty() {
        return String::new();
    }
    let is_text = looks_like_text(&frame.octets);
    let shown = frame.octets.len().min(if is_text { TEXT } else { BINARY });
    let mut html = String::from("<div class=\"oc\">");
    if shown > 0 {
        html.push_str(if is_text { "<pre class=\"tx\">" } else { "<pre class=\"hx\">" });
        let mut octets = Octets { out: &mut html, octets: &frame.octets, is_text, number: 0 };
        octets.span(0, shown, &frame.decode, 0);
        let missing = frame.length.max(frame.octets.len() as u64) - shown as u64;
        if missing > 0 {
            let _ = write!(html, "<em>\n… {missing} more octets in the trace</em>");
        }
        html.push_str("</pre>");
    }
    if !frame.decode.is_empty() {
        let mut number = 0;
        tree(&mut html, &frame.decode, 0, &mut number);
    }
    html.push_str("</div>");
    html
}

/// Mostly printable: shown as text, not as hex.
fn looks_like_text(octets: &[u8]) -> bool {
    let printable = octets.iter().filter(|o| matches!(o, b'\t' | b'\r' | b'\n' | b' '..=b'~')).count();
    printable * 10 >= octets.len() * 9
}

struct Octets<'a> {
    out: &'a mut String,
    octets: &'a [u8],
    is_text: bool,
    number: usize,
}

impl Octets<'_> {
    /// Octets `start..end`, with nested spans for `nodes`. The numbering is the one of [`tree`]: depth first, skipped nodes counted.
    fn span(&mut self, start: usize, end: usize, nodes: &[Decode], depth: usize) {
        let mut at = start;
        for node in nodes {
            if self.number >= NODES || depth >= DEPTH {
                break;
            }
            let number = self.number;
            self.number += 1;
            // Only what lies inside the parent and after the sibling before can nest; a decoder that says otherwise loses the tie, not the octets.
            let from = (node.start as usize).clamp(at, end.max(at));
            let to = (node.end as usize).clamp(from, end.max(from));
            self.plain(at, from);
            if from < to {
                let _ = write!(self.out, "<i data-n={number}>");
                self.span(from, to, &node.children, depth + 1);
                self.out.push_str("</i>");
            } else {
                self.skip(&node.children, depth + 1);
            }
            at = to;
        }
        self.plain(at, end);
    }

    fn skip(&mut self, nodes: &[Decode], depth: usize) {
        for node in nodes {
            if self.number >= NODES || depth >= DEPTH {
                break;
            }
            self.number += 1;
            self.skip(&node.children, depth + 1);
        }
    }

    fn plain(&mut self, start: usize, end: usize) {
        let octets = self.octets.get(start..end).unwrap_or_default();
        if self.is_text {
            for (n, octet) in octets.iter().enumerate() {
                match octet {
                    // A line ends in CR LF, which shows as one sign, or in a bare LF, which shows as none; every other CR is an escape.
                    b'\r' if self.octets.get(start + n + 1) == Some(&b'\n') => self.out.push('↵'),
                    b'\n' => self.out.push('\n'),
                    b'\t' => self.out.push('\t'),
                    b'&' => self.out.push_str("&amp;"),
                    b'<' => self.out.push_str("&lt;"),
                    b'>' => self.out.push_str("&gt;"),
                    b' '..=b'~' => self.out.push(char::from(*octet)),
                    _ => {
                        let _ = write!(self.out, "\\x{octet:02x}");
                    }
                }
            }
        } else {
            for (n, octet) in octets.iter().enumerate() {
                let gap = match (start + n) % 16 {
                    0 if start + n > 0 => "\n",
                    8 => "  ",
                    0 => "",
                    _ => " ",
                };
                let _ = write!(self.out, "{gap}{octet:02x}");
            }
        }
    }
}

fn tree(out: &mut String, nodes: &[Decode], depth: usize, number: &mut usize) {
    out.push_str("<ul>");
    for node in nodes {
        if *number >= NODES || depth >= DEPTH {
            out.push_str("<li>…");
            break;
        }
        let _ = write!(out, "<li><b data-n={number}>", number = *number);
        *number += 1;
        push_html(out, &one_line(&node.label));
        let _ = write!(out, " <s>{}</s></b>", node.start);
        if !node.children.is_empty() {
            tree(out, &node.children, depth + 1, number);
        }
    }
    out.push_str("</ul>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::sample, results::Verdict};

    fn frame(octets: &[u8], decode: Vec<Decode>) -> Frame {
        let template = sample::scenario(1, Verdict::Pass).frames.swap_remove(0);
        Frame { decode, ..template.with_octets(octets) }
    }

    fn node(label: &str, start: u32, end: u32, children: Vec<Decode>) -> Decode {
        Decode { children, ..Decode::leaf(label, start, end) }
    }

    #[test]
    fn octets_and_decode_carry_the_same_numbers() {
        let html = html(&frame(
            b"MSRP a SEND\r\n",
            vec![node("line", 0, 13, vec![node("id", 5, 6, vec![]), node("method", 7, 11, vec![])])],
        ));
        assert!(html.contains("<i data-n=0>MSRP <i data-n=1>a</i> <i data-n=2>SEND</i>↵\n</i>"), "{html}");
        assert!(html.contains("<b data-n=1>id <s>5</s></b>") && html.contains("<b data-n=2>method <s>7</s></b>"));
    }

    #[test]
    fn a_decode_that_overlaps_or_overruns_loses_no_octet() {
        let html = html(&frame(
            b"abcdef",
            vec![node("x", 4, 2, vec![node("c", 0, 1, vec![])]), node("y", 0, 99, vec![]), node("z", 1, 2, vec![])],
        ));
        let text: String =
            html.split("<ul>").next().unwrap().split('<').filter_map(|p| p.split_once('>')).map(|p| p.1).collect();
        assert_eq!(text, "abcdef");
        assert!(html.contains("<b data-n=3>z"));
    }

    #[test]
    fn binary_is_hex_and_cut_with_the_true_length() {
        let html = html(&frame(&[0; 5000], vec![]));
        assert!(html.contains("<pre class=\"hx\">00 00"));
        assert!(html.contains("4488 more octets in the trace"));
    }

    #[test]
    fn a_tree_of_any_depth_is_cut() {
        let mut deep = Decode::leaf("leaf", 0, 1);
        for _ in 0..5000 {
            deep = node("n", 0, 1, vec![deep]);
        }
        let built = frame(b"a", vec![deep]);
        assert!(html(&built).len() < 4000);
        // The derived drop would recurse as deep as the tree; take it apart by hand.
        let mut rest = built.decode;
        while let Some(mut inner) = rest.pop() {
            rest.append(&mut inner.children);
        }
    }
}
