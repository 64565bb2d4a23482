//! Layer: cli.
