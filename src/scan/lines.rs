//! The lines of snapshots and journals.
//!
//! A journal is a snapshot that is still being written, so both have the same lines: one JSON value
//! each.

use crate::check::Kinds;
use crate::model::{Document, Gap};
use crate::plan::{JobResult, PlannedJob};
use crate::report::{CallRow, Cost, ScannedAccount};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The version of the form.
pub(super) const SCHEMA: &str = "sixpillars/snapshot/1";

/// The longest line that is accepted.
pub(crate) const LONGEST_LINE: u64 = 64 << 20;

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    /// The version of the form.
    pub schema: String,
    /// The scan's id.
    pub id: String,
    /// When the scan started; ages are relative to this time.
    pub started: Timestamp,
    /// What was scanned.
    pub accounts: Vec<ScannedAccount>,
}

impl Header {
    /// Whether it has the format of this version.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.schema == SCHEMA
    }
}

/// The header of a new scan. The id is its start time, to the nanosecond.
#[must_use]
pub fn header(started: Timestamp, accounts: Vec<ScannedAccount>) -> Header {
    let second = started.strftime("%Y%m%dT%H%M%SZ");
    let id = format!("{second}-{:08x}", started.subsec_nanosecond());
    Header {
        schema: SCHEMA.to_owned(),
        id,
        started,
        accounts,
    }
}

/// The last line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct End {
    /// When the last answer had arrived.
    pub finished: Timestamp,
    /// The calls that were made.
    pub calls: Vec<CallRow>,
    /// What they cost.
    pub cost: Cost,
}

/// One line. `Began`, `SoFar` and `Spent` are in journals only; see [`crate::scan::journal`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    Header(Header),
    Began(Box<ScanStart>),
    Document(Box<Document>),
    List(List),
    SoFar(End),
    /// In billionths of a US dollar.
    Spent(u64),
    End(End),
}

/// [`Line::Document`] as it is written, without a copy of the document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Written<'d> {
    Document(&'d Document),
}

/// How a list ended.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct List {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) kind: String,
    parts: Vec<String>,
    gap: Option<Gap>,
    /// What its billed reads would have cost, paid or not, in billionths of a US dollar. In journals
    /// only.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub(crate) wanted: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_nothing(wanted: &u64) -> bool {
    *wanted == 0
}

impl List {
    pub(crate) fn of(JobResult { job, listed }: &JobResult) -> Self {
        Self {
            account: job.account.clone(),
            region: job.region.clone(),
            kind: job.kind.to_owned(),
            parts: job.parts.iter().map(|p| (*p).to_owned()).collect(),
            gap: listed.clone().err(),
            wanted: 0,
        }
    }

    /// The job; none for a kind that this version does not know.
    pub(crate) fn result(self, kinds: &Kinds) -> Option<JobResult> {
        let kind = kinds.get(self.kind.as_str())?.kind;
        let parts = self.parts.iter().filter_map(|p| kind.part(p));
        let job = PlannedJob {
            account: self.account,
            region: self.region,
            kind: kind.name,
            parts: parts.map(|p| p.name).collect(),
        };
        Some(JobResult {
            job,
            listed: self.gap.map_or(Ok(()), Err),
        })
    }
}

/// How a scan was started, and what must not have changed when it is resumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanStart {
    /// The version of the program.
    pub version: String,
    /// The flags, as the command line understood them.
    pub arguments: Value,
    /// The working directory, to which relative paths refer.
    pub folder: PathBuf,
    /// Hashes of the checks and policies; see `config::Selected::fingerprints`.
    pub fingerprints: BTreeMap<String, String>,
    /// The user's own kinds, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_kinds: Option<OwnKinds>,
}

/// Services and kinds that do not come with the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnKinds {
    /// The flags that name them, as they were typed.
    pub flags: Vec<String>,
    /// A hash of all that was read of them.
    pub fingerprint: String,
}
