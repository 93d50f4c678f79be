//! `report.json`.

use super::{Report, SCHEMA};

/// The report as indented JSON, keys in the order of the schema.
///
/// # Errors
/// Never for a report that [`super::build`] made: numbers that JSON cannot express do not occur.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// Why a file is no report that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, or not in the form of a report.
    #[error("not a report: {0}")]
    Form(#[from] serde_json::Error),
    /// It is a report of another version.
    #[error("a report of version `{0}`; this program reads `{SCHEMA}`")]
    Version(String),
}

/// Reads `report.json` back.
///
/// # Errors
/// When the text is no report, or one of another version.
pub fn read(text: &str) -> Result<Report, ReadError> {
    /// Only the version, so that another one is named rather than misread.
    #[derive(serde::Deserialize)]
    struct Versioned {
        schema: String,
    }
    let versioned: Versioned = serde_json::from_str(text)?;
    if versioned.schema != SCHEMA {
        return Err(ReadError::Version(versioned.schema));
    }
    Ok(serde_json::from_str(text)?)
}
