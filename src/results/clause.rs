//! The clauses of the TR: numbers, short titles, and how much text each has. Clauses without text stay visible in reports.

/// How much a clause says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Text {
    /// It has text of its own.
    Written,
    /// Nothing but subclauses.
    Heading,
    /// Nothing but an editor's note, apart from subclauses.
    Open,
    /// A heading and nothing under it.
    Empty,
}

/// One clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clause {
    /// Number.
    pub number: &'static str,
    /// Short title.
    pub title: &'static str,
    /// How much it says.
    pub text: Text,
}

impl Clause {
    const fn new(number: &'static str, title: &'static str, text: Text) -> Self {
        Self { number, title, text }
    }
}

/// Every clause from 4 on, in document order: what scenarios can be about.
pub const CLAUSES: &[Clause] = &[
    Clause::new("4", "Key issues and design considerations", Text::Open),
    Clause::new("4.1", "Media security for session based messaging (MSRP)", Text::Open),
    Clause::new("4.1.1", "General design considerations", Text::Written),
    Clause::new("4.1.2", "Assumptions and limitations for MSRP support", Text::Written),
    Clause::new("4.1.3", "Scenarios in scope", Text::Written),
    Clause::new("4.1.4", "MSRP-agnostic vs MSRP-aware mode", Text::Written),
    Clause::new("4.2", "Media security for conferencing (BFCP)", Text::Open),
    Clause::new("4.3", "TLS procedures", Text::Open),
    Clause::new("4.3.1", "Media/transport security sessions at Mb", Text::Written),
    Clause::new("4.3.2", "H.248 bearer type indication \"TLS\"", Text::Written),
    Clause::new("4.3.3", "TLS security session establishment", Text::Heading),
    Clause::new("4.3.3.1", "TLS client/server role assignment", Text::Written),
    Clause::new("4.3.3.1.1", "Application agnostic TLS-over-TCP", Text::Written),
    Clause::new("4.3.3.1.2", "Application aware: MSRP-over-TLS-over-TCP", Text::Written),
    Clause::new("4.3.3.1.3", "Application aware: BFCP-over-TLS-over-TCP", Text::Written),
    Clause::new("4.3.3.2", "Start of TLS security session establishment", Text::Written),
    Clause::new("4.3.4", "TLS security session release", Text::Open),
    Clause::new("4.4", "TCP procedures", Text::Open),
    Clause::new("4.4.1", "H.248 bearer type indication \"TCP\"", Text::Written),
    Clause::new("4.4.2", "TCP connection establishment", Text::Heading),
    Clause::new("4.4.2.1", "TCP client/server role assignment", Text::Written),
    Clause::new("4.4.2.2", "Start of TCP connection establishment", Text::Written),
    Clause::new("4.4.3", "TCP connection release", Text::Open),
    Clause::new("5", "IMS-ALG/IMS-AGW interface (Iq)", Text::Heading),
    Clause::new("5.1", "Requirements", Text::Open),
    Clause::new("5.1.1", "End-to-access edge security using TLS", Text::Heading),
    Clause::new("5.1.1.1", "General requirements", Text::Empty),
    Clause::new("5.1.1.2", "Specific requirements for MSRP", Text::Empty),
    Clause::new("5.1.1.3", "Specific requirements for BFCP", Text::Empty),
    Clause::new("5.1.2", "End-to-end security using TLS", Text::Heading),
    Clause::new("5.1.2.1", "General requirements", Text::Empty),
    Clause::new("5.1.2.2", "Specific requirements for MSRP", Text::Empty),
    Clause::new("5.1.2.3", "Specific requirements for BFCP", Text::Empty),
    Clause::new("5.2", "Procedures", Text::Open),
    Clause::new("5.2.1", "End-to-access edge security using TLS", Text::Heading),
    Clause::new("5.2.1.1", "Generic procedures", Text::Empty),
    Clause::new("5.2.1.2", "Specific procedures for MSRP", Text::Empty),
    Clause::new("5.2.1.3", "Specific procedures for BFCP", Text::Empty),
    Clause::new("5.2.2", "End-to-end security using TLS", Text::Heading),
    Clause::new("5.2.2.1", "Generic procedures", Text::Empty),
    Clause::new("5.2.2.2", "Specific procedures for MSRP", Text::Empty),
    Clause::new("5.2.2.3", "Specific procedures for BFCP", Text::Empty),
    Clause::new("6", "IBCF/TrGW interface (Ix)", Text::Open),
    Clause::new("6.1", "Requirements", Text::Open),
    Clause::new("6.1.1", "End-to-end security using TLS", Text::Heading),
    Clause::new("6.1.1.1", "General requirements", Text::Empty),
    Clause::new("6.1.1.2", "Specific requirements for MSRP", Text::Empty),
    Clause::new("6.1.1.3", "Specific requirements for BFCP", Text::Empty),
    Clause::new("6.2", "Procedures", Text::Open),
    Clause::new("6.2.1", "End-to-end security using TLS", Text::Heading),
    Clause::new("6.2.1.1", "Generic procedures", Text::Empty),
    Clause::new("6.2.1.2", "Specific procedures for MSRP", Text::Empty),
    Clause::new("6.2.1.3", "Specific procedures for BFCP", Text::Empty),
    Clause::new("7", "MRFC/MRFP interface (Mp)", Text::Open),
    Clause::new("7.1", "Requirements", Text::Open),
    Clause::new("7.1.1", "End-to-end security using TLS", Text::Heading),
    Clause::new("7.1.1.1", "General requirements", Text::Empty),
    Clause::new("7.1.1.2", "Specific requirements for MSRP", Text::Empty),
    Clause::new("7.1.1.3", "Specific requirements for BFCP", Text::Empty),
    Clause::new("7.2", "Procedures", Text::Open),
    Clause::new("7.2.1", "End-to-end security using TLS", Text::Heading),
    Clause::new("7.2.1.1", "Generic procedures", Text::Empty),
    Clause::new("7.2.1.2", "Specific procedures for MSRP", Text::Empty),
    Clause::new("7.2.1.3", "Specific procedures for BFCP", Text::Empty),
    Clause::new("8", "3GPP and ITU-T H.248 requirements gap analysis", Text::Open),
    Clause::new("9", "Conclusions and recommendations", Text::Empty),
];

/// Is `inner` the clause `outer`, or inside it? By whole numbers: 4.1 is not in 4.10, nor 4.10 in 4.1.
#[must_use]
pub fn contains(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clause_has_its_parent_before_it() {
        for (n, clause) in CLAUSES.iter().enumerate() {
            if let Some((parent, _)) = clause.number.rsplit_once('.') {
                assert!(CLAUSES.iter().take(n).any(|c| c.number == parent), "{}", clause.number);
            }
        }
    }

    #[test]
    fn a_clause_holds_its_subclauses_by_whole_numbers() {
        assert!(contains("4.1", "4.1.3") && contains("4.1", "4.1"));
        assert!(!contains("4.1", "4.10") && !contains("4.1.3", "4.1"));
    }
}
