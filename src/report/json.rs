//! `report.json`.

use super::findings::INDENT;
use super::text_safe::json_escaped;
use super::{Findings, Report, SCHEMA};
use schemars::Schema;
use schemars::transform::{RecursiveTransform, Transform};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, Write};

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

/// How the place of the findings looks in a report that has none. Line breaks stand only between
/// values, so no text of the report can look like it.
const NO_FINDINGS: &str = "\n  \"findings\": []";

/// Writes the report as indented JSON, keys in the order of the schema, one finding after the other.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let outline = Report {
        findings: Findings::default(),
        ..report.clone()
    };
    let outline = serde_json::to_string_pretty(&outline)?;
    let (before, after) = outline
        .split_once(NO_FINDINGS)
        .filter(|_| !report.findings.is_empty())
        .unwrap_or((&outline, ""));
    out.write_all(before.as_bytes())?;
    let mut start = "\n  \"findings\": [";
    for record in report.findings.records() {
        for text in [start, INDENT, &record?.json] {
            out.write_all(text.as_bytes())?;
        }
        start = ",";
    }
    if !report.findings.is_empty() {
        out.write_all(b"\n  ]")?;
    }
    out.write_all(after.as_bytes())?;
    out.write_all(b"\n")
}

/// The same as one text, for reports that fit into memory.
///
/// # Errors
/// When the findings cannot be read from where they are kept.
pub fn json(report: &Report) -> io::Result<String> {
    let mut text = Vec::new();
    write_json(report, &mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

/// A value on one line that does nothing to a terminal, in which every character can be seen.
pub(super) fn compact(value: &impl Serialize) -> io::Result<String> {
    Ok(json_escaped(&serde_json::to_string(value)?))
}

/// Writes an array with one value a line, each made when its turn comes.
pub(super) fn write_array(
    values: impl Iterator<Item = io::Result<Value>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut start = "[\n";
    for value in values {
        write!(out, "{start}{}", compact(&value?)?)?;
        start = ",\n";
    }
    let end = if start == ",\n" { "\n]\n" } else { "[]\n" };
    out.write_all(end.as_bytes())
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
