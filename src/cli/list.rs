//! `gatecheck list`: what would run.

use super::{ExitCode, selection};
use std::io::Write as _;

/// Show what would run: id, level, requirement, title.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gatecheck list 4.3 --level shall")]
pub(super) struct ListArgs {
    #[command(flatten)]
    selection: selection::SelectionArgs,
    /// As a JSON array on stdout.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ListArgs) -> ExitCode {
    let suite = match args.selection.select() {
        Ok(suite) => suite,
        Err(code) => return code,
    };
    let mut out = std::io::stdout().lock();
    let written = if args.json {
        let rows: Vec<_> = suite
            .cases()
            .iter()
            .map(|case| {
                let r = &case.record;
                serde_json::json!({
                    "id": r.id, "clause": r.clause, "level": r.level, "requirements": r.requirements,
                    "title": r.title, "basis": r.basis, "packages": r.packages, "feature": r.feature, "line": r.line,
                })
            })
            .collect();
        serde_json::to_string_pretty(&rows).map_err(Into::into).and_then(|text| writeln!(out, "{text}"))
    } else {
        suite.cases().iter().try_for_each(|case| {
            let r = &case.record;
            writeln!(out, "{}\t{}\t{}\t{}", r.id, r.level.word(), r.requirements.join(" "), r.title)
        })
    };
    // A closed pipe (`gatecheck list | head`) is the reader's choice.
    let _ = written;
    ExitCode::Success
}
