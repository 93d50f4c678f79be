//! A scan that the service runs: from its journal if there is one, without a terminal.

use super::{Audit, Audited, resume, stop};
use crate::cli::ScanArgs;
use crate::commands::CommandError;
use crate::commands::baseline::Baseline;
use crate::report::Report;
use crate::scan::journal::JournalError;
use crate::scan::progress::Reporter;
use futures::FutureExt;
use std::path::PathBuf;

/// Billionths of a US dollar, in which journals count.
const BILLIONTHS: f64 = 1e9;

/// A scan that the service requests.
pub(crate) struct Hosted<'a> {
    /// The scan; its folder of journals and its snapshot are those of the attempt.
    pub(crate) args: ScanArgs,
    /// The scan whose journal is there.
    pub(crate) unfinished: Option<String>,
    /// The report of the run before, with its name for messages.
    pub(crate) before: Option<(PathBuf, Report)>,
    /// Receives the progress.
    pub(crate) progress: &'a Reporter,
}

/// Runs a scan for the service. What a journal holds that cannot be gone on with is read again; what
/// it spent still counts.
///
/// # Errors
/// [`CommandError`].
pub(crate) async fn hosted(request: Hosted<'_>) -> Result<Audited, CommandError> {
    let Hosted {
        mut args,
        unfinished,
        before,
        progress,
    } = request;
    let stop = stop(std::future::pending(), args.deadline).shared();
    let baseline = Baseline::of(before);
    if let Some(id) = unfinished {
        let limit = args.allow_paid;
        let (why, spent) = match resume::open_hosted(&mut args, &id) {
            Ok(resumed) => {
                let spent = resumed.spent;
                let went_on = audit(&args, &baseline, progress).run(Some(resumed), stop.clone());
                match went_on.await {
                    Err(CommandError::Resume(why)) => (why, spent),
                    ended => return ended,
                }
            }
            Err(CommandError::Resume(why)) => {
                let folder = resume::state_dir(&args)?;
                let spent = crate::scan::journal::open(&folder, &id).map_or(0, |left| left.spent);
                (why, spent)
            }
            Err(CommandError::Journal(
                error @ (JournalError::Form { .. } | JournalError::Missing { .. }),
            )) => (error.to_string(), 0),
            Err(error) => return Err(error),
        };
        progress.say(&format!("read again from the start: {why}"));
        #[allow(clippy::cast_precision_loss, reason = "an amount of money")]
        let spent = spent as f64 / BILLIONTHS;
        args.allow_paid = (limit - spent).max(0.0);
    }
    audit(&args, &baseline, progress).run(None, stop).await
}

fn audit<'a>(args: &'a ScanArgs, baseline: &'a Baseline, progress: &'a Reporter) -> Audit<'a> {
    Audit {
        args,
        baseline,
        progress,
        by_hand: false,
        on_finding: None,
    }
}
