//! H.248 text by its braces (H.248.1 B.2).

use super::{Decode, NODES, label, node, sdp::sdp_part, undrawn};
use crate::wire::h248::keyword;

/// Levels of braces drawn.
const DEPTH: usize = 24;

/// H.248 text: a node for everything with braces, a leaf for what stands between commas, SDP by its lines. Keywords are given their
/// long spelling.
pub fn h248(octets: &[u8]) -> Vec<Decode> {
    Drawing { octets, open: vec![Decode::default()], beyond: 0, nodes: 0 }.draw()
}

struct Drawing<'a> {
    octets: &'a [u8],
    /// The root, which is no node, and the nodes whose closing brace was not met yet.
    open: Vec<Decode>,
    /// Open braces beyond the depth drawn.
    beyond: usize,
    nodes: usize,
}

impl Drawing<'_> {
    fn draw(mut self) -> Vec<Decode> {
        let (mut at, mut token, mut in_list) = (0, 0, false);
        while let Some(&octet) = self.octets.get(at) {
            match octet {
                b'"' => at = self.find(at + 1, b'"'),
                b';' => at = self.line_end(at),
                b'[' => in_list = true,
                b']' => in_list = false,
                b',' if !in_list => {
                    self.leaf(token, at);
                    token = at + 1;
                }
                b'{' | b'}' => {
                    in_list = false;
                    if octet == b'{' {
                        at = self.brace(token, at);
                    } else if self.beyond > 0 {
                        self.beyond -= 1;
                    } else {
                        self.leaf(token, at);
                        self.close(at + 1);
                    }
                    token = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        self.leaf(token, self.octets.len());
        while self.open.len() > 1 {
            self.close(self.octets.len());
        }
        self.open.pop().map(|root| root.children).unwrap_or_default()
    }

    /// Opens a node at the brace at `at`, named by what stands between `token` and it; returns where to go on: the last octet taken.
    fn brace(&mut self, token: usize, at: usize) -> usize {
        if self.open.len() > DEPTH {
            self.beyond += 1;
            return at;
        }
        let begins = if self.open.len() == 1 { self.transaction(token, at) } else { token };
        self.leaf(token, begins);
        let start = self.start(begins, at);
        let name = label(self.octets.get(start..at).unwrap_or_default());
        let mut parent = node(spelled_out(&name), start, at);
        if !is_octet_string(&name) {
            self.open.push(parent);
            return at;
        }
        let end = self.octet_string(at + 1);
        parent.children = sdp_part(self.octets, at + 1, end);
        self.push(parent, (end + 1).min(self.octets.len()));
        end
    }

    fn leaf(&mut self, from: usize, to: usize) {
        let start = self.start(from, to);
        let text = self.octets.get(start..to).unwrap_or_default().trim_ascii_end();
        if text.is_empty() || self.nodes > NODES {
            return;
        }
        self.nodes += 1;
        if self.nodes > NODES {
            let end = self.octets.len();
            return self.push(undrawn(start, end), end);
        }
        let name = label(text);
        // Parameters of an event or signal are named by its package, and topologies name terminations.
        let parent = self.open.last().map(|parent| parent.label.as_str()).unwrap_or_default();
        let own_names = first_word(parent).contains('/') || parent == "Topology";
        let shown = if own_names { name } else { spelled_out(&name) };
        self.push(node(shown, start, start + text.len()), start + text.len());
    }

    fn close(&mut self, end: usize) {
        if self.open.len() > 1
            && let Some(done) = self.open.pop()
        {
            self.push(done, end);
        }
    }

    fn push(&mut self, mut child: Decode, end: usize) {
        child.end = u32::try_from(end).unwrap_or(u32::MAX);
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(child);
        }
    }

    fn find(&self, from: usize, wanted: u8) -> usize {
        let rest = self.octets.get(from..).unwrap_or_default();
        from + memchr::memchr(wanted, rest).unwrap_or(rest.len())
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.octets.get(from..).unwrap_or_default();
        from + memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len())
    }

    /// The first octet of `from..to` that is neither white space nor comment.
    fn start(&self, from: usize, to: usize) -> usize {
        let mut at = from;
        loop {
            let rest = self.octets.get(at..to).unwrap_or_default();
            at += rest.len() - rest.trim_ascii_start().len();
            if at >= to || self.octets.get(at) != Some(&b';') {
                return at.min(to);
            }
            at = self.line_end(at).min(to);
        }
    }

    /// Where an octet string ends: at the first brace without a backslash before it.
    fn octet_string(&self, from: usize) -> usize {
        let mut end = self.find(from, b'}');
        while end > from && self.octets.get(end - 1) == Some(&b'\\') && end < self.octets.len() {
            end = self.find(end + 1, b'}');
        }
        end.min(self.octets.len())
    }

    /// Where the first transaction begins in `from..to`, which may hold the message header: at the word before the last `=`.
    fn transaction(&self, from: usize, to: usize) -> usize {
        let text = self.octets.get(from..to).unwrap_or_default();
        let equals = text.iter().rposition(|octet| *octet == b'=').unwrap_or(text.len());
        let before = text.get(..equals).unwrap_or_default().trim_ascii_end();
        from + before.iter().rposition(|octet| !octet.is_ascii_alphabetic()).map_or(0, |at| at + 1)
    }
}

fn first_word(label: &str) -> &str {
    label.split([' ', '=', '{']).next().unwrap_or_default()
}

/// The label with the keyword it begins with in its long spelling.
fn spelled_out(label: &str) -> String {
    // `O-` and `W-` before a command: optional, wildcarded reply.
    let command = label.trim_start_matches("O-").trim_start_matches("W-");
    let before = label.get(..label.len() - command.len()).unwrap_or_default();
    let (word, after) = match command.strip_prefix("!/") {
        Some(_) => command.split_at(1),
        None => command.split_at(first_word(command).len()),
    };
    keyword(word).map_or_else(|| label.to_owned(), |long| format!("{before}{long}{after}"))
}

fn is_octet_string(label: &str) -> bool {
    ["Local", "L", "Remote", "R"].iter().any(|token| label.eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::{super::drawn, *};

    #[test]
    fn h248_is_drawn_by_its_braces_and_sdp_by_its_lines() {
        let text = b"MEGACO/2 [127.0.0.1]:2944\nTransaction = 7 { Context = $ { Add = ip/$ { Media { Stream = 1 {\n\
            LocalControl { Mode = Inactive, ipdc/realm = \"a,{b\" }, Local { v=0\r\nc=IN IP4 $\r\na=x:{\\}\r\n} } } } } }";
        let tree = h248(text);
        let expected = "MEGACO/2 [127.0.0.1]:2944\nTransaction = 7\n Context = $\n  Add = ip/$\n   Media\n    Stream = 1\n     \
            LocalControl\n      Mode = Inactive\n      ipdc/realm = \"a,{b\"\n     Local\n      v=0\n      c=IN IP4 $\n      a=x:{\\}\n";
        assert_eq!(drawn(&tree, 0), expected);
        let request = &tree[1];
        assert_eq!(&text[request.start as usize..][..15], b"Transaction = 7");
        assert_eq!(request.end as usize, text.len());
    }

    #[test]
    fn deep_nesting_is_cut_and_unbalanced_braces_do_no_harm() {
        for text in ["{".repeat(100_000), "}".repeat(1000), format!("{}{}", "a{".repeat(9999), "}".repeat(9999))] {
            h248(text.as_bytes());
        }
        h248(b"T=1{C=1{L{\\}");
    }

    #[test]
    fn keywords_are_spelled_out_and_names_are_not() {
        let text = b"!/1 [::1] ;not {\nT=1{C=1{W-S=ip/s{AT{MD,E}},MF=s{SG{cg/rt{st=1}},TP{s,e,BW},E=2{al/on{KA}},M{O{MO=SR,x/y=[1,2]}}}}}";
        let expected = "MEGACO/1 [::1] ;not\nTransaction=1\n Context=1\n  W-Subtract=ip/s\n   Audit\n    Modem\n    Events\n  Modify=s\n   Signals\n    \
            cg/rt\n     st=1\n   Topology\n    s\n    e\n    BW\n   Events=2\n    al/on\n     KA\n   Media\n    LocalControl\n     Mode=SR\n     x/y=[1,2]\n";
        assert_eq!(drawn(&h248(text), 0).replace(";not {", ";not"), expected);
    }
}
