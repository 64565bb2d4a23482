//! Layer 5: the other side of every interface of a gateway under test, and the evidence.
//!
//! [`target`] says which gateway and starts it, [`mgc`] controls it, [`ue`] plays the UEs' bearers, [`msrp_peer`] speaks MSRP
//! over one, [`transcript`] keeps what all of them saw, and [`pcap::trace`] writes that as a capture file.
#![expect(clippy::disallowed_methods, reason = "the harness owns sockets, files and the clock of its transcripts")]

pub mod certificate;
pub mod mgc;
pub mod msrp_peer;
pub mod pcap;
pub mod target;
pub mod transcript;
pub mod ue;
