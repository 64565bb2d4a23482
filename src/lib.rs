//! **gatecheck**: a conformance and fuzzing harness for the gateways that protect IMS media.
//!
//! Data flows one way, and a module imports only from layers below its own (a test here checks it):
//!
//! ```text
//! bytes ─▶ wire ─▶ gateway ─▶ net ─▶ harness ─▶ steps ─▶ results ─▶ report
//!          parse    sans-I/O   tokio   MGC, UEs,  Gherkin  plain      HTML, JSON,
//!          encode   MG         shell   targets    glue     data       JUnit, text
//! ```
//!
//! | layer | module | what it may know |
//! |---|---|---|
//! | 1 | [`wire`] | octets and types: no clock, no socket, no panic on any input |
//! | 2 | [`rules`], [`gateway`] | pure judgements on typed messages; the reference media gateway as a state machine |
//! | 3 | `net` | the only code that opens sockets or reads the clock for the reference gateway |
//! | 4 | `results`, `faulty` | bare data about a run; deliberately broken gateways |
//! | 5 | `harness` | the other side of every interface, and the evidence |
//! | 6 | `steps` | Gherkin wording to harness calls |
//! | 7 | `report` | results to HTML, JUnit, text; nothing else |
//! | 8 | `cli` | one subcommand per file |
//!
//! [`fuzzing`] holds the bodies of the fuzz targets: plain functions over octets that assert something.
//! Without the `harness` feature only layers 1 and 2 and [`fuzzing`] are built.
#![forbid(unsafe_code)]

pub mod fuzzing;
pub mod gateway;
pub mod rules;
pub mod wire;

#[cfg(feature = "harness")]
pub mod cli;
#[cfg(feature = "harness")]
pub mod faulty;
#[cfg(feature = "harness")]
pub mod harness;
#[cfg(feature = "harness")]
pub mod net;
#[cfg(feature = "harness")]
pub mod report;
#[cfg(feature = "harness")]
pub mod results;
#[cfg(feature = "harness")]
pub mod steps;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "reads the sources")]
mod layers {
    //! No layer climbs: `use crate::x` in a file of layer n names a layer below n, or the file's own module.

    use std::{fs, path::Path};

    /// What each module may name, besides itself.
    const MAY_IMPORT: &[(&str, &[&str])] = &[
        ("wire", &[]),
        ("rules", &["wire"]),
        ("gateway", &["wire", "rules"]),
        ("fuzzing", &["wire", "rules", "gateway"]),
        ("net", &["wire", "rules", "gateway"]),
        ("faulty", &["wire", "rules", "gateway", "net"]),
        ("results", &["wire"]),
        ("harness", &["wire", "rules", "results", "faulty"]),
        ("steps", &["wire", "rules", "results", "harness"]),
        ("report", &["results"]),
    ];

    fn visit(dir: &Path, module: &str, allowed: &[&str], climbs: &mut Vec<String>) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                visit(&path, module, allowed, climbs);
            } else if path.extension().is_some_and(|e| e == "rs") {
                check(&path, module, allowed, climbs);
            }
        }
    }

    fn check(path: &Path, module: &str, allowed: &[&str], climbs: &mut Vec<String>) {
        // The suite judges the reference gateway through octets like any other: one file starts it.
        let starts_the_reference = path.ends_with("harness/target/reference.rs");
        let Ok(text) = fs::read_to_string(path) else { return };
        for (number, line) in text.lines().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let named: String = line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let is_layer = MAY_IMPORT.iter().any(|(m, _)| *m == named) || named == "cli";
                let reference = starts_the_reference && ["gateway", "net"].contains(&named.as_str());
                if is_layer && named != module && !allowed.contains(&named.as_str()) && !reference {
                    climbs.push(format!("{}:{}: {module} may not name {named}", path.display(), number + 1));
                }
            }
        }
    }

    #[test]
    fn no_layer_climbs() {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut climbs = Vec::new();
        for (module, allowed) in MAY_IMPORT {
            visit(&src.join(module), module, allowed, &mut climbs);
            check(&src.join(format!("{module}.rs")), module, allowed, &mut climbs);
        }
        assert!(climbs.is_empty(), "{}", climbs.join("\n"));
    }
}
