//! `report.json`.

use super::{Report, SCHEMA};
use schemars::Schema;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Value, json};

/// The JSON schema of `report.json`.
#[must_use]
pub fn schema() -> Schema {
    let mut schema = schemars::schema_for!(Report);
    RecursiveTransform(allow_gap).transform(&mut schema);
    schema
}

/// In a report, a part of a document is its value or the gap that stands for it.
fn allow_gap(schema: &mut Schema) {
    if schema.remove("x-part").is_none() {
        return;
    }
    let Some(Value::Array(mut allowed)) = schema.remove("allOf") else {
        return;
    };
    allowed.push(json!({
        "type": "object",
        "properties": {"$gap": {"$ref": "#/$defs/Gap"}},
        "required": ["$gap"],
        "additionalProperties": false,
    }));
    schema.insert("anyOf".to_owned(), Value::Array(allowed));
}

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
