//! What happens, top-down: config → catalog → targets → plan → scan → judge → report → render.

mod baseline;
mod books;
mod enter;
mod outcome;
mod record;
mod resume;
mod scan;
mod send;

pub use baseline::diff;
pub use outcome::{AppError, Outcome};
pub use scan::scan;
pub use send::send;

use crate::assess::{Assessed, Assessor, Basis, Outlet, Seen};
use crate::aws::session::{self, Regions};
use crate::cli::{JudgeArgs, OutputArgs, PlanArgs, ReportArgs};
use crate::config::{self, Selected};
use crate::derive::{self, GLOBAL};
use crate::model::{Cause, Gap, Notice, Scope};
use crate::plan::{self, JobResult, Parts, Plan, PlannedJob, Target};
use crate::render;
use crate::report::{self, Inputs, ReadError, Report, Tool};
use crate::scan::Stop;
use crate::snapshot::{self, Contents};
use crate::spill::Spill;
use baseline::Baseline;
use enter::enter;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

/// `judge`: reports again from a snapshot, without AWS.
///
/// # Errors
/// [`AppError`].
pub fn judge(args: &JudgeArgs) -> Result<Outcome, AppError> {
    let today = today(Timestamp::now());
    let selected = config::select(&args.select, &args.tags, today)?;
    let baseline = Baseline::read(&args.output)?;
    let parts = selected.parts();
    let snapshot = snapshot::Reader::open(&args.snapshot)?;
    // Ages are counted to when the documents were read.
    let started = snapshot.header().started;
    let accounts = snapshot.header().accounts.iter();
    baseline.suits(started, accounts.map(|account| account.id.as_str()))?;
    let mut assessor = assessor(&selected, &parts, started, &baseline, None)?;
    let mut contents = snapshot.read(&selected.kinds, |document| assessor.document(document))?;
    contents
        .jobs
        .extend(uncollected(&selected, &parts, &contents));
    let assessed = assessor.finish(&contents.jobs)?;
    let report = baseline.compare(build(&selected, contents, assessed, Vec::new()))?;
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
    if args.allow_paid <= 0.0 {
        plan.leave_out_billed();
    }
    let asks_regions = config::regions(&args.target.regions) == Regions::Enabled;
    let mut identity = vec![
        &session::GET_CALLER_IDENTITY,
        &session::LIST_ACCOUNT_ALIASES,
    ];
    identity.extend(asks_regions.then_some(&session::DESCRIBE_REGIONS));
    plan.add_identity(&identity, targets.len());
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

/// Reads a report, whatever its size.
fn read_report(path: &Path) -> Result<Report, AppError> {
    let bad = |why: String| AppError::BadReport(format!("{}: {why}", path.display()));
    let file = File::open(path).map_err(|e| bad(format!("cannot be read: {e}")))?;
    let file = BufReader::with_capacity(1 << 16, file);
    report::read_from(file, &Spill::default()).map_err(|error| match error {
        ReadError::Store(error) => AppError::Write(error.to_string()),
        error => bad(error.to_string()),
    })
}

/// The notice of an account whose credentials ended during the scan.
const EXPIRED: &str = "credentials_expired";

fn today(now: Timestamp) -> jiff::civil::Date {
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn unwritable(path: &Path, error: &std::io::Error) -> AppError {
    AppError::Write(format!("{} cannot be written: {error}", path.display()))
}

fn assessor(
    selected: &Selected,
    parts: &Parts,
    now: Timestamp,
    baseline: &Baseline,
    seen: Option<Seen>,
) -> Result<Assessor, AppError> {
    // Only gates for new failures ask for it.
    let gates_ask = selected.policy.gates.iter().any(|gate| gate.new_only);
    let basis = Basis {
        catalog: &selected.catalog,
        kinds: &selected.kinds,
        policy: &selected.policy,
        parts,
        derivations: derive::derivations(),
        tags: &selected.selection.tags,
        now,
        failed_before: if gates_ask { baseline.failing()? } else { None },
    };
    let outlet = Outlet {
        seen,
        ..Outlet::new(Arc::new(Spill::default()))
    };
    Ok(Assessor::new(&basis, outlet))
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
            .map(|c| render::check_report(c, &selected.policy))
            .collect(),
        reads: render::read_rows(&jobs, &assessed.resources),
        findings: assessed.findings,
        calls: end.calls,
        actions: selected.actions_of_operations(),
        cost: end.cost,
        problems,
        gates: assessed.gates,
        attestations,
    })
}

/// Writes the reports, and says how it went. A broken gate comes first: it stands whatever else
/// could not be read.
fn conclude(report: &Report, args: &OutputArgs) -> Result<Outcome, AppError> {
    render::write(report, &args.format, args.output.as_deref()).map_err(AppError::Write)?;
    let failed = |least| report.failed_at_least(least) > 0;
    if args.fail_on.is_some_and(failed) || report.gates.iter().any(|gate| gate.broken) {
        return Ok(Outcome::GateBroken);
    }
    let low = args
        .min_coverage
        .is_some_and(|least| render::coverage(report) * 100.0 < least);
    let out = |kind: &str| report.problems.iter().any(|notice| notice.kind == kind);
    let stopped = || {
        let mut gaps = report.reads.iter().filter_map(|read| read.gap.as_ref());
        gaps.any(Stop::explains)
    };
    Ok(
        if low || out("account_unreadable") || out(EXPIRED) || stopped() {
            Outcome::Incomplete
        } else {
            Outcome::Done
        },
    )
}
