//! Runs: the queue, and the leases under which workers hold what they run.
//!
//! ```text
//!             claim                   end
//!   queued ───────────▶ running ───────────────▶ finished, failed
//!     │ ◀───────────────  │  ▲ take over: token + 1
//!     │      release      │  └──┘
//!     │ cancel            │ cancel: its holder sees it at its next beat
//!     └────▶ cancelled ◀──┘
//! ```
//!
//! A holder counts `beat` up while it lives. Another worker takes a run over when the count stood
//! still for the length of a lease by its own monotonic clock, so no clocks are compared and setting
//! one does no harm. Each claim and each take-over adds one to `token`. Everything that a holder
//! writes names its token, and a token that is not the current one writes nothing. So a worker that
//! was paused, and lost its run meanwhile, cannot write into the work of its successor.
//!
//! A unique index allows one running run for a target.

mod find;
mod row;
#[cfg(test)]
mod tests;

pub use row::{Beat, Cause, Lease, NewRun, Queued, RunFilter, RunRow, RunState, Seen};

use super::database::{Database, is_taken, ms};
use super::{StoreError, new_id};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

impl Database {
    /// Queues a run, unless it is there already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue(&self, run: &NewRun, now: Timestamp) -> Result<Queued, StoreError> {
        let id = new_id(now);
        let (cause, schedule, due, key) = match &run.cause {
            Cause::Schedule { name, due } => ("schedule", Some(name.clone()), Some(ms(*due)), None),
            Cause::Request { idempotency_key } => ("request", None, None, idempotency_key.clone()),
        };
        let done = sqlx::query(
            "INSERT INTO runs (id, target, cause, schedule, due, requested_by, idempotency_key, \
             request, scope, state, queued, not_before, token, beat, lists_read, lists_all, notes) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11, 0, 0, 0, 0, '[]') \
             ON CONFLICT DO NOTHING",
        )
        .bind(&id)
        .bind(&run.target)
        .bind(cause)
        .bind(&schedule)
        .bind(due)
        .bind(&run.requested_by)
        .bind(&key)
        .bind(&run.request)
        .bind(&run.scope)
        .bind(ms(now))
        .bind(ms(run.not_before))
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 {
            return Ok(Queued::New(id));
        }
        let known = sqlx::query(
            "SELECT id, target, request FROM runs WHERE idempotency_key = $1 \
             OR (schedule = $2 AND target = $3 AND due = $4)",
        )
        .bind(&key)
        .bind(&schedule)
        .bind(&run.target)
        .bind(due)
        .fetch_one(&self.pool)
        .await?;
        let (target, request): (String, String) =
            (known.try_get("target")?, known.try_get("request")?);
        Ok(
            if key.is_some() && (target != run.target || request != run.request) {
                Queued::OtherRequest
            } else {
                Queued::Known(known.try_get("id")?)
            },
        )
    }

    /// Claims the run that has waited longest among those whose target has no run in progress.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(&self, worker: &str, now: Timestamp) -> Result<Option<Lease>, StoreError> {
        let claimed = sqlx::query(
            "UPDATE runs SET state = 'running', worker = $1, token = token + 1, beat = beat + 1, \
             started = COALESCE(started, $2) \
             WHERE state = 'queued' AND id = (\
                 SELECT waiting.id FROM runs waiting WHERE waiting.state = 'queued' \
                 AND waiting.not_before <= $2 AND NOT EXISTS (SELECT 1 FROM runs other \
                                 WHERE other.target = waiting.target AND other.state = 'running') \
                 ORDER BY waiting.queued, waiting.id LIMIT 1) \
             RETURNING *",
        )
        .bind(worker)
        .bind(ms(now))
        .fetch_all(&self.pool)
        .await;
        match claimed {
            Ok(rows) => lease(&rows),
            // Another worker took a run of the same target at the same moment.
            Err(error) if is_taken(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Every run that somebody holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held(&self) -> Result<Vec<Seen>, StoreError> {
        let rows = sqlx::query("SELECT id, token, beat FROM runs WHERE state = 'running'")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Seen {
                    id: row.try_get("id")?,
                    token: row.try_get("token")?,
                    beat: row.try_get("beat")?,
                })
            })
            .collect()
    }

    /// Takes a run over if its holder has not counted since it was seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_over(&self, seen: &Seen, worker: &str) -> Result<Option<Lease>, StoreError> {
        let taken = sqlx::query(
            "UPDATE runs SET worker = $1, token = token + 1, beat = beat + 1 \
             WHERE id = $2 AND state = 'running' AND token = $3 AND beat = $4 RETURNING *",
        )
        .bind(worker)
        .bind(&seen.id)
        .bind(seen.token)
        .bind(seen.beat)
        .fetch_all(&self.pool)
        .await?;
        lease(&taken)
    }

    /// Counts up, and stores how many lists were read, of how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn beat(
        &self,
        lease: &Lease,
        (read, all): (usize, usize),
    ) -> Result<Beat, StoreError> {
        let rows = sqlx::query(
            "UPDATE runs SET beat = beat + 1, lists_read = $1, lists_all = $2 \
             WHERE id = $3 AND token = $4 AND state = 'running' RETURNING cancelled_by",
        )
        .bind(i64::try_from(read).unwrap_or(i64::MAX))
        .bind(i64::try_from(all).unwrap_or(i64::MAX))
        .bind(&lease.run.id)
        .bind(lease.token)
        .fetch_all(&self.pool)
        .await?;
        Ok(match rows.first() {
            None => Beat::Lost,
            Some(row) if row.try_get::<Option<String>, _>(0)?.is_some() => Beat::Cancelled,
            Some(_) => Beat::Held,
        })
    }

    /// Puts a run back into the queue, for any worker to resume.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE runs SET state = 'queued', worker = NULL \
             WHERE id = $1 AND token = $2 AND state = 'running'",
        )
        .bind(&lease.run.id)
        .bind(lease.token)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends a run without a report: it failed, or was cancelled.
    ///
    /// # Errors
    /// When the lease is lost.
    pub async fn end(
        &self,
        lease: &Lease,
        error: Option<&str>,
        notes: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let state = match error {
            Some(_) => RunState::Failed,
            None => RunState::Cancelled,
        };
        let done = sqlx::query(
            "UPDATE runs SET state = $1, error = $2, ended = $3, worker = NULL, notes = $4 \
             WHERE id = $5 AND token = $6 AND state = 'running'",
        )
        .bind(state.id())
        .bind(error)
        .bind(ms(now))
        .bind(serde_json::to_string(notes)?)
        .bind(&lease.run.id)
        .bind(lease.token)
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::LeaseLost(lease.run.id.clone()))
        }
    }

    /// Cancels a run: at once if it waits, else at its holder's next beat. Returns the run as it is
    /// afterwards, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancel(
        &self,
        id: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<RunRow>, StoreError> {
        sqlx::query(
            "UPDATE runs SET cancelled_by = $1, \
             ended = CASE WHEN state = 'queued' THEN $2 ELSE ended END, \
             state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END \
             WHERE id = $3 AND state IN ('queued', 'running') AND cancelled_by IS NULL",
        )
        .bind(by)
        .bind(ms(now))
        .bind(id)
        .execute(&self.pool)
        .await?;
        self.run(id).await
    }
}

fn lease(rows: &[AnyRow]) -> Result<Option<Lease>, StoreError> {
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let run = RunRow::of(row)?;
    Ok(Some(Lease {
        token: run.token,
        run,
    }))
}
