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

use super::database::{Database, at, is_taken, maybe_at, ms};
use super::{StoreError, new_id};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write;
use utoipa::ToSchema;

/// Where a run is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// It waits for a worker, or for another run of its target.
    Queued,
    /// A worker holds it.
    Running,
    /// It has a report.
    Finished,
    /// It has none, and `error` says why.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl RunState {
    /// As it is stored.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let all = [
            Self::Queued,
            Self::Running,
            Self::Finished,
            Self::Failed,
            Self::Cancelled,
        ];
        let found = all.into_iter().find(|state| state.id() == text);
        found.ok_or_else(|| StoreError::Form(format!("a run is `{text}`")))
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::Cancelled)
    }
}

/// Why a run is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A time of a schedule.
    Schedule {
        /// Its name.
        name: String,
        /// The time, without jitter.
        due: Timestamp,
    },
    /// Somebody asked for it.
    Request {
        /// Two requests with the same key are one.
        idempotency_key: Option<String>,
    },
}

/// A run that is to be queued.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The target's name.
    pub target: String,
    /// Why.
    pub cause: Cause,
    /// Who asked for it; the schedule's name for a schedule.
    pub requested_by: String,
    /// What is asked for, in JSON.
    pub request: String,
    /// It is not started before this time.
    pub not_before: Timestamp,
}

/// What became of a run that was to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Queued {
    /// It waits. This is its id.
    New(String),
    /// It was there already. This is its id.
    Known(String),
    /// The idempotency key belongs to another request.
    OtherRequest,
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct RunRow {
    pub id: String,
    pub target: String,
    pub schedule: Option<String>,
    pub due: Option<Timestamp>,
    pub requested_by: String,
    pub request: String,
    pub state: RunState,
    pub queued: Timestamp,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub worker: Option<String>,
    pub token: i64,
    pub cancelled_by: Option<String>,
    pub lists_read: i64,
    pub lists_all: i64,
    pub notes: Vec<String>,
    pub error: Option<String>,
    pub status: Option<i64>,
    pub scan: Option<String>,
    pub complete: Option<bool>,
    pub coverage: Option<f64>,
    pub fails: Option<i64>,
    pub unknown: Option<i64>,
    pub new_fails: Option<i64>,
    pub fixed: Option<i64>,
    pub spent_usd: Option<f64>,
    pub folder: Option<String>,
    pub removed: Option<Timestamp>,
}

impl RunRow {
    pub(super) fn of(row: &AnyRow) -> Result<Self, StoreError> {
        let complete: Option<i64> = row.try_get("complete")?;
        let state: String = row.try_get("state")?;
        let notes: String = row.try_get("notes")?;
        Ok(Self {
            id: row.try_get("id")?,
            target: row.try_get("target")?,
            schedule: row.try_get("schedule")?,
            due: maybe_at(row.try_get("due")?)?,
            requested_by: row.try_get("requested_by")?,
            request: row.try_get("request")?,
            state: RunState::parse(&state)?,
            queued: at(row.try_get("queued")?)?,
            started: maybe_at(row.try_get("started")?)?,
            ended: maybe_at(row.try_get("ended")?)?,
            worker: row.try_get("worker")?,
            token: row.try_get("token")?,
            cancelled_by: row.try_get("cancelled_by")?,
            lists_read: row.try_get("lists_read")?,
            lists_all: row.try_get("lists_all")?,
            notes: serde_json::from_str(&notes)?,
            error: row.try_get("error")?,
            status: row.try_get("status")?,
            scan: row.try_get("scan")?,
            complete: complete.map(|complete| complete != 0),
            coverage: row.try_get("coverage")?,
            fails: row.try_get("fails")?,
            unknown: row.try_get("unknown")?,
            new_fails: row.try_get("new_fails")?,
            fixed: row.try_get("fixed")?,
            spent_usd: row.try_get("spent_usd")?,
            folder: row.try_get("folder")?,
            removed: maybe_at(row.try_get("removed")?)?,
        })
    }
}

/// A run that this worker holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// The run as it was when the lease began.
    pub run: RunRow,
    /// The fencing token.
    pub token: i64,
}

/// A run that some worker holds, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The run.
    pub id: String,
    /// The fencing token of its holder.
    pub token: i64,
    /// The holder's count.
    pub beat: i64,
}

/// What a holder learns from its own beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// It still holds the run.
    Held,
    /// It still does, and somebody wants the run to stop.
    Cancelled,
    /// Another one holds it, or it is over.
    Lost,
}

/// Which runs.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of these targets; of all where the list is empty.
    pub targets: Vec<String>,
    /// In this state.
    pub state: Option<RunState>,
    /// Of this schedule.
    pub schedule: Option<String>,
    /// Older than this one.
    pub before: Option<String>,
    /// At most so many.
    pub limit: i64,
}

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
             request, state, queued, not_before, token, beat, lists_read, lists_all, notes) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $10, 0, 0, 0, 0, '[]') \
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

    /// Takes the run that waits longest and whose target nobody reads.
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

    /// Takes a run over whose holder has not counted since it was seen.
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

    /// Counts up, and tells how far the run is.
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

    /// Puts a run back into the queue, to be resumed by whoever takes it.
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

    /// One run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run(&self, id: &str) -> Result<Option<RunRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM runs WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(RunRow::of).transpose()
    }

    /// Runs, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError> {
        let mut sql = "SELECT * FROM runs WHERE 1 = 1".to_owned();
        let mut values: Vec<String> = Vec::new();
        let mut place = |value: &str| {
            values.push(value.to_owned());
            format!("${}", values.len())
        };
        if !filter.targets.is_empty() {
            let places: Vec<String> = filter.targets.iter().map(|t| place(t)).collect();
            let _ = write!(sql, " AND target IN ({})", places.join(", "));
        }
        for (column, value) in [
            ("state =", filter.state.map(RunState::id)),
            ("schedule =", filter.schedule.as_deref()),
            ("id <", filter.before.as_deref()),
        ] {
            if let Some(value) = value {
                let _ = write!(sql, " AND {column} {}", place(value));
            }
        }
        let _ = write!(sql, " ORDER BY id DESC LIMIT ${}", values.len() + 1);
        // Only names of columns and numbered places are put together; every value is bound.
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for value in values {
            query = query.bind(value);
        }
        let rows = query.bind(filter.limit).fetch_all(&self.pool).await?;
        rows.iter().map(RunRow::of).collect()
    }

    /// Whether a run of this schedule and target waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_waiting(&self, schedule: &str, target: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) FROM runs WHERE state = 'queued' AND schedule = $1 AND target = $2",
        )
        .bind(schedule)
        .bind(target)
        .fetch_one(&self.pool)
        .await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    /// How many runs wait, and how many are held.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn queue_length(&self) -> Result<(i64, i64), StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(CASE WHEN state = 'queued' THEN 1 END) AS queued, \
             COUNT(CASE WHEN state = 'running' THEN 1 END) AS running \
             FROM runs WHERE state IN ('queued', 'running')",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((row.try_get("queued")?, row.try_get("running")?))
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

#[cfg(test)]
mod tests {
    use super::super::database::tests::empty;
    use super::*;

    fn new(target: &str, key: Option<&str>, request: &str) -> NewRun {
        NewRun {
            target: target.to_owned(),
            cause: Cause::Request {
                idempotency_key: key.map(ToOwned::to_owned),
            },
            requested_by: "somebody".to_owned(),
            request: request.to_owned(),
            not_before: now(),
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    #[tokio::test]
    async fn a_key_is_one_request_and_a_slot_is_one_run() {
        let (database, _folder) = empty().await;
        let queue = async |run: &NewRun| database.enqueue(run, now()).await.unwrap();
        let Queued::New(id) = queue(&new("shop", Some("k"), "{}")).await else {
            panic!("it is new")
        };
        assert_eq!(
            queue(&new("shop", Some("k"), "{}")).await,
            Queued::Known(id)
        );
        let other = queue(&new("shop", Some("k"), "{\"a\":1}")).await;
        assert_eq!(other, Queued::OtherRequest);
        let slot = NewRun {
            cause: Cause::Schedule {
                name: "nightly".to_owned(),
                due: now(),
            },
            ..new("shop", None, "{}")
        };
        assert!(matches!(queue(&slot).await, Queued::New(_)));
        assert!(matches!(queue(&slot).await, Queued::Known(_)));
        assert_eq!(database.queue_length().await.unwrap(), (2, 0));
    }

    #[tokio::test]
    async fn a_target_is_run_once_at_a_time_and_the_rest_waits() {
        let (database, _folder) = empty().await;
        for (order, target) in (0..).zip(["shop", "shop", "bank"]) {
            let at = now() + jiff::SignedDuration::from_millis(order);
            database
                .enqueue(&new(target, None, "{}"), at)
                .await
                .unwrap();
        }
        let claim = async || database.claim("w", now()).await.unwrap();
        let first = claim().await.unwrap();
        assert_eq!(first.run.target, "shop");
        assert_eq!(claim().await.unwrap().run.target, "bank");
        assert_eq!(claim().await, None);
        database
            .end(&first, Some("broken"), &[], now())
            .await
            .unwrap();
        let next = claim().await.unwrap();
        assert_eq!((next.run.target.as_str(), next.token), ("shop", 1));
    }

    #[tokio::test]
    async fn a_lost_lease_writes_nothing() {
        let (database, _folder) = empty().await;
        database
            .enqueue(&new("shop", None, "{}"), now())
            .await
            .unwrap();
        let paused = database.claim("a", now()).await.unwrap().unwrap();
        let seen = database.held().await.unwrap().remove(0);
        // It counts, so nobody takes it.
        assert_eq!(database.beat(&paused, (1, 9)).await.unwrap(), Beat::Held);
        assert_eq!(database.take_over(&seen, "b").await.unwrap(), None);
        let seen = database.held().await.unwrap().remove(0);
        let taken = database.take_over(&seen, "b").await.unwrap().unwrap();
        assert_eq!((taken.token, taken.run.lists_read), (2, 1));
        assert_eq!(database.take_over(&seen, "c").await.unwrap(), None);
        assert_eq!(database.beat(&paused, (9, 9)).await.unwrap(), Beat::Lost);
        let error = database
            .end(&paused, Some("x"), &[], now())
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::LeaseLost(_)));
        database.release(&paused).await.unwrap();
        let run = database.run(&taken.run.id).await.unwrap().unwrap();
        assert_eq!(
            (run.state, run.worker.as_deref()),
            (RunState::Running, Some("b"))
        );
    }

    #[tokio::test]
    async fn what_waits_is_cancelled_at_once_and_what_runs_by_its_holder() {
        let (database, _folder) = empty().await;
        for target in ["shop", "shop"] {
            database
                .enqueue(&new(target, None, "{}"), now())
                .await
                .unwrap();
        }
        let held = database.claim("a", now()).await.unwrap().unwrap();
        let all = database
            .runs(&RunFilter {
                limit: 9,
                ..RunFilter::default()
            })
            .await
            .unwrap();
        for run in &all {
            database
                .cancel(&run.id, "somebody", now())
                .await
                .unwrap()
                .unwrap();
        }
        assert_eq!(database.beat(&held, (0, 0)).await.unwrap(), Beat::Cancelled);
        database.end(&held, None, &[], now()).await.unwrap();
        let filter = RunFilter {
            state: Some(RunState::Cancelled),
            targets: vec!["shop".to_owned()],
            limit: 9,
            ..RunFilter::default()
        };
        let cancelled = database.runs(&filter).await.unwrap();
        assert_eq!(cancelled.len(), 2);
        assert!(
            cancelled
                .iter()
                .all(|run| run.cancelled_by.as_deref() == Some("somebody"))
        );
        assert_eq!(database.cancel("nothing", "x", now()).await.unwrap(), None);
    }
}
