//! The scenarios there are: feature files read, outlines expanded, tags understood, selections made.
//!
//! Tags carry what prose cannot: `@clause-4.1.3` and `@Iq` on the feature; `@id:`, `@req:` (repeatable), `@level:`,
//! `@basis:` and, where packages are needed, `@package:` on the scenario. `@needs:` names what a gateway may lack: refused, it
//! makes the scenario `unsupported`. `@exclusive` runs alone.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use cucumber::{feature::Ext as _, tag::Ext as _};
use gherkin::{Feature, GherkinEnv, tagexpr::TagOperation};
use include_dir::{Dir, include_dir};

use crate::results::{Basis, Interface, Level, Parameter, Scenario};

/// The features the binary was built with.
static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/features");

/// A file of `features/` as the binary was built with it.
pub fn built_in(path: &str) -> Option<&'static str> {
    EMBEDDED.get_file(path)?.contents_utf8()
}

/// Why the scenarios could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A feature file or folder could not be read.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Not Gherkin.
    #[error("{path}: {what}")]
    Gherkin {
        /// Which.
        path: String,
        /// Where and what.
        what: String,
    },
    /// A tag is missing or says nothing known.
    #[error("{path}:{line}: {what}")]
    Tag {
        /// Which file.
        path: String,
        /// Which line.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// Selectors that match nothing, never a silent success.
    #[error("nothing matches {0}; `gatecheck list` shows what there is")]
    NoMatch(String),
    /// Not a cucumber tag expression.
    #[error("--tags {0}: not a tag expression, such as \"@Iq and not @exclusive\"")]
    TagExpression(String),
}

/// What of the suite is to run. Empty fields select everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Clause prefixes, scenario ids, requirement ids or files: a union.
    pub selectors: Vec<String>,
    /// The same, taken away again.
    pub skip: Vec<String>,
    /// A cucumber tag expression.
    pub tags: Option<String>,
    /// Only scenarios on this interface.
    pub interface: Option<Interface>,
    /// Only scenarios that need this package.
    pub package: Option<String>,
    /// Only scenarios of this level.
    pub level: Option<Level>,
}

/// One scenario, expanded, with what its tags say.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its record, not run yet.
    pub record: Scenario,
    /// Its steps, background first.
    pub steps: Vec<Wording>,
    /// Interfaces it plays on; empty = any.
    pub interfaces: Vec<Interface>,
    /// Optional capabilities it needs, by their key in a target file's `[capabilities]`.
    pub needs: Vec<String>,
    /// Runs with nothing beside it, on an association of its own.
    pub exclusive: bool,
    tags: Vec<String>,
}

/// A step as its feature file words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// `Given`, `When`, `Then`, `And` …
    pub keyword: String,
    /// The phrase.
    pub text: String,
    /// The text block below it.
    pub doc: Option<String>,
}

/// A text block without the line ends around it.
pub(super) fn block(docstring: impl AsRef<str>) -> String {
    docstring.as_ref().trim_matches(['\r', '\n']).to_owned()
}

/// Feature files, outlines expanded, and the cases in them.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    features: Vec<Feature>,
    cases: Vec<Case>,
}

impl Suite {
    /// The suite built into the binary.
    ///
    /// # Errors
    /// As [`Suite::from_dir`]; a test proves there are none.
    pub fn embedded() -> Result<Self, SuiteError> {
        fn collect(dir: &Dir<'_>, files: &mut Vec<(PathBuf, String)>) {
            for file in dir.files() {
                if let Some(text) = file.contents_utf8() {
                    files.push((file.path().to_owned(), text.to_owned()));
                }
            }
            dir.dirs().for_each(|inner| collect(inner, files));
        }
        let mut files = Vec::new();
        collect(&EMBEDDED, &mut files);
        Self::from_files(files)
    }

    /// The suite in a folder.
    ///
    /// # Errors
    /// A file that cannot be read, is not Gherkin, or lacks a tag; with its path.
    pub fn from_dir(root: &Path) -> Result<Self, SuiteError> {
        fn collect(root: &Path, dir: &Path, files: &mut Vec<(PathBuf, String)>) -> Result<(), SuiteError> {
            let io = |source| SuiteError::Io { path: dir.display().to_string(), source };
            for entry in std::fs::read_dir(dir).map_err(io)? {
                let path = entry.map_err(io)?.path();
                if path.is_dir() {
                    collect(root, &path, files)?;
                } else if path.extension().is_some_and(|e| e == "feature") {
                    let text = std::fs::read_to_string(&path).map_err(io)?;
                    files.push((path.strip_prefix(root).unwrap_or(&path).to_owned(), text));
                }
            }
            Ok(())
        }
        let mut files = Vec::new();
        collect(root, root, &mut files)?;
        Self::from_files(files)
    }

    fn from_files(mut files: Vec<(PathBuf, String)>) -> Result<Self, SuiteError> {
        files.retain(|(path, _)| path.extension().is_some_and(|e| e == "feature"));
        files.sort();
        let mut suite = Self::default();
        let mut ids: HashMap<String, String> = HashMap::new();
        for (path, text) in files {
            let name = path.to_string_lossy().replace('\\', "/");
            let gherkin = |what: String| SuiteError::Gherkin { path: name.clone(), what };
            let mut feature = Feature::parse(&text, GherkinEnv::default()).map_err(|e| gherkin(e.to_string()))?;
            feature.path = Some(path);
            let feature = feature.expand_examples().map_err(|e| gherkin(e.to_string()))?;
            for scenario in &feature.scenarios {
                let case = Case::read(&name, &feature, scenario)?;
                if let Some(other) = ids.insert(case.record.id.clone(), name.clone()) {
                    let what = format!("scenario id {} is used in {other} too", case.record.id);
                    return Err(SuiteError::Tag { path: name, line: scenario.position.line, what });
                }
                suite.cases.push(case);
            }
            suite.features.push(feature);
        }
        Ok(suite)
    }

    /// The cases, in the order of files and lines.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The features with the cases, as the runner wants them.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The case at a place in a feature file.
    pub fn case_at(&self, feature: &Feature, scenario: &gherkin::Scenario) -> Option<&Case> {
        let path = feature_name(feature);
        self.cases.iter().find(|c| c.record.feature == path && c.record.line as usize == scenario.position.line)
    }

    /// What a selection leaves.
    ///
    /// # Errors
    /// [`SuiteError::NoMatch`] for a selector, or the whole selection, that matches nothing.
    pub fn select(&self, selection: &Selection) -> Result<Self, SuiteError> {
        for selector in selection.selectors.iter().chain(&selection.skip) {
            if !self.cases.iter().any(|case| case.matches(selector)) {
                return Err(SuiteError::NoMatch(format!("{selector:?}")));
            }
        }
        let tags = match &selection.tags {
            Some(text) => Some(text.parse::<TagOperation>().map_err(|_| SuiteError::TagExpression(text.clone()))?),
            None => None,
        };
        let wanted = |case: &Case| {
            (selection.selectors.is_empty() || selection.selectors.iter().any(|s| case.matches(s)))
                && !selection.skip.iter().any(|s| case.matches(s))
                && tags.as_ref().is_none_or(|t| t.eval(&case.tags))
                && selection.interface.is_none_or(|i| case.interfaces.is_empty() || case.interfaces.contains(&i))
                && selection.package.as_ref().is_none_or(|p| case.record.packages.contains(p))
                && selection.level.is_none_or(|l| case.record.level == l)
        };
        let cases: Vec<Case> = self.cases.iter().filter(|case| wanted(case)).cloned().collect();
        if cases.is_empty() {
            return Err(SuiteError::NoMatch("the selection as a whole".into()));
        }
        let mut suite = Self { features: self.features.clone(), cases };
        for feature in &mut suite.features {
            let path = feature_name(feature);
            feature.scenarios.retain(|s| {
                suite.cases.iter().any(|c| c.record.feature == path && c.record.line as usize == s.position.line)
            });
        }
        suite.features.retain(|f| !f.scenarios.is_empty());
        Ok(suite)
    }
}

/// The path of a feature inside the suite, with `/`.
fn feature_name(feature: &Feature) -> String {
    feature.path.as_ref().map(|p| p.to_string_lossy().replace('\\', "/")).unwrap_or_default()
}

impl Case {
    fn read(path: &str, feature: &Feature, scenario: &gherkin::Scenario) -> Result<Self, SuiteError> {
        let fault = |what: String| SuiteError::Tag { path: path.to_owned(), line: scenario.position.line, what };
        let tags: Vec<String> = feature.tags.iter().chain(&scenario.tags).cloned().collect();
        let valued = |prefix: &str| -> Vec<String> {
            tags.iter().filter_map(|tag| tag.strip_prefix(prefix)).map(str::to_owned).collect()
        };
        let one = |prefix: &str| -> Result<String, SuiteError> {
            valued(prefix).pop().ok_or_else(|| fault(format!("no @{prefix}… tag")))
        };
        let clause = one("clause-")?;
        let mut id = one("id:")?;
        let parameters = parameters(scenario);
        if !parameters.is_empty() {
            id = format!("{id}.{}", slug(&parameters));
        }
        let level = match one("level:")?.as_str() {
            "shall" => Level::Shall,
            "should" => Level::Should,
            "may" => Level::May,
            other => return Err(fault(format!("@level:{other} is none of shall, should, may"))),
        };
        let interfaces: Vec<Interface> = [Interface::Iq, Interface::Ix, Interface::Mp]
            .into_iter()
            .filter(|i| tags.iter().any(|tag| tag == i.name()))
            .collect();
        let mut record = Scenario::new(id, &scenario.name, clause, level, basis(&one("basis:")?));
        record.requirements = valued("req:");
        if record.requirements.is_empty() {
            return Err(fault("no @req:… tag: every scenario says which requirement it judges".into()));
        }
        record.packages = valued("package:");
        record.interface = interfaces.first().copied().filter(|_| interfaces.len() == 1);
        record.purpose = [&scenario.description, &feature.description]
            .into_iter()
            .flatten()
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join(" ");
        record.parameters = parameters;
        record.feature = path.to_owned();
        record.line = u32::try_from(scenario.position.line).unwrap_or(u32::MAX);
        let background = feature.background.iter().flat_map(|b| &b.steps);
        let steps = background
            .chain(&scenario.steps)
            .map(|s| Wording {
                keyword: s.keyword.trim().to_owned(),
                text: s.value.clone(),
                doc: s.docstring.as_ref().map(block),
            })
            .collect();
        let exclusive = tags.iter().any(|tag| tag == "exclusive");
        let needs = valued("needs:");
        Ok(Self { record, steps, interfaces, needs, exclusive, tags })
    }

    /// Does a selector name this case: a clause or a prefix of one, an id (an outline's without its row too), a
    /// requirement, or a file?
    pub fn matches(&self, selector: &str) -> bool {
        let prefix = |whole: &str| {
            whole.strip_prefix(selector).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', ' ']))
        };
        let record = &self.record;
        let file = Path::new(&record.feature);
        prefix(&record.clause)
            || record.id == selector
            || record.id.strip_prefix(selector).is_some_and(|rest| rest.starts_with('.'))
            || record.requirements.iter().any(|r| r == selector)
            || (selector.ends_with(".feature") && Path::new(selector).ends_with(file.file_name().unwrap_or_default()))
    }
}

/// The examples row a scenario was expanded from; where a column `case` names the row, that alone: the rest stands in the steps.
fn parameters(scenario: &gherkin::Scenario) -> Vec<Parameter> {
    let table = scenario.examples.first().and_then(|e| e.table.as_ref());
    let rows = table.map(|t| t.rows.as_slice()).unwrap_or_default();
    let (Some(names), Some(values)) = (rows.first(), rows.get(1)) else { return Vec::new() };
    let named = names.iter().any(|name| name == "case");
    let columns = names.iter().zip(values).filter(|(name, _)| !named || *name == "case");
    columns.map(|(n, v)| Parameter { name: n.clone(), value: v.clone() }).collect()
}

/// A row in an id: its values, so that adding a row renumbers nothing.
fn slug(parameters: &[Parameter]) -> String {
    let joined = parameters.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join("-");
    let safe: String = joined.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let mut words: Vec<&str> = safe.split('-').filter(|word| !word.is_empty()).collect();
    words.truncate(16);
    words.join("-")
}

/// `@basis:model` and `@basis:open` are ours; anything else names a document and a clause.
fn basis(tag: &str) -> Basis {
    match tag {
        "model" => Basis::Assumed { what: "signalling model of the reference gateway".into() },
        "open" => Basis::Open { what: "left open by the TR".into() },
        source => {
            let spaced = source.replacen('-', " ", 1);
            let spaced = match spaced.strip_prefix("RFC") {
                Some(rest) => format!("RFC {rest}"),
                None => spaced.replacen("TR ", "TR 29.828 ", 1),
            };
            Basis::Normative { source: spaced }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite() -> Suite {
        Suite::embedded().unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn the_embedded_suite_is_the_one_in_the_folder() {
        let folder = Suite::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("features")).unwrap();
        let ids = |s: &Suite| s.cases().iter().map(|c| (c.record.clone(), c.steps.clone())).collect::<Vec<_>>();
        assert_eq!(ids(&suite()), ids(&folder));
    }

    #[test]
    fn a_clause_selects_itself_and_what_is_below_it_only() {
        let select = |s: &str| Selection { selectors: vec![s.into()], ..Selection::default() };
        let all = suite();
        let chosen = all.select(&select("4.3")).unwrap();
        assert!(!chosen.cases().is_empty() && chosen.cases().len() < all.cases().len());
        assert!(chosen.cases().iter().all(|c| c.record.clause.starts_with("4.3.")));
        assert!(all.select(&select("4.1.3")).unwrap().cases().iter().all(|c| c.record.clause == "4.1.3"));
        assert!(matches!(all.select(&select("9.9")), Err(SuiteError::NoMatch(_))));
        assert!(matches!(all.select(&select("4.1.")), Err(SuiteError::NoMatch(_))));
    }

    #[test]
    fn an_outline_is_selected_whole_or_by_row() {
        let all = suite();
        let count = |s: &str| {
            all.select(&Selection { selectors: vec![s.into()], ..Selection::default() }).unwrap().cases().len()
        };
        assert_eq!(count("4.1.3a-relay"), 8);
        assert_eq!(count("4.1.3a-relay.1.3-opens-4"), 1);
        assert_eq!(count("4.1.3a-relay.feature".replace("relay", "e2ae-tls-interworking").as_str()), 15);
    }

    #[test]
    fn tags_and_levels_narrow() {
        let all = suite();
        let tagged = Selection { tags: Some("@exclusive".into()), ..Selection::default() };
        assert!(all.select(&tagged).unwrap().cases().iter().all(|c| c.exclusive));
        let nonsense = Selection { tags: Some("and and".into()), ..Selection::default() };
        assert!(matches!(all.select(&nonsense), Err(SuiteError::TagExpression(_))));
        let mp = Selection { interface: Some(Interface::Mp), ..Selection::default() };
        assert!(all.select(&mp).unwrap().cases().iter().all(|c| c.interfaces.contains(&Interface::Mp)));
    }

    #[test]
    fn every_id_is_a_file_name() {
        for case in suite().cases() {
            let id = &case.record.id;
            assert!(id.len() <= 120 && id.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)), "{id}");
        }
    }
}
