//! tpkt.
