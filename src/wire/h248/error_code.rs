//! Error codes (H.248.8 up to 08/2007).

use std::fmt;

/// An error code: at most four digits on the wire, unknown ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ErrorCode(pub u16);

/// Declares the codes once: constant and title.
macro_rules! codes {
    ($($number:literal $name:ident $title:literal;)+) => {
        impl ErrorCode {
            $(#[doc = concat!(stringify!($number), ": ", $title, ".")] pub const $name: Self = Self($number);)+

            /// Every code with a name here, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// What the code means, in few words; `None` for a code without a name here.
            pub const fn title(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($title),)+
                    _ => None,
                }
            }
        }
    };
}

codes! {
    400 SYNTAX_ERROR_IN_MESSAGE "syntax error in message";
    401 PROTOCOL_ERROR "protocol error";
    402 UNAUTHORIZED "unauthorized";
    403 SYNTAX_ERROR_IN_TRANSACTION "syntax error in transaction request";
    406 VERSION_NOT_SUPPORTED "version not supported";
    410 INCORRECT_IDENTIFIER "incorrect identifier";
    411 UNKNOWN_CONTEXT "unknown context";
    412 NO_CONTEXTS_AVAILABLE "no context available";
    413 TOO_MANY_TRANSACTIONS "too many transactions in message";
    421 ILLEGAL_ACTION "unknown action or illegal combination of actions";
    422 SYNTAX_ERROR_IN_ACTION "syntax error in action";
    430 UNKNOWN_TERMINATION "unknown termination";
    431 NO_TERMINATION_MATCHED "no termination matched a wildcard";
    432 OUT_OF_TERMINATIONS "no termination available";
    433 TERMINATION_ALREADY_IN_CONTEXT "termination is already in a context";
    434 TOO_MANY_TERMINATIONS "too many terminations in context";
    435 TERMINATION_NOT_IN_CONTEXT "termination is not in the context";
    440 UNKNOWN_PACKAGE "unsupported or unknown package";
    441 MISSING_REMOTE_OR_LOCAL "missing Remote or Local descriptor";
    442 SYNTAX_ERROR_IN_COMMAND "syntax error in command";
    443 UNKNOWN_COMMAND "unsupported or unknown command";
    444 UNKNOWN_DESCRIPTOR "unsupported or unknown descriptor";
    445 UNKNOWN_PROPERTY "unsupported or unknown property";
    446 UNKNOWN_PARAMETER "unsupported or unknown parameter";
    447 DESCRIPTOR_NOT_LEGAL "descriptor not legal in this command";
    448 DESCRIPTOR_TWICE "descriptor twice in a command";
    449 UNSUPPORTED_VALUE "unsupported or unknown parameter or property value";
    450 NO_SUCH_PROPERTY "no such property in this package";
    451 NO_SUCH_EVENT "no such event in this package";
    452 NO_SUCH_SIGNAL "no such signal in this package";
    453 NO_SUCH_STATISTIC "no such statistic in this package";
    454 NO_SUCH_PARAMETER_VALUE "no such parameter value in this package";
    455 PROPERTY_ILLEGAL_IN_DESCRIPTOR "property illegal in this descriptor";
    456 PROPERTY_TWICE "property twice in a descriptor";
    457 MISSING_PARAMETER "missing parameter in signal or event";
    458 UNEXPECTED_REQUEST "unexpected event or request";
    459 UNSUPPORTED_PROFILE "unsupported or unknown profile";
    460 STATISTIC_NOT_ON_STREAM "unable to set statistic on stream";
    471 IMPLIED_ADD_FAILED "implied Add for multiplex failed";
    472 MISSING_INFORMATION "required information missing";
    473 CONFLICTING_VALUES "conflicting property values";
    474 INVALID_SDP "invalid SDP syntax";
    478 CONTRADICTS_RESOURCE_RULE "behaviour contradicts a resource rule";
    500 INTERNAL_FAILURE "internal software failure";
    501 NOT_IMPLEMENTED "not implemented";
    502 NOT_READY "not ready";
    503 SERVICE_UNAVAILABLE "service unavailable";
    504 UNAUTHORIZED_ENTITY "command from an unauthorized entity";
    505 BEFORE_SERVICE_CHANGE "request before the ServiceChange reply";
    506 TOO_MANY_PENDINGS "number of pendings exceeded";
    510 INSUFFICIENT_RESOURCES "insufficient resources";
    511 TEMPORARILY_BUSY "temporarily busy";
    512 CANNOT_DETECT_EVENT "not equipped to detect the event";
    513 CANNOT_GENERATE_SIGNAL "not equipped to generate the signal";
    514 CANNOT_SEND_ANNOUNCEMENT "cannot send the announcement";
    515 UNSUPPORTED_MEDIA_TYPE "unsupported media type";
    517 UNSUPPORTED_MODE "unsupported or invalid mode";
    518 EVENT_BUFFER_FULL "event buffer full";
    519 NO_SPACE_FOR_DIGIT_MAP "no space for the digit map";
    520 UNDEFINED_DIGIT_MAP "digit map undefined";
    521 TERMINATION_CHANGING "termination is being changed by ServiceChange";
    522 TOPOLOGY_NOT_SUPPORTED "topology function not supported";
    526 INSUFFICIENT_BANDWIDTH "insufficient bandwidth";
    529 HARDWARE_FAILURE "internal hardware failure";
    530 TEMPORARY_NETWORK_FAILURE "temporary network failure";
    531 PERMANENT_NETWORK_FAILURE "permanent network failure";
    532 AUDITED_ITEM_MISSING "audited item does not exist";
    533 RESPONSE_TOO_LARGE "response exceeds the maximum transport PDU";
    534 READ_ONLY "illegal write of a read-only property";
    540 UNEXPECTED_HOOK_STATE "unexpected hook state";
    541 SPARE_BIT "spare bit";
    542 COMMAND_NOT_ALLOWED "command not allowed on this termination";
    543 TIME_STAMP_NOT_SUPPORTED "time stamp not supported";
    581 DOES_NOT_EXIST "does not exist";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_titled() {
        assert!(ErrorCode::ALL.is_sorted());
        assert!(ErrorCode::ALL.iter().all(|code| code.title().is_some()));
        assert_eq!(ErrorCode(999).title(), None);
    }
}
