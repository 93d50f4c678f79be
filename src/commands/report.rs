//! `report`: renders a report.json in other formats.

use super::{CommandError, ExitStatus, output};
use crate::cli::ReportArgs;
use crate::report::{self, ReadError, Report};
use crate::scan::external_sort::ExternalSorter;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// `report`: renders a report.json in other formats.
///
/// # Errors
/// [`CommandError`].
pub fn run(args: &ReportArgs) -> Result<ExitStatus, CommandError> {
    let report = read_report(&args.file)?;
    output::write(&report, &args.format, args.output.as_deref(), false)
        .map_err(CommandError::Write)?;
    Ok(ExitStatus::Done)
}

/// Reads a report, whatever its size.
pub(super) fn read_report(path: &Path) -> Result<Report, CommandError> {
    let bad = |why: String| CommandError::BadReport(format!("{}: {why}", path.display()));
    let file = File::open(path).map_err(|e| bad(format!("cannot be read: {e}")))?;
    let file = BufReader::with_capacity(1 << 16, file);
    report::read_from(file, &ExternalSorter::default()).map_err(|error| match error {
        ReadError::Store(error) => CommandError::Write(error.to_string()),
        error => bad(error.to_string()),
    })
}
