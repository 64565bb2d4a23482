//! Who opens TCP and who starts TLS. The two are independent (TR 29.828 4.3.3.1), hence two types.
//!
//! | media | offer | answer | TCP client | TLS client | by |
//! |---|---|---|---|---|---|
//! | MSRP | actpass | active | answerer | answerer | RFC 6135 4.2, 6 |
//! | MSRP | actpass, active | passive | offerer | offerer | RFC 6135 4.2, 6 |
//! | MSRP without setup | – | – | offerer | offerer | RFC 4975 8.5, 14 |
//! | BFCP | passive, actpass | active | answerer | **offerer** | RFC 8856 8 |
//! | BFCP | active, actpass | passive | offerer | offerer | RFC 8856 8 |
//! | bare TCP/TLS | as RFC 4145 | as RFC 4145 | active | active | RFC 8122 6.2 |

use crate::wire::sdp::{Application, Setup};

/// Which end of a TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TcpRole {
    /// Sends the SYN.
    Client,
    /// Listens.
    Server,
}

/// Which end of a TLS session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TlsRole {
    /// Sends the ClientHello.
    Client,
    /// Answers it.
    Server,
}

/// Which side of an offer/answer exchange (RFC 3264).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// Made the offer.
    Offerer,
    /// Answered it.
    Answerer,
}

/// What one side's own `a=setup` lets it do, before the other side has spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TcpRoleChoice {
    /// This role and no other.
    Fixed(TcpRole),
    /// Either: `actpass`.
    Either,
    /// No connection for now: `holdconn`.
    Hold,
}

impl TcpRole {
    /// The role of the other end.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl TlsRole {
    /// The role of the other end.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl Party {
    /// The other side.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Offerer => Self::Answerer,
            Self::Answerer => Self::Offerer,
        }
    }
}

/// What an endpoint's own `a=setup` lets it do. An MG without one is the server (TR 29.828 4.4.2.1).
pub const fn tcp_role_from_setup(own: Option<Setup>) -> TcpRoleChoice {
    match own {
        Some(Setup::Active) => TcpRoleChoice::Fixed(TcpRole::Client),
        Some(Setup::Passive) | None => TcpRoleChoice::Fixed(TcpRole::Server),
        Some(Setup::ActPass) => TcpRoleChoice::Either,
        Some(Setup::HoldConn) => TcpRoleChoice::Hold,
    }
}

/// The TCP role of `party` once offer and answer are known; `None` when they agree on no connection, or on nothing.
///
/// Absent values are what RFC 4145 4.1 makes of them: active in an offer, passive in an answer. That is also the
/// fixed order of RFC 4975 8.5, where the offerer connects.
pub fn tcp_role(offer: Option<Setup>, answer: Option<Setup>, party: Party) -> Option<TcpRole> {
    let offer = offer.unwrap_or(Setup::Active);
    let answer = answer.unwrap_or(Setup::Passive);
    let answerer = match (offer, answer) {
        (Setup::Passive | Setup::ActPass, Setup::Active) => TcpRole::Client,
        (Setup::Active | Setup::ActPass, Setup::Passive) => TcpRole::Server,
        _ => return None,
    };
    Some(match party {
        Party::Answerer => answerer,
        Party::Offerer => answerer.opposite(),
    })
}

/// The TLS role of `party`, whose TCP role is known.
///
/// - MSRP: the TCP client is the TLS client (RFC 6135 6).
/// - BFCP: the answerer is the TLS server whoever connected (RFC 8856 8, RFC 4583 8).
/// - bare `TCP/TLS`: the TCP client is the TLS client (RFC 8122 6.2).
pub const fn tls_role(application: Application, tcp_role: TcpRole, party: Party) -> TlsRole {
    match (application, tcp_role, party) {
        (Application::Bfcp, _, Party::Answerer) => TlsRole::Server,
        (Application::Bfcp, _, Party::Offerer) => TlsRole::Client,
        (Application::Msrp | Application::Agnostic, TcpRole::Client, _) => TlsRole::Client,
        (Application::Msrp | Application::Agnostic, TcpRole::Server, _) => TlsRole::Server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Application::{Agnostic, Bfcp, Msrp};
    use Setup::{ActPass, Active, HoldConn, Passive};

    /// Media, offer, answer, who is TCP client, who is TLS client.
    type Row = (Application, Option<Setup>, Option<Setup>, Party, Party);

    const TABLE: &[Row] = &[
        (Msrp, Some(ActPass), Some(Active), Party::Answerer, Party::Answerer),
        (Msrp, Some(ActPass), Some(Passive), Party::Offerer, Party::Offerer),
        (Msrp, Some(Active), Some(Passive), Party::Offerer, Party::Offerer),
        (Msrp, None, None, Party::Offerer, Party::Offerer),
        (Bfcp, Some(Passive), Some(Active), Party::Answerer, Party::Offerer),
        (Bfcp, Some(ActPass), Some(Active), Party::Answerer, Party::Offerer),
        (Bfcp, Some(Active), Some(Passive), Party::Offerer, Party::Offerer),
        (Bfcp, Some(ActPass), Some(Passive), Party::Offerer, Party::Offerer),
        (Agnostic, Some(ActPass), Some(Active), Party::Answerer, Party::Answerer),
        (Agnostic, Some(Active), Some(Passive), Party::Offerer, Party::Offerer),
    ];

    #[test]
    fn roles_follow_the_table_for_both_sides() {
        for &(application, offer, answer, tcp_client, tls_client) in TABLE {
            for party in [Party::Offerer, Party::Answerer] {
                let tcp = tcp_role(offer, answer, party).unwrap();
                assert_eq!(tcp == TcpRole::Client, party == tcp_client, "{application:?} {offer:?} {answer:?}");
                let tls = tls_role(application, tcp, party);
                assert_eq!(tls == TlsRole::Client, party == tls_client, "{application:?} {offer:?} {answer:?}");
            }
        }
    }

    #[test]
    fn no_role_comes_from_a_held_or_contradictory_exchange() {
        for (offer, answer) in [(Active, Active), (Passive, Passive), (HoldConn, Passive), (ActPass, HoldConn)] {
            assert_eq!(tcp_role(Some(offer), Some(answer), Party::Offerer), None);
        }
    }

    #[test]
    fn a_gateway_without_setup_listens() {
        assert_eq!(tcp_role_from_setup(None), TcpRoleChoice::Fixed(TcpRole::Server));
        assert_eq!(tcp_role_from_setup(Some(ActPass)), TcpRoleChoice::Either);
    }
}
