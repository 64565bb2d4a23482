//! Codecs a second of CPU time on one core, over the corpora; how many inputs were accepted stands beside, as speed on refused
//! input says nothing.
//!
//! `cargo bench [-- PART-OF-A-NAME]`. `GATECHECK_VECTORS` names a folder with `h248`, `sdp`, `msrp` and `bfcp` in it: these messages are
//! measured too.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads its corpora")]

use std::{
    env, fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::Duration,
};

use cpu_time::ThreadTime;
use gatecheck::wire::{Framed, bfcp, h248, msrp, sdp};

#[path = "../worst_case.rs"]
mod worst_case;

/// CPU time of one round; the best of [`ROUNDS`] counts, as others on the machine only slow us. Short, so that one falls between them.
const ROUND: Duration = Duration::from_millis(5);
const ROUNDS: usize = 120;

struct Bench {
    /// What the name of a measure must contain.
    wanted: Option<String>,
    /// One round each unless `cargo bench` asks, which says so: `cargo test --all-targets` only wants to see it work.
    rounds: usize,
}

impl Bench {
    /// Measures `work`, which handles `units` units and `octets` octets a call.
    fn measure(&self, name: &str, accepted: &str, units: usize, octets: usize, mut work: impl FnMut()) {
        if self.wanted.as_ref().is_some_and(|wanted| !name.contains(wanted.as_str())) || units == 0 {
            return;
        }
        let mut round = || {
            let (start, mut calls) = (ThreadTime::now(), 0_u32);
            loop {
                work();
                calls += 1;
                let spent = start.elapsed();
                if spent >= ROUND {
                    return f64::from(calls) / spent.as_secs_f64();
                }
            }
        };
        let calls = (0..self.rounds).map(|_| round()).fold(0.0, f64::max);
        let (rate, mega) = (calls * units as f64, calls * octets as f64 / 1e6);
        println!("{name:34} {rate:>12.0}/s {mega:>8.0} MB/s  mean {:>5} octets  accepted {accepted}", octets / units);
    }

    /// Decodes every message `accept` takes, all of them once a call.
    fn decode(&self, name: &str, messages: &[Vec<u8>], accept: impl Fn(&[u8]) -> bool, decode: impl Fn(&[u8])) {
        let taken: Vec<_> = messages.iter().filter(|octets| accept(octets)).collect();
        let octets = taken.iter().map(|octets| octets.len()).sum();
        let accepted = format!("{} of {}", taken.len(), messages.len());
        self.measure(name, &accepted, taken.len(), octets, || taken.iter().for_each(|octets| decode(octets)));
    }
}

/// A chain of dependent multiplications, which runs as fast as the core is free: figures of two runs compare only when these do.
fn reference(bench: &Bench) {
    let octets = vec![7_u8; 4096];
    bench.measure("reference loop, 4 KiB", "-", 1, octets.len(), || {
        let hash = |sum: u64, octet: &u8| (sum ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3);
        black_box(black_box(&octets).iter().fold(0xcbf2_9ce4_8422_2325, hash));
    });
}

/// The files of a folder, in the order of their names.
fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn h248_set(bench: &Bench, set: &str, messages: &[Vec<u8>]) {
    let accept = |octets: &[u8]| h248::parse(octets).is_ok();
    bench.decode(&format!("h248 decode, {set}"), messages, accept, |octets| {
        let _ = black_box(h248::parse(black_box(octets)));
    });
    let read: Vec<_> = messages.iter().filter_map(|octets| h248::parse(octets).ok()).collect();
    let accepted = format!("{} of {}", read.len(), messages.len());
    for (style, name) in [(h248::Style::Compact, "compact"), (h248::Style::Pretty, "pretty")] {
        let octets = read.iter().map(|message| h248::encode(message, style).len()).sum();
        bench.measure(&format!("h248 encode {name}, {set}"), &accepted, read.len(), octets, || {
            for message in &read {
                black_box(h248::encode(black_box(message), style));
            }
        });
    }
}

fn sdp_set(bench: &Bench, set: &str, bodies: &[Vec<u8>], mode: sdp::Mode) {
    let accept = |octets: &[u8]| sdp::parse(octets, mode).is_ok();
    bench.decode(&format!("sdp decode {mode:?}, {set}"), bodies, accept, |octets| {
        let _ = black_box(sdp::parse(black_box(octets), mode));
    });
    let read: Vec<_> = bodies.iter().filter_map(|octets| sdp::parse(octets, mode).ok()).collect();
    let octets = read.iter().map(|body| sdp::encode(body, mode).len()).sum();
    let accepted = format!("{} of {}", read.len(), bodies.len());
    bench.measure(&format!("sdp encode {mode:?}, {set}"), &accepted, read.len(), octets, || {
        for body in &read {
            black_box(sdp::encode(black_box(body), mode));
        }
    });
}

fn msrp_set(bench: &Bench, set: &str, frames: &[Vec<u8>]) {
    let accept = |octets: &[u8]| matches!(msrp::parse(octets), Ok(Framed::Complete(..)));
    bench.decode(&format!("msrp decode, {set}"), frames, accept, |octets| {
        let _ = black_box(msrp::parse(black_box(octets)));
    });
    let read: Vec<_> = frames
        .iter()
        .filter_map(|octets| match msrp::parse(octets) {
            Ok(Framed::Complete(frame, length)) => Some((frame, length)),
            _ => None,
        })
        .collect();
    let accepted = format!("{} of {}", read.len(), frames.len());
    let octets = read.iter().map(|(_, length)| length).sum();
    bench.measure(&format!("msrp encode, {set}"), &accepted, read.len(), octets, || {
        for (frame, _) in &read {
            black_box(msrp::encode(black_box(frame)));
        }
    });
}

/// SEND requests as endpoints write them, each with a body of `size` octets.
fn msrp_frames(count: usize, size: usize) -> Vec<Vec<u8>> {
    let frame = |number: usize| {
        let (start, end) = (number * size + 1, (number + 1) * size);
        let body = "All the world's a stage, and all the men and women merely players. ".repeat(size / 67 + 1);
        format!(
            "MSRP d93kswow{number} SEND\r\nTo-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp\r\n\
             From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\nMessage-ID: 12339sdqwer\r\n\
             Byte-Range: {start}-{end}/*\r\nContent-Type: text/plain\r\n\r\n{}\r\n-------d93kswow{number}+\r\n",
            body.get(..size).unwrap_or_default(),
        )
        .into_bytes()
    };
    (0..count).map(frame).collect()
}

/// Frames in one stream, handed to the framer in pieces as a socket gives them.
fn msrp_stream(bench: &Bench, name: &str, size: usize, piece: usize) {
    let frames = msrp_frames(256, size);
    let stream = frames.concat();
    let run = || {
        let (mut framer, mut ends) = (msrp::Framer::new(msrp::Limits::default()), 0);
        for mut input in black_box(&stream).chunks(piece) {
            while let Ok(Some(event)) = framer.next(&mut input) {
                ends += usize::from(matches!(black_box(event), msrp::Event::End(_)));
            }
        }
        ends
    };
    let accepted = format!("{} of {}", run(), frames.len());
    bench.measure(name, &accepted, frames.len(), stream.len(), || {
        black_box(run());
    });
}

fn bfcp_set(bench: &Bench, set: &str, messages: &[Vec<u8>]) {
    let accept = |octets: &[u8]| matches!(bfcp::parse(octets), Ok(Framed::Complete(..)));
    bench.decode(&format!("bfcp decode, {set}"), messages, accept, |octets| {
        let _ = black_box(bfcp::parse(black_box(octets)));
    });
}

/// A FloorRequest: 16 octets with one floor, 32 with beneficiary, priority and information besides.
fn bfcp_messages() -> [Vec<u8>; 2] {
    let header = [0x20, 1, 0, 1, 0, 0, 0x11, 0xD7, 0, 1, 0, 99];
    let floor = [0x05, 4, 2, 0x1F];
    let mut long = [&header[..], &floor, &[0x02, 4, 0, 7], &[0x09, 4, 0x80, 0], &[0x0C, 8], b"slides"].concat();
    long[3] = 5;
    [[&header[..], &floor].concat(), long]
}

fn worst_cases(bench: &Bench) {
    for case in worst_case::CASES {
        let octets = (case.grow)(64 * 1024);
        if bench.wanted.as_ref().is_some_and(|wanted| !format!("64 KiB {}", case.name).contains(wanted.as_str())) {
            continue;
        }
        let cost = (0..3).map(|_| {
            let start = ThreadTime::now();
            (case.read)(black_box(&octets));
            start.elapsed()
        });
        println!("64 KiB {:44} {:>9.3} ms", case.name, cost.min().unwrap_or_default().as_secs_f64() * 1e3);
    }
}

fn main() {
    let rounds = if env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    let bench = Bench { wanted: env::args().skip(1).find(|argument| !argument.starts_with('-')), rounds };
    println!("per second of CPU time, best of {rounds} rounds");
    reference(&bench);
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora");
    let mut sets = vec![("corpora", corpora, true)];
    let given = env::var_os("GATECHECK_VECTORS").map(PathBuf::from);
    sets.extend(given.map(|folder| ("given", folder, false)));
    for (name, folder, own) in sets {
        let all =
            |protocol: &str| contents(&if own { folder.join(protocol).join("valid") } else { folder.join(protocol) });
        h248_set(&bench, name, &all("h248"));
        sdp_set(&bench, name, &all("sdp"), sdp::Mode::Rfc);
        sdp_set(&bench, name, &all("sdp"), sdp::Mode::H248);
        msrp_set(&bench, name, &all("msrp"));
        bfcp_set(&bench, name, &all("bfcp"));
    }
    msrp_set(&bench, "300-octet bodies", &msrp_frames(64, 300));
    msrp_stream(&bench, "msrp stream, 300-octet bodies", 300, 64 * 1024);
    msrp_stream(&bench, "msrp stream, 2 KiB chunks", 2048, 64 * 1024);
    msrp_stream(&bench, "msrp stream, 2 KiB in segments", 2048, 1448);
    msrp_stream(&bench, "msrp stream, 64 KiB chunks", 64 * 1024, 64 * 1024);
    let [short, long] = bfcp_messages();
    bfcp_set(&bench, "16 octets", &vec![short; 64]);
    bfcp_set(&bench, "32 octets", &vec![long; 64]);
    reference(&bench);
    worst_cases(&bench);
}
