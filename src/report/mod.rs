//! The result of a scan: findings in, one report per pillar out. Pure.
//!
//! [`build`] makes the [`Report`]; `report.json` is that type serialised, complete and versioned.
//! Every other format is a function from a `Report` to text.

mod asff;
mod build;
mod compare;
mod counts;
#[cfg(feature = "aws")]
mod csv;
mod diff;
mod document;
mod findings;
mod gaps;
#[cfg(feature = "aws")]
mod html;
mod json;
#[cfg(feature = "aws")]
mod junit;
mod markdown;
mod ndjson;
mod ocsf;
mod pillar;
mod practices;
mod prometheus;
mod reads;
pub mod sanitize;
#[cfg(feature = "aws")]
mod sarif;
mod scan;
mod score;
mod stored;
mod summary;
mod tally;
mod text;
mod truncate;

#[cfg(feature = "aws")]
#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use crate::policy::GateResult;
pub use asff::{security_findings, write_asff};
pub use build::{Inputs, build};
pub use compare::{
    Baseline, Change, ChangeCounts, CompareError, Comparison, Difference, Differences, PillarDelta,
    Why,
};
pub use counts::{ByRisk, BySeverity, Counts, PracticeCounts, PracticeStatus};
#[cfg(feature = "aws")]
pub use csv::write_csv;
pub use diff::{
    Diff, DiffFile, DiffRow, DiffSide, diff_markdown, diff_schema, diff_text, write_diff_json,
};
pub use document::{CheckReport, Report, SCHEMA};
pub use findings::{Findings, Record, Records, Store, Walk};
pub use gaps::Actions;
#[cfg(feature = "aws")]
pub use html::{has_page, write_diff_html, write_html};
pub use json::{ReadError, json, read, read_from, schema, write_json};
#[cfg(feature = "aws")]
pub use junit::write_junit;
pub use markdown::markdown;
pub use ndjson::{ndjson_line, write_ndjson};
pub use ocsf::write_ocsf;
pub use pillar::{Attestation, AttestationState, PillarReport, PracticeReport, QuestionReport};
pub use prometheus::write_prometheus;
pub use reads::{CallRow, Cost, GapReport, ReadRow, Savings};
#[cfg(feature = "aws")]
pub use sarif::write_sarif;
pub use scan::{Scan, ScannedAccount, Selection, Tool};
pub use score::FORMULA;
pub use stored::{Again, excerpt, walked};
pub use tally::Tally;
pub use text::{TextOptions, text};
