//! What happens, top-down: config → catalog → targets → plan → scan → judge → report → render.

mod enter;
mod outcome;

pub use outcome::{AppError, Outcome};

use crate::assess::{Assessed, Assessor, Basis, Outlet};
use crate::aws::budget::Budget;
use crate::aws::gate::Gate;
use crate::aws::session::{self, Regions};
use crate::cli::{JudgeArgs, OutputArgs, PlanArgs, ReportArgs, ScanArgs};
use crate::collect::registry;
use crate::config::{self, Selected};
use crate::derive::{self, GLOBAL};
use crate::model::{Cause, Document, Gap, Notice, Scope};
use crate::plan::{self, JobResult, Parts, Plan, PlannedJob, Target};
use crate::progress::Reporter;
use crate::render;
use crate::report::{self, CallRow, Cost, Inputs, Report, Tool};
use crate::scan::{self, Scan};
use crate::snapshot::{self, Contents, End};
use crate::spill::Spill;
use enter::enter;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;

/// `scan`: reads accounts and reports.
///
/// # Errors
/// [`AppError`].
pub async fn scan(args: &ScanArgs, stop: impl Future<Output = ()>) -> Result<Outcome, AppError> {
    let started = Timestamp::now();
    let selected = config::select(&args.select, &args.tags, today(started))?;
    let progress = Reporter::new(args.output.quiet);
    for warning in &selected.warnings {
        progress.say(&warning.to_string());
    }
    let parts = selected.parts();
    let entered = enter(&args.target, &selected, args.max_rate).await?;
    let plan = plan::plan(
        &parts,
        &selected.kinds,
        &entered.targets(),
        &BTreeMap::new(),
    );
    let budget = Arc::new(Budget::new(args.allow_paid));
    let scan = Scan {
        collectors: registry().into_iter().map(|c| (c.kind.name, c)).collect(),
        sessions: entered.sessions.clone(),
        budget: Arc::clone(&budget),
        now: started,
    };
    let header = snapshot::header(started, entered.accounts());
    let mut save = match &args.save_snapshot {
        Some(path) => {
            Some(snapshot::Writer::create(path, &header).map_err(|e| unwritable(path, &e))?)
        }
        None => None,
    };
    let mut save_error = None;
    let mut assessor = assessor(&selected, &parts, started);
    let jobs = scan::run(&scan, &plan.jobs, &progress, stop, |document: Document| {
        if let (Some(writer), None) = (&mut save, &save_error) {
            save_error = writer.document(&document).err();
        }
        assessor.document(document);
    })
    .await;
    progress.finish();
    let calls = call_rows(&entered.gate);
    let cost = Cost {
        estimated_usd: budget.wanted(),
        spent_usd: budget.spent(),
        limit_usd: args.allow_paid,
    };
    let finished = Timestamp::now();
    if let (Some(path), Some(writer)) = (&args.save_snapshot, save) {
        let end = End {
            finished,
            calls: calls.clone(),
            cost,
        };
        let saved = save_error.map_or_else(|| writer.finish(&jobs, end), Err);
        saved.map_err(|e| unwritable(path, &e))?;
    }
    let contents = Contents {
        header,
        jobs,
        end: End {
            finished,
            calls,
            cost,
        },
    };
    let assessed = assessor.finish(&contents.jobs)?;
    let report = build(&selected, contents, assessed, entered.failed);
    conclude(&report, &args.output)
}

/// `judge`: reports again from a snapshot, without AWS.
///
/// # Errors
/// [`AppError`].
pub fn judge(args: &JudgeArgs) -> Result<Outcome, AppError> {
    let today = today(Timestamp::now());
    let selected = config::select(&args.select, &args.tags, today)?;
    let parts = selected.parts();
    // The documents come before what says when they were read, and ages are counted to then.
    let mut documents = Vec::new();
    let mut contents = snapshot::read(&args.snapshot, &selected.kinds, |d| documents.push(d))?;
    let mut assessor = assessor(&selected, &parts, contents.header.started);
    for document in documents {
        assessor.document(document);
    }
    contents
        .jobs
        .extend(uncollected(&selected, &parts, &contents));
    let assessed = assessor.finish(&contents.jobs)?;
    let report = build(&selected, contents, assessed, Vec::new());
    conclude(&report, &args.output)
}

/// `plan`: what a scan would do; asks AWS only who is calling and which regions there are.
///
/// # Errors
/// [`AppError`].
pub async fn plan(args: &PlanArgs) -> Result<(Plan, Vec<Target>), AppError> {
    let selected = config::select(&args.select, &args.tags, today(Timestamp::now()))?;
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    if let Some(path) = &args.sizes_from {
        for row in read_report(path)?.reads {
            *sizes.entry(row.kind).or_default() += usize::try_from(row.resources).unwrap_or(0);
        }
    }
    sizes.extend(args.sizes.iter().cloned());
    let parts = selected.parts();
    let entered = enter(&args.target, &selected, None).await?;
    let targets = entered.targets();
    let mut plan = plan::plan(&parts, &selected.kinds, &targets, &sizes);
    let asks_regions = config::regions(&args.target) == Regions::Enabled;
    let identity = [&session::GET_CALLER_IDENTITY, &session::DESCRIBE_REGIONS];
    plan.add_identity(&identity[..if asks_regions { 2 } else { 1 }], targets.len());
    Ok((plan, targets))
}

/// `report`: renders a report.json in other formats.
///
/// # Errors
/// [`AppError`].
pub fn report(args: &ReportArgs) -> Result<Outcome, AppError> {
    let report = read_report(&args.file)?;
    render::write(&report, &args.format, args.output.as_deref()).map_err(AppError::Write)?;
    Ok(Outcome::Done)
}

fn read_report(path: &Path) -> Result<Report, AppError> {
    let bad = |why: String| AppError::BadReport(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| bad(format!("cannot be read: {e}")))?;
    report::read(&text).map_err(|e| bad(e.to_string()))
}

fn today(now: Timestamp) -> jiff::civil::Date {
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn unwritable(path: &Path, error: &std::io::Error) -> AppError {
    AppError::Write(format!("{} cannot be written: {error}", path.display()))
}

fn assessor(selected: &Selected, parts: &Parts, now: Timestamp) -> Assessor {
    let basis = Basis {
        catalog: &selected.catalog,
        kinds: &selected.kinds,
        policy: &selected.policy,
        parts,
        derivations: derive::derivations(),
        tags: &selected.selection.tags,
        now,
    };
    Assessor::new(&basis, Outlet::new(Arc::new(Spill::default())))
}

/// Lists that the selected checks need and the snapshot does not have.
fn uncollected(selected: &Selected, parts: &Parts, contents: &Contents) -> Vec<JobResult> {
    let have: BTreeSet<(&str, &str)> = contents
        .jobs
        .iter()
        .map(|r| (r.job.account.as_str(), r.job.kind))
        .collect();
    let mut missing = Vec::new();
    for account in &contents.header.accounts {
        for kind in parts
            .keys()
            .filter(|k| !have.contains(&(account.id.as_str(), **k)))
        {
            let scope = selected.kinds.get(kind).map(|k| k.kind.scope);
            let regions = match scope {
                Some(Scope::Region) => account.regions.clone(),
                _ => vec![GLOBAL.to_owned()],
            };
            missing.extend(regions.into_iter().map(|region| JobResult {
                job: PlannedJob {
                    account: account.id.clone(),
                    region,
                    kind,
                    parts: BTreeSet::new(),
                },
                listed: Err(Gap::new(
                    "",
                    Cause::Uncollected,
                    "the snapshot does not have it",
                )),
            }));
        }
    }
    missing
}

fn build(
    selected: &Selected,
    contents: Contents,
    assessed: Assessed,
    mut problems: Vec<Notice>,
) -> Report {
    let Contents { header, jobs, end } = contents;
    let stopped = jobs.iter().any(|r| r.listed.is_err());
    let complete = problems.is_empty() && !stopped;
    problems.extend(assessed.notices);
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
            .map(|c| render::check_report(c, &selected.policy))
            .collect(),
        reads: render::read_rows(&jobs, &assessed.resources),
        findings: assessed.findings,
        calls: end.calls,
        cost: end.cost,
        problems,
        gates: assessed.gates,
    })
}

fn call_rows(gate: &Gate) -> Vec<CallRow> {
    gate.ledger
        .counts()
        .into_iter()
        .map(|(key, count)| CallRow {
            account: key.account,
            service: key.service,
            region: key.region,
            operation: key.operation,
            calls: count.calls,
            attempts: count.attempts,
            throttled: count.throttled,
            denied: count.denied,
            failed: count.failed,
            ms: count.ms,
        })
        .collect()
}

/// Writes the reports, and says how it went. A broken gate comes first: it stands whatever else
/// could not be read.
fn conclude(report: &Report, args: &OutputArgs) -> Result<Outcome, AppError> {
    render::write(report, &args.format, args.output.as_deref()).map_err(AppError::Write)?;
    let failed = |least| {
        let mut pillars = report.pillars.iter();
        pillars.any(|pillar| pillar.fails.at_least(least) > 0)
    };
    if args.fail_on.is_some_and(failed) || report.gates.iter().any(|gate| gate.broken) {
        return Ok(Outcome::GateBroken);
    }
    let low = args
        .min_coverage
        .is_some_and(|least| render::coverage(report) * 100.0 < least);
    let out = report
        .problems
        .iter()
        .any(|notice| notice.kind == "account_unreadable");
    let stopped = report.reads.iter().any(|read| {
        read.gap
            .as_ref()
            .is_some_and(|gap| gap.detail == scan::STOPPED)
    });
    Ok(if low || out || stopped {
        Outcome::Incomplete
    } else {
        Outcome::Done
    })
}
