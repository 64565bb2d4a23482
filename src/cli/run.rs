//! `gatecheck run`: scenarios against a target, and the result folder.

use super::{ExitCode, Shown, selection, usage};
use crate::{
    harness::target::Target,
    report,
    results::{
        Event, Folder, Profile, Run, RunResult, Target as Tested, Tool, Verdict, folder::EventLog, run::timestamp,
    },
    steps::{self, Environment, RunOptions, Settings, Suite, TraceWish},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    cell::RefCell,
    io::IsTerminal as _,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::{Instant, SystemTime},
};

/// Run scenarios against a target and write the result folder.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gatecheck run                      the whole suite on the built-in reference gateway\n  gatecheck run 4.1.3 --target my-gateway.toml"
)]
pub(super) struct RunArgs {
    #[command(flatten)]
    selection: selection::SelectionArgs,
    /// Target: a built-in name, or a target file.
    #[arg(long, value_name = "NAME|FILE", default_value = "reference")]
    target: Vec<String>,
    /// Result folder [default: reports/<target>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Scenarios side by side.
    #[arg(long, value_name = "N", default_value_t = 16)]
    jobs: usize,
    /// Seed of everything random.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// A missed "should" counts as a failure.
    #[arg(long)]
    strict: bool,
    /// Which scenarios leave a capture file.
    #[arg(long, value_name = "WHICH", value_enum, default_value = "all")]
    trace: Trace,
}

impl Default for RunArgs {
    fn default() -> Self {
        Self {
            selection: selection::SelectionArgs::default(),
            target: vec!["reference".into()],
            out: None,
            jobs: 16,
            seed: 1,
            strict: false,
            trace: Trace::All,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Trace {
    All,
    Failed,
    None,
}

impl From<Trace> for TraceWish {
    fn from(trace: Trace) -> Self {
        match trace {
            Trace::All => Self::All,
            Trace::Failed => Self::Failed,
            Trace::None => Self::None,
        }
    }
}

pub(super) fn run(args: &RunArgs, shown: &Shown) -> ExitCode {
    let suite = match args.selection.select() {
        Ok(suite) => suite,
        Err(code) => return code,
    };
    if args.out.is_some() && args.target.len() > 1 {
        return usage("--out names one folder; with several targets leave it out");
    }
    let mut code = None;
    for name in &args.target {
        let one = match run_on(args, shown, &suite, name) {
            Ok(code) | Err(code) => code,
        };
        code = Some(code.map_or(one, |so_far: ExitCode| so_far.and(one)));
    }
    code.unwrap_or(ExitCode::Nothing)
}

/// How a target is treated: its file, or the built-in one of that name.
pub(super) fn settings(name: &str, seed: u64) -> Result<Settings, String> {
    let manifest = super::target::manifest(name)?;
    let target = Target::from_manifest(&manifest).map_err(|e| e.to_string())?;
    let today = date(&timestamp(SystemTime::now()));
    Ok(Settings { target, sharing: manifest.control.sharing, manifest, seed, today })
}

fn run_on(args: &RunArgs, shown: &Shown, suite: &Suite, name: &str) -> Result<ExitCode, ExitCode> {
    let settings = settings(name, args.seed).map_err(usage)?;
    let manifest = &settings.manifest;
    let path = args.out.clone().unwrap_or_else(|| Path::new("reports").join(manifest.name()));
    let cannot_write = |error: std::io::Error| usage(format!("{}: {error}", path.display()));
    let folder = Folder::create(&path).map_err(cannot_write)?;
    let started = timestamp(SystemTime::now());
    let run = Run {
        tool: Tool::this(steps::catalogue().map(|c| c.revision).unwrap_or_default()),
        target: Tested { name: manifest.name().to_owned(), role: manifest.role.word().into(), version: String::new() },
        profile: Profile {
            interface: Some(manifest.profile.interface),
            name: manifest.profile.name.clone().unwrap_or_default(),
            version: manifest.profile.version.map(|v| v.to_string()).unwrap_or_default(),
            adopted: manifest.adopts_model(),
        },
        seed: args.seed,
        started,
        command: command_line(args, name),
        strict: args.strict,
        audit: Default::default(),
    };
    let options = RunOptions { jobs: args.jobs, trace: args.trace.into(), folder: Some(folder.clone()) };
    let events = drive(suite, settings, options, run, shown, &folder).map_err(|error| {
        eprintln!("gatecheck: {error}");
        ExitCode::Harness
    })?;
    let result = RunResult::from_events(events).map_err(|error| {
        eprintln!("gatecheck: {error}");
        ExitCode::Harness
    })?;
    let report = write_reports(&folder, &result).map_err(|error| {
        eprintln!("gatecheck: {}: {error}", path.display());
        ExitCode::Harness
    })?;
    if !shown.quiet {
        eprint!("{}", report::text::summary(&result, Some(&report.display().to_string()), shown.coloured()));
    }
    Ok(ExitCode::of_run(result.exit_code()))
}

/// Runs the suite and keeps the event log; the events come back for the reports.
fn drive(
    suite: &Suite,
    settings: Settings,
    options: RunOptions,
    mut run: Run,
    shown: &Shown,
    folder: &Folder,
) -> std::io::Result<Vec<Event>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let selected = suite.cases().len() as u64;
    let environment = Arc::new(Environment::new(settings));
    run.audit = runtime.block_on(environment.audit(suite));
    let record = Rc::new(RefCell::new(Record { log: folder.event_log()?, events: Vec::new(), failure: None }));
    record.borrow_mut().keep(Event::RunStarted { selected, run: Box::new(run) });
    let progress = progress(selected, shown);
    let begun = Instant::now();
    let told = Rc::clone(&record);
    let lines = !shown.quiet && !std::io::stderr().is_terminal();
    let colour = shown.coloured();
    let bar = progress.clone();
    let interrupted = runtime.block_on(async {
        let all = steps::run(suite, &environment, &options, move |event| {
            if let Event::ScenarioFinished { scenario } = &event {
                bar.inc(1);
                bar.set_message(scenario.id.clone());
                let line = report::text::line(scenario, colour);
                if lines {
                    eprintln!("{line}");
                } else if scenario.verdict != Verdict::Pass {
                    bar.println(line);
                }
            }
            told.borrow_mut().keep(event);
        });
        let interrupted = tokio::select! {
            () = all => false,
            _ = tokio::signal::ctrl_c() => true,
        };
        environment.stop().await;
        interrupted
    });
    let log = environment.log();
    if !log.is_empty() {
        folder.write("target.log", log)?;
    }
    progress.finish_and_clear();
    record.borrow_mut().keep(Event::RunFinished { duration_ms: begun.elapsed().as_millis() as u64, interrupted });
    // An interrupted run drops its scenarios, and their hold on the record, with the future above.
    let record =
        Rc::into_inner(record).ok_or_else(|| std::io::Error::other("the event log is still in use"))?.into_inner();
    if let Some(failure) = record.failure {
        return Err(failure);
    }
    record.log.finish()?;
    Ok(record.events)
}

/// The event log as it grows: what has finished is on the disk when a run is killed.
struct Record {
    log: EventLog,
    events: Vec<Event>,
    failure: Option<std::io::Error>,
}

impl Record {
    fn keep(&mut self, event: Event) {
        if let Err(error) = self.log.append(&event) {
            self.failure.get_or_insert(error);
        }
        self.events.push(event);
    }
}

fn progress(selected: u64, shown: &Shown) -> ProgressBar {
    let bar = ProgressBar::new(selected);
    if shown.quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// Everything rendered from a result. Returns where the page is.
fn write_reports(folder: &Folder, result: &RunResult) -> Result<PathBuf, Box<dyn std::error::Error>> {
    folder.write_results(result)?;
    folder.write("junit.xml", report::junit::xml(result)?)?;
    let page = report::conformance::html(&[report::conformance::Shown { result, folder: "" }])?;
    Ok(folder.write("conformance.html", page)?)
}

/// The command that repeats the run.
fn command_line(args: &RunArgs, target: &str) -> Vec<String> {
    let mut line = vec!["gatecheck".to_owned(), "run".to_owned()];
    line.extend(args.selection.command_line());
    if target != "reference" {
        line.extend(["--target".to_owned(), target.to_owned()]);
    }
    line.extend(["--seed".to_owned(), args.seed.to_string()]);
    if args.strict {
        line.push("--strict".to_owned());
    }
    line
}

/// Year, month and day of a time stamp.
fn date(timestamp: &str) -> (u16, u8, u8) {
    let mut parts = timestamp.split(['-', 'T']);
    let year = parts.next().and_then(|y| y.parse().ok()).unwrap_or(u16::MAX);
    let mut next = || parts.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    (year, next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_head_of_a_time_stamp() {
        assert_eq!(date(&timestamp(SystemTime::UNIX_EPOCH)), (1970, 1, 1));
        assert_eq!(date("2099-12-31T23:59:59Z"), (2099, 12, 31));
    }

    #[test]
    fn the_bare_command_is_the_main_job() {
        let args = RunArgs::default();
        assert_eq!(command_line(&args, "reference"), ["gatecheck", "run", "--seed", "1"]);
    }
}
