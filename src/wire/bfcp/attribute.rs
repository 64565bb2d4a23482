//! The attributes (RFC 4582 5.2, RFC 8855 5.2).

use super::{Attributes, ErrorKind, ParseError, fault};

/// A user: participant, chair, beneficiary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct UserId(pub u16);

/// A floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct FloorId(pub u16);

/// A floor request, numbered by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct FloorRequestId(pub u16);

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "target", derive(serde::Serialize))]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// Any other number.
            Unknown(u8),
        }

        impl $name {
            /// The number on the wire.
            pub const fn number(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Unknown(number) => number,
                }
            }

            /// What that number means.
            pub const fn of(number: u8) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    _ => Self::Unknown(number),
                }
            }
        }
    )*};
}

numbers! {
    /// The priority of a floor request: three bits.
    Priority {
        /// 0.
        Lowest = 0,
        /// 1.
        Low = 1,
        /// 2, the default.
        Normal = 2,
        /// 3.
        High = 3,
        /// 4.
        Highest = 4,
    }
    /// How a floor request stands (RFC 4582 5.2.5).
    RequestStatus {
        /// Waits for a decision.
        Pending = 1,
        /// Will be granted in its turn.
        Accepted = 2,
        /// Holds the floor.
        Granted = 3,
        /// Was refused.
        Denied = 4,
        /// Was withdrawn before it was granted.
        Cancelled = 5,
        /// Was given back.
        Released = 6,
        /// Was taken away.
        Revoked = 7,
    }
    /// Why the server refused (RFC 4582 5.2.6, RFC 8855 5.2.6).
    ErrorCode {
        /// The conference does not exist.
        ConferenceDoesNotExist = 1,
        /// The user does not exist.
        UserDoesNotExist = 2,
        /// The primitive is not known.
        UnknownPrimitive = 3,
        /// A mandatory attribute is not known; the details list which.
        UnknownMandatoryAttribute = 4,
        /// The user may not do that.
        UnauthorizedOperation = 5,
        /// The floor does not exist.
        InvalidFloorId = 6,
        /// The floor request does not exist.
        FloorRequestIdDoesNotExist = 7,
        /// The user has as many requests for this floor as allowed.
        MaximumFloorRequestsReached = 8,
        /// The server wants TLS.
        UseTls = 9,
        /// The message could not be parsed (RFC 8855).
        UnableToParse = 10,
        /// The server wants DTLS (RFC 8855).
        UseDtls = 11,
        /// The version is not supported (RFC 8855).
        UnsupportedVersion = 12,
        /// The length is wrong (RFC 8855).
        IncorrectMessageLength = 13,
        /// Anything else (RFC 8855).
        GenericError = 14,
    }
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Attribute<'a> {
    /// The M bit: a receiver that does not know the attribute must refuse the message.
    pub mandatory: bool,
    /// Type and value.
    pub value: Value<'a>,
}

impl<'a> From<Value<'a>> for Attribute<'a> {
    /// With the M bit clear: every peer knows the attributes of the base specification.
    fn from(value: Value<'a>) -> Self {
        Self { mandatory: false, value }
    }
}

/// Type and value of an attribute. The grouped ones begin with an id and hold attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Value<'a> {
    /// 1: on whose behalf a third party asks.
    BeneficiaryId(UserId),
    /// 2.
    FloorId(FloorId),
    /// 3.
    FloorRequestId(FloorRequestId),
    /// 4.
    Priority(Priority),
    /// 5.
    RequestStatus {
        /// How the request stands.
        status: RequestStatus,
        /// Place in the queue; 0 when not told.
        queue_position: u8,
    },
    /// 6.
    ErrorCode {
        /// The code.
        code: ErrorCode,
        /// Details by code; for error 4 the unknown types: see [`attribute_types`].
        #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::octets"))]
        details: &'a [u8],
    },
    /// 7.
    ErrorInfo(&'a str),
    /// 8.
    ParticipantProvidedInfo(&'a str),
    /// 9.
    StatusInfo(&'a str),
    /// 10: an octet for each type; see [`attribute_types`].
    #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::attribute_types"))]
    SupportedAttributes(&'a [u8]),
    /// 11: an octet for each primitive.
    SupportedPrimitives(&'a [u8]),
    /// 12.
    UserDisplayName(&'a str),
    /// 13.
    UserUri(&'a str),
    /// 14, grouped: who benefits.
    BeneficiaryInformation(UserId, Attributes<'a>),
    /// 15, grouped: everything about one floor request.
    FloorRequestInformation(FloorRequestId, Attributes<'a>),
    /// 16, grouped: who asked.
    RequestedByInformation(UserId, Attributes<'a>),
    /// 17, grouped: how the request stands for one floor.
    FloorRequestStatus(FloorId, Attributes<'a>),
    /// 18, grouped: how the request stands for all its floors.
    OverallRequestStatus(FloorRequestId, Attributes<'a>),
    /// Any other type.
    Unknown {
        /// The type, seven bits.
        kind: u8,
        /// The value without padding.
        #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::octets"))]
        octets: &'a [u8],
    },
}

/// The types in SUPPORTED-ATTRIBUTES and in the details of error 4: each in the upper seven bits of an octet.
pub fn attribute_types(octets: &[u8]) -> impl Iterator<Item = u8> {
    octets.iter().map(|octet| octet >> 1)
}

const CLAUSE: &str = "RFC 4582 5.2";

impl<'a> Value<'a> {
    /// The attribute type, seven bits.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::BeneficiaryId(_) => 1,
            Self::FloorId(_) => 2,
            Self::FloorRequestId(_) => 3,
            Self::Priority(_) => 4,
            Self::RequestStatus { .. } => 5,
            Self::ErrorCode { .. } => 6,
            Self::ErrorInfo(_) => 7,
            Self::ParticipantProvidedInfo(_) => 8,
            Self::StatusInfo(_) => 9,
            Self::SupportedAttributes(_) => 10,
            Self::SupportedPrimitives(_) => 11,
            Self::UserDisplayName(_) => 12,
            Self::UserUri(_) => 13,
            Self::BeneficiaryInformation(..) => 14,
            Self::FloorRequestInformation(..) => 15,
            Self::RequestedByInformation(..) => 16,
            Self::FloorRequestStatus(..) => 17,
            Self::OverallRequestStatus(..) => 18,
            Self::Unknown { kind, .. } => *kind & 0x7F,
        }
    }

    /// The name as RFC 4582 5.2 writes it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BeneficiaryId(_) => "BENEFICIARY-ID",
            Self::FloorId(_) => "FLOOR-ID",
            Self::FloorRequestId(_) => "FLOOR-REQUEST-ID",
            Self::Priority(_) => "PRIORITY",
            Self::RequestStatus { .. } => "REQUEST-STATUS",
            Self::ErrorCode { .. } => "ERROR-CODE",
            Self::ErrorInfo(_) => "ERROR-INFO",
            Self::ParticipantProvidedInfo(_) => "PARTICIPANT-PROVIDED-INFO",
            Self::StatusInfo(_) => "STATUS-INFO",
            Self::SupportedAttributes(_) => "SUPPORTED-ATTRIBUTES",
            Self::SupportedPrimitives(_) => "SUPPORTED-PRIMITIVES",
            Self::UserDisplayName(_) => "USER-DISPLAY-NAME",
            Self::UserUri(_) => "USER-URI",
            Self::BeneficiaryInformation(..) => "BENEFICIARY-INFORMATION",
            Self::FloorRequestInformation(..) => "FLOOR-REQUEST-INFORMATION",
            Self::RequestedByInformation(..) => "REQUESTED-BY-INFORMATION",
            Self::FloorRequestStatus(..) => "FLOOR-REQUEST-STATUS",
            Self::OverallRequestStatus(..) => "OVERALL-REQUEST-STATUS",
            Self::Unknown { .. } => "unknown attribute",
        }
    }

    /// The attributes inside a grouped one.
    pub const fn nested(&self) -> Option<Attributes<'a>> {
        match self {
            Self::BeneficiaryInformation(_, nested)
            | Self::FloorRequestInformation(_, nested)
            | Self::RequestedByInformation(_, nested)
            | Self::FloorRequestStatus(_, nested)
            | Self::OverallRequestStatus(_, nested) => Some(*nested),
            _ => None,
        }
    }

    /// Reads the value of an attribute that starts `offset` octets into the input; nested attributes are not looked at yet.
    pub(super) fn read(kind: u8, octets: &'a [u8], offset: usize) -> Result<Self, ParseError> {
        let two = |field| match octets {
            [a, b] => Ok([*a, *b]),
            _ => Err(fault(offset + 1, ErrorKind::OutOfRange { min: 4, max: 4 }, field, CLAUSE)),
        };
        let id = |field| two(field).map(u16::from_be_bytes);
        let text = |field| {
            std::str::from_utf8(octets).map_err(|error| {
                let at = error.valid_up_to();
                let octet = octets.get(at).copied().unwrap_or_default();
                fault(offset + 2 + at, ErrorKind::InvalidOctet(octet), field, CLAUSE)
            })
        };
        let group = |field| match octets.split_first_chunk() {
            Some((id, nested)) => Ok((u16::from_be_bytes(*id), Attributes(nested))),
            None => Err(fault(offset + 1, ErrorKind::OutOfRange { min: 4, max: 255 }, field, CLAUSE)),
        };
        Ok(match kind {
            1 => Self::BeneficiaryId(UserId(id("BENEFICIARY-ID")?)),
            2 => Self::FloorId(FloorId(id("FLOOR-ID")?)),
            3 => Self::FloorRequestId(FloorRequestId(id("FLOOR-REQUEST-ID")?)),
            4 => {
                let [octet, _] = two("PRIORITY")?;
                Self::Priority(Priority::of(octet >> 5))
            }
            5 => {
                let [status, queue_position] = two("REQUEST-STATUS")?;
                Self::RequestStatus { status: RequestStatus::of(status), queue_position }
            }
            6 => match octets.split_first() {
                Some((code, details)) => Self::ErrorCode { code: ErrorCode::of(*code), details },
                None => {
                    return Err(fault(offset + 1, ErrorKind::OutOfRange { min: 3, max: 255 }, "ERROR-CODE", CLAUSE));
                }
            },
            7 => Self::ErrorInfo(text("ERROR-INFO")?),
            8 => Self::ParticipantProvidedInfo(text("PARTICIPANT-PROVIDED-INFO")?),
            9 => Self::StatusInfo(text("STATUS-INFO")?),
            10 => Self::SupportedAttributes(octets),
            11 => Self::SupportedPrimitives(octets),
            12 => Self::UserDisplayName(text("USER-DISPLAY-NAME")?),
            13 => Self::UserUri(text("USER-URI")?),
            14 => {
                group("BENEFICIARY-INFORMATION").map(|(id, nested)| Self::BeneficiaryInformation(UserId(id), nested))?
            }
            15 => group("FLOOR-REQUEST-INFORMATION")
                .map(|(id, nested)| Self::FloorRequestInformation(FloorRequestId(id), nested))?,
            16 => group("REQUESTED-BY-INFORMATION")
                .map(|(id, nested)| Self::RequestedByInformation(UserId(id), nested))?,
            17 => group("FLOOR-REQUEST-STATUS").map(|(id, nested)| Self::FloorRequestStatus(FloorId(id), nested))?,
            18 => group("OVERALL-REQUEST-STATUS")
                .map(|(id, nested)| Self::OverallRequestStatus(FloorRequestId(id), nested))?,
            kind => Self::Unknown { kind, octets },
        })
    }

    /// Hands the value's octets, without padding, to `put` in pieces.
    pub(super) fn write(&self, mut put: impl FnMut(&[u8])) {
        match *self {
            Self::BeneficiaryId(UserId(id)) | Self::FloorId(FloorId(id)) | Self::FloorRequestId(FloorRequestId(id)) => {
                put(&id.to_be_bytes());
            }
            Self::Priority(priority) => put(&[priority.number() << 5, 0]),
            Self::RequestStatus { status, queue_position } => put(&[status.number(), queue_position]),
            Self::ErrorCode { code, details } => {
                put(&[code.number()]);
                put(details);
            }
            Self::ErrorInfo(text)
            | Self::ParticipantProvidedInfo(text)
            | Self::StatusInfo(text)
            | Self::UserDisplayName(text)
            | Self::UserUri(text) => put(text.as_bytes()),
            Self::SupportedAttributes(octets) | Self::SupportedPrimitives(octets) | Self::Unknown { octets, .. } => {
                put(octets)
            }
            Self::BeneficiaryInformation(UserId(id), nested)
            | Self::FloorRequestInformation(FloorRequestId(id), nested)
            | Self::RequestedByInformation(UserId(id), nested)
            | Self::FloorRequestStatus(FloorId(id), nested)
            | Self::OverallRequestStatus(FloorRequestId(id), nested) => {
                put(&id.to_be_bytes());
                put(nested.octets());
            }
        }
    }
}
