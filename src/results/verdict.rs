//! Verdicts, and what a verdict may rest on.

use serde::{Deserialize, Serialize};

/// What a scenario, or a whole run, came to. Ordered from best to worst, so that [`Verdict::and`] only worsens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every requirement checked was met.
    Pass,
    /// Left out by the user's selection or target file, with the reason.
    Skipped,
    /// The target declares, or its audit shows, that it lacks an optional capability.
    Unsupported,
    /// Left open by the TR, or resting on an assumption: recorded, not judged.
    Info,
    /// All "shall" met; a "should" missed, or the right effect with another error code.
    NonStrict,
    /// Failed as the target file said it would, with its reason.
    KnownFail,
    /// No evidence either way, with a cause.
    Inconclusive,
    /// Listed as a known failure but passes now; fails the run, so that lists stay true.
    StaleKnown,
    /// A "shall" was observed broken.
    Fail,
    /// The target died or stopped answering within the scenario.
    Crash,
    /// The harness itself failed.
    Error,
}

impl Verdict {
    /// Every verdict, worst first: the order reports show them in.
    pub const WORST_FIRST: [Self; 11] = [
        Self::Error,
        Self::Crash,
        Self::Fail,
        Self::StaleKnown,
        Self::Inconclusive,
        Self::KnownFail,
        Self::NonStrict,
        Self::Info,
        Self::Unsupported,
        Self::Skipped,
        Self::Pass,
    ];

    /// The worse of the two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// The word used in results and reports, equal to the serialised form.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Skipped => "skipped",
            Self::Unsupported => "unsupported",
            Self::Info => "info",
            Self::NonStrict => "non-strict",
            Self::KnownFail => "known-fail",
            Self::Inconclusive => "inconclusive",
            Self::StaleKnown => "stale-known",
            Self::Fail => "fail",
            Self::Crash => "crash",
            Self::Error => "error",
        }
    }

    /// Is the target shown not to conform (`strict`: a missed "should" counts too)?
    #[must_use]
    pub const fn is_failure(self, strict: bool) -> bool {
        matches!(self, Self::Fail | Self::Crash | Self::StaleKnown) || (strict && matches!(self, Self::NonStrict))
    }

    /// This verdict for a scenario the target file lists as a known failure.
    #[must_use]
    pub const fn known(self) -> Self {
        match self {
            Self::Fail | Self::Crash | Self::NonStrict => Self::KnownFail,
            Self::Pass => Self::StaleKnown,
            other => other,
        }
    }
}

/// What a scenario, or one check of it, rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Basis {
    /// A verified "shall" or "should" of the TR, an RFC, H.248.1 or a TS clause; `source` names it.
    Normative {
        /// Document and clause, such as `RFC 4975 7.1`.
        source: String,
    },
    /// An assumption, a recollection, an assumed package identifier, or an option the reference gateway chose.
    Assumed {
        /// What is assumed.
        what: String,
    },
    /// The TR leaves it open (editor's note, for further study, empty clause).
    Open {
        /// What is open, with its clause.
        what: String,
    },
}

impl Basis {
    /// The worst verdict this basis carries: another vendor's correct gateway never fails because of our reading.
    ///
    /// `adopted`: the target's profile adopts the signalling model and is judged by it in full. `stopped`: the scenario could
    /// not go on after the broken check.
    #[must_use]
    pub const fn cap(&self, verdict: Verdict, adopted: bool, stopped: bool) -> Verdict {
        match self {
            Self::Normative { .. } => verdict,
            _ if adopted => verdict,
            Self::Assumed { .. } | Self::Open { .. } => match verdict {
                Verdict::Fail | Verdict::NonStrict if stopped => Verdict::Inconclusive,
                Verdict::Fail | Verdict::NonStrict => Verdict::Info,
                // Open: there is nothing to be right about, so what was seen is recorded.
                Verdict::Pass if matches!(self, Self::Open { .. }) => Verdict::Info,
                other => other,
            },
        }
    }
}

/// How the scenario's session ended: an axis of its own, because a correct session may still be torn down badly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Teardown {
    /// In order and complete.
    #[default]
    Clean,
    /// Wrong order, or a close is missing.
    Unclean,
    /// A context, termination, port or connection was left.
    Leaked,
}

impl Teardown {
    /// The word used in results and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Unclean => "unclean",
            Self::Leaked => "leaked",
        }
    }
}

/// How binding a requirement is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// "shall".
    #[default]
    Shall,
    /// "should".
    Should,
    /// "may".
    May,
}

impl Level {
    /// The word of the drafting rules.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shall => "shall",
            Self::Should => "should",
            Self::May => "may",
        }
    }

    /// What missing a requirement of this level costs.
    #[must_use]
    pub const fn when_missed(self) -> Verdict {
        match self {
            Self::Shall => Verdict::Fail,
            Self::Should => Verdict::NonStrict,
            Self::May => Verdict::Info,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combining_only_worsens() {
        for a in Verdict::WORST_FIRST {
            for b in Verdict::WORST_FIRST {
                assert!(a.and(b) >= a && a.and(b) >= b);
                assert_eq!(a.and(b), b.and(a));
            }
        }
        assert!(Verdict::WORST_FIRST.is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn words_are_the_serialised_form() {
        for verdict in Verdict::WORST_FIRST {
            assert_eq!(serde_json::to_string(&verdict).unwrap(), format!("\"{}\"", verdict.word()));
        }
    }

    #[test]
    fn an_assumption_never_fails_a_target_that_did_not_adopt_it() {
        let assumed = Basis::Assumed { what: "tcpbcc/bncchange".into() };
        for verdict in [Verdict::Fail, Verdict::NonStrict] {
            assert_eq!(assumed.cap(verdict, false, false), Verdict::Info);
            assert_eq!(assumed.cap(verdict, false, true), Verdict::Inconclusive);
            assert_eq!(assumed.cap(verdict, true, true), verdict);
        }
        assert_eq!(assumed.cap(Verdict::Crash, false, false), Verdict::Crash);
        let open = Basis::Open { what: "4.3.4".into() };
        assert_eq!(open.cap(Verdict::Pass, false, false), Verdict::Info);
        assert_eq!(open.cap(Verdict::Pass, true, false), Verdict::Pass);
    }
}
