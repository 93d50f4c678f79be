//! What a scan read and did not read, with which calls and at what cost.

use crate::model::{Cause, Gap};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Something that could not be read, in one account and region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GapReport {
    /// The IAM action that would have read it.
    pub action: String,
    /// Why it could not be read.
    pub cause: Cause,
    /// The error code as AWS gave it, or a few words.
    pub detail: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many evaluations are unknown because of it.
    pub evaluations: u64,
    /// How many resources those are about.
    pub resources: u64,
    /// The checks those belong to, by id.
    pub checks: Vec<String>,
    /// The IAM statement that would close it, where the caller was denied.
    pub statement: Option<Value>,
    /// What to do about it.
    pub advice: String,
}

/// What was listed of one kind in one account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadRow {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The kind of resource.
    pub kind: String,
    /// How many were found.
    pub resources: u64,
    /// Why the list is not complete, where it is not.
    pub gap: Option<Gap>,
}

/// Calls of one operation in one account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct CallRow {
    /// The account whose quota was used.
    pub account: String,
    /// The service, `ec2`.
    pub service: String,
    /// The region.
    pub region: String,
    /// The operation, `DescribeVolumes`.
    pub operation: String,
    /// Calls, retries not counted; every page is a call.
    pub calls: u64,
    /// Requests sent, retries included.
    pub attempts: u64,
    /// Attempts answered with a request to slow down.
    pub throttled: u64,
    /// Attempts refused.
    pub denied: u64,
    /// Attempts without a usable answer.
    pub failed: u64,
    /// Milliseconds spent waiting for answers, all attempts together.
    pub ms: u64,
}

impl CallRow {
    /// One row for each operation, account and region, in order, its counts added up.
    #[must_use]
    pub fn summed(rows: impl IntoIterator<Item = CallRow>) -> Vec<CallRow> {
        let mut sums: BTreeMap<[String; 4], CallRow> = BTreeMap::new();
        for row in rows {
            let key = [&row.account, &row.service, &row.region, &row.operation].map(Clone::clone);
            match sums.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(row);
                }
                Entry::Occupied(mut sum) => {
                    let sum = sum.get_mut();
                    sum.calls += row.calls;
                    sum.attempts += row.attempts;
                    sum.throttled += row.throttled;
                    sum.denied += row.denied;
                    sum.failed += row.failed;
                    sum.ms += row.ms;
                }
            }
        }
        sums.into_values().collect()
    }
}

/// What billed calls cost, in US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// What all billed reads that the checks ask for would have cost, paid or not.
    pub estimated_usd: f64,
    /// What was spent.
    pub spent_usd: f64,
    /// What was allowed.
    pub limit_usd: f64,
}

/// What remedies would save, where it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Savings {
    /// US dollars a month.
    pub usd_month: f64,
    /// In how many failed findings.
    pub findings: u64,
}
