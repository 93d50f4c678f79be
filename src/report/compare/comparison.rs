//! How a report differs from an earlier one, as a part of `report.json`.

use super::change::Change;
use crate::model::{FindingId, Pillar};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a report differs from an earlier one, its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The earlier report.
    pub baseline: Baseline,
    /// The six pillars, in the framework's order.
    pub pillars: Vec<PillarDelta>,
    /// How many findings changed in each way.
    pub counts: ChangeCounts,
    /// What became of a finding, by its id; none where nothing did. Some are in the baseline only.
    pub findings: BTreeMap<FindingId, Change>,
    /// The day on which a finding was first seen to fail, by its id, as far as baselines tell.
    #[serde(default)]
    pub first_failed: BTreeMap<FindingId, Date>,
}

/// The report that another is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Its scan's id.
    pub id: String,
    /// When that scan began.
    pub started: Timestamp,
}

/// How a pillar differs from the baseline: this report's number less the baseline's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PillarDelta {
    /// Which.
    pub pillar: Pillar,
    /// Of the score; null where one of them has none.
    pub score: Option<i16>,
    /// Of the coverage, a share; null where one of them has none.
    pub coverage: Option<f64>,
    /// Of the high-risk issues.
    pub high_risk_issues: i64,
    /// Of the medium-risk issues.
    pub medium_risk_issues: i64,
}

/// How many findings changed in each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeCounts {
    /// Fail, and did not fail before.
    pub new: u64,
    /// Failed, and do not by the same rule.
    pub fixed: u64,
    /// Failed and fail.
    pub still_failing: u64,
    /// Could not be decided this time.
    pub became_unknown: u64,
    /// Failed, and their resources are there no more.
    pub gone: u64,
    /// Failed, and the policy, the check or what was scanned is another.
    pub changed: u64,
}

impl ChangeCounts {
    pub(super) fn add(&mut self, change: Change) {
        *match change {
            Change::New => &mut self.new,
            Change::Fixed => &mut self.fixed,
            Change::StillFailing => &mut self.still_failing,
            Change::BecameUnknown => &mut self.became_unknown,
            Change::Gone => &mut self.gone,
            Change::Changed => &mut self.changed,
        } += 1;
    }

    /// How many changed in one way.
    #[must_use]
    pub fn get(&self, change: Change) -> u64 {
        match change {
            Change::New => self.new,
            Change::Fixed => self.fixed,
            Change::StillFailing => self.still_failing,
            Change::BecameUnknown => self.became_unknown,
            Change::Gone => self.gone,
            Change::Changed => self.changed,
        }
    }
}
