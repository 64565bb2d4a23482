//! Interop with a stack nobody here wrote: Erlang/OTP's megaco.
//!
//! `cargo test --test interop -- --ignored --nocapture --test-threads 1`, with `erl`, megaco and its examples installed
//! (Debian: `erlang-base erlang-megaco erlang-asn1 erlang-runtime-tools erlang-examples`). Its examples know the registered
//! ports 2944 and 2945 only, so these must be free.
//!
//! | test | proves |
//! |---|---|
//! | its codec reads what the suite says | every message of a run, both ways, but for those that are broken on purpose and those in `interop/unread.tsv` |
//! | its example MGC registers our gateway | over UDP and over TCP with TPKT |
//! | its example MG is judged truthfully | nothing passes, nothing is `error`, nobody hangs |
#![expect(clippy::disallowed_methods, reason = "starts programs and reads what they leave")]

use etherparse::{SlicedPacket, TransportSlice};
use gatecheck::wire::h248;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    env, fs,
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

const GATECHECK: &str = env!("CARGO_BIN_EXE_gatecheck");

fn features() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("features")
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop").join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The result of a run, once it ended.
fn run(target: &str, out: &Path) -> serde_json::Value {
    let arguments = ["run", "--quiet", "--trace", "all", "--target", target, "--out"];
    let status = Command::new(GATECHECK).args(arguments).arg(out).status().unwrap();
    assert!(status.code().is_some_and(|code| code == 0 || code == 1), "{target}: {status}");
    serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap()
}

/// H.248 messages of a trace: datagrams, and what TPKT frames on TCP (RFC 1006 6).
fn messages(trace: &Path) -> Vec<Vec<u8>> {
    let file = fs::read(trace).unwrap();
    let mut reader = PcapNgReader::new(file.as_slice()).unwrap();
    let mut found = Vec::new();
    let mut streams: HashMap<_, Vec<u8>> = HashMap::new();
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(packet) = block.unwrap().0 else { continue };
        // The first interface is the control association.
        if packet.interface_id != 0 {
            continue;
        }
        match SlicedPacket::from_ip(&packet.data).unwrap().transport {
            Some(TransportSlice::Udp(udp)) => found.push(udp.payload().to_vec()),
            Some(TransportSlice::Tcp(tcp)) => {
                let stream = streams.entry((tcp.source_port(), tcp.destination_port())).or_default();
                stream.extend(tcp.payload());
                while let [3, 0, high, low, ..] = stream[..] {
                    let length = usize::from(u16::from_be_bytes([high, low]));
                    if length < 4 || stream.len() < length {
                        break;
                    }
                    found.push(stream.drain(..length).skip(4).collect());
                }
            }
            _ => {}
        }
    }
    found
}

/// Octets with what differs between two runs made equal, so that each kind of message is read once.
fn kind(octets: &[u8]) -> Vec<u8> {
    let mut kind: Vec<u8> = octets.to_ascii_lowercase();
    kind.retain(|octet| !octet.is_ascii_hexdigit() && *octet != b':');
    kind
}

#[test]
#[ignore = "needs Erlang/OTP's megaco"]
fn its_codec_reads_what_the_suite_says() {
    let out = folder("codec");
    let target = env::var("GATECHECK_TARGET").unwrap_or_else(|_| "reference".into());
    run(&target, &out.join("run"));
    let mut traces: Vec<_> = fs::read_dir(out.join("run/traces")).unwrap().map(|entry| entry.unwrap().path()).collect();
    traces.sort();
    let given = out.join("given");
    fs::create_dir_all(&given).unwrap();
    let (mut seen, mut all, mut broken) = (BTreeSet::new(), 0, 0);
    for trace in &traces {
        let id = trace.file_stem().unwrap().to_string_lossy();
        for (number, octets) in messages(trace).into_iter().enumerate() {
            all += 1;
            // What is broken on purpose nobody has to read.
            if h248::parse(&octets).is_err() {
                broken += 1;
            } else if seen.insert(kind(&octets)) {
                fs::write(given.join(format!("{id}#{number}")), octets).unwrap();
            }
        }
    }
    let output = Command::new("escript").arg(features().join("interop/read.escript")).arg(&given).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut columns = line.split('\t');
        if let (Some(name), Some("refused"), reason) = (columns.next(), columns.next(), columns.next()) {
            let text = String::from_utf8_lossy(&fs::read(given.join(name)).unwrap()).into_owned();
            println!("{name}: {}\n{text}\n", reason.unwrap_or_default());
            refused.insert(name.split('#').next().unwrap_or_default().to_owned(), text);
        }
    }
    println!("{all} messages of {} scenarios, {} kinds, {broken} broken on purpose", traces.len(), seen.len());
    let table = fs::read_to_string(features().join("interop/unread.tsv")).unwrap();
    let argued: BTreeSet<&str> =
        table.lines().filter(|line| !line.starts_with('#')).filter_map(|l| l.split('\t').next()).collect();
    let unread: BTreeSet<&str> = refused.keys().map(String::as_str).collect();
    let new: Vec<_> = unread.iter().filter(|id| !argued.iter().any(|argued| id.starts_with(argued))).collect();
    let gone: Vec<_> = argued.iter().filter(|argued| !unread.iter().any(|id| id.starts_with(*argued))).collect();
    assert!(new.is_empty() && gone.is_empty(), "unread and not argued: {new:?}\nargued and read: {gone:?}");
}

/// A program that is killed at the end, and its lines.
struct Running {
    child: Child,
    _stdin: Option<ChildStdin>,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Running {
    fn new(command: &mut Command, lines_of_stderr: bool) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = if lines_of_stderr { command.stderr(Stdio::piped()) } else { command }.spawn().unwrap();
        let stdin = child.stdin.take();
        let source: Box<dyn Read> = match child.stderr.take() {
            Some(stderr) => Box::new(stderr),
            None => Box::new(child.stdout.take().unwrap()),
        };
        Self { child, _stdin: stdin, lines: Box::new(BufReader::new(source).lines().map_while(Result::ok)) }
    }

    /// Reads on until a line holds `wanted`; that line.
    fn until(&mut self, wanted: &str) -> String {
        let mut read = Vec::new();
        for line in &mut self.lines {
            println!("{line}");
            if line.contains(wanted) {
                return line;
            }
            read.push(line);
        }
        panic!("it ended without {wanted:?}:\n{}", read.join("\n"));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
#[ignore = "needs Erlang/OTP's megaco"]
fn its_example_mgc_registers_our_gateway_over_udp_and_tcp() {
    let mut mgc = Running::new(Command::new("escript").arg(features().join("interop/mgc.escript")), false);
    mgc.until("listening");
    for transport in ["udp", "tcp"] {
        // The example answers messages of version 1 only.
        let arguments =
            ["gateway", "--h248-version", "1", "--log", "json", "--access", "127.0.0.1", "--core", "127.0.0.1"];
        let control = format!("{transport}:127.0.0.1:0");
        let to = format!("{transport}:127.0.0.1:2944");
        let mut gateway = Command::new(GATECHECK);
        let mut gateway = Running::new(gateway.args(arguments).args(["--control", &control, "--mgc", &to]), true);
        gateway.until("registered");
        mgc.until("associated");
    }
}

#[test]
#[ignore = "needs Erlang/OTP's megaco"]
fn its_example_mg_is_judged_truthfully() {
    for target in ["erlang-megaco-mg", "erlang-megaco-mg-tcp"] {
        let file = features().join(format!("targets/{target}.toml"));
        let results = run(&file.to_string_lossy(), &folder(target));
        println!("{target}: {}", results["counts"]);
        for scenario in results["scenarios"].as_array().unwrap() {
            let verdict = scenario["verdict"].as_str().unwrap();
            assert!(!["pass", "error", "crash"].contains(&verdict), "{target}: {scenario}");
            assert!(!scenario["cause"].as_str().unwrap().contains("cannot listen"), "{target}: {scenario}");
        }
    }
}
