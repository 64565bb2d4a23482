//! What `run` and `list` have in common: which scenarios.

use super::{ExitCode, usage};
use crate::{
    results::{Interface, Level},
    steps::{Selection, Suite, SuiteError},
};
use std::path::PathBuf;

/// Which scenarios.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct SelectionArgs {
    /// Clause prefixes (4.1.3, 5), scenario ids, requirement ids or feature files; several are a union.
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Leave these out.
    #[arg(long, value_name = "SELECTOR")]
    skip: Vec<String>,
    /// Only scenarios whose tags match a cucumber tag expression, such as "@Iq and not @exclusive".
    #[arg(long, value_name = "EXPR")]
    tags: Option<String>,
    /// Only scenarios on this interface.
    #[arg(long, value_parser = interface, value_name = "iq|ix|mp")]
    interface: Option<Interface>,
    /// Only scenarios that need this H.248 package.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Only scenarios of this level.
    #[arg(long, value_parser = level, value_name = "shall|should|may")]
    level: Option<Level>,
    /// Read the features from this folder instead of the built-in ones.
    #[arg(long, value_name = "DIR")]
    features: Option<PathBuf>,
}

fn interface(text: &str) -> Result<Interface, String> {
    [Interface::Iq, Interface::Ix, Interface::Mp]
        .into_iter()
        .find(|i| i.name().eq_ignore_ascii_case(text))
        .ok_or_else(|| "one of iq, ix, mp".into())
}

fn level(text: &str) -> Result<Level, String> {
    [Level::Shall, Level::Should, Level::May]
        .into_iter()
        .find(|l| l.word() == text)
        .ok_or_else(|| "one of shall, should, may".into())
}

impl SelectionArgs {
    /// The whole suite these arguments read from.
    pub(super) fn suite(&self) -> Result<Suite, ExitCode> {
        match &self.features {
            Some(dir) => Suite::from_dir(dir),
            None => Suite::embedded(),
        }
        .map_err(usage)
    }

    /// The scenarios selected.
    pub(super) fn select(&self) -> Result<Suite, ExitCode> {
        let selection = Selection {
            selectors: self.selectors.clone(),
            skip: self.skip.clone(),
            tags: self.tags.clone(),
            interface: self.interface,
            package: self.package.clone(),
            level: self.level,
        };
        self.suite()?.select(&selection).map_err(|error| match error {
            SuiteError::NoMatch(_) => {
                eprintln!("gatecheck: {error}");
                ExitCode::Nothing
            }
            error => usage(error),
        })
    }

    /// The arguments that select the same again.
    pub(super) fn command_line(&self) -> Vec<String> {
        let mut line = self.selectors.clone();
        let mut option = |name: &str, value: Option<String>| {
            line.extend(value.into_iter().flat_map(|v| [format!("--{name}"), v]));
        };
        self.skip.iter().for_each(|s| option("skip", Some(s.clone())));
        option("tags", self.tags.clone());
        option("interface", self.interface.map(|i| i.name().to_ascii_lowercase()));
        option("package", self.package.clone());
        option("level", self.level.map(|l| l.word().to_owned()));
        option("features", self.features.as_ref().map(|f| f.display().to_string()));
        line
    }
}
