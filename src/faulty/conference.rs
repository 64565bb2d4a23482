//! MRFPs that take a key for what it is not, or get a conference wrong.

use crate::{
    gateway::{Expected, LegId, LegSetup, Policy, PreSharedKey},
    wire::msrp::{Head, Path},
};
use std::sync::{Mutex, PoisonError};

/// A key opens the door under any name.
#[derive(Debug)]
pub(super) struct AcceptsAnyIdentity;

impl Policy for AcceptsAnyIdentity {
    fn accepts_identity(&self, _: bool) -> bool {
        true
    }
}

/// Every leg with a key has the key of the first, under the name it was given.
#[derive(Debug, Default)]
pub(super) struct SharesKey(Mutex<Option<Vec<u8>>>);

impl Policy for SharesKey {
    fn leg_setup(&self, setup: LegSetup) -> LegSetup {
        let Expected::Key(own) = &setup.expected else { return setup };
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = first.get_or_insert_with(|| own.key().to_vec());
        match PreSharedKey::new(own.identity(), first) {
            Some(key) => LegSetup { expected: Expected::Key(key), ..setup },
            None => setup,
        }
    }
}

/// Knows no keys: whoever has any certificate, or none, comes in.
#[derive(Debug)]
pub(super) struct TakesCertificates;

impl Policy for TakesCertificates {
    fn leg_setup(&self, setup: LegSetup) -> LegSetup {
        match setup.expected {
            Expected::Key(_) => LegSetup { expected: Expected::Fingerprints(Vec::new()), ..setup },
            _ => setup,
        }
    }

    fn accepts_peer(&self, _: bool, _: Option<&[u8]>) -> bool {
        true
    }
}

/// Leaves TLS out where it has a key for it.
#[derive(Debug)]
pub(super) struct NoTlsWithKey;

impl Policy for NoTlsWithKey {
    fn leg_setup(&self, setup: LegSetup) -> LegSetup {
        let secured = setup.secured && !matches!(setup.expected, Expected::Key(_));
        LegSetup { secured, ..setup }
    }
}

#[derive(Debug)]
pub(super) struct Echoes;

impl Policy for Echoes {
    fn delivers_to(&self, sender: LegId, receivers: &mut Vec<LegId>) {
        receivers.push(sender);
    }
}

#[derive(Debug)]
pub(super) struct ForgetsTheLast;

impl Policy for ForgetsTheLast {
    fn delivers_to(&self, _: LegId, receivers: &mut Vec<LegId>) {
        if receivers.len() > 1 {
            receivers.pop();
        }
    }
}

#[derive(Debug)]
pub(super) struct KeepsSendersPaths;

impl Policy for KeepsSendersPaths {
    fn msrp_paths<'p>(&self, came: &Head<'_>, to_path: Path<'p>, _: Path<'p>) -> (Path<'p>, Path<'p>) {
        (to_path, came.from_path.clone().into_owned())
    }
}

#[derive(Debug)]
pub(super) struct LeavesAnswersOut;

impl Policy for LeavesAnswersOut {
    fn answers_messages(&self) -> bool {
        false
    }
}

#[derive(Debug)]
pub(super) struct EndsWithOne;

impl Policy for EndsWithOne {
    fn isolates_participants(&self) -> bool {
        false
    }
}

#[derive(Debug)]
pub(super) struct TakesKeysAnywhere;

impl crate::net::Tap for TakesKeysAnywhere {
    fn control_in(&self, octets: Vec<u8>) -> Vec<Vec<u8>> {
        // The package it has no use for becomes one it knows, and the key with it is granted and lost.
        let text = String::from_utf8_lossy(&octets);
        match (text.find("tlspsk/key"), text.find("tlspsk/identity")) {
            (Some(key), Some(_)) => {
                let (head, rest) = text.split_at(key);
                let end = rest.find('}').unwrap_or(rest.len());
                let head = head.trim_end_matches([',', ' ', '\r', '\n', '\t']);
                vec![format!("{head}{}", rest.get(end..).unwrap_or_default()).into_bytes()]
            }
            _ => vec![octets],
        }
    }
}
