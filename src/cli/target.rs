//! Target files: the built-in ones by name, others by path.

use crate::{
    harness::target::{Manifest, REFERENCE_TOML},
    steps::built_in,
};
use std::path::Path;

/// The target file that a `--target` names.
pub(super) fn manifest(name: &str) -> Result<Manifest, String> {
    let path = Path::new(name);
    if name.ends_with(".toml") || path.is_file() {
        return Manifest::load(path).map_err(|e| e.to_string());
    }
    // A faulty gateway is the reference in everything its file says.
    if name.starts_with("faulty:") {
        let mut manifest = Manifest::parse(REFERENCE_TOML).map_err(|e| e.to_string())?;
        manifest.name = Some(name.replace(':', "-"));
        if let Some(launch) = &mut manifest.launch {
            launch.in_process = Some(name.to_owned());
        }
        return Ok(manifest);
    }
    match built_in(&format!("targets/{name}.toml")) {
        Some(text) => {
            let mut manifest = Manifest::parse(text).map_err(|e| format!("built-in target {name}: {e}"))?;
            manifest.name.get_or_insert_with(|| name.to_owned());
            Ok(manifest)
        }
        None => Err(format!("no built-in target {name:?}, and no file of that name; `reference` is built in")),
    }
}
