//! What each interface allows: packages, bearers, names. One file per interface.

mod iq;
mod ix;
mod mp;

use super::bearer::Application;
use crate::wire::{
    h248::{
        Name, PkgdName,
        package::{Item, ItemKind, Lookup, Package, Registry},
    },
    sdp::{self, Proto, Transport},
};
use std::sync::LazyLock;

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

/// What one interface allows.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) name: &'static str,
    pub(super) version: u8,
    /// The packages this gateway has, and in which version. What it would not act on is not listed, and so refused (440).
    pub(super) packages: &'static [(&'static str, u16)],
    /// What is in them: the single source of names, types and ranges.
    pub(super) registry: &'static LazyLock<Registry>,
    /// Does a bearer end here in TLS with certificates? TR 4.1.3.
    pub(super) terminates_tls: bool,
}

/// The known packages, cut to those of a profile. The gateway has all there is to know of them: what is not in them does
/// not exist here.
fn registry(packages: &[(&str, u16)]) -> Registry {
    let known = Registry::default();
    let mut own = Registry::empty();
    for (name, version) in packages {
        if let Some(package) = known.package(&Name::from(*name)) {
            own.insert(Package { version: *version, complete: true, ..package.clone() });
        }
    }
    own
}

impl Profile {
    /// A property of a package the gateway has.
    pub(super) fn property(&self, name: &PkgdName<'_>) -> Option<&'static Item> {
        match self.registry.item(ItemKind::Property, name) {
            Lookup::Item(item) => Some(item),
            _ => None,
        }
    }

    /// Every item of a kind in the packages the gateway has, in the order of its packages.
    pub(super) fn items(&self, kind: ItemKind) -> impl Iterator<Item = (PkgdName<'static>, &'static Item)> + use<> {
        self.registry.packages().iter().flat_map(move |package| {
            let items = package.items.iter().filter(move |item| item.kind == kind);
            items.map(|item| (PkgdName::new(&*package.name, &*item.name), item))
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_of_a_profile_is_registered() {
        for interface in [Interface::Iq, Interface::Ix, Interface::Mp] {
            let profile = interface.profile();
            assert_eq!(profile.packages.len(), profile.registry.packages().len(), "{}", profile.name);
        }
    }

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
