//! Failures grouped by what differed, so that ten with one cause read as one.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::results::{Outcome, Scenario, Verdict};

use super::escape::visible;

/// One cause and the scenarios that show it.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    /// Worst verdict among them.
    pub(super) verdict: &'static str,
    /// The claim that was missed, or the cause.
    pub(super) claim: String,
    /// Clause of the claim.
    pub(super) clause: String,
    /// Expected, of the first.
    pub(super) expected: String,
    /// Seen, of the first.
    pub(super) actual: String,
    /// Anchor and id of each.
    pub(super) scenarios: Vec<(String, String)>,
}

/// Groups of scenarios that came out worse than `info`, worst and largest first. `anchor` gives a scenario's link.
pub(super) fn groups<'a>(scenarios: impl Iterator<Item = (String, &'a Scenario)>) -> Vec<Group> {
    let mut groups: BTreeMap<(String, String), (Verdict, Group)> = BTreeMap::new();
    for (anchor, scenario) in scenarios.filter(|(_, s)| s.verdict > Verdict::Info) {
        let rank = |outcome| match outcome {
            Outcome::Missed => 0,
            Outcome::Deviates => 1,
            Outcome::NotObserved => 2,
            Outcome::Met => 3,
        };
        let check = scenario.checks().filter(|c| c.outcome != Outcome::Met).min_by_key(|c| rank(c.outcome));
        // What the harness or the machine did is told by the cause, whatever was checked before.
        let check = check.filter(|_| !matches!(scenario.verdict, Verdict::Error | Verdict::Crash));
        let (key, claim) = match check {
            Some(check) => ((check.clause.clone(), check.text.clone()), check.text.clone()),
            None => ((String::new(), without_numbers(&scenario.cause)), scenario.cause.clone()),
        };
        let group = groups.entry(key).or_insert_with(|| {
            let (expected, actual) =
                check.map_or_else(Default::default, |c| super::diff::marked(&c.expected, &c.actual));
            let clause = visible(check.map_or(&scenario.clause, |c| &c.clause));
            let group = Group { verdict: "", claim: visible(&claim), clause, expected, actual, scenarios: Vec::new() };
            (scenario.verdict, group)
        });
        group.0 = group.0.and(scenario.verdict);
        group.1.scenarios.push((anchor, visible(&scenario.id)));
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|(verdict, group)| std::cmp::Reverse((*verdict, group.scenarios.len())));
    groups.into_iter().map(|(verdict, group)| Group { verdict: verdict.word(), ..group }).collect()
}

/// Ports, times and transaction ids differ between two scenarios with one cause.
fn without_numbers(cause: &str) -> String {
    let mut key = String::new();
    for c in cause.chars() {
        match c {
            '0'..='9' if key.ends_with('#') => {}
            '0'..='9' => key.push('#'),
            c => key.push(c),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn ten_with_one_cause_read_as_one() {
        let mut scenarios: Vec<Scenario> = (1..=10).map(|n| sample::scenario(n, Verdict::Fail)).collect();
        scenarios.push(sample::scenario(11, Verdict::Pass));
        for (n, cause) in [(12, "connection to port 4711 refused"), (13, "connection to port 9 refused")] {
            let mut crash = sample::scenario(n, Verdict::Crash);
            crash.cause = cause.into();
            scenarios.push(crash);
        }
        let groups = groups(scenarios.iter().map(|s| (s.id.clone(), s)));
        let sizes: Vec<_> = groups.iter().map(|g| (g.verdict, g.scenarios.len())).collect();
        assert_eq!(sizes, [("crash", 2), ("fail", 10)]);
    }
}
