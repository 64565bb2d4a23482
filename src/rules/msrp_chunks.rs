//! Byte-Range arithmetic, reassembly and report paths of MSRP (RFC 4975 5.1, 7).
