//! From findings to the report.

use super::{
    BySeverity, CallRow, CheckReport, Cost, Counts, PillarReport, ReadRow, Report, SCHEMA, Savings,
    Scan, gaps, practices, score,
};
use crate::model::{Finding, Notice, Pillar, Practice, Risk, Verdict};
use crate::policy::GateResult;
use std::collections::BTreeMap;

/// Everything that a report is made of.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// What was scanned.
    pub scan: Scan,
    /// All best practices of the framework.
    pub framework: Vec<Practice>,
    /// The checks that were run; `counts` is filled in here.
    pub checks: Vec<CheckReport>,
    /// Every evaluation, exemptions applied.
    pub findings: Vec<Finding>,
    /// What was listed.
    pub reads: Vec<ReadRow>,
    /// The calls that were made.
    pub calls: Vec<CallRow>,
    /// What they cost.
    pub cost: Cost,
    /// What the reader should know.
    pub problems: Vec<Notice>,
    /// The gates and what they counted.
    pub gates: Vec<GateResult>,
}

/// Builds the report. The order of everything in it is fixed, so that two scans of an unchanged
/// account give the same report but for times, ids and timings.
#[must_use]
pub fn build(inputs: Inputs) -> Report {
    let Inputs {
        scan,
        framework,
        mut checks,
        mut findings,
        mut reads,
        mut calls,
        cost,
        mut problems,
        gates,
    } = inputs;
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    reads.sort_by(|a, b| (&a.account, &a.region, &a.kind).cmp(&(&b.account, &b.region, &b.kind)));
    calls.sort();
    problems.sort();
    problems.dedup();
    count_by_check(&mut checks, &findings);
    let practices = practices::practices(&framework, &checks, &findings);
    let questions = practices::questions(&framework, &practices);
    let pillars = Pillar::ALL
        .into_iter()
        .map(|pillar| {
            let (practice_counts, practices_at_risk) = practices::of_pillar(pillar, &practices);
            PillarReport {
                high_risk_issues: practices::issues(pillar, Risk::High, &questions),
                medium_risk_issues: practices::issues(pillar, Risk::Medium, &questions),
                practices: practice_counts,
                practices_at_risk,
                ..from_findings(pillar, &findings)
            }
        })
        .collect();
    Report {
        schema: SCHEMA.to_owned(),
        scan,
        pillars,
        questions,
        practices,
        checks,
        gaps: gaps::gaps(&findings),
        savings: savings(&findings),
        findings,
        reads,
        calls,
        cost,
        problems,
        gates,
    }
}

/// The order of findings; total, as check, account, region, kind and id name one evaluation.
fn key(finding: &Finding) -> [&str; 5] {
    let resource = &finding.resource;
    [
        &finding.check,
        &resource.account,
        &resource.region,
        &resource.kind,
        &resource.id,
    ]
}

fn count_by_check(checks: &mut [CheckReport], findings: &[Finding]) {
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for finding in findings {
        counts
            .entry(&finding.check)
            .or_default()
            .add(finding.verdict);
    }
    for check in checks {
        check.counts = counts.get(check.id.as_str()).copied().unwrap_or_default();
    }
}

/// What findings alone say of a pillar.
fn from_findings(pillar: Pillar, findings: &[Finding]) -> PillarReport {
    let mut counts = Counts::default();
    let mut fails = BySeverity::default();
    let mut tally = score::Tally::default();
    let own = || findings.iter().filter(|finding| finding.pillar == pillar);
    for finding in own() {
        counts.add(finding.verdict);
        tally.add(finding);
        if finding.verdict == Verdict::Fail {
            fails.add(finding.severity);
        }
    }
    PillarReport {
        pillar,
        title: pillar.title().to_owned(),
        score: tally.score(),
        coverage: counts.coverage(),
        counts,
        fails,
        high_risk_issues: 0,
        medium_risk_issues: 0,
        practices: super::PracticeCounts::default(),
        practices_at_risk: super::ByRisk::default(),
        saves_usd_month: savings(own()).usd_month,
    }
}

fn savings<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Savings {
    let mut savings = Savings::default();
    for finding in findings {
        if let (Verdict::Fail, Some(usd)) = (finding.verdict, finding.saves_usd_month) {
            savings.usd_month += usd;
            savings.findings += 1;
        }
    }
    // Cents, so that the order of additions does not show.
    savings.usd_month = (savings.usd_month * 100.0).round() / 100.0;
    savings
}
