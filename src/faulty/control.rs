//! Gateways whose H.248 is wrong: most by changing what the reference says, or is told, on its way.

use crate::{gateway::Policy, net::Tap};

#[derive(Debug)]
pub(super) struct ExecutesDuplicates;

impl Policy for ExecutesDuplicates {
    fn answers_duplicates_from_store(&self) -> bool {
        false
    }
}

/// The message with each of its lines (SDP and, in compact form, the whole rest) changed or dropped.
fn by_line(octets: &[u8], change: impl Fn(&str) -> Option<String>) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(octets);
    vec![text.split_inclusive("\r\n").filter_map(change).collect::<String>().into_bytes()]
}

#[derive(Debug)]
pub(super) struct DropsFingerprint;

impl Tap for DropsFingerprint {
    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        by_line(&octets, |line| (!line.starts_with("a=fingerprint:")).then(|| line.to_owned()))
    }
}

#[derive(Debug)]
pub(super) struct AnnouncesOtherFingerprint;

impl Tap for AnnouncesOtherFingerprint {
    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        by_line(&octets, |line| {
            // The hash function's name has no colon, so this meets digits only.
            let Some((head, digits)) = line.strip_prefix("a=fingerprint:").and_then(|rest| rest.split_once(' ')) else {
                return Some(line.to_owned());
            };
            let other: String = digits
                .chars()
                .map(|c| {
                    if c == '0' {
                        '1'
                    } else if c == '1' {
                        '0'
                    } else {
                        c
                    }
                })
                .collect();
            Some(format!("a=fingerprint:{head} {other}"))
        })
    }
}

#[derive(Debug)]
pub(super) struct AnnouncesOtherPort;

impl Tap for AnnouncesOtherPort {
    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        by_line(&octets, |line| {
            let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            if let Some(port) = words.get_mut(1).filter(|_| line.starts_with("m=")) {
                // Port 1: no test has a listener there.
                *port = "1".to_owned();
            }
            Some(words.join(" "))
        })
    }
}

#[derive(Debug)]
pub(super) struct AnnouncesOtherProto;

impl Tap for AnnouncesOtherProto {
    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        by_line(&octets, |line| Some(line.replace(" TCP/TLS ", " TCP ")))
    }
}

/// Replaces every `old` in a message that leaves.
fn replaced(octets: &[u8], pairs: &[(&str, &str)]) -> Vec<Vec<u8>> {
    let text =
        pairs.iter().fold(String::from_utf8_lossy(octets).into_owned(), |text, (old, new)| text.replace(old, new));
    vec![text.into_bytes()]
}

#[derive(Debug)]
pub(super) struct Miscounts;

impl Tap for Miscounts {
    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        replaced(&octets, &[("nt/or=", "nt/or=1"), ("nt/os=", "nt/os=1")])
    }
}

#[derive(Debug)]
pub(super) struct HidesPackages;

impl Tap for HidesPackages {
    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        replaced(&octets, &[("nt-1", "xx-1"), ("root-", "rxxt-")])
    }
}

#[derive(Debug)]
pub(super) struct DiesOfModify;

impl Tap for DiesOfModify {
    fn control_in(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        let text = String::from_utf8_lossy(&octets);
        assert!(!text.contains("MF=") && !text.contains("Modify"), "faulty on purpose: a Modify came");
        vec![octets]
    }
}

#[derive(Debug)]
pub(super) struct DeafToSubtract;

impl Tap for DeafToSubtract {
    fn control_in(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        let text = String::from_utf8_lossy(&octets);
        if text.contains("{S=") || text.contains("Subtract") { Vec::new() } else { vec![octets] }
    }
}

#[derive(Debug)]
pub(super) struct OneErrorForAll;

impl Tap for OneErrorForAll {
    fn control_out(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        let text = String::from_utf8_lossy(&octets);
        let mut out = String::new();
        let mut rest = text.as_ref();
        while let Some(at) = rest.find("ER=") {
            let (head, tail) = rest.split_at(at + 3);
            out.push_str(head);
            out.push_str("500");
            rest = tail.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        out.push_str(rest);
        vec![out.into_bytes()]
    }
}

#[derive(Debug)]
pub(super) struct ShortTokensOnly;

impl Tap for ShortTokensOnly {
    fn control_in(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        // Long requests reach the gateway broken, so that it answers with a syntax error.
        let text = String::from_utf8_lossy(&octets);
        if text.contains("Context") { replaced(&octets, &[("Context", "Cxntext")]) } else { vec![octets] }
    }
}
