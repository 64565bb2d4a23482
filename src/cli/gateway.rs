//! `gatecheck gateway`: the reference gateway as a server of its own.

use super::{ExitCode, usage};
use crate::{
    gateway::Interface,
    net::{ControlAddress, Mg, MgConfig, Realm},
};
use clap::ValueEnum;
use std::{
    io::{self, IsTerminal, Write},
    net::{IpAddr, Ipv4Addr},
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Serve the reference gateway over H.248 until interrupted.
///
/// The first line on standard output names the control addresses bound. SIGINT and SIGTERM take leave of the MGC
/// (ServiceChange ROOT Forced 905), release everything and exit 0; a second one ends at once.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: gatecheck gateway --interface iq --control udp:127.0.0.1:2944 --mgc udp:127.0.0.1:2945"
)]
pub(super) struct GatewayArgs {
    /// Interface to serve: iq (IMS-AGW), ix (TrGW) or mp (MRFP).
    #[arg(long, default_value = "iq", value_parser = str::parse::<Interface>)]
    interface: Interface,
    /// Address to listen on for H.248, repeatable; IPv6 in brackets; port 0: the system's choice.
    #[arg(long, value_name = "udp|tcp:ADDR:PORT", default_value = "udp:127.0.0.1:2944")]
    control: Vec<ControlAddress>,
    /// MGC to register with, repeatable in order of preference; none: the first that speaks.
    #[arg(long, value_name = "udp|tcp:ADDR:PORT")]
    mgc: Vec<ControlAddress>,
    /// Bearer address in the realm `access`, repeatable, one per IP version.
    #[arg(long, value_name = "ADDR", default_values_t = [IpAddr::V4(Ipv4Addr::LOCALHOST)])]
    access: Vec<IpAddr>,
    /// Bearer address in the realm `core`, repeatable, one per IP version.
    #[arg(long, value_name = "ADDR", default_values_t = [IpAddr::V4(Ipv4Addr::LOCALHOST)])]
    core: Vec<IpAddr>,
    /// Encoding of H.248.
    #[arg(long, value_enum, default_value_t)]
    encoding: Encoding,
    /// Version of H.248.1 to register with; an MGC may settle for less.
    #[arg(long, value_name = "1|2|3", value_parser = clap::value_parser!(u8).range(1..=3))]
    h248_version: Option<u8>,
    /// Form of the log on standard error.
    #[arg(long, value_enum, default_value_t)]
    log: Log,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Encoding {
    #[default]
    Text,
    Binary,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Log {
    #[default]
    Human,
    Json,
}

/// Runs the command: 0 after an orderly end, 5 after a panic within, 2 when it cannot start.
pub(super) fn run(args: &GatewayArgs) -> ExitCode {
    if let Err(message) = refuse(args) {
        return usage(message);
    }
    start_log(args.log);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return usage(error),
    };
    runtime.block_on(serve(args))
}

/// What the contract foresees and this build cannot do.
fn refuse(args: &GatewayArgs) -> Result<(), String> {
    if args.encoding == Encoding::Binary {
        return Err("--encoding binary is not built in yet; use text".to_owned());
    }
    Ok(())
}

async fn serve(args: &GatewayArgs) -> ExitCode {
    // Before the first line of output: who reads it may signal at once.
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        return usage("signals cannot be caught");
    };
    let mut config = MgConfig::loopback(args.interface, IpAddr::V4(Ipv4Addr::LOCALHOST));
    config.control = args.control.clone();
    config.mgcs = args.mgc.clone();
    config.realms =
        vec![Realm::new("access", args.access.iter().copied()), Realm::new("core", args.core.iter().copied())];
    if let Some(version) = args.h248_version {
        config.association.version = version;
    }
    let mut mg = match Mg::start(config).await {
        Ok(mg) => mg,
        Err(error) => return usage(error),
    };
    let addresses: Vec<_> = mg.control_addresses().iter().map(ToString::to_string).collect();
    let mut out = io::stdout();
    // Nobody may be reading; the gateway serves all the same.
    let _ = writeln!(out, "{}", addresses.join(" ")).and_then(|()| out.flush());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = mg.ended() => {}
    }
    tokio::select! {
        () = mg.stop() => {}
        _ = interrupt.recv() => return ExitCode::Success,
        _ = terminate.recv() => return ExitCode::Success,
    }
    match mg.crashed() {
        None => ExitCode::Success,
        Some(text) => {
            eprintln!("gatecheck gateway: {text}");
            ExitCode::Harness
        }
    }
}

fn start_log(log: Log) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A log that somebody has set up before stays.
    let _ = match log {
        Log::Human => builder.with_ansi(io::stderr().is_terminal()).try_init(),
        Log::Json => builder.json().try_init(),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        args: GatewayArgs,
    }

    fn parse(args: &[&str]) -> Result<GatewayArgs, clap::Error> {
        Command::try_parse_from(std::iter::once(&"gateway").chain(args)).map(|command| command.args)
    }

    #[test]
    fn flags_of_the_contract_are_read() {
        let args = parse(&[
            "--interface",
            "ix",
            "--control",
            "udp:127.0.0.1:0",
            "--control",
            "tcp:[::1]:0",
            "--mgc",
            "udp:127.0.0.1:9",
            "--access",
            "127.0.0.2",
            "--core",
            "127.0.0.3",
            "--core",
            "::1",
            "--log",
            "json",
        ])
        .expect("all of them are flags of the contract");
        assert_eq!((args.interface, args.control.len(), args.core.len()), (Interface::Ix, 2, 2));
        assert!(refuse(&args).is_ok());
    }

    #[test]
    fn what_is_not_built_in_is_refused_in_words() {
        let refusal =
            refuse(&parse(&["--encoding", "binary"]).expect("a flag of the contract")).expect_err("not built in");
        assert!(refusal.contains("not built in yet"), "{refusal}");
        let sctp = parse(&["--control", "sctp:127.0.0.1:2944"]).expect_err("not built in").to_string();
        assert!(sctp.contains("SCTP is not built in"), "{sctp}");
        assert!(parse(&["--direct"]).is_err() && parse(&["--plain"]).is_err() && parse(&["--packages", "f"]).is_err());
    }
}
