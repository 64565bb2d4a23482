//! `ds`, H.248.52: the code point of what is sent (names and types are recalled).

use super::{Given, number_of};
use crate::gateway::stream::Refusal;

/// `ds/dscp`, six bits.
pub(super) fn code_point(given: Given<'_>) -> Result<Option<u8>, Refusal> {
    Ok(number_of(given, "ds/dscp", 63)?.and_then(|code| u8::try_from(code).ok()))
}

#[cfg(test)]
mod tests {
    use crate::gateway::testing::Bench;

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    #[test]
    fn a_code_point_has_six_bits() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR,ds/dscp=0x2e,ds/tb=off,rtcph/rsb=on", LOCAL, "");
        assert_eq!(bench.setup().conditions.dscp, Some(46));
        let audit = bench.say("C=1{AV=ip/access/1{AT{M}}}");
        assert!(audit.contains("ds/dscp=0x2e,ds/tb=off,rtcph/rsb=on"), "{audit}");
        assert_eq!(bench.error(&format!("C=${{A=${{M{{O{{ds/dscp=64}},L{{{LOCAL}}}}}}}}}")), 449);
    }
}
