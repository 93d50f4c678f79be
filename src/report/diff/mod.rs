//! The differences between two reports by themselves: `diff.json`, and pages for people.

mod markdown;
mod text;

pub use markdown::markdown as diff_markdown;
pub use text::text as diff_text;

use super::compare::{ChangeCounts, Difference, Differences, PillarDelta};
use super::json::{compact, with_gaps};
use super::{Change, Report, Tool, Why};
use crate::model::{Finding, FindingId, Gap, Pillar, Resource, Severity, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The version of the form of `diff.json`. Fields may be added within a version.
const SCHEMA: &str = "sixpillars/diff/1";

/// What became of the findings of an earlier report: `diff.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Six Pillars diff")]
pub struct DiffFile {
    /// The version of this form, `sixpillars/diff/1`.
    pub schema: String,
    /// The earlier report.
    pub old: DiffSide,
    /// The later report.
    pub new: DiffSide,
    /// How each pillar differs.
    pub pillars: Vec<PillarDelta>,
    /// How many findings changed in each way.
    pub counts: ChangeCounts,
    /// Every finding that changed or still fails, by check, account, region, kind and resource id.
    pub differences: Vec<DiffRow>,
}

/// One of the two reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiffSide {
    /// The scan's id.
    pub id: String,
    /// When the scan began.
    pub started: Timestamp,
    /// Whether every requested account, region and list was read.
    pub complete: bool,
    /// The accounts, by id.
    pub accounts: Vec<String>,
    /// The names of the policies that the accounts were held to.
    pub policies: Vec<String>,
    /// The program that scanned.
    pub tool: Tool,
}

/// What became of one finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiffRow {
    /// The finding's id.
    pub id: FindingId,
    /// What became of it.
    pub change: Change,
    /// Why, where the verdicts do not say it.
    pub why: Option<Why>,
    /// The verdict in the earlier report; null where it is not in there.
    pub was: Option<Verdict>,
    /// The verdict in the later report; null where it is not in there.
    pub is: Option<Verdict>,
    /// The check's id.
    pub check: String,
    /// The check's title.
    pub title: String,
    /// The pillar it counts under.
    pub pillar: Pillar,
    /// How much a failure matters.
    pub severity: Severity,
    /// What it is about.
    pub resource: Resource,
    /// One line about the resource, from the later report where it is in there.
    pub say: String,
    /// What could not be read, where it is unknown now.
    pub gaps: Vec<Gap>,
    /// The day on which it was first seen to fail, as far as the earlier report tells.
    pub first_failed: Option<Date>,
}

/// Two reports and what became of the findings of the earlier one.
pub struct Diff {
    /// The earlier report.
    pub old: Report,
    /// The later report, with its comparison.
    pub new: Report,
}

impl Diff {
    /// What stands before the differences: none of them are in it.
    #[must_use]
    pub fn head(&self) -> DiffFile {
        DiffFile {
            schema: SCHEMA.to_owned(),
            old: side(&self.old),
            new: side(&self.new),
            pillars: self.pillars().to_vec(),
            counts: self.counts(),
            differences: Vec::new(),
        }
    }

    /// Those that changed or still fail, in order.
    ///
    /// # Errors
    /// When the findings cannot be read from where they are kept; that is the last item then.
    pub fn rows(&self) -> impl Iterator<Item = io::Result<DiffRow>> + '_ {
        let first_failed = self.new.comparison.as_ref().map(|c| &c.first_failed);
        Differences::of(&self.old, &self.new).filter_map(move |difference| {
            let row = difference.and_then(|difference| row(&difference));
            match row {
                Ok(None) => None,
                Ok(Some(row)) => Some(Ok(DiffRow {
                    first_failed: first_failed.and_then(|days| days.get(&row.id).copied()),
                    ..row
                })),
                Err(error) => Some(Err(error)),
            }
        })
    }

    fn counts(&self) -> ChangeCounts {
        let comparison = self.new.comparison.as_ref();
        comparison.map(|c| c.counts).unwrap_or_default()
    }

    fn pillars(&self) -> &[PillarDelta] {
        let comparison = self.new.comparison.as_ref();
        comparison.map_or(&[], |c| c.pillars.as_slice())
    }
}

fn row(difference: &Difference) -> io::Result<Option<DiffRow>> {
    let Some(change) = difference.change else {
        return Ok(None);
    };
    let finding: Finding = difference.record()?.finding()?;
    Ok(Some(DiffRow {
        id: finding.id,
        change,
        why: difference.why,
        was: difference.was,
        is: difference.is,
        check: finding.check,
        title: finding.title,
        pillar: finding.pillar,
        severity: finding.severity,
        resource: finding.resource,
        say: finding.say,
        gaps: if difference.is.is_some() {
            finding.gaps
        } else {
            Vec::new()
        },
        first_failed: None,
    }))
}

fn side(report: &Report) -> DiffSide {
    let scan = &report.scan;
    DiffSide {
        id: scan.id.clone(),
        started: scan.started,
        complete: scan.complete,
        accounts: scan.accounts.iter().map(|a| a.id.clone()).collect(),
        policies: scan.policies.clone(),
        tool: scan.tool.clone(),
    }
}

/// The JSON schema of `diff.json`.
#[must_use]
pub fn diff_schema() -> Schema {
    with_gaps(schemars::schema_for!(DiffFile))
}

/// Writes `diff.json`, a difference a line, each made when its turn comes.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_diff_json(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    // The differences stand last, so that they can be written one after the other.
    let head = compact(&diff.head())?;
    out.write_all(head.trim_end_matches("]}").as_bytes())?;
    let mut start = "\n";
    for row in diff.rows() {
        write!(out, "{start}{}", compact(&row?)?)?;
        start = ",\n";
    }
    out.write_all(b"\n]}\n")
}

/// Resources that pages for people show of a check.
const MAX_EXAMPLES: usize = 3;

/// What pages for people show: of each change its checks, the most severe and most frequent first.
type Groups = BTreeMap<Change, Vec<(String, Group)>>;

/// Findings of one check that changed in one way.
struct Group {
    severity: Severity,
    title: String,
    count: u64,
    examples: Vec<DiffRow>,
}

fn groups(diff: &Diff) -> io::Result<Groups> {
    let mut groups: BTreeMap<Change, BTreeMap<String, Group>> = BTreeMap::new();
    for row in diff.rows() {
        let row = row?;
        let checks = groups.entry(row.change).or_default();
        let group = checks.entry(row.check.clone()).or_insert_with(|| Group {
            severity: row.severity,
            title: row.title.clone(),
            count: 0,
            examples: Vec::new(),
        });
        group.count += 1;
        group.severity = group.severity.max(row.severity);
        if group.examples.len() < MAX_EXAMPLES {
            group.examples.push(row);
        }
    }
    let sorted = groups.into_iter().map(|(change, checks)| {
        let mut checks: Vec<_> = checks.into_iter().collect();
        checks.sort_by_key(|(_, group)| std::cmp::Reverse((group.severity, group.count)));
        (change, checks)
    });
    Ok(sorted.collect())
}

/// What a change means, in a sentence.
fn meaning(change: Change) -> &'static str {
    match change {
        Change::New => "Fails, and did not fail before.",
        Change::BecameUnknown => {
            "Was decided before and could not be read this time; that does not mean fixed."
        }
        Change::Fixed => "Failed before; now it passes or the check no longer applies.",
        Change::Gone => "Failed before; the complete list no longer contains the resource.",
        Change::Changed => {
            "Failed before; since then the policy, the check or the scope of the \
             scan has changed."
        }
        Change::StillFailing => "Failed and fails.",
    }
}

/// All counts in one line.
pub(super) fn counted(counts: ChangeCounts) -> String {
    let counts = Change::ALL.map(|change| format!("{} {}", counts.get(change), change.words()));
    counts.join(", ")
}

/// How a pillar differs, in one line; none where it does not.
fn delta(delta: &PillarDelta) -> Option<String> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a share of at most ten thousand"
    )]
    let coverage = (delta.coverage.unwrap_or_default() * 100.0).round() as i64;
    let numbers = [
        ("score", i64::from(delta.score.unwrap_or_default()), ""),
        ("coverage", coverage, " points"),
        ("high-risk issues", delta.high_risk_issues, ""),
        ("medium-risk issues", delta.medium_risk_issues, ""),
    ];
    let changed = numbers.into_iter().filter(|(_, by, _)| *by != 0);
    let changed: Vec<String> = changed
        .map(|(what, by, unit)| format!("{what} {by:+}{unit}"))
        .collect();
    (!changed.is_empty()).then(|| format!("{}: {}", delta.pillar.title(), changed.join(", ")))
}

/// Why a finding changed and what it is about, after the resource's name.
fn about(row: &DiffRow) -> String {
    match (row.why, row.gaps.first()) {
        (Some(why), _) => format!("{} ({})", row.say, why.words()),
        (None, Some(gap)) => format!("{} ({gap})", row.say),
        (None, None) => row.say.clone(),
    }
}
