//! The form of a policy file.

use crate::model::{AttestationStatus, Pillar, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What an account is held to. Patterns may contain `*` and `?`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Six Pillars policy")]
pub struct PolicyFile {
    /// The policy's name, as reports show it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Whom it is for, in a sentence or two.
    #[serde(default)]
    pub description: Option<String>,
    /// Which checks are run; all where this is left out.
    #[serde(default)]
    pub checks: SelectionFile,
    /// Parameters of checks: check id, then parameter, then value.
    #[serde(default)]
    pub parameters: BTreeMap<String, Map<String, Value>>,
    /// Severities of checks by pattern of their ids. Where several patterns match a check, the
    /// longest wins.
    #[serde(default)]
    pub severity: BTreeMap<String, Severity>,
    /// Parameters and severities for some accounts or tags only. The last that applies wins.
    #[serde(default)]
    pub overrides: Vec<OverrideFile>,
    /// Failed findings that are accepted for a while.
    #[serde(default)]
    pub exemptions: Vec<ExemptionFile>,
    /// What only people know: answers to best practices. The last that covers an account wins.
    #[serde(default)]
    pub attestations: Vec<AttestationFile>,
    /// When a run counts as failed; the exit code is then 1.
    #[serde(default)]
    pub gates: Option<Vec<GateFile>>,
}

/// Which checks are run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectionFile {
    /// Patterns of check ids; all checks where this is left out.
    #[serde(default)]
    pub include: Option<Vec<String>>,
    /// Patterns of check ids that are left out, whatever `include` says.
    #[serde(default)]
    pub exclude: Option<Vec<String>>,
    /// Pillars; all six where this is left out.
    #[serde(default)]
    pub pillars: Option<Vec<Pillar>>,
    /// The least severity, after the policy's own changes of severity.
    #[serde(default)]
    pub severity: Option<Severity>,
}

/// Changes for some resources. Every selector that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideFile {
    /// Account ids or patterns of them.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Tags: key (in any case) to a pattern of the value.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Patterns of check ids; all checks where this is left out.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Parameters of checks: check id, then parameter, then value.
    #[serde(default)]
    pub parameters: BTreeMap<String, Map<String, Value>>,
    /// Severities of checks by pattern of their ids.
    #[serde(default)]
    pub severity: BTreeMap<String, Severity>,
}

/// Failed findings that are accepted for a while. Every selector that is given must match; `checks`,
/// `resources`, `tags` or `findings` must be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExemptionFile {
    /// Patterns of check ids.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Patterns of the resource's id, ARN or name.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Tags: key (in any case) to a pattern of the value.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Ids of findings.
    #[serde(default)]
    pub findings: Vec<String>,
    /// Account ids or patterns of them.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Regions or patterns of them.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Why this is accepted.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// Who answers for it.
    #[schemars(length(min = 1))]
    pub owner: String,
    /// The last day it holds, `2027-03-31`.
    pub expires: jiff::civil::Date,
}

/// What people state about a best practice. It adds to the evidence and never replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttestationFile {
    /// The id of the best practice, `OPS01-BP01`.
    pub practice: String,
    /// Account ids or patterns of them that it is said of; all where this is left out.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Whether it is followed.
    pub status: AttestationStatus,
    /// Who answers for it.
    #[schemars(length(min = 1))]
    pub owner: String,
    /// The day on which it was said, `2026-10-01`.
    pub date: jiff::civil::Date,
    /// The last day it counts, `2027-10-01`.
    pub expires: jiff::civil::Date,
    /// Where the proof is, `https://…`.
    #[serde(default)]
    pub link: Option<String>,
    /// What else a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

/// A limit on failed findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateFile {
    /// The pillar it looks at; all where this is left out.
    #[serde(default)]
    pub pillar: Option<Pillar>,
    /// The least severity it counts.
    pub severity: Severity,
    /// Whether it counts only findings that did not fail in the baseline. Without a baseline every
    /// failed finding is new.
    #[serde(default)]
    pub new_only: bool,
    /// How many are allowed.
    #[serde(default)]
    pub max: u64,
}
