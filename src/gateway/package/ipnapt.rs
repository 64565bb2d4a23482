//! `ipnapt`, H.248.37: a peer behind a NAT is taken from wherever it comes (the signal's name is recalled).

use super::Package;

pub(in crate::gateway) const PACKAGE: Package = Package { signals: &["latch"], ..Package::new("ipnapt", 1) };
