//! Layer: net.
