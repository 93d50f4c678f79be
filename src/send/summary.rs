//! A report in a few lines, for messages. Pure.

use crate::model::{Cause, Severity};
use crate::report::sanitize::clean_short;
use crate::report::{BySeverity, Report};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Checks, gaps and notices that are named.
const MAX_NAMED: usize = 5;
/// Accounts that are named.
const MAX_ACCOUNTS: usize = 3;
/// Characters of a name, and of a sentence.
const MAX_NAME: usize = 80;
const MAX_SENTENCE: usize = 160;

/// The content of a message about a report. Every text is on one line, without invisible
/// characters, and truncated. Each message format has to escape its own special characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The accounts by id, all of them.
    pub accounts: Vec<String>,
    /// The first of them with their names, and how many more there are.
    pub place: String,
    /// How many regions were scanned.
    pub regions: usize,
    /// When the last answer had arrived.
    pub finished: Timestamp,
    /// Whether every requested account, region and list was read.
    pub complete: bool,
    /// The six pillars in the framework's order.
    pub pillars: Vec<PillarLine>,
    /// Failed evaluations by severity.
    pub fails: BySeverity,
    /// Evaluations that could not be decided.
    pub unknown: u64,
    /// The checks that fail, the most severe and most frequent first; not all are named.
    pub checks: Named<FailingCheck>,
    /// The gaps, those with the most undecided evaluations first; not all are named.
    pub gaps: Named<GapSummary>,
    /// What the reader should know in addition to the findings; not all of it.
    pub notices: Named<String>,
    /// How many of the policy's gates are broken.
    pub gates_broken: usize,
}

/// The first of several, and how many there are in all.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T> {
    /// The first.
    pub first: Vec<T>,
    /// How many there are.
    pub all: usize,
}

impl<T> Named<T> {
    fn of(mut all: Vec<T>) -> Self {
        let count = all.len();
        all.truncate(MAX_NAMED);
        Self {
            first: all,
            all: count,
        }
    }

    /// How many are not named.
    #[must_use]
    pub fn more(&self) -> usize {
        self.all - self.first.len()
    }
}

/// One pillar.
#[derive(Debug, Clone, PartialEq)]
pub struct PillarLine {
    /// Its name as AWS writes it.
    pub title: &'static str,
    /// From 0 to 100; none if nothing passed or failed.
    pub score: Option<u8>,
    /// The share of evaluations that had an answer, from 0 to 1; none if there were none.
    pub coverage: Option<f64>,
}

/// One check that fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingCheck {
    /// Its id.
    pub id: String,
    /// The flaw in a few words.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// How many resources fail it.
    pub fails: u64,
}

/// One action that was not allowed or did not answer, wherever that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapSummary {
    /// The IAM action.
    pub action: String,
    /// Why.
    pub cause: Cause,
    /// How many evaluations are unknown because of it.
    pub evaluations: u64,
}

impl Summary {
    /// The summary of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let scan = &report.scan;
        let regions: BTreeSet<&str> = scan
            .accounts
            .iter()
            .flat_map(|account| account.regions.iter().map(String::as_str))
            .collect();
        let mut fails = BySeverity::default();
        for pillar in &report.pillars {
            fails.merge(pillar.fails);
        }
        let notices = report.problems.iter();
        Self {
            accounts: scan.accounts.iter().map(|a| name(&a.id)).collect(),
            place: place(report),
            regions: regions.len(),
            finished: scan.finished,
            complete: scan.complete,
            pillars: report
                .pillars
                .iter()
                .map(|pillar| PillarLine {
                    title: pillar.pillar.title(),
                    score: pillar.score,
                    coverage: pillar.coverage,
                })
                .collect(),
            fails,
            unknown: report.pillars.iter().map(|p| p.counts.unknown).sum(),
            checks: Named::of(failing(report)),
            gaps: Named::of(gaps(report)),
            notices: Named::of(
                notices
                    .map(|notice| clean_short(&notice.message, MAX_SENTENCE))
                    .collect(),
            ),
            gates_broken: report.gates.iter().filter(|gate| gate.broken).count(),
        }
    }

    /// What was scanned, and when: `account 111122223333 (shop), 2 regions, 2026-11-01 12:01 UTC`.
    #[must_use]
    pub fn scope(&self) -> String {
        format!(
            "account{} {}, {} region{}, {}",
            plural(self.accounts.len()),
            self.place,
            self.regions,
            plural(self.regions),
            self.finished.strftime("%Y-%m-%d %H:%M UTC"),
        )
    }

    /// What failed and what is not known: `1 critical, 5 medium failed; 3 could not be decided`.
    #[must_use]
    pub fn failures(&self) -> String {
        let counts: Vec<String> = Severity::ALL
            .into_iter()
            .rev()
            .map(|severity| (severity, self.fails.get(severity)))
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        let failed = if counts.is_empty() {
            "nothing".to_owned()
        } else {
            counts.join(", ")
        };
        let mut text = format!("{failed} failed; {} could not be decided", self.unknown);
        if self.gates_broken > 0 {
            let (gates, plural) = (self.gates_broken, plural(self.gates_broken));
            // Writing to a string does not fail.
            let _ = write!(text, "; {gates} gate{plural} of the policy broken");
        }
        text
    }

    /// Why the report is incomplete, if it is.
    #[must_use]
    pub fn incomplete(&self) -> Option<&'static str> {
        (!self.complete)
            .then_some("Incomplete: an account, a region or a list could not be read completely.")
    }

    /// The pillars as a table of plain characters.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = format!("{:<22}  Score  Coverage\n", "Pillar");
        for pillar in &self.pillars {
            let score = pillar.score.map_or("–".to_owned(), |s| s.to_string());
            let coverage = pillar.coverage.map_or("–".to_owned(), |share| {
                // Rounded down, so that 100 % means all.
                format!("{:.0} %", (share * 100.0 + 1e-9).floor())
            });
            let _ = writeln!(text, "{:<22}  {score:>5}  {coverage:>8}", pillar.title);
        }
        text
    }
}

/// The plural ending for a count.
pub(crate) fn plural<N: Copy + From<u8> + PartialEq>(count: N) -> &'static str {
    if count == N::from(1) { "" } else { "s" }
}

fn name(text: &str) -> String {
    clean_short(text, MAX_NAME)
}

fn place(report: &Report) -> String {
    let accounts = &report.scan.accounts;
    let mut named: Vec<String> = accounts
        .iter()
        .take(MAX_ACCOUNTS)
        .map(|account| match &account.alias {
            Some(alias) => format!("{} ({})", name(&account.id), name(alias)),
            None => name(&account.id),
        })
        .collect();
    if accounts.len() > MAX_ACCOUNTS {
        named.push(format!("{} more", accounts.len() - MAX_ACCOUNTS));
    }
    named.join(", ")
}

fn failing(report: &Report) -> Vec<FailingCheck> {
    let failing = report.checks.iter().filter(|check| check.counts.fail > 0);
    let mut failing: Vec<FailingCheck> = failing
        .map(|check| FailingCheck {
            id: name(&check.id),
            title: clean_short(&check.title, MAX_SENTENCE),
            severity: check.severity,
            fails: check.counts.fail,
        })
        .collect();
    failing.sort_by_key(|check| Reverse((check.severity, check.fails)));
    failing
}

fn gaps(report: &Report) -> Vec<GapSummary> {
    let mut actions: BTreeMap<(&str, Cause), u64> = BTreeMap::new();
    for gap in &report.gaps {
        *actions.entry((&gap.action, gap.cause)).or_default() += gap.evaluations;
    }
    let mut gaps: Vec<GapSummary> = actions
        .into_iter()
        .map(|((action, cause), evaluations)| GapSummary {
            action: name(action),
            cause,
            evaluations,
        })
        .collect();
    gaps.sort_by_key(|gaps| Reverse(gaps.evaluations));
    gaps
}
