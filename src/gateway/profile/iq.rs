//! Iq: the IMS-AGW. Ends TLS towards the access (TR 4.1.3 a) or passes it through (4.1.3 b).

use super::{Profile, registry};
use crate::wire::h248::package::Registry;
use std::sync::LazyLock;

const PACKAGES: &[(&str, u16)] = &[("g", 1), ("root", 2), ("nt", 1), ("ipdc", 1), ("tlsbsc", 1)];

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| registry(PACKAGES));

pub(super) static PROFILE: Profile =
    Profile { name: "ThreeGPP_Iq", version: 1, packages: PACKAGES, registry: &REGISTRY, terminates_tls: true };
