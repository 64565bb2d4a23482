//! Decode trees: which octets of a message are what, for a reader.
//!
//! The text protocols are drawn by their lexical shape alone, so that a message which its parser rejects is still drawn as far as
//! it makes sense. One pass each; nesting and the number of nodes are limited.

mod bfcp;
mod h248;
mod msrp;
mod sdp;
mod tls;

pub use bfcp::bfcp;
pub use h248::h248;
pub use msrp::msrp;
pub use sdp::sdp;
pub use tls::tls;

/// Nodes one message gets.
const NODES: usize = 2000;

/// Characters of a label.
const LABEL: usize = 160;

/// One node of a decode tree: what the octets `start..end` of the message are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize, serde::Deserialize))]
pub struct Decode {
    /// What it is, with its value: `Byte-Range: 1-12/12`.
    pub label: String,
    /// First octet, counted in the message.
    pub start: u32,
    /// One past the last octet.
    pub end: u32,
    /// Parts, in wire order.
    #[cfg_attr(feature = "target", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub children: Vec<Self>,
}

impl Decode {
    /// A node without parts.
    #[must_use]
    pub fn leaf(label: impl Into<String>, start: u32, end: u32) -> Self {
        Self { label: label.into(), start, end, children: Vec::new() }
    }

    /// The same node, of a message that begins `offset` octets into a stream.
    #[must_use]
    pub fn shifted(mut self, offset: usize) -> Self {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        self.start = self.start.saturating_add(offset);
        self.end = self.end.saturating_add(offset);
        self.children = self.children.into_iter().map(|child| child.shifted(offset as usize)).collect();
        self
    }
}

/// `octets` as one line of limited length.
fn label(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(LABEL).collect()
}

fn leaf(octets: &[u8], start: usize, end: usize) -> Decode {
    node(label(octets.get(start..end).unwrap_or_default()), start, end)
}

fn node(label: impl Into<String>, start: usize, end: usize) -> Decode {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Decode::leaf(label, offset(start), offset(end))
}

/// Stands for everything beyond [`NODES`].
fn undrawn(start: usize, end: usize) -> Decode {
    node("more than is drawn", start, end)
}

/// Lines of `octets[start..end]`, each a leaf, empty ones left out.
fn lines(octets: &[u8], start: usize, end: usize) -> Vec<Decode> {
    let mut found = Vec::new();
    let mut at = start;
    for line in octets.get(start..end).unwrap_or_default().split(|octet| matches!(octet, b'\r' | b'\n')) {
        if found.len() >= NODES {
            found.push(undrawn(at, end));
            break;
        }
        if !line.trim_ascii().is_empty() {
            found.push(leaf(octets, at, at + line.len()));
        }
        at += line.len() + 1;
    }
    found
}

/// A tree as indented labels.
#[cfg(test)]
fn drawn(tree: &[Decode], depth: usize) -> String {
    tree.iter().map(|n| format!("{}{}\n{}", " ".repeat(depth), n.label, drawn(&n.children, depth + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_tree_keeps_its_shape() {
        let tree = Decode { children: vec![Decode::leaf("b", 2, 3)], ..Decode::leaf("a", 1, 4) };
        let moved = Decode { children: vec![Decode::leaf("b", 12, 13)], ..Decode::leaf("a", 11, 14) };
        assert_eq!(tree.shifted(10), moved);
    }

    #[test]
    fn no_octets_break_a_tree() {
        for octet in 0..=u8::MAX {
            for octets in [vec![octet; 40], [&[0x20, 1, 0, 1], [octet; 12].as_slice()].concat()] {
                for tree in [h248, sdp, msrp, bfcp, tls] {
                    for node in tree(&octets) {
                        assert!(node.start <= node.end && node.end <= 40, "{node:?}");
                    }
                }
            }
        }
    }
}
