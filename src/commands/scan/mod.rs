//! `scan`, top-down: config → catalog → targets → plan → scan → judge → report → render.

mod call_accounting;
mod finished_jobs;
#[cfg(feature = "serve")]
mod hosted;
mod record;
pub(super) mod resume;

#[cfg(feature = "serve")]
pub(crate) use hosted::{Hosted, hosted};

use super::baseline::Baseline;
use super::results::{build, conclude, start_judging, today};
use super::sessions::{OpenSessions, open_for, select_and_open};
use super::{CommandError, ExitStatus};
use crate::cli::{Format, OutputArgs, ScanArgs};
use crate::collect::concurrency::ConcurrencyLimits;
use crate::collect::registry;
use crate::commands::output::Stream;
use crate::config::{self, Selected};
use crate::judge::{Judge, OnFinding};
use crate::plan::{self, JobResult};
use crate::report::Report;
use crate::scan::jobs::{self, Event, Scan, Stop};
use crate::scan::journal::{Journal, Resumed};
use crate::scan::progress::Reporter;
use crate::scan::snapshot::{self, Contents, End, Header};
use call_accounting::CallAccounting;
use finished_jobs::{FinishedJobs, in_order, remaining_jobs, take_over};
use futures::FutureExt;
use jiff::Timestamp;
use record::{Recorder, unwritable};
use resume::ResumeHint;
use std::collections::BTreeMap;
use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tracing::{Instrument, info_span};

/// `scan`: reads accounts and reports.
///
/// # Errors
/// [`CommandError`].
pub async fn run(
    typed: &ScanArgs,
    stop_requested: impl Future<Output = ()>,
) -> Result<ExitStatus, CommandError> {
    let stop = stop(stop_requested, typed.deadline).shared();
    let progress = Reporter::new(typed.output.quiet);
    let (args, resumed) = resume::open(typed)?;
    let baseline = Baseline::read(&args.output)?;
    let (stream, output) = stream(&args.output);
    let audit = Audit {
        args: &args,
        baseline: &baseline,
        progress: &progress,
        by_hand: true,
        on_finding: stream.as_ref().map(printer),
    };
    let audited = audit.run(resumed, stop).await?;
    let hint = audited.hint;
    let report = || {
        if let Some(stream) = &stream {
            stream.end().map_err(CommandError::Write)?;
        }
        let outcome = conclude(&audited.report, &output)?;
        // The process is about to end, and dropping these would take longer than writing them.
        std::mem::forget((audited.report, audited.selected));
        Ok(outcome)
    };
    let outcome = report().map_err(|error| hint.attach_to(error))?;
    match audited.journal {
        _ if audited.unfinished => hint.print(&progress),
        Some(journal) => journal.remove(),
        None => {}
    }
    Ok(outcome)
}

/// A scan up to its report, for the command line and for the service.
pub(super) struct Audit<'a> {
    /// What the user requested.
    pub(super) args: &'a ScanArgs,
    /// The earlier report.
    pub(super) baseline: &'a Baseline,
    /// Receives the progress.
    pub(super) progress: &'a Reporter,
    /// Whether a person runs it, who can resume it.
    pub(super) by_hand: bool,
    /// Receives each finding as it is judged.
    pub(super) on_finding: Option<OnFinding>,
}

/// A scan that has its report.
pub(crate) struct Audited {
    /// The report, compared with the baseline.
    pub(crate) report: Report,
    /// The checks and policy of the scan.
    pub(crate) selected: Selected,
    /// The journal, until the report is written.
    pub(crate) journal: Option<Journal>,
    /// Whether resuming it would read more.
    pub(crate) unfinished: bool,
    hint: ResumeHint,
}

impl Audit<'_> {
    /// Reads accounts and judges what was read. `stop` ends the reading early.
    ///
    /// # Errors
    /// [`CommandError`].
    pub(super) async fn run(
        self,
        resumed: Option<Resumed>,
        stop: impl Future<Output = Stop> + Clone,
    ) -> Result<Audited, CommandError> {
        let (args, progress) = (self.args, self.progress);
        let ready = self.ready(resumed.as_ref(), stop.clone());
        let ready = ready.instrument(info_span!("select and log in")).await?;
        for warning in &ready.selected.warnings {
            progress.say(&warning.to_string());
        }
        for message in &ready.opened.messages {
            progress.say(&format!("not read: {message}"));
        }
        let (parts, started) = (ready.selected.parts(), ready.header.started);
        let on_finding = self.on_finding.clone();
        let mut judge = start_judging(
            &ready.selected,
            &parts,
            (ready.header.accounts.as_slice(), started),
            self.baseline,
            on_finding,
        )?;
        let hint = self.hint(&ready.header.id);
        let read = read((args, &hint), &ready, resumed, &mut judge, (progress, stop));
        let read = read.instrument(info_span!("read")).await?;
        let expired = ready.opened.expired(&hint);
        let unfinished = read.stopped.is_some() || !expired.is_empty();
        let (selected, opened) = (ready.selected, ready.opened);
        let contents = Contents {
            header: ready.header,
            jobs: read.jobs,
            end: read.end,
        };
        let report = || {
            let _span = info_span!("judge and report").entered();
            let judged = judge.finish(&contents.jobs)?;
            let problems = opened.failed.into_iter().chain(expired).collect();
            let report = build(&selected, contents, judged, problems, opened.notes);
            self.baseline.compare(report)
        };
        let report = report().map_err(|error| hint.attach_to(error))?;
        Ok(Audited {
            report,
            selected,
            journal: read.journal,
            unfinished,
            hint,
        })
    }

    fn hint(&self, id: &str) -> ResumeHint {
        if self.by_hand {
            ResumeHint::new(self.args, id)
        } else {
            ResumeHint::none()
        }
    }

    /// Selects the checks and opens the sessions, unless the scan is stopped first.
    async fn ready(
        &self,
        resumed: Option<&Resumed>,
        stop: impl Future<Output = Stop>,
    ) -> Result<Ready, CommandError> {
        let args = self.args;
        let began = resumed.map(|resumed| resumed.header.started);
        let started = began.unwrap_or_else(Timestamp::now);
        let roles = args.target.role_arn.iter();
        self.baseline
            .suits(started, roles.filter_map(|arn| arn.split(':').nth(4)))?;
        let select = {
            let (select, tags) = (args.select.clone(), args.tags.clone());
            let regions = args.target.regions.clone();
            move || Ok(config::select_in(&regions, &select, &tags, today(started))?)
        };
        let opening = async {
            let Some(resumed) = resumed else {
                return select_and_open(select, &args.target, args.max_rate).await;
            };
            let selected = select()?;
            resume::same_rules(resumed, &selected)?;
            let mut opened = open_for(&args.target, &selected, args.max_rate).await?;
            opened.restrict_to(&resumed.header.accounts)?;
            Ok((selected, opened))
        };
        let (selected, opened) = tokio::select! {
            biased;
            why = stop => {
                let error = not_entered(why);
                return Err(match resumed {
                    Some(resumed) => self.hint(&resumed.header.id).attach_to(error),
                    None => error,
                });
            }
            opened = opening => opened?,
        };
        self.baseline
            .suits(started, opened.sessions.keys().map(String::as_str))?;
        let header = match resumed {
            Some(resumed) => resumed.header.clone(),
            None => snapshot::header(started, opened.accounts()),
        };
        Ok(Ready {
            selected,
            opened,
            header,
        })
    }
}

/// Everything that is needed before the account is read.
struct Ready {
    selected: Selected,
    opened: OpenSessions,
    header: Header,
}

/// What was read.
struct Read {
    /// In the order of the plan.
    jobs: Vec<JobResult>,
    end: End,
    journal: Option<Journal>,
    stopped: Option<Stop>,
}

/// Reads what the checks need, or what is left of it, and passes it to the judge.
async fn read(
    (args, resume_hint): (&ScanArgs, &ResumeHint),
    ready: &Ready,
    resumed: Option<Resumed>,
    judge: &mut Judge,
    (progress, stop): (&Reporter, impl Future<Output = Stop>),
) -> Result<Read, CommandError> {
    let Ready {
        selected,
        opened,
        header,
    } = ready;
    let targets = opened.targets();
    let plan = plan::plan(
        &selected.parts(),
        &selected.kinds,
        &targets,
        &BTreeMap::new(),
    );
    let accounting = CallAccounting::new(args, opened, resumed.as_ref());
    let mut recorder = recorder(args, header)?;
    let before = if let Some(resumed) = resumed {
        let gone = take_over(resumed, selected, &mut recorder, judge);
        gone.map_err(|error| resume_hint.attach_to(error))?
    } else {
        recorder.journal = start_journal(args, selected, header)?;
        FinishedJobs::new()
    };
    if let Some(journal) = &recorder.journal {
        accounting.note_in(journal);
    }
    let scan = Arc::new(Scan {
        collectors: registry().into_iter().map(|c| (c.kind.name, c)).collect(),
        sessions: opened.sessions.clone(),
        budget: Arc::clone(&accounting.budget),
        now: header.started,
        limits: ConcurrencyLimits::default(),
    });
    let todo = remaining_jobs(&plan, &before);
    let run = jobs::run(scan, todo, progress, stop, |event| {
        handle(event, &mut recorder, judge, &accounting)
    });
    let run = run.await;
    progress.finish();
    let jobs = in_order(&plan, before, run.jobs);
    let end = accounting.end();
    let noted = recorder.finish(&jobs, end.clone());
    Ok(Read {
        journal: noted.map_err(|error| resume_hint.attach_to(error))?,
        jobs,
        end,
        stopped: run.stopped,
    })
}

/// Records what has arrived, and judges it.
fn handle(
    event: Event<'_>,
    recorder: &mut Recorder,
    judge: &mut Judge,
    accounting: &CallAccounting<'_>,
) -> ControlFlow<()> {
    match event {
        Event::Document(document) => {
            let flow = recorder.document(&document);
            judge.document(*document);
            flow
        }
        Event::Ended {
            result,
            credentials_valid: true,
        } => {
            // Recorded first: deriving takes a while, and the scan may be killed during that time.
            let flow =
                recorder.list_ended(result, accounting.wanted_by(result), || accounting.end());
            judge.list_ended(result);
            flow
        }
        Event::Ended {
            credentials_valid: false,
            ..
        } => ControlFlow::Continue(()),
    }
}

/// The stream for findings, if they are printed as they are judged, and the formats that are
/// written at the end.
fn stream(args: &OutputArgs) -> (Option<Arc<Stream>>, OutputArgs) {
    let mut rest = args.clone();
    let streams = args.output.is_none() && args.format.contains(&Format::Ndjson);
    if streams {
        rest.format.retain(|format| *format != Format::Ndjson);
    }
    (streams.then(Arc::default), rest)
}

fn printer(stream: &Arc<Stream>) -> OnFinding {
    let stream = Arc::clone(stream);
    Arc::new(move |finding| stream.print(finding))
}

/// Why there is nothing to report.
fn not_entered(why: Stop) -> CommandError {
    CommandError::NoAccount(match why {
        Stop::Deadline => "the deadline passed before an account could be accessed: the \
                           credentials, or the answer to GetCallerIdentity, had not arrived\n  help: allow more time with --deadline, or look for what hangs with `aws sts get-caller-identity`"
            .to_owned(),
        Stop::Requested | Stop::WriteFailed => {
            "the scan was stopped before an account could be accessed; there is nothing to \
             report".to_owned()
        }
    })
}

/// Completes when the user stops the scan or the deadline has passed.
fn stop(
    stop_requested: impl Future<Output = ()>,
    deadline: Option<Duration>,
) -> impl Future<Output = Stop> {
    let begun = tokio::time::Instant::now();
    async move {
        let over = async {
            match deadline {
                Some(time) => tokio::time::sleep_until(begun + time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop_requested => Stop::Requested,
            () = over => Stop::Deadline,
        }
    }
}

fn recorder(args: &ScanArgs, header: &Header) -> Result<Recorder, CommandError> {
    let create = |path: &std::path::PathBuf| {
        let writer = snapshot::Writer::create(path, header).map_err(|e| unwritable(path, &e))?;
        Ok::<_, CommandError>((path.clone(), writer))
    };
    Ok(Recorder::new(
        args.save_snapshot.as_ref().map(create).transpose()?,
    ))
}

/// Starts a journal, unless the user wants none.
fn start_journal(
    args: &ScanArgs,
    selected: &Selected,
    header: &Header,
) -> Result<Option<Journal>, CommandError> {
    if args.no_journal {
        return Ok(None);
    }
    let folder = resume::state_dir(args)?;
    let journal = Journal::create(&folder, header, &resume::began(args, selected))?;
    Ok(Some(journal))
}
