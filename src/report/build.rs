//! From findings to the report.

use super::tally::Tally;
use super::{
    Actions, CallRow, CheckReport, Cost, Findings, PillarReport, ReadRow, Report, SCHEMA, Savings,
    Scan, gaps, practices,
};
use crate::model::{Notice, Pillar, Practice, Risk};
use crate::policy::{GateResult, Statement};
use jiff::tz::TimeZone;

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
    pub findings: Findings,
    /// What was listed.
    pub reads: Vec<ReadRow>,
    /// The calls that were made.
    pub calls: Vec<CallRow>,
    /// What the caller must be allowed to make them.
    pub actions: Actions,
    /// What they cost.
    pub cost: Cost,
    /// What the reader should know.
    pub problems: Vec<Notice>,
    /// The gates and what they counted.
    pub gates: Vec<GateResult>,
    /// What people say of best practices.
    pub attestations: Vec<Statement>,
}

/// Builds the report. The order of everything in it is fixed, so that two scans of an unchanged
/// account give the same report but for times, ids and timings.
#[must_use]
pub fn build(inputs: Inputs) -> Report {
    let Inputs {
        scan,
        framework,
        mut checks,
        findings,
        mut reads,
        mut calls,
        actions,
        cost,
        mut problems,
        gates,
        attestations,
    } = inputs;
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    reads.sort_by(|a, b| (&a.account, &a.region, &a.kind).cmp(&(&b.account, &b.region, &b.kind)));
    calls.sort();
    let tally = findings.tally();
    for check in &mut checks {
        check.counts = tally.check(&check.id);
    }
    let mut practices = practices::practices(&framework, &checks, tally);
    let today = scan.started.to_zoned(TimeZone::UTC).date();
    problems.extend(practices::attest(&mut practices, attestations, today));
    problems.sort();
    problems.dedup();
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
                ..from_findings(pillar, tally)
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
        gaps: gaps::gaps(tally, &calls, &actions),
        savings: savings(tally),
        findings,
        reads,
        calls,
        cost,
        problems,
        gates,
        comparison: None,
    }
}

/// What findings alone say of a pillar.
fn from_findings(pillar: Pillar, tally: &Tally) -> PillarReport {
    let own = tally.pillar(pillar);
    PillarReport {
        pillar,
        title: pillar.title().to_owned(),
        score: own.score.score(),
        coverage: own.counts.coverage(),
        counts: own.counts,
        fails: own.fails,
        high_risk_issues: 0,
        medium_risk_issues: 0,
        practices: super::PracticeCounts::default(),
        practices_at_risk: super::ByRisk::default(),
        saves_usd_month: dollars(own.saves_cents_month),
    }
}

fn savings(tally: &Tally) -> Savings {
    let pillars = || Pillar::ALL.into_iter().map(|pillar| tally.pillar(pillar));
    Savings {
        usd_month: dollars(pillars().map(|p| p.saves_cents_month).sum()),
        findings: pillars().map(|p| p.savings).sum(),
    }
}

fn dollars(cents: i64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52 cents")]
    let cents = cents as f64;
    cents / 100.0
}
