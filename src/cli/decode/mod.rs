//! `gatecheck decode`: one message as a tree, as JSON, spelled again, or only checked.

mod codec;
mod excerpt;
mod split;
#[cfg(test)]
mod tests;

use super::{ExitCode, Shown};
use crate::wire::{
    h248::{Leniency, Style},
    sdp::Mode,
    tree::Decode,
};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use codec::{Protocol, Reading, Refusal};
use split::Split;
use std::{
    borrow::Cow,
    io::{self, Read, Write},
    path::PathBuf,
};

const HELP: &str = "\
Examples:
  gatecheck decode h248 message.txt
  gatecheck decode sdp --mode h248 --json < local-descriptor.sdp
  gatecheck decode msrp --check --split bytewise corpora/msrp/valid/*

Exit codes: 0 valid, 1 invalid, 2 usage or unreadable file.";

/// Decode H.248, SDP, MSRP or BFCP: a tree with octet offsets, or what is wrong and where.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct DecodeArgs {
    /// The protocol.
    protocol: Protocol,
    /// Files, one message each (MSRP and BFCP: any number, one after the other); `-` or none is stdin.
    files: Vec<PathBuf>,
    /// Print the typed value as JSON; of several files an array of `file` and `value` or `error`.
    #[arg(long, conflicts_with_all = ["reencode", "check"])]
    json: bool,
    /// Print the octets the value is written as; with --check: refuse what reads back differently.
    #[arg(long, value_name = "STYLE")]
    reencode: Option<Reencode>,
    /// How the input is encoded (H.248 has two encodings).
    #[arg(long)]
    encoding: Option<Encoding>,
    /// Print one line a file: FILE, `ok` or `error`, OFFSET (where it is wrong, or octets read), REASON, between tabs.
    #[arg(long)]
    check: bool,
    /// The grammar of SDP: RFC 8866, or what H.248 allows inside Local and Remote [default: sdp].
    #[arg(long)]
    mode: Option<SdpMode>,
    /// Feed a stream in pieces: `whole`, `bytewise`, or a number that seeds random ones [default: whole].
    #[arg(long)]
    split: Option<Split>,
    /// Accept a departure from H.248's grammar that some stacks need, several with commas between.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = leniencies())]
    lenient: Vec<Leniency>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Reencode {
    /// Long keywords, one item a line.
    Pretty,
    /// Short keywords, no white space.
    Compact,
    /// ASN.1 BER.
    Binary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Encoding {
    Text,
    Binary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SdpMode {
    Sdp,
    H248,
}

fn leniencies() -> impl clap::builder::TypedValueParser<Value = Leniency> {
    let names = Leniency::NAMED.iter().map(|(name, _)| *name).chain(["all"]);
    PossibleValuesParser::new(names).map(|given| {
        let named = Leniency::NAMED.iter().find(|(name, _)| *name == given);
        named.map_or(Leniency::ALL, |(_, allowed)| *allowed)
    })
}

/// Decodes what the arguments name.
pub(super) fn run(args: &DecodeArgs, shown: &Shown) -> ExitCode {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let coloured = shown.coloured();
    match decode(args, &mut io::stdin().lock(), &mut out, &mut err, coloured)
        .and_then(|code| out.flush().map(|()| code))
    {
        Ok(code) => code,
        // The reader of a pipe may stop reading.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::Success,
        Err(error) => {
            let _ = writeln!(err, "gatecheck: cannot write: {error}");
            ExitCode::Harness
        }
    }
}

/// The whole command, between the streams given. Fails only when `out` or `err` does.
fn decode(
    args: &DecodeArgs,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
    coloured: bool,
) -> io::Result<ExitCode> {
    let reading = match args.reading() {
        Ok(reading) => reading,
        Err(why) => {
            writeln!(err, "gatecheck: {why}")?;
            return Ok(ExitCode::Usage);
        }
    };
    let stdin_alone = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &stdin_alone[..] } else { &args.files };
    let mut output = Output { args, reading, several: files.len() > 1, json: Vec::new(), out, err, coloured };
    let mut code = ExitCode::Success;
    for file in files {
        let octets = match file.as_os_str() == "-" {
            true => {
                let mut octets = Vec::new();
                stdin.read_to_end(&mut octets).map(|_| octets)
            }
            false => std::fs::read(file),
        };
        let name = excerpt::visible(file.as_os_str().as_encoded_bytes());
        code = code.and(match octets {
            Ok(octets) => output.input(&name, &octets)?,
            Err(error) => output.unreadable(&name, &error)?,
        });
    }
    output.end()?;
    Ok(code)
}

impl DecodeArgs {
    /// How to read, or why the arguments do not go together.
    fn reading(&self) -> Result<Reading, Cow<'static, str>> {
        let protocol = self.protocol;
        let is_h248 = protocol == Protocol::H248;
        let binary = (self.encoding == Some(Encoding::Binary), self.reencode == Some(Reencode::Binary));
        if is_h248 && (binary.0 || binary.1) {
            return Err("the binary encoding of H.248 (ASN.1 BER, H.248.1 Annex A) is not built in yet".into());
        }
        let is_binary = protocol == Protocol::Bfcp;
        if !is_binary && (binary.0 || binary.1) {
            return Err("SDP and MSRP have no binary encoding".into());
        }
        if is_binary && self.encoding == Some(Encoding::Text) {
            return Err("BFCP has no text encoding".into());
        }
        if self.mode.is_some() && protocol != Protocol::Sdp {
            return Err("--mode is for sdp".into());
        }
        if !self.lenient.is_empty() && !is_h248 {
            return Err("--lenient is for h248".into());
        }
        if self.split.is_some() && !matches!(protocol, Protocol::Msrp | Protocol::Bfcp) {
            return Err("--split is for the stream protocols, msrp and bfcp".into());
        }
        Ok(Reading {
            protocol,
            mode: if self.mode == Some(SdpMode::H248) { Mode::H248 } else { Mode::Rfc },
            leniency: self.lenient.iter().fold(Leniency::STRICT, |all, one| all.or(*one)),
            split: self.split.unwrap_or_default(),
        })
    }

    /// The style to write in, when there is one to write in.
    fn style(&self) -> Option<Style> {
        self.reencode.map(|style| if style == Reencode::Pretty { Style::Pretty } else { Style::Compact })
    }
}

/// What the command prints, file by file.
struct Output<'o> {
    args: &'o DecodeArgs,
    reading: Reading,
    several: bool,
    /// The entries of the array that several files give.
    json: Vec<serde_json::Value>,
    out: &'o mut dyn Write,
    err: &'o mut dyn Write,
    coloured: bool,
}

impl Output<'_> {
    fn input(&mut self, name: &str, octets: &[u8]) -> io::Result<ExitCode> {
        let decoded = match self.reading.read(octets) {
            Ok(decoded) => decoded,
            Err(refusal) => return self.refused(name, octets, &refusal),
        };
        let style = self.args.style();
        if self.args.check {
            let differs = style.is_some_and(|style| {
                let written = decoded.encode(style);
                !self.reading.read(&written).is_ok_and(|again| decoded.says_the_same(&again))
            });
            let (word, at, reason, code) = match differs {
                true => ("error", 0, "written and read again it says something else", ExitCode::NotConformant),
                false => ("ok", octets.len(), "", ExitCode::Success),
            };
            writeln!(self.out, "{name}\t{word}\t{at}\t{reason}")?;
            return Ok(code);
        }
        if self.args.json {
            let value = decoded.json()?;
            if self.several {
                self.json.push(serde_json::json!({ "file": name, "value": value }));
            } else {
                writeln!(self.out, "{value:#}")?;
            }
        } else if let Some(style) = style {
            self.out.write_all(&decoded.encode(style))?;
        } else {
            if self.several {
                writeln!(self.out, "{name}")?;
            }
            let tree = decoded.tree(octets);
            let width = octets.len().to_string().len();
            print_tree(self.out, &tree, width, 0)?;
        }
        Ok(ExitCode::Success)
    }

    fn refused(&mut self, name: &str, octets: &[u8], refusal: &Refusal) -> io::Result<ExitCode> {
        let error = &refusal.error;
        if self.args.check {
            let reason = format!("{}: {} ({})", error.field, error.kind, error.clause);
            writeln!(self.out, "{name}\terror\t{}\t{reason}", error.offset)?;
            return Ok(ExitCode::NotConformant);
        }
        self.json.push(serde_json::json!({ "file": name, "error": {
            "offset": error.offset, "field": error.field, "reason": error.kind.to_string(), "clause": error.clause,
        }}));
        let shown = if name == "-" { "stdin" } else { name };
        self.err.write_all(excerpt::excerpt(shown, octets, error, &refusal.advice, self.coloured).as_bytes())?;
        Ok(ExitCode::NotConformant)
    }

    fn unreadable(&mut self, name: &str, error: &io::Error) -> io::Result<ExitCode> {
        if self.args.check {
            writeln!(self.out, "{name}\terror\t0\tcannot be read: {error}")?;
        }
        self.json.push(serde_json::json!({ "file": name, "error": { "reason": error.to_string() } }));
        writeln!(self.err, "gatecheck: {name}: {error}")?;
        Ok(ExitCode::Usage)
    }

    fn end(self) -> io::Result<()> {
        if self.args.json && self.several {
            writeln!(self.out, "{:#}", serde_json::Value::Array(self.json))?;
        }
        Ok(())
    }
}

/// A line a node: octets `start..end`, the second not included, and the label.
fn print_tree(out: &mut dyn Write, tree: &[Decode], width: usize, depth: usize) -> io::Result<()> {
    for node in tree {
        let label = excerpt::visible(node.label.as_bytes());
        writeln!(out, "{:>width$}..{:<width$}  {}{label}", node.start, node.end, "  ".repeat(depth))?;
        print_tree(out, &node.children, width, depth + 1)?;
    }
    Ok(())
}
