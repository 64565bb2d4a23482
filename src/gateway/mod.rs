//! Layer: gateway.
