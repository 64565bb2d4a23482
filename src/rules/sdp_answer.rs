//! Offers and answers against RFC 3264 and RFC 4145, and from there to the rules of what flows in the stream.

use super::{Finding, bfcp_sdp, fingerprint::judge_fingerprints, msrp_sdp};
use crate::wire::sdp::{Application, Connection, SessionDescription, Setup, Stream, Transport};

/// The `a=setup` values that may answer an offer; an offer without one is `active` (RFC 4145 4.1).
pub const fn setups_for_answer(offer: Option<Setup>) -> &'static [Setup] {
    match offer {
        Some(Setup::Active) | None => &[Setup::Passive, Setup::HoldConn],
        Some(Setup::Passive) => &[Setup::Active, Setup::HoldConn],
        Some(Setup::ActPass) => &[Setup::Active, Setup::Passive, Setup::HoldConn],
        Some(Setup::HoldConn) => &[Setup::HoldConn],
    }
}

/// The `a=connection` values that may answer an offer; absent is `new` on both sides (RFC 4145 5.1).
pub const fn connections_for_answer(offer: Option<Connection>) -> &'static [Connection] {
    match offer {
        Some(Connection::New) | None => &[Connection::New],
        Some(Connection::Existing) => &[Connection::Existing, Connection::New],
    }
}

/// What an offered stream does against the clauses that bind its proto. A stream with port 0 is offered to nobody.
pub fn judge_offer(offer: Stream<'_, '_>) -> Vec<Finding> {
    if offer.media.port_number() == Some(0) {
        return Vec::new();
    }
    let mut findings = judge_stream(offer);
    match offer.media.proto.application() {
        Some(Application::Msrp) => findings.extend(msrp_sdp::judge_offer(offer)),
        Some(Application::Bfcp) => findings.extend(bfcp_sdp::judge_stream(offer)),
        Some(Application::Agnostic) | None => {}
    }
    findings
}

/// What an answered stream does against its offer and the clauses that bind its proto. A rejected stream (port 0) is
/// in order.
pub fn judge_answer(offer: Stream<'_, '_>, answer: Stream<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if answer.media.kind != offer.media.kind {
        findings.push(Finding::shall("RFC 3264 6", "the answer changes the kind of medium"));
    }
    if answer.media.proto != offer.media.proto {
        findings.push(Finding::shall("RFC 3264 6", "the answer changes the transport protocol"));
    }
    if answer.media.port_number() == Some(0) {
        return findings;
    }
    if offer.media.port_number() == Some(0) {
        findings.push(Finding::shall("RFC 3264 6", "the answer takes a stream that was offered with port 0"));
        return findings;
    }
    findings.extend(judge_stream(answer));
    if offer.media.proto.transport() == Some(Transport::Tcp) {
        findings.extend(judge_tcp_answer(offer, answer));
    }
    match offer.media.proto.application() {
        Some(Application::Msrp) => findings.extend(msrp_sdp::judge_answer(offer, answer)),
        Some(Application::Bfcp) => findings.extend(bfcp_sdp::judge_answer(offer, answer)),
        Some(Application::Agnostic) | None => {}
    }
    findings
}

/// Every stream of an answer against its offer.
pub fn judge_answers(offer: &SessionDescription<'_>, answer: &SessionDescription<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if offer.media.len() != answer.media.len() {
        findings.push(Finding::shall("RFC 3264 6", "the answer has not as many m= lines as the offer"));
    }
    findings.extend(offer.streams().zip(answer.streams()).flat_map(|(offer, answer)| judge_answer(offer, answer)));
    findings
}

/// What holds for a stream of either side.
fn judge_stream(stream: Stream<'_, '_>) -> Vec<Finding> {
    let mut findings = judge_fingerprints(stream);
    let over_tcp = stream.media.proto.transport() == Some(Transport::Tcp);
    let existing = stream.get() == Some(&Connection::Existing);
    if over_tcp && !existing && stream.setup() == Some(Setup::Active) && !matches!(stream.media.port_number(), Some(9))
    {
        findings.push(Finding::should("RFC 4145 4.1", "an active endpoint has no port of its own: 9 stands for it"));
    }
    findings
}

fn judge_tcp_answer(offer: Stream<'_, '_>, answer: Stream<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let connection = answer.get().copied().unwrap_or(Connection::New);
    if !connections_for_answer(offer.get().copied()).contains(&connection) {
        findings.push(Finding::shall("RFC 4145 5.1", "the answer keeps a connection the offer wants to be new"));
    }
    // RFC 4145 5.1: an existing connection keeps its roles, and setup means nothing.
    if connection == Connection::Existing {
        return findings;
    }
    let setup = answer.setup().unwrap_or(Setup::Passive);
    if !setups_for_answer(offer.setup()).contains(&setup) {
        let offered = offer.setup().unwrap_or(Setup::Active);
        findings.push(Finding::shall("RFC 4145 4.1", format!("setup:{setup} does not answer setup:{offered}")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sdp::{ConnectionData, MediaDescription, MediaKind, Proto};
    use std::net::{IpAddr, Ipv4Addr};

    fn tcp(port: u16) -> MediaDescription<'static> {
        MediaDescription::new(MediaKind::Application, Some(port), Proto::Tcp)
            .with_connection(ConnectionData::from(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }

    fn clauses(offer: MediaDescription<'_>, answer: MediaDescription<'_>) -> Vec<&'static str> {
        let (offer, answer) = (SessionDescription::new(offer), SessionDescription::new(answer));
        judge_answers(&offer, &answer).into_iter().map(|finding| finding.clause).collect()
    }

    #[test]
    fn an_answer_takes_the_complementary_setup() {
        assert!(clauses(tcp(9).with(Setup::Active), tcp(4000).with(Setup::Passive)).is_empty());
        assert!(clauses(tcp(4000).with(Setup::ActPass), tcp(9).with(Setup::Active)).is_empty());
        assert!(clauses(tcp(4000), tcp(4000)).is_empty());
        assert_eq!(clauses(tcp(9).with(Setup::Active), tcp(9).with(Setup::Active)), ["RFC 4145 4.1"]);
        assert_eq!(clauses(tcp(4000).with(Setup::Passive), tcp(4000)), ["RFC 4145 4.1"]);
        assert_eq!(clauses(tcp(4000).with(Setup::ActPass), tcp(4000).with(Setup::ActPass)), ["RFC 4145 4.1"]);
        assert_eq!(clauses(tcp(4000).with(Setup::HoldConn), tcp(4000).with(Setup::Passive)), ["RFC 4145 4.1"]);
    }

    #[test]
    fn an_answer_keeps_no_connection_that_the_offer_renews() {
        let existing = || tcp(4000).with(Connection::Existing);
        assert_eq!(clauses(tcp(4000), existing()), ["RFC 4145 5.1"]);
        assert!(clauses(existing(), tcp(4000)).is_empty());
        assert!(clauses(existing().with(Setup::Active), existing().with(Setup::Active)).is_empty());
    }

    #[test]
    fn an_active_endpoint_announces_port_9() {
        assert_eq!(clauses(tcp(4000).with(Setup::ActPass), tcp(4000).with(Setup::Active)), ["RFC 4145 4.1"]);
    }

    #[test]
    fn a_rejected_stream_is_in_order_and_a_dead_one_stays_dead() {
        assert!(clauses(tcp(9).with(Setup::Active), tcp(0).with(Setup::Active)).is_empty());
        assert_eq!(clauses(tcp(0), tcp(4000)), ["RFC 3264 6"]);
    }

    #[test]
    fn an_answer_mirrors_the_streams_of_its_offer() {
        let udp = MediaDescription::new(MediaKind::Audio, Some(0), Proto::RtpAvp);
        assert_eq!(clauses(tcp(4000), udp), ["RFC 3264 6"; 2]);
        let offer = SessionDescription::new(tcp(4000));
        let findings = judge_answers(&offer, &SessionDescription::default());
        assert_eq!(findings.len(), 1);
    }
}
