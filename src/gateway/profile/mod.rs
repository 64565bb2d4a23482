//! What each interface allows: packages, bearers, names. One file per interface.

mod iq;
mod ix;
mod mp;

use super::bearer::Application;
use crate::wire::sdp::{self, Proto, Transport};

/// The interface the gateway serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Interface {
    /// IMS-ALG to IMS-AGW, TS 29.334.
    Iq,
    /// IBCF to TrGW, TS 29.238.
    Ix,
    /// MRFC to MRFP, TS 29.333.
    Mp,
}

impl Interface {
    pub(super) const fn profile(self) -> &'static Profile {
        match self {
            Self::Iq => &iq::PROFILE,
            Self::Ix => &ix::PROFILE,
            Self::Mp => &mp::PROFILE,
        }
    }
}

impl std::str::FromStr for Interface {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "iq" => Ok(Self::Iq),
            "ix" => Ok(Self::Ix),
            "mp" => Ok(Self::Mp),
            _ => Err("an interface is iq, ix or mp"),
        }
    }
}

/// A package as far as this gateway acts on it. What it would not act on is not listed, and so refused.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: u8,
    /// LocalControl properties.
    pub(super) properties: &'static [&'static str],
    pub(super) events: &'static [&'static str],
    pub(super) statistics: &'static [&'static str],
}

/// What one interface allows.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) name: &'static str,
    pub(super) version: u8,
    pub(super) packages: &'static [&'static Package],
    /// Does a bearer end here in TLS with certificates? TR 4.1.3.
    pub(super) terminates_tls: bool,
}

impl Profile {
    pub(super) fn package(&self, name: &str) -> Option<&'static Package> {
        self.packages.iter().copied().find(|package| package.name.eq_ignore_ascii_case(name))
    }

    /// Whether TLS ends here and what is above, by the m-line's proto; `None` for a media type not supported. TR 4.1.4.
    pub(super) fn bearer(&self, proto: &Proto<'_>) -> Option<(bool, Application)> {
        if proto.transport() != Some(Transport::Tcp) || (proto.security().is_some() && !proto.is_tls()) {
            return None;
        }
        let application = match proto.application()? {
            sdp::Application::Agnostic => Application::Agnostic,
            sdp::Application::Msrp => Application::Msrp,
            sdp::Application::Bfcp => Application::Bfcp,
        };
        (self.terminates_tls || !proto.is_tls()).then_some((proto.is_tls(), application))
    }
}

/// Generic, H.248.1 E.1.
pub(super) const GENERIC: Package =
    Package { name: "g", version: 1, properties: &[], events: &["cause"], statistics: &[] };

/// Base root, H.248.1 E.2.
pub(super) const ROOT: Package = Package { name: "root", version: 2, properties: &[], events: &[], statistics: &[] };

/// Network, H.248.1 E.11.
pub(super) const NETWORK: Package =
    Package { name: "nt", version: 1, properties: &[], events: &["netfail"], statistics: &["dur", "os", "or"] };

/// IP domain connection, H.248.41 (the property's name is recalled).
pub(super) const IP_DOMAIN: Package =
    Package { name: "ipdc", version: 1, properties: &["realm"], events: &[], statistics: &[] };

/// TLS basic session control, H.248.90 (contents assumed).
pub(super) const TLS_SESSION: Package =
    Package { name: "tlsbsc", version: 1, properties: &["role"], events: &[], statistics: &[] };

/// Pre-shared key for TLS (own: TS 23.333 names only the information element). Only where keys can be used.
#[cfg(feature = "psk")]
pub(super) const TLS_KEY: Package =
    Package { name: "tlspsk", version: 1, properties: &["key", "identity"], events: &[], statistics: &[] };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_gateway_that_terminates_tls_takes_a_secured_proto() {
        for (interface, secured) in [(Interface::Iq, true), (Interface::Ix, false), (Interface::Mp, true)] {
            let profile = interface.profile();
            assert_eq!(profile.bearer(&Proto::TcpTlsMsrp), secured.then_some((true, Application::Msrp)));
            assert_eq!(profile.bearer(&Proto::Tcp), Some((false, Application::Agnostic)));
            for foreign in [Proto::RtpAvp, Proto::TcpDtlsBfcp, Proto::UdpBfcp, Proto::Choose] {
                assert_eq!(profile.bearer(&foreign), None, "{foreign}");
            }
        }
    }
}
