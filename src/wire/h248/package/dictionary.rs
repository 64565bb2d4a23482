//! Dictionary files: packages from TOML, for users who hold the Recommendations.

use super::{Package, Registry};

/// A dictionary that cannot be read; the message says where and what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("package dictionary: {0}")]
pub struct DictionaryError(String);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Dictionary {
    #[serde(default)]
    package: Vec<Package>,
}

pub(super) const fn one() -> u16 {
    1
}

impl Registry {
    /// Adds the packages of a dictionary, in place of those with the same names.
    ///
    /// ```toml
    /// [[package]]
    /// name = "tcpbcc"
    /// id = 0x0123
    /// complete = true
    ///
    /// [[package.items]]
    /// kind = "event"
    /// name = "change"
    /// parameters = [{ name = "type", type = { enumeration = ["est", "rel"] } }]
    /// ```
    ///
    /// # Errors
    /// [`DictionaryError`] when `toml` is not TOML, or has a key that no package has.
    pub fn load(&mut self, toml: &str) -> Result<(), DictionaryError> {
        let dictionary: Dictionary = toml::from_str(toml).map_err(|error| DictionaryError(error.to_string()))?;
        for package in dictionary.package {
            self.insert(package);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::h248::{
        PkgdName, Value,
        package::{ItemKind, Lookup},
    };

    #[test]
    fn a_dictionary_replaces_what_was_assumed() {
        let mut registry = Registry::default();
        let toml = "
            [[package]]
            name = 'TCPBCC'
            id = 0x0123
            complete = true
            [[package.items]]
            kind = 'property'
            name = 'limit'
            type = { integer = { min = 1, max = 9 } }
            place = 'local-control'
        ";
        assert_eq!(registry.load(toml), Ok(()));
        let Lookup::Item(item) = registry.item(ItemKind::Property, &PkgdName::new("tcpbcc", "limit")) else {
            panic!("not found");
        };
        assert!(item.value_type.admits(&Value::plain("9")) && !item.value_type.admits(&Value::plain("10")));
        assert_eq!(registry.item(ItemKind::Signal, &PkgdName::new("tcpbcc", "estbnc")), Lookup::NoItem);
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let error = Registry::empty().load("[[package]]\nname = 'x'\nnmae = 'y'").map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("nmae")));
    }
}
