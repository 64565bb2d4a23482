//! The decisions a gateway takes on which conformance hangs, in one place, so that a deliberately faulty gateway is the
//! reference with one decision overridden.
//!
//! Each is asked by one machine only, since a role swapped twice would be the right one: the relay asks `accepts_peer`,
//! `accepts_identity`, `wants_client_certificate`, `may_forward`, `forward`, `accepts_msrp_session`, `msrp_paths`,
//! `isolates`, `spreads_release` and what concerns participants, the H.248 side the rest.

use super::bearer::{LegId, LegSetup};
use crate::{
    rules::roles::{TcpRole, TlsRole},
    wire::msrp::{Head, Path},
};

/// Decisions of a gateway. Every default is the conformant one; override one to break one requirement.
pub trait Policy: Send + Sync + std::fmt::Debug {
    /// Is the certificate the peer presented (DER, `None` if it presented none) the one signalled? RFC 8122 section 5.
    /// `matches` is what the fingerprint comparison says; a client that was not asked for a certificate matches without.
    fn accepts_peer(&self, matches: bool, certificate: Option<&[u8]>) -> bool {
        let _ = certificate;
        matches
    }

    /// Must a TLS client present a certificate when the gateway is the server? RFC 8122 section 5.
    fn wants_client_certificate(&self) -> bool {
        true
    }

    /// May a TLS client that names this identity use the key? `matches`: it is the one signalled with it. RFC 4279 2.
    fn accepts_identity(&self, matches: bool) -> bool {
        matches
    }

    /// May octets received on one leg go out on another, or come in? `verified`: TLS ended with the signalled peer (always
    /// true on a plain leg). TR 4.3.1.
    fn may_forward(&self, verified: bool, mode_allows: bool) -> bool {
        verified && mode_allows
    }

    /// Does the topology keep what one leg receives from another? H.248.1 7.1.18.
    fn isolates(&self, blocked: bool) -> bool {
        blocked
    }

    /// The TLS role a leg takes, given the one the rules say. TR 4.3.3.1.
    fn tls_role(&self, ruled: TlsRole) -> TlsRole {
        ruled
    }

    /// The TCP role a leg takes, given the one the rules say. TR 4.4.2.1.
    fn tcp_role(&self, ruled: TcpRole) -> TcpRole {
        ruled
    }

    /// Last word on how a leg is set up, before it is. TR 4.3.2, 4.4.1.
    fn leg_setup(&self, setup: LegSetup) -> LegSetup {
        setup
    }

    /// Application octets on their way out of a leg. The reference leaves them as they are. TR 4.1.4 a.
    fn forward(&self, octets: &mut Vec<u8>) {
        let _ = octets;
    }

    /// Is a frame whose To-Path names this leg's session, or does not, for it? Aware mode only. RFC 4975 7.3.
    fn accepts_msrp_session(&self, matches: bool) -> bool {
        matches
    }

    /// To-Path and From-Path of a frame on its way out in aware mode, given those the rules say. `came` is its head as it came
    /// in. TR 4.1.4 b.
    fn msrp_paths<'p>(&self, came: &Head<'_>, to_path: Path<'p>, from_path: Path<'p>) -> (Path<'p>, Path<'p>) {
        let _ = came;
        (to_path, from_path)
    }

    /// Does the end of one leg's bearer end the other's? signalling model, "release".
    fn spreads_release(&self) -> bool {
        true
    }

    /// Does the end of one participant's bearer leave the others' alone? TR 4.1.3 c.
    fn isolates_participants(&self) -> bool {
        true
    }

    /// Last word on who gets what a participant of a conference sends. TR 4.1.3 c.
    fn delivers_to(&self, sender: LegId, receivers: &mut Vec<LegId>) {
        let _ = (sender, receivers);
    }

    /// Does the switch answer what a participant sends? RFC 4975 7.2.
    fn answers_messages(&self) -> bool {
        true
    }

    /// Is a repeated transaction answered from store instead of executed again? H.248.1 annex D.1.
    fn answers_duplicates_from_store(&self) -> bool {
        true
    }

    /// Does a request that takes long get Pending? H.248.1 8.2.3.
    fn says_pending(&self) -> bool {
        true
    }

    /// Must the reply after Pending be acknowledged at once? H.248.1 8.2.3.
    fn wants_acknowledgement(&self) -> bool {
        true
    }

    /// Is a reply too long for a message segmented where that is allowed? H.248.1 version 3.
    fn segments(&self) -> bool {
        true
    }

    /// Are requests of others than the MGC executed? H.248.1 11.1.
    fn obeys_strangers(&self) -> bool {
        false
    }

    /// Does the gateway look for an MGC when its own is lost? H.248.1 11.5.
    fn looks_for_mgc(&self) -> bool {
        true
    }

    /// Does Subtract take the termination, its bearers and ports away, and the context with its last termination?
    /// H.248.1 7.2.3.
    fn subtract_releases(&self) -> bool {
        true
    }

    /// Is the MGC told of bearer failures and releases it asked for? TR 4.3.3.2, TS 23.334 clause 8.
    fn notifies(&self) -> bool {
        true
    }
}

/// The reference: every default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reference;

impl Policy for Reference {}
