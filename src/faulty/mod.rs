//! Layer 4: deliberately broken gateways, to prove that the suite sees what is wrong.
//!
//! A [`Fault`] is the reference gateway with one decision overridden ([`Policy`]) or with its control octets changed on their
//! way ([`Tap`]); nothing inside the reference knows of it. `--target faulty:NAME` runs the suite against one. The null
//! gateways ([`null`]) are no reference at all: they register and do nothing right.
//!
//! To add one: a unit struct in the file of its theme with one method overridden, and a row in [`ALL`].

mod admission;
mod conference;
mod control;
mod forwarding;
mod msrp;
pub mod null;
mod release;
mod roles;

use crate::{
    gateway::{Policy, Reference},
    net::{NoTap, Tap},
};
use std::sync::Arc;

/// One broken gateway.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name, as in `faulty:NAME`.
    pub name: &'static str,
    /// What it does wrong.
    pub does: &'static str,
    /// The clause it breaks.
    pub clause: &'static str,
    /// A scenario that catches it.
    pub caught_by: &'static str,
    /// How it is built.
    pub behaviour: Behaviour,
}

/// Where a fault sits.
#[derive(Debug, Clone, Copy)]
pub enum Behaviour {
    /// A decision.
    Policy(fn() -> Arc<dyn Policy>),
    /// The control octets.
    Tap(fn() -> Arc<dyn Tap>),
}

impl Fault {
    /// The fault with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|fault| fault.name == name)
    }

    /// What the reference is to be started with.
    pub fn parts(&self) -> (Arc<dyn Policy>, Arc<dyn Tap>) {
        match self.behaviour {
            Behaviour::Policy(policy) => (policy(), Arc::new(NoTap)),
            Behaviour::Tap(tap) => (Arc::new(Reference), tap()),
        }
    }
}

/// A row of [`ALL`].
macro_rules! faults {
    ($($kind:ident $name:literal $type:expr, $clause:literal, $does:literal, $caught_by:literal;)+) => {
        /// Every fault, in the order of the clauses they break.
        pub const ALL: &[Fault] = &[$(Fault {
            name: $name,
            does: $does,
            clause: $clause,
            caught_by: $caught_by,
            behaviour: Behaviour::$kind(|| Arc::new($type)),
        }),+];
    };
}

faults! {
    Policy "accepts-any-certificate" admission::AcceptsAnyCertificate, "TR 29.828 4.1.1", "takes any certificate for the one signalled", "4.1.1c-other-certificate-refused.1.3-opens";
    Policy "accepts-no-certificate" admission::AcceptsNoCertificate, "RFC 8122 5", "takes a TLS client that presents none", "4.1.1c-no-certificate-refused.1.3";
    Policy "accepts-unsignalled" admission::AcceptsUnsignalled, "RFC 8122 5", "does not ask its TLS client for a certificate", "4.1.1c-no-certificate-refused.1.2";
    Policy "refuses-everyone" admission::RefusesEveryone, "TR 29.828 4.1.1", "refuses the peer that was signalled", "4.1.3a-relay.1.3-opens-4";
    Policy "forwards-before-tls" forwarding::ForwardsBeforeTls, "TR 29.828 4.3.1", "forwards what a peer sends before it is verified", "4.3.1-nothing-from-unverified.1.3";
    Policy "ignores-stream-mode" forwarding::IgnoresStreamMode, "H.248.1 7.1.7", "forwards on inactive streams", "h248-stream-mode";
    Policy "forwards-nothing" forwarding::ForwardsNothing, "TR 29.828 4.1.3", "swallows application octets", "4.1.3a-relay.1.3-opens-4";
    Policy "rewrites-msrp" forwarding::RewritesMsrp, "TR 29.828 4.1.4", "changes MSRP paths in agnostic mode", "4.1.4a-msrp-untouched.with-paths-that-name-neither-gateway-side-UE-A-UE-B";
    Policy "upper-cases" forwarding::UpperCases, "TR 29.828 4.1.4", "changes the case of header names", "4.1.4a-msrp-untouched.with-unknown-headers-in-an-unusual-order-UE-A-UE-B";
    Policy "doubles-octets" forwarding::DoublesOctets, "TR 29.828 4.1.4", "sends what it forwards twice", "4.1.4a-not-msrp-untouched.UE-A-UE-B";
    Policy "loses-last-octet" forwarding::LosesLastOctet, "TR 29.828 4.1.4", "drops the last octet of what it forwards", "4.1.4a-not-msrp-untouched.UE-B-UE-A";
    Policy "stays-agnostic" msrp::StaysAgnostic, "TR 29.828 4.1.4", "forwards octets where it is told to read MSRP", "4.1.4b-relay.4-1.3-opens";
    Policy "rewrites-no-response" msrp::RewritesNoResponse, "TR 29.828 4.1.4", "leaves the paths of responses as they are", "4.1.4b-both-protected";
    Policy "rewrites-no-report" msrp::RewritesNoReport, "TR 29.828 4.1.4", "leaves the paths of reports as they are", "4.1.4b-report.UE-A";
    Policy "rewrites-to-path-only" msrp::RewritesToPathOnly, "TR 29.828 4.1.4", "leaves From-Path as it is", "4.1.2-model.RFC-4975-opens-RFC-6135-opens";
    Policy "keeps-scheme" msrp::KeepsScheme, "TR 29.828 4.1.4", "carries the scheme of one leg over to the other", "4.1.4b-relay.6-1.2-opens";
    Policy "forwards-any-session" msrp::ForwardsAnySession, "RFC 4975 7.3", "forwards requests for sessions it does not have", "4.1.4b-other-session.UE-A-a-session-that-the-IMS-AGW-does-not-have-481-UE-B";
    Policy "ends-every-chunk" msrp::EndsEveryChunk, "RFC 4975 5.1", "marks every chunk as the last", "4.1.4b-content.the-chunks-of-two-messages-in-turns-UE-A-UE-B";
    Policy "completes-aborted" msrp::CompletesAbortedMessages, "RFC 4975 5.1", "marks an aborted message as complete", "4.1.4b-content.a-message-that-it-breaks-off-UE-A-UE-B";
    Policy "renames-byte-range" msrp::DropsMessageRange, "RFC 4975 7.1.1", "loses where a chunk belongs", "4.1.4b-content.a-message-of-one-mebibyte-UE-B-UE-A";
    Policy "swaps-tls-role" roles::SwapsTlsRole, "TR 29.828 4.3.3.1", "takes the other TLS role", "4.3.3.1-role-by-setup.1.3-opens-server";
    Policy "always-tls-server" roles::AlwaysTlsServer, "TR 29.828 4.3.3.1", "is TLS server whatever it is told", "4.3.3.1-role-by-setup.1.3-awaits-client";
    Policy "swaps-tcp-role" roles::SwapsTcpRole, "TR 29.828 4.4.2.1", "takes the other TCP role", "4.4.2.1-role-by-setup.opens-UE-A";
    Policy "always-passive" roles::AlwaysPassive, "TR 29.828 4.4.2.1", "waits whatever it is told", "4.4.2.1-role-by-setup.awaits-the-IMS-AGW";
    Policy "ignores-tls" roles::IgnoresTls, "TR 29.828 4.3.2", "treats TCP/TLS as TCP", "4.3.2-tls-prepared.1.2-opens";
    Policy "always-tls" roles::AlwaysTls, "TR 29.828 4.4.1", "treats TCP as TCP/TLS", "4.4.1-tcp-prepared.4-opens-awaits";
    Policy "keeps-after-subtract" release::KeepsAfterSubtract, "H.248.1 7.2.3", "keeps context, bearers and ports after Subtract", "4.3.4-subtract-releases.unprotected-and-opens-the-TCP-connection";
    Policy "keeps-far-leg" release::KeepsFarLeg, "TR 29.828 4.3.4", "does not pass the end of one leg on to the other", "4.3.4-release-spreads.UE-A-UE-B";
    Policy "never-notifies" release::NeverNotifies, "TS 23.334 8", "keeps failures and releases to itself", "4.1.1c-refusal-reported.presents-no-certificate-tls-no-certificate";
    Policy "executes-duplicates" control::ExecutesDuplicates, "H.248.1 D.1", "executes a repeated transaction again", "h248-duplicate-add";
    Tap "drops-fingerprint" control::DropsFingerprint, "TR 29.828 4.3.2", "leaves the fingerprint out of its replies", "4.3.2-tls-prepared.1.2-opens";
    Tap "announces-other-fingerprint" control::AnnouncesOtherFingerprint, "TR 29.828 4.1.1", "announces the fingerprint of another certificate", "4.1.1c-signalled-certificate-accepted.1.3-as-one-of-several";
    Tap "announces-other-port" control::AnnouncesOtherPort, "H.248.1 7.1.8", "announces a port it does not listen on", "4.4.1-tcp-prepared.4-opens-awaits";
    Tap "announces-other-proto" control::AnnouncesOtherProto, "TR 29.828 4.3.2", "says TCP where it does TCP/TLS", "4.3.2-tls-prepared.1.2-opens";
    Tap "miscounts" control::Miscounts, "H.248.1 E.11", "returns statistics that are not the octets carried", "h248-statistics";
    Tap "hides-packages" control::HidesPackages, "H.248.1 7.2.5", "leaves packages out of its audit", "h248-audit-packages";
    Tap "dies-of-modify" control::DiesOfModify, "H.248.1 7.2.2", "panics when a Modify comes", "h248-stream-mode";
    Tap "deaf-to-subtract" control::DeafToSubtract, "H.248.1 8.2", "never answers Subtract", "h248-duplicate-subtract";
    Tap "one-error-for-all" control::OneErrorForAll, "H.248.8", "answers every error with 500", "h248-error.a-Modify-in-a-context-that-does-not-exist-411";
    Policy "accepts-any-identity" conference::AcceptsAnyIdentity, "RFC 4279 2", "takes the right key under any name", "4.1.3c-refusal.1.3-goes-by-another-name";
    Policy "shares-key" conference::SharesKey::default(), "TR 29.828 4.1.3", "uses the first key it was given on every leg", "4.1.3c-keys.1.3";
    Policy "takes-certificates" conference::TakesCertificates, "TR 29.828 4.1.3", "lets any certificate stand in for the key", "4.1.3c-refusal.1.3-has-a-certificate-instead-of-the-key";
    Policy "no-tls-with-key" conference::NoTlsWithKey, "TR 29.828 4.1.3", "treats TCP/TLS as TCP where it was given a key", "4.1.3c-mixed.1.3-opens-1.2-awaits-4";
    Policy "echoes" conference::Echoes, "TR 29.828 4.1.3", "sends a participant's words back to it", "7-fan-out.UE-A";
    Policy "forgets-the-last" conference::ForgetsTheLast, "TR 29.828 4.1.3", "leaves one of the others out", "7-fan-out.UE-B";
    Policy "keeps-senders-paths" conference::KeepsSendersPaths, "RFC 4975 7.1", "names the sender's path to the others", "7-fan-out.UE-C";
    Policy "leaves-answers-out" conference::LeavesAnswersOut, "RFC 4975 7.2", "does not answer what a participant sends", "7-fan-out.UE-A";
    Policy "ends-with-one" conference::EndsWithOne, "TR 29.828 4.1.3", "ends every participant's bearer with one's", "7-leaving.UE-A-releases-its-bearer";
    Tap "takes-keys-anywhere" conference::TakesKeysAnywhere, "H.248.1 7.1.7", "takes a key it has no use for", "4.1.3c-key-at-agw";
    Tap "short-tokens-only" control::ShortTokensOnly, "H.248.1 B.2", "does not understand long tokens", "h248-spelling.with-long-tokens";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names: BTreeSet<_> = ALL.iter().map(|fault| fault.name).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.iter().all(|fault| Fault::named(fault.name).is_some()));
    }
}
