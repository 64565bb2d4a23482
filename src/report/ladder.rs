//! The ladder diagram of a scenario as inline SVG.
//!
//! Lanes are drawn in the order of [`Lane::ALL`]; each protocol has a line style of its own, so that colour is never the only sign. A message a
//! check found broken is marked; one that should have come is a ghost.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::results::{Absent, Frame, Lane, Outcome, Protocol, Scenario};

use super::{
    escape::{one_line, push_html},
    words,
};

const LEFT: usize = 128;
const LANE: usize = 220;
const RIGHT: usize = 120;
const ROW: usize = 28;
/// Mean width of a character at the label's size, in tenths of a unit.
const CHARACTER: usize = 62;

/// One row of the ladder, in time order.
pub(super) enum Row<'a> {
    /// A Gherkin step begins.
    Step(&'a str),
    /// A message, and what the worst check said of it.
    Frame(&'a Frame, Option<Outcome>),
    /// A message that should have come.
    Ghost(&'a Absent),
    /// Messages left out.
    Gap(usize),
}

/// The rows of a scenario; of its frames at most `limit`, keeping the first, the last, those with something wrong, and some of those a check was judged from.
pub(super) fn rows(scenario: &Scenario, limit: usize) -> Vec<Row<'_>> {
    let mut wrong: BTreeMap<u32, Outcome> = BTreeMap::new();
    let mut ghosts: BTreeMap<u32, Vec<&Absent>> = BTreeMap::new();
    let mut marked = BTreeSet::new();
    for check in scenario.checks() {
        if check.outcome == Outcome::Met {
            // Enough to see what it was judged from.
            marked.extend(check.frames.iter().take(2));
            continue;
        }
        if let Some(absent) = &check.absent {
            let due = ghosts.entry(absent.after).or_default();
            if due.len() < 8 && !due.contains(&absent) {
                due.push(absent);
            }
            marked.insert(absent.after);
        } else {
            for number in &check.frames {
                marked.insert(*number);
                let worst = wrong.entry(*number).or_insert(check.outcome);
                if check.outcome == Outcome::Missed {
                    *worst = Outcome::Missed;
                }
            }
        }
    }
    let total = scenario.frames.len();
    // Two thirds of the room for how it began, one third for how it ended.
    let (head, tail) = if total <= limit { (total, 0) } else { (limit * 2 / 3, limit - limit * 2 / 3) };
    let mut steps = scenario.steps.iter().peekable();
    let mut rows = Vec::new();
    let mut left_out = 0;
    rows.extend(ghosts.remove(&0).into_iter().flatten().map(Row::Ghost));
    for (n, frame) in scenario.frames.iter().enumerate() {
        let kept = n < head || n + tail >= total || marked.contains(&frame.number);
        if !kept {
            left_out += 1;
            continue;
        }
        if left_out > 0 {
            rows.push(Row::Gap(std::mem::take(&mut left_out)));
        }
        while let Some(step) = steps.next_if(|s| s.started_us <= frame.time_us) {
            // Of several steps before one message only the last caused it.
            if steps.peek().is_none_or(|next| next.started_us > frame.time_us) {
                rows.push(Row::Step(&step.text));
            }
        }
        rows.push(Row::Frame(frame, wrong.get(&frame.number).copied()));
        rows.extend(ghosts.remove(&frame.number).into_iter().flatten().map(Row::Ghost));
    }
    if left_out > 0 {
        rows.push(Row::Gap(left_out));
    }
    rows.extend(ghosts.into_values().flatten().map(Row::Ghost));
    rows
}

/// Short class of a protocol in style sheet and markup.
pub(super) const fn class(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::H248 => "ph",
        Protocol::Tcp => "pt",
        Protocol::Tls => "ps",
        Protocol::Msrp => "pm",
        Protocol::Bfcp => "pb",
        Protocol::Data => "pd",
    }
}

/// The diagram, or nothing when there is nothing to draw.
pub(super) fn svg(rows: &[Row<'_>]) -> String {
    let lanes: BTreeSet<Lane> = rows
        .iter()
        .flat_map(|row| match row {
            Row::Frame(f, _) => vec![f.from, f.to],
            Row::Ghost(a) => vec![a.from, a.to],
            _ => vec![],
        })
        .collect();
    if lanes.is_empty() {
        return String::new();
    }
    let x = |lane: Lane| LEFT + LANE * lanes.iter().position(|l| *l == lane).unwrap_or(0);
    let width = LEFT + LANE * (lanes.len() - 1) + RIGHT;
    let height = 44 + ROW * rows.len() + 12;
    let mut svg = String::with_capacity(300 * rows.len() + 500);
    let out = &mut svg;
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        r#"<svg class="lad" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="Ladder diagram; the list of messages says the same"><g class="ln">"#
    );
    for lane in &lanes {
        let x = x(*lane);
        let _ = write!(
            out,
            r#"<path d="M{x} 32V{}"/><rect x="{}" y="6" width="64" height="24" rx="4"/><text x="{x}" y="22">{}</text>"#,
            height - 6,
            x - 32,
            lane.name()
        );
    }
    out.push_str("</g>");
    for (n, row) in rows.iter().enumerate() {
        let y = 44 + ROW * (n + 1) - 8;
        match row {
            Row::Step(text) => {
                let _ = write!(out, r#"<text class="st" x="8" y="{}">"#, y - 2);
                push_html(out, &cut(&one_line(text), (width - 16) * 10 / CHARACTER));
                out.push_str("</text>");
            }
            Row::Gap(n) => {
                let _ = write!(
                    out,
                    r#"<text class="st" x="{LEFT}" y="{y}">⋮ {} more in the trace</text>"#,
                    words::count(*n as u64, "message")
                );
            }
            Row::Frame(frame, wrong) => {
                let wrong = match wrong {
                    Some(Outcome::Missed) => " bad",
                    Some(_) => " odd",
                    None => "",
                };
                let _ = write!(
                    out,
                    r#"<g class="{}{wrong}" data-f="{}"><text class="n" x="28" y="{y}">{}</text><text class="n" x="84" y="{y}">{}</text>"#,
                    class(frame.protocol),
                    frame.number,
                    frame.number,
                    words::ms(frame.time_us)
                );
                let secured = if frame.secured && frame.protocol != Protocol::Tls { " in TLS" } else { "" };
                let mark = if wrong.is_empty() { "" } else { "✕ " };
                let label = format!("{mark}{}{secured}", labelled(frame.protocol, &frame.summary));
                arrow(out, x(frame.from), x(frame.to), y, width, &label);
            }
            Row::Ghost(absent) => {
                let _ = write!(out, r#"<g class="gh">"#);
                let label = format!("✕ not seen: {}", labelled(absent.protocol, &absent.summary));
                arrow(out, x(absent.from), x(absent.to), y, width, &label);
            }
        }
    }
    out.push_str("</svg>");
    svg
}

fn arrow(out: &mut String, from: usize, to: usize, y: usize, width: usize, label: &str) {
    let start = from.min(to) + 12;
    if from == to {
        let _ = write!(out, r#"<path d="M{from} {}h24v8H{from}l7-3v6l-7-3"/>"#, y - 6);
    } else {
        let back = if from < to { "l-8-4v8l8-4" } else { "l8-4v8l-8-4" };
        let _ = write!(out, r#"<path d="M{from} {y}H{to}{back}"/>"#);
    }
    let start = if from == to { start + 22 } else { start };
    let _ = write!(out, r#"<text x="{start}" y="{}">"#, y - 6);
    push_html(out, &cut(label, width.saturating_sub(start) * 10 / CHARACTER));
    out.push_str("</text></g>");
}

/// The summary, preceded by the protocol's name unless it begins with it.
fn labelled(protocol: Protocol, summary: &str) -> String {
    let summary = one_line(summary);
    if summary.starts_with(protocol.name()) { summary } else { format!("{} {summary}", protocol.name()) }
}

fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::sample, results::Verdict};

    #[test]
    fn a_lane_is_drawn_for_who_takes_part_in_order() {
        let scenario = sample::scenario(1, Verdict::Pass);
        let svg = svg(&rows(&scenario, 100));
        let at = |lane: &str| svg.find(&format!(">{lane}</text>")).unwrap_or_else(|| panic!("no lane {lane}"));
        assert!(at("UE-A") < at("MGC") && at("MGC") < at("MG") && at("MG") < at("UE-B"));
        assert!(!svg.contains(">NAT</text>"));
        for class in ["ph", "pt", "ps", "pm"] {
            assert!(svg.contains(&format!("<g class=\"{class}\" data-f=")), "{class}");
        }
    }

    #[test]
    fn what_did_not_come_is_a_ghost_after_the_frame_it_was_due() {
        let scenario = sample::scenario(1, Verdict::Fail);
        let rows = rows(&scenario, 100);
        let ghost = rows.iter().position(|r| matches!(r, Row::Ghost(_))).unwrap();
        assert!(matches!(rows[ghost - 1], Row::Frame(f, _) if f.number == 6));
        assert!(svg(&rows).contains("class=\"gh\""));
        assert!(svg(&rows).contains("✕ not seen: H.248"));
    }

    #[test]
    fn a_long_sequence_keeps_its_ends_and_what_is_wrong() {
        let mut scenario = sample::scenario(1, Verdict::Fail);
        let template = scenario.frames[0].clone();
        scenario.frames = (1..=500).map(|number| Frame { number, ..template.clone() }).collect();
        scenario.steps[2].checks[0] = crate::results::Check::new("x", "y", Outcome::Missed).from_frames([250]);
        let rows = rows(&scenario, 30);
        let numbers: Vec<u32> =
            rows.iter().filter_map(|r| if let Row::Frame(f, _) = r { Some(f.number) } else { None }).collect();
        assert!(
            numbers.len() <= 33 && numbers.starts_with(&[1, 2]) && numbers.ends_with(&[500]) && numbers.contains(&250)
        );
        let left_out: usize = rows.iter().map(|r| if let Row::Gap(n) = r { *n } else { 0 }).sum();
        assert_eq!(left_out + numbers.len(), 500);
    }

    #[test]
    fn an_empty_scenario_draws_nothing() {
        let mut scenario = sample::scenario(1, Verdict::Skipped);
        scenario.frames.clear();
        scenario.steps.clear();
        assert_eq!(svg(&rows(&scenario, 10)), "");
    }
}
