//! Runs the planned jobs concurrently and passes on what they read as it arrives.

use super::order::start_order;
use crate::aws::session::Session;
use crate::aws::throttle::budget::{Budget, ScanBudget};
use crate::collect::concurrency::ConcurrencyLimits;
use crate::collect::declared::SharedReads;
use crate::collect::{Arrival, Collector, Job, credential_report};
use crate::model::{Cause, Document, Gap, Scope};
use crate::plan::{JobResult, PlannedJob};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

/// How many jobs may run at once, depending on the number of regions. The gate bounds the requests;
/// this bounds the memory for pages that arrive faster than they are judged, and the queue at the gate:
/// the calls for each resource of a slow service wait behind every list that has started.
const JOBS: RangeInclusive<usize> = 48..=256;
/// Jobs at once times regions.
const JOBS_OF_REGIONS: usize = 400;
/// What may wait for the judge.
const WAITING: usize = 512;

/// What a scan works with.
pub struct Scan {
    /// How to read each kind.
    pub collectors: BTreeMap<&'static str, &'static Collector>,
    /// The accounts, by id.
    pub sessions: BTreeMap<String, Session>,
    /// The money it may spend.
    pub budget: Arc<ScanBudget>,
    /// When it began.
    pub now: Timestamp,
    /// The concurrency limits of all jobs.
    pub limits: ConcurrencyLimits,
}

/// Tells what a scan is doing.
pub trait Progress {
    /// A job is over; `done` of `all` are.
    fn job(&self, job: &PlannedJob, listed: &Result<(), Gap>, done: usize, all: usize);
}

/// Why a scan ended before its jobs did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The user or the system requested it.
    Requested,
    /// The time given to it is over.
    Deadline,
    /// What it read could not be written to the journal or the snapshot.
    WriteFailed,
}

impl Stop {
    /// The detail of the gap of each list that was not started or not finished.
    #[must_use]
    pub fn detail(self) -> &'static str {
        match self {
            Self::Requested => "the scan was stopped before it was read",
            Self::Deadline => "the deadline passed before it was read",
            Self::WriteFailed => "the scan broke off before it was read",
        }
    }

    /// Whether a list is missing because a scan ended early, so that resuming it would read the
    /// list.
    #[must_use]
    pub fn explains(gap: &Gap) -> bool {
        gap.cause == Cause::Expired
            || (gap.cause == Cause::Uncollected
                && [Self::Requested, Self::Deadline, Self::WriteFailed]
                    .iter()
                    .any(|stop| stop.detail() == gap.detail))
    }
}

/// What a scan reads, in order: all documents of a job, then the end of the job.
pub enum Event<'a> {
    /// A complete document.
    Document(Box<Document>),
    /// The end of a job; `credentials_valid` unless the account's credentials ended before it did.
    Ended {
        /// The job, and whether its list was read to the end.
        result: &'a JobResult,
        /// Whether the credentials were still valid when it ended. If not, other credentials may
        /// read more.
        credentials_valid: bool,
    },
}

/// How a scan ended.
pub struct RunResult {
    /// Every job, in the plan's order; a job that was cut off has a gap that says so.
    pub jobs: Vec<JobResult>,
    /// Why it ended early, if it did.
    pub stopped: Option<Stop>,
}

/// Runs jobs until all are done, or `stop` is, or `on_event` breaks off.
pub async fn run(
    scan: Arc<Scan>,
    jobs: Vec<PlannedJob>,
    progress: &dyn Progress,
    stop: impl Future<Output = Stop>,
    mut on_event: impl FnMut(Event<'_>) -> ControlFlow<()>,
) -> RunResult {
    let (arrivals, mut arrived) = mpsc::channel(WAITING);
    // Dropping it aborts the tasks that are still running.
    let _readers = spawn(&scan, &jobs, &arrivals);
    drop(arrivals);
    let mut results: BTreeMap<usize, JobResult> = BTreeMap::new();
    let mut handle = |arrival| match arrival {
        Arrival::Document(document) => on_event(Event::Document(Box::new(document))),
        Arrival::Ended {
            job,
            listed,
            credentials_valid,
        } => {
            let result = JobResult {
                job: jobs[job].clone(),
                listed,
            };
            let done = results.len() + 1;
            let result = results.entry(job).or_insert(result);
            // Reported only once it is in the journal: what is reported as read is never read
            // again.
            let flow = on_event(Event::Ended {
                result,
                credentials_valid,
            });
            progress.job(&result.job, &result.listed, done, jobs.len());
            flow
        }
    };
    tokio::pin!(stop);
    let mut stopped = loop {
        let arrival = tokio::select! {
            biased;
            why = &mut stop => break Some(why),
            arrival = arrived.recv() => arrival,
        };
        match arrival.map(&mut handle) {
            None => break None,
            Some(ControlFlow::Continue(())) => {}
            Some(ControlFlow::Break(())) => break Some(Stop::WriteFailed),
        }
    };
    // What had arrived before the scan was stopped counts as read.
    while let (Some(Stop::Requested | Stop::Deadline), Ok(arrival)) = (stopped, arrived.try_recv())
    {
        if handle(arrival).is_break() {
            stopped = Some(Stop::WriteFailed);
        }
    }
    RunResult {
        jobs: complete(jobs, results, stopped),
        stopped,
    }
}

/// The results of all jobs, in the plan's order, with a gap for each job that was cut off.
fn complete(
    jobs: Vec<PlannedJob>,
    mut results: BTreeMap<usize, JobResult>,
    stopped: Option<Stop>,
) -> Vec<JobResult> {
    let missing = match stopped {
        Some(stop) => Gap::new("", Cause::Uncollected, stop.detail()),
        // The channel closes early only when a reader panicked.
        None => Gap::new("", Cause::Failed, "internal error while reading"),
    };
    let jobs = jobs.into_iter().enumerate().map(|(index, job)| {
        let cut_off = || JobResult {
            job,
            listed: Err(missing.clone()),
        };
        results.remove(&index).unwrap_or_else(cut_off)
    });
    jobs.collect()
}

/// What the jobs of one account share.
#[derive(Default, Clone)]
struct SharedByJobs {
    credential_report: Arc<credential_report::Shared>,
    shared_reads: Arc<SharedReads>,
}

/// Starts a task for each job.
fn spawn(scan: &Arc<Scan>, jobs: &[PlannedJob], arrivals: &mpsc::Sender<Arrival>) -> JoinSet<()> {
    let regions: BTreeSet<_> = jobs.iter().map(|j| (&j.account, &j.region)).collect();
    let at_once = JOBS_OF_REGIONS / regions.len().max(1);
    let slots = Semaphore::new(at_once.clamp(*JOBS.start(), *JOBS.end()));
    let slots = Arc::new(slots);
    // One for each account.
    let mut shared: BTreeMap<&str, SharedByJobs> = BTreeMap::new();
    let mut readers = JoinSet::new();
    for index in start_order(&scan.collectors, jobs) {
        let (scan, planned) = (Arc::clone(scan), jobs[index].clone());
        let (slots, arrivals) = (Arc::clone(&slots), arrivals.clone());
        let shared = shared.entry(&jobs[index].account).or_default().clone();
        readers.spawn(async move {
            let Ok(_slot) = slots.acquire().await else {
                return;
            };
            let listed = match start(&scan, &planned, shared, arrivals.clone()) {
                Ok((collector, job)) => (collector.read)(job).await,
                Err(gap) => Err(gap),
            };
            // Checked after the last answer, so that credentials that expired during the job are
            // noticed.
            let session = scan.sessions.get(&planned.account);
            let credentials_valid = session.is_some_and(|session| !session.clients.paused());
            let end = Arrival::Ended {
                job: index,
                listed,
                credentials_valid,
            };
            // The receiver is gone only when the scan was stopped.
            let _ = arrivals.send(end).await;
        });
    }
    readers
}

fn start(
    scan: &Scan,
    planned: &PlannedJob,
    shared: SharedByJobs,
    arrivals: mpsc::Sender<Arrival>,
) -> Result<(&'static Collector, Arc<Job>), Gap> {
    let missing = |what: &str| Gap::new("", Cause::Failed, format!("no {what} for this job"));
    let collector = scan
        .collectors
        .get(planned.kind)
        .ok_or_else(|| missing("collector"))?;
    let session = scan
        .sessions
        .get(&planned.account)
        .ok_or_else(|| missing("session"))?;
    let region = match collector.kind.scope {
        Scope::Account => session.home.clone(),
        Scope::Region => planned.region.clone(),
    };
    let job = Job {
        kind: collector.kind,
        parts: planned.parts.clone(),
        account: session.account.clone(),
        partition: session.partition.clone(),
        region,
        regions: session.regions.clone().into(),
        aws: Arc::clone(&session.clients),
        credential_report: shared.credential_report,
        shared_reads: shared.shared_reads,
        budget: Budget::new(
            Arc::clone(&scan.budget),
            &planned.account,
            &planned.region,
            planned.kind,
        ),
        now: scan.now,
        limits: scan.limits.clone(),
        arrivals,
    };
    Ok((collector, Arc::new(job)))
}
