//! Target files: the built-in ones by name, others by path.

use crate::{harness::target::Manifest, steps::built_in};
use std::path::Path;

/// The target file that a `--target` names.
pub(super) fn manifest(name: &str) -> Result<Manifest, String> {
    let path = Path::new(name);
    if name.ends_with(".toml") || path.is_file() {
        return Manifest::load(path).map_err(|e| e.to_string());
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
