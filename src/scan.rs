//! Runs the planned jobs concurrently and hands documents on as they are complete.

use crate::aws::budget::Budget;
use crate::aws::session::Session;
use crate::collect::{Collector, Job};
use crate::model::{Cause, Document, Gap, Scope};
use crate::plan::{JobResult, PlannedJob};
use futures::StreamExt;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Jobs that run at once. Requests are bounded by the gate; this bounds the memory of jobs that
/// wait for it.
const JOBS: usize = 256;
/// Complete documents that wait for the judge.
const WAITING: usize = 1_024;

/// The detail of the gap of a list that was not begun or not finished when the scan was stopped.
pub const STOPPED: &str = "the scan was stopped before";

/// What a scan works with.
pub struct Scan {
    /// How to read each kind.
    pub collectors: BTreeMap<&'static str, &'static Collector>,
    /// The accounts, by id.
    pub sessions: BTreeMap<String, Session>,
    /// The money it may spend.
    pub budget: Arc<Budget>,
    /// When it began.
    pub now: Timestamp,
}

/// Tells what a scan is doing. Called from many tasks.
pub trait Progress: Send + Sync {
    /// A job is over; `done` of `all` are.
    fn job(&self, job: &PlannedJob, listed: &Result<(), Gap>, done: usize, all: usize);
}

/// Runs jobs until all are done or `stop` is. Each complete document goes to `each`; the results
/// come back in the plan's order, and jobs that were cut off have a gap that says so.
pub async fn run(
    scan: &Scan,
    jobs: &[PlannedJob],
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
    mut each: impl FnMut(Document),
) -> Vec<JobResult> {
    let (documents, mut arrived) = mpsc::channel(WAITING);
    let ended = Mutex::new(BTreeMap::new());
    {
        let reading = read_all(scan, jobs, progress, documents, &ended);
        tokio::pin!(reading, stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(document) = arrived.recv() => each(document),
                () = &mut reading => break,
            }
        }
    }
    while let Ok(document) = arrived.try_recv() {
        each(document);
    }
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    jobs.iter()
        .enumerate()
        .map(|(index, job)| JobResult {
            job: job.clone(),
            listed: ended
                .remove(&index)
                .unwrap_or_else(|| Err(Gap::new("", Cause::Uncollected, STOPPED))),
        })
        .collect()
}

type Ended = Mutex<BTreeMap<usize, Result<(), Gap>>>;

async fn read_all(
    scan: &Scan,
    jobs: &[PlannedJob],
    progress: &dyn Progress,
    documents: mpsc::Sender<Document>,
    ended: &Ended,
) {
    let documents = &documents;
    futures::stream::iter(jobs.iter().enumerate())
        .for_each_concurrent(JOBS, |(index, planned)| async move {
            let listed = match start(scan, planned, documents.clone()) {
                Ok((collector, job)) => (collector.read)(job).await,
                Err(gap) => Err(gap),
            };
            let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
            progress.job(planned, &listed, ended.len() + 1, jobs.len());
            ended.insert(index, listed);
        })
        .await;
}

fn start(
    scan: &Scan,
    planned: &PlannedJob,
    documents: mpsc::Sender<Document>,
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
        budget: Arc::clone(&scan.budget),
        now: scan.now,
        documents,
    };
    Ok((collector, Arc::new(job)))
}
