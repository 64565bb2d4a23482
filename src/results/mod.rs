//! Layer: results.
