//! `ipnapt`, H.248.37: a peer behind a NAT is taken from wherever it comes (the signal's name is recalled).

use super::Package;
use crate::{
    gateway::bearer::Latch,
    wire::h248::{Signal, Value},
};

pub(in crate::gateway) const PACKAGE: Package = Package { signals: &["latch"], ..Package::new("ipnapt", 1) };

/// What `ipnapt/latch` says in `napt`.
pub(super) fn latch(signal: &Signal<'_>) -> Option<Latch> {
    let given = signal.parameters.iter().find(|given| given.name == "napt")?;
    let word = given.value.single().map(Value::as_str)?;
    let words = [("OFF", Latch::Off), ("LATCH", Latch::Latch), ("RELATCH", Latch::Relatch)];
    words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, latch)| latch)
}
