//! Layer: faulty.
