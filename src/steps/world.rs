//! What one scenario knows, and the one place where a step is begun, judged and ended.

use super::{dialogue::Dialogue, environment::Environment, session::Session, suite::Case};
use crate::{
    harness::{mgc::Controller, msrp_peer::Sent, target::Association, transcript::Transcript, ue::Ue},
    results::{Basis, Check, Ending, Level, Outcome, Step, StepOutcome},
};
use cucumber::step::Context;
use futures::{FutureExt as _, future::LocalBoxFuture};
use std::{convert::Infallible, fmt::Display, panic::AssertUnwindSafe, sync::Arc};

/// Why a step ends its scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// A check was recorded as missed or not observed, and the rest has no point.
    Judged,
    /// No evidence either way.
    Inconclusive(String),
    /// The target lacks an optional capability, and how that is known.
    Unsupported(String),
    /// The machine or the target file leaves it out.
    Skipped(String),
    /// The harness failed.
    Harness(String),
}

/// What a step comes to.
pub(super) type Done = Result<(), Stop>;

impl Stop {
    /// The harness's own failure.
    pub(super) fn harness(error: impl Display) -> Self {
        Self::Harness(error.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Harness(format!("system: {error}"))
    }
}

/// What stood in the wording where the pattern has groups.
#[derive(Debug, Clone)]
pub(super) struct Words(Vec<String>);

impl Words {
    /// The group with this number, from 0; empty when it took no part.
    pub(super) fn at(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }
}

/// One scenario as it runs.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) case: Option<Case>,
    pub(super) environment: Option<Arc<Environment>>,
    pub(super) association: Option<Arc<Association>>,
    pub(super) controller: Option<Controller>,
    pub(super) transcript: Transcript,
    pub(super) session: Session,
    pub(super) second: Option<Box<Session>>,
    pub(super) strangers: Vec<Ue>,
    pub(super) dialogue: Dialogue,
    /// The text block below the present step.
    pub(super) doc: Option<String>,
    /// The message whose report is awaited.
    pub(super) reported: Option<Sent>,
    pub(super) steps: Vec<Step>,
    pub(super) ending: Option<Ending>,
    pub(super) checks: Vec<Check>,
}

impl cucumber::World for World {
    type Error = Infallible;

    async fn new() -> Result<Self, Infallible> {
        Ok(Self::default())
    }
}

impl World {
    /// Runs one step: every step of every feature passes here.
    pub(super) async fn perform(
        &mut self,
        context: Context,
        action: for<'w> fn(&'w mut Self, Words) -> LocalBoxFuture<'w, Done>,
    ) {
        let text = context.step.value.clone();
        let keyword = context.step.keyword.trim().to_owned();
        self.doc = context.step.docstring.as_deref().map(super::suite::block);
        let doc = self.doc.clone();
        let words = Words(context.matches.into_iter().skip(1).map(|(_, group)| group).collect());
        self.transcript.step(format!("{keyword} {text}"));
        let started_us = self.transcript.elapsed_us();
        let ended = AssertUnwindSafe(action(self, words)).catch_unwind().await;
        let stop = match ended {
            Ok(Ok(())) => None,
            Ok(Err(stop)) => Some(stop),
            Err(panic) => Some(Stop::Harness(format!("a step panicked: {}", panic_text(panic.as_ref())))),
        };
        let checks = std::mem::take(&mut self.checks);
        let broken = checks.iter().any(|c| c.outcome != Outcome::Met);
        self.steps.push(Step {
            keyword,
            text,
            doc,
            outcome: if stop.is_some() || broken { StepOutcome::Failed } else { StepOutcome::Passed },
            started_us,
            duration_us: self.transcript.elapsed_us().saturating_sub(started_us),
            checks,
        });
        if let Some(stop) = stop {
            self.ending = Some(match stop {
                Stop::Judged => Ending::Stopped,
                Stop::Inconclusive(cause) => Ending::Inconclusive(cause),
                Stop::Unsupported(evidence) => Ending::Unsupported(evidence),
                Stop::Skipped(reason) => Ending::Skipped(reason),
                Stop::Harness(error) => Ending::Error(error),
            });
            // The runner stops a scenario at a step that unwinds; the reason is in `ending`.
            std::panic::resume_unwind(Box::new("stopped"));
        }
    }

    /// Records a claim and how it turned out; a claim that does not hold ends the scenario. `frames` are what it was
    /// judged from.
    pub(super) fn check(
        &mut self,
        claim: &str,
        holds: bool,
        expected: impl Display,
        actual: impl Display,
        frames: impl IntoIterator<Item = u32>,
    ) -> Done {
        let outcome = if holds { Outcome::Met } else { Outcome::Missed };
        self.record(self.claim(claim, outcome).compare(expected.to_string(), actual.to_string()).from_frames(frames))
    }

    /// Records a claim every scenario stands on, whatever it is about: a "shall" by `clause`, however binding the scenario.
    pub(super) fn ground(
        &mut self,
        claim: &str,
        clause: &str,
        holds: bool,
        expected: impl Display,
        actual: impl Display,
        frames: impl IntoIterator<Item = u32>,
    ) -> Done {
        let outcome = if holds { Outcome::Met } else { Outcome::Missed };
        let check = Check {
            level: Level::Shall,
            basis: Some(Basis::Normative { source: clause.to_owned() }),
            ..Check::new(claim, clause, outcome)
        };
        self.record(check.compare(expected.to_string(), actual.to_string()).from_frames(frames))
    }

    /// A check that judges the scenario's first requirement, at the scenario's level.
    pub(super) fn claim(&self, claim: &str, outcome: Outcome) -> Check {
        let record = self.case.as_ref().map(|case| &case.record);
        let clause = record.map_or_else(String::new, |r| match &r.basis {
            Basis::Normative { source } => source.clone(),
            Basis::Assumed { what } | Basis::Open { what } => format!("{} ({what})", r.clause),
        });
        Check {
            requirement: record.and_then(|r| r.requirements.first().cloned()).unwrap_or_default(),
            level: record.map_or(Level::Shall, |r| r.level),
            ..Check::new(claim, clause, outcome)
        }
    }

    /// Records a check; one that is missed or was not observed ends the scenario.
    pub(super) fn record(&mut self, mut check: Check) -> Done {
        // A check that rests on everything seen so far names the last frame before it.
        if check.frames.iter().all(|f| *f == 0) && check.off_wire.is_none() {
            check.frames = vec![self.transcript.last()];
        }
        let go_on = matches!(check.outcome, Outcome::Met | Outcome::Deviates);
        self.checks.push(check);
        if go_on { Ok(()) } else { Err(Stop::Judged) }
    }

    /// What the run was started with.
    pub(super) fn environment(&self) -> Result<Arc<Environment>, Stop> {
        self.environment.clone().ok_or_else(|| Stop::Harness("no environment".into()))
    }

    /// The MGC's hand of this scenario.
    pub(super) fn controller(&self) -> Result<&Controller, Stop> {
        self.controller.as_ref().ok_or_else(|| Stop::Harness("no step connected the MGC".into()))
    }
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "without a message".into())
}
