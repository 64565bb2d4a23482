//! BFCP by its fields (RFC 4582 5, RFC 8855 5).

use super::{Decode, NODES, label, node};
use crate::wire::{
    Framed,
    bfcp::{self, Attributes, Message, Payload, Value, Version},
};

/// BFCP: the fields of the common header, then the attributes, grouped ones with what they hold.
pub fn bfcp(octets: &[u8]) -> Vec<Decode> {
    let Ok(Framed::Complete(message, length)) = bfcp::parse(octets) else {
        return vec![node("part of a message", 0, octets.len())];
    };
    let mut tree = header(&message, octets);
    match message.payload {
        Payload::Attributes(list) => attributes(list, 12, NODES, &mut tree),
        Payload::Fragment { offset, octets, .. } => {
            tree.push(node(format!("Fragment Offset: {offset}"), 12, 14));
            tree.push(node(format!("Fragment Length: {}", octets.len() / 4), 14, 16));
            tree.push(node("part of the attributes", 16, length));
        }
    }
    tree
}

fn header(message: &Message<'_>, octets: &[u8]) -> Vec<Decode> {
    let header = &message.header;
    let words = octets.get(2..4).map_or(0, |field| field.iter().fold(0, |sum, octet| sum << 8 | u32::from(*octet)));
    let version = match header.version {
        Version::V1 => "Ver: 1".to_owned(),
        Version::V2 => {
            let fragment = matches!(message.payload, Payload::Fragment { .. });
            format!("Ver: 2, R: {}, F: {}", u8::from(header.responder), u8::from(fragment))
        }
    };
    vec![
        node(version, 0, 1),
        node(format!("Primitive: {} ({})", header.primitive.number(), header.primitive), 1, 2),
        node(format!("Payload Length: {words} (words of 4 octets)"), 2, 4),
        node(format!("Conference ID: {}", header.conference.0), 4, 8),
        node(format!("Transaction ID: {}", header.transaction.0), 8, 10),
        node(format!("User ID: {}", header.user.0), 10, 12),
    ]
}

/// Appends the attributes that begin at octet `at`, padding included in the range of each.
fn attributes(list: Attributes<'_>, mut at: usize, limit: usize, tree: &mut Vec<Decode>) {
    let mut rest = list.octets();
    for attribute in list.iter().take(limit) {
        let length = rest.get(1).map_or(0, |length| usize::from(*length).next_multiple_of(4));
        let mandatory = if attribute.mandatory { " (mandatory)" } else { "" };
        let text = format!("{}{mandatory}: {}", attribute.value.name(), value(&attribute.value));
        let mut found = node(label(text.as_bytes()), at, at + length);
        if let Some(nested) = attribute.value.nested() {
            attributes(nested, at + 4, limit, &mut found.children);
        }
        tree.push(found);
        at += length;
        rest = rest.get(length..).unwrap_or_default();
    }
}

fn value(value: &Value<'_>) -> String {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!(" {octet:02x}")).collect::<String>();
    let list = |numbers: &mut dyn Iterator<Item = u8>| numbers.map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    match value {
        Value::BeneficiaryId(id) | Value::BeneficiaryInformation(id, _) | Value::RequestedByInformation(id, _) => {
            id.0.to_string()
        }
        Value::FloorId(id) | Value::FloorRequestStatus(id, _) => id.0.to_string(),
        Value::FloorRequestId(id) | Value::FloorRequestInformation(id, _) | Value::OverallRequestStatus(id, _) => {
            id.0.to_string()
        }
        Value::Priority(priority) => format!("{} ({priority:?})", priority.number()),
        Value::RequestStatus { status, queue_position } => {
            format!("{} ({status:?}), queue position {queue_position}", status.number())
        }
        Value::ErrorCode { code, details } => format!("{} ({code:?}){}", code.number(), hex(details)),
        Value::ErrorInfo(text)
        | Value::ParticipantProvidedInfo(text)
        | Value::StatusInfo(text)
        | Value::UserDisplayName(text)
        | Value::UserUri(text) => format!("{text:?}"),
        Value::SupportedAttributes(octets) => list(&mut bfcp::attribute_types(octets)),
        Value::SupportedPrimitives(octets) => list(&mut octets.iter().copied()),
        Value::Unknown { kind, octets } => format!("type {kind},{}", hex(octets)),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::drawn, *};
    use crate::wire::bfcp::{
        AttributeList, ConferenceId, FloorId, FloorRequestId, Header, Primitive, Priority, TransactionId, UserId,
    };

    #[test]
    fn bfcp_is_drawn_by_fields_and_groups() {
        let mut inner = AttributeList::new();
        inner.push(Value::FloorId(FloorId(7)).into()).unwrap();
        inner.push(Value::StatusInfo("soon").into()).unwrap();
        let group = Value::FloorRequestInformation(FloorRequestId(5), inner.view());
        let list = AttributeList::of([group.into(), Value::Priority(Priority::High).into()]).unwrap();
        let header = Header::new(Primitive::FloorRequestStatus, ConferenceId(1), TransactionId(2), UserId(3));
        let octets = bfcp::encode(&Message::new(header, list.view()));
        let tree = bfcp(&octets);
        let expected = "Ver: 1\nPrimitive: 4 (FloorRequestStatus)\nPayload Length: 5 (words of 4 octets)\nConference ID: 1\nTransaction ID: 2\nUser ID: 3\n\
            FLOOR-REQUEST-INFORMATION: 5\n FLOOR-ID: 7\n STATUS-INFO: \"soon\"\nPRIORITY: 3 (High)\n";
        assert_eq!(drawn(&tree, 0), expected);
        let ranges: Vec<_> = tree[6].children.iter().map(|child| (child.start, child.end)).collect();
        assert_eq!(((tree[6].start, tree[6].end), ranges), ((12, 28), vec![(16, 20), (20, 28)]));
        assert_eq!(drawn(&bfcp(&octets[..9]), 0), "part of a message\n");
    }
}
