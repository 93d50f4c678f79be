//! Counts of requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the durations of requests, in seconds.
pub(super) const BOUNDS: [f64; 6] = [0.01, 0.05, 0.15, 0.5, 2.0, 10.0];

/// Requests that this process answered.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// By the first digit of the status.
    pub(super) by_class: [AtomicU64; 6],
    /// By duration: the first bound that is not exceeded, and one for all others.
    pub(super) by_time: [AtomicU64; BOUNDS.len() + 1],
    /// How long they took, in microseconds.
    pub(super) micros: AtomicU64,
}

impl Requests {
    /// Counts a request.
    pub(super) fn count(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).min(5);
        self.by_class[class].fetch_add(1, Ordering::Relaxed);
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound);
        self.by_time[bucket.unwrap_or(BOUNDS.len())].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}
