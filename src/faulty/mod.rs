//! Layer: faulty.
pub mod null;
