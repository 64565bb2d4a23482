//! Claims about all messages: the corpus, golden octets, round trips.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::wire::{Framed, corpus};

#[test]
fn the_corpus_decodes_as_expected_and_what_is_valid_is_written_octet_for_octet() {
    let cases = corpus::cases("bfcp");
    assert!(cases.len() >= 50);
    for (file, octets, expected) in cases {
        let result = parse(&octets);
        assert_eq!(corpus::verdict(result, &octets), expected, "{file}: {result:?}");
        if let Ok(Framed::Complete(message, length)) = result {
            assert_eq!(encode(&message), &octets[..length], "{file}");
            let typed = AttributeList::of(message.attributes()).unwrap();
            assert_eq!(typed.view().iter().count(), message.attributes().iter().count(), "{file}");
            for cut in 0..length {
                assert!(matches!(parse(&octets[..cut]), Ok(Framed::Incomplete(1..))), "{file} {cut}");
            }
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|octet| *octet != b' ').collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn list<'a>(values: &[Value<'a>]) -> AttributeList {
    AttributeList::of(values.iter().map(|value| Attribute::from(*value))).unwrap()
}

#[test]
fn golden_attributes() {
    let granted = list(&[Value::RequestStatus { status: RequestStatus::Granted, queue_position: 0 }]);
    let named = list(&[Value::UserDisplayName("Al"), Value::UserUri("sip:a")]);
    let overall = list(&[Value::OverallRequestStatus(FloorRequestId(9), granted.view())]);
    for (value, octets) in [
        (Value::BeneficiaryId(UserId(0x0102)), "02 04 0102"),
        (Value::FloorId(FloorId(543)), "04 04 021f"),
        (Value::FloorRequestId(FloorRequestId(0xFFFF)), "06 04 ffff"),
        (Value::Priority(Priority::Lowest), "08 04 0000"),
        (Value::Priority(Priority::Normal), "08 04 4000"),
        (Value::Priority(Priority::Highest), "08 04 8000"),
        (Value::RequestStatus { status: RequestStatus::Pending, queue_position: 3 }, "0a 04 0103"),
        (Value::RequestStatus { status: RequestStatus::Revoked, queue_position: 0 }, "0a 04 0700"),
        (Value::ErrorCode { code: ErrorCode::UseTls, details: &[] }, "0c 03 09 00"),
        (Value::ErrorCode { code: ErrorCode::UnknownMandatoryAttribute, details: &[0xCA] }, "0c 04 04 ca"),
        (Value::ErrorCode { code: ErrorCode::GenericError, details: &[1, 2, 3] }, "0c 06 0e 010203 0000"),
        (Value::ErrorInfo("no"), "0e 04 6e6f"),
        (Value::ErrorInfo(""), "0e 02 0000"),
        (Value::ParticipantProvidedInfo("X"), "10 03 58 00"),
        (Value::StatusInfo("wait"), "12 06 77616974 0000"),
        (Value::SupportedAttributes(&[2, 4, 6]), "14 05 020406 000000"),
        (Value::SupportedPrimitives(&[1, 2, 11, 12]), "16 06 01020b0c 0000"),
        (Value::UserDisplayName("Zoë"), "18 06 5a6fc3ab 0000"),
        (Value::UserUri("sip:a"), "1a 07 7369703a61 00"),
        (Value::BeneficiaryInformation(UserId(7), named.view()), "1c 10 0007 1804416c 1a07 7369703a61 00"),
        (Value::FloorRequestInformation(FloorRequestId(9), overall.view()), "1e 0c 0009 2408 0009 0a04 0300"),
        (Value::RequestedByInformation(UserId(1), Attributes::default()), "20 04 0001"),
        (Value::FloorRequestStatus(FloorId(2), granted.view()), "22 08 0002 0a04 0300"),
        (Value::OverallRequestStatus(FloorRequestId(3), granted.view()), "24 08 0003 0a04 0300"),
        (Value::Unknown { kind: 127, octets: &[0xAB] }, "fe 03 ab 00"),
    ] {
        let octets = hex(octets);
        assert_eq!(list(&[value]).view().octets(), octets, "{value:?}");
        let read = Attributes::checked(&octets, 0).map(|attributes| attributes.iter().collect::<Vec<_>>());
        assert_eq!(read, Ok(vec![value.into()]), "{value:?}");
    }
    let mut mandatory = AttributeList::new();
    mandatory.push(Attribute { mandatory: true, value: Value::FloorId(FloorId(1)) }).unwrap();
    assert_eq!(mandatory.view().octets(), hex("05 04 0001"));
}

#[test]
fn golden_headers() {
    let header = Header::new(Primitive::FloorRequest, ConferenceId(0x0A0B_0C0D), TransactionId(0x0102), UserId(0x0304));
    let v2 = Header { version: Version::V2, ..header };
    let floor = list(&[Value::FloorId(FloorId(1))]);
    let fragment = Payload::Fragment { offset: 1, total: 3, octets: &[4, 4, 0, 1] };
    for (message, octets) in [
        (Message::new(header, Attributes::default()), "20 01 0000 0a0b0c0d 0102 0304"),
        (Message::new(header, floor.view()), "20 01 0001 0a0b0c0d 0102 0304 0404 0001"),
        (Message::new(Header { reserved: 0x15, ..header }, Attributes::default()), "35 01 0000 0a0b0c0d 0102 0304"),
        (Message::new(v2, Attributes::default()), "40 01 0000 0a0b0c0d 0102 0304"),
        (Message::new(Header { responder: true, ..v2 }, floor.view()), "50 01 0001 0a0b0c0d 0102 0304 0404 0001"),
        (Message { header: v2, payload: fragment }, "48 01 0003 0a0b0c0d 0102 0304 0001 0001 0404 0001"),
        (
            Message::new(Header { primitive: Primitive::Unknown(200), ..header }, Attributes::default()),
            "20 c8 0000 0a0b0c0d 0102 0304",
        ),
    ] {
        let octets = hex(octets);
        assert_eq!(encode(&message), octets);
        assert_eq!(parse(&octets), Ok(Framed::Complete(message, octets.len())));
    }
}

#[test]
fn what_a_length_field_cannot_say_is_not_written() {
    let mut attributes = list(&[Value::FloorId(FloorId(1))]);
    let before = attributes.clone();
    assert_eq!(attributes.push(Value::UserUri(&"x".repeat(254)).into()), Err(TooLong));
    assert_eq!(attributes, before);
    attributes.push(Value::UserUri(&"x".repeat(253)).into()).unwrap();
    assert_eq!(
        attributes.push(Value::BeneficiaryInformation(UserId(1), attributes.clone().view()).into()),
        Err(TooLong)
    );
    let mut full = AttributeList::new();
    while full.push(Value::UserUri(&"x".repeat(253)).into()).is_ok() {}
    let header = Header::new(Primitive::Hello, ConferenceId(0), TransactionId(0), UserId(0));
    let octets = encode(&Message::new(header, full.view()));
    assert!(matches!(parse(&octets), Ok(Framed::Complete(_, length)) if length == octets.len()));
}

fn leaf() -> impl Strategy<Value = (bool, u8, Vec<u8>)> {
    let text = "[ -~é]{0,20}".prop_map(String::into_bytes);
    prop_oneof![
        (any::<bool>(), select(&[1_u8, 2, 3, 5][..]), vec(any::<u8>(), 2)),
        (any::<bool>(), Just(4), (0..8_u8).prop_map(|priority| vec![priority << 5, 0])),
        (any::<bool>(), Just(6), vec(any::<u8>(), 1..9)),
        (any::<bool>(), select(&[7_u8, 8, 9, 12, 13][..]), text),
        (any::<bool>(), select(&[0_u8, 10, 11, 19, 64, 127][..]), vec(any::<u8>(), 0..9)),
    ]
}

fn write(attributes: &[(bool, u8, Vec<u8>)]) -> AttributeList {
    let read = |(mandatory, kind, octets): &'_ (bool, u8, Vec<u8>)| (*mandatory, *kind, octets.clone());
    let mut list = AttributeList::new();
    for (mandatory, kind, octets) in attributes.iter().map(read) {
        let value = Value::read(kind, &octets, 0).unwrap();
        list.push(Attribute { mandatory, value }).unwrap();
    }
    list
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(
        leaves in vec(leaf(), 0..6), inner in vec(leaf(), 0..3), id in any::<u16>(), numbers in any::<(u8, u32, u16, u16)>(),
        v2 in any::<(bool, bool)>(), reserved in 0..8_u8,
    ) {
        let inner = write(&inner);
        let middle = list(&[Value::OverallRequestStatus(FloorRequestId(id), inner.view())]);
        let mut attributes = write(&leaves);
        attributes.push(Value::FloorRequestInformation(FloorRequestId(id), middle.view()).into()).unwrap();
        let (version, responder) = if v2.0 { (Version::V2, v2.1) } else { (Version::V1, false) };
        let header = Header { version, responder, reserved, ..Header::new(
            Primitive::of(numbers.0), ConferenceId(numbers.1), TransactionId(numbers.2), UserId(numbers.3)) };
        let message = Message::new(header, attributes.view());
        let octets = encode(&message);
        prop_assert_eq!(parse(&octets), Ok(Framed::Complete(message, octets.len())));
        let again = AttributeList::of(message.attributes()).unwrap();
        prop_assert_eq!(again.view(), message.attributes());
        for cut in 0..octets.len() {
            prop_assert!(matches!(parse(&octets[..cut]), Ok(Framed::Incomplete(1..))));
        }
    }

    #[test]
    fn no_octets_break_it(mut octets in vec(any::<u8>(), 12..300), kinds in vec(0..20_u8, 1..8)) {
        octets[0] = 0x20;
        octets[2] = 0;
        octets[3] = ((octets.len() - 12) / 4) as u8;
        for (at, kind) in kinds.iter().enumerate() {
            if let Some(octet) = octets.get_mut(12 + at * 4) {
                *octet = kind << 1;
            }
        }
        if let Ok(Framed::Complete(message, length)) = parse(&octets) {
            prop_assert_eq!(encode(&message), &octets[..length]);
        }
    }
}
