//! Pillars, questions and best practices in a report.

use super::counts::{ByRisk, BySeverity, Counts, PracticeCounts, PracticeStatus};
use crate::model::{AttestationStatus, Evidence, Pillar, Risk};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One pillar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PillarReport {
    /// Which.
    pub pillar: Pillar,
    /// Its name as AWS writes it.
    pub title: String,
    /// From 0 to 100, rounded down: the share of evaluations that pass among those that pass or
    /// fail, weighted by severity (critical 16, high 8, medium 4, low 2, info 1). Unknown, exempt
    /// and not applicable ones do not count. Null where nothing passed or failed.
    pub score: Option<u8>,
    /// The share of evaluations that had an answer, from 0 to 1; null where there were none.
    pub coverage: Option<f64>,
    /// Evaluations by verdict.
    pub counts: Counts,
    /// Failed evaluations by severity.
    pub fails: BySeverity,
    /// Questions of high risk: high-risk issues, counted by question as the AWS Well-Architected Tool
    /// does.
    pub high_risk_issues: u64,
    /// The same of medium risk.
    pub medium_risk_issues: u64,
    /// Best practices by status.
    pub practices: PracticeCounts,
    /// Best practices at risk by AWS's level of risk.
    pub practices_at_risk: ByRisk,
    /// What the remedies of its failed evaluations would save, in US dollars a month, where known.
    pub saves_usd_month: f64,
}

/// One question of the framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuestionReport {
    /// Its id, `SEC08`.
    pub id: String,
    /// Its pillar.
    pub pillar: Pillar,
    /// What it is about.
    pub title: String,
    /// The highest of AWS's levels of risk among its best practices that are at risk or that a valid
    /// attestation calls not met; null where there is none.
    pub risk: Option<Risk>,
    /// Its best practices by status.
    pub practices: PracticeCounts,
}

/// One best practice of the framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PracticeReport {
    /// Its id, `SEC08-BP04`.
    pub id: String,
    /// Its pillar.
    pub pillar: Pillar,
    /// The id of its question.
    pub question: String,
    /// Its requirement.
    pub title: String,
    /// AWS's level of risk.
    pub risk: Risk,
    /// What AWS APIs can show of it.
    pub evidence: Evidence,
    /// What the evidence says.
    pub status: PracticeStatus,
    /// The checks that were run for it, by id.
    pub checks: Vec<String>,
    /// Their evaluations by verdict.
    pub counts: Counts,
    /// What people say of it, from the policy. It is shown in addition to the evidence: `status` stays what
    /// that says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
}

impl PracticeReport {
    /// Whether it leaves its question at risk: a check that gives evidence for it failed, or people
    /// say that it is not met.
    #[must_use]
    pub fn is_at_risk(&self) -> bool {
        let attestation = self.attestation.as_ref();
        self.status == PracticeStatus::AtRisk
            || attestation.is_some_and(|a| {
                a.state == AttestationState::Valid && a.status == AttestationStatus::NotMet
            })
    }
}

/// What people say of a best practice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attestation {
    /// Whether it is followed.
    pub status: AttestationStatus,
    /// Who answers for it.
    pub owner: String,
    /// The day on which it was said.
    pub date: Date,
    /// The last day it counts.
    pub expires: Date,
    /// Where the proof is; begins with `https://`.
    pub link: Option<String>,
    /// What else a reader should know.
    pub note: Option<String>,
    /// Whether it counts.
    pub state: AttestationState,
}

/// Whether an attestation counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AttestationState {
    /// It counts. `not_met` is a risk as a failed check is one; `met` and `not_applicable` are an
    /// answer where the evidence has none.
    Valid,
    /// Its last day was before the scan.
    Expired,
    /// The evidence says otherwise: a check failed of a practice that is said to be met or not to
    /// apply, or the facts decide that one is met of which it is said that it is not.
    Contradicted,
}
