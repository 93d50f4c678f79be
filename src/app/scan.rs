//! `scan`, top-down: config → catalog → targets → plan → scan → judge → report → render.

use super::baseline::Baseline;
use super::books::Books;
use super::enter::{Entered, choose_and_enter, enter};
use super::record::Record;
use super::resume::Way;
use super::{AppError, Outcome, assessor, build, conclude, resume, today, unwritable};
use crate::assess::{Assessor, Seen};
use crate::cli::{Format, OutputArgs, ScanArgs};
use crate::collect::registry;
use crate::collect::room::Room;
use crate::config::{self, Selected};
use crate::journal::{Journal, Resumed};
use crate::model::Scope;
use crate::plan::{self, JobResult, Plan};
use crate::progress::Reporter;
use crate::render::Stream;
use crate::scan::{self, Event, Scan, Stop};
use crate::snapshot::{self, Contents, End, Header};
use crate::{derive::GLOBAL, model::Document};
use futures::FutureExt;
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
    let stop = stop(asked, typed.deadline).shared();
    let progress = Reporter::new(typed.output.quiet);
    let (args, resumed) = resume::open(typed)?;
    let baseline = Baseline::read(&args.output)?;
    let ready = ready(&args, resumed.as_ref(), &baseline, stop.clone()).await?;
    for warning in &ready.selected.warnings {
        progress.say(&warning.to_string());
    }
    let (stream, output) = stream(&args.output);
    let seen = stream.as_ref().map(seen);
    let (parts, started) = (ready.selected.parts(), ready.header.started);
    let mut assessor = assessor(&ready.selected, &parts, started, &baseline, seen)?;
    let read = read(&args, &ready, resumed, &mut assessor, (&progress, stop)).await?;
    let way = Way::of(&args, &ready.header.id);
    let expired = ready.entered.expired(&way);
    let unfinished = read.stopped.is_some() || !expired.is_empty();
    let journal = read.journal;
    let contents = Contents {
        header: ready.header,
        jobs: read.jobs,
        end: read.end,
    };
    let report = || {
        let assessed = assessor.finish(&contents.jobs)?;
        if let Some(stream) = &stream {
            stream.end().map_err(AppError::Write)?;
        }
        let problems = ready.entered.failed.into_iter().chain(expired).collect();
        let report = build(&ready.selected, contents, assessed, problems);
        let report = baseline.compare(report)?;
        let outcome = conclude(&report, &output)?;
        // The process is about to end: taking all this apart would take longer than writing it did.
        std::mem::forget((report, ready.selected));
        Ok(outcome)
    };
    let outcome = report().map_err(|error| way.on(error))?;
    match journal {
        _ if unfinished => way.tell(&progress),
        Some(journal) => journal.remove(),
        None => {}
    }
    Ok(outcome)
}

/// All that is needed before anything is read.
struct Ready {
    selected: Selected,
    entered: Entered,
    header: Header,
}

/// Chooses the checks and enters the accounts, unless it is stopped first.
async fn ready(
    args: &ScanArgs,
    resumed: Option<&Resumed>,
    baseline: &Baseline,
    stop: impl Future<Output = Stop>,
) -> Result<Ready, AppError> {
    let began = resumed.map(|resumed| resumed.header.started);
    let started = began.unwrap_or_else(Timestamp::now);
    let roles = args.target.role_arn.iter();
    baseline.suits(started, roles.filter_map(|arn| arn.split(':').nth(4)))?;
    let choose = {
        let (select, tags) = (args.select.clone(), args.tags.clone());
        move || Ok(config::select(&select, &tags, today(started))?)
    };
    let entering = async {
        let Some(resumed) = resumed else {
            return choose_and_enter(choose, &args.target, args.max_rate).await;
        };
        let selected = choose()?;
        resume::same_rules(resumed, &selected)?;
        let mut entered = enter(&args.target, &selected, args.max_rate).await?;
        entered.keep_to(&resumed.header.accounts)?;
        Ok((selected, entered))
    };
    let (selected, entered) = tokio::select! {
        biased;
        why = stop => {
            let error = not_entered(why);
            return Err(match resumed {
                Some(resumed) => Way::of(args, &resumed.header.id).on(error),
                None => error,
            });
        }
        entered = entering => entered?,
    };
    baseline.suits(started, entered.sessions.keys().map(String::as_str))?;
    let header = match resumed {
        Some(resumed) => resumed.header.clone(),
        None => snapshot::header(started, entered.accounts()),
    };
    Ok(Ready {
        selected,
        entered,
        header,
    })
}

/// What was read.
struct Read {
    /// In the order of the plan.
    jobs: Vec<JobResult>,
    end: End,
    journal: Option<Journal>,
    stopped: Option<Stop>,
}

/// Reads what the checks need, or what is left of it, and hands it to the assessor.
async fn read(
    args: &ScanArgs,
    ready: &Ready,
    resumed: Option<Resumed>,
    assessor: &mut Assessor,
    (progress, stop): (&Reporter, impl Future<Output = Stop>),
) -> Result<Read, AppError> {
    let Ready {
        selected,
        entered,
        header,
    } = ready;
    let way = Way::of(args, &header.id);
    let targets = entered.targets();
    let plan = plan::plan(
        &selected.parts(),
        &selected.kinds,
        &targets,
        &BTreeMap::new(),
    );
    let books = Books::new(args, entered, resumed.as_ref());
    let mut record = record(args, header)?;
    let before = if let Some(resumed) = resumed {
        let gone = go_on(resumed, selected, &mut record, assessor);
        gone.map_err(|error| way.on(error))?
    } else {
        record.journal = begin(args, selected, header)?;
        Done::new()
    };
    if let Some(journal) = &record.journal {
        books.note_in(journal);
    }
    let scan = Arc::new(Scan {
        collectors: registry().into_iter().map(|c| (c.kind.name, c)).collect(),
        sessions: entered.sessions.clone(),
        budget: Arc::clone(&books.budget),
        now: header.started,
        room: Room::default(),
    });
    let todo = rest(&plan, &before);
    let ran = scan::run(scan, todo, progress, stop, |event| {
        take(event, &mut record, assessor, &books)
    });
    let ran = ran.await;
    progress.finish();
    let jobs = in_order(&plan, before, ran.jobs);
    let end = books.end();
    let noted = record.finish(&jobs, end.clone());
    Ok(Read {
        journal: noted.map_err(|error| way.on(error))?,
        jobs,
        end,
        stopped: ran.stopped,
    })
}

/// Writes down what has arrived, and judges it.
fn take(
    event: Event<'_>,
    record: &mut Record,
    assessor: &mut Assessor,
    books: &Books<'_>,
) -> ControlFlow<()> {
    match event {
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
    }
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

/// Why there is nothing to report.
fn not_entered(why: Stop) -> AppError {
    AppError::NoAccount(match why {
        Stop::Deadline => "the deadline came before an account was entered: the credentials, or AWS's \
                           answer to who they belong to, were still awaited\n  help: allow more time \
                           with --deadline, or find out what hangs with `aws sts get-caller-identity`"
            .to_owned(),
        Stop::Asked | Stop::Unwritten => {
            "the scan was stopped before an account was entered; there is nothing to report".to_owned()
        }
    })
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
