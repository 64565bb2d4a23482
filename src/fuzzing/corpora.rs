//! Replays every file of `corpora/` through the bodies of its protocol.

#![expect(clippy::disallowed_methods, reason = "the corpora are files")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{bfcp_frame, h248_text, msrp_framing, sdp_h248, sdp_rfc, tls_record, tpkt};

type Body = fn(&[u8]);

/// Folder and bodies; `regression/` is there once something was found.
const BODIES: &[(&str, &[Body])] = &[
    ("h248", &[h248_text]),
    ("sdp", &[sdp_rfc, sdp_h248]),
    ("msrp", &[msrp_framing]),
    ("bfcp", &[bfcp_frame]),
    ("tls", &[tls_record]),
    ("tpkt", &[tpkt]),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_file_of_the_corpora_passes_its_bodies() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora");
    for (protocol, bodies) in BODIES {
        let mut count = 0;
        for file in ["valid", "invalid", "regression"].iter().flat_map(|part| files(&root.join(protocol).join(part))) {
            let octets = fs::read(&file).unwrap();
            let broken = bodies.iter().position(|body| std::panic::catch_unwind(|| body(&octets)).is_err());
            assert!(broken.is_none(), "{} breaks body {broken:?}", file.display());
            count += 1;
        }
        assert!(count > 0, "corpora/{protocol} is empty");
    }
}

#[test]
fn every_target_is_a_body_with_a_dictionary() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for file in files(&fuzz.join("fuzz_targets")) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in fuzz/Cargo.toml");
        assert!(fs::read_to_string(&file).unwrap().contains(&format!("gatecheck::fuzzing::{name}(")), "{name}");
        assert!(fuzz.join("dict").join(format!("{name}.dict")).exists(), "fuzz/dict/{name}.dict");
    }
}
