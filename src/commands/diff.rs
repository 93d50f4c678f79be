//! `diff`: compares a report with an earlier one.

use super::baseline::unfit;
use super::report::read_report;
use super::{CommandError, ExitStatus, output};
use crate::cli::DiffArgs;
use crate::report::Diff;
use std::fs;

/// `diff`: compares a report with an earlier one.
///
/// # Errors
/// [`CommandError`].
pub fn run(args: &DiffArgs) -> Result<ExitStatus, CommandError> {
    let same = fs::canonicalize(&args.old)
        .is_ok_and(|old| fs::canonicalize(&args.new).is_ok_and(|new| old == new));
    if same {
        return Err(CommandError::BadReport(format!(
            "{}: this is the same file twice\n  help: name the older report first, then the \
             newer one",
            args.new.display()
        )));
    }
    let (old, new) = match (read_report(&args.old), read_report(&args.new)) {
        (Ok(old), Ok(new)) => (old, new),
        // Both at once.
        (Err(CommandError::BadReport(old)), Err(CommandError::BadReport(new))) => {
            return Err(CommandError::BadReport(format!("{old}\n{new}")));
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let new = new.since(&old).map_err(|e| unfit(&args.old, &e))?;
    let diff = Diff { old, new };
    output::write_diff(&diff, &args.format, args.output.as_deref()).map_err(CommandError::Write)?;
    let fails = |least| diff.new.failed_at_least(least) > 0;
    Ok(if args.fail_on.is_some_and(fails) {
        ExitStatus::GateBroken
    } else {
        ExitStatus::Done
    })
}
