//! Counts of every attempt that was sent.

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
    /// Attempts that AWS throttled.
    pub throttled: u64,
    /// Attempts refused.
    pub denied: u64,
    /// Attempts without a usable answer: 5xx, broken connections, time-outs.
    pub failed: u64,
    /// Milliseconds spent waiting for answers, all attempts together.
    pub ms: u64,
}

impl CallCount {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.attempts += other.attempts;
        self.throttled += other.throttled;
        self.denied += other.denied;
        self.failed += other.failed;
        self.ms += other.ms;
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStatus {
    /// An answer, which may be a service error such as "no such policy".
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
    pub fn record(&self, key: CallKey, first: bool, status: AttemptStatus, duration: Duration) {
        let mut counts = self
            .counts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        count.calls += u64::from(first);
        count.attempts += 1;
        count.throttled += u64::from(status == AttemptStatus::Throttled);
        count.denied += u64::from(status == AttemptStatus::Denied);
        count.failed += u64::from(status == AttemptStatus::Failed);
        count.ms += u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    }

    /// Attributes the calls under a provisional name to the account.
    pub fn identified(&self, provisional: &str, account: &str) {
        let mut counts = self
            .counts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for (mut key, count) in std::mem::take(&mut *counts) {
            if key.account == provisional {
                account.clone_into(&mut key.account);
            }
            counts.entry(key).or_default().add(count);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_made_before_the_account_is_known_are_the_accounts() {
        let ledger = Ledger::default();
        let key = |account: &str| CallKey {
            account: account.to_owned(),
            region: "eu-west-1".to_owned(),
            service: "sts".to_owned(),
            operation: "GetCallerIdentity".to_owned(),
        };
        for account in ["unidentified", "111122223333", "unidentified other"] {
            ledger.record(key(account), true, AttemptStatus::Answered, Duration::ZERO);
        }
        ledger.identified("unidentified", "111122223333");
        let calls: Vec<_> = ledger.counts().into_iter().collect();
        let calls = calls.iter().map(|(k, c)| (k.account.as_str(), c.calls));
        let expected = [("111122223333", 2), ("unidentified other", 1)];
        assert_eq!(calls.collect::<Vec<_>>(), expected);
    }
}
