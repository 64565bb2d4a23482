//! Layer: harness.
