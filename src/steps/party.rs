//! Who takes part: the two UEs as the scenario's Given steps describe them.

use super::{
    msrp::Model,
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::{
        certificate::Identity,
        ue::{SharedKey, Versions},
    },
    results::{Lane, Link},
    rules::roles::{TcpRole, TlsRole},
    wire::sdp::{Choosable, Digest, Fingerprint, HashFunction},
};

/// Which of the two UEs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// UE-A, on the access side.
    A,
    /// UE-B, on the core side.
    B,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::A, Self::B];

    pub(super) const fn index(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    pub(super) const fn lane(self) -> Lane {
        match self {
            Self::A => Lane::UeA,
            Self::B => Lane::UeB,
        }
    }

    pub(super) const fn link(self) -> Link {
        match self {
            Self::A => Link::Access,
            Self::B => Link::Core,
        }
    }

    pub(super) fn named(name: &str) -> Self {
        if name == "UE-B" { Self::B } else { Self::A }
    }
}

/// Where TLS ends, seen from the UE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Protection {
    /// No TLS.
    #[default]
    None,
    /// Between the UE and the gateway.
    EndToAccessEdge,
    /// Between the UEs; the gateway sees TCP. The UE's TLS role.
    EndToEnd(TlsRole),
}

/// The certificate a UE presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Presents {
    #[default]
    Signalled,
    Another,
    Nothing,
}

/// What the IMS-ALG passes on as the UE's fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Signals {
    #[default]
    Fingerprint,
    /// One of several, the others matching nothing.
    Several,
    /// The hash function's name in upper case.
    UpperCase,
    /// A Remote without a fingerprint.
    None,
    /// No Remote yet.
    NotYet,
}

/// One UE and how the IMS-ALG treats its termination.
#[derive(Debug, Clone)]
pub(super) struct Party {
    pub(super) protection: Protection,
    pub(super) versions: Versions,
    /// The UE's TCP role.
    pub(super) tcp_role: TcpRole,
    pub(super) identity: Option<Identity>,
    /// A key shared with the other UE, in place of certificates.
    pub(super) key: Option<SharedKey>,
    pub(super) presents: Presents,
    pub(super) signals: Signals,
    /// The TLS role ordered for the gateway, against every rule.
    pub(super) ordered_role: Option<TlsRole>,
    pub(super) hash: HashFunction<'static>,
    pub(super) setup_given: bool,
    pub(super) inactive: bool,
    pub(super) model: Model,
    /// Its path has a relay in front, which the UE plays too.
    pub(super) behind_relay: bool,
}

impl Default for Party {
    fn default() -> Self {
        Self {
            protection: Protection::None,
            versions: Versions::Both,
            tcp_role: TcpRole::Client,
            identity: None,
            key: None,
            presents: Presents::Signalled,
            signals: Signals::Fingerprint,
            ordered_role: None,
            hash: HashFunction::Sha256,
            setup_given: true,
            inactive: false,
            model: Model::default(),
            behind_relay: false,
        }
    }
}

impl Party {
    /// TLS ends at the gateway.
    pub(super) fn secured(&self) -> bool {
        self.protection == Protection::EndToAccessEdge
    }

    /// The gateway's TLS role towards this UE: as ordered, else the side that opens TCP is the client (RFC 8122 6.2).
    pub(super) fn gateway_tls_role(&self) -> TlsRole {
        self.ordered_role.unwrap_or(match self.tcp_role {
            TcpRole::Client => TlsRole::Server,
            TcpRole::Server => TlsRole::Client,
        })
    }

    /// The fingerprint lines the IMS-ALG passes on in Remote.
    pub(super) fn signalled(&self) -> Vec<Fingerprint<'static>> {
        let Some(identity) = self.identity.as_ref().filter(|_| self.secured()) else { return Vec::new() };
        let Some(own) = identity.fingerprint(HashFunction::Sha256) else { return Vec::new() };
        match self.signals {
            Signals::None | Signals::NotYet => Vec::new(),
            Signals::Fingerprint | Signals::UpperCase => vec![own],
            Signals::Several => vec![stranger_fingerprint(), own],
        }
    }
}

/// A well-formed fingerprint that no certificate has.
pub(super) fn stranger_fingerprint() -> Fingerprint<'static> {
    let digest = Digest::new(&[0xA5; 32]);
    Fingerprint { hash: HashFunction::Sha256, digest: digest.map_or(Choosable::Choose, Choosable::Given) }
}

pub(super) fn versions(text: &str) -> Versions {
    if text == "1.2" { Versions::Tls12 } else { Versions::Tls13 }
}

pub(super) fn tcp_role(word: &str) -> TcpRole {
    if word == "awaits" { TcpRole::Server } else { TcpRole::Client }
}

impl World {
    pub(super) fn party(&mut self, name: &str) -> &mut Party {
        self.session.party_mut(Side::named(name))
    }

    /// `UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection`
    pub(super) async fn protected(&mut self, words: Words) -> Done {
        let party = self.party(words.at(0));
        party.protection = Protection::EndToAccessEdge;
        party.versions = versions(words.at(1));
        party.tcp_role = tcp_role(words.at(2));
        party.identity = Some(Identity::generate(words.at(0)).map_err(Stop::harness)?);
        Ok(())
    }

    /// `UE-B is unprotected and awaits the TCP connection`
    pub(super) async fn unprotected(&mut self, words: Words) -> Done {
        let party = self.party(words.at(0));
        party.protection = Protection::None;
        party.tcp_role = tcp_role(words.at(1));
        Ok(())
    }

    /// `UE-A opens the TCP connection and is TLS 1.3 client towards UE-B`
    pub(super) async fn end_to_end(&mut self, words: Words) -> Done {
        let role = tls_role(words.at(3))?;
        let party = self.party(words.at(0));
        party.tcp_role = tcp_role(words.at(1));
        party.versions = versions(words.at(2));
        party.protection = Protection::EndToEnd(role);
        party.identity = Some(Identity::generate(words.at(0)).map_err(Stop::harness)?);
        Ok(())
    }

    /// `UE-A presents no certificate`, `… a certificate other than the one it signalled`, `UE-A signals no fingerprint`
    pub(super) async fn fault(&mut self, words: Words) -> Done {
        let party = self.party(words.at(0));
        match words.at(1) {
            "presents no certificate" => party.presents = Presents::Nothing,
            "presents a certificate other than the one it signalled" => party.presents = Presents::Another,
            "signals no fingerprint" => party.signals = Signals::None,
            other => return Err(Stop::Harness(format!("no such fault: {other}"))),
        }
        Ok(())
    }

    /// `UE-A writes its fingerprint as one of several`
    pub(super) async fn fingerprint_spelling(&mut self, words: Words) -> Done {
        self.party(words.at(0)).signals = match words.at(1) {
            "as one of several" => Signals::Several,
            "with the hash name in upper case" => Signals::UpperCase,
            other => return Err(Stop::Harness(format!("no such spelling: {other}"))),
        };
        Ok(())
    }

    /// `the fingerprint of UE-A is still unknown`
    pub(super) async fn fingerprint_unknown(&mut self, words: Words) -> Done {
        self.party(words.at(0)).signals = Signals::NotYet;
        Ok(())
    }

    /// `the IMS-ALG asks for the fingerprint in sha-384`
    pub(super) async fn fingerprint_hash(&mut self, words: Words) -> Done {
        self.party("UE-A").hash = HashFunction::from_name(words.at(0).to_owned());
        Ok(())
    }

    /// `the IMS-ALG orders the IMS-AGW to be TLS client towards UE-A`
    pub(super) async fn role_ordered(&mut self, words: Words) -> Done {
        let role = tls_role(words.at(0))?;
        self.party(words.at(1)).ordered_role = Some(role);
        Ok(())
    }

    /// `the IMS-ALG gives no setup attribute towards UE-A`
    pub(super) async fn setup_absent(&mut self, words: Words) -> Done {
        self.party(words.at(0)).setup_given = false;
        Ok(())
    }

    /// `the stream of UE-B is inactive`
    pub(super) async fn stream_inactive(&mut self, words: Words) -> Done {
        self.party(words.at(0)).inactive = true;
        Ok(())
    }

    /// `the IMS-ALG asks to hear of failures`
    pub(super) async fn failures_asked_for(&mut self, _: Words) -> Done {
        self.session.events = Some(self.controller()?.next_request());
        Ok(())
    }
}

/// `client` or `server`.
pub(super) fn tls_role(word: &str) -> Result<TlsRole, Stop> {
    match word {
        "client" => Ok(TlsRole::Client),
        "server" => Ok(TlsRole::Server),
        other => Err(Stop::Harness(format!("no such TLS role: {other}"))),
    }
}
