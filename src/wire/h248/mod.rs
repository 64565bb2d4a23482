//! H.248 (MEGACO): typed messages, the text encoding of Annex B, the package registry.
//!
//! Types carry the names of H.248.1 Annex A, so that text and binary are two codecs of the same values. Text from a message is
//! borrowed; [`IntoOwned::into_owned`] detaches any piece. Names compare without regard to case ([`Name`]), as the
//! text encoding is case-blind outside octet strings; octets of Local and Remote stay what they were.
//!
//! One codec serves versions 1 to 3: the version is a field, and syntax of a later version is accepted under an earlier one.
//!
//! No input panics, recurses deeper than the grammar nests, or costs more than linear time.
//!
//! ```
//! use gatecheck::wire::h248::{self, Command, MessageBody, Style, Transaction};
//!
//! let text = b"!/2 [127.0.0.1]:2944 T=1{C=5{S=ip/7{AT{}}}}";
//! let message = h248::parse(text).expect("legal");
//! let MessageBody::Transactions(transactions) = &message.body else { panic!() };
//! let Transaction::Request(request) = &transactions[0] else { panic!() };
//! assert!(matches!(&request.actions[0].commands[0].command, Command::Subtract(s) if s.terminations.first() == "IP/7"));
//! assert_eq!(h248::encode(&message, Style::Compact), text);
//! ```

mod action;
mod command;
pub mod descriptor;
mod error_code;
mod fault;
mod message;
mod name;
mod owned;
pub mod package;
mod parameter;
mod termination;
mod text;
mod transaction;

pub use action::{
    ActionReply, ActionRequest, ContextAttrAuditRequest, ContextId, ContextProperties, SelectLogic, TopologyDirection,
    TopologyRequest,
};
pub use command::{
    AmmRequest, AmmsReply, AuditReply, AuditRequest, Command, CommandReply, CommandRequest, NotifyReply, NotifyRequest,
    ServiceChangeReply, ServiceChangeRequest, ServiceChangeResult, SubtractRequest,
};
pub use descriptor::*;
pub use error_code::ErrorCode;
pub use fault::{Fault, FaultLevel};
pub use message::{AuthenticationHeader, MId, Message, MessageBody, MtpAddress};
pub use name::{Name, PkgdName};
pub use owned::IntoOwned;
pub use parameter::{Parameter, ParmValue, PropertyParm, RequestId, StreamId, TimeNotation, Value};
pub use termination::{TerminationId, TerminationIdList};
pub use text::{Leniency, Style, encode, keyword, parse, parse_with};
pub use transaction::{
    Segment, Segmentation, Transaction, TransactionAck, TransactionId, TransactionReply, TransactionRequest,
    TransactionResult,
};
