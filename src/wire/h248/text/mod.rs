//! The text encoding (H.248.1 Annex B): one file per noun, decoding beside encoding.

mod action;
mod audit;
mod command;
#[cfg(test)]
mod corpora;
mod decoder;
mod descriptor;
mod encoder;
mod event;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod ladder;
mod media;
mod message;
mod parameter;
mod service_change;
mod signal;
mod token;

pub use token::keyword;

use super::{Fault, Message};

/// Reads a message as Annex B spells it.
///
/// # Errors
/// A [`Fault`]: what is wrong and where, and everything readable before it.
pub fn parse(octets: &[u8]) -> Result<Message<'_>, Box<Fault<'_>>> {
    parse_with(octets, &Leniency::STRICT)
}

/// Reads a message, also in the spellings `leniency` allows.
///
/// # Errors
/// As [`parse`].
pub fn parse_with<'a>(octets: &'a [u8], leniency: &Leniency) -> Result<Message<'a>, Box<Fault<'a>>> {
    let mut progress = message::Progress::new();
    decoder::Decoder::new(octets, *leniency).message(&mut progress).map_err(|error| progress.fault(error))
}

/// Which departures from Annex B, seen in other stacks, are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leniency {
    /// A request without a transaction id: `Transaction{…}` or `Transaction={…}`, read as id 0.
    pub missing_transaction_id: bool,
    /// Context properties and ContextAudit anywhere between the commands of an action.
    pub context_properties_anywhere: bool,
    /// An unquoted ServiceChange reason.
    pub unquoted_reason: bool,
    /// No white space after the authentication header, the version or the message id where other characters end it.
    pub missing_separator: bool,
    /// A comment that ends with the message instead of a line end.
    pub unterminated_comment: bool,
    /// A termination id of any 64 safe characters, as in `ip/access-1`.
    pub any_termination_id: bool,
}

impl Leniency {
    /// Nothing but Annex B.
    pub const STRICT: Self = Self {
        missing_transaction_id: false,
        context_properties_anywhere: false,
        unquoted_reason: false,
        missing_separator: false,
        unterminated_comment: false,
        any_termination_id: false,
    };

    /// Every departure.
    pub const ALL: Self = Self {
        missing_transaction_id: true,
        context_properties_anywhere: true,
        unquoted_reason: true,
        missing_separator: true,
        unterminated_comment: true,
        any_termination_id: true,
    };

    /// Each departure alone, by the name a user gives it.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("missing-transaction-id", Self { missing_transaction_id: true, ..Self::STRICT }),
        ("context-properties-anywhere", Self { context_properties_anywhere: true, ..Self::STRICT }),
        ("unquoted-reason", Self { unquoted_reason: true, ..Self::STRICT }),
        ("missing-separator", Self { missing_separator: true, ..Self::STRICT }),
        ("unterminated-comment", Self { unterminated_comment: true, ..Self::STRICT }),
        ("any-termination-id", Self { any_termination_id: true, ..Self::STRICT }),
    ];

    /// What either allows.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            missing_transaction_id: self.missing_transaction_id | other.missing_transaction_id,
            context_properties_anywhere: self.context_properties_anywhere | other.context_properties_anywhere,
            unquoted_reason: self.unquoted_reason | other.unquoted_reason,
            missing_separator: self.missing_separator | other.missing_separator,
            unterminated_comment: self.unterminated_comment | other.unterminated_comment,
            any_termination_id: self.any_termination_id | other.any_termination_id,
        }
    }
}

/// How to spell a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Short tokens, no white space: the canonical form.
    #[default]
    Compact,
    /// Long tokens, one item a line.
    Pretty,
    /// Any legal spelling, the same for the same seed: long and short tokens, case, white space, comments, order where free.
    Spelling(u64),
}

/// Writes a message. Every value of the types gives a legal message: what the grammar cannot carry in a name or string is
/// replaced as [`super::Name`] and [`super::Value`] say; an octet string loses NULs and gets a line end after a final `\`.
pub fn encode(message: &Message<'_>, style: Style) -> Vec<u8> {
    let mut encoder = encoder::Encoder::new(style);
    encoder.message(message);
    encoder.out
}
