//! Removes reports and snapshots that are older than the configuration keeps them. The findings'
//! history and the numbers of every run stay.

use super::state::Service;
use crate::store::StoreError;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How often old runs are removed.
const POLL_INTERVAL: Duration = Duration::from_hours(1);

/// Removes what is old until the service stops.
pub(super) async fn retain(service: Arc<Service>) {
    loop {
        match round(&service, Timestamp::now()).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old runs are removed"),
            Err(error) => tracing::warn!(%error, "old runs cannot be removed"),
        }
        tokio::select! {
            biased;
            () = service.stop.cancelled() => return,
            () = tokio::time::sleep(POLL_INTERVAL) => {}
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
    for id in service.database.removable_runs(before).await? {
        // Marked first, so that nobody is sent to a report that is half removed.
        if !service.database.remove_run(&id, now).await? {
            continue;
        }
        // What cannot be removed now is tried again in the next round.
        match service.files.remove(&id).await {
            Ok(()) => {
                service.database.files_removed(&id).await?;
                removed += 1;
            }
            Err(error) => tracing::warn!(run = id, %error, "files of an old run cannot be removed"),
        }
    }
    Ok(removed)
}
