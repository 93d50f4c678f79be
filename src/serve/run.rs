//! One run under its lease: the same scan as `sixpillars scan`, with its journal in the store.

use super::decisions;
use super::lease::{Interruption, hold};
use super::notify::{About, notices};
use super::progress::{ProgressWatcher, RunProgress};
use super::request::Request;
use super::state::Service;
use crate::cli::ScanArgs;
use crate::commands::results::status;
use crate::commands::scan::{Audited, Hosted, hosted};
use crate::commands::{CommandError, ExitStatus};
use crate::report::Report;
use crate::report::sanitize::clean_lines;
use crate::scan::progress::Reporter;
use crate::store::{Changes, Lease, Outcome, RunFolder, StoreError, StoredReport};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

/// The wait before a failed write to the database is tried again. The lease bounds how often.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// How often an upload to a bucket is tried. The client itself retries several times each time.
const UPLOAD_ATTEMPTS: u32 = 10;

/// Why a run has no report.
enum Failed {
    /// It failed for good, for this reason.
    Permanently(String),
    /// Somebody else has it, or it was interrupted.
    Interrupted,
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost(_) => Self::Interrupted,
            error => Self::Permanently(error.to_string()),
        }
    }
}

/// Executes the run of a lease, to its end or until it is interrupted.
pub(super) async fn run(service: Arc<Service>, lease: Lease) {
    let id = lease.run.id.clone();
    let (target, token) = (lease.run.target.clone(), lease.token);
    tracing::info!(run = id, target, token, "run begins");
    let span = info_span!(
        "audit",
        audit.id = id,
        audit.target = target,
        audit.attempt = token,
        audit.outcome = Empty,
        otel.status_code = Empty,
    );
    let progress = service.board.begin(&id);
    let attempt = Attempt {
        service,
        lease,
        progress,
        interrupted: CancellationToken::new(),
    };
    let work = attempt.start(span.clone());
    let (result, why) = attempt.join_or_interrupt(work).await;
    span.record("audit.outcome", outcome(&result, why));
    if result.is_err() && why.is_none() {
        span.record("otel.status_code", "ERROR");
    }
    if let Err(error) = attempt.note_end(result, why).await {
        // The beats have ended, so another worker takes the run over.
        tracing::warn!(run = id, %error, "the end of the run could not be noted");
    }
    attempt.service.board.end(&id);
    attempt.service.wake.notify_waiters();
}

/// How an attempt ended, for traces.
fn outcome(result: &Result<(), Failed>, why: Option<Interruption>) -> &'static str {
    match (result, why) {
        (Ok(()), _) => "finished",
        (Err(_), Some(Interruption::Cancelled)) => "cancelled",
        (Err(_), Some(Interruption::Shutdown)) => "paused",
        (Err(_), Some(Interruption::LeaseLost)) | (Err(Failed::Interrupted), None) => "lease lost",
        (Err(Failed::Permanently(_)), None) => "failed",
    }
}

/// The result of the work. A panic becomes an internal error.
fn joined(work: Result<Result<(), Failed>, JoinError>) -> Result<(), Failed> {
    work.unwrap_or_else(|_| Err(Failed::Permanently("internal error".to_owned())))
}

/// One attempt to execute the run of a lease.
#[derive(Clone)]
struct Attempt {
    service: Arc<Service>,
    lease: Lease,
    progress: Arc<RunProgress>,
    /// Ends the scan early.
    interrupted: CancellationToken,
}

impl Attempt {
    /// Begins the work.
    fn start(&self, span: Span) -> JoinHandle<Result<(), Failed>> {
        let (attempt, handle) = (self.clone(), Handle::current());
        // The scan judges on its current thread, which would block other async tasks.
        tokio::task::spawn_blocking(move || {
            let work = attempt.unless_interrupted();
            handle.block_on(work.instrument(span))
        })
    }

    /// Waits for the work, and interrupts it if it has to stop. Returns its result, and why it had to
    /// stop.
    async fn join_or_interrupt(
        &self,
        mut work: JoinHandle<Result<(), Failed>>,
    ) -> (Result<(), Failed>, Option<Interruption>) {
        let service = &self.service;
        let why = tokio::select! {
            result = &mut work => return (joined(result), None),
            why = hold(&service.database, &self.lease, service.config.lease, &self.progress) => why,
            () = service.stop.cancelled() => Interruption::Shutdown,
        };
        // Beats wait for the transaction that stores the run, which may take longer than a lease. It checks
        // the fencing token itself, so it may continue without beats: it stores everything, or nothing if
        // another worker has the run.
        let decides_itself = why == Interruption::LeaseLost && self.progress.is_storing();
        if !decides_itself {
            self.interrupted.cancel();
        }
        (joined(work.await), Some(why))
    }

    /// Stores how the attempt ended.
    async fn note_end(
        &self,
        result: Result<(), Failed>,
        why: Option<Interruption>,
    ) -> Result<(), StoreError> {
        let (database, lease) = (&self.service.database, &self.lease);
        let id = &lease.run.id;
        match (result, why) {
            (Ok(()), _) => {
                tracing::info!(run = id, "run is finished");
                Ok(())
            }
            (Err(_), Some(Interruption::Cancelled)) => {
                tracing::info!(run = id, "run is cancelled");
                let notes = self.progress.notes();
                database.end(lease, None, &notes, Timestamp::now()).await
            }
            (Err(_), Some(Interruption::Shutdown)) => {
                tracing::info!(run = id, "run is paused, since the process ends");
                database.release(lease).await
            }
            (Err(_), Some(Interruption::LeaseLost)) | (Err(Failed::Interrupted), None) => {
                let token = lease.token;
                tracing::warn!(run = id, token, "the lease of the run is lost");
                Ok(())
            }
            (Err(Failed::Permanently(why)), None) => {
                tracing::warn!(run = id, why, "run failed");
                let notes = self.progress.notes();
                let now = Timestamp::now();
                database.end(lease, Some(&why), &notes, now).await
            }
        }
    }

    async fn unless_interrupted(&self) -> Result<(), Failed> {
        tokio::select! {
            biased;
            () = self.interrupted.cancelled() => Err(Failed::Interrupted),
            ended = self.scan_and_store() => ended,
        }
    }

    async fn scan_and_store(&self) -> Result<(), Failed> {
        let (service, run) = (&self.service, &self.lease.run);
        let folder = service.files.attempt(&run.id, self.lease.token)?;
        let args = self.with_decisions(&folder).await?;
        // On the heap, as the state of a scan is large.
        let audited = Box::pin(self.scan(&args, &folder)).await?;
        if self.interrupted.is_cancelled() {
            return Err(Failed::Interrupted);
        }
        // The span is not entered while the database is queried: a worker thread of the database keeps the
        // current span for a moment, so this one would end after the run.
        let storing = info_span!("store");
        storing.in_scope(|| folder.write(&audited.report))?;
        upload(service, &folder).await?;
        let outcome = Outcome {
            status: match status(&audited.report, &args.output) {
                ExitStatus::Done => 0,
                ExitStatus::GateBroken => 1,
                ExitStatus::Incomplete => 3,
            },
            notes: self.progress.notes(),
            folder: folder.name.clone(),
            lists: i64::try_from(self.progress.lists().1).unwrap_or(i64::MAX),
        };
        self.progress.stores();
        self.finish(&audited.report, &outcome).await?;
        drop(storing);
        if let Some(journal) = audited.journal {
            journal.remove();
        }
        service.files.remove_other_attempts(&run.id, &folder);
        Ok(())
    }

    /// The scan that the run asks for, with the policy of what people decided.
    async fn with_decisions(&self, folder: &RunFolder) -> Result<ScanArgs, Failed> {
        let (service, run) = (&self.service, &self.lease.run);
        let mut args = arguments(service, &self.lease, folder)?;
        let decided = decisions::policy(service, &run.id, &run.target).await?;
        if args.select.policy.is_empty() {
            args.select.policy.push("default".to_owned());
        }
        args.select.policy.push(decided.display().to_string());
        Ok(args)
    }

    /// Scans, and compares with the run before if possible.
    async fn scan(&self, args: &ScanArgs, folder: &RunFolder) -> Result<Audited, Failed> {
        let before = before(&self.service, &self.lease).await?;
        let reporter = Reporter::Watched(Box::new(ProgressWatcher(Arc::clone(&self.progress))));
        let asked = |before: Option<(PathBuf, Report)>| Hosted {
            args: args.clone(),
            unfinished: folder.unfinished_scan(),
            before,
            progress: &reporter,
        };
        let audited = match hosted(asked(before)).await {
            Err(CommandError::BadReport(why)) => {
                // Another account, for example.
                let note = format!("not compared with the run before: {why}");
                self.progress.note(&note);
                hosted(asked(None)).await
            }
            audited => audited,
        };
        audited.map_err(|error| Failed::Permanently(clean_lines(&error.to_string())))
    }

    /// Stores the run and its notices. Retries while the database does not answer; the lease bounds for
    /// how long.
    async fn finish(&self, report: &Report, outcome: &Outcome) -> Result<(), StoreError> {
        let (service, run) = (&self.service, &self.lease.run);
        let tell = |changes: &Changes| {
            let target = service.config.targets.get(&run.target);
            let about = About {
                target: &run.target,
                owners: target.map_or(&[][..], |target| target.owners.as_slice()),
                run: &run.id,
            };
            notices(&service.config.channels, &about, changes)
        };
        loop {
            match service
                .database
                .finish(&self.lease, report, outcome, tell)
                .await
            {
                Ok(changes) => {
                    tracing::debug!(run = run.id, changes.new_fails, changes.fixed, "stored");
                    return Ok(());
                }
                Err(StoreError::Database(error)) => {
                    tracing::warn!(run = run.id, %error, "the run could not be stored yet");
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Uploads report and snapshot if there is a bucket. One that fails for a while does not cost the scan.
async fn upload(service: &Service, folder: &RunFolder) -> Result<(), StoreError> {
    let mut attempt = 1;
    loop {
        match service.files.upload(folder).await {
            Err(StoreError::Bucket(why)) if attempt < UPLOAD_ATTEMPTS => {
                tracing::warn!(why, attempt, "the report could not be stored yet");
                tokio::time::sleep(RETRY_DELAY * attempt).await;
                attempt += 1;
            }
            kept => return kept,
        }
    }
}

/// The scan that the run asks for.
fn arguments(service: &Service, lease: &Lease, folder: &RunFolder) -> Result<ScanArgs, Failed> {
    let run = &lease.run;
    let request: Request = serde_json::from_str(&run.request)
        .map_err(|error| Failed::Permanently(format!("the request cannot be read: {error}")))?;
    let target = service.config.targets.get(&run.target).ok_or_else(|| {
        Failed::Permanently(format!(
            "the configuration has no target {} any more",
            run.target
        ))
    })?;
    let mut args = target.scan(&request.scope, request.allow_paid_usd);
    args.deadline = request.deadline_seconds.map(Duration::from_secs);
    args.state_dir = Some(folder.path.clone());
    args.save_snapshot = Some(folder.snapshot());
    Ok(args)
}

/// The report of the last finished run of the same target and scope.
async fn before(service: &Service, lease: &Lease) -> Result<Option<(PathBuf, Report)>, Failed> {
    let run = &lease.run;
    let last = service.database.last_finished(&run.target, &run.scope);
    let last = last.await?;
    let Some(folder) = last.and_then(|run| run.folder) else {
        return Ok(None);
    };
    // A report that was removed by hand does no harm.
    let stored = service.files.open_report(&folder).await;
    let report = stored.and_then(StoredReport::report).ok();
    Ok(report.map(|report| (PathBuf::from(folder), report)))
}
