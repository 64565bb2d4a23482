//! SDP session descriptions: RFC 8866, and the form H.248.1 7.1.8 allows inside Local and Remote descriptors.
//!
//! [`parse`] never panics, costs time and memory linear in its input and borrows from it. Every description keeps its
//! attributes in order, typed where this crate knows them ([`Attribute`]) and verbatim where it does not, so that
//! [`encode`] gives canonical input back octet by octet.
//!
//! | | [`Mode::Rfc`] | [`Mode::H248`] |
//! |---|---|---|
//! | `v=` | required | optional before the first description, separates further ones |
//! | `o= s= t=` | required | optional |
//! | descriptions | one | any number: alternatives in falling preference; none when the descriptor is empty |
//! | `m=` lines | any number | at most one for each description |
//! | `$` | an ordinary character | "the gateway chooses" |
//! | end of line | CRLF or LF | CRLF, LF or CR; blank lines and spare spaces are skipped |
//!
//! In both modes the last line may lack its end, lines stand in RFC 8866's order, and a type letter the RFC does not
//! know is an error, as its section 5 demands.
//!
//! ```
//! use gatecheck::wire::sdp::{encode, parse, Fingerprint, Mode, Proto, Setup};
//!
//! let text = b"v=0\r\nc=IN IP4 $\r\nm=message $ TCP/TLS *\r\na=setup:passive\r\na=fingerprint:sha-256 $\r\n";
//! let descriptions = parse(text, Mode::H248)?;
//! let stream = descriptions[0].stream(0).unwrap();
//! assert_eq!(stream.media.proto, Proto::TcpTls);
//! assert_eq!(stream.setup(), Some(Setup::Passive));
//! assert!(stream.connection().is_some_and(|connection| connection.is_choose()));
//! assert!(stream.fingerprints().all(Fingerprint::is_choose));
//! assert_eq!(encode(&descriptions, Mode::H248), text);
//! # Ok::<(), gatecheck::wire::ParseError>(())
//! ```

mod address;
pub mod attribute;
mod choosable;
#[cfg(test)]
mod corpus;
mod encode;
#[cfg(test)]
mod golden;
mod line;
mod media;
mod parse;
mod proto;
mod session;

pub use address::{Address, AddressType, ConnectionData, Host, Multicast, NetworkType};
pub use attribute::{
    AcceptTypes, AcceptWrappedTypes, Attribute, Attributes, BfcpVersions, ConferenceId, Connection, Digest, Direction,
    EndToAccessEdge, Fingerprint, FloorControl, FloorControlRole, FloorId, HashFunction, KeyManagement, MaxSize,
    MediaRange, MsrpCema, Path, Setup, TypedAttribute, UserId,
};
pub use choosable::Choosable;
pub use encode::encode;
pub use media::{MediaDescription, MediaKind, Port, Stream};
pub use parse::parse;
pub use proto::{Application, Proto, Security, Transport};
pub use session::{Bandwidth, Origin, SessionDescription, TimeDescription};

/// Which of the two grammars holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// RFC 8866: mandatory lines, one description.
    Rfc,
    /// H.248.1 7.1.8: what an MGC and an MG write inside Local and Remote.
    H248,
}

/// Text with a lifetime of its own.
fn owned(text: std::borrow::Cow<'_, str>) -> std::borrow::Cow<'static, str> {
    std::borrow::Cow::Owned(text.into_owned())
}
