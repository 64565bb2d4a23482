//! The corpus in `corpora/h248`: what is valid reads and spells back, what is not fails where `expected.tsv` says.

#![expect(clippy::disallowed_methods, reason = "the corpus is files")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Style, encode, parse};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/h248").join(name)
}

fn messages(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(folder(name))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read(&path).unwrap_or_default())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn valid_messages_read_and_spell_back() {
    let all = messages("valid");
    assert!(all.len() >= 140, "{}", all.len());
    for (name, octets) in all {
        let message = parse(&octets).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        for style in [Style::Compact, Style::Pretty, Style::Spelling(1), Style::Spelling(2)] {
            let spelled = encode(&message, style);
            assert_eq!(parse(&spelled).as_ref(), Ok(&message), "{name} {style:?}: {}", spelled.escape_ascii());
        }
    }
}

#[test]
fn invalid_messages_fail_where_and_as_expected() {
    let text = fs::read_to_string(folder("invalid").join("expected.tsv")).unwrap_or_default();
    let mut wrong = Vec::new();
    let expected: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let all = messages("invalid");
    assert_eq!(all.len(), expected.len());
    for ((name, octets), expected) in all.into_iter().zip(expected) {
        let found = match parse(&octets) {
            Ok(_) => format!("{name}\taccepted"),
            Err(fault) => format!("{name}\t{}\t{}\t{}", fault.error.offset, fault.error_code(), fault.error.kind),
        };
        if found != expected {
            wrong.push(format!("found    {found}\nexpected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_prefix_of_a_valid_message_is_refused_or_whole() {
    for (name, octets) in messages("valid") {
        for end in 0..octets.len() {
            let prefix = octets.get(..end).unwrap_or_default();
            if let Err(fault) = parse(prefix) {
                assert!(fault.error.offset <= end, "{name} cut at {end}");
            }
        }
    }
}
