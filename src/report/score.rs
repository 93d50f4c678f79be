//! The score of a pillar.

use crate::model::{Finding, Severity, Verdict};

/// The score in one sentence, for readers of a report.
pub const FORMULA: &str = "Score: the share of evaluations that pass among those that pass or fail, \
    weighted by severity (critical 16, high 8, medium 4, low 2, info 1), rounded down. Unknown ones \
    lower the coverage, not the score.";

/// What one evaluation of a severity weighs.
fn weight(severity: Severity) -> u64 {
    match severity {
        Severity::Critical => 16,
        Severity::High => 8,
        Severity::Medium => 4,
        Severity::Low => 2,
        Severity::Info => 1,
    }
}

/// Passed and failed weight.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Weighs one evaluation. Unknown, exempt and not applicable ones are not counted, since
    /// counting them either way would distort the score.
    pub(super) fn add(&mut self, finding: &Finding) {
        match finding.verdict {
            Verdict::Pass => self.passed += weight(finding.severity),
            Verdict::Fail => self.failed += weight(finding.severity),
            Verdict::Unknown | Verdict::Exempt | Verdict::NotApplicable => {}
        }
    }

    /// Adds what was weighed elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// From 0 to 100, rounded down so that 100 means that nothing failed; `None` if nothing passed
    /// or failed, which is neither good nor bad.
    pub(super) fn score(self) -> Option<u8> {
        let share = (self.passed * 100).checked_div(self.passed + self.failed)?;
        u8::try_from(share).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(passed: u64, failed: u64) -> Option<u8> {
        Tally { passed, failed }.score()
    }

    #[test]
    fn nothing_decided_is_no_score() {
        assert_eq!(score(0, 0), None);
    }

    #[test]
    fn only_a_clean_pillar_has_all_points() {
        assert_eq!(score(7, 0), Some(100));
        assert_eq!(score(999, 1), Some(99));
        assert_eq!(score(0, 3), Some(0));
        assert_eq!(score(16, 16), Some(50));
    }

    #[test]
    fn severities_weigh_in_powers_of_two() {
        assert_eq!(Severity::ALL.map(weight), [1, 2, 4, 8, 16]);
    }
}
