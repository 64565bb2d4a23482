//! Inputs that cost the most for their size, one protocol each, grown to any size.

use gatecheck::wire::{bfcp, h248, msrp, sdp, tls_record, tpkt};

/// A named input: `grow(size)` has about `size` octets; `read` hands it to its parser.
pub(crate) struct WorstCase {
    pub(crate) name: &'static str,
    pub(crate) grow: fn(usize) -> Vec<u8>,
    pub(crate) read: fn(&[u8]),
}

/// `head`, `part` until `size` is reached, `tail`.
fn fill(head: &str, part: &str, tail: &str, size: usize) -> Vec<u8> {
    let times = size.saturating_sub(head.len() + tail.len()) / part.len().max(1);
    format!("{head}{}{tail}", part.repeat(times)).into_bytes()
}

fn read_h248(octets: &[u8]) {
    if let Ok(message) = h248::parse(octets) {
        h248::encode(&message, h248::Style::Spelling(1));
    }
    let _ = h248::parse_with(octets, &h248::Leniency::ALL);
}

fn read_sdp(octets: &[u8]) {
    for mode in [sdp::Mode::Rfc, sdp::Mode::H248] {
        if let Ok(descriptions) = sdp::parse(octets, mode) {
            sdp::encode(&descriptions, mode);
        }
    }
}

/// Whole, and in pieces of one octet, which is the most a peer can ask of a stream parser.
fn read_msrp(octets: &[u8]) {
    let _ = msrp::parse(octets);
    for size in [octets.len().max(1), 1] {
        let mut framer = msrp::Framer::new(msrp::Limits::default());
        for mut piece in octets.chunks(size) {
            while let Ok(Some(_)) = framer.next(&mut piece) {}
        }
    }
}

fn read_bfcp(octets: &[u8]) {
    if let Ok(gatecheck::wire::Framed::Complete(message, _)) = bfcp::parse(octets) {
        let attributes = message.attributes().iter().count();
        assert!(attributes <= octets.len());
        bfcp::encode(&message);
    }
}

fn read_tls(octets: &[u8]) {
    let _ = tls_record::parse(octets);
    if let gatecheck::wire::Framed::Complete(hello, _) = tls_record::Handshake::parse(octets)
        && let Ok(hello) = tls_record::ClientHello::parse(hello.body)
    {
        let _ = (hello.server_name(), hello.versions().count(), hello.cipher_suites().count());
    }
    tls_record::speaker(octets);
}

fn read_tpkt(mut octets: &[u8]) {
    while let Ok(gatecheck::wire::Framed::Complete(_, length)) = tpkt::parse(octets) {
        octets = octets.get(length..).unwrap_or_default();
    }
}

const MSRP_HEAD: &str = "MSRP a786hjs2 SEND\r\nTo-Path: msrp://b:1/y;tcp\r\nFrom-Path: msrp://a:2/x;tcp\r\n";

/// BFCP counts its payload in words, in the third and fourth octet.
fn bfcp_of(attribute: &[u8], size: usize) -> Vec<u8> {
    let mut octets = vec![0x20, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1];
    octets.extend(attribute.repeat(size.saturating_sub(12) / attribute.len()));
    let words = u16::try_from((octets.len() - 12) / 4).unwrap_or(u16::MAX);
    octets[2..4].copy_from_slice(&words.to_be_bytes());
    octets
}

/// Every case.
pub(crate) const CASES: &[WorstCase] = &[
    WorstCase {
        name: "h248 braces in braces",
        grow: |size| fill("!/1 <a> T=1{C=1{A=a{", "M{", "", size),
        read: read_h248,
    },
    WorstCase {
        name: "h248 embedded signals and events",
        grow: |size| fill("!/1 <a> T=1{C=1{A=a{E=1{", "a/b{EM{E=1{", "", size),
        read: read_h248,
    },
    WorstCase {
        name: "h248 opened braces of a digit map",
        grow: |size| fill("!/1 <a> T=1{C=1{A=a{DM=d{", "(1|", "", size),
        read: read_h248,
    },
    WorstCase { name: "h248 comments", grow: |size| fill("!/1 <a> ", ";\n", "T=1{C=1{S=a}}", size), read: read_h248 },
    WorstCase {
        name: "h248 one long comment",
        grow: |size| fill("!/1 <a> ;", "c", "\nT=1{C=1{S=a}}", size),
        read: read_h248,
    },
    WorstCase {
        name: "h248 white space",
        grow: |size| fill("!/1 <a> T=1{C=1{S=a", " \r\n", "}}", size),
        read: read_h248,
    },
    WorstCase { name: "h248 digits", grow: |size| fill("!/1 <a> T=", "9", "{C=1{S=a}}", size), read: read_h248 },
    WorstCase { name: "h248 one word", grow: |size| fill("!/1 <a> T=1{C=1{S=", "a", "}}", size), read: read_h248 },
    WorstCase { name: "h248 commands", grow: |size| fill("!/1 <a> T=1{C=1{S=a", ",S=a", "}}", size), read: read_h248 },
    WorstCase { name: "h248 transactions", grow: |size| fill("!/1 <a> ", "T=1{C=1{S=a}}", "", size), read: read_h248 },
    WorstCase {
        name: "h248 streams",
        grow: |size| {
            let streams: Vec<_> = (1..=size / 20).map(|id| format!("ST={}{{O{{MO=SR}}}}", id.min(65535))).collect();
            format!("!/1 <a> T=1{{C=1{{A=a{{M{{{}}}}}}}}}", streams.join(",")).into_bytes()
        },
        read: read_h248,
    },
    WorstCase {
        name: "h248 properties",
        grow: |size| fill("!/1 <a> T=1{C=1{A=a{M{O{a/b=1", ",a/b=1", "}}}}}", size),
        read: read_h248,
    },
    WorstCase {
        name: "h248 value list",
        grow: |size| fill("!/1 <a> T=1{C=1{A=a{M{O{a/b=[1", ",1", "]}}}}}", size),
        read: read_h248,
    },
    WorstCase {
        name: "h248 terminations in a list",
        grow: |size| fill("!/3 <a> T=1{C=1{S=[a", ",a", "]}}", size),
        read: read_h248,
    },
    WorstCase {
        name: "h248 topology",
        grow: |size| fill("!/1 <a> T=1{C=1{TP{a,b,BW", ",a,b,BW", "}}}", size),
        read: read_h248,
    },
    WorstCase { name: "h248 acknowledged ids", grow: |size| fill("!/1 <a> K{1", ",1", "}", size), read: read_h248 },
    WorstCase {
        name: "h248 escaped braces",
        grow: |size| fill("!/1 <a> T=1{C=1{A=a{M{L{", "\\}", "}}}}}", size),
        read: read_h248,
    },
    WorstCase {
        name: "h248 quoted string without an end",
        grow: |size| fill("!/1 <a> T=1{C=1{SC=ROOT{SV{MT=RS,RE=\"", "a", "", size),
        read: read_h248,
    },
    WorstCase {
        name: "sdp attributes",
        grow: |size| fill("v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n", "a=\u{61}\r\n", "", size),
        read: read_sdp,
    },
    WorstCase {
        name: "sdp fingerprints",
        grow: |size| fill("v=0\r\nm=message 9 TCP/TLS/MSRP *\r\n", "a=fingerprint:x 00\r\n", "", size),
        read: read_sdp,
    },
    WorstCase {
        name: "sdp one fingerprint",
        grow: |size| fill("v=0\r\na=fingerprint:x 00", ":00", "\r\n", size),
        read: read_sdp,
    },
    WorstCase {
        name: "sdp path",
        grow: |size| fill("v=0\r\na=path:msrp://a;tcp", " msrp://a;tcp", "\r\n", size),
        read: read_sdp,
    },
    WorstCase {
        name: "sdp formats",
        grow: |size| fill("v=0\r\nm=audio 9 RTP/AVP", " 0", "\r\n", size),
        read: read_sdp,
    },
    WorstCase {
        name: "sdp accept-types",
        grow: |size| fill("v=0\r\na=accept-types:a/b", " a/b", "\r\n", size),
        read: read_sdp,
    },
    WorstCase {
        name: "sdp media",
        grow: |size| {
            fill("v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n", "m=a 0 b c\r\n", "", size)
        },
        read: read_sdp,
    },
    WorstCase { name: "sdp alternatives", grow: |size| fill("", "v=0\r\n", "", size), read: read_sdp },
    WorstCase { name: "sdp blank lines", grow: |size| fill("v=0\r\n", "\r\n", "", size), read: read_sdp },
    WorstCase {
        name: "sdp repeats",
        grow: |size| fill("v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n", "r=1 1 1\r\n", "", size),
        read: read_sdp,
    },
    WorstCase {
        name: "msrp end-line lookalikes",
        grow: |size| fill(&format!("{MSRP_HEAD}\r\n"), "\r\n-------a786hjs2", "", size),
        read: read_msrp,
    },
    WorstCase { name: "msrp hyphens", grow: |size| fill(&format!("{MSRP_HEAD}\r\n"), "-", "", size), read: read_msrp },
    WorstCase {
        name: "msrp carriage returns",
        grow: |size| fill(&format!("{MSRP_HEAD}\r\n"), "\r", "", size),
        read: read_msrp,
    },
    WorstCase {
        name: "msrp one long header",
        grow: |size| fill(&format!("{MSRP_HEAD}X: "), "x", "\r\n-------a786hjs2$\r\n", size),
        read: read_msrp,
    },
    WorstCase {
        name: "msrp short headers",
        grow: |size| fill(MSRP_HEAD, "X:\r\n", "-------a786hjs2$\r\n", size),
        read: read_msrp,
    },
    WorstCase {
        name: "msrp frames",
        grow: |size| fill("", &format!("{MSRP_HEAD}-------a786hjs2$\r\n"), "", size),
        read: read_msrp,
    },
    WorstCase {
        name: "msrp path of many hops",
        grow: |size| {
            let head = "MSRP a786hjs2 SEND\r\nTo-Path: msrp://b;tcp";
            fill(head, " msrp://b;tcp", "\r\nFrom-Path: msrp://a;tcp\r\n-------a786hjs2$\r\n", size)
        },
        read: read_msrp,
    },
    WorstCase { name: "bfcp attributes", grow: |size| bfcp_of(&[7 << 1, 3, b'a', 0], size), read: read_bfcp },
    WorstCase { name: "bfcp empty groups", grow: |size| bfcp_of(&[15 << 1, 4, 0, 1], size), read: read_bfcp },
    WorstCase {
        name: "bfcp full groups",
        grow: |size| bfcp_of(&[&[15 << 1, 8, 0, 1][..], &[5 << 1, 4, 1, 0]].concat(), size),
        read: read_bfcp,
    },
    WorstCase {
        name: "tls extensions",
        grow: |size| {
            let extensions = [0xAA, 0xAA, 0, 0].repeat(size.saturating_sub(64).min(65_000) / 4);
            let mut hello = [&[3, 3][..], &[0; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat();
            hello.extend(u16::try_from(extensions.len()).unwrap_or_default().to_be_bytes());
            hello.extend(extensions);
            let length = u32::try_from(hello.len()).unwrap_or_default().to_be_bytes();
            [&[1][..], &length[1..], &hello].concat()
        },
        read: read_tls,
    },
    WorstCase { name: "tpkt empty packets", grow: |size| [3, 0, 0, 4].repeat(size / 4), read: read_tpkt },
];
