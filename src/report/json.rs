//! `report.json`.

use super::findings::{INDENT, Intake};
use super::sanitize::json_escaped;
use super::{Findings, Report, SCHEMA, Store};
use schemars::Schema;
use schemars::transform::{RecursiveTransform, Transform};
use serde::de::{MapAccess, Visitor};
use serde::{Deserializer, Serialize};
use serde_json::{Map, Value, json};
use std::fmt;
use std::io::{self, Write};

/// The JSON schema of `report.json`.
#[must_use]
pub fn schema() -> Schema {
    with_gaps(schemars::schema_for!(Report))
}

/// The schema with gaps in the places of parts.
pub(super) fn with_gaps(mut schema: Schema) -> Schema {
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

/// The findings of a report without any, as serialised. Line breaks occur only between values, so
/// no text in the report can look like it.
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

/// A value on one line that is safe for a terminal and has no invisible characters.
pub(super) fn compact(value: &impl Serialize) -> io::Result<String> {
    Ok(json_escaped(&serde_json::to_string(value)?))
}

/// Writes an array as a stream, one value a line.
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

/// Why a file is not a report that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, or not in the form of a report.
    #[error("not a report: {0}")]
    Form(#[from] serde_json::Error),
    /// It is a report of another version.
    #[error("a report of version `{0}`; this program reads `{SCHEMA}`")]
    Version(String),
    /// Its findings cannot be stored or read again.
    #[error(transparent)]
    Store(#[from] io::Error),
}

/// Reads `report.json` back.
///
/// # Errors
/// When the text is no report, or one of another version.
pub fn read(text: &str) -> Result<Report, ReadError> {
    /// Only the version, so that another version is reported and not misread.
    #[derive(serde::Deserialize)]
    struct Versioned {
        schema: String,
    }
    let versioned: Versioned = serde_json::from_str(text)?;
    if versioned.schema != SCHEMA {
        return Err(ReadError::Version(versioned.schema));
    }
    Ok(serde_json::from_str::<Report>(text)?.shown_again()?)
}

/// Reads `report.json`. The findings go to a store and need not fit into memory.
///
/// # Errors
/// [`ReadError`].
pub fn read_from(input: impl io::Read, store: &dyn Store) -> Result<Report, ReadError> {
    let mut visitor = ReportVisitor {
        findings: Intake::new(store),
        rest: Map::new(),
        other: None,
    };
    let mut json = serde_json::Deserializer::from_reader(input);
    let read = json.deserialize_map(&mut visitor).and_then(|()| json.end());
    match (visitor.other, read) {
        (Some(version), _) => Err(ReadError::Version(version)),
        (None, Err(error)) => Err(error.into()),
        (None, Ok(())) => {
            let outline: Report = serde_json::from_value(Value::Object(visitor.rest))?;
            let findings = visitor.findings.close()?;
            Ok(Report {
                findings,
                ..outline
            }
            .shown_again()?)
        }
    }
}

/// A report on its way from a file.
struct ReportVisitor<'a> {
    findings: Intake<'a>,
    /// Everything else, which is small.
    rest: Map<String, Value>,
    /// The version, where it is another.
    other: Option<String>,
}

impl<'de> Visitor<'de> for &mut ReportVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "findings" {
                map.next_value_seed(&mut self.findings)?;
                self.rest.insert(key, json!([]));
                continue;
            }
            let value: Value = map.next_value()?;
            // It comes first, so that another format is not misread.
            if key == "schema" && value != SCHEMA {
                self.other = Some(value.as_str().unwrap_or_default().to_owned());
                return Err(serde::de::Error::custom("another version"));
            }
            self.rest.insert(key, value);
        }
        Ok(())
    }
}
