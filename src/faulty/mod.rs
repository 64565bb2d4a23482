//! Layer 4: deliberately broken gateways, to prove that the suite sees what is wrong.
//!
//! A [`Fault`] is the reference gateway with one decision overridden ([`Policy`]) or with its control octets changed on their
//! way ([`Tap`]); nothing inside the reference knows of it. `--target faulty:NAME` runs the suite against one. The null
//! gateways ([`null`]) are no reference at all: they register and do nothing right.
//!
//! To add one: a unit struct in the file of its theme with one method overridden, and a row in [`ALL`].

mod admission;
mod control;
mod forwarding;
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
    ($($kind:ident $name:literal $type:path, $clause:literal, $does:literal;)+) => {
        /// Every fault, in the order of the clauses they break.
        pub const ALL: &[Fault] = &[$(Fault {
            name: $name,
            does: $does,
            clause: $clause,
            behaviour: Behaviour::$kind(|| Arc::new($type)),
        }),+];
    };
}

faults! {
    Policy "accepts-any-certificate" admission::AcceptsAnyCertificate, "TR 29.828 4.1.1", "takes any certificate for the one signalled";
    Policy "accepts-no-certificate" admission::AcceptsNoCertificate, "RFC 8122 5", "takes a TLS client that presents none";
    Policy "accepts-unsignalled" admission::AcceptsUnsignalled, "RFC 8122 5", "does not ask its TLS client for a certificate";
    Policy "refuses-everyone" admission::RefusesEveryone, "TR 29.828 4.1.1", "refuses the peer that was signalled";
    Policy "forwards-before-tls" forwarding::ForwardsBeforeTls, "TR 29.828 4.3.1", "lets octets of the far side through before TLS ends";
    Policy "ignores-stream-mode" forwarding::IgnoresStreamMode, "H.248.1 7.1.7", "forwards on inactive streams";
    Policy "forwards-nothing" forwarding::ForwardsNothing, "TR 29.828 4.1.3", "swallows application octets";
    Policy "rewrites-msrp" forwarding::RewritesMsrp, "TR 29.828 4.1.4", "changes MSRP paths in agnostic mode";
    Policy "upper-cases" forwarding::UpperCases, "TR 29.828 4.1.4", "changes the case of header names";
    Policy "doubles-octets" forwarding::DoublesOctets, "TR 29.828 4.1.4", "sends what it forwards twice";
    Policy "loses-last-octet" forwarding::LosesLastOctet, "TR 29.828 4.1.4", "drops the last octet of what it forwards";
    Policy "swaps-tls-role" roles::SwapsTlsRole, "TR 29.828 4.3.3.1", "takes the other TLS role";
    Policy "always-tls-server" roles::AlwaysTlsServer, "TR 29.828 4.3.3.1", "is TLS server whatever it is told";
    Policy "swaps-tcp-role" roles::SwapsTcpRole, "TR 29.828 4.4.2.1", "takes the other TCP role";
    Policy "always-passive" roles::AlwaysPassive, "TR 29.828 4.4.2.1", "waits whatever it is told";
    Policy "ignores-tls" roles::IgnoresTls, "TR 29.828 4.3.2", "treats TCP/TLS as TCP";
    Policy "always-tls" roles::AlwaysTls, "TR 29.828 4.4.1", "treats TCP as TCP/TLS";
    Policy "keeps-after-subtract" release::KeepsAfterSubtract, "H.248.1 7.2.3", "keeps context, bearers and ports after Subtract";
    Policy "keeps-far-leg" release::KeepsFarLeg, "TR 29.828 4.3.4", "does not pass the end of one leg on to the other";
    Policy "never-notifies" release::NeverNotifies, "TS 23.334 8", "keeps failures and releases to itself";
    Policy "executes-duplicates" control::ExecutesDuplicates, "H.248.1 D.1", "executes a repeated transaction again";
    Tap "drops-fingerprint" control::DropsFingerprint, "TR 29.828 4.3.2", "leaves the fingerprint out of its replies";
    Tap "announces-other-fingerprint" control::AnnouncesOtherFingerprint, "TR 29.828 4.1.1", "announces the fingerprint of another certificate";
    Tap "announces-other-port" control::AnnouncesOtherPort, "H.248.1 7.1.8", "announces a port it does not listen on";
    Tap "announces-other-proto" control::AnnouncesOtherProto, "TR 29.828 4.3.2", "says TCP where it does TCP/TLS";
    Tap "miscounts" control::Miscounts, "H.248.1 E.11", "returns statistics that are not the octets carried";
    Tap "hides-packages" control::HidesPackages, "H.248.1 7.2.5", "leaves packages out of its audit";
    Tap "dies-of-modify" control::DiesOfModify, "H.248.1 7.2.2", "panics when a Modify comes";
    Tap "deaf-to-subtract" control::DeafToSubtract, "H.248.1 8.2", "never answers Subtract";
    Tap "one-error-for-all" control::OneErrorForAll, "H.248.8", "answers every error with 500";
    Tap "short-tokens-only" control::ShortTokensOnly, "H.248.1 B.2", "does not understand long tokens";
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
