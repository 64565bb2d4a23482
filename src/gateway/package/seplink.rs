//! `seplink`, H.248.92: how the two bearers of a stream hang together (contents assumed).

use super::{Given, boolean};
use crate::gateway::{bearer::Linkage, stream::Refusal};

/// `release = off` keeps the other bearer when this one ends; `setup = on` has a TCP client wait for the other bearer.
pub(super) fn linkage(given: Given<'_>) -> Result<Linkage, Refusal> {
    let release = given("seplink/release").is_none() || boolean(given, "seplink/release")?;
    Ok(Linkage { establishment: boolean(given, "seplink/setup")?, release })
}

#[cfg(test)]
mod tests {
    use crate::gateway::testing::Bench;

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    #[test]
    fn bearers_are_linked_in_release_and_not_in_set_up_unless_said() {
        for (properties, establishment, release) in
            [("", false, true), (",seplink/release=off", false, false), (",seplink/setup=on", true, true)]
        {
            let mut bench = Bench::new();
            bench.add("$", &format!("MO=SR{properties}"), LOCAL, "");
            let linkage = bench.setup().conditions.linkage;
            assert_eq!((linkage.establishment, linkage.release), (establishment, release), "{properties}");
        }
    }
}
