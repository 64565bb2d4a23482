//! Scenario cards: everything about one scenario, ready for the template.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::results::{Basis, Outcome, Protocol, Run, Scenario, StepOutcome, Verdict};

use super::{
    diff,
    escape::{href, one_line, visible},
    ladder::{self, Row},
    octets, overview, words,
};

/// Frames listed for one check.
const NAMED: usize = 16;

/// How much of a scenario fits into the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Messages in the ladder and its list.
    pub(super) rows: usize,
    /// Octets of HTML for octets and decode trees.
    pub(super) octets: usize,
}

/// One card. Strings are visible text for the template to escape, save those that say they are HTML.
#[derive(Debug, Serialize)]
pub(super) struct Card {
    anchor: String,
    id: String,
    title: String,
    target: String,
    parameters: String,
    parameter_list: Vec<(String, String)>,
    purpose: String,
    clause: String,
    requirements: Vec<String>,
    interface: &'static str,
    level: &'static str,
    packages: Vec<String>,
    basis: String,
    judged: &'static str,
    place: String,
    verdict: &'static str,
    teardown: &'static str,
    cause: String,
    open: bool,
    ms: u64,
    duration: String,
    steps: Vec<StepView>,
    checks: usize,
    /// HTML: an SVG.
    ladder: String,
    messages: Vec<MessageView>,
    octets_left_out: bool,
    trace: String,
    trace_name: String,
    filter: String,
    log: String,
    repeat: String,
}

#[derive(Debug, Serialize)]
struct StepView {
    keyword: String,
    text: String,
    doc: String,
    outcome: &'static str,
    ms: String,
    checks: Vec<CheckView>,
}

#[derive(Debug, Serialize)]
struct CheckView {
    text: String,
    clause: String,
    requirement: String,
    level: &'static str,
    outcome: &'static str,
    mark: &'static str,
    /// HTML.
    expected: String,
    /// HTML.
    actual: String,
    frames: Vec<Named>,
    off_wire: String,
    basis: String,
}

/// A message a check names, and whether the page has it.
#[derive(Debug, Serialize)]
struct Named {
    number: u32,
    shown: bool,
}

#[derive(Debug, Serialize)]
struct MessageView {
    /// 0 for one that did not come.
    number: u32,
    /// A check names it, so it has an id to link to.
    named: bool,
    kind: &'static str,
    class: &'static str,
    mark: &'static str,
    time: String,
    from: &'static str,
    to: &'static str,
    protocol: &'static str,
    summary: String,
    length: u64,
    /// HTML.
    octets: String,
}

/// The card of one scenario.
pub(super) fn card(anchor: String, run: &Run, several: bool, folder: &str, scenario: &Scenario, room: Room) -> Card {
    let rows = ladder::rows(scenario, room.rows);
    let shown =
        rows.iter().filter_map(|row| if let Row::Frame(frame, _) = row { Some(frame.number) } else { None }).collect();
    let named = scenario.checks().flat_map(|check| check.frames.iter().take(NAMED).copied()).collect();
    let mut left = room.octets;
    let mut octets_left_out = false;
    let messages = rows.iter().filter_map(|row| message(row, &named, &mut left, &mut octets_left_out)).collect();
    Card {
        id: one_line(&scenario.id),
        title: one_line(&scenario.title),
        target: if several { one_line(&run.target.name) } else { String::new() },
        parameters: one_line(&overview::parameters(scenario)),
        parameter_list: scenario.parameters.iter().map(|p| (one_line(&p.name), one_line(&p.value))).collect(),
        purpose: visible(&scenario.purpose),
        clause: one_line(&scenario.clause),
        requirements: scenario.requirements.iter().map(|r| one_line(r)).collect(),
        interface: scenario.interface.map_or("", |i| i.name()),
        level: scenario.level.word(),
        packages: scenario.packages.iter().map(|p| one_line(p)).collect(),
        basis: visible(&words::basis(&scenario.basis)),
        judged: match scenario.basis {
            Basis::Normative { .. } => "",
            _ if run.profile.adopted => "judged in full: the target adopts the signalling model",
            _ => "recorded, never a failure: the target does not adopt the signalling model",
        },
        place: one_line(&format!("{}:{}", scenario.feature, scenario.line)),
        verdict: scenario.verdict.word(),
        teardown: scenario.teardown.word(),
        cause: visible(&scenario.cause),
        open: matches!(scenario.verdict, Verdict::Fail | Verdict::Crash | Verdict::Error | Verdict::StaleKnown),
        ms: scenario.duration_ms,
        duration: words::duration(scenario.duration_ms),
        steps: steps(scenario, &shown),
        checks: scenario.checks().count(),
        ladder: ladder::svg(&rows),
        messages,
        octets_left_out,
        trace: scenario.trace.as_ref().map_or_else(String::new, |t| href(&format!("{folder}{t}"))),
        trace_name: scenario.trace.as_ref().map_or_else(String::new, |t| one_line(t)),
        filter: display_filter(scenario),
        log: visible(&scenario.log),
        repeat: one_line(&words::repeat(run, scenario)),
        anchor,
    }
}

fn steps(scenario: &Scenario, shown: &BTreeSet<u32>) -> Vec<StepView> {
    scenario
        .steps
        .iter()
        .map(|step| StepView {
            keyword: one_line(&step.keyword),
            text: visible(&step.text),
            doc: step.doc.as_deref().map(visible).unwrap_or_default(),
            outcome: match step.outcome {
                StepOutcome::Passed => "passed",
                StepOutcome::Failed => "failed",
                StepOutcome::NotReached => "not reached",
                StepOutcome::Undefined => "undefined",
            },
            ms: words::ms(step.duration_us),
            checks: step
                .checks
                .iter()
                .map(|check| {
                    let (expected, actual) = if check.outcome == Outcome::Met {
                        (String::new(), String::new())
                    } else {
                        diff::marked(&check.expected, &check.actual)
                    };
                    let (outcome, mark) = match check.outcome {
                        Outcome::Met => ("met", "pass"),
                        Outcome::Deviates => ("deviates", "non-strict"),
                        Outcome::Missed => ("missed", "fail"),
                        Outcome::NotObserved => ("not observed", "inconclusive"),
                    };
                    CheckView {
                        text: visible(&check.text),
                        clause: one_line(&check.clause),
                        requirement: one_line(&check.requirement),
                        level: check.level.word(),
                        outcome,
                        mark,
                        expected,
                        actual,
                        frames: check
                            .frames
                            .iter()
                            .take(NAMED)
                            .map(|number| Named { number: *number, shown: shown.contains(number) })
                            .collect(),
                        off_wire: check.off_wire.as_deref().map(visible).unwrap_or_default(),
                        basis: check.basis.as_ref().map(|b| visible(&words::basis(b))).unwrap_or_default(),
                    }
                })
                .collect(),
        })
        .collect()
}

fn message(row: &Row<'_>, named: &BTreeSet<u32>, left: &mut usize, left_out: &mut bool) -> Option<MessageView> {
    let empty = MessageView {
        number: 0,
        named: false,
        kind: "gap",
        class: "",
        mark: "",
        time: String::new(),
        from: "",
        to: "",
        protocol: "",
        summary: String::new(),
        length: 0,
        octets: String::new(),
    };
    Some(match row {
        Row::Step(_) => return None,
        Row::Gap(n) => {
            MessageView { summary: format!("{} more in the trace", words::count(*n as u64, "message")), ..empty }
        }
        Row::Ghost(absent) => MessageView {
            kind: "ghost",
            from: absent.from.name(),
            to: absent.to.name(),
            protocol: absent.protocol.name(),
            summary: one_line(&absent.summary),
            ..empty
        },
        Row::Frame(frame, wrong) => {
            let octets = octets::html(frame);
            // What a check calls wrong is shown whatever it costs: it is at most a few frames of bounded size.
            let fits = wrong.is_some() || octets.len() <= *left;
            *left_out |= !fits;
            let octets = if fits { octets } else { String::new() };
            *left = left.saturating_sub(octets.len());
            MessageView {
                number: frame.number,
                named: named.contains(&frame.number),
                kind: "frame",
                class: ladder::class(frame.protocol),
                mark: match wrong {
                    Some(Outcome::Missed) => "broken",
                    Some(Outcome::Deviates) => "deviates",
                    Some(_) => "unclear",
                    None => "",
                },
                time: words::ms(frame.time_us),
                from: frame.from.name(),
                to: frame.to.name(),
                protocol: frame.protocol.name(),
                summary: one_line(&frame.summary),
                length: frame.length,
                octets,
            }
        }
    })
}

/// A Wireshark display filter for what the scenario is about.
fn display_filter(scenario: &Scenario) -> String {
    let has = |protocol| scenario.frames.iter().any(|f| f.protocol == protocol);
    [(Protocol::H248, "megaco"), (Protocol::Msrp, "msrp"), (Protocol::Bfcp, "bfcp"), (Protocol::Tls, "tls.handshake")]
        .into_iter()
        .filter(|(protocol, _)| has(*protocol))
        .map(|(_, filter)| filter)
        .collect::<Vec<_>>()
        .join(" || ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_is_wrong_keeps_its_octets_when_room_is_short() {
        let result = sample::result(&[Verdict::Fail]);
        let room = Room { rows: 100, octets: 0 };
        let card = card("s-x".into(), &result.run, false, "", &result.scenarios[0], room);
        let shown: Vec<u32> = card.messages.iter().filter(|m| !m.octets.is_empty()).map(|m| m.number).collect();
        assert_eq!(shown, [5]);
        assert!(card.octets_left_out && card.open);
    }

    #[test]
    fn the_display_filter_names_what_was_seen() {
        assert_eq!(display_filter(&sample::scenario(1, Verdict::Pass)), "megaco || msrp || tls.handshake");
    }
}
