//! One check's verdict on one resource.

use super::{Gap, Pillar, Resource, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt;

/// What a check says of a resource.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The resource has the flaw.
    Fail,
    /// It could not be decided, because something could not be read; the gaps say what.
    Unknown,
    /// The flaw is there, and the policy exempts it.
    Exempt,
    /// The resource does not have the flaw.
    Pass,
    /// The check does not concern this resource.
    NotApplicable,
}

impl Verdict {
    /// All, most urgent first.
    pub const ALL: [Verdict; 5] = [
        Verdict::Fail,
        Verdict::Unknown,
        Verdict::Exempt,
        Verdict::Pass,
        Verdict::NotApplicable,
    ];

    /// The identifier used in JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::Exempt => "exempt",
            Verdict::Pass => "pass",
            Verdict::NotApplicable => "not_applicable",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Digits of identifiers.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A finding's stable identifier: the same for the same check and resource in every scan, on every
/// machine. 24 hexadecimal digits of SHA-256 over check, account, region, kind and resource id.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct FindingId(pub String);

impl FindingId {
    /// The id of a check's finding on a resource.
    #[must_use]
    pub fn of(check: &str, resource: &Resource) -> Self {
        let mut hash = Sha256::new();
        // ARNs are not unique or not there for every kind; these five together are.
        for piece in [
            check,
            &resource.account,
            &resource.region,
            &resource.kind,
            &resource.id,
        ] {
            hash.update(piece.as_bytes());
            hash.update([0]);
        }
        let digest = hash.finalize();
        let digits = |byte: &u8| [byte >> 4, byte & 0xf].map(|n| char::from(HEX[usize::from(n)]));
        Self(digest.iter().take(12).flat_map(digits).collect())
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the user has to do about a failed check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// What to do, in a sentence or two.
    pub text: String,
    /// An AWS CLI command with the resource's own values filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cli: Option<String>,
    /// A Terraform snippet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// How long the change takes someone who knows the account.
    pub effort: Effort,
}

/// The order of magnitude of the work a remedy takes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// A setting.
    Minutes,
    /// A change that is tested before it is made.
    Hours,
    /// A change of design or a migration.
    Days,
}

impl Effort {
    /// The identifier used in JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Effort::Minutes => "minutes",
            Effort::Hours => "hours",
            Effort::Days => "days",
        }
    }
}

/// Why the policy exempts a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exemption {
    /// The reason, as the policy gives it.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day it holds, `2027-03-31`.
    pub expires: jiff::civil::Date,
}

/// One check's verdict on one resource, with everything needed to understand it on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable over time: check and resource, no time in it.
    pub id: FindingId,
    /// The check's id, such as `s3/bucket-public`.
    pub check: String,
    /// The check's title.
    pub title: String,
    /// The pillar it counts under.
    pub pillar: Pillar,
    /// The best practices it gives evidence for.
    pub best_practices: Vec<String>,
    /// After the policy's overrides.
    pub severity: Severity,
    /// The verdict.
    pub verdict: Verdict,
    /// What it is about. For a list that could not be read: the kind in its account and region.
    pub resource: Resource,
    /// One line about this resource, from the check's `say`.
    pub say: String,
    /// The fields that the expression read, as they were.
    pub evidence: Map<String, Value>,
    /// What could not be read, where the verdict is unknown.
    pub gaps: Vec<Gap>,
    /// The remedy, on a failed check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// What the remedy would save in US dollars a month, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saves_usd_month: Option<f64>,
    /// Why the policy exempts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption: Option<Exemption>,
}

impl Finding {
    /// The severity of this result, for formats that rate results rather than checks: that of the
    /// check, and *info* where nothing is wrong.
    #[must_use]
    pub fn result_severity(&self) -> Severity {
        match self.verdict {
            Verdict::Fail | Verdict::Unknown | Verdict::Exempt => self.severity,
            Verdict::Pass | Verdict::NotApplicable => Severity::Info,
        }
    }
}
