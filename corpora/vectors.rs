//! The corpora as JSON, for readers that are not written in Rust: `corpora/<protocol>/vectors.json`, shaped as
//! `corpora/vectors.schema.json` says. Made from the files, `expected.tsv` and `acceptable.tsv`:
//!
//! `cargo test --test vectors -- --ignored` writes them anew, the other test here says whether that is due.
#![expect(clippy::disallowed_methods, reason = "the vectors are files")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use gatecheck::wire::{Framed, ParseError, bfcp, h248, msrp, sdp};
use serde_json::{Map, Value, json};

const PROTOCOLS: [&str; 4] = ["h248", "sdp", "msrp", "bfcp"];

fn folder(protocol: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora").join(protocol)
}

/// The rows of a table by their first column, under the folder their files lie in; no rows when there is no table.
fn table(protocol: &str, name: &str) -> BTreeMap<String, Vec<String>> {
    let path = folder(protocol).join(name);
    let under = if name.contains('/') { "invalid/" } else { "" };
    let text = fs::read_to_string(path).unwrap_or_default();
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|row| {
        let mut columns = row.split('\t').map(str::to_owned);
        (format!("{under}{}", columns.next().unwrap_or_default()), columns.collect())
    })
    .collect()
}

/// What this crate's reader says of a file: the octets it read, or its error; neither when octets are missing.
fn read(protocol: &str, octets: &[u8], mode: sdp::Mode) -> Result<Option<usize>, ParseError> {
    fn framed<T>(result: Result<Framed<T>, ParseError>) -> Result<Option<usize>, ParseError> {
        result.map(|framed| match framed {
            Framed::Complete(_, length) => Some(length),
            Framed::Incomplete(_) => None,
        })
    }
    match protocol {
        "h248" => h248::parse(octets).map(|_| Some(octets.len())).map_err(|fault| fault.error),
        "sdp" => sdp::parse(octets, mode).map(|_| Some(octets.len())),
        "msrp" => framed(msrp::parse(octets)),
        _ => framed(bfcp::parse(octets)),
    }
}

/// The first of the named departures from the grammar under which a message is read.
fn leniency(octets: &[u8]) -> Option<&'static str> {
    use h248::Leniency;
    let strict = Leniency::STRICT;
    let departures = [
        ("a request without a transaction id", Leniency { missing_transaction_id: true, ..strict }),
        ("context properties after commands", Leniency { context_properties_anywhere: true, ..strict }),
        ("a ServiceChange reason without quotes", Leniency { unquoted_reason: true, ..strict }),
        ("no white space after a part of the header", Leniency { missing_separator: true, ..strict }),
        ("a comment that the end of the message ends", Leniency { unterminated_comment: true, ..strict }),
        ("a termination id of other characters than a path has", Leniency { any_termination_id: true, ..strict }),
        ("several departures from Annex B at once", Leniency::ALL),
    ];
    departures.into_iter().find(|(_, leniency)| h248::parse_with(octets, leniency).is_ok()).map(|(name, _)| name)
}

fn vector(protocol: &str, file: &str, octets: &[u8], expected: &[String], acceptable: Option<&str>) -> Value {
    let mut vector = Map::new();
    let mut put = |name: &str, value: Value| vector.insert(name.to_owned(), value);
    put("file", json!(file));
    put("octets", octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>().into());
    let mode = match expected.first().map(String::as_str) {
        Some("rfc") => sdp::Mode::Rfc,
        _ => sdp::Mode::H248,
    };
    if protocol == "sdp" {
        put("mode", json!(expected.first()));
    }
    let column = |index: usize| expected.get(index).cloned().unwrap_or_default();
    let number = |index: usize| json!(column(index).parse::<u64>().unwrap_or_else(|_| panic!("{file}: {expected:?}")));
    if file.starts_with("valid/") {
        put("result", if acceptable.is_some() { json!("acceptable") } else { json!("valid") });
        if matches!(protocol, "msrp" | "bfcp") {
            put("read", number(1));
        }
        if let Some(reason) = acceptable {
            put("reason", json!(reason));
        }
        return vector.into();
    }
    let lenient = if protocol == "h248" { leniency(octets) } else { None };
    put("result", if lenient.is_some() { json!("acceptable") } else { json!("invalid") });
    // Offset and kind are those of the table; the reader's words explain them.
    match (read(protocol, octets, mode), lenient) {
        (_, Some(departure)) => put("reason", json!(departure)),
        (Err(error), _) => put("reason", json!(error.kind.to_string())),
        (Ok(_), _) => put("reason", json!("octets are missing")),
    };
    match protocol {
        "h248" => {
            put("offset", number(0));
            put("code", number(1));
        }
        "sdp" => {
            put("offset", number(2));
            put("kind", json!(column(1)));
        }
        _ => {
            put("offset", number(1));
            put("kind", json!(column(0)));
        }
    }
    match read(protocol, octets, mode) {
        Err(error) => {
            put("field", json!(error.field));
            put("clause", json!(error.clause));
        }
        Ok(_) => {
            put("incomplete", json!(true));
        }
    }
    vector.into()
}

fn vectors(protocol: &str) -> String {
    let expected = table(protocol, if protocol == "h248" { "invalid/expected.tsv" } else { "expected.tsv" });
    let acceptable = table(protocol, "acceptable.tsv");
    let mut files: Vec<String> = ["valid", "invalid"]
        .iter()
        .flat_map(|part| fs::read_dir(folder(protocol).join(part)).unwrap().map(move |entry| (part, entry.unwrap())))
        .map(|(part, entry)| format!("{part}/{}", entry.file_name().to_string_lossy()))
        .filter(|file| !file.ends_with(".tsv"))
        .collect();
    files.sort_by(|a, b| b.starts_with("valid/").cmp(&a.starts_with("valid/")).then_with(|| a.cmp(b)));
    assert!(
        acceptable.keys().all(|file| files.contains(file)),
        "acceptable.tsv of {protocol} names a file that is gone"
    );
    let vectors: Vec<Value> = files
        .iter()
        .map(|file| {
            let octets = fs::read(folder(protocol).join(file)).unwrap();
            let row = expected.get(file).map_or(&[][..], Vec::as_slice);
            let acceptable = acceptable.get(file).and_then(|row| row.first()).map(String::as_str);
            vector(protocol, file, &octets, row, acceptable)
        })
        .collect();
    let all = json!({
        "protocol": protocol, "schema": "../vectors.schema.json", "count": vectors.len(), "vectors": vectors,
    });
    format!("{}\n", serde_json::to_string_pretty(&all).unwrap())
}

#[test]
fn published_vectors_are_in_step_with_the_files() {
    for protocol in PROTOCOLS {
        let published = fs::read_to_string(folder(protocol).join("vectors.json")).unwrap_or_default();
        assert!(
            published == vectors(protocol),
            "corpora/{protocol}/vectors.json is out of step: cargo test --test vectors -- --ignored"
        );
    }
}

#[test]
#[ignore = "writes corpora/*/vectors.json"]
fn write_the_published_vectors() {
    for protocol in PROTOCOLS {
        fs::write(folder(protocol).join("vectors.json"), vectors(protocol)).unwrap();
    }
}
