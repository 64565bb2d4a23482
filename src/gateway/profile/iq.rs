//! Iq: the IMS-AGW. Ends TLS towards the access (TR 4.1.3 a) or passes it through (4.1.3 b).

use super::{GENERIC, IP_DOMAIN, NETWORK, Profile, ROOT, TLS_SESSION};

pub(super) const PROFILE: Profile = Profile {
    name: "ThreeGPP_Iq",
    version: 1,
    packages: &[&GENERIC, &ROOT, &NETWORK, &IP_DOMAIN, &TLS_SESSION],
    terminates_tls: true,
};
