//! Bodies of the fuzz targets: plain functions over octets, each asserting something.

mod media;

pub use media::{bfcp_frame, msrp_framing, tls_record, tpkt};
