//! The best practices of the framework as data.

use super::Pillar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// AWS's level of risk of not following a best practice, ascending.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Low risk.
    Low,
    /// Medium risk: a medium-risk issue where the practice is not followed.
    Medium,
    /// High risk: a high-risk issue where the practice is not followed.
    High,
}

impl Risk {
    /// The identifier used in files.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
        }
    }
}

/// What AWS APIs can show of a best practice.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Facts that decide it.
    Api,
    /// Evidence, but no proof.
    Partial,
    /// Nothing: only people can answer.
    Human,
}

/// What people say of a best practice.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AttestationStatus {
    /// It is not followed, which is a risk.
    NotMet,
    /// It is followed.
    Met,
    /// It does not concern the workload.
    NotApplicable,
}

impl AttestationStatus {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NotMet => "not met",
            Self::Met => "met",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// One best practice of the AWS Well-Architected Framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Practice {
    /// Its id, such as `REL09-BP02`.
    pub id: String,
    /// The pillar it belongs to.
    pub pillar: Pillar,
    /// The id of its question, such as `REL09`.
    pub question: String,
    /// What the question is about, in our words.
    pub question_title: String,
    /// The requirement of the practice, in our words.
    pub title: String,
    /// AWS's level of risk.
    pub risk: Risk,
    /// What AWS APIs can show of it.
    pub evidence: Evidence,
    /// Which facts those are; absent where there are none.
    pub note: Option<String>,
}
