//! Layer 4: what a run found, as bare serde data. No formatting, no judgement of messages; the one file that touches a disk is
//! [`folder`].
//!
//! ```text
//! Run ─┬─ Audit                      what the target said it can do
//!      └─ Scenario ─┬─ Step ── Check  a claim, its clause, its outcome, the frames it was judged from
//!                   └─ Frame          one thing on the wire, with octets and decode
//! ```
//!
//! Everything travels as [`Event`]s (`events.ndjson`); [`RunResult`] is what is left when they are folded, and every report is
//! rendered from that, now or later.

pub mod clause;
pub mod event;
pub mod evidence;
pub mod folder;
pub mod requirement;
pub mod run;
pub mod scenario;
pub mod verdict;

pub use event::{Event, EventError};
pub use evidence::{Absent, Check, Decode, Frame, Lane, Link, Outcome, Protocol, Step, StepOutcome};
pub use folder::Folder;
pub use requirement::{Catalogue, Interface, Kind, Mechanism, Requirement};
pub use run::{Absence, Audit, Audited, Limit, Profile, Run, RunResult, Target, Tool, timestamp};
pub use scenario::{Ending, Parameter, Scenario};
pub use verdict::{Basis, Level, Teardown, Verdict};
