//! The command between streams that are not the process's.

use std::{fs, path::Path};

use clap::Parser;

use super::{DecodeArgs, ExitCode};

const REQUEST: &str = "!/2 [127.0.0.1]:2944 T=1{C=5{S=ip/7{AT{}}}}";
const SESSION: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";
const CHUNK: &str =
    "MSRP abcd SEND\r\nTo-Path: msrp://b:1/y;tcp\r\nFrom-Path: msrp://a:2/x;tcp\r\n\r\nhi\r\n---\r\n-------abcd+\r\n";
/// FloorRequest with a FLOOR-ID.
const FLOOR_REQUEST: &[u8] = &[0x20, 1, 0, 1, 0, 0, 0, 10, 0, 1, 0, 99, 4, 4, 2, 31];

#[derive(Parser)]
struct Alone {
    #[command(flatten)]
    args: DecodeArgs,
}

/// Exit code, stdout and stderr of `gatecheck decode` with these words and that stdin.
fn decode(words: &[&str], stdin: &[u8]) -> (ExitCode, String, String) {
    let args = Alone::try_parse_from([&["decode"], words].concat()).unwrap_or_else(|error| panic!("{error}")).args;
    let (mut stdin, mut out, mut err) = (stdin, Vec::new(), Vec::new());
    let code = super::decode(&args, &mut stdin, &mut out, &mut err, false).unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    (code, text(out), text(err))
}

/// Stdout of a call that must succeed.
fn output(words: &[&str], stdin: &[u8]) -> String {
    let (code, out, err) = decode(words, stdin);
    assert_eq!((code, err.as_str()), (ExitCode::Success, ""), "{words:?}");
    out
}

/// Stderr of a call that must be refused as wrong usage, before anything is read.
fn misuse(words: &[&str]) -> String {
    let (code, out, err) = decode(words, b"nonsense");
    assert_eq!((code, out.as_str()), (ExitCode::Usage, ""), "{words:?}");
    err
}

fn corpus(protocol: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora").join(protocol).to_string_lossy().into_owned()
}

#[test]
fn a_tree_gives_the_octets_of_everything() {
    let expected = " 0..20  MEGACO/2 [127.0.0.1]:2944\n21..43  Transaction=1\n25..42    Context=5\n29..41      Subtract=ip/7\n36..40        Audit\n";
    assert_eq!(output(&["h248"], REQUEST.as_bytes()), expected);
    assert_eq!(output(&["sdp"], SESSION.as_bytes()).lines().last(), Some("36..41  t=0 0"));
    let twice = [CHUNK, CHUNK].concat();
    let tree = output(&["msrp"], twice.as_bytes());
    let frames: Vec<&str> = tree.lines().filter(|line| line.contains("frame") || line.contains("body")).collect();
    assert_eq!(
        frames,
        ["  0..97   frame 1", " 74..81     body, 7 octets", " 97..194  frame 2", "171..178    body, 7 octets"]
    );
    assert!(output(&["bfcp"], FLOOR_REQUEST).ends_with("12..16    FLOOR-ID: 543\n"));
}

#[test]
fn json_is_the_typed_value() {
    let value: serde_json::Value = serde_json::from_str(&output(&["h248", "--json"], REQUEST.as_bytes())).unwrap();
    let command = &value["body"]["Transactions"][0]["Request"]["actions"][0]["commands"][0]["command"]["Subtract"];
    assert_eq!(command["terminations"][0]["Path"], "ip/7");
    assert_eq!(value["mid"]["Ip"], serde_json::json!(["127.0.0.1", 2944]));
    assert_eq!(value.get("auth"), None, "what is absent is left out");
    let value: serde_json::Value = serde_json::from_str(&output(&["msrp", "--json"], CHUNK.as_bytes())).unwrap();
    assert_eq!((&value[0]["body"], &value[0]["flag"]), (&"hi\r\n---".into(), &"More".into()));
    let value: serde_json::Value = serde_json::from_str(&output(&["bfcp", "--json"], FLOOR_REQUEST)).unwrap();
    assert_eq!(value[0]["payload"]["Attributes"][0]["value"]["FloorId"], 543);
    let value: serde_json::Value = serde_json::from_str(&output(&["sdp", "--json"], SESSION.as_bytes())).unwrap();
    assert_eq!(value[0]["origin"]["address"]["host"]["Ip"], "192.0.2.1");
}

#[test]
fn json_of_several_files_is_one_array_with_their_errors() {
    let (bad, good) = (corpus("sdp") + "/invalid/rfc-origin-missing.sdp", corpus("sdp") + "/valid/rfc-smallest.sdp");
    let (code, out, err) = decode(&["sdp", "--json", &bad, &good, "/nowhere/at-all"], b"");
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, value.as_array().map(Vec::len)), (ExitCode::Usage, Some(3)));
    assert_eq!((&value[0]["error"]["offset"], &value[1]["file"]), (&5.into(), &good.into()));
    assert!(value[1]["value"].is_array() && value[2]["error"]["reason"].is_string());
    assert!(err.contains("origin-field: mandatory and absent") && err.contains("/nowhere/at-all"));
}

#[test]
fn reencode_spells_the_same_value() {
    assert_eq!(output(&["h248", "--reencode", "compact"], REQUEST.as_bytes()), REQUEST);
    let pretty = output(&["h248", "--reencode", "pretty"], REQUEST.as_bytes());
    assert!(pretty.contains("Subtract = ip/7"), "{pretty}");
    assert_eq!(output(&["h248", "--reencode", "compact"], pretty.as_bytes()), REQUEST);
    assert_eq!(output(&["sdp", "--reencode", "compact"], SESSION.replace('\r', "").as_bytes()), SESSION);
    assert_eq!(output(&["msrp", "--reencode", "pretty"], CHUNK.as_bytes()), CHUNK);
    assert_eq!(output(&["bfcp", "--reencode", "binary"], FLOOR_REQUEST).as_bytes(), FLOOR_REQUEST);
}

#[test]
fn binary_h248_is_refused_as_not_built_in() {
    for words in [["h248", "--encoding", "binary"], ["h248", "--reencode", "binary"]] {
        assert!(misuse(&words).contains("not built in yet"));
    }
    let (code, _, err) = decode(&["h248", "--encoding", "text"], &[0x30, 0x80, 0xA1]);
    assert_eq!(code, ExitCode::NotConformant);
    assert!(err.contains("this looks like binary"), "{err}");
}

#[test]
fn an_option_of_another_protocol_is_misuse() {
    for words in [
        &["h248", "--mode", "h248"][..],
        &["sdp", "--split", "bytewise"],
        &["h248", "--split", "7"],
        &["msrp", "--lenient", "all"],
        &["sdp", "--reencode", "binary"],
        &["msrp", "--encoding", "binary"],
        &["bfcp", "--encoding", "text"],
    ] {
        assert!(misuse(words).starts_with("gatecheck: "));
    }
    for words in [
        &["decode", "h248", "--lenient", "everything"][..],
        &["decode", "msrp", "--split", "often"],
        &["decode", "sip"],
    ] {
        assert!(Alone::try_parse_from(words).is_err());
    }
}

#[test]
fn check_says_one_line_a_file_and_the_worst_decides() {
    let (bad, good) = (corpus("bfcp") + "/invalid/floor-id-too-short.bin", corpus("bfcp") + "/valid/floor-release.bin");
    let fine = format!("{good}\tok\t16\t\n");
    let (code, out, _) = decode(&["bfcp", "--check", &good], b"");
    assert_eq!((code, &out), (ExitCode::Success, &fine));
    let wrong = format!("{bad}\terror\t13\tFLOOR-ID: number outside 4..=4 (RFC 4582 5.2)\n");
    let (code, out, err) = decode(&["bfcp", "--check", &bad, &good], b"");
    assert_eq!((code, out, err.as_str()), (ExitCode::NotConformant, wrong + &fine, ""));
    let (code, out, _) = decode(&["bfcp", "--check", &bad, "/nowhere/at-all", "-"], FLOOR_REQUEST);
    assert_eq!((code, out.lines().count()), (ExitCode::Usage, 3));
    assert!(out.ends_with("-\tok\t16\t\n"), "{out}");
}

#[test]
fn sdp_is_read_in_the_mode_asked_for() {
    let relaxed = b"v=0\r\nc=IN IP4 $\r\nm=message $ TCP/MSRP *\r\n";
    assert_eq!(decode(&["sdp", "--mode", "h248", "--check"], relaxed).0, ExitCode::Success);
    assert_eq!(decode(&["sdp", "--mode", "sdp", "--check"], relaxed).0, ExitCode::NotConformant);
    let (code, _, err) = decode(&["sdp"], relaxed);
    assert_eq!(code, ExitCode::NotConformant);
    assert!(err.contains("--mode h248"), "{err}");
}

#[test]
fn a_named_leniency_is_suggested_and_accepted() {
    let unquoted = b"!/1 [::1] T=1{C=-{SC=ROOT{SV{MT=RS,RE=901}}}}";
    let (code, _, err) = decode(&["h248"], unquoted);
    assert_eq!(code, ExitCode::NotConformant);
    assert!(err.contains("--lenient unquoted-reason accepts it") && err.contains("error 442"), "{err}");
    for names in ["unquoted-reason", "missing-separator,unquoted-reason", "all"] {
        assert_eq!(decode(&["h248", "--check", "--lenient", names], unquoted).0, ExitCode::Success);
    }
    assert_eq!(decode(&["h248", "--check", "--lenient", "missing-separator"], unquoted).0, ExitCode::NotConformant);
}

#[test]
fn an_error_is_shown_with_its_line_and_says_what_to_do() {
    let (code, out, err) = decode(&["h248", "-"], b"!/2 [127.0.0.1]:2944\nT=1{C=5{S=ip/7,,}}");
    assert_eq!((code, out.as_str()), (ExitCode::NotConformant, ""));
    let drawn: Vec<&str> = err.lines().skip(1).take(4).collect();
    assert_eq!(
        drawn,
        ["  --> stdin, line 2, column 16, octet 36", "  |", "2 | T=1{C=5{S=ip/7,,}}", "  |                ^"]
    );
    assert!(err.contains("clause: H.248.1 B.2\n") && err.contains("help: put a "), "{err}");
}

#[test]
fn a_file_name_or_label_cannot_command_the_terminal() {
    let (code, out, err) = decode(&["sdp", "--check", "/nowhere/a\tb\n\x1b[31m"], b"");
    assert_eq!(code, ExitCode::Usage);
    assert_eq!((out.lines().count(), out.matches('\t').count()), (1, 3));
    assert!(!err.contains('\x1b'));
    let tree = output(&["sdp"], SESSION.replace("s=-", "s=\x1b[2J").as_bytes());
    assert!(tree.contains("s=␛[2J"), "{tree}");
}

#[test]
fn a_stream_that_holds_nothing_or_ends_inside_a_message_is_an_error() {
    let cut = &CHUNK.as_bytes()[..CHUNK.len() - 1];
    for (protocol, octets, offset) in [
        ("msrp", &b""[..], 0),
        ("bfcp", b"", 0),
        ("msrp", cut, cut.len()),
        ("bfcp", &[FLOOR_REQUEST, &FLOOR_REQUEST[..15]].concat(), 31),
    ] {
        let (code, out, _) = decode(&[protocol, "--check"], octets);
        assert_eq!(code, ExitCode::NotConformant);
        assert!(out.starts_with(&format!("-\terror\t{offset}\t")), "{out}");
    }
}

#[test]
fn a_stream_says_the_same_however_it_is_cut() {
    for (protocol, extension) in [("msrp", "msrp"), ("bfcp", "bin")] {
        let mut streams: Vec<Vec<u8>> =
            files(protocol, extension).into_iter().map(|file| fs::read(file).unwrap()).collect();
        streams.push(streams.concat());
        streams.push([&streams[0][..], &streams[1], b"junk"].concat());
        for octets in streams {
            for what in ["--json", "--check"] {
                let whole = decode(&[protocol, what, "--split", "whole"], &octets);
                for split in ["bytewise", "0", "77"] {
                    assert_eq!(decode(&[protocol, what, "--split", split], &octets), whole, "{protocol} {split}");
                }
            }
            let tree = decode(&[protocol], &octets);
            assert_eq!(decode(&[protocol, "--split", "5"], &octets), tree);
        }
    }
}

/// All files of a corpus with that extension, valid and invalid, in order.
fn files(protocol: &str, extension: &str) -> Vec<String> {
    let mut files: Vec<String> = ["valid", "invalid"]
        .iter()
        .flat_map(|folder| fs::read_dir(format!("{}/{folder}", corpus(protocol))).unwrap())
        .map(|entry| entry.unwrap().path().to_string_lossy().into_owned())
        .filter(|path| path.ends_with(&format!(".{extension}")))
        .collect();
    files.sort();
    files
}

#[test]
fn every_valid_vector_decodes_and_says_the_same_re_encoded() {
    let mut checked = 0;
    for (protocol, extension) in [("h248", "txt"), ("sdp", "sdp"), ("msrp", "msrp"), ("bfcp", "bin")] {
        for file in files(protocol, extension).iter().filter(|file| file.contains("/valid/")) {
            let mode: &[&str] =
                if file.contains("/valid/h248-") && protocol == "sdp" { &["--mode", "h248"] } else { &[] };
            for style in ["pretty", "compact"] {
                let words = [&[protocol, "--check", "--reencode", style, file], mode].concat();
                let (code, out, _) = decode(&words, b"");
                assert_eq!(code, ExitCode::Success, "{out}");
            }
            let (code, tree, _) = decode(&[&[protocol, file.as_str()], mode].concat(), b"");
            assert!(
                code == ExitCode::Success && (!tree.is_empty() || fs::read(file).unwrap().trim_ascii().is_empty()),
                "{file}"
            );
            checked += 1;
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn every_invalid_vector_is_wrong_where_its_table_says() {
    let mut checked = 0;
    for (protocol, table) in [("h248", "/invalid"), ("sdp", ""), ("msrp", ""), ("bfcp", "")] {
        let folder = corpus(protocol) + table;
        let table = fs::read_to_string(format!("{folder}/expected.tsv")).unwrap();
        for row in table.lines().filter(|row| !row.starts_with('#') && !row.starts_with("valid/")) {
            let columns: Vec<&str> = row.split('\t').collect();
            let (offset, mode): (_, &[&str]) = match (protocol, &columns[1..]) {
                ("h248", [offset, ..]) | ("msrp" | "bfcp", [_, offset]) => (offset, &[]),
                ("sdp", ["h248", _, offset]) => (offset, &["--mode", "h248"]),
                (_, [.., offset]) => (offset, &[]),
                _ => panic!("{row}"),
            };
            let file = format!("{folder}/{}", columns[0]);
            let (code, out, _) = decode(&[&[protocol, "--check", file.as_str()], mode].concat(), b"");
            assert_eq!(code, ExitCode::NotConformant, "{row}");
            assert!(out.starts_with(&format!("{file}\terror\t{offset}\t")), "{row}: {out}");
            let (_, _, drawn) = decode(&[&[protocol, file.as_str()], mode].concat(), b"");
            assert!(drawn.contains('^') && drawn.contains(&format!("octet {offset}")), "{row}: {drawn}");
            checked += 1;
        }
    }
    assert!(checked > 300, "{checked}");
}
