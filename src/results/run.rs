//! A whole run: `results.json`.

use std::{collections::BTreeMap, time::SystemTime};

use serde::{Deserialize, Serialize};

use super::{
    event::{Event, EventError},
    requirement::Interface,
    scenario::Scenario,
    verdict::Verdict,
};

/// What produced the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `gatecheck`.
    pub name: String,
    /// Version of the package.
    pub version: String,
    /// Source revision it was built from, where known.
    #[serde(default)]
    pub revision: String,
    /// Revision of the requirement catalogue.
    #[serde(default)]
    pub catalogue: String,
    /// Operating system and architecture it ran on.
    #[serde(default)]
    pub host: String,
}

impl Tool {
    /// This build; `catalogue` is the revision of the requirement catalogue.
    #[must_use]
    pub fn this(catalogue: impl Into<String>) -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: option_env!("GATECHECK_REVISION").unwrap_or_default().to_owned(),
            catalogue: catalogue.into(),
            host: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// `at` as RFC 3339 in UTC, whole seconds: what [`Run::started`] holds. Times before 1970 become its beginning.
#[must_use]
pub fn timestamp(at: SystemTime) -> String {
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}T{:02}:{:02}:{:02}Z", days + 1, second / 3_600, second / 60 % 60, second % 60)
}

/// Who was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Name in its target file; `reference` for the built-in gateway.
    pub name: String,
    /// `mg`, `mgc`, `msrp-endpoint`, `bfcp-server`.
    pub role: String,
    /// Product version, as its target file or ServiceChange says.
    #[serde(default)]
    pub version: String,
}

/// The profile it was tested against.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Interface; `None` when the run spans several.
    #[serde(default)]
    pub interface: Option<Interface>,
    /// H.248 profile name.
    #[serde(default)]
    pub name: String,
    /// H.248 profile version.
    #[serde(default)]
    pub version: String,
    /// The target adopts the signalling model and is judged by it in full.
    #[serde(default)]
    pub adopted: bool,
}

/// A package the target was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audited {
    /// Package name.
    pub name: String,
    /// Version it answered; `None` = it lacks the package.
    #[serde(default)]
    pub version: Option<u32>,
    /// The package identifier or contents are our assumption.
    #[serde(default)]
    pub assumed: bool,
    /// Where that is known from: the audit reply, the target file.
    #[serde(default)]
    pub source: String,
}

/// A limit the target declared or showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// What is limited.
    pub name: String,
    /// The value, with its unit.
    pub value: String,
}

/// Something the target lacks, and what that switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// What is lacking.
    pub what: String,
    /// How that is known.
    #[serde(default)]
    pub evidence: String,
    /// Ids of the scenarios that did not run because of it.
    #[serde(default)]
    pub switched_off: Vec<String>,
}

/// What the target can do, asked before the first scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Packages, in name order.
    #[serde(default)]
    pub packages: Vec<Audited>,
    /// Limits.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// Absences.
    #[serde(default)]
    pub absences: Vec<Absence>,
    /// Deviations the target states about itself.
    #[serde(default)]
    pub deviations: Vec<String>,
}

/// What is known when a run starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What runs.
    pub tool: Tool,
    /// What is tested.
    pub target: Target,
    /// Against which profile.
    pub profile: Profile,
    /// Seed of everything random.
    pub seed: u64,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// The exact command that repeats the run, one argument each.
    #[serde(default)]
    pub command: Vec<String>,
    /// `--strict`: a missed "should" counts as a failure.
    #[serde(default)]
    pub strict: bool,
    /// The capability audit.
    #[serde(default)]
    pub audit: Audit,
}

/// A finished, or interrupted, run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunResult {
    /// [`RunResult::SCHEMA`].
    pub schema: String,
    /// How it was started.
    #[serde(flatten)]
    pub run: Run,
    /// How long, in ms.
    pub duration_ms: u64,
    /// It ended before every selected scenario had run.
    #[serde(default)]
    pub interrupted: bool,
    /// How many scenarios have each verdict; verdicts nobody got are left out.
    pub counts: BTreeMap<Verdict, u64>,
    /// The scenarios, in the order of the feature files.
    pub scenarios: Vec<Scenario>,
}

impl RunResult {
    /// Name and version of the schema.
    pub const SCHEMA: &'static str = "gatecheck-results/1";

    /// A result with its counts.
    #[must_use]
    pub fn new(run: Run, scenarios: Vec<Scenario>, duration_ms: u64, interrupted: bool) -> Self {
        let mut counts = BTreeMap::new();
        for scenario in &scenarios {
            *counts.entry(scenario.verdict).or_insert(0) += 1;
        }
        Self { schema: Self::SCHEMA.to_owned(), run, duration_ms, interrupted, counts, scenarios }
    }

    /// Folds an event log. A log without `run-finished` is an interrupted run; scenarios come in the order they finished, so the
    /// result sorts them by feature, line and id.
    ///
    /// # Errors
    /// [`EventError::NotStarted`] when the first event is not `run-started`.
    pub fn from_events(events: impl IntoIterator<Item = Event>) -> Result<Self, EventError> {
        let mut events = events.into_iter();
        let Some(Event::RunStarted { run, .. }) = events.next() else { return Err(EventError::NotStarted) };
        let mut scenarios: Vec<Scenario> = Vec::new();
        let (mut duration_ms, mut interrupted) = (None, true);
        for event in events {
            match event {
                Event::ScenarioFinished { scenario } => scenarios.push(*scenario),
                Event::RunFinished { duration_ms: d, interrupted: i } => (duration_ms, interrupted) = (Some(d), i),
                Event::RunStarted { .. } | Event::ScenarioStarted { .. } => {}
            }
        }
        scenarios.sort_by(|a, b| (&a.feature, a.line, &a.id).cmp(&(&b.feature, b.line, &b.id)));
        let spent = scenarios.iter().map(|s| s.duration_ms).max().unwrap_or(0);
        Ok(Self::new(*run, scenarios, duration_ms.unwrap_or(spent), interrupted))
    }

    /// How many scenarios have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.counts.get(&verdict).copied().unwrap_or(0)
    }

    /// The exit code of `gatecheck run` (2, usage, is decided before there is a result).
    ///
    /// 5 the harness failed · 1 not conformant · 4 no failure but something inconclusive, or interrupted · 3 nothing passed or
    /// failed · 0 conformant; in this precedence.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let any = |test: &dyn Fn(Verdict) -> bool| self.counts.iter().any(|(v, n)| *n > 0 && test(*v));
        if any(&|v| v == Verdict::Error) {
            5
        } else if any(&|v| v.is_failure(self.run.strict)) {
            1
        } else if self.interrupted || any(&|v| v == Verdict::Inconclusive) {
            4
        } else if any(&|v| matches!(v, Verdict::Pass | Verdict::NonStrict)) {
            0
        } else {
            3
        }
    }

    /// The result as `results.json` has it.
    #[must_use]
    pub fn without_frames(&self) -> Self {
        Self { scenarios: self.scenarios.iter().map(Scenario::without_frames).collect(), ..self.clone() }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::results::verdict::{Basis, Level};

    /// A run of the reference gateway that nothing has happened in yet.
    pub(crate) fn run() -> Run {
        Run {
            tool: Tool {
                name: "gatecheck".into(),
                version: "0.1.0".into(),
                revision: String::new(),
                catalogue: String::new(),
                host: "linux x86_64".into(),
            },
            target: Target { name: "reference".into(), role: "mg".into(), version: "0.1.0".into() },
            profile: Profile { interface: Some(Interface::Iq), adopted: true, ..Profile::default() },
            seed: 7,
            started: "2026-01-02T03:04:05Z".into(),
            command: vec!["gatecheck".into(), "run".into()],
            strict: false,
            audit: Audit::default(),
        }
    }

    fn with(verdicts: &[Verdict]) -> RunResult {
        let scenarios = verdicts
            .iter()
            .enumerate()
            .map(|(n, verdict)| {
                let basis = Basis::Normative { source: "TR 4.1.3".into() };
                let mut scenario = Scenario::new(format!("s{n}"), "t", "4.1.3", Level::Shall, basis);
                scenario.verdict = *verdict;
                scenario
            })
            .collect();
        RunResult::new(run(), scenarios, 5, false)
    }

    #[test]
    fn the_exit_code_follows_the_precedence() {
        use Verdict::*;
        for (verdicts, code) in [
            (&[Pass][..], 0),
            (&[Pass, Skipped, Unsupported, Info, KnownFail, NonStrict], 0),
            (&[], 3),
            (&[Skipped, Unsupported, Info, KnownFail], 3),
            (&[Pass, Inconclusive], 4),
            (&[Inconclusive, Fail], 1),
            (&[Pass, Crash], 1),
            (&[Pass, StaleKnown], 1),
            (&[Fail, Error], 5),
        ] {
            assert_eq!(with(verdicts).exit_code(), code, "{verdicts:?}");
        }
        let mut strict = with(&[Pass, NonStrict]);
        strict.run.strict = true;
        assert_eq!(strict.exit_code(), 1);
        let interrupted = RunResult { interrupted: true, ..with(&[Pass]) };
        assert_eq!(interrupted.exit_code(), 4);
    }

    #[test]
    fn a_timestamp_knows_leap_years() {
        let at = |seconds| timestamp(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(at(1_767_323_045), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn results_json_has_the_keys_of_the_contract() {
        let json = serde_json::to_value(with(&[Verdict::Pass])).unwrap();
        for key in ["schema", "tool", "target", "profile", "seed", "started", "duration_ms", "counts", "scenarios"] {
            assert!(json.get(key).is_some(), "{key}");
        }
        let scenario = &json["scenarios"][0];
        for key in
            "id clause requirements interface level packages verdict teardown cause duration_ms steps trace".split(' ')
        {
            assert!(scenario.get(key).is_some(), "{key}");
        }
        assert_eq!(json["counts"]["pass"], 1);
        assert!(scenario.get("frames").is_none());
        assert_eq!(serde_json::from_value::<RunResult>(json).unwrap(), with(&[Verdict::Pass]));
    }
}
