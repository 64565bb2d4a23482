//! Iq: the IMS-AGW. Ends TLS towards the access (TR 4.1.3 a) or passes it through (4.1.3 b).

use super::Profile;
use crate::gateway::package::{adid, bearer_control, generic, hangterm, ipdc, ipnapt, it, network, ocp, root};

pub(super) const PROFILE: Profile = Profile {
    name: "ThreeGPP_Iq",
    version: 1,
    packages: &[
        &generic::PACKAGE,
        &root::PACKAGE,
        &network::PACKAGE,
        &ipdc::PACKAGE,
        &hangterm::PACKAGE,
        &it::PACKAGE,
        &ocp::PACKAGE,
        &adid::PACKAGE,
        &ipnapt::PACKAGE,
        &bearer_control::TCP,
        &bearer_control::TLS,
    ],
    terminates_tls: true,
};
