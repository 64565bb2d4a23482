//! Capture files: what a scenario saw, written for Wireshark and for replay.

pub mod trace;
