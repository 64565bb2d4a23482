//! What a terminal shows. Colour only where the caller says so, and never the only sign.

use std::fmt::Write as _;

use crate::results::{RunResult, Scenario, Teardown, Verdict};

use super::{
    escape::one_line,
    overview,
    words::{self, count},
};

/// Failures listed in full; the report has them all.
const LISTED: usize = 20;

/// One finished scenario on one line: `pass  4.1.3-a.1  TLS towards access, TCP towards core  [1.3 · passive]  12 ms`.
#[must_use]
pub fn line(scenario: &Scenario, colour: bool) -> String {
    let mut line =
        format!("{} {}  {}", word(scenario.verdict, colour), one_line(&scenario.id), one_line(&scenario.title));
    let parameters = overview::parameters(scenario);
    if !parameters.is_empty() {
        let _ = write!(line, "  [{}]", one_line(&parameters));
    }
    let _ = write!(line, "  {}", words::duration(scenario.duration_ms));
    if scenario.teardown != Teardown::Clean {
        let _ = write!(line, "  teardown {}", scenario.teardown.word());
    }
    line
}

/// The end of a run: what is wrong and why, counts, verdict, and where the report is.
#[must_use]
pub fn summary(result: &RunResult, report: Option<&str>, colour: bool) -> String {
    let mut text = String::new();
    let mut bad: Vec<&Scenario> = result
        .scenarios
        .iter()
        .filter(|s| {
            s.verdict.is_failure(result.run.strict) || matches!(s.verdict, Verdict::Error | Verdict::Inconclusive)
        })
        .collect();
    bad.sort_by_key(|s| std::cmp::Reverse(s.verdict));
    // Writing to a String cannot fail.
    for scenario in bad.iter().take(LISTED) {
        let _ = writeln!(text, "{}\n             {}", line(scenario, colour), one_line(&scenario.cause));
    }
    if bad.len() > LISTED {
        let _ = writeln!(text, "             … and {} more in the report", bad.len() - LISTED);
    }
    if !bad.is_empty() {
        text.push('\n');
    }
    let selected = count(result.scenarios.len() as u64, "scenario");
    let spent = words::duration(result.duration_ms);
    let _ = writeln!(
        text,
        "{} against {} in {spent}, seed {}",
        selected,
        one_line(&result.run.target.name),
        result.run.seed
    );
    let _ = writeln!(text, "{}", counts(result, colour));
    let untidy = result.scenarios.iter().filter(|s| s.teardown != Teardown::Clean).count() as u64;
    if untidy > 0 {
        let _ = writeln!(text, "teardown not clean in {}", count(untidy, "scenario"));
    }
    let sentence = words::sentence(result);
    let _ = writeln!(text, "{}", if colour { format!("\u{1b}[1m{sentence}\u{1b}[0m") } else { sentence });
    if let Some(report) = report {
        let _ = writeln!(text, "report: {}", one_line(report));
    }
    text
}

fn counts(result: &RunResult, colour: bool) -> String {
    if !colour {
        return words::counts(result);
    }
    let parts: Vec<String> = Verdict::WORST_FIRST
        .into_iter()
        .filter(|v| result.count(*v) > 0)
        .map(|v| format!("{} \u{1b}[{}m{}\u{1b}[0m", result.count(v), sgr(v), v.word()))
        .collect();
    parts.join(" · ")
}

fn word(verdict: Verdict, colour: bool) -> String {
    let padded = format!("{:<12}", verdict.word());
    if colour { format!("\u{1b}[{}m{padded}\u{1b}[0m", sgr(verdict)) } else { padded }
}

/// Colours of the sixteen every terminal has, so that the user's own palette decides what is readable.
const fn sgr(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "32",
        Verdict::Fail | Verdict::Crash | Verdict::StaleKnown => "1;31",
        Verdict::Error => "1;35",
        Verdict::Inconclusive | Verdict::NonStrict | Verdict::KnownFail => "33",
        Verdict::Info => "36",
        Verdict::Unsupported | Verdict::Skipped => "2",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_summary_names_what_failed_and_where_the_report_is() {
        let text = summary(
            &sample::result(&[Verdict::Pass, Verdict::Fail]),
            Some("reports/reference/conformance.html"),
            false,
        );
        assert!(text.starts_with("fail         4.1.3-a.2  TLS towards access"), "{text}");
        assert!(text.contains("1 fail · 1 pass\n") && text.contains("2 scenarios against reference in 4.2 s, seed 7"));
        assert!(
            text.ends_with("Not conformant: 1 shall-requirement fails.\nreport: reports/reference/conformance.html\n")
        );
    }

    #[test]
    fn a_target_cannot_drive_the_terminal() {
        for colour in [false, true] {
            let mut text = summary(&sample::hostile(), Some(sample::HOSTILE), colour);
            for ours in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[1;31m"] {
                text = text.replace(ours, "");
            }
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        }
    }

    #[test]
    fn without_colour_there_is_no_escape_sequence() {
        assert!(!summary(&sample::result(&Verdict::WORST_FIRST), None, false).contains('\u{1b}'));
        assert!(!line(&sample::scenario(1, Verdict::Fail), false).contains('\u{1b}'));
    }
}
