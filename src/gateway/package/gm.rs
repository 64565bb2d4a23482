//! `gm`, H.248.43: from where a peer may connect (names and types are recalled). What does not fit is turned away and counted
//! (`gm/dp`).

use super::{Given, boolean, refused};
use crate::{
    gateway::{bearer::SourceFilter, stream::Refusal},
    wire::h248::{ParmValue, Value},
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
};

/// The filter that properties ask for, given where Remote says the peer is. 449 for what is no address, mask or port.
pub(super) fn source(given: Given<'_>, remote: Option<SocketAddr>) -> Result<SourceFilter, Refusal> {
    let mut filter = SourceFilter::default();
    if boolean(given, "gm/saf")? {
        let explicit = if boolean(given, "gm/esas")? { address(given)? } else { None };
        let prefix = given("gm/sam").map(prefix).transpose()?;
        let address = explicit.or(remote.map(|remote| remote.ip()));
        filter.network = address.map(|address| (address, prefix.unwrap_or(128)));
    }
    if boolean(given, "gm/spf")? {
        let explicit = if boolean(given, "gm/esps")? { given("gm/lsp") } else { given("gm/sprr").or(given("gm/spr")) };
        let remote = remote.map(|remote| remote.port()..=remote.port());
        filter.ports = explicit.map(ports).transpose()?.or(remote);
    }
    Ok(filter)
}

fn address(given: Given<'_>) -> Result<Option<IpAddr>, Refusal> {
    let Some(value) = given("gm/lsa") else { return Ok(None) };
    value.single().and_then(|value| value.as_str().parse().ok()).map(Some).ok_or_else(|| refused(value))
}

/// A mask: bits of the prefix, or as an IPv4 address.
fn prefix(value: &ParmValue<'_>) -> Result<u8, Refusal> {
    let text = value.single().map(Value::as_str).unwrap_or_default();
    let dotted = || {
        let bits = text.parse::<Ipv4Addr>().ok()?.to_bits();
        (bits.leading_ones() + bits.trailing_zeros() == 32 || bits == 0).then(|| bits.leading_ones() as u8)
    };
    text.parse().ok().filter(|bits| *bits <= 128).or_else(dotted).ok_or_else(|| refused(value))
}

/// A port, or `[low:high]`.
fn ports(value: &ParmValue<'_>) -> Result<RangeInclusive<u16>, Refusal> {
    let number = |value: &Value<'_>| value.as_integer().and_then(|port| u16::try_from(port).ok());
    let ports = match value {
        ParmValue::Equal(port) => number(port).map(|port| port..=port),
        ParmValue::Range(low, high) => number(low).zip(number(high)).map(|(low, high)| low..=high),
        _ => None,
    };
    ports.ok_or_else(|| refused(value))
}

#[cfg(test)]
mod tests {
    use crate::gateway::{bearer::SourceFilter, testing::Bench};

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";
    const REMOTE: &str = "c=IN IP4 192.0.2.77\nm=message 7777 TCP *\n";

    fn filter(properties: &str) -> SourceFilter {
        let mut bench = Bench::new();
        let media = format!("M{{O{{MO=SR,{properties}}},L{{{LOCAL}}},R{{{REMOTE}}}}}");
        assert_eq!(bench.error(&format!("C=${{A=${{{media}}}}}")), 0, "{properties}");
        bench.setup().conditions.source
    }

    #[test]
    fn filters_follow_remote_unless_addresses_and_ports_are_given() {
        let ip = |text: &str| text.parse().expect("an address");
        for (properties, network, ports) in [
            ("gm/saf=off,gm/spf=off", None, None),
            ("gm/saf=on", Some((ip("192.0.2.77"), 128)), None),
            ("gm/saf=on,gm/sam=24", Some((ip("192.0.2.77"), 24)), None),
            ("gm/saf=on,gm/sam=255.255.0.0", Some((ip("192.0.2.77"), 16)), None),
            ("gm/saf=on,gm/esas=on,gm/lsa=\"2001:db8::7\"", Some((ip("2001:db8::7"), 128)), None),
            ("gm/spf=on", None, Some(7777..=7777)),
            ("gm/spf=on,gm/spr=99", None, Some(99..=99)),
            ("gm/spf=on,gm/esps=on,gm/lsp=98", None, Some(98..=98)),
        ] {
            assert_eq!(filter(properties), SourceFilter { network, ports }, "{properties}");
        }
    }

    #[test]
    fn a_filter_of_nonsense_is_refused() {
        let mut bench = Bench::new();
        for properties in ["gm/saf=yes", "gm/saf=on,gm/sam=129", "gm/saf=on,gm/sam=255.0.255.0", "gm/spf=on,gm/spr=-1"]
        {
            let add = format!("C=${{A=${{M{{O{{{properties}}},L{{{LOCAL}}}}}}}}}");
            assert_eq!(bench.error(&add), 449, "{properties}");
        }
    }

    #[test]
    fn connections_turned_away_are_a_statistic() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR,gm/saf=on", LOCAL, "");
        let Some((_, crate::gateway::LegCommand::Open { counters, .. })) = bench.bearer().pop() else {
            panic!("a leg")
        };
        counters.add_dropped();
        assert!(bench.say("C=1{AV=ip/access/1{AT{SA}}}").contains("gm/dp=1"));
    }
}
