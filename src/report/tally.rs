//! Counts over findings as they arrive: in any order, and in parts that can be merged.

use super::counts::{BySeverity, Counts};
use super::score;
use crate::model::{Finding, Gap, Pillar, Severity, Verdict};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};

/// The most failed findings of a check that any format for people shows.
const MAX_EXAMPLES: usize = 5;

/// Everything about findings that a report counts.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    findings: u64,
    checks: BTreeMap<String, Counts>,
    practices: BTreeMap<String, Counts>,
    pillars: BTreeMap<Pillar, PillarTally>,
    failed: BTreeMap<String, Failed>,
    gaps: BTreeMap<(Gap, String, String), Affected>,
}

/// What is counted of one pillar.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PillarTally {
    pub(super) counts: Counts,
    pub(super) fails: BySeverity,
    pub(super) score: score::Tally,
    /// Whole cents, so that the order of additions does not show.
    pub(super) saves_cents_month: i64,
    /// Failed findings of which the savings are known.
    pub(super) savings: u64,
}

/// A check that failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Failed {
    /// How often.
    pub(super) count: u64,
    /// The first, most severe first, else in the order of the report. There is at least one.
    pub(super) examples: Vec<Example>,
}

/// What pages for people show of a failed finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) severity: Severity,
    key: String,
    pub(super) title: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) say: String,
    pub(super) fix: Option<String>,
}

/// What one gap in one account and region left undecided.
#[derive(Debug, Clone, Default)]
pub(super) struct Affected {
    pub(super) evaluations: u64,
    pub(super) checks: BTreeSet<String>,
    /// Hashes of kind and id, to save memory: the resources are only counted.
    resources: HashSet<u64>,
}

impl Affected {
    pub(super) fn resources(&self) -> u64 {
        self.resources.len() as u64
    }
}

impl Tally {
    /// Counts a finding, of which the policy's exemptions have been applied. `key` is that of its
    /// [`super::Record`].
    pub fn add(&mut self, finding: &Finding, key: &str) {
        self.findings += 1;
        entry(&mut self.checks, &finding.check).add(finding.verdict);
        for id in &finding.best_practices {
            entry(&mut self.practices, id).add(finding.verdict);
        }
        self.pillars.entry(finding.pillar).or_default().add(finding);
        if finding.verdict == Verdict::Fail {
            entry(&mut self.failed, &finding.check).add(finding, key);
        }
        self.add_gaps(finding);
    }

    fn add_gaps(&mut self, finding: &Finding) {
        let resource = &finding.resource;
        let distinct: BTreeSet<&Gap> = finding.gaps.iter().collect();
        for gap in distinct {
            let place = (
                gap.clone(),
                resource.account.clone(),
                resource.region.clone(),
            );
            let affected = self.gaps.entry(place).or_default();
            let mut hash = DefaultHasher::new();
            (&resource.kind, &resource.id).hash(&mut hash);
            affected.resources.insert(hash.finish());
            affected.evaluations += 1;
            if !affected.checks.contains(&finding.check) {
                affected.checks.insert(finding.check.clone());
            }
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: Tally) {
        self.findings += other.findings;
        for (id, counts) in other.checks {
            self.checks.entry(id).or_default().merge(counts);
        }
        for (id, counts) in other.practices {
            self.practices.entry(id).or_default().merge(counts);
        }
        for (pillar, tally) in other.pillars {
            self.pillars.entry(pillar).or_default().merge(tally);
        }
        for (check, failed) in other.failed {
            self.failed.entry(check).or_default().merge(failed);
        }
        for (place, affected) in other.gaps {
            let all = self.gaps.entry(place).or_default();
            all.evaluations += affected.evaluations;
            all.checks.extend(affected.checks);
            all.resources.extend(affected.resources);
        }
    }

    pub(super) fn findings(&self) -> u64 {
        self.findings
    }

    pub(super) fn check(&self, id: &str) -> Counts {
        self.checks.get(id).copied().unwrap_or_default()
    }

    pub(super) fn practice(&self, id: &str) -> Counts {
        self.practices.get(id).copied().unwrap_or_default()
    }

    pub(super) fn pillar(&self, pillar: Pillar) -> PillarTally {
        self.pillars.get(&pillar).copied().unwrap_or_default()
    }

    /// The checks that failed by id.
    pub(super) fn failed(&self) -> &BTreeMap<String, Failed> {
        &self.failed
    }

    /// Gaps by themselves, account and region.
    pub(super) fn gaps(&self) -> &BTreeMap<(Gap, String, String), Affected> {
        &self.gaps
    }
}

/// An entry that usually exists, so that its key is copied only once.
fn entry<'a, T: Default>(map: &'a mut BTreeMap<String, T>, key: &str) -> &'a mut T {
    if !map.contains_key(key) {
        map.insert(key.to_owned(), T::default());
    }
    match map.get_mut(key) {
        Some(found) => found,
        None => unreachable!("it was inserted above"),
    }
}

impl PillarTally {
    fn add(&mut self, finding: &Finding) {
        self.counts.add(finding.verdict);
        self.score.add(finding);
        if finding.verdict != Verdict::Fail {
            return;
        }
        self.fails.add(finding.severity);
        if let Some(usd) = finding.saves_usd_month {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "an amount of money in cents"
            )]
            let cents = (usd * 100.0).round() as i64;
            self.saves_cents_month = self.saves_cents_month.saturating_add(cents);
            self.savings += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.counts.merge(other.counts);
        self.fails.merge(other.fails);
        self.score.merge(other.score);
        self.saves_cents_month = self
            .saves_cents_month
            .saturating_add(other.saves_cents_month);
        self.savings += other.savings;
    }
}

impl Failed {
    fn add(&mut self, finding: &Finding, key: &str) {
        self.count += 1;
        let place = self.place(finding.severity, key);
        if place < MAX_EXAMPLES {
            self.examples.insert(place, Example::of(finding, key));
            self.examples.truncate(MAX_EXAMPLES);
        }
    }

    /// How many examples come before a finding.
    fn place(&self, severity: Severity, key: &str) -> usize {
        let before = |e: &Example| {
            e.severity > severity || (e.severity == severity && e.key.as_str() <= key)
        };
        self.examples.partition_point(before)
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        for example in other.examples {
            let place = self.place(example.severity, &example.key);
            self.examples.insert(place, example);
        }
        self.examples.truncate(MAX_EXAMPLES);
    }
}

impl Example {
    fn of(finding: &Finding, key: &str) -> Self {
        let resource = &finding.resource;
        Self {
            severity: finding.severity,
            key: key.to_owned(),
            title: finding.title.clone(),
            id: resource.id.clone(),
            name: resource.name.clone(),
            account: resource.account.clone(),
            region: resource.region.clone(),
            say: finding.say.clone(),
            fix: finding.fix.as_ref().map(|fix| fix.text.clone()),
        }
    }
}
