//! What was scanned.

use crate::model::{Pillar, Severity};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was scanned, when and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// Different for every scan.
    pub id: String,
    /// The program that scanned.
    pub tool: Tool,
    /// When the scan began.
    pub started: Timestamp,
    /// When the last answer had arrived.
    pub finished: Timestamp,
    /// The accounts, by id.
    pub accounts: Vec<ScannedAccount>,
    /// The names of the policies that the accounts were held to, in order.
    pub policies: Vec<String>,
    /// What the user narrowed the scan to.
    pub selection: Selection,
    /// Whether every requested account, region and list was read. Single parts that could
    /// not be read do not make a scan incomplete: they are in `gaps` and lower the coverage.
    pub complete: bool,
}

/// The program that scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `sixpillars`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One account of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScannedAccount {
    /// Its twelve-digit id.
    pub id: String,
    /// Its alias or name, where known.
    pub alias: Option<String>,
    /// The id of its partition, such as `aws`.
    pub partition: String,
    /// The ARN that the scan called AWS as.
    pub caller: Option<String>,
    /// The regions that were scanned, sorted.
    pub regions: Vec<String>,
}

/// What the user narrowed the scan to; an empty list narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Selection {
    /// Services, `s3`.
    pub services: Vec<String>,
    /// Patterns of check ids.
    pub checks: Vec<String>,
    /// Pillars.
    pub pillars: Vec<Pillar>,
    /// The least severity.
    pub severity: Option<Severity>,
    /// Tags that a resource must have.
    pub tags: BTreeMap<String, String>,
}
