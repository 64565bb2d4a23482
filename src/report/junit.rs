//! `junit.xml`, for CI servers. JUnit knows four outcomes; the true verdict is kept as a property.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::results::{RunResult, Scenario, Verdict};

use super::{
    escape::{one_line, visible},
    overview, words,
};

/// The run as JUnit XML: one suite for each feature file, in result order.
///
/// # Errors
/// When the XML writer fails; it does not, into memory.
pub fn xml(result: &RunResult) -> Result<String, SerializeError> {
    let mut report = Report::new(format!("gatecheck {}", one_line(&result.run.target.name)));
    report.timestamp = result.run.started.parse().ok();
    report.set_time(Duration::from_millis(result.duration_ms));
    for scenarios in result.scenarios.chunk_by(|a, b| a.feature == b.feature) {
        let Some(first) = scenarios.first() else { continue };
        let mut suite = TestSuite::new(one_line(&first.feature));
        suite.set_time(Duration::from_millis(scenarios.iter().map(|s| s.duration_ms).sum()));
        suite.add_property(property("target", &result.run.target.name));
        suite.add_property(property("seed", &result.run.seed.to_string()));
        suite.add_property(property("interrupted", if result.interrupted { "true" } else { "false" }));
        suite.add_test_cases(scenarios.iter().map(|s| case(s, result.run.strict)));
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn case(scenario: &Scenario, strict: bool) -> TestCase {
    let mut status = match scenario.verdict {
        Verdict::NonStrict if strict => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Pass | Verdict::NonStrict | Verdict::Info => TestCaseStatus::success(),
        Verdict::Fail | Verdict::Crash | Verdict::StaleKnown => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Error | Verdict::Inconclusive => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Skipped | Verdict::Unsupported | Verdict::KnownFail => TestCaseStatus::skipped(),
    };
    if !matches!(status, TestCaseStatus::Success { .. }) {
        status.set_message(one_line(&scenario.cause));
        status.set_type(scenario.verdict.word());
        status.set_description(transcript(scenario));
    }
    let name = format!("{} {} [{}]", scenario.id, scenario.title, overview::parameters(scenario));
    let mut case = TestCase::new(one_line(name.trim_end_matches(" []")), status);
    case.set_classname(format!("gatecheck.{}", one_line(&scenario.clause)));
    case.set_time(Duration::from_millis(scenario.duration_ms));
    case.set_assertions(scenario.checks().count());
    case.add_property(property("verdict", scenario.verdict.word()));
    case.add_property(property("teardown", scenario.teardown.word()));
    case.add_property(property("clause", &scenario.clause));
    case.add_property(property("level", scenario.level.word()));
    case.add_property(property("interface", scenario.interface.map_or("", |i| i.name())));
    case.add_property(property("requirements", &scenario.requirements.join(" ")));
    case.add_property(property("basis", &words::basis(&scenario.basis)));
    case.add_property(property("cause", &scenario.cause));
    if !scenario.log.is_empty() {
        case.set_system_err(visible(&scenario.log));
    }
    case
}

fn property(name: &str, value: &str) -> Property {
    Property::new(name, one_line(value))
}

/// The steps and what was checked, as text.
fn transcript(scenario: &Scenario) -> String {
    let mut text = String::new();
    for step in &scenario.steps {
        text.push_str(&format!("{} {}\n", one_line(&step.keyword), one_line(&step.text)));
        for line in step.doc.iter().flat_map(|doc| doc.lines()) {
            text.push_str(&format!("    | {}\n", one_line(line)));
        }
        for check in step.checks.iter().filter(|c| c.outcome != crate::results::Outcome::Met) {
            text.push_str(&format!("    {} ({})\n", one_line(&check.text), one_line(&check.clause)));
            text.push_str(&format!("      expected: {}\n", one_line(&check.expected)));
            text.push_str(&format!("      actual:   {}\n", one_line(&check.actual)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_true_verdict_is_a_property() {
        let xml = xml(&sample::result(&Verdict::WORST_FIRST)).unwrap();
        for verdict in Verdict::WORST_FIRST {
            assert!(
                xml.contains(&format!("<property name=\"verdict\" value=\"{}\"/>", verdict.word())),
                "{}",
                verdict.word()
            );
        }
        assert!(
            xml.contains(r#"tests="11""#) && xml.contains(r#"failures="3""#) && xml.contains(r#"errors="2""#),
            "{xml}"
        );
        assert!(xml.contains(r#"timestamp="2026-01-02T03:04:05.000+00:00""#));
    }

    #[test]
    fn a_hostile_target_cannot_break_out() {
        let xml = xml(&sample::hostile()).unwrap();
        assert!(!xml.contains("<img") && !xml.contains("</script>"));
        assert!(xml.chars().all(|c| c == '\n' || !c.is_control()));
        // Nothing but elements of ours opens or closes.
        for tag in xml.split('<').skip(1) {
            let name: String = tag
                .trim_start_matches('/')
                .chars()
                .take_while(|c| c.is_ascii_alphabetic() || *c == '-' || *c == '?')
                .collect();
            assert!(
                ["?xml", "testsuites", "testsuite", "properties", "property", "testcase", "failure", "system-err"]
                    .contains(&name.as_str()),
                "{tag}"
            );
        }
    }
}
