//! `nt`, H.248.1 E.11: failures of the network, time and octets.

use super::Observed;
use crate::{
    gateway::bearer::FailureCause,
    wire::h248::{Parameter, PkgdName, Value},
};

/// `nt/netfail`. An orderly release is no failure of the network.
pub(super) fn netfail(cause: FailureCause) -> Option<Observed> {
    let parameters = vec![Parameter::equal("cs", Value::quoted(cause.word()))];
    (cause != FailureCause::Released).then(|| (PkgdName::new("nt", "netfail"), parameters))
}
