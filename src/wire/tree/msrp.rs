//! MSRP by its lines (RFC 4975 9).

use super::{Decode, lines, node};

/// MSRP: start line, headers, body, end-line.
pub fn msrp(octets: &[u8]) -> Vec<Decode> {
    let blank = octets.windows(4).position(|window| window == b"\r\n\r\n");
    let trimmed = octets.trim_ascii_end();
    let end_line = trimmed.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
    let Some(blank) = blank.filter(|blank| blank + 4 <= end_line) else { return lines(octets, 0, octets.len()) };
    let body = end_line.saturating_sub(2).max(blank + 4);
    let mut tree = lines(octets, 0, blank);
    tree.push(node(format!("body, {} octets", body - blank - 4), blank + 4, body));
    tree.extend(lines(octets, end_line, octets.len()));
    tree
}

#[cfg(test)]
mod tests {
    use super::{super::drawn, *};

    #[test]
    fn msrp_is_drawn_as_head_body_and_end_line() {
        let chunk = b"MSRP abcd SEND\r\nTo-Path: x\r\n\r\nhi\r\n\r\nyou\r\n-------abcd$\r\n";
        assert_eq!(drawn(&msrp(chunk), 0), "MSRP abcd SEND\nTo-Path: x\nbody, 9 octets\n-------abcd$\n");
        let ok = b"MSRP abcd 200 OK\r\nTo-Path: x\r\n-------abcd$\r\n";
        assert_eq!(drawn(&msrp(ok), 0), "MSRP abcd 200 OK\nTo-Path: x\n-------abcd$\n");
    }
}
