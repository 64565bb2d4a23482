//! Ix: the TrGW. Forwards what flows, TLS included; it ends none (TR 6).

use super::Profile;
use crate::gateway::package::{adid, bearer_control, generic, hangterm, ipdc, it, network, ocp, root};

pub(super) const PROFILE: Profile = Profile {
    name: "ThreeGPP_Ix",
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
        &bearer_control::TCP,
    ],
    terminates_tls: false,
};
