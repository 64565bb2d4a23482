//! Bodies of the fuzz targets: plain functions over octets, each asserting something. `cargo test` runs them over the
//! corpora; the `fuzz` package hands them to libFuzzer.

#[cfg(test)]
mod corpora;
mod h248;
mod media;
mod sdp;

pub use h248::h248_text;
pub use media::{bfcp_frame, msrp_framing, tls_record, tpkt};
pub use sdp::{sdp_h248, sdp_rfc};
