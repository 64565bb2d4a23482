//! A relay against scripted peers, all in memory.

mod admission;
mod bench;
mod conditions;
mod establishment;
mod forwarding;
mod handshake;
mod msrp;
mod operations;
mod policy;
mod release;
mod switch;
pub(crate) mod tls_peer;
mod transfer;
