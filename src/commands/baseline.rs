//! `--baseline`: comparing with an earlier report.

use super::CommandError;
use super::report::read_report;
use crate::cli::OutputArgs;
use crate::model::FindingId;
use crate::report::{CompareError, Report};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The report of `--baseline`, if there is one.
pub(super) struct Baseline(Option<(PathBuf, Report)>);

impl Baseline {
    /// Reads it before the scan starts.
    ///
    /// # Errors
    /// When the file is no report of this version.
    pub(super) fn read(args: &OutputArgs) -> Result<Self, CommandError> {
        let read = |path: &PathBuf| Ok::<_, CommandError>((path.clone(), read_report(path)?));
        Ok(Self(args.baseline.as_ref().map(read).transpose()?))
    }

    /// A report that was read already, if there is one; `place` is for messages.
    #[cfg(feature = "serve")]
    pub(super) fn of(report: Option<(PathBuf, Report)>) -> Self {
        Self(report)
    }

    /// Rejects a baseline that is newer than the scan or belongs to none of these accounts.
    ///
    /// # Errors
    /// When the scans began, or which accounts there are.
    pub(super) fn suits<'a>(
        &self,
        started: Timestamp,
        accounts: impl Iterator<Item = &'a str>,
    ) -> Result<(), CommandError> {
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
    pub(super) fn failing(&self) -> Result<Option<BTreeSet<FindingId>>, CommandError> {
        let Some((path, report)) = &self.0 else {
            return Ok(None);
        };
        report
            .failing()
            .map(Some)
            .map_err(|e| unfit(path, &e.into()))
    }

    /// The report with a comparison to the baseline's findings.
    ///
    /// # Errors
    /// When the baseline is newer, or findings cannot be read again.
    pub(super) fn compare(&self, report: Report) -> Result<Report, CommandError> {
        match &self.0 {
            Some((path, baseline)) => report.since(baseline).map_err(|e| unfit(path, &e)),
            None => Ok(report),
        }
    }
}

pub(super) fn unfit(path: &Path, error: &CompareError) -> CommandError {
    match error {
        CompareError::Io(error) => CommandError::Write(error.to_string()),
        error => CommandError::BadReport(format!("{}: {error}", path.display())),
    }
}
