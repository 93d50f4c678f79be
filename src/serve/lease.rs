//! Holds a run, and notices when the holder of another run is gone. Both use this process's own monotonic
//! clock; `store/runs/mod.rs` says why.

use super::progress::RunProgress;
use crate::store::{Beat, Database, Lease, Seen};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Beats in the length of a lease: three may fail.
const BEATS_PER_LEASE: u32 = 5;
/// The longest time between two beats, which also tell others how far the run is.
const MAX_BEAT_INTERVAL: Duration = Duration::from_secs(2);

/// Why a run has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interruption {
    /// Somebody cancelled it.
    Cancelled,
    /// Another worker has it, or may have it.
    LeaseLost,
    /// This process ends.
    Shutdown,
}

/// Beats until the run has to stop. Dropping the future ends the beats.
///
/// The lease counts as lost once no beat has succeeded for four fifths of its length: before anybody
/// else takes the run.
pub(super) async fn hold(
    database: &Database,
    lease: &Lease,
    length: Duration,
    progress: &RunProgress,
) -> Interruption {
    let every = (length / BEATS_PER_LEASE).min(MAX_BEAT_INTERVAL);
    let patience = length / BEATS_PER_LEASE * (BEATS_PER_LEASE - 1);
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = Instant::now();
    loop {
        ticks.tick().await;
        let left = patience.saturating_sub(last.elapsed());
        if left.is_zero() {
            return Interruption::LeaseLost;
        }
        let begun = Instant::now();
        match timeout(left, database.beat(lease, progress.lists())).await {
            // Counted from before it was sent: others cannot have seen it earlier.
            Ok(Ok(Beat::Held)) => last = begun,
            Ok(Ok(Beat::Cancelled)) => return Interruption::Cancelled,
            Ok(Err(error)) => {
                tracing::warn!(run = lease.run.id, %error, "a beat failed");
            }
            Ok(Ok(Beat::Lost)) | Err(_) => return Interruption::LeaseLost,
        }
    }
}

/// Which holders stood still, and for how long.
#[derive(Debug, Default)]
pub(in crate::serve) struct Silence {
    since: HashMap<Seen, Instant>,
}

impl Silence {
    /// The holders that have not counted for this length of time.
    pub(in crate::serve) fn longer_than(
        &mut self,
        length: Duration,
        held: Vec<Seen>,
        now: Instant,
    ) -> Vec<Seen> {
        let mut since = HashMap::new();
        for seen in held {
            let first = self.since.get(&seen).copied().unwrap_or(now);
            since.insert(seen, first);
        }
        self.since = since;
        let silent = self
            .since
            .iter()
            .filter(|(_, since)| now.duration_since(**since) >= length);
        silent.map(|(seen, _)| seen.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(beat: i64) -> Seen {
        Seen {
            id: "r".to_owned(),
            token: 1,
            beat,
        }
    }

    #[test]
    fn only_who_stands_still_for_a_whole_lease_is_silent() {
        let lease = Duration::from_secs(10);
        let begin = Instant::now();
        let mut silence = Silence::default();
        let mut silent = |second, beat| {
            let now = begin + Duration::from_secs(second);
            silence.longer_than(lease, vec![seen(beat)], now)
        };
        assert!(silent(0, 1).is_empty() && silent(9, 1).is_empty());
        assert_eq!(silent(10, 1), [seen(1)]);
        assert!(silent(11, 2).is_empty() && silent(20, 2).is_empty());
        assert_eq!(silent(21, 2), [seen(2)]);
    }
}
