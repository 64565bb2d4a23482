//! The conformance suite on the built-in reference gateway, as a test.

fn main() {}
