//! Exit codes. Other people's scripts depend on them; `--help` documents them.

/// What `gatecheck --help` says about exit codes.
pub(super) const HELP: &str = "\
Exit codes:
  0  conformant: something passed, nothing failed
  1  not conformant (or a regression, or a finding)
  2  usage or unreadable input
  3  nothing was selected, or nothing passed or failed
  4  no failure, but something inconclusive
  5  the harness itself failed
Where several hold: 2, 5, 1, 4, 3, 0.";

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExitCode {
    /// 0.
    Success,
    /// 1.
    NotConformant,
    /// 2.
    Usage,
    /// 3.
    Nothing,
    /// 4.
    Inconclusive,
    /// 5.
    Harness,
}

impl ExitCode {
    /// The number given to the system.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::NotConformant => 1,
            Self::Usage => 2,
            Self::Nothing => 3,
            Self::Inconclusive => 4,
            Self::Harness => 5,
        }
    }

    /// The code of a finished run, from the number its results give.
    pub(super) const fn of_run(number: u8) -> Self {
        match number {
            0 => Self::Success,
            1 => Self::NotConformant,
            3 => Self::Nothing,
            4 => Self::Inconclusive,
            _ => Self::Harness,
        }
    }

    /// Of several runs in one call, the one that counts.
    pub(super) fn and(self, other: Self) -> Self {
        let rank = |code: Self| match code {
            Self::Usage => 5,
            Self::Harness => 4,
            Self::NotConformant => 3,
            Self::Inconclusive => 2,
            Self::Nothing => 1,
            Self::Success => 0,
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_2_5_1_4_3_0() {
        use ExitCode::*;
        let order = [Usage, Harness, NotConformant, Inconclusive, Nothing, Success];
        assert_eq!(order.map(ExitCode::number), [2, 5, 1, 4, 3, 0]);
        for (rank, code) in order.into_iter().enumerate() {
            for weaker in &order[rank..] {
                assert_eq!(code.and(*weaker), code);
                assert_eq!(weaker.and(code), code);
            }
        }
    }
}
