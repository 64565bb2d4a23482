//! MSRP streams in SDP: RFC 4975, the TCP roles of RFC 6135, and anchoring by RFC 6714 (CEMA).

use super::Finding;
use crate::{
    rules::msrp_path::{AuthorityMatch, authority_match},
    wire::{
        msrp::{self, MsrpUri},
        sdp::{AcceptTypes, Connection, Host, MediaKind, MsrpCema, Setup, Stream},
    },
};

/// Where the active side connects to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectTo {
    /// The first URI of the peer's path (RFC 4975 8.3).
    Path,
    /// The peer's `c=` and `m=` lines; paths serve matching alone (RFC 6714 4).
    MediaLine,
}

/// What a CEMA endpoint does with what it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CemaOutcome {
    /// The session is set up, connecting as said.
    Proceed(ConnectTo),
    /// The offerer offers once more without `a=msrp-cema` (RFC 6714 4.2).
    OfferAgainWithoutCema,
    /// The answerer rejects: port 0, or 488 (RFC 6714 4.3).
    Reject,
}

/// What an offered MSRP stream does against RFC 4975, 6135, 6714.
pub fn judge_offer(offer: Stream<'_, '_>) -> Vec<Finding> {
    let mut findings = judge_stream(offer);
    if offer.setup() == Some(Setup::Passive) {
        findings.push(Finding::shall("RFC 6135 4.2", "an offer may not be passive"));
    }
    let behind_relay = offer.path().is_some_and(|path| path.0.len() > 1);
    if has_cema(offer) && behind_relay && offer.setup() != Some(Setup::ActPass) {
        findings.push(Finding::shall("RFC 6714 4.2", "an offerer that uses a relay offers setup:actpass"));
    }
    findings
}

/// What an answered MSRP stream does against RFC 4975, 6135, 6714.
pub fn judge_answer(offer: Stream<'_, '_>, answer: Stream<'_, '_>) -> Vec<Finding> {
    let mut findings = judge_stream(answer);
    if answer.setup() == Some(Setup::ActPass) {
        findings.push(Finding::shall("RFC 6135 4.2", "an answer is active or passive"));
    }
    if offer.setup().is_some() && answer.setup().is_none() {
        findings.push(Finding::shall("RFC 6135 4.2", "an answer to an explicit setup says its own"));
    }
    if has_cema(answer) && !has_cema(offer) {
        findings.push(Finding::shall("RFC 6714 4.3", "msrp-cema in an answer to an offer without it"));
    }
    let behind_relay = answer.path().is_some_and(|path| path.0.len() > 1);
    if has_cema(answer) && behind_relay && answer.setup() != Some(Setup::Passive) {
        findings.push(Finding::shall("RFC 6714 4.3", "an answerer that uses a relay answers setup:passive"));
    }
    findings
}

fn judge_stream(stream: Stream<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut check = |holds: bool, finding: fn(&'static str, &'static str) -> Finding, clause, text| {
        if !holds {
            findings.push(finding(clause, text));
        }
    };
    let shall = |clause, text| Finding::shall(clause, text);
    let should = |clause, text| Finding::should(clause, text);
    check(stream.media.kind == MediaKind::Message, shall, "RFC 4975 8.1", "MSRP on an m= line that is no message");
    check(stream.path().is_some(), shall, "RFC 4975 8.3", "MSRP without a=path");
    check(stream.get::<AcceptTypes<'_>>().is_some(), shall, "RFC 4975 8.6", "MSRP without a=accept-types");
    if let Some(endpoint) = stream.path().and_then(|path| path.endpoint()) {
        let uri = MsrpUri::parse(endpoint).ok();
        let secured = uri.as_ref().is_none_or(|uri| uri.secure == stream.media.proto.is_tls());
        check(secured, should, "RFC 4975 8.1", "the scheme of the path is not that of the m= line's proto");
        let explicit = uri.is_some_and(|uri| uri.port.is_some());
        check(explicit, shall, "RFC 4975 8.3", "the path names no port");
    }
    // An endpoint that says neither follows RFC 4975 alone and is not bound by RFC 6135.
    if stream.setup().is_some() || has_cema(stream) {
        check(stream.setup().is_some(), shall, "RFC 6714 4.1", "msrp-cema without a=setup");
        check(stream.setup() != Some(Setup::HoldConn), shall, "RFC 6135 4.2", "MSRP has no setup:holdconn");
        check(stream.get::<Connection>().is_none(), shall, "RFC 6135 4.4", "MSRP has no a=connection");
    }
    findings
}

/// True for a stream with `a=msrp-cema`.
pub fn has_cema(stream: Stream<'_, '_>) -> bool {
    stream.get::<MsrpCema>().is_some()
}

/// What the answerer does with a CEMA endpoint's offer (RFC 6714 4.3).
pub fn on_offer(offer: Stream<'_, '_>) -> CemaOutcome {
    match (has_cema(offer), address_is_paths(offer)) {
        (true, _) => CemaOutcome::Proceed(ConnectTo::MediaLine),
        // Something between has changed the media line and the offerer will not follow it.
        (false, Some(false)) => CemaOutcome::Reject,
        (false, _) => CemaOutcome::Proceed(ConnectTo::Path),
    }
}

/// What the offerer, whose offer had `a=msrp-cema`, does with the answer (RFC 6714 4.2).
pub fn on_answer(answer: Stream<'_, '_>) -> CemaOutcome {
    let offerer_is_passive = answer.setup() == Some(Setup::Active);
    match (has_cema(answer), address_is_paths(answer)) {
        (true, _) => CemaOutcome::Proceed(ConnectTo::MediaLine),
        (false, Some(false)) if offerer_is_passive => CemaOutcome::OfferAgainWithoutCema,
        (false, _) => CemaOutcome::Proceed(ConnectTo::Path),
    }
}

/// True when `c=` and `m=` say what the path's first URI says (RFC 6714 4.4); `None` when names would have to be
/// resolved to tell, or a part is absent.
pub fn address_is_paths(stream: Stream<'_, '_>) -> Option<bool> {
    let uri = MsrpUri::parse(stream.path()?.next_hop()?).ok()?;
    let (given, port) = (uri.port?, stream.media.port_number()?);
    match (&stream.connection()?.address.host, &uri.host) {
        (Host::Ip(ip), _) => match authority_match(&uri, *ip, port) {
            AuthorityMatch::Same => Some(true),
            AuthorityMatch::Different => Some(false),
            AuthorityMatch::NeedsResolution => None,
        },
        (Host::Name(_) | Host::Choose, _) if given != port => Some(false),
        // Equal names are equal addresses; different ones may be.
        (Host::Name(name), msrp::Host::Name(host)) => name.eq_ignore_ascii_case(host).then_some(true),
        (Host::Name(_) | Host::Choose, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sdp::SessionDescription;

    fn description(lines: &str) -> SessionDescription<'static> {
        let head = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=message 4000 TCP/MSRP *\n";
        let text = format!("{head}a=accept-types:*\n{lines}");
        SessionDescription::parse(text.as_bytes()).unwrap().into_owned()
    }

    fn offered(lines: &str) -> Vec<&'static str> {
        judge_offer(description(lines).stream(0).unwrap()).into_iter().map(|finding| finding.clause).collect()
    }

    const PATH: &str = "a=path:msrp://192.0.2.1:4000/s;tcp\n";

    #[test]
    fn an_rfc_4975_offer_needs_no_setup() {
        assert!(offered(PATH).is_empty());
        assert_eq!(offered(""), ["RFC 4975 8.3"]);
        assert_eq!(offered("a=path:msrp://192.0.2.1/s;tcp\n"), ["RFC 4975 8.3"]);
        assert_eq!(offered("a=path:msrps://192.0.2.1:4000/s;tcp\n"), ["RFC 4975 8.1"]);
    }

    #[test]
    fn an_rfc_6135_offer_is_neither_passive_nor_held() {
        assert!(offered(&format!("{PATH}a=setup:actpass\n")).is_empty());
        assert_eq!(offered(&format!("{PATH}a=setup:passive\n")), ["RFC 6135 4.2"]);
        assert_eq!(offered(&format!("{PATH}a=setup:holdconn\n")), ["RFC 6135 4.2"]);
        assert_eq!(offered(&format!("{PATH}a=setup:active\na=connection:new\n")), ["RFC 6135 4.4"]);
    }

    #[test]
    fn cema_demands_setup_and_the_offer_first() {
        assert_eq!(offered(&format!("{PATH}a=msrp-cema\n")), ["RFC 6714 4.1"]);
        let plain = description(&format!("{PATH}a=setup:actpass\n"));
        let cema = description(&format!("{PATH}a=setup:passive\na=msrp-cema\n"));
        let findings = judge_answer(plain.stream(0).unwrap(), cema.stream(0).unwrap());
        assert_eq!(findings.iter().map(|finding| finding.clause).collect::<Vec<_>>(), ["RFC 6714 4.3"]);
    }

    #[test]
    fn without_cema_a_changed_media_line_ends_in_rejection_or_a_new_offer() {
        let moved = "a=path:msrp://192.0.2.9:4000/s;tcp\na=setup:active\n";
        let moved = description(moved);
        assert_eq!(on_offer(moved.stream(0).unwrap()), CemaOutcome::Reject);
        assert_eq!(on_answer(moved.stream(0).unwrap()), CemaOutcome::OfferAgainWithoutCema);
        let same = description(&format!("{PATH}a=setup:active\n"));
        assert_eq!(on_answer(same.stream(0).unwrap()), CemaOutcome::Proceed(ConnectTo::Path));
        let cema = description("a=path:msrp://192.0.2.9:4000/s;tcp\na=setup:active\na=msrp-cema\n");
        assert_eq!(on_answer(cema.stream(0).unwrap()), CemaOutcome::Proceed(ConnectTo::MediaLine));
    }

    #[test]
    fn addresses_compare_by_value_and_names_by_spelling() {
        let v6 = "v=0\nc=IN IP6 2001:db8::1\nm=message 4000 TCP/MSRP *\na=path:msrp://[2001:DB8:0::1]:4000/s;tcp\n";
        let parsed = crate::wire::sdp::parse(v6.as_bytes(), crate::wire::sdp::Mode::H248).unwrap();
        assert_eq!(address_is_paths(parsed[0].stream(0).unwrap()), Some(true));
        assert_eq!(address_is_paths(description("a=path:msrp://$:$/$;tcp\n").stream(0).unwrap()), None);
        assert_eq!(address_is_paths(description("a=path:msrp://h.example:4000/s;tcp\n").stream(0).unwrap()), None);
    }
}
