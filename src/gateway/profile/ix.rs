//! Ix: the TrGW. Forwards what flows, TLS included; it ends none (TR 6).

use super::{Profile, registry};
use crate::wire::h248::package::Registry;
use std::sync::LazyLock;

const PACKAGES: &[(&str, u16)] = &[("g", 1), ("root", 2), ("nt", 1), ("ipdc", 1)];

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| registry(PACKAGES));

pub(super) static PROFILE: Profile =
    Profile { name: "ThreeGPP_Ix", version: 1, packages: PACKAGES, registry: &REGISTRY, terminates_tls: false };
