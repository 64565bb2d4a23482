//! Replays `corpora/<protocol>/{valid,invalid}` against `expected.tsv`: file, `ok` or the kind of fault, offset.

#![expect(clippy::disallowed_methods, reason = "the corpus is files")]

use std::{collections::BTreeSet, fs, path::Path};

use super::{Framed, ParseError};

/// `ok` and the octets read, or the kind of fault and its offset; `Incomplete` with how many octets there are.
pub(super) fn verdict<T>(result: Result<Framed<T>, ParseError>, octets: &[u8]) -> String {
    match result {
        Ok(Framed::Complete(_, length)) => format!("ok\t{length}"),
        Ok(Framed::Incomplete(_)) => format!("Incomplete\t{}", octets.len()),
        Err(error) => {
            let kind = format!("{:?}", error.kind);
            let name = kind.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            format!("{name}\t{}", error.offset)
        }
    }
}

/// Every file's octets by the name `expected.tsv` gives it, and what is expected of it. Files nobody expects, and lines without a file,
/// are failures.
pub(super) fn cases(protocol: &str) -> Vec<(String, Vec<u8>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora").join(protocol);
    let table = fs::read_to_string(root.join("expected.tsv")).expect("expected.tsv");
    let mut files: BTreeSet<String> = ["valid", "invalid"]
        .iter()
        .flat_map(|folder| {
            let entries = fs::read_dir(root.join(folder)).expect("folder");
            entries.map(move |entry| format!("{folder}/{}", entry.expect("entry").file_name().to_string_lossy()))
        })
        .collect();
    let cases = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (file, expected) = line.split_once('\t').expect("a tab");
            assert!(files.remove(file), "{file} is listed and not there, or listed twice");
            (file.to_owned(), fs::read(root.join(file)).expect("file"), expected.to_owned())
        })
        .collect();
    assert!(files.is_empty(), "not listed: {files:?}");
    cases
}
