//! What Erlang/OTP's megaco makes of everything the H.248 encoders write: a reader that shares no author with ours.
//!
//! `cargo test --test cross-read -- --ignored --nocapture`, with `escript` and OTP's megaco installed. Every valid vector is
//! written compact, pretty and in three other spellings; OTP reads each and writes it in its own two ways; those must read as
//! the message they came from. What does not is listed in `corpora/h248/cross-read.tsv` and argued in `corpora/README.md`;
//! a difference not listed fails, and so does a listed one that is gone.
#![expect(clippy::disallowed_methods, reason = "the vectors are files")]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use gatecheck::wire::h248::{self, Message, Style};

const STYLES: [(&str, Style); 5] = [
    ("compact", Style::Compact),
    ("pretty", Style::Pretty),
    ("spelling-1", Style::Spelling(1)),
    ("spelling-2", Style::Spelling(2)),
    ("spelling-3", Style::Spelling(3)),
];

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora")
}

fn vectors() -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(corpora().join("h248/valid")).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())).collect()
}

/// `refused` or `differs` for every vector of which OTP reads some spelling as something else, with a word on it for people.
fn differences(messages: &BTreeMap<String, Message<'_>>, work: &Path) -> BTreeMap<(String, &'static str), String> {
    let (given, written) = (work.join("given"), work.join("written"));
    fs::create_dir_all(&given).unwrap();
    fs::create_dir_all(&written).unwrap();
    for (name, message) in messages {
        for (spelling, style) in STYLES {
            fs::write(given.join(format!("{name}.{spelling}")), unquoted_comments(h248::encode(message, style)))
                .unwrap();
        }
    }
    let script = corpora().join("cross-read.escript");
    let output = Command::new("escript").args([&script, &given, &written]).output().expect("escript is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut found = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut columns = line.splitn(3, '\t');
        let (file, verdict) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        let name = file.split('.').next().unwrap_or_default();
        if verdict != "ok" {
            let word = columns.next().unwrap_or_default().chars().take(160).collect();
            found.entry((name.to_owned(), if verdict == "refused" { "refused" } else { "unwritten" })).or_insert(word);
            continue;
        }
        for way in ["pretty", "compact"] {
            let Ok(octets) = fs::read(written.join(format!("{file}.{way}"))) else { continue };
            let read = h248::parse(&octets).ok();
            if read.as_ref().map(folded) != messages.get(name).map(folded) {
                let word = read.map_or_else(|| octets.clone(), |message| h248::encode(&message, Style::Compact));
                found.entry((name.to_owned(), "differs")).or_insert(word.escape_ascii().to_string());
            }
        }
    }
    found
}

/// OTP takes no `"` in a comment, where B.2 has it: put another character there, so that the rest of the message is read.
fn unquoted_comments(mut octets: Vec<u8>) -> Vec<u8> {
    let comment = b";{,\"";
    while let Some(at) = octets.windows(comment.len()).position(|window| window == comment) {
        octets[at + 3] = b'\'';
    }
    octets
}

/// OTP puts white space around what Local and Remote hold, which is nothing to SDP in H.248 (H.248.1 7.1.8), and writes names and
/// values in lower case and without quotes where they need none (B.2).
fn folded(message: &Message<'_>) -> Vec<u8> {
    let mut octets = h248::encode(message, Style::Compact);
    octets.retain(|octet| !octet.is_ascii_whitespace() && *octet != b'"');
    octets.make_ascii_lowercase();
    octets
}

#[test]
#[ignore = "needs escript and OTP's megaco"]
fn otp_megaco_reads_what_is_encoded_but_for_what_is_listed() {
    let vectors = vectors();
    let messages = vectors.iter().map(|(name, octets)| (name.clone(), h248::parse(octets).unwrap())).collect();
    let work = env::temp_dir().join(format!("gatecheck-cross-read-{}", std::process::id()));
    let found = differences(&messages, &work);
    fs::remove_dir_all(&work).unwrap();
    let table = fs::read_to_string(corpora().join("h248/cross-read.tsv")).unwrap_or_default();
    let listed: BTreeSet<(String, String)> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, rest)| (name.to_owned(), rest.split('\t').next().unwrap_or_default().to_owned()))
        .collect();
    let keys: BTreeSet<_> = found.keys().map(|(name, what)| (name.clone(), (*what).to_owned())).collect();
    for ((name, what), word) in &found {
        println!("{name}\t{what}\t{word}");
    }
    println!(
        "{} of {} vectors read the same",
        messages.len() - keys.iter().map(|(name, _)| name).collect::<BTreeSet<_>>().len(),
        messages.len()
    );
    assert!(keys == listed, "new: {:?}\ngone: {:?}", &keys - &listed, &listed - &keys);
}
