//! `scan`, top-down: config → catalog → targets → plan → scan → judge → report → render.

use super::baseline::Baseline;
use super::enter::{Entered, choose_and_enter, enter};
use super::record::Record;
use super::{AppError, Outcome, assessor, build, conclude, resume, today, unwritable};
use crate::assess::{Assessor, Seen};
use crate::aws::budget::Budget;
use crate::cli::{Format, OutputArgs, ScanArgs};
use crate::collect::registry;
use crate::config::{self, Selected};
use crate::journal::{Journal, Resumed};
use crate::model::Scope;
use crate::plan::{self, JobResult, Plan};
use crate::progress::Reporter;
use crate::render::Stream;
use crate::report::{CallRow, Cost};
use crate::scan::{self, Event, Scan, Stop};
use crate::snapshot::{self, Contents, End, Header};
use crate::{derive::GLOBAL, model::Document};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// `scan`: reads accounts and reports.
///
/// # Errors
/// [`AppError`].
pub async fn scan(typed: &ScanArgs, asked: impl Future<Output = ()>) -> Result<Outcome, AppError> {
    let stop = stop(asked, typed.deadline);
    let progress = Reporter::new(typed.output.quiet);
    let (args, resumed) = resume::open(typed)?;
    let (stream, output) = stream(&args.output);
    let began = resumed.as_ref().map(|resumed| resumed.header.started);
    let started = began.unwrap_or_else(Timestamp::now);
    let baseline = Baseline::read(&args.output)?;
    let roles = args.target.role_arn.iter();
    baseline.suits(started, roles.filter_map(|arn| arn.split(':').nth(4)))?;
    let choose = {
        let (select, tags) = (args.select.clone(), args.tags.clone());
        move || Ok(config::select(&select, &tags, today(started))?)
    };
    let (selected, mut entered) = if let Some(resumed) = &resumed {
        let selected = choose()?;
        resume::same_rules(resumed, &selected)?;
        let entered = enter(&args.target, &selected, args.max_rate).await?;
        (selected, entered)
    } else {
        choose_and_enter(choose, &args.target, args.max_rate).await?
    };
    for warning in &selected.warnings {
        progress.say(&warning.to_string());
    }
    if let Some(resumed) = &resumed {
        entered.keep_to(&resumed.header.accounts)?;
    }
    baseline.suits(started, entered.sessions.keys().map(String::as_str))?;
    let parts = selected.parts();
    let targets = entered.targets();
    let plan = plan::plan(&parts, &selected.kinds, &targets, &BTreeMap::new());
    let header = match &resumed {
        Some(resumed) => resumed.header.clone(),
        None => snapshot::header(started, entered.accounts()),
    };
    let books = Books::new(&args, &entered, resumed.as_ref());
    let mut record = record(&args, &header)?;
    let seen = stream.as_ref().map(seen);
    let mut assessor = assessor(&selected, &parts, started, &baseline, seen)?;
    let before = if let Some(resumed) = resumed {
        go_on(resumed, &selected, &mut record, &mut assessor)?
    } else {
        record.journal = begin(&args, &selected, &header)?;
        BTreeMap::new()
    };
    if let Some(journal) = &record.journal {
        books.note_in(journal);
    }
    let ran = {
        let scan = Scan {
            collectors: registry().into_iter().map(|c| (c.kind.name, c)).collect(),
            sessions: entered.sessions.clone(),
            budget: Arc::clone(&books.budget),
            now: started,
        };
        let todo = rest(&plan, &before);
        scan::run(Arc::new(scan), todo, &progress, stop, |event| match event {
            Event::Document(document) => {
                let flow = record.document(&document);
                assessor.document(*document);
                flow
            }
            Event::Ended {
                result,
                whole: true,
            } => {
                // Written down first: deriving takes a while, and a scan may be killed meanwhile.
                let flow = record.ended(result, books.wanted_by(result), || books.end());
                assessor.ended(result);
                flow
            }
            Event::Ended { whole: false, .. } => ControlFlow::Continue(()),
        })
        .await
    };
    progress.finish();
    let jobs = in_order(&plan, before, ran.jobs);
    let end = books.end();
    let journal = record
        .finish(&jobs, end.clone())
        .map_err(|e| e.resume(&header.id))?;
    let expired = entered.expired(&header.id);
    let unfinished = ran.stopped.is_some() || !expired.is_empty();
    let id = header.id.clone();
    let contents = Contents { header, jobs, end };
    let assessed = assessor.finish(&contents.jobs)?;
    if let Some(stream) = &stream {
        let ended = stream.end().map_err(AppError::Write);
        ended.map_err(|e| e.resume(&id))?;
    }
    let problems = entered.failed.into_iter().chain(expired).collect();
    let report = baseline.compare(build(&selected, contents, assessed, problems))?;
    let outcome = conclude(&report, &output).map_err(|e| e.resume(&id))?;
    // The process is about to end: taking all this apart would take longer than writing it did.
    std::mem::forget((report, selected));
    match journal {
        Some(_) if unfinished => progress.say(&format!(
            "the scan did not come to its end; go on with: sixpillars scan --resume {id}"
        )),
        Some(journal) => journal.remove(),
        None => {}
    }
    Ok(outcome)
}

/// Where findings are printed as they are judged, if that is asked for, and what is left to write
/// at the end.
fn stream(args: &OutputArgs) -> (Option<Arc<Stream>>, OutputArgs) {
    let mut rest = args.clone();
    let asked = args.output.is_none() && args.format.contains(&Format::Ndjson);
    if asked {
        rest.format.retain(|format| *format != Format::Ndjson);
    }
    (asked.then(Arc::default), rest)
}

fn seen(stream: &Arc<Stream>) -> Seen {
    let stream = Arc::clone(stream);
    Arc::new(move |finding| stream.print(finding))
}

/// Done when the user asks to stop, or the time is over.
fn stop(asked: impl Future<Output = ()>, deadline: Option<Duration>) -> impl Future<Output = Stop> {
    let begun = tokio::time::Instant::now();
    async move {
        let over = async {
            match deadline {
                Some(time) => tokio::time::sleep_until(begun + time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = asked => Stop::Asked,
            () = over => Stop::Deadline,
        }
    }
}

fn record(args: &ScanArgs, header: &Header) -> Result<Record, AppError> {
    let create = |path: &std::path::PathBuf| {
        let writer = snapshot::Writer::create(path, header).map_err(|e| unwritable(path, &e))?;
        Ok::<_, AppError>((path.clone(), writer))
    };
    Ok(Record::new(
        args.save_snapshot.as_ref().map(create).transpose()?,
    ))
}

/// Begins a journal, unless the user wants none.
fn begin(
    args: &ScanArgs,
    selected: &Selected,
    header: &Header,
) -> Result<Option<Journal>, AppError> {
    if args.no_journal {
        return Ok(None);
    }
    let folder = resume::state_dir(args)?;
    let journal = Journal::create(&folder, header, &resume::began(args, selected))?;
    Ok(Some(journal))
}

/// Takes over what an earlier part of the scan read.
fn go_on(
    resumed: Resumed,
    selected: &Selected,
    record: &mut Record,
    assessor: &mut Assessor,
) -> Result<Done, AppError> {
    // Resources of kinds that are read once for an account may name a region all the same.
    let region = |document: &Document| {
        let kind = selected.kinds.get(document.resource.kind.as_str());
        match kind.map(|kind| kind.kind.scope) {
            Some(Scope::Account) => GLOBAL.to_owned(),
            _ => document.resource.region.clone(),
        }
    };
    let (journal, results) = resumed.go_on(&selected.kinds, region, |document| {
        // A snapshot that cannot be written stops the scan at its next document.
        let _ = record.known(&document);
        assessor.document(document);
    })?;
    record.journal = Some(journal);
    for result in &results {
        assessor.ended(result);
    }
    Ok(results.into_iter().map(|r| (key(&r), r)).collect())
}

type Done = BTreeMap<(String, String, &'static str), JobResult>;

fn key(result: &JobResult) -> (String, String, &'static str) {
    let job = &result.job;
    (job.account.clone(), job.region.clone(), job.kind)
}

/// The jobs of a plan that were not done before.
fn rest(plan: &Plan, done: &Done) -> Vec<plan::PlannedJob> {
    let left = plan
        .jobs
        .iter()
        .filter(|job| !done.contains_key(&(job.account.clone(), job.region.clone(), job.kind)));
    left.cloned().collect()
}

/// All results in the order of the plan.
fn in_order(plan: &Plan, mut done: Done, now: Vec<JobResult>) -> Vec<JobResult> {
    done.extend(now.into_iter().map(|result| (key(&result), result)));
    let jobs = plan.jobs.iter();
    jobs.filter_map(|job| done.remove(&(job.account.clone(), job.region.clone(), job.kind)))
        .collect()
}

/// Calls and money, with those of an earlier part of the scan.
struct Books<'a> {
    entered: &'a Entered,
    budget: Arc<Budget>,
    limit_usd: f64,
    before: Vec<CallRow>,
}

impl<'a> Books<'a> {
    fn new(args: &ScanArgs, entered: &'a Entered, resumed: Option<&Resumed>) -> Self {
        let limit = args.allow_paid;
        let budget = match resumed {
            Some(resumed) => Budget::resumed(limit, resumed.spent, resumed.wanted),
            None => Budget::new(limit),
        };
        let so_far = resumed.and_then(|resumed| resumed.so_far.as_ref());
        Self {
            entered,
            budget: Arc::new(budget),
            limit_usd: limit,
            before: so_far.map(|end| end.calls.clone()).unwrap_or_default(),
        }
    }

    /// Notes in a journal what is spent, before it is.
    fn note_in(&self, journal: &Journal) {
        self.budget.note_with(journal.spending());
    }

    /// What the billed reads of a list would have cost, in billionths of a US dollar.
    fn wanted_by(&self, JobResult { job, .. }: &JobResult) -> u64 {
        self.budget.wanted_by(&job.account, &job.region, job.kind)
    }

    fn end(&self) -> End {
        let counts = self.entered.gate.ledger.counts();
        let now = counts.into_iter().map(|(key, count)| CallRow {
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
        });
        End {
            finished: Timestamp::now(),
            calls: CallRow::summed(self.before.iter().cloned().chain(now)),
            cost: Cost {
                estimated_usd: self.budget.wanted(),
                spent_usd: self.budget.spent(),
                limit_usd: self.limit_usd,
            },
        }
    }
}
