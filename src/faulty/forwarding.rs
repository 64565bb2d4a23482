//! Gateways that carry octets when they must not, or not as they are.

use crate::gateway::Policy;

#[derive(Debug)]
pub(super) struct ForwardsBeforeTls;

impl Policy for ForwardsBeforeTls {
    fn may_forward(&self, _: bool, mode_allows: bool) -> bool {
        mode_allows
    }
}

#[derive(Debug)]
pub(super) struct IgnoresStreamMode;

impl Policy for IgnoresStreamMode {
    fn may_forward(&self, verified: bool, _: bool) -> bool {
        verified
    }
}

#[derive(Debug)]
pub(super) struct ForwardsNothing;

impl Policy for ForwardsNothing {
    fn forward(&self, octets: &mut Vec<u8>) {
        octets.clear();
    }
}

#[derive(Debug)]
pub(super) struct RewritesMsrp;

impl Policy for RewritesMsrp {
    fn forward(&self, octets: &mut Vec<u8>) {
        replace(octets, b"msrps://", b"msrp://");
    }
}

#[derive(Debug)]
pub(super) struct UpperCases;

impl Policy for UpperCases {
    fn forward(&self, octets: &mut Vec<u8>) {
        replace(octets, b"Byte-Range", b"BYTE-RANGE");
    }
}

#[derive(Debug)]
pub(super) struct DoublesOctets;

impl Policy for DoublesOctets {
    fn forward(&self, octets: &mut Vec<u8>) {
        octets.extend_from_within(..);
    }
}

#[derive(Debug)]
pub(super) struct LosesLastOctet;

impl Policy for LosesLastOctet {
    fn forward(&self, octets: &mut Vec<u8>) {
        octets.pop();
    }
}

/// Replaces every `old` by `new`.
pub(super) fn replace(octets: &mut Vec<u8>, old: &[u8], new: &[u8]) {
    let mut out = Vec::with_capacity(octets.len());
    let mut from = 0;
    for at in memchr::memmem::find_iter(octets, old) {
        out.extend_from_slice(octets.get(from..at).unwrap_or_default());
        out.extend_from_slice(new);
        from = at + old.len();
    }
    out.extend_from_slice(octets.get(from..).unwrap_or_default());
    *octets = out;
}
