//! Packages by behaviour, one file each: what the gateway does with a package, not only what it is called.
//!
//! Names, types and where each comes from are data (`wire::h248::package`); a [`Package`] lists of them what this gateway
//! acts on. What it would not act on is not listed, and so refused.

pub mod root;
