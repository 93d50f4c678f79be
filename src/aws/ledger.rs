//! Every attempt that was sent, counted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// What is counted separately.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct CallKey {
    /// The account whose quota was used.
    pub account: String,
    /// The region called.
    pub region: String,
    /// The service, `ec2`.
    pub service: String,
    /// The operation, `DescribeVolumes`.
    pub operation: String,
}

/// Counts of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallCount {
    /// Calls, retries not counted; every page is a call.
    pub calls: u64,
    /// Requests sent, retries included.
    pub attempts: u64,
    /// Attempts answered with a request to slow down.
    pub throttled: u64,
    /// Attempts refused.
    pub denied: u64,
    /// Attempts that had no usable answer: 5xx, broken connections, time-outs.
    pub failed: u64,
    /// Milliseconds spent waiting for answers, all attempts together.
    pub ms: u64,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer, which may be an error of the service's own such as "no such policy".
    Answered,
    /// A request to slow down.
    Throttled,
    /// A refusal.
    Denied,
    /// No usable answer.
    Failed,
}

/// Counts by account, region, service and operation.
#[derive(Debug, Default)]
pub struct Ledger {
    counts: Mutex<BTreeMap<CallKey, CallCount>>,
}

impl Ledger {
    /// Records one attempt; `first` when it is not a retry.
    pub fn record(&self, key: CallKey, first: bool, outcome: Outcome, took: Duration) {
        let mut counts = self
            .counts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        count.calls += u64::from(first);
        count.attempts += 1;
        count.throttled += u64::from(outcome == Outcome::Throttled);
        count.denied += u64::from(outcome == Outcome::Denied);
        count.failed += u64::from(outcome == Outcome::Failed);
        count.ms += u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    }

    /// All counts so far, sorted.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<CallKey, CallCount> {
        self.counts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}
