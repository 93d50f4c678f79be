//! Counts by verdict, severity, status and risk.

use crate::model::{Risk, Severity, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many evaluations had each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// The resource has the flaw.
    pub fail: u64,
    /// Could not be decided.
    pub unknown: u64,
    /// The flaw is there and the policy exempts it.
    pub exempt: u64,
    /// The resource does not have the flaw.
    pub pass: u64,
    /// The check does not concern the resource.
    pub not_applicable: u64,
}

impl Counts {
    /// Counts one evaluation.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Fail => &mut self.fail,
            Verdict::Unknown => &mut self.unknown,
            Verdict::Exempt => &mut self.exempt,
            Verdict::Pass => &mut self.pass,
            Verdict::NotApplicable => &mut self.not_applicable,
        } += 1;
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.exempt += other.exempt;
        self.pass += other.pass;
        self.not_applicable += other.not_applicable;
    }

    /// All evaluations.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.decided() + self.unknown
    }

    /// Evaluations that had an answer.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.fail + self.exempt + self.pass + self.not_applicable
    }

    /// The share of evaluations that had an answer, from 0 to 1, rounded down to four digits so
    /// that 1 means all of them; `None` where there were none.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        let all = self.all();
        #[allow(clippy::cast_precision_loss, reason = "at most 10,000")]
        (all > 0).then(|| (self.decided() * 10_000 / all) as f64 / 10_000.0)
    }
}

/// How many failed evaluations have each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BySeverity {
    /// Exposed, lost or burning now.
    pub critical: u64,
    /// Likely to hurt.
    pub high: u64,
    /// Will hurt under bad luck.
    pub medium: u64,
    /// Little risk.
    pub low: u64,
    /// Worth knowing.
    pub info: u64,
}

impl BySeverity {
    /// Counts one.
    pub fn add(&mut self, severity: Severity) {
        *match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        } += 1;
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.critical += other.critical;
        self.high += other.high;
        self.medium += other.medium;
        self.low += other.low;
        self.info += other.info;
    }

    /// The count of a severity and all above it.
    #[must_use]
    pub fn at_least(&self, least: Severity) -> u64 {
        Severity::ALL
            .into_iter()
            .filter(|severity| *severity >= least)
            .map(|severity| self.get(severity))
            .sum()
    }

    /// The count of one severity.
    #[must_use]
    pub fn get(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }
}

/// What the evidence says of a best practice.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PracticeStatus {
    /// No check that gives evidence for it failed or was unknown. Where the practice's `evidence` is
    /// `partial`, that is evidence and no proof.
    Met,
    /// A check that gives evidence for it failed.
    AtRisk,
    /// None failed, and at least one could not be decided.
    Unknown,
    /// Every failure is exempt.
    Exempt,
    /// No evaluation says anything about it: people must answer.
    NoEvidence,
}

/// How many best practices have each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PracticeCounts {
    /// No check that gives evidence for it failed or was unknown.
    pub met: u64,
    /// A check that gives evidence for it failed.
    pub at_risk: u64,
    /// Could not be decided.
    pub unknown: u64,
    /// Every failure is exempt.
    pub exempt: u64,
    /// No evaluation says anything about it.
    pub no_evidence: u64,
}

impl PracticeCounts {
    /// Counts one.
    pub fn add(&mut self, status: PracticeStatus) {
        *match status {
            PracticeStatus::Met => &mut self.met,
            PracticeStatus::AtRisk => &mut self.at_risk,
            PracticeStatus::Unknown => &mut self.unknown,
            PracticeStatus::Exempt => &mut self.exempt,
            PracticeStatus::NoEvidence => &mut self.no_evidence,
        } += 1;
    }
}

/// How many best practices at risk have each of AWS's levels of risk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ByRisk {
    /// High risk.
    pub high: u64,
    /// Medium risk.
    pub medium: u64,
    /// Low risk.
    pub low: u64,
}

impl ByRisk {
    /// Counts one.
    pub fn add(&mut self, risk: Risk) {
        *match risk {
            Risk::High => &mut self.high,
            Risk::Medium => &mut self.medium,
            Risk::Low => &mut self.low,
        } += 1;
    }
}
