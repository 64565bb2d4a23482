//! The requirement catalogue: one record for everything the TR says, asks, leaves open or leaves empty.
//!
//! Read from `features/requirements.toml`:
//!
//! ```
//! let catalogue = gatecheck::results::Catalogue::from_toml(r#"
//! schema = 1
//! revision = "2013-05"            # which text of the TR the paraphrases follow
//!
//! [[requirement]]
//! id = "4.1.3-a"                  # clause and letter; never reused, never renumbered
//! clause = "4.1.3"
//! place = "item a"                # where inside the clause
//! kind = "shall"
//! level = "shall"                 # left out where nothing is demanded (notes, empty clauses …)
//! interfaces = ["Iq"]
//! paraphrase = "The gateway ends TLS towards the access and forwards over TCP towards the core."
//! owner = "CT4"
//!
//! [[requirement.mechanism]]       # H.248 means it needs; none listed = none needed
//! name = "m= proto TCP/TLS/MSRP"
//! source = "TR 4.3.2"
//! "#).unwrap();
//! assert_eq!(catalogue.get("4.1.3-a").unwrap().clause, "4.1.3");
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::verdict::Level;

/// The H.248 interface a requirement or scenario is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Interface {
    /// IMS-ALG to IMS-AGW.
    Iq,
    /// IBCF to TrGW.
    Ix,
    /// MRFC to MRFP.
    Mp,
}

impl Interface {
    /// The reference point's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iq => "Iq",
            Self::Ix => "Ix",
            Self::Mp => "Mp",
        }
    }
}

/// What sort of statement a catalogue record stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A "shall".
    Shall,
    /// A "should".
    Should,
    /// A "may" or "can".
    May,
    /// A conclusion the TR draws.
    Conclusion,
    /// One of several alternatives it lists.
    Option,
    /// Something it assumes.
    Assumption,
    /// A note that explains.
    Note,
    /// An aspect its scope names.
    Scope,
    /// A definition that binds.
    Definition,
    /// A figure.
    Figure,
    /// A cell or row of a table.
    Table,
    /// An editor's note: unresolved.
    Open,
    /// For further study.
    Ffs,
    /// A clause with a heading and no text.
    Empty,
    /// Left to another specification or group.
    Delegated,
    /// An error in the TR itself.
    Defect,
}

/// One H.248 means a requirement needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mechanism {
    /// Package item, descriptor or SDP line; `none exists` where there is none.
    pub name: String,
    /// Where it is defined.
    #[serde(default)]
    pub source: String,
    /// Its identifier or content is our assumption, not a text we verified.
    #[serde(default)]
    pub assumed: bool,
}

/// One record of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Stable id, `<clause>-<letters>`.
    pub id: String,
    /// Clause number.
    pub clause: String,
    /// Where inside the clause: item, note, figure, table cell.
    #[serde(default)]
    pub place: String,
    /// Sort of statement.
    pub kind: Kind,
    /// How binding; `None` where nothing is demanded.
    #[serde(default)]
    pub level: Option<Level>,
    /// Interfaces it concerns; empty = all.
    #[serde(default)]
    pub interfaces: Vec<Interface>,
    /// Our words for it, never the source's.
    pub paraphrase: String,
    /// H.248 means needed.
    #[serde(default)]
    pub mechanism: Vec<Mechanism>,
    /// What IETF texts leave unsaid.
    #[serde(default)]
    pub ietf_gap: Option<String>,
    /// Specification that should carry the outcome.
    #[serde(default)]
    pub destination: Option<String>,
    /// Group the TR names as owner.
    #[serde(default)]
    pub owner: Option<String>,
    /// The reference gateway's answer to an open point.
    #[serde(default)]
    pub choice: Option<String>,
    /// Why that answer.
    #[serde(default)]
    pub why: Option<String>,
    /// Why no scenario covers it.
    #[serde(default)]
    pub exception: Option<String>,
    /// Source that closed it after the TR.
    #[serde(default)]
    pub closed_by: Option<String>,
}

/// The whole catalogue, in file order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Version of this schema: 1.
    pub schema: u32,
    /// Which text of the TR it follows.
    #[serde(default)]
    pub revision: String,
    /// The records.
    #[serde(default, rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

/// Why a catalogue could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not TOML, or not this schema; the message carries line and key.
    #[error("requirement catalogue: {0}")]
    Toml(#[from] toml::de::Error),
    /// A schema this version does not know.
    #[error("requirement catalogue: schema {0}, this version reads 1")]
    Schema(u32),
    /// Two records with one id.
    #[error("requirement catalogue: id {0} occurs twice")]
    Duplicate(String),
}

impl Catalogue {
    /// Reads the catalogue.
    ///
    /// # Errors
    /// [`CatalogueError`]: not TOML, an unknown key or schema, or an id used twice.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(text)?;
        if catalogue.schema != 1 {
            return Err(CatalogueError::Schema(catalogue.schema));
        }
        let mut seen = BTreeSet::new();
        for requirement in &catalogue.requirements {
            if !seen.insert(&requirement.id) {
                return Err(CatalogueError::Duplicate(requirement.id.clone()));
            }
        }
        Ok(catalogue)
    }

    /// The record with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|r| r.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_used_once() {
        let record = "[[requirement]]\nid='1-a'\nclause='1'\nkind='scope'\nparaphrase='x'\n";
        let text = format!("schema=1\n{record}{record}");
        assert!(matches!(Catalogue::from_toml(&text), Err(CatalogueError::Duplicate(id)) if id == "1-a"));
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(matches!(Catalogue::from_toml("schema=1\ncolour='red'"), Err(CatalogueError::Toml(_))));
        assert!(matches!(Catalogue::from_toml("schema=2"), Err(CatalogueError::Schema(2))));
    }
}
