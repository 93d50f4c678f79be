//! From documents to a report: what `scan` and `judge` share.

use super::baseline::Baseline;
use super::{CommandError, ExitStatus, output};
use crate::check::Check;
use crate::cli::OutputArgs;
use crate::config::Selected;
use crate::derive::GLOBAL;
use crate::judge::{Criteria, FindingSink, Judge, Judged, OnFinding};
use crate::model::Notice;
use crate::plan::{JobResult, Parts};
use crate::policy::Policy;
use crate::report::{self, CheckReport, Counts, Inputs, ReadRow, Report, ScannedAccount, Tool};
use crate::scan::external_sort::ExternalSorter;
use crate::scan::jobs::Stop;
use crate::scan::snapshot::Contents;
use crate::{derive, judge};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The notice of an account whose credentials expired during the scan.
pub(super) const EXPIRED: &str = "credentials_expired";

/// The notice of an account that could not be entered.
pub(super) const UNREADABLE: &str = "account_unreadable";
/// The notice of a region that was named and that the account has not enabled.
pub(super) const REGION_NOT_ENABLED: &str = "region_not_enabled";

/// The day of a moment, in UTC.
pub(super) fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

pub(super) fn start_judging(
    selected: &Selected,
    parts: &Parts,
    (accounts, now): (&[ScannedAccount], Timestamp),
    baseline: &Baseline,
    on_finding: Option<OnFinding>,
) -> Result<Judge, CommandError> {
    // Only gates for new failures need it.
    let gates_ask = selected.policy.gates.iter().any(|gate| gate.new_only);
    let criteria = Criteria {
        catalog: &selected.catalog,
        kinds: &selected.kinds,
        policy: &selected.policy,
        parts,
        derivations: derive::derivations(),
        tags: &selected.selection.tags,
        now,
        accounts,
        failed_before: if gates_ask { baseline.failing()? } else { None },
    };
    let sink = FindingSink {
        on_finding,
        ..FindingSink::new(Arc::new(ExternalSorter::default()))
    };
    Ok(Judge::new(&criteria, sink))
}

pub(super) fn build(
    selected: &Selected,
    contents: Contents,
    judged: Judged,
    mut problems: Vec<Notice>,
    notes: Vec<Notice>,
) -> Report {
    let Contents { header, jobs, end } = contents;
    let hidden = |list: &JobResult| list.listed.as_ref().is_err_and(|gap| !gap.is_off());
    let stopped = jobs.iter().any(hidden);
    let complete = problems.is_empty() && !stopped;
    let jobs: Vec<JobResult> = jobs
        .into_iter()
        .filter(|list| list.listed.is_err() || is_audited(&header.accounts, list))
        .collect();
    problems.extend(notes);
    problems.extend(judged.notices);
    let accounts: Vec<&str> = header.accounts.iter().map(|a| a.id.as_str()).collect();
    let (attestations, notices) = selected
        .policy
        .attestations(&accounts, today(header.started));
    problems.extend(notices);
    report::build(Inputs {
        scan: report::Scan {
            id: header.id,
            tool: Tool {
                name: "sixpillars".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            started: header.started,
            finished: end.finished,
            accounts: header.accounts,
            policies: selected.policy.names.clone(),
            selection: selected.selection.clone(),
            complete,
        },
        framework: selected.practices.iter().cloned().collect(),
        checks: selected
            .catalog
            .iter()
            .map(|c| check_report(c, &selected.policy))
            .collect(),
        reads: read_rows(&jobs, &judged.resources),
        findings: judged.findings,
        calls: end.calls,
        actions: selected.actions_of_operations(),
        cost: end.cost,
        problems,
        gates: judged.gates,
        attestations,
    })
}

/// Whether a list is of a region to audit. Others are read for resources that are in none, and count only if
/// they could not be read.
fn is_audited(accounts: &[ScannedAccount], JobResult { job, .. }: &JobResult) -> bool {
    let mut accounts = accounts.iter().filter(|a| a.id == job.account);
    job.region == GLOBAL || accounts.all(|account| account.regions.contains(&job.region))
}

/// Writes the reports and returns the exit status.
pub(super) fn conclude(report: &Report, args: &OutputArgs) -> Result<ExitStatus, CommandError> {
    output::write(report, &args.format, args.output.as_deref(), args.quiet)
        .map_err(CommandError::Write)?;
    Ok(status(report, args))
}

/// The exit status of a report. A broken gate takes precedence over gaps.
#[must_use]
pub fn status(report: &Report, args: &OutputArgs) -> ExitStatus {
    let failed = |least| report.failed_at_least(least) > 0;
    if args.fail_on.is_some_and(failed) || report.gates.iter().any(|gate| gate.broken) {
        return ExitStatus::GateBroken;
    }
    let low = args
        .min_coverage
        .is_some_and(|least| coverage(report) * 100.0 < least);
    let unread = [UNREADABLE, REGION_NOT_ENABLED, EXPIRED];
    let out = |kind: &str| report.problems.iter().any(|notice| notice.kind == kind);
    let stopped = || {
        let mut gaps = report.reads.iter().filter_map(|read| read.gap.as_ref());
        gaps.any(Stop::explains)
    };
    if low || unread.into_iter().any(out) || stopped() {
        ExitStatus::Incomplete
    } else {
        ExitStatus::Done
    }
}

/// The check itself, for the report.
#[must_use]
pub fn check_report(check: &Check, policy: &Policy) -> CheckReport {
    let info = judge::info(check);
    CheckReport {
        id: check.id.clone(),
        title: check.file.title.clone(),
        pillar: check.file.pillar,
        best_practices: check.file.best_practices.clone(),
        severity: policy.general_severity(&info),
        resource: check.file.resource.clone(),
        parameters: policy.general_parameters(&info),
        why: check.file.why.clone(),
        fix: check.file.fix.text.clone(),
        effort: check.file.fix.effort,
        maps: check.file.maps.clone(),
        see: check.file.see.clone(),
        rule: Some(rule(check, policy)),
        counts: Counts::default(),
    }
}

/// A hash of everything that decides the verdicts of a check.
fn rule(check: &Check, policy: &Policy) -> String {
    let file = &check.file;
    let changes = policy.parameter_changes(&check.id);
    let all = json!([
        file.resource,
        file.when,
        file.expect,
        file.parameters,
        changes
    ]);
    let digest = Sha256::digest(all.to_string());
    // As long as the id of a finding, which is enough to distinguish rules.
    let digits = digest.iter().take(12).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// What was listed, from how the jobs ended and what they found. Buckets are listed once for all
/// regions, and each of their regions gets a row.
#[must_use]
pub fn read_rows(
    jobs: &[JobResult],
    resources: &BTreeMap<(String, String, String), u64>,
) -> Vec<ReadRow> {
    let mut rows: BTreeMap<(String, String, String), ReadRow> = BTreeMap::new();
    let row = |account: &str, region: &str, kind: &str| ReadRow {
        account: account.to_owned(),
        region: region.to_owned(),
        kind: kind.to_owned(),
        resources: 0,
        gap: None,
    };
    for JobResult { job, listed } in jobs {
        let key = (job.account.clone(), job.region.clone(), job.kind.to_owned());
        let mut read = row(&job.account, &job.region, job.kind);
        read.gap = listed.clone().err();
        rows.insert(key, read);
    }
    for ((account, region, kind), count) in resources {
        let key = (account.clone(), region.clone(), kind.clone());
        rows.entry(key)
            .or_insert_with(|| row(account, region, kind))
            .resources = *count;
    }
    rows.into_values().collect()
}

/// The share of all evaluations that were decided; 1 if there are none.
#[must_use]
pub fn coverage(report: &Report) -> f64 {
    let counts = || report.pillars.iter().map(|pillar| pillar.counts);
    let all: u64 = counts().map(|c| c.all()).sum();
    let decided: u64 = counts().map(|c| c.decided()).sum();
    #[allow(clippy::cast_precision_loss, reason = "counts of findings")]
    if all == 0 {
        1.0
    } else {
        decided as f64 / all as f64
    }
}
