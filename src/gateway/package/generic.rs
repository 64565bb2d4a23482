//! `g`, H.248.1 E.1: why a bearer failed or ended, and that a signal is complete.

use super::{Observed, word};
use crate::{
    gateway::bearer::FailureCause,
    wire::h248::{Parameter, PkgdName, Value},
};

/// `g/cause`; the words of Failurecause are the signalling model's.
pub(super) fn cause(cause: FailureCause) -> Observed {
    let failure = Parameter::equal("Failurecause", Value::quoted(cause.word()));
    (PkgdName::new("g", "cause"), vec![word("Generalcause", cause.general()), failure])
}
