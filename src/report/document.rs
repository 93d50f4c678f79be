//! `report.json` as types.

use super::compare::Comparison;
use super::counts::Counts;
use super::findings::Findings;
use super::pillar::{PillarReport, PracticeReport, QuestionReport};
use super::reads::{CallRow, Cost, GapReport, ReadRow, Savings};
use super::scan::{Scan, ScannedAccount};
use crate::model::finding::Effort;
use crate::model::{Finding, Notice, Pillar, Severity};
use crate::policy::GateResult;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The version of the form of `report.json`. Fields may be added within a version; none is removed
/// and none changes its meaning.
pub const SCHEMA: &str = "sixpillars/report/1";

/// Everything that a scan found, complete: `report.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Six Pillars report")]
pub struct Report {
    /// The version of this form, `sixpillars/report/1`.
    pub schema: String,
    /// What was scanned, when and how.
    pub scan: Scan,
    /// The six pillars, in the framework's order.
    pub pillars: Vec<PillarReport>,
    /// All questions of the framework, in its order.
    pub questions: Vec<QuestionReport>,
    /// All best practices of the framework, in its order.
    pub practices: Vec<PracticeReport>,
    /// The checks that were run, by id.
    pub checks: Vec<CheckReport>,
    /// Every evaluation, by check, account, region, kind and resource id.
    #[schemars(with = "Vec<Finding>")]
    pub findings: Findings,
    /// What could not be read, and what would change that.
    pub gaps: Vec<GapReport>,
    /// What was listed in each account and region.
    pub reads: Vec<ReadRow>,
    /// The calls that were made.
    pub calls: Vec<CallRow>,
    /// What the calls cost.
    pub cost: Cost,
    /// What the remedies would save.
    pub savings: Savings,
    /// What the reader should know in addition to the findings.
    pub problems: Vec<Notice>,
    /// The policy's gates and what they counted.
    pub gates: Vec<GateResult>,
    /// How it differs from an earlier report, where it was compared with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

impl Report {
    /// The checks that were run, to be looked up by id.
    pub(crate) fn checks_by_id(&self) -> BTreeMap<&str, &CheckReport> {
        let checks = self.checks.iter();
        checks.map(|check| (check.id.as_str(), check)).collect()
    }

    /// The account of this id.
    pub(crate) fn account(&self, id: &str) -> Option<&ScannedAccount> {
        self.scan.accounts.iter().find(|account| account.id == id)
    }
}

/// One check that was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckReport {
    /// Its id, `s3/bucket-public`.
    pub id: String,
    /// The flaw in a few words.
    pub title: String,
    /// The pillar it counts under.
    pub pillar: Pillar,
    /// The best practices it gives evidence for.
    pub best_practices: Vec<String>,
    /// Where the policy changes nothing for an account or tag.
    pub severity: Severity,
    /// The kind of resource it judges.
    pub resource: String,
    /// Its parameters, where the policy changes nothing for an account or tag.
    pub parameters: Map<String, Value>,
    /// Why it matters.
    pub why: String,
    /// The remedy in words.
    pub fix: String,
    /// How long the remedy takes someone who knows the account.
    pub effort: Effort,
    /// The same check elsewhere: tool or standard to ids.
    pub maps: BTreeMap<String, Vec<String>>,
    /// Where to read on.
    pub see: Vec<String>,
    /// Stands for what decides its verdicts: expressions, parameters, and what the policy makes of
    /// them. Where it is the same in two reports, the check judged alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Its evaluations by verdict; `build` counts them.
    #[serde(default)]
    pub counts: Counts,
}
