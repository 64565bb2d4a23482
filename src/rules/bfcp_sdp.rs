//! BFCP streams in SDP: RFC 8856, and RFC 4583 where the older RFC differs.

use super::{Finding, roles::Party};
use crate::wire::sdp::{
    BfcpVersions, ConferenceId, FloorControl, FloorControlRole, FloorId, MediaKind, Stream, Transport, UserId,
};

/// The roles that may answer an offered list (RFC 8856 5.1). `c-s` is answered by `c-s` (RFC 4583 4) or as if it were
/// `c-only s-only` (RFC 8856 5.1); no attribute means a client that wants a server.
pub fn floor_controls_for_answer(offer: Option<&FloorControl>) -> Vec<FloorControlRole> {
    use FloorControlRole::{ClientOnly, ClientServer, ServerOnly};
    let offered = offer.map_or(&[ClientOnly][..], |control| &control.0);
    let may = |role| offered.contains(&role);
    let mut answers = Vec::new();
    if may(ServerOnly) || may(ClientServer) {
        answers.push(ClientOnly);
    }
    if may(ClientOnly) || may(ClientServer) {
        answers.push(ServerOnly);
    }
    if may(ClientServer) {
        answers.push(ClientServer);
    }
    answers
}

/// Who is floor control server; `None` when both are (`c-s`) or the answer is no single role.
pub fn floor_control_server(answer: Option<&FloorControl>) -> Option<Party> {
    match answer.map(|control| control.0.as_slice()) {
        None | Some([FloorControlRole::ServerOnly]) => Some(Party::Answerer),
        Some([FloorControlRole::ClientOnly]) => Some(Party::Offerer),
        Some(_) => None,
    }
}

/// The versions a stream speaks: its `a=bfcpver`, else 1 over reliable and 2 over unreliable transport (RFC 8856 5.5).
pub fn bfcp_versions(stream: Stream<'_, '_>) -> Vec<u32> {
    match stream.get::<BfcpVersions>() {
        Some(BfcpVersions(versions)) => versions.clone(),
        None if stream.media.proto.transport() == Some(Transport::Udp) => vec![2],
        None => vec![1],
    }
}

/// What a BFCP stream of either side does against RFC 8856.
pub fn judge_stream(stream: Stream<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if stream.media.kind != MediaKind::Application {
        findings.push(Finding::shall("RFC 8856 4", "BFCP on an m= line that is no application"));
    }
    if stream.get::<FloorControl>().is_some_and(|control| control.0.contains(&FloorControlRole::ClientServer)) {
        // RFC 4583 endpoints may: hence no "shall".
        findings.push(Finding::should("RFC 8856 5.1", "floorctrl c-s, which RFC 8856 withdrew"));
    }
    if stream.get::<ConferenceId<'_>>().is_some_and(|id| id.number().is_none()) {
        findings.push(Finding::should("RFC 8856 5.2", "confid holds no 32-bit conference id"));
    }
    if stream.get::<UserId<'_>>().is_some_and(|id| id.number().is_none()) {
        findings.push(Finding::should("RFC 8856 5.3", "userid holds no 16-bit user id"));
    }
    if stream.all::<FloorId<'_>>().any(|id| id.number().is_none()) {
        findings.push(Finding::should("RFC 8856 5.4", "floorid holds no 16-bit floor id"));
    }
    findings
}

/// What an answered BFCP stream does against RFC 8856 and its offer.
pub fn judge_answer(offer: Stream<'_, '_>, answer: Stream<'_, '_>) -> Vec<Finding> {
    let mut findings = judge_stream(answer);
    let answered = answer.get::<FloorControl>();
    let permitted = floor_controls_for_answer(offer.get());
    match answered.map(|control| control.0.as_slice()) {
        Some([role]) if permitted.contains(role) => {}
        Some([role]) => {
            findings.push(Finding::shall("RFC 8856 5.1", format!("floorctrl:{role} does not answer the offer")));
        }
        Some(_) => findings.push(Finding::shall("RFC 8856 5.1", "an answer names one floor control role")),
        // RFC 8856 5.1: silence is the server.
        None if permitted.contains(&FloorControlRole::ServerOnly) => {}
        None => findings.push(Finding::shall("RFC 8856 5.1", "an answer to a server says floorctrl:c-only")),
    }
    let is_server = floor_control_server(answered) == Some(Party::Answerer);
    if is_server && (answer.get::<ConferenceId<'_>>().is_none() || answer.get::<UserId<'_>>().is_none()) {
        findings.push(Finding::should("RFC 8856 5.2", "a floor control server gives confid and userid"));
    }
    let offered_versions = bfcp_versions(offer);
    if !bfcp_versions(answer).iter().any(|version| offered_versions.contains(version)) {
        findings.push(Finding::shall("RFC 8856 5.5", "offer and answer share no BFCP version"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sdp::{MediaDescription, Proto, SessionDescription};

    fn bfcp() -> MediaDescription<'static> {
        MediaDescription::new(MediaKind::Application, Some(4000), Proto::TcpTlsBfcp)
    }

    fn roles(roles: &[FloorControlRole]) -> FloorControl {
        FloorControl(roles.to_vec())
    }

    fn clauses(offer: MediaDescription<'_>, answer: MediaDescription<'_>) -> Vec<&'static str> {
        let (offer, answer) = (SessionDescription::new(offer), SessionDescription::new(answer));
        let findings = judge_answer(offer.stream(0).unwrap(), answer.stream(0).unwrap());
        findings.into_iter().map(|finding| finding.clause).collect()
    }

    use FloorControlRole::{ClientOnly, ClientServer, ServerOnly};

    #[test]
    fn a_client_is_answered_by_a_server_and_a_server_by_a_client() {
        let server = || bfcp().with(roles(&[ServerOnly])).with(ConferenceId::from(7)).with(UserId::from(9));
        let client = || bfcp().with(roles(&[ClientOnly]));
        assert!(clauses(client(), server()).is_empty());
        assert!(clauses(server(), client()).is_empty());
        assert!(clauses(bfcp(), server()).is_empty());
        assert_eq!(clauses(client(), client()), ["RFC 8856 5.1"]);
        assert_eq!(clauses(server(), bfcp()), ["RFC 8856 5.1", "RFC 8856 5.2"]);
        assert_eq!(clauses(client(), bfcp().with(roles(&[ClientOnly, ServerOnly]))), ["RFC 8856 5.1"]);
    }

    #[test]
    fn a_server_gives_ids_that_fit_bfcp() {
        let vague = bfcp().with(roles(&[ServerOnly])).with(ConferenceId("x".into())).with(UserId("65536".into()));
        assert_eq!(clauses(bfcp(), vague), ["RFC 8856 5.2", "RFC 8856 5.3"]);
        assert_eq!(clauses(bfcp(), bfcp()), ["RFC 8856 5.2"]);
    }

    #[test]
    fn c_s_may_be_answered_in_three_ways() {
        assert_eq!(floor_controls_for_answer(Some(&roles(&[ClientServer]))), [ClientOnly, ServerOnly, ClientServer]);
        assert_eq!(floor_control_server(Some(&roles(&[ClientServer]))), None);
        assert_eq!(floor_control_server(Some(&roles(&[ClientOnly]))), Some(Party::Offerer));
    }

    #[test]
    fn versions_default_by_transport_and_must_meet() {
        let udp = SessionDescription::new(MediaDescription::new(MediaKind::Application, Some(1), Proto::UdpBfcp));
        assert_eq!(bfcp_versions(udp.stream(0).unwrap()), [2]);
        let answer = bfcp().with(roles(&[ClientOnly])).with(BfcpVersions(vec![2]));
        assert_eq!(clauses(bfcp().with(roles(&[ServerOnly])), answer), ["RFC 8856 5.5"]);
    }
}
