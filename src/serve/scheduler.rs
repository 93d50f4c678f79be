//! The scheduler: queues a run for every time at which a schedule is due.
//!
//! Every process runs one. A time of a schedule is one row in the database for each target, so it is one
//! run even if several processes queue it.

use super::config::duration;
use super::file::{Missed, ScheduleFile};
use super::request::Request;
use super::schedule::{Cadence, jitter};
use super::state::Service;
use crate::store::{Cause, NewRun, Queued, ScheduleRow, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How often schedules are checked.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Queues what is due until the service stops.
pub(super) async fn schedule(service: Arc<Service>) {
    loop {
        tokio::select! {
            biased;
            () = service.stop.cancelled() => return,
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        if let Err(error) = look(&service, Timestamp::now()).await {
            tracing::warn!(%error, "schedules cannot be looked at");
        }
    }
}

async fn look(service: &Service, now: Timestamp) -> Result<(), StoreError> {
    for row in service.database.schedules().await? {
        if row.enabled {
            queue_due(service, &row, now).await?;
        }
    }
    Ok(())
}

/// Queues the runs of a schedule that are due.
async fn queue_due(service: &Service, row: &ScheduleRow, now: Timestamp) -> Result<(), StoreError> {
    let spec: ScheduleFile = serde_json::from_str(&row.spec)?;
    let Ok(cadence) = Cadence::parse(&spec.cron, spec.time_zone.as_deref()) else {
        return Err(StoreError::Malformed(format!(
            "schedule {} has no usable time",
            row.name
        )));
    };
    let due = cadence.due(row.handled, now, spec.missed);
    if due.handled == row.handled {
        return Ok(());
    }
    let within = spec.jitter.as_deref().map(duration).and_then(Result::ok);
    let within = within.unwrap_or(SignedDuration::ZERO);
    let request = Request::of(&spec);
    for slot in due.start {
        for target in service.config.targets_of(&spec) {
            let waits = service.database.is_waiting(&row.name, &target).await?;
            if waits && spec.missed != Missed::All {
                tracing::warn!(
                    schedule = row.name,
                    target,
                    "left out: the run before still waits"
                );
                continue;
            }
            let wait = jitter(within, &row.name, &target, slot);
            let run = NewRun {
                target: target.clone(),
                cause: Cause::Schedule {
                    name: row.name.clone(),
                    due: slot,
                },
                requested_by: format!("schedule {}", row.name),
                request: request.text(),
                scope: request.scope_text(),
                not_before: slot.checked_add(wait).unwrap_or(slot),
            };
            if let Queued::New(id) = service.database.enqueue(&run, now).await? {
                tracing::info!(run = id, schedule = row.name, target, "queued");
                service.wake.notify_waiters();
            }
        }
    }
    // Another process may have been faster, which does no harm.
    service.database.handled(row, due.handled).await?;
    Ok(())
}
