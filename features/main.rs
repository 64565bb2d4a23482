//! The whole suite on the built-in reference gateway, as `cargo test` runs it: one test, `conformance`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--list") {
        println!("conformance: test");
        return ExitCode::SUCCESS;
    }
    // Test runners pass filters and flags of their own to every target.
    let filters: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let ignored = arguments.iter().any(|a| a == "--ignored");
    if ignored || !filters.is_empty() && !filters.iter().any(|f| "conformance".contains(f.as_str())) {
        println!("conformance: filtered out");
        return ExitCode::SUCCESS;
    }
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/conformance");
    gatecheck::cli::run_from(["gatecheck", "run", "--quiet", "--out", folder])
}
