//! The formats.

use crate::report;
use clap::ValueEnum;
use clap::builder::{EnumValueParser, TypedValueParser};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The formats of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum DiffFormat {
    /// For the terminal: diff.txt
    Text,
    /// Complete, versioned: diff.json
    Json,
    /// For pull requests and step summaries: diff.md
    Markdown,
    /// The page of the newer report, with what changed and what only the older one has: diff.html
    Html,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
pub enum Format {
    /// For the terminal: report.txt
    Text,
    /// Complete, versioned: report.json
    Json,
    /// A finding a line: report.ndjson; a scan without --output prints each as soon as it is judged
    Ndjson,
    /// One page that opens from disk and needs no network: report.html
    Html,
    /// For pull requests and step summaries: report.md
    Markdown,
    /// The findings for spreadsheets: report.csv
    Csv,
    /// Compliance Findings of OCSF 1.6.0: report.ocsf.json
    Ocsf,
    /// For BatchImportFindings of AWS Security Hub: report.asff.json
    Asff,
    /// What failed or is unknown, for code scanning: report.sarif
    Sarif,
    /// A test case for each check and resource, for build servers: report.junit.xml
    Junit,
    /// Counts as metrics, for the textfile collector: report.prom
    Prometheus,
}

impl Format {
    /// The default formats.
    pub const DEFAULT: [Format; 3] = [Format::Text, Format::Json, Format::Html];

    /// The default formats that this build supports.
    pub(super) fn default_set() -> Vec<Format> {
        let there = |format: &Format| *format != Format::Html || report::has_page();
        Self::DEFAULT.into_iter().filter(there).collect()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // None is hidden.
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

/// Reads the name of a format. A format that this build lacks is an error before a scan starts, not
/// at its end.
pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    EnumValueParser::<Format>::new().try_map(|format| {
        if format == Format::Html && !report::has_page() {
            return Err(
                "this program was built without the report page (SIXPILLARS_PAGE=none); write \
                 `json`, and let one that has the page make it: sixpillars report report.json \
                 --format html",
            );
        }
        Ok(format)
    })
}

/// The formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table
    Text,
    /// JSON
    Json,
}

/// The formats of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindFormat {
    /// For the terminal
    Text,
    /// The JSON schema of its document
    Schema,
    /// The page of the field reference
    Markdown,
}
