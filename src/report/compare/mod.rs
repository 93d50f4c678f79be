//! Comparison of a report with an earlier one.
//!
//! ```text
//! earlier report ─┐  both in the same order: merged, never whole in memory
//!                 ├─► Differences ─► Comparison, a part of report.json
//! this report ────┘              └─► the formats of `diff`
//! ```
//!
//! A finding counts as fixed only if this report has an answer by the same rule. What was not read
//! again is neither fixed nor gone.

mod change;
mod comparison;
mod merge;
mod scope;
#[cfg(test)]
mod tests;

pub use change::{Change, Why};
pub use comparison::{Baseline, ChangeCounts, Comparison, PillarDelta};
pub use merge::{Difference, Differences};

use super::{PillarReport, Report, Tally};
use crate::model::{FindingId, Pillar, Severity, Verdict};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Why two reports cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The earlier one is the later one.
    #[error(
        "the baseline is newer: its scan {id} began at {}, this one at {}\n  help: the older report \
         is the baseline",
        .baseline.strftime("%Y-%m-%d %H:%M:%S UTC"), .started.strftime("%Y-%m-%d %H:%M:%S UTC")
    )]
    Newer {
        /// The baseline's scan.
        id: String,
        /// When that began.
        baseline: Timestamp,
        /// When the other began.
        started: Timestamp,
    },
    /// They are about different accounts.
    #[error(
        "the baseline is of account {}, and this is account {}\n  help: compare with an earlier \
         report of the same account", .baseline.join(", "), .accounts.join(", ")
    )]
    Accounts {
        /// The baseline's accounts.
        baseline: Vec<String>,
        /// The other's.
        accounts: Vec<String>,
    },
    /// The findings could not be read from where they are kept.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Report {
    /// Whether it can be the baseline of a scan of these accounts that began at a time.
    ///
    /// # Errors
    /// When it is newer, or has none of the accounts.
    pub fn precedes(&self, started: Timestamp, accounts: &[&str]) -> Result<(), CompareError> {
        if self.scan.started > started {
            return Err(CompareError::Newer {
                id: self.scan.id.clone(),
                baseline: self.scan.started,
                started,
            });
        }
        let own = || self.scan.accounts.iter().map(|account| account.id.as_str());
        // A scan without an accessible account cannot be mistaken for another.
        if accounts.is_empty() || own().any(|id| accounts.contains(&id)) {
            return Ok(());
        }
        Err(CompareError::Accounts {
            baseline: own().map(str::to_owned).collect(),
            accounts: accounts.iter().map(|id| (*id).to_owned()).collect(),
        })
    }

    /// The ids of everything that fails.
    ///
    /// # Errors
    /// When the findings cannot be read from where they are kept.
    pub fn failing(&self) -> io::Result<BTreeSet<FindingId>> {
        let failing = self.findings.iter().filter_map(|finding| match finding {
            Ok(finding) => (finding.verdict == Verdict::Fail).then_some(Ok(finding.id)),
            Err(error) => Some(Err(error)),
        });
        failing.collect()
    }

    /// The report with a comparison to an earlier one. From then on, formats for people show only
    /// what is new.
    ///
    /// # Errors
    /// [`CompareError`].
    pub fn since(mut self, baseline: &Report) -> Result<Report, CompareError> {
        let accounts = self.scan.accounts.iter().map(|account| account.id.as_str());
        baseline.precedes(self.scan.started, &accounts.collect::<Vec<_>>())?;
        let (comparison, shown) = compare(baseline, &self)?;
        self.findings.show(shown);
        self.comparison = Some(comparison);
        Ok(self)
    }

    /// How many findings of a severity or above fail: with a baseline, how many of those are new.
    #[must_use]
    pub fn failed_at_least(&self, least: Severity) -> u64 {
        let shown = self.findings.shown();
        let pillars = Pillar::ALL.into_iter();
        pillars
            .map(|pillar| shown.pillar(pillar).fails.at_least(least))
            .sum()
    }

    /// The same report, with the counts for formats for people restored after it was read from a
    /// file.
    pub(super) fn shown_again(mut self) -> io::Result<Report> {
        let Some(comparison) = &self.comparison else {
            return Ok(self);
        };
        let mut shown = Tally::default();
        for record in self.findings.records() {
            let record = record?;
            let finding = record.finding()?;
            if comparison.findings.get(&finding.id) == Some(&Change::New) {
                shown.add(&finding, &record.key);
            }
        }
        self.findings.show(shown);
        Ok(self)
    }
}

/// The comparison with the baseline, and a tally of what is new.
fn compare(old: &Report, new: &Report) -> io::Result<(Comparison, Tally)> {
    let day = |report: &Report| report.scan.started.to_zoned(TimeZone::UTC).date();
    let (then, now) = (day(old), day(new));
    let known = old.comparison.as_ref().map(|c| &c.first_failed);
    let mut comparison = Comparison {
        baseline: Baseline {
            id: old.scan.id.clone(),
            started: old.scan.started,
        },
        pillars: deltas(&old.pillars, &new.pillars),
        counts: ChangeCounts::default(),
        findings: BTreeMap::new(),
        first_failed: BTreeMap::new(),
    };
    let mut shown = Tally::default();
    for difference in Differences::of(old, new) {
        let difference = difference?;
        let before = known.and_then(|known| known.get(&difference.id).copied());
        let before = before.or((difference.was == Some(Verdict::Fail)).then_some(then));
        // What is unknown now may have failed all the time.
        let first = match difference.is {
            Some(Verdict::Fail) => Some(before.unwrap_or(now)),
            Some(Verdict::Unknown) => before,
            _ => None,
        };
        let first = first.map(|day| (difference.id.clone(), day));
        comparison.first_failed.extend(first);
        let Some(change) = difference.change else {
            continue;
        };
        comparison.counts.add(change);
        if change == Change::New {
            let record = difference.record()?;
            shown.add(&record.finding()?, &record.key);
        }
        comparison.findings.insert(difference.id, change);
    }
    Ok((comparison, shown))
}

fn deltas(old: &[PillarReport], new: &[PillarReport]) -> Vec<PillarDelta> {
    let both = new.iter().filter_map(|new| {
        let old = old.iter().find(|old| old.pillar == new.pillar)?;
        Some((old, new))
    });
    both.map(|(old, new)| PillarDelta {
        pillar: new.pillar,
        score: old
            .score
            .zip(new.score)
            .map(|(a, b)| i16::from(b) - i16::from(a)),
        // Shares have four digits.
        coverage: (old.coverage.zip(new.coverage))
            .map(|(a, b)| ((b - a) * 10_000.0).round() / 10_000.0),
        high_risk_issues: less(new.high_risk_issues, old.high_risk_issues),
        medium_risk_issues: less(new.medium_risk_issues, old.medium_risk_issues),
    })
    .collect()
}

fn less(new: u64, old: u64) -> i64 {
    // Numbers of questions: the framework has fewer than a hundred.
    new.cast_signed().saturating_sub(old.cast_signed())
}
