//! SDP by its lines: what follows an `m=` line belongs to that medium (RFC 8866 5.14).

use super::{Decode, lines};

/// SDP: a leaf for every session line; a node for every medium, with its lines.
pub fn sdp(octets: &[u8]) -> Vec<Decode> {
    sdp_part(octets, 0, octets.len())
}

/// The same for `octets[start..end]`.
pub(super) fn sdp_part(octets: &[u8], start: usize, end: usize) -> Vec<Decode> {
    let mut tree: Vec<Decode> = Vec::new();
    for line in lines(octets, start, end) {
        match tree.last_mut().filter(|last| last.label.starts_with("m=")) {
            // A further description (H.248.1 7.1.8) or medium ends this one.
            Some(medium) if !line.label.starts_with("v=") && !line.label.starts_with("m=") => {
                medium.end = line.end;
                medium.children.push(line);
            }
            _ => tree.push(line),
        }
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::{super::drawn, *};

    #[test]
    fn sdp_is_drawn_by_media() {
        let text =
            b"v=0\r\ns=-\r\nm=audio 1 RTP/AVP 0\r\na=sendrecv\r\nm=message 2 TCP/MSRP *\r\na=x\r\na=y\r\nv=0\r\n";
        let tree = sdp(text);
        let expected = "v=0\ns=-\nm=audio 1 RTP/AVP 0\n a=sendrecv\nm=message 2 TCP/MSRP *\n a=x\n a=y\nv=0\n";
        assert_eq!(drawn(&tree, 0), expected);
        assert_eq!((tree[2].start, tree[2].end), (10, 41));
    }
}
