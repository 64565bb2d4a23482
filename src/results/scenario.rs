//! One scenario: where it comes from, what was done, what was seen, and the judgement.

use serde::{Deserialize, Serialize};

use super::{
    evidence::{Check, Frame, Outcome, Step, StepOutcome},
    requirement::Interface,
    verdict::{Basis, Level, Teardown, Verdict},
};

/// A column of the examples row a scenario was expanded from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Column heading.
    pub name: String,
    /// Cell.
    pub value: String,
}

/// How the running of a scenario ended, before anything is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every step ran.
    Complete,
    /// A check was missed, and the rest had no point.
    Stopped,
    /// No evidence either way: preamble, peer, timer or environment.
    Inconclusive(String),
    /// The target lacks an optional capability; says which, and how that is known.
    Unsupported(String),
    /// Left out by selection or target file, or the machine lacks something (IPv6).
    Skipped(String),
    /// The target died or stopped answering.
    Crash(String),
    /// The harness failed.
    Error(String),
}

/// One scenario's record. `results.json` has it without [`Scenario::frames`], `events.ndjson` with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Stable id, unique in the run.
    pub id: String,
    /// What the feature file calls it.
    pub title: String,
    /// Why it exists: the description under the title.
    #[serde(default)]
    pub purpose: String,
    /// Clause of its feature, such as `4.1.3`.
    pub clause: String,
    /// Requirement ids it covers.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Interface it plays on; `None` for the base suite.
    #[serde(default)]
    pub interface: Option<Interface>,
    /// How binding.
    #[serde(default)]
    pub level: Level,
    /// H.248 packages it needs.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Examples row.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What its verdict rests on.
    pub basis: Basis,
    /// Feature file, relative to `features/`.
    #[serde(default)]
    pub feature: String,
    /// Line of the scenario, or of its examples row.
    #[serde(default)]
    pub line: u32,
    /// The verdict.
    pub verdict: Verdict,
    /// How its session was torn down.
    #[serde(default)]
    pub teardown: Teardown,
    /// Why the verdict is not `pass`; empty for a pass.
    #[serde(default)]
    pub cause: String,
    /// How long, in ms.
    pub duration_ms: u64,
    /// Its steps, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Trace file, relative to the result folder.
    #[serde(default)]
    pub trace: Option<String>,
    /// What the target itself said (standard error, log), cut to a readable length.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub log: String,
    /// What was on the wire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
}

impl Scenario {
    /// A record that nothing has been run for yet: `fail`, because a scenario becomes better only by evidence.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        clause: impl Into<String>,
        level: Level,
        basis: Basis,
    ) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            purpose: String::new(),
            clause: clause.into(),
            requirements: Vec::new(),
            interface: None,
            level,
            packages: Vec::new(),
            parameters: Vec::new(),
            basis,
            feature: String::new(),
            line: 0,
            verdict: Verdict::Fail,
            teardown: Teardown::Clean,
            cause: "never judged".into(),
            duration_ms: 0,
            steps: Vec::new(),
            trace: None,
            log: String::new(),
            frames: Vec::new(),
        }
    }

    /// Every check, in step order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.steps.iter().flat_map(|step| &step.checks)
    }

    /// Sets verdict and cause from the recorded steps. `adopted`: the target's profile adopts the signalling model.
    pub fn judge(&mut self, ending: &Ending, adopted: bool) {
        (self.verdict, self.cause) = match self.steps.iter().find(|s| s.outcome == StepOutcome::Undefined) {
            Some(step) => (Verdict::Error, format!("no step definition for: {}", step.text)),
            None => judge(self.checks(), &self.basis, ending, adopted),
        };
    }

    /// Turns a failure into `known-fail` and a pass into `stale-known`, with the target file's reason.
    pub fn listed_as_known(&mut self, reason: &str) {
        let judged = self.verdict;
        self.verdict = judged.known();
        match self.verdict {
            Verdict::KnownFail => self.cause = format!("{reason} (as listed; {}: {})", judged.word(), self.cause),
            Verdict::StaleKnown => self.cause = format!("listed as a known failure ({reason}) but passes"),
            _ => {}
        }
    }

    /// The record as `results.json` has it.
    #[must_use]
    pub fn without_frames(&self) -> Self {
        Self { frames: Vec::new(), ..self.clone() }
    }
}

/// Verdict and cause of a scenario with these checks.
///
/// It is `fail` until evidence betters it: a pass needs at least one check, all met, each naming the frame it was judged from.
/// Combining only worsens, so what already broke is not healed by how the scenario ended.
#[must_use]
pub fn judge<'a>(
    checks: impl IntoIterator<Item = &'a Check>,
    basis: &Basis,
    ending: &Ending,
    adopted: bool,
) -> (Verdict, String) {
    let stopped = *ending != Ending::Complete;
    let mut worst = None;
    let mut broken = false;
    let mut met = false;
    for check in checks {
        let (verdict, cause) = if check.is_grounded() {
            let seen = match check.outcome {
                Outcome::Met => Verdict::Pass,
                Outcome::Deviates => check.level.when_missed().min(Verdict::NonStrict),
                Outcome::Missed => check.level.when_missed(),
                Outcome::NotObserved => Verdict::Inconclusive,
            };
            (check.basis.as_ref().unwrap_or(basis).cap(seen, adopted, stopped), cause(check))
        } else {
            (Verdict::Error, format!("{}: judged from no frame", check.text))
        };
        met |= check.outcome == Outcome::Met;
        broken |= check.outcome != Outcome::Met;
        if worst.as_ref().is_none_or(|(w, _)| verdict > *w) {
            worst = Some((verdict, cause));
        }
    }
    let end = match ending {
        Ending::Complete if met || broken => None,
        Ending::Complete => Some((Verdict::Error, "no check was recorded".to_owned())),
        Ending::Stopped if broken => None,
        Ending::Stopped => Some((Verdict::Error, "a step gave up without recording what it missed".to_owned())),
        Ending::Inconclusive(cause) => Some((Verdict::Inconclusive, cause.clone())),
        Ending::Unsupported(cause) => Some((Verdict::Unsupported, cause.clone())),
        Ending::Skipped(cause) => Some((Verdict::Skipped, cause.clone())),
        Ending::Crash(cause) => Some((Verdict::Crash, cause.clone())),
        Ending::Error(cause) => Some((Verdict::Error, cause.clone())),
    };
    match (worst, end) {
        (Some(worst), Some(end)) => {
            if worst.0 > end.0 {
                worst
            } else {
                end
            }
        }
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => (Verdict::Fail, "nothing was observed".to_owned()),
    }
}

/// One line that says what differed.
fn cause(check: &Check) -> String {
    match check.outcome {
        Outcome::Met => String::new(),
        _ if check.expected.is_empty() && check.actual.is_empty() => check.text.clone(),
        _ => format!("{}: expected {}, saw {}", check.text, or_nothing(&check.expected), or_nothing(&check.actual)),
    }
}

fn or_nothing(text: &str) -> &str {
    if text.is_empty() { "nothing" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normative() -> Basis {
        Basis::Normative { source: "TR 4.3.1".into() }
    }

    fn check(outcome: Outcome, level: Level) -> Check {
        Check { level, ..Check::new("a claim", "TR 4.3.1", outcome).from_frames([3]) }
    }

    fn verdict(checks: &[Check], ending: &Ending) -> Verdict {
        judge(checks, &normative(), ending, false).0
    }

    #[test]
    fn a_pass_needs_a_check_that_names_its_frame() {
        assert_eq!(verdict(&[], &Ending::Complete), Verdict::Error);
        assert_eq!(verdict(&[check(Outcome::Met, Level::Shall)], &Ending::Complete), Verdict::Pass);
        let groundless = Check::new("a claim", "TR 4.3.1", Outcome::Met);
        assert_eq!(verdict(std::slice::from_ref(&groundless), &Ending::Complete), Verdict::Error);
        assert_eq!(verdict(&[groundless.off_wire("process exit")], &Ending::Complete), Verdict::Pass);
    }

    #[test]
    fn a_scenario_starts_as_fail() {
        assert_eq!(Scenario::new("x", "t", "4", Level::Shall, normative()).verdict, Verdict::Fail);
    }

    #[test]
    fn one_missed_shall_fails_whatever_else_is_met() {
        let met = check(Outcome::Met, Level::Shall);
        for ending in
            [Ending::Complete, Ending::Stopped, Ending::Inconclusive("t".into()), Ending::Unsupported("p".into())]
        {
            let checks = [met.clone(), check(Outcome::Missed, Level::Shall), met.clone()];
            assert_eq!(verdict(&checks, &ending), Verdict::Fail, "{ending:?}");
        }
    }

    #[test]
    fn a_missed_should_is_non_strict_and_a_missed_may_is_info() {
        assert_eq!(verdict(&[check(Outcome::Missed, Level::Should)], &Ending::Complete), Verdict::NonStrict);
        assert_eq!(verdict(&[check(Outcome::Missed, Level::May)], &Ending::Complete), Verdict::Info);
        assert_eq!(verdict(&[check(Outcome::Deviates, Level::Shall)], &Ending::Complete), Verdict::NonStrict);
    }

    #[test]
    fn what_was_not_seen_is_not_held_against_the_target() {
        assert_eq!(verdict(&[check(Outcome::NotObserved, Level::Shall)], &Ending::Stopped), Verdict::Inconclusive);
    }

    #[test]
    fn an_assumed_basis_records_instead_of_failing() {
        let assumed = Basis::Assumed { what: "package contents".into() };
        let missed = [check(Outcome::Missed, Level::Shall)];
        assert_eq!(judge(&missed, &assumed, &Ending::Complete, false).0, Verdict::Info);
        assert_eq!(judge(&missed, &assumed, &Ending::Stopped, false).0, Verdict::Inconclusive);
        assert_eq!(judge(&missed, &assumed, &Ending::Complete, true).0, Verdict::Fail);
        let of_its_own = Check { basis: Some(normative()), ..missed[0].clone() };
        assert_eq!(judge([&of_its_own], &assumed, &Ending::Complete, false).0, Verdict::Fail);
    }

    #[test]
    fn a_step_that_gives_up_silently_is_the_harness_at_fault() {
        assert_eq!(verdict(&[check(Outcome::Met, Level::Shall)], &Ending::Stopped), Verdict::Error);
    }

    #[test]
    fn a_step_nobody_wrote_is_an_error() {
        let mut scenario = Scenario::new("x", "t", "4", Level::Shall, normative());
        scenario.steps.push(Step {
            keyword: "Then".into(),
            text: "pigs fly".into(),
            doc: None,
            outcome: StepOutcome::Undefined,
            started_us: 0,
            duration_us: 0,
            checks: vec![check(Outcome::Met, Level::Shall)],
        });
        scenario.judge(&Ending::Complete, false);
        assert_eq!(scenario.verdict, Verdict::Error);
    }

    #[test]
    fn a_known_failure_that_passes_is_stale() {
        let mut scenario = Scenario::new("x", "t", "4", Level::Shall, normative());
        scenario.verdict = Verdict::Pass;
        scenario.listed_as_known("bug 7");
        assert_eq!(scenario.verdict, Verdict::StaleKnown);
        scenario.verdict = Verdict::Fail;
        scenario.listed_as_known("bug 7");
        assert_eq!(scenario.verdict, Verdict::KnownFail);
    }
}
