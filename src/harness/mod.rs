//! Layer 5: the other side of every interface of the gateway under test, and the evidence of what passed there.
#![cfg_attr(
    feature = "harness",
    expect(clippy::disallowed_methods, reason = "the harness reads the clock and files, and owns sockets")
)]

#[cfg(feature = "harness")]
pub mod mgc;
#[cfg(feature = "target")]
pub mod target;
#[cfg(feature = "harness")]
pub mod transcript;
