//! The `gatecheck` binary: everything is in the library.

fn main() -> std::process::ExitCode {
    gatecheck::cli::main()
}
