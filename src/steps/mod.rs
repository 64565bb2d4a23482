//! Layer: steps.
