//! `gatecheck explain`: one scenario or requirement, in words. What is expected on the wire is shown by playing the scenario
//! against the built-in reference gateway.

use super::{ExitCode, run::settings, selection, usage};
use crate::{
    results::{Basis, Event, Requirement, Scenario, Verdict},
    steps::{self, Case, Environment, RunOptions, Selection, Suite, TraceWish, catalogue},
};
use std::{cell::RefCell, rc::Rc, sync::Arc};

/// Explain one scenario or requirement: purpose, clause, level, packages, steps.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gatecheck explain 4.3.1-order")]
pub(super) struct ExplainArgs {
    /// A scenario id (an outline's without its row too) or a requirement id.
    id: String,
}

pub(super) fn run(args: &ExplainArgs) -> ExitCode {
    let suite = match selection::SelectionArgs::default().suite() {
        Ok(suite) => suite,
        Err(code) => return code,
    };
    let catalogue = match catalogue() {
        Ok(catalogue) => catalogue,
        Err(error) => {
            eprintln!("gatecheck: {error}");
            return ExitCode::Harness;
        }
    };
    if let Some(requirement) = catalogue.get(&args.id) {
        let covering = suite.cases().iter().filter(|c| c.record.requirements.contains(&requirement.id));
        print!("{}", requirement_text(requirement, covering));
        return ExitCode::Success;
    }
    let cases: Vec<&Case> = suite
        .cases()
        .iter()
        .filter(|c| c.record.id == args.id || c.record.id.strip_prefix(&args.id).is_some_and(|r| r.starts_with('.')))
        .collect();
    let Some(first) = cases.first() else {
        return usage(format!("no scenario or requirement {:?}; `gatecheck list` shows the ids", args.id));
    };
    print!("{}", scenario_text(first));
    match play(&suite, &first.record.id) {
        Ok(Some(played)) => print!("{}", ladder_text(&played)),
        Ok(None) => {}
        Err(error) => {
            eprintln!("gatecheck: the scenario could not be played: {error}");
            return ExitCode::Harness;
        }
    }
    if cases.len() > 1 {
        println!("\nRows:");
        for case in cases {
            println!("  {}", case.record.id);
        }
    }
    ExitCode::Success
}

fn requirement_text<'a>(requirement: &Requirement, covering: impl Iterator<Item = &'a Case>) -> String {
    let mut lines = vec![
        format!("{}  clause {}  {}", requirement.id, requirement.clause, requirement.place),
        format!("  {}", requirement.paraphrase),
        format!(
            "  kind: {:?}; level: {}",
            requirement.kind,
            requirement.level.map_or("nothing is demanded", |l| l.word())
        ),
    ];
    for mechanism in &requirement.mechanism {
        let assumed = if mechanism.assumed { " (assumed)" } else { "" };
        lines.push(format!("  H.248 mechanism: {}{assumed}, {}", mechanism.name, mechanism.source));
    }
    let told = [
        ("gap in IETF texts", &requirement.ietf_gap),
        ("the reference gateway", &requirement.choice),
        ("because", &requirement.why),
        ("owner", &requirement.owner),
        ("not covered because", &requirement.exception),
    ];
    lines.extend(told.iter().filter_map(|(what, text)| text.as_ref().map(|text| format!("  {what}: {text}"))));
    lines.push("Scenarios:".into());
    lines.extend(covering.map(|case| format!("  {}\t{}", case.record.id, case.record.title)));
    lines.join("\n") + "\n"
}

fn scenario_text(case: &Case) -> String {
    let r = &case.record;
    let basis = match &r.basis {
        Basis::Normative { source } => source.clone(),
        Basis::Assumed { what } => format!("assumed: {what}"),
        Basis::Open { what } => format!("open: {what}"),
    };
    let mut lines = vec![
        format!("{}  {}", r.id, r.title),
        format!("  {}", r.purpose),
        format!("  clause: {}; level: {}; requirements: {}", r.clause, r.level.word(), r.requirements.join(" ")),
        format!("  basis: {basis}"),
        format!(
            "  packages: {}",
            if r.packages.is_empty() { "none beyond the base".into() } else { r.packages.join(" ") }
        ),
        "  roles: MGC, UE-A (access) and UE-B (core) are played; MG is the target".into(),
        format!("  {}:{}", r.feature, r.line),
        "Steps:".into(),
    ];
    for step in &case.steps {
        lines.push(format!("  {} {}", step.keyword, step.text));
        lines.extend(step.doc.iter().flat_map(|doc| doc.lines()).map(|line| format!("      {line}")));
    }
    lines.join("\n") + "\n"
}

/// One scenario against the reference gateway.
fn play(suite: &Suite, id: &str) -> Result<Option<Scenario>, Box<dyn std::error::Error>> {
    let suite = suite.select(&Selection { selectors: vec![id.to_owned()], ..Selection::default() })?;
    let environment = Arc::new(Environment::new(settings("reference", 1)?));
    let options = RunOptions { jobs: 1, trace: TraceWish::None, folder: None };
    let played = Rc::new(RefCell::new(None));
    let told = Rc::clone(&played);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let tell = move |event| {
            if let Event::ScenarioFinished { scenario } = event {
                *told.borrow_mut() = Some(*scenario);
            }
        };
        steps::run(&suite, &environment, &options, tell).await;
        environment.stop().await;
    });
    Ok(played.take())
}

/// The messages of a played scenario, one a line.
fn ladder_text(played: &Scenario) -> String {
    if played.verdict != Verdict::Pass {
        return format!(
            "Expected ladder: none, as the reference gateway gets {} here ({})\n",
            played.verdict.word(),
            played.cause
        );
    }
    let mut lines = vec!["Expected ladder, as the reference gateway plays it:".to_owned()];
    lines.extend(played.frames.iter().map(|frame| {
        let route = format!("{} -> {}", frame.from.name(), frame.to.name());
        format!("  {:4}  {route:12}  {:5}  {}", frame.number, frame.protocol.name(), frame.summary)
    }));
    lines.join("\n") + "\n"
}
