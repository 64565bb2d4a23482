//! Clause tree and matrix: the run at a glance.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::results::{
    RunResult, Scenario, Teardown, Verdict,
    clause::{CLAUSES, Text, contains},
};

use super::{escape::visible, words};

/// A part of a roll-up bar.
#[derive(Debug, Serialize)]
pub(super) struct Share {
    verdict: &'static str,
    count: u64,
}

/// One clause, with everything under it rolled up.
#[derive(Debug, Serialize)]
pub(super) struct ClauseRow {
    number: String,
    title: String,
    depth: usize,
    /// What to say of a clause without text: `empty`, `open`, or nothing.
    state: &'static str,
    total: u64,
    shares: Vec<Share>,
}

/// Every clause of the TR, then what the scenarios add (the base suite, clauses of other documents).
pub(super) fn clauses(scenarios: &[&Scenario]) -> Vec<ClauseRow> {
    let mut rows: Vec<ClauseRow> = CLAUSES
        .iter()
        .map(|clause| {
            let state = match clause.text {
                Text::Empty => "empty in the TR",
                Text::Open => "open in the TR",
                Text::Written | Text::Heading => "",
            };
            row(clause.number, clause.title, state, scenarios.iter().filter(|s| contains(clause.number, &s.clause)))
        })
        .collect();
    let others: BTreeMap<&str, ()> = scenarios
        .iter()
        .filter(|s| !CLAUSES.iter().any(|c| c.number == s.clause))
        .map(|s| (s.clause.as_str(), ()))
        .collect();
    for other in others.into_keys() {
        rows.push(row(other, "outside the TR's clauses", "", scenarios.iter().filter(|s| s.clause == other)));
    }
    rows
}

fn row<'a>(
    number: &str,
    title: &str,
    state: &'static str,
    scenarios: impl Iterator<Item = &'a &'a Scenario>,
) -> ClauseRow {
    let mut counts: BTreeMap<Verdict, u64> = BTreeMap::new();
    for scenario in scenarios {
        *counts.entry(scenario.verdict).or_insert(0) += 1;
    }
    ClauseRow {
        number: visible(number),
        title: title.to_owned(),
        depth: number.matches('.').count().min(4),
        state,
        total: counts.values().sum(),
        shares: counts.into_iter().rev().map(|(v, count)| Share { verdict: v.word(), count }).collect(),
    }
}

/// One cell of the matrix.
#[derive(Debug, Serialize)]
pub(super) struct Cell {
    anchor: String,
    verdict: &'static str,
    duration: String,
    /// The examples row, when the column does not say it.
    label: String,
    /// Empty when clean.
    teardown: &'static str,
}

/// One line of the matrix.
#[derive(Debug, Serialize)]
pub(super) struct MatrixRow {
    clause: String,
    title: String,
    /// One run: one list of permutations. Several runs: one list for each, empty where it did not run.
    columns: Vec<Vec<Cell>>,
}

/// Scenario × target; with one target its permutations side by side. Rows are in the order of their first appearance.
pub(super) fn matrix(results: &[&RunResult], anchors: &dyn Fn(usize, &Scenario) -> String) -> Vec<MatrixRow> {
    let mut rows: Vec<MatrixRow> = Vec::new();
    let mut places: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for (column, result) in results.iter().enumerate() {
        for scenario in &result.scenarios {
            // Several targets: a row is one scenario; one target: a row is one outline.
            let single = if results.len() > 1 { scenario.id.clone() } else { String::new() };
            let key = (scenario.feature.clone(), scenario.title.clone(), single);
            let place = *places.entry(key).or_insert_with(|| {
                let title = if results.len() > 1 {
                    format!("{} {} {}", scenario.id, scenario.title, parameters(scenario))
                } else {
                    scenario.title.clone()
                };
                rows.push(MatrixRow {
                    clause: visible(&scenario.clause),
                    title: visible(title.trim_end()),
                    columns: results.iter().map(|_| Vec::new()).collect(),
                });
                rows.len() - 1
            });
            let cell = Cell {
                anchor: anchors(column, scenario),
                verdict: scenario.verdict.word(),
                duration: words::duration(scenario.duration_ms),
                label: if results.len() > 1 { String::new() } else { visible(&parameters(scenario)) },
                teardown: if scenario.teardown == Teardown::Clean { "" } else { scenario.teardown.word() },
            };
            if let Some(cells) = rows.get_mut(place).and_then(|r| r.columns.get_mut(column)) {
                cells.push(cell);
            }
        }
    }
    rows
}

/// The cells of the examples row: `1.3 · passive · IPv4`.
pub(super) fn parameters(scenario: &Scenario) -> String {
    scenario.parameters.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_clause_rolls_up_what_is_under_it() {
        let result = sample::result(&[Verdict::Pass, Verdict::Fail]);
        let rows = clauses(&result.scenarios.iter().collect::<Vec<_>>());
        let total = |number: &str| rows.iter().find(|r| r.number == number).map(|r| r.total);
        assert_eq!((total("4"), total("4.1.3"), total("4.1.4")), (Some(2), Some(2), Some(0)));
        assert_eq!(rows[0].shares.iter().map(|s| s.verdict).collect::<Vec<_>>(), ["fail", "pass"]);
    }

    #[test]
    fn empty_and_open_clauses_stay_visible() {
        let rows = clauses(&[]);
        assert_eq!(rows.iter().filter(|r| r.state == "empty in the TR").count(), 25);
        assert!(rows.iter().any(|r| r.number == "8" && r.state == "open in the TR"));
    }

    #[test]
    fn one_target_shows_permutations_and_two_show_columns() {
        let result = sample::result(&[Verdict::Pass, Verdict::Fail]);
        let anchor = |_: usize, s: &Scenario| s.id.clone();
        let one = matrix(&[&result], &anchor);
        assert_eq!((one.len(), one[0].columns.len(), one[0].columns[0].len()), (1, 1, 2));
        let two = matrix(&[&result, &result], &anchor);
        assert_eq!((two.len(), two[0].columns.len(), two[0].columns[1].len()), (2, 2, 1));
    }
}
