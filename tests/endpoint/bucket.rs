//! Token buckets of the sizes that AWS documents.

use super::counts::Lane;
use sixpillars::aws::limits::limit;
use std::collections::HashMap;
use std::time::Instant;

/// The buckets of all accounts.
#[derive(Debug, Default)]
pub(super) struct Buckets(HashMap<Lane, Bucket>);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Buckets {
    /// Takes a token for a call; `false` when there is none, and the call is to be throttled.
    pub(super) fn take(&mut self, lane: &Lane) -> bool {
        let limit = limit(&lane.service, &lane.operation);
        let mut key = lane.clone();
        if !limit.each && limit.operation.is_none() {
            key.operation = String::new();
        }
        let now = Instant::now();
        let bucket = self.0.entry(key).or_insert(Bucket {
            tokens: limit.burst,
            filled: now,
        });
        let gained = now.duration_since(bucket.filled).as_secs_f64() * limit.rate;
        bucket.tokens = (bucket.tokens + gained).min(limit.burst);
        bucket.filled = now;
        let is_there = bucket.tokens >= 1.0;
        if is_there {
            bucket.tokens -= 1.0;
        }
        is_there
    }
}
