//! What a judgement says.

use std::fmt;

/// How binding the clause is that a finding cites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// A "must" or "shall" was not met.
    Shall,
    /// A "should" was not met.
    Should,
}

/// One thing a message does against a clause.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The clause or RFC section, such as `RFC 6135 4.2`.
    pub clause: &'static str,
    /// How binding it is.
    pub level: Level,
    /// What is against it, for a person.
    pub text: String,
}

impl Finding {
    /// A "must" or "shall" not met.
    pub fn shall(clause: &'static str, text: impl Into<String>) -> Self {
        Self { clause, level: Level::Shall, text: text.into() }
    }

    /// A "should" not met.
    pub fn should(clause: &'static str, text: impl Into<String>) -> Self {
        Self { clause, level: Level::Should, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Shall => "shall",
            Level::Should => "should",
        };
        write!(f, "{} ({}, {level})", self.text, self.clause)
    }
}
