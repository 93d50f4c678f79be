//! Comparing with an earlier report: `--baseline`, and the command `diff`.

use super::{AppError, Outcome, read_report};
use crate::cli::{DiffArgs, OutputArgs};
use crate::model::FindingId;
use crate::render;
use crate::report::{CompareError, Diff, Report};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The report of `--baseline`, if there is one.
pub(super) struct Baseline(Option<(PathBuf, Report)>);

impl Baseline {
    /// Reads it before anything else is done.
    ///
    /// # Errors
    /// When the file is no report of this version.
    pub(super) fn read(args: &OutputArgs) -> Result<Self, AppError> {
        let read = |path: &PathBuf| Ok::<_, AppError>((path.clone(), read_report(path)?));
        Ok(Self(args.baseline.as_ref().map(read).transpose()?))
    }

    /// Refuses a baseline that is newer than the scan, or is of none of these accounts.
    ///
    /// # Errors
    /// When the scans began, or which accounts there are.
    pub(super) fn suits<'a>(
        &self,
        started: Timestamp,
        accounts: impl Iterator<Item = &'a str>,
    ) -> Result<(), AppError> {
        let Some((path, report)) = &self.0 else {
            return Ok(());
        };
        let accounts: Vec<&str> = accounts.collect();
        report
            .precedes(started, &accounts)
            .map_err(|e| unfit(path, &e))
    }

    /// What failed in it.
    ///
    /// # Errors
    /// When its findings cannot be read again from where they are kept.
    pub(super) fn failing(&self) -> Result<Option<BTreeSet<FindingId>>, AppError> {
        let Some((path, report)) = &self.0 else {
            return Ok(None);
        };
        report
            .failing()
            .map(Some)
            .map_err(|e| unfit(path, &e.into()))
    }

    /// The report with what became of the baseline's findings.
    ///
    /// # Errors
    /// When the baseline is newer, or findings cannot be read again.
    pub(super) fn compare(&self, report: Report) -> Result<Report, AppError> {
        match &self.0 {
            Some((path, baseline)) => report.since(baseline).map_err(|e| unfit(path, &e)),
            None => Ok(report),
        }
    }
}

fn unfit(path: &Path, error: &CompareError) -> AppError {
    match error {
        CompareError::Io(error) => AppError::Write(error.to_string()),
        error => AppError::BadReport(format!("{}: {error}", path.display())),
    }
}

/// `diff`: what became of the findings of an earlier report.
///
/// # Errors
/// [`AppError`].
pub fn diff(args: &DiffArgs) -> Result<Outcome, AppError> {
    let same = fs::canonicalize(&args.old)
        .is_ok_and(|old| fs::canonicalize(&args.new).is_ok_and(|new| old == new));
    if same {
        return Err(AppError::BadReport(format!(
            "{}: the same file twice\n  help: name the older report first, then the newer one",
            args.new.display()
        )));
    }
    let (old, new) = match (read_report(&args.old), read_report(&args.new)) {
        (Ok(old), Ok(new)) => (old, new),
        // Both at once.
        (Err(AppError::BadReport(old)), Err(AppError::BadReport(new))) => {
            return Err(AppError::BadReport(format!("{old}\n{new}")));
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let new = new.since(&old).map_err(|e| unfit(&args.old, &e))?;
    let diff = Diff { old, new };
    render::write_diff(&diff, &args.format, args.output.as_deref()).map_err(AppError::Write)?;
    let fails = |least| diff.new.failed_at_least(least) > 0;
    Ok(if args.fail_on.is_some_and(fails) {
        Outcome::GateBroken
    } else {
        Outcome::Done
    })
}
