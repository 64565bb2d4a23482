//! The sentences every rendering shares.

use std::collections::BTreeSet;

use crate::results::{Basis, Run, RunResult, Scenario, Verdict};

use super::escape::shell;

/// What each verdict means, in one line.
#[must_use]
pub const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "Every requirement checked was met.",
        Verdict::Skipped => "Left out by the selection, the target file or the machine, with the reason.",
        Verdict::Unsupported => "The target declares, or its audit shows, that it lacks an optional capability.",
        Verdict::Info => "Left open by the TR, or resting on an assumption: recorded, not judged.",
        Verdict::NonStrict => "Every “shall” met; a “should” missed, or the right effect with another error code.",
        Verdict::KnownFail => "Fails as the target file says it would, with its reason.",
        Verdict::Inconclusive => "No evidence either way: preamble, peer, timer or environment.",
        Verdict::StaleKnown => "Listed as a known failure but passes now; the list must be corrected.",
        Verdict::Fail => "A “shall” was observed broken.",
        Verdict::Crash => "The target died or stopped answering within the scenario.",
        Verdict::Error => "The harness itself failed; says nothing about the target.",
    }
}

/// The run's verdict as a sentence: `Not conformant: 3 shall-requirements fail.`
#[must_use]
pub fn sentence(result: &RunResult) -> String {
    let requirements: BTreeSet<&str> = result
        .scenarios
        .iter()
        .filter(|s| s.verdict == Verdict::Fail)
        .flat_map(|s| if s.requirements.is_empty() { vec![s.id.as_str()] } else { broken_requirements(s) })
        .collect();
    let crashes = result.count(Verdict::Crash);
    let stale = result.count(Verdict::StaleKnown);
    let missed = if result.run.strict { result.count(Verdict::NonStrict) } else { 0 };
    let passed = result.count(Verdict::Pass) + result.count(Verdict::NonStrict);
    let mut words = match result.exit_code() {
        5 => format!("No verdict: the harness failed in {}.", count(result.count(Verdict::Error), "scenario")),
        1 => {
            let mut reasons = Vec::new();
            let failing = requirements.len() as u64;
            reasons.extend((failing > 0).then(|| {
                format!("{} {}", count(failing, "shall-requirement"), if failing == 1 { "fails" } else { "fail" })
            }));
            reasons.extend((crashes > 0).then(|| format!("the target crashes in {}", count(crashes, "scenario"))));
            reasons.extend((missed > 0).then(|| format!("{} short of a “should”", count(missed, "scenario"))));
            reasons.extend((stale > 0).then(|| format!("{} out of date", count(stale, "known-failure entry"))));
            format!("Not conformant: {}.", reasons.join(", "))
        }
        4 if result.count(Verdict::Inconclusive) == 0 => "Incomplete: nothing failed in what ran.".to_owned(),
        4 => format!(
            "Inconclusive: nothing fails, {} without evidence.",
            count(result.count(Verdict::Inconclusive), "scenario")
        ),
        3 => "No verdict: nothing passed or failed.".to_owned(),
        _ => format!("Conformant in what was tested: {} passed, none failed.", count(passed, "scenario")),
    };
    if result.interrupted {
        words.push_str(" The run was interrupted.");
    }
    words
}

/// The requirements a failing scenario shows broken: those its missed checks name, else all it covers.
fn broken_requirements(scenario: &Scenario) -> Vec<&str> {
    let missed: Vec<&str> = scenario
        .checks()
        .filter(|c| c.outcome == crate::results::Outcome::Missed && !c.requirement.is_empty())
        .map(|c| c.requirement.as_str())
        .collect();
    if missed.is_empty() { scenario.requirements.iter().map(String::as_str).collect() } else { missed }
}

/// `1 scenario`, `2 scenarios`, `2 known-failure entries`.
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if n == 1 => format!("1 {noun}"),
        Some(stem) => format!("{n} {stem}ies"),
        None => format!("{n} {noun}s"),
    }
}

/// A duration of `ms` milliseconds: `840 ms`, `4.2 s`, `3 min 5 s`.
#[must_use]
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// Microseconds as milliseconds with three decimals.
#[must_use]
pub fn ms(us: u64) -> String {
    format!("{}.{:03}", us / 1_000, us % 1_000)
}

/// The counts, worst first: `2 fail · 30 pass`.
#[must_use]
pub fn counts(result: &RunResult) -> String {
    let parts: Vec<String> = Verdict::WORST_FIRST
        .into_iter()
        .filter(|v| result.count(*v) > 0)
        .map(|v| format!("{} {}", result.count(v), v.word()))
        .collect();
    if parts.is_empty() { "no scenarios".to_owned() } else { parts.join(" · ") }
}

/// The command that repeats the run.
#[must_use]
pub fn command(run: &Run) -> String {
    run.command.iter().map(|a| shell(a)).collect::<Vec<_>>().join(" ")
}

/// The command that repeats just this scenario.
#[must_use]
pub fn repeat(run: &Run, scenario: &Scenario) -> String {
    let program = run.command.first().map_or("gatecheck", String::as_str);
    let target = argument(&run.command, "--target").unwrap_or(&run.target.name);
    format!("{} run {} --target {} --seed {}", shell(program), shell(&scenario.id), shell(target), run.seed)
}

/// The value given to an option, as `--name value` or `--name=value`.
fn argument<'a>(command: &'a [String], name: &str) -> Option<&'a str> {
    command.iter().enumerate().find_map(|(n, word)| match word.strip_prefix(name)? {
        "" => command.get(n + 1).map(String::as_str),
        rest => rest.strip_prefix('='),
    })
}

/// What a verdict rests on, in words.
#[must_use]
pub fn basis(basis: &Basis) -> String {
    match basis {
        Basis::Normative { source } => format!("normative: {source}"),
        Basis::Assumed { what } => format!("assumed: {what}"),
        Basis::Open { what } => format!("left open: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn failing_requirements_are_counted_once() {
        let result = sample::result(&[Verdict::Fail, Verdict::Fail, Verdict::Pass]);
        assert_eq!(sentence(&result), "Not conformant: 1 shall-requirement fails.");
        assert_eq!(
            sentence(&sample::result(&[Verdict::Pass])),
            "Conformant in what was tested: 1 scenario passed, none failed."
        );
        assert_eq!(sentence(&sample::result(&[])), "No verdict: nothing passed or failed.");
        assert_eq!(
            sentence(&sample::result(&[Verdict::StaleKnown])),
            "Not conformant: 1 known-failure entry out of date."
        );
    }

    #[test]
    fn an_interrupted_run_says_so() {
        let result = RunResult { interrupted: true, ..sample::result(&[Verdict::Pass]) };
        assert_eq!(sentence(&result), "Incomplete: nothing failed in what ran. The run was interrupted.");
    }

    #[test]
    fn one_scenario_is_repeated_with_the_target_as_it_was_given() {
        let mut result = sample::result(&[Verdict::Fail]);
        result.run.command = ["gatecheck", "run", "--target=my gw.toml"].map(String::from).to_vec();
        assert_eq!(repeat(&result.run, &result.scenarios[0]), "gatecheck run 4.1.3-a.1 --target 'my gw.toml' --seed 7");
    }

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!([duration(840), duration(4_230), duration(185_000)], ["840 ms", "4.2 s", "3 min 5 s"]);
        assert_eq!(ms(12_041), "12.041");
    }
}
