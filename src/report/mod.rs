//! The result of a scan: findings in, one report per pillar out. Pure.
//!
//! [`build`] makes the [`Report`]; `report.json` is that type serialised, complete and versioned.
//! Every other format is a function from a `Report` to text.

mod asff;
mod build;
mod compare;
mod counts;
#[cfg(feature = "aws")]
mod csv;
mod diff;
mod findings;
mod fit;
mod gaps;
#[cfg(feature = "aws")]
mod html;
mod json;
#[cfg(feature = "aws")]
mod junit;
mod markdown;
mod ndjson;
mod ocsf;
mod practices;
mod prometheus;
#[cfg(feature = "aws")]
mod sarif;
mod score;
mod tally;
mod text;
pub mod text_safe;

#[cfg(all(test, feature = "aws"))]
mod format_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use asff::{security_findings, write_asff};
pub use build::{Inputs, build};
pub use compare::{
    Baseline, Change, ChangeCounts, CompareError, Comparison, Difference, Differences, PillarDelta,
    Why,
};
pub use counts::{ByRisk, BySeverity, Counts, PracticeCounts};
#[cfg(feature = "aws")]
pub use csv::write_csv;
pub use diff::{
    Diff, DiffFile, DiffRow, DiffSide, diff_markdown, diff_schema, diff_text, write_diff_json,
};
pub use findings::{Findings, Record, Records, Store, Walk};
pub use gaps::Actions;
#[cfg(feature = "aws")]
pub use html::{has_page, write_diff_html, write_html};
pub use json::{ReadError, json, read, read_from, schema, write_json};
#[cfg(feature = "aws")]
pub use junit::write_junit;
pub use markdown::markdown;
pub use ndjson::{ndjson_line, write_ndjson};
pub use ocsf::write_ocsf;
pub use prometheus::write_prometheus;
#[cfg(feature = "aws")]
pub use sarif::write_sarif;
pub use score::FORMULA;
pub use tally::Tally;
pub use text::{TextOptions, text};

use crate::model::finding::Effort;
use crate::model::{
    AttestationStatus, Cause, Evidence, Finding, Gap, Notice, Pillar, Risk, Severity,
};
pub use crate::policy::GateResult;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

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
    /// What the reader should know beside the findings.
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

/// What was scanned, when and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// Different for every scan.
    pub id: String,
    /// The program that scanned.
    pub tool: Tool,
    /// When the scan began.
    pub started: Timestamp,
    /// When the last answer had arrived.
    pub finished: Timestamp,
    /// The accounts, by id.
    pub accounts: Vec<ScannedAccount>,
    /// The names of the policies that the accounts were held to, in order.
    pub policies: Vec<String>,
    /// What the user narrowed the scan to.
    pub selection: Selection,
    /// Whether every account, region and list that was asked for was read. Single parts that could
    /// not be read do not make a scan incomplete: they are in `gaps` and lower the coverage.
    pub complete: bool,
}

/// The program that scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `sixpillars`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One account of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScannedAccount {
    /// Its twelve-digit id.
    pub id: String,
    /// Its alias or name, where known.
    pub alias: Option<String>,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The ARN that the scan called AWS as.
    pub caller: Option<String>,
    /// The regions that were scanned, sorted.
    pub regions: Vec<String>,
}

/// What the user narrowed the scan to; an empty list narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Selection {
    /// Services, `s3`.
    pub services: Vec<String>,
    /// Patterns of check ids.
    pub checks: Vec<String>,
    /// Pillars.
    pub pillars: Vec<Pillar>,
    /// The least severity.
    pub severity: Option<Severity>,
    /// Tags that a resource must have.
    pub tags: BTreeMap<String, String>,
}

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

/// One best practice of the framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PracticeReport {
    /// Its id, `SEC08-BP04`.
    pub id: String,
    /// Its pillar.
    pub pillar: Pillar,
    /// The id of its question.
    pub question: String,
    /// What it asks for.
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
    /// What people say of it, from the policy. It stands beside the evidence: `status` stays what
    /// that says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
}

impl PracticeReport {
    /// Whether it leaves its question at risk: a check that gives evidence for it failed, or people
    /// say that it is not met.
    #[must_use]
    pub fn is_at_risk(&self) -> bool {
        let said = self.attestation.as_ref();
        self.status == PracticeStatus::AtRisk
            || said.is_some_and(|a| {
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

/// Something that could not be read, in one account and region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GapReport {
    /// The IAM action that would have read it.
    pub action: String,
    /// Why it could not be read.
    pub cause: Cause,
    /// The error code as AWS gave it, or a few words.
    pub detail: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many evaluations are unknown because of it.
    pub evaluations: u64,
    /// How many resources those are about.
    pub resources: u64,
    /// The checks those belong to, by id.
    pub checks: Vec<String>,
    /// The IAM statement that would close it, where the caller was denied.
    pub statement: Option<Value>,
    /// What to do about it.
    pub advice: String,
}

/// What was listed of one kind in one account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadRow {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The kind of resource.
    pub kind: String,
    /// How many were found.
    pub resources: u64,
    /// Why the list is not complete, where it is not.
    pub gap: Option<Gap>,
}

/// Calls of one operation in one account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct CallRow {
    /// The account whose quota was used.
    pub account: String,
    /// The service, `ec2`.
    pub service: String,
    /// The region.
    pub region: String,
    /// The operation, `DescribeVolumes`.
    pub operation: String,
    /// Calls, retries not counted; every page is a call.
    pub calls: u64,
    /// Requests sent, retries included.
    pub attempts: u64,
    /// Attempts answered with a request to slow down.
    pub throttled: u64,
    /// Attempts refused.
    pub denied: u64,
    /// Attempts without a usable answer.
    pub failed: u64,
    /// Milliseconds spent waiting for answers, all attempts together.
    pub ms: u64,
}

impl CallRow {
    /// One row for each operation, account and region, in order, its counts added up.
    #[must_use]
    pub fn summed(rows: impl IntoIterator<Item = CallRow>) -> Vec<CallRow> {
        let mut sums: BTreeMap<[String; 4], CallRow> = BTreeMap::new();
        for row in rows {
            let key = [&row.account, &row.service, &row.region, &row.operation].map(Clone::clone);
            match sums.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(row);
                }
                Entry::Occupied(mut sum) => {
                    let sum = sum.get_mut();
                    sum.calls += row.calls;
                    sum.attempts += row.attempts;
                    sum.throttled += row.throttled;
                    sum.denied += row.denied;
                    sum.failed += row.failed;
                    sum.ms += row.ms;
                }
            }
        }
        sums.into_values().collect()
    }
}

/// What billed calls cost, in US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// What all billed reads that the checks ask for would have cost, paid or not.
    pub estimated_usd: f64,
    /// What was spent.
    pub spent_usd: f64,
    /// What was allowed.
    pub limit_usd: f64,
}

/// What remedies would save, where it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Savings {
    /// US dollars a month.
    pub usd_month: f64,
    /// In how many failed findings.
    pub findings: u64,
}
