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
mod h248_audit;
mod h248_command;
mod h248_event;
mod h248_message;
mod h248_transaction;
mod msrp;
pub mod null;
mod release;
mod rewrite;
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
    Tap "stops-at-optional" h248_command::StopsAtOptional, "H.248.1 8.2.2", "stops at a command marked O-", "h248-am-optional";
    Tap "never-stops" h248_command::NeverStops, "H.248.1 8.2.2", "goes on after a command that failed", "h248-am-stops";
    Tap "answers-each" h248_command::AnswersEach, "H.248.1 6.2.2", "answers W- for each termination", "h248-md-wildcarded-response";
    Tap "answers-once" h248_command::AnswersOnce, "H.248.1 6.2.2", "answers every wildcard once", "h248-md-wildcard";
    Tap "modifies-none-of-all" h248_command::ModifiesOneOfAll, "H.248.1 6.2.2", "reports a wildcarded Modify it did not carry out", "h248-md-wildcard";
    Tap "reports-one-of-all" h248_command::ReportsOneOfAll, "H.248.1 6.2.2", "reports one of the terminations a wildcard matched", "h248-md-wildcard";
    Tap "adds-root" h248_command::AddsRoot, "H.248.1 6.2.5", "takes ROOT in an Add for a termination to choose", "h248-ad-root";
    Tap "adds-inactive" h248_command::AddsInactive, "H.248.1 7.1.7", "adds every stream inactive", "h248-ad-mode.SendOnly";
    Tap "adds-active" h248_command::AddsActive, "H.248.1 7.1.7", "adds streams active when no mode is said", "h248-ad-default-mode";
    Tap "leaves-choice" h248_command::LeavesChoice, "H.248.1 7.1.8", "does not say what it chose", "h248-ad-local-chosen";
    Tap "loses-second-stream" h248_command::LosesSecondStream, "H.248.1 7.1.6", "keeps the first stream only", "h248-ad-two-streams";
    Tap "moves-inactive" h248_command::MovesInactive, "H.248.1 7.2.4", "makes a stream inactive when its termination is moved", "h248-mo-media-stay";
    Tap "move-copies" h248_command::MoveCopies, "H.248.1 7.2.4", "adds another termination instead of moving one", "h248-mo-move";
    Policy "ignores-topology" h248_command::IgnoresTopology, "H.248.1 7.1.18", "lets isolated terminations hear each other", "h248-am-isolate";
    Tap "swallows-unknown" h248_command::SwallowsUnknown, "H.248.8", "ignores properties of packages it does not know", "h248-ad-refused-item.a-property-of-an-unknown-package";
    Tap "releases-unnamed" h248_command::ReleasesUnnamed, "H.248.1 7.2.2", "releases what a Modify does not name", "h248-md-rest-stays";
    Tap "reports-unasked" h248_command::ReportsUnasked, "H.248.1 7.2.2", "reports media nobody asked for", "h248-md-rest-stays";
    Tap "reports-nothing" h248_command::ReportsNothing, "H.248.1 7.1.12", "ignores Audit in Add and Modify", "h248-md-audit";
    Tap "keeps-old-remote" h248_command::KeepsOldRemote, "H.248.1 7.1.8", "keeps the first Remote for ever", "h248-md-remote";
    Tap "ignores-service-state" h248_command::IgnoresServiceState, "H.248.1 7.1.5", "ignores the service state it is told", "h248-md-service-state.Test";
    Tap "half-modify" h248_transaction::HalfModify, "H.248.1 8.2.2", "keeps the first half of a Modify that fails", "h248-md-rolled-back";
    Tap "subtracts-silently" h248_command::SubtractsSilently, "H.248.1 7.2.3", "returns no statistics with Subtract", "h248-su-statistics";
    Tap "subtracts-loudly" h248_command::SubtractsLoudly, "H.248.1 7.2.3", "returns statistics that were declined", "h248-su-silent";
    Tap "forgets-context-properties" h248_command::ForgetsContextProperties, "H.248.1 6.1.1", "forgets priority and emergency", "h248-am-priority";
    Tap "reverses-commands" h248_command::ReversesCommands, "H.248.1 8.1", "carries out the last command first", "h248-am-order";
    Tap "never-out-of-service" h248_command::NeverOutOfService, "H.248.1 7.2.8", "does not take terminations out of service", "h248-sc-forced.Restart-Forced-905-Termination-taken-out-of-service-OutOfService";
    Tap "forgets-error" h248_message::ForgetsError, "H.248.8", "grants commands on terminations nobody has", "h248-md-refused.a-termination-that-does-not-exist";
    Tap "stale-mode" h248_audit::StaleMode, "H.248.1 7.2.5", "reports every stream as inactive", "h248-md-mode.SendOnly";
    Tap "hides-media" h248_audit::HidesMedia, "H.248.1 7.2.5", "leaves media out of its audits", "h248-av-descriptor.media";
    Tap "hides-empty" h248_audit::HidesEmpty, "H.248.1 7.2.5", "leaves out descriptors that are empty", "h248-av-descriptor.absent-signals";
    Tap "always-media" h248_audit::AlwaysMedia, "H.248.1 7.2.5", "reports media whatever is asked for", "h248-av-several";
    Tap "whole-for-part" h248_audit::WholeForPart, "H.248.1 7.1.12", "reports the whole descriptor where a part is asked for", "h248-av-individual";
    Tap "lists-root" h248_audit::ListsRoot, "H.248.1 6.2.5", "takes a wildcard to mean ROOT too", "h248-av-root-not-wildcarded";
    Tap "stands-still" h248_audit::StandsStill, "H.248.1 E.11", "reports a duration of 0", "h248-av-duration";
    Tap "counts-from-before" h248_audit::CountsFromBefore, "H.248.1 E.11", "begins to count where another termination ended", "h248-pk-statistics";
    Tap "hides-capabilities" h248_audit::CapabilitiesAreValues, "H.248.1 7.2.6", "names no events and statistics as capabilities", "h248-ac-events";
    Tap "hides-mandatory" h248_audit::HidesMandatory, "TS 29.334 5.14", "lacks a package its profile makes mandatory", "h248-pk-mandatory";
    Tap "other-request-id" h248_event::OtherRequestId, "H.248.1 7.2.7", "notifies with another request id", "h248-no-notified";
    Tap "notifies-twice" h248_event::NotifiesTwice, "H.248.1 7.2.7", "notifies everything twice", "h248-no-once";
    Tap "no-cause" h248_event::NoCause, "H.248.1 E.1.2", "notifies without parameters", "h248-no-cause";
    Tap "keeps-first-events" h248_event::KeepsFirstEvents, "H.248.1 7.1.9", "keeps the first Events descriptor for ever", "h248-no-latest-request";
    Tap "never-clears-events" h248_event::NeverClearsEvents, "H.248.1 7.1.9", "does not take an empty Events descriptor for an end", "h248-no-cleared";
    Tap "all-streams" h248_event::AllStreams, "H.248.1 7.1.9", "notifies events of streams nobody asked about", "h248-no-stream";
    Tap "no-event-wildcard" h248_event::NoEventWildcard, "H.248.1 7.1.9", "does not understand g/*", "h248-no-wildcard";
    Tap "ignores-buffer" h248_event::IgnoresBuffer, "H.248.1 7.1.5", "does not buffer events in lock step", "h248-no-lock-step";
    Tap "no-embedded" h248_event::NoEmbedded, "H.248.1 7.1.9", "forgets embedded descriptors", "h248-no-embedded";
    Tap "no-completion" h248_event::NoCompletion, "H.248.1 E.1.2", "does not tell that a signal has ended", "h248-no-completion";
    Tap "never-ends-signals" h248_event::NeverEndsSignals, "H.248.1 7.1.11", "does not take an empty Signals descriptor for an end", "h248-no-signal-kept";
    Tap "takes-notify" h248_event::TakesNotify, "H.248.8", "takes a Notify from its MGC", "h248-no-to-gateway";
    Tap "one-version" h248_message::OneVersion, "H.248.1 11.3", "answers in version 3 whatever it was asked in", "h248-ve-reply.2";
    Tap "any-version" h248_message::AnyVersion, "H.248.1 8.3", "takes any version for one it knows", "h248-ve-unknown.4";
    Tap "first-of-list" h248_message::FirstOfList, "H.248.1 B.2", "sees the first termination of a list", "h248-ve-list";
    Tap "case-sensitive" h248_message::CaseSensitive, "H.248.1 B.2", "does not understand tokens in lower case", "h248-sy-tokens.in-lower-case";
    Tap "no-comments" h248_message::NoComments, "H.248.1 B.2", "does not understand comments", "h248-sy-comments";
    Tap "no-white-space" h248_message::NoWhiteSpace, "H.248.1 B.2", "does not understand tabs", "h248-sy-white-space";
    Tap "no-escape" h248_message::NoEscape, "H.248.1 B.2", "ends SDP at an escaped brace", "h248-sy-brace-in-sdp";
    Tap "lowers-sdp" h248_message::LowersSdp, "H.248.1 B.2", "changes the case of SDP", "h248-sy-sdp-not-comment";
    Tap "comments-in-sdp" h248_message::CommentsInSdp, "H.248.1 B.2", "takes a semicolon in SDP for a comment", "h248-sy-sdp-not-comment";
    Tap "descriptors-in-order" h248_message::DescriptorsInOrder, "H.248.1 B.2", "wants descriptors in one order", "h248-sy-descriptor-order";
    Tap "wrong-level" h248_message::WrongLevel, "H.248.1 8.2.2", "reports syntax errors one level too high", "h248-sy-ladder.A-context-id-that-is-no-number";
    Tap "nothing-before-error" h248_message::NothingBeforeError, "H.248.1 8.2.2", "does not report what it did before a syntax error", "h248-sy-carried-out-before.a-broken-command";
    Tap "hides-unreadable" h248_message::HidesUnreadable, "H.248.1 8.2.2", "is silent on a transaction without an id", "h248-sy-transaction-id.A-transaction-id-that-is-no-number";
    Tap "requires-authentication" h248_message::RequiresAuthentication, "H.248.1 10.2", "chokes on an authentication header", "h248-am-authentication";
    Tap "answers-replies" h248_message::AnswersReplies, "H.248.1 8.2", "answers replies", "h248-am-not-answered.A-reply";
    Tap "dies-of-junk" h248_message::DiesOfJunk, "H.248.1 9", "panics when SIP comes", "h248-am-junk.words-that-are-no-H.248";
    Tap "names-no-version" h248_message::NamesNoVersion, "H.248.1 11.3", "registers without its version", "h248-sc-registration";
    Tap "names-no-profile" h248_message::NamesNoProfile, "TS 29.334 5.1", "registers without its profile", "h248-sc-profile";
    Tap "short-ids" h248_transaction::ShortIds, "H.248.1 8.2", "keeps 31 bits of a transaction id", "h248-tr-id.beyond-31-bits";
    Tap "replies-twice" h248_transaction::RepliesTwice, "H.248.1 8.2", "sends each reply twice", "h248-am-not-answered.A-Pending";
    Tap "first-transaction-only" h248_transaction::FirstTransactionOnly, "H.248.1 8.2", "reads one transaction of a message", "h248-tr-two-in-a-message";
    Tap "short-replies" h248_transaction::ShortReplies, "H.248.1 8.2", "answers 64 commands of an action", "h248-tr-many-commands";
    Tap "dies-of-length" h248_transaction::DiesOfLength, "H.248.1 9", "panics when a message is long", "h248-tr-ten-thousand";
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
