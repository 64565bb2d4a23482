//! Mp: the MRFP. Ends the TLS of each participant (TR 7).

use super::{GENERIC, IP_DOMAIN, NETWORK, Profile, ROOT, TLS_SESSION};

pub(super) const PROFILE: Profile = Profile {
    name: "ThreeGPP_Mp",
    version: 1,
    packages: &[&GENERIC, &ROOT, &NETWORK, &IP_DOMAIN, &TLS_SESSION],
    terminates_tls: true,
};
