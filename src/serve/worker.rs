//! Workers: they claim queued audits, and take over those of workers that died.

use super::lease::Silence;
use super::run::run;
use super::state::Service;
use crate::store::{Lease, StoreError};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// How often the queue is polled. A run that this process queues wakes it at once.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Claims runs until the service stops, and returns when all of them have ended.
pub(super) async fn work(service: Arc<Service>) {
    let slots = Arc::new(Semaphore::new(service.config.concurrency));
    let runs = TaskTracker::new();
    let mut silence = Silence::default();
    let look = POLL_INTERVAL.min(service.config.lease / 4);
    while !service.stop.is_cancelled() {
        let slot = tokio::select! {
            biased;
            () = service.stop.cancelled() => break,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        // The semaphore is never closed.
        let Ok(slot) = slot else { break };
        let woken = service.wake.notified();
        match next(&service, &mut silence).await {
            Ok(Some(lease)) => {
                let service = Arc::clone(&service);
                runs.spawn(async move {
                    run(service, lease).await;
                    drop(slot);
                });
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the queue cannot be read"),
        }
        drop(slot);
        tokio::select! {
            biased;
            () = service.stop.cancelled() => break,
            () = woken => {}
            () = tokio::time::sleep(look) => {}
        }
    }
    runs.close();
    runs.wait().await;
}

/// A run whose worker is gone, else the next one of the queue.
async fn next(service: &Service, silence: &mut Silence) -> Result<Option<Lease>, StoreError> {
    let database = &service.database;
    let held = database.held().await?;
    for seen in silence.longer_than(service.config.lease, held, Instant::now()) {
        if let Some(lease) = database.take_over(&seen, &service.worker).await? {
            tracing::warn!(
                run = seen.id,
                token = lease.token,
                "taken over from a silent worker"
            );
            return Ok(Some(lease));
        }
    }
    database.claim(&service.worker, Timestamp::now()).await
}
