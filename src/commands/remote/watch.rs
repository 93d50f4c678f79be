//! Waiting for the end of an audit.

use super::place::path;
use crate::cli::WaitArgs;
use crate::commands::CommandError;
use crate::remote::{Event, RemoteError, Service};
use crate::report::sanitize::clean_short;
use serde_json::Value;
use std::io::Write;
use std::time::{Duration, Instant};

/// The wait between two polls, if the service has no events.
const POLL: Duration = Duration::from_secs(2);
/// How long the service may be unreachable: it may be being updated, and the audit goes on after that.
const MAX_OUTAGE: Duration = Duration::from_mins(5);
/// The shortest time between two lines of progress, apart from changes of state.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Characters of a note that are shown.
const MAX_SHOWN: usize = 300;

/// Follows an audit until it is over, by events where they come through and by asking where they do
/// not, as behind some proxies.
///
/// # Errors
/// When the service refuses or is away for minutes, or the time is up.
pub(super) async fn until_over(
    service: &Service,
    id: &str,
    args: &WaitArgs,
) -> Result<Value, CommandError> {
    let mut printer = ProgressPrinter::new(id, args.quiet);
    let followed = follow(service, id, &mut printer);
    match args.timeout {
        None => followed.await,
        Some(time) => match tokio::time::timeout(time, followed).await {
            Ok(audit) => audit,
            Err(_) => Err(CommandError::Remote(format!(
                "the audit {id} is not over in time\n  help: it goes on; wait again with: \
                 sixpillars remote audits wait {id}"
            ))),
        },
    }
}

async fn follow(
    service: &Service,
    id: &str,
    printer: &mut ProgressPrinter,
) -> Result<Value, CommandError> {
    let mut last_answer = Instant::now();
    loop {
        match stream(service, id, printer, &mut last_answer).await {
            Ok(Some(audit)) => return Ok(audit),
            Ok(None) => {}
            Err(error) => tolerate(error, last_answer)?,
        }
        // The stream ended early: the service stops, or a proxy cut it.
        match service.get(&path(id)).await {
            Ok(audit) => {
                last_answer = Instant::now();
                printer.print(&audit);
                if is_over(&audit) {
                    return Ok(audit);
                }
            }
            Err(error) => tolerate(error, last_answer)?,
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Ignores an error that may be temporary, as long as the service answered recently.
fn tolerate(error: RemoteError, last_answer: Instant) -> Result<(), CommandError> {
    let is_temporary = match &error {
        RemoteError::Refused(refusal) => refusal.is_temporary(),
        RemoteError::Unreachable { is_final, .. } => !is_final,
        // A proxy that does not pass events on.
        RemoteError::UnexpectedAnswer { .. } => true,
    };
    if is_temporary && last_answer.elapsed() < MAX_OUTAGE {
        tracing::debug!(%error, "asking again");
        Ok(())
    } else {
        Err(error.into())
    }
}

/// The audit once it is over; none where the stream ended before.
async fn stream(
    service: &Service,
    id: &str,
    printer: &mut ProgressPrinter,
    last_answer: &mut Instant,
) -> Result<Option<Value>, RemoteError> {
    let mut events = service.events(&format!("{}/events", path(id))).await?;
    while let Some(Event { kind, data }) = events.next().await? {
        *last_answer = Instant::now();
        if kind != "audit" {
            continue;
        }
        let audit: Value =
            serde_json::from_str(&data).map_err(|e| service.unexpected_answer(&e.to_string()))?;
        printer.print(&audit);
        if is_over(&audit) {
            return Ok(Some(audit));
        }
    }
    Ok(None)
}

fn is_over(audit: &Value) -> bool {
    ["finished", "failed", "cancelled"]
        .iter()
        .any(|state| audit["state"] == *state)
}

/// Prints progress on standard error, each state and note once.
struct ProgressPrinter {
    id: String,
    quiet: bool,
    state: String,
    lists: (i64, i64),
    notes: usize,
    last: Option<Instant>,
}

impl ProgressPrinter {
    fn new(id: &str, quiet: bool) -> Self {
        Self {
            id: id.to_owned(),
            quiet,
            state: String::new(),
            lists: (0, 0),
            notes: 0,
            last: None,
        }
    }

    fn print(&mut self, audit: &Value) {
        if self.quiet {
            return;
        }
        let state = clean_short(audit["state"].as_str().unwrap_or_default(), MAX_SHOWN);
        if state != self.state {
            line(&format!(
                "audit {}: {state}",
                clean_short(&self.id, MAX_SHOWN)
            ));
            self.state = state;
        }
        let number = |field: &str| audit[field].as_i64().unwrap_or(0);
        let lists = (number("lists_read"), number("lists_all"));
        let due = self.last.is_none_or(|at| at.elapsed() >= LINE_EVERY);
        if lists != self.lists && lists.1 > 0 && (due || lists.0 == lists.1) {
            line(&format!("{}/{} lists read", lists.0, lists.1));
            self.last = Some(Instant::now());
            self.lists = lists;
        }
        let notes = audit["notes"].as_array().map_or(&[][..], Vec::as_slice);
        for note in notes.iter().skip(self.notes) {
            line(&clean_short(note.as_str().unwrap_or_default(), MAX_SHOWN));
        }
        self.notes = self.notes.max(notes.len());
    }
}

/// A closed standard error does not stop the waiting.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "sixpillars: {text}");
}
