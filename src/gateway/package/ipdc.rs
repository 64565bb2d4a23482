//! `ipdc`, H.248.41: the realm a stream's address is from (the property's name is recalled).

use super::Package;

pub(in crate::gateway) const PACKAGE: Package = Package { properties: &["realm"], ..Package::new("ipdc", 1) };
