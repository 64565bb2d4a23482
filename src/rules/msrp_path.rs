//! When two MSRP URIs name the same session: RFC 4975 6.1, the sessmatch model that preceded CEMA, and RFC 6714.

use std::net::IpAddr;

use crate::wire::msrp::{Host, MsrpUri};

/// How an endpoint decides that a received To-Path names one of its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionMatching {
    /// The whole URI (RFC 4975 5.4, 6.1).
    Rfc4975,
    /// The session-id alone, so that a middlebox may change the authority.
    Sessmatch,
    /// CEMA (RFC 6714 5): the URI as in RFC 4975; only where to connect comes from the c- and m-line instead.
    Cema,
}

impl SessionMatching {
    /// Whether `received` names the session that `own` names.
    pub fn same_session(self, received: &MsrpUri<'_>, own: &MsrpUri<'_>) -> bool {
        match self {
            Self::Rfc4975 | Self::Cema => equivalent(received, own),
            Self::Sessmatch => own.session_id.is_some() && received.session_id == own.session_id,
        }
    }
}

/// URI equivalence (RFC 4975 6.1): scheme, host, port, session-id and transport.
///
/// Names ignore case and are not resolved, addresses are compared by value, an absent port or session-id equals only an absent one, the
/// session-id minds case, the transport does not; userinfo and parameters do not count.
pub fn equivalent(a: &MsrpUri<'_>, b: &MsrpUri<'_>) -> bool {
    let same_host = match (&a.host, &b.host) {
        (Host::Name(a), Host::Name(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    };
    a.secure == b.secure
        && same_host
        && a.port == b.port
        && a.session_id == b.session_id
        && a.transport.eq_ignore_ascii_case(&b.transport)
}

/// Whether a c- and m-line address agrees with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthorityMatch {
    /// Same address and port: no middlebox changed the SDP.
    Same,
    /// Another address or port.
    Different,
    /// The port agrees and the URI has a name: the caller must resolve it.
    NeedsResolution,
}

/// The registered MSRP port.
pub const DEFAULT_PORT: u16 = 2855;

/// Compares the c- and m-line's address and port with a path URI's authority (RFC 6714 4.4). Addresses are compared by value, so the
/// spelling of IPv6 does not matter.
pub fn authority_match(uri: &MsrpUri<'_>, address: IpAddr, port: u16) -> AuthorityMatch {
    if uri.port.unwrap_or(DEFAULT_PORT) != port {
        return AuthorityMatch::Different;
    }
    let same = match uri.host {
        Host::Name(_) => return AuthorityMatch::NeedsResolution,
        Host::V4(host) => address == host,
        Host::V6(host) => address == host,
    };
    if same { AuthorityMatch::Same } else { AuthorityMatch::Different }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "msrps://Gw.example.com:2855/s3ss;tcp";

    fn same(model: SessionMatching, received: &str, own: &str) -> bool {
        model.same_session(&MsrpUri::parse(received).unwrap(), &MsrpUri::parse(own).unwrap())
    }

    #[test]
    fn rfc_4975_compares_everything_that_counts_and_nothing_else() {
        for (received, expected) in [
            (OWN, true),
            ("MSRPS://alice@gw.EXAMPLE.com:2855/s3ss;TCP;x=y", true),
            ("msrp://gw.example.com:2855/s3ss;tcp", false),
            ("msrps://gw2.example.com:2855/s3ss;tcp", false),
            ("msrps://gw.example.com/s3ss;tcp", false),
            ("msrps://gw.example.com:2856/s3ss;tcp", false),
            ("msrps://gw.example.com:2855/S3SS;tcp", false),
            ("msrps://gw.example.com:2855;tcp", false),
            ("msrps://gw.example.com:2855/s3ss;sctp", false),
        ] {
            for model in [SessionMatching::Rfc4975, SessionMatching::Cema] {
                assert_eq!(same(model, received, OWN), expected, "{received}");
            }
        }
        let (short, long) = ("msrp://[2001:db8::1]:1/a;tcp", "msrp://[2001:DB8:0:0::0:1]:1/a;tcp");
        assert!(same(SessionMatching::Rfc4975, short, long));
        assert!(!same(SessionMatching::Rfc4975, "msrp://10.0.0.1:1/a;tcp", "msrp://host:1/a;tcp"));
    }

    #[test]
    fn sessmatch_looks_at_the_session_id_only() {
        assert!(same(SessionMatching::Sessmatch, "msrp://other:9/s3ss;tcp", OWN));
        assert!(!same(SessionMatching::Sessmatch, "msrps://Gw.example.com:2855/s3sS;tcp", OWN));
        assert!(!same(SessionMatching::Sessmatch, "msrp://h;tcp", "msrp://h;tcp"));
    }

    #[test]
    fn cema_compares_addresses_by_value_and_leaves_names_to_the_resolver() {
        let check =
            |uri, address: &str, port| authority_match(&MsrpUri::parse(uri).unwrap(), address.parse().unwrap(), port);
        assert_eq!(check("msrp://[2001:DB8::0:1]:7/a;tcp", "2001:db8::1", 7), AuthorityMatch::Same);
        assert_eq!(check("msrp://10.0.0.1/a;tcp", "10.0.0.1", 2855), AuthorityMatch::Same);
        assert_eq!(check("msrp://10.0.0.1:7/a;tcp", "10.0.0.2", 7), AuthorityMatch::Different);
        assert_eq!(check("msrp://host:7/a;tcp", "10.0.0.2", 8), AuthorityMatch::Different);
        assert_eq!(check("msrp://host:7/a;tcp", "10.0.0.2", 7), AuthorityMatch::NeedsResolution);
    }
}
