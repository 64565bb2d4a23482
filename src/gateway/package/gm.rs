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
