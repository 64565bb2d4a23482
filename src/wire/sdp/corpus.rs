//! The vectors of `corpora/sdp` against the verdicts written beside them.
#![expect(clippy::disallowed_methods, reason = "tests read their vectors")]

use super::{Mode, encode, parse};
use std::{fs, path::Path};

/// File, mode, verdict, offset and octets.
type Vector = (String, Mode, String, Option<usize>, Vec<u8>);

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/sdp");
    let table = fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let rows = table.lines().filter(|row| !row.starts_with('#'));
    rows.map(|row| {
        let columns: Vec<_> = row.split('\t').collect();
        let [file, mode, verdict, offset] = columns[..] else { panic!("{row}") };
        let mode = if mode == "rfc" { Mode::Rfc } else { Mode::H248 };
        (file.to_owned(), mode, verdict.to_owned(), offset.parse().ok(), fs::read(folder.join(file)).unwrap())
    })
    .collect()
}

/// The kind's name without what it holds.
fn name(kind: impl std::fmt::Debug) -> String {
    format!("{kind:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}

#[test]
fn every_vector_gets_its_verdict() {
    let mut wrong = Vec::new();
    for (file, mode, verdict, offset, octets) in vectors() {
        let found = match parse(&octets, mode) {
            Ok(_) => ("ok".to_owned(), None),
            Err(error) => (name(error.kind), Some(error.offset)),
        };
        if found != (verdict.clone(), offset) {
            wrong.push(format!("{file}: expected {verdict} {offset:?}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_valid_vector_reads_back_from_its_canonical_form() {
    for (file, mode, _, _, octets) in vectors().into_iter().filter(|(_, _, verdict, ..)| verdict == "ok") {
        let descriptions = parse(&octets, mode).unwrap();
        let canonical = encode(&descriptions, mode);
        assert_eq!(parse(&canonical, mode).as_ref(), Ok(&descriptions), "{file}");
        assert_eq!(encode(&parse(&canonical, mode).unwrap(), mode), canonical, "{file}");
    }
}

#[test]
fn every_vector_is_listed() {
    let listed = vectors().len();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/sdp");
    let files: usize = ["valid", "invalid"].iter().map(|part| fs::read_dir(folder.join(part)).unwrap().count()).sum();
    assert_eq!(listed, files);
}
