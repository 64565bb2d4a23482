//! `seplink`, H.248.92: how the two bearers of a stream hang together (contents assumed).

use super::{Given, boolean};
use crate::gateway::{bearer::Linkage, stream::Refusal};

/// `release = off` keeps the other bearer when this one ends; `setup = on` has a TCP client wait for the other bearer.
pub(super) fn linkage(given: Given<'_>) -> Result<Linkage, Refusal> {
    let release = given("seplink/release").is_none() || boolean(given, "seplink/release")?;
    Ok(Linkage { establishment: boolean(given, "seplink/setup")?, release })
}
