//! The findings, one JSON object a line.

use super::Report;
use super::json::compact;
use crate::model::Finding;
use std::io::{self, Write};

/// A finding as one line, complete, its end included.
///
/// # Errors
/// Never for a finding that was judged: it has a form in JSON.
pub fn ndjson_line(finding: &Finding) -> io::Result<String> {
    let mut line = compact(finding)?;
    line.push('\n');
    Ok(line)
}

/// Writes the findings in the report's order, each in the form it has in `report.json`.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_ndjson(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings.iter() {
        out.write_all(ndjson_line(&finding?)?.as_bytes())?;
    }
    Ok(())
}
