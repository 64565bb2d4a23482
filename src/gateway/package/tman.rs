//! `tman`, H.248.53: how fast a peer may send (names and types are recalled). Octets of a stream are not thrown away: flow
//! control holds the peer to the rate.

use super::{Given, boolean, number_of};
use crate::{
    gateway::{
        bearer::Police,
        stream::{Refusal, refusal_of},
    },
    wire::h248::ErrorCode,
};

/// `pol = on` holds the peer to `sdr`, or else `pdr`, octets a second, with `mbs` at once.
pub(super) fn police(given: Given<'_>) -> Result<Option<Police>, Refusal> {
    if !boolean(given, "tman/pol")? {
        return Ok(None);
    }
    let rate = number_of(given, "tman/sdr", u32::MAX)?.or(number_of(given, "tman/pdr", u32::MAX)?);
    let rate = rate.filter(|rate| *rate > 0).ok_or_else(|| refusal_of(ErrorCode::MISSING_INFORMATION, "tman/pdr"))?;
    // Without a burst size, what the rate brings in a tenth of a second.
    let burst = number_of(given, "tman/mbs", u32::MAX)?.unwrap_or(rate / 10);
    Ok(Some(Police { rate, burst }))
}

#[cfg(test)]
mod tests {
    use crate::gateway::{bearer::Police, testing::Bench};

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    #[test]
    fn a_policed_stream_has_a_rate_and_a_burst() {
        for (properties, police) in [
            ("tman/pdr=1000", None),
            ("tman/pol=on,tman/pdr=1000", Some(Police { rate: 1000, burst: 100 })),
            ("tman/pol=on,tman/pdr=1000,tman/sdr=500,tman/mbs=2000", Some(Police { rate: 500, burst: 2000 })),
        ] {
            let mut bench = Bench::new();
            bench.add("$", properties, LOCAL, "");
            assert_eq!(bench.setup().conditions.police, police, "{properties}");
        }
        let mut bench = Bench::new();
        assert_eq!(bench.error(&format!("C=${{A=${{M{{O{{tman/pol=on}},L{{{LOCAL}}}}}}}}}")), 472);
    }
}
