//! Layer 8: the command line. One subcommand a file; everything else is wired here.
#![expect(clippy::disallowed_methods, reason = "the command line reads files and the clock")]

mod decode;
mod exit_code;
mod explain;
mod gateway;
mod list;
mod run;
mod selection;
mod target;

use exit_code::ExitCode;

use clap::{ColorChoice, Parser, Subcommand};
use std::{ffi::OsString, io::IsTerminal as _};

/// Conformance and fuzzing harness for the H.248 gateways that protect IMS media.
///
/// Without a command: runs the whole suite against the built-in reference gateway and leaves a report.
#[derive(Debug, Parser)]
#[command(name = "gatecheck", version, after_help = exit_code::HELP, arg_required_else_help = false)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    shown: Shown,
}

/// What every command takes.
#[derive(Debug, Clone, clap::Args)]
struct Shown {
    /// Say nothing but results and errors.
    #[arg(long, global = true)]
    quiet: bool,
    /// Colour on the terminal.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

impl Shown {
    /// Whether human output, which goes to stderr, is coloured.
    fn coloured(&self) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios against a target and write the result folder.
    Run(run::RunArgs),
    /// Show what would run.
    List(list::ListArgs),
    /// Explain one scenario or requirement.
    Explain(explain::ExplainArgs),
    /// Decode a message: its tree, its value, or what is wrong with it.
    Decode(decode::DecodeArgs),
    /// Serve the reference gateway over H.248 until interrupted.
    Gateway(gateway::GatewayArgs),
}

/// Reads the process's command line, does it, and gives the exit code.
pub fn main() -> std::process::ExitCode {
    run_from(std::env::args_os())
}

/// Does what a command line says; the first word is the program.
pub fn run_from<W: Into<OsString> + Clone>(words: impl IntoIterator<Item = W>) -> std::process::ExitCode {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Success };
            // A closed pipe is the reader's choice, not an error.
            let _ = error.print();
            return code.into();
        }
    };
    let command = cli.command.unwrap_or_else(|| Command::Run(run::RunArgs::default()));
    match command {
        Command::Run(args) => run::run(&args, &cli.shown),
        Command::List(args) => list::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Decode(args) => decode::run(&args, &cli.shown),
        Command::Gateway(args) => gateway::run(&args),
    }
    .into()
}

/// Prints an error the way every command does, and says it was the user's input.
fn usage(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("gatecheck: {error}");
    ExitCode::Usage
}
