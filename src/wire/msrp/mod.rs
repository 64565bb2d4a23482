//! msrp.
