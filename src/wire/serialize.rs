//! How typed values look as JSON, where it is not what `derive` gives: octets as text where they are text, and what the grammar
//! writes as one word as that word.

use serde::{Serialize, Serializer};

use super::{bfcp, h248, msrp, sdp};

/// Text as a string; anything else as `{"hex": "…"}`.
pub(crate) fn octets<S: Serializer>(octets: impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    let octets = octets.as_ref();
    match std::str::from_utf8(octets) {
        Ok(text) if !text.contains(|c: char| c.is_control() && !c.is_ascii_whitespace()) => {
            serializer.serialize_str(text)
        }
        _ => Hex { hex: octets.iter().map(|octet| format!("{octet:02x}")).collect() }.serialize(serializer),
    }
}

#[derive(Serialize)]
struct Hex {
    hex: String,
}

/// As [`octets`]; `null` where there are none.
pub(crate) fn optional_octets<S: Serializer>(
    value: &Option<impl AsRef<[u8]>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => octets(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// The numbers that SUPPORTED-ATTRIBUTES lists (RFC 4582 5.2.10).
pub(crate) fn attribute_types<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(bfcp::attribute_types(octets))
}

impl Serialize for bfcp::Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Serialize for h248::TerminationIdList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Serialize for msrp::Path<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.uris())
    }
}

/// Serializes as the text that `Display` gives.
macro_rules! as_text {
    ($($name:ty),+ $(,)?) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

as_text!(h248::PkgdName<'_>, h248::MtpAddress, h248::TimeNotation, sdp::Digest);

#[cfg(all(test, feature = "harness"))]
mod tests {
    use super::*;

    #[test]
    fn octets_are_text_where_they_are_text() {
        let json = |octets: &[u8]| {
            let mut out = Vec::new();
            let written = super::octets(octets, &mut serde_json::Serializer::new(&mut out));
            assert!(written.is_ok());
            String::from_utf8_lossy(&out).into_owned()
        };
        assert_eq!(json(b"v=0\r\n"), r#""v=0\r\n""#);
        assert_eq!(json(&[0, 1]), r#"{"hex":"0001"}"#);
        assert_eq!(json(&[0xFF]), r#"{"hex":"ff"}"#);
    }

    #[test]
    fn attributes_are_listed_with_what_they_hold() {
        let mut inner = bfcp::AttributeList::new();
        inner.push(bfcp::Value::StatusInfo("soon").into()).unwrap();
        let value = bfcp::Value::FloorRequestStatus(bfcp::FloorId(7), inner.view());
        let list = bfcp::AttributeList::of([value.into(), bfcp::Value::SupportedAttributes(&[4, 6]).into()]).unwrap();
        assert_eq!(
            serde_json::to_string(&list.view()).unwrap(),
            r#"[{"mandatory":false,"value":{"FloorRequestStatus":[7,[{"mandatory":false,"value":{"StatusInfo":"soon"}}]]}},{"mandatory":false,"value":{"SupportedAttributes":[2,3]}}]"#
        );
    }
}
