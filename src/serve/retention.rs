//! Removes reports and snapshots that are older than the configuration keeps them. The findings'
//! history and the numbers of every run stay.

use super::state::Service;
use crate::store::StoreError;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How often old runs are removed at least.
const LONGEST_INTERVAL: Duration = Duration::from_hours(1);
/// How often they are removed at most.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// The time between two rounds. Nothing stays for twice the time for which it is to be kept.
fn interval(keep: Duration) -> Duration {
    keep.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL)
}

/// Removes what is old until the service stops.
pub(super) async fn retain(service: Arc<Service>) {
    let interval = interval(service.config.keep);
    loop {
        match round(&service, Timestamp::now()).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old runs are removed"),
            Err(error) => tracing::warn!(%error, "old runs cannot be removed"),
        }
        tokio::select! {
            biased;
            () = service.stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
    }
}

/// Removes what is too old, and returns how many runs that were.
async fn round(service: &Service, now: Timestamp) -> Result<usize, StoreError> {
    let Ok(before) = now.checked_sub(service.config.keep) else {
        return Ok(0);
    };
    service.database.forget_messages(before).await?;
    let mut removed = 0;
    let mut last = String::new();
    while !service.stop.is_cancelled() {
        let page = service.database.removable_runs(before, &last).await?;
        let Some(id) = page.last() else { break };
        last.clone_from(id);
        for id in page {
            removed += usize::from(remove(service, &id, now).await?);
        }
    }
    Ok(removed)
}

/// Removes the files of one run, and returns whether they are gone.
async fn remove(service: &Service, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    // Marked first, so that nobody is sent to a report that is half removed.
    if !service.database.remove_run(id, now).await? {
        return Ok(false);
    }
    match service.files.remove(id).await {
        Ok(()) => {
            service.database.files_removed(id).await?;
            Ok(true)
        }
        // The next round tries again.
        Err(error) => {
            tracing::warn!(run = id, %error, "files of an old run cannot be removed");
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::interval;
    use std::time::Duration;

    #[test]
    fn nothing_stays_for_twice_the_time_for_which_it_is_kept() {
        let seconds = |keep| interval(Duration::from_secs(keep)).as_secs();
        assert_eq!([0, 1, 600, 3600].map(seconds), [1, 1, 600, 3600]);
        assert_eq!(seconds(400 * 24 * 3600), 3600);
    }
}
