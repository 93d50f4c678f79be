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
mod gaps;
#[cfg(feature = "aws")]
mod html;
mod json;
#[cfg(feature = "aws")]
mod junit;
mod markdown;
mod ndjson;
mod ocsf;
mod pillar;
mod practices;
mod prometheus;
mod reads;
pub mod sanitize;
#[cfg(feature = "aws")]
mod sarif;
mod scan;
mod score;
mod summary;
mod tally;
mod text;
mod truncate;

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
pub use counts::{ByRisk, BySeverity, Counts, PracticeCounts, PracticeStatus};
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
pub use pillar::{Attestation, AttestationState, PillarReport, PracticeReport, QuestionReport};
pub use prometheus::write_prometheus;
pub use reads::{CallRow, Cost, GapReport, ReadRow, Savings};
#[cfg(feature = "aws")]
pub use sarif::write_sarif;
pub use scan::{Scan, ScannedAccount, Selection, Tool};
pub use score::FORMULA;
pub use tally::Tally;
pub use text::{TextOptions, text};

use crate::model::finding::Effort;
use crate::model::{Finding, Notice, Pillar, Severity};
pub use crate::policy::GateResult;
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
