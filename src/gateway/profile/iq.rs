//! Iq: the IMS-AGW. Ends TLS towards the access (TR 4.1.3 a) or passes it through (4.1.3 b).

use super::{Profile, registry};
use crate::wire::h248::package::Registry;
use std::sync::LazyLock;

const PACKAGES: &[(&str, u16)] = &[
    ("g", 1),
    ("root", 2),
    ("nt", 1),
    ("ipdc", 1),
    ("ipra", 1),
    ("gm", 2),
    ("tman", 1),
    ("ds", 2),
    ("rtcph", 1),
    ("hangterm", 1),
    ("ipnapt", 1),
    ("it", 1),
    ("ocp", 1),
    ("adid", 1),
    ("tcpbcc", 1),
    ("tlsbsc", 1),
    ("seplink", 1),
];

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| registry(PACKAGES));

pub(super) static PROFILE: Profile =
    Profile { name: "ThreeGPP_Iq", version: 1, packages: PACKAGES, registry: &REGISTRY, terminates_tls: true };
