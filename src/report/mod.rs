//! Layer 7: results to text. Pure functions; the caller writes what they return.
//!
//! - [`conformance::html`]: the report people keep, one self-contained file;
//! - [`junit::xml`]: for CI servers;
//! - [`text::summary`], [`text::line`]: for a terminal.
//!
//! Everything a target can put into a result (error texts, SDP, mIds, banners) passes [`visible`](escape::visible) and then the escaping
//! of its output format; nothing else may reach a page.

mod card;
pub mod conformance;
mod diff;
pub mod escape;
pub mod junit;
mod ladder;
mod octets;
mod overview;
#[cfg(test)]
mod sample;
pub mod text;
mod triage;
pub mod words;
