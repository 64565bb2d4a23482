//! Ix: the TrGW. Forwards what flows, TLS included; it ends none (TR 6).

use super::{GENERIC, IP_DOMAIN, NETWORK, Profile, ROOT};

pub(super) const PROFILE: Profile = Profile {
    name: "ThreeGPP_Ix",
    version: 1,
    packages: &[&GENERIC, &ROOT, &NETWORK, &IP_DOMAIN],
    terminates_tls: false,
};
