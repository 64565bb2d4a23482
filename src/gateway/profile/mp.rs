//! Mp: the MRFP. Ends the TLS of each participant (TR 7).

use super::{GENERIC, IP_DOMAIN, NETWORK, Package, Profile, ROOT, TLS_SESSION};

#[cfg(feature = "psk")]
const PACKAGES: &[&Package] = &[&GENERIC, &ROOT, &NETWORK, &IP_DOMAIN, &TLS_SESSION, &super::TLS_KEY];
#[cfg(not(feature = "psk"))]
const PACKAGES: &[&Package] = &[&GENERIC, &ROOT, &NETWORK, &IP_DOMAIN, &TLS_SESSION];

pub(super) const PROFILE: Profile =
    Profile { name: "ThreeGPP_Mp", version: 1, packages: PACKAGES, terminates_tls: true };
