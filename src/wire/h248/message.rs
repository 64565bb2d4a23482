//! The message: header and body.

use std::{borrow::Cow, net::IpAddr};

use super::{
    ErrorDescriptor, Name, Transaction, TransactionReply, TransactionRequest,
    owned::{IntoOwned, into_owned},
};

/// A whole message (H.248.1 Annex A, MegacoMessage with its Message).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Message<'a> {
    /// Authentication header, if any.
    pub auth: Option<AuthenticationHeader<'a>>,
    /// Protocol version, 1 to 99 on the wire; 1 to 3 exist.
    pub version: u8,
    /// Who sent it.
    pub mid: MId<'a>,
    /// What it says.
    pub body: MessageBody<'a>,
}

impl<'a> Message<'a> {
    /// A message with transactions.
    pub const fn new(version: u8, mid: MId<'a>, transactions: Vec<Transaction<'a>>) -> Self {
        Self { auth: None, version, mid, body: MessageBody::Transactions(transactions) }
    }

    /// A message with one request.
    pub fn request(version: u8, mid: MId<'a>, request: TransactionRequest<'a>) -> Self {
        Self::new(version, mid, vec![Transaction::Request(request)])
    }

    /// A message with one reply.
    pub fn reply(version: u8, mid: MId<'a>, reply: TransactionReply<'a>) -> Self {
        Self::new(version, mid, vec![Transaction::Reply(reply)])
    }

    /// A message whose body is an error, answering a message nothing could be read from.
    pub const fn error(version: u8, mid: MId<'a>, error: ErrorDescriptor<'a>) -> Self {
        Self { auth: None, version, mid, body: MessageBody::Error(error) }
    }

    /// The transactions; none when the body is an error.
    pub fn transactions(&self) -> &[Transaction<'a>] {
        match &self.body {
            MessageBody::Transactions(transactions) => transactions,
            MessageBody::Error(_) => &[],
        }
    }

    /// The same message without a borrow.
    pub fn into_owned(self) -> Message<'static> {
        IntoOwned::into_owned(self)
    }
}

into_owned!(struct Message { auth, version, mid, body });

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum MessageBody<'a> {
    /// The whole message it answers was wrong.
    Error(ErrorDescriptor<'a>),
    /// One or more transactions, executed in any order.
    Transactions(Vec<Transaction<'a>>),
}

into_owned!(
    enum MessageBody {
        Error(error),
        Transactions(transactions),
    }
);

/// Interim AH scheme (H.248.1 10.2); the check itself is not ours.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct AuthenticationHeader<'a> {
    /// Security parameter index.
    pub security_parameter_index: u32,
    /// Sequence number.
    pub sequence_number: u32,
    /// 24 to 64 hexadecimal digits.
    pub data: Cow<'a, str>,
}

into_owned!(struct AuthenticationHeader { security_parameter_index, sequence_number, data });

/// Names a gateway or controller (H.248.1 8.3, mId).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum MId<'a> {
    /// `[address]:port`, IPv4 or IPv6.
    Ip(IpAddr, Option<u16>),
    /// `<name>:port`, a domain name of at most 64 characters.
    Domain(Name<'a>, Option<u16>),
    /// `MTP{…}`, an SS7 address.
    Mtp(MtpAddress),
    /// A device name: a path of at most 64 characters.
    Device(Name<'a>),
}

impl<'a> MId<'a> {
    /// `<name>` without a port.
    pub fn domain(name: impl Into<Name<'a>>) -> Self {
        Self::Domain(name.into(), None)
    }
}

impl From<std::net::SocketAddr> for MId<'_> {
    fn from(address: std::net::SocketAddr) -> Self {
        Self::Ip(address.ip(), Some(address.port()))
    }
}

impl std::fmt::Display for MId<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let port = match self {
            Self::Ip(address, port) => {
                write!(f, "[{address}]")?;
                *port
            }
            Self::Domain(name, port) => {
                write!(f, "<{name}>")?;
                *port
            }
            Self::Mtp(address) => {
                write!(f, "MTP{{{address}}}")?;
                None
            }
            Self::Device(name) => {
                write!(f, "{name}")?;
                None
            }
        };
        port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

into_owned!(plain IpAddr, MtpAddress);
into_owned!(
    enum MId {
        Ip(address, port),
        Domain(name, port),
        Mtp(address),
        Device(name),
    }
);

/// An SS7 address of 2 to 4 octets, as its 4 to 8 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MtpAddress {
    value: u32,
    digits: u8,
}

impl MtpAddress {
    /// The low `digits` hexadecimal digits of `value`; `None` unless there are 4 to 8.
    pub fn new(value: u32, digits: u8) -> Option<Self> {
        let fits = u32::checked_shr(value, u32::from(digits) * 4).is_none_or(|rest| rest == 0);
        ((4..=8).contains(&digits) && fits).then_some(Self { value, digits })
    }
}

impl std::fmt::Display for MtpAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:0width$X}", self.value, width = usize::from(self.digits))
    }
}
