//! What a message asks or answers (RFC 4582 5.1, RFC 8855 5.1).

use std::fmt;

macro_rules! primitives {
    ($($(#[$doc:meta])* $variant:ident = $number:literal,)*) => {
        /// The primitive of a message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "target", derive(serde::Serialize))]
        pub enum Primitive {
            $($(#[$doc])* $variant,)*
            /// Any other number; a server answers with error 3.
            Unknown(u8),
        }

        impl Primitive {
            /// The number on the wire.
            pub const fn number(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Unknown(number) => number,
                }
            }

            /// The primitive of that number.
            pub const fn of(number: u8) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    _ => Self::Unknown(number),
                }
            }
        }

        impl fmt::Display for Primitive {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant => f.write_str(stringify!($variant)),)*
                    Self::Unknown(number) => write!(f, "primitive {number}"),
                }
            }
        }
    };
}

primitives! {
    /// A participant asks for floors.
    FloorRequest = 1,
    /// A participant gives them back, or withdraws a request.
    FloorRelease = 2,
    /// Asks how a floor request stands.
    FloorRequestQuery = 3,
    /// Says how a floor request stands.
    FloorRequestStatus = 4,
    /// Asks for a user's requests.
    UserQuery = 5,
    /// Answers that.
    UserStatus = 6,
    /// Asks for the state of floors.
    FloorQuery = 7,
    /// Answers that, and tells of changes.
    FloorStatus = 8,
    /// A chair decides a request.
    ChairAction = 9,
    /// Answers that.
    ChairActionAck = 10,
    /// Asks whether the server is there, and what it supports.
    Hello = 11,
    /// Answers that.
    HelloAck = 12,
    /// The server could not do what was asked.
    Error = 13,
    /// Acknowledges FloorRequestStatus over datagrams (RFC 8855).
    FloorRequestStatusAck = 14,
    /// Acknowledges FloorStatus over datagrams (RFC 8855).
    FloorStatusAck = 15,
    /// Ends the association over datagrams (RFC 8855).
    Goodbye = 16,
    /// Answers that (RFC 8855).
    GoodbyeAck = 17,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_a_primitive_and_keeps_its_value() {
        for number in 0..=u8::MAX {
            let primitive = Primitive::of(number);
            assert_eq!(primitive.number(), number);
            assert_eq!(matches!(primitive, Primitive::Unknown(_)), !(1..=17).contains(&number));
        }
    }
}
