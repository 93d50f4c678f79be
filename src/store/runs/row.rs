//! The rows of runs.

use crate::store::StoreError;
use crate::store::database::{at, maybe_at};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;
use utoipa::ToSchema;

/// The state of a run.
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

    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let all = [
            Self::Queued,
            Self::Running,
            Self::Finished,
            Self::Failed,
            Self::Cancelled,
        ];
        let found = all.into_iter().find(|state| state.id() == text);
        found.ok_or_else(|| StoreError::Malformed(format!("a run is `{text}`")))
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::Cancelled)
    }
}

/// Why a run was queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A time of a schedule.
    Schedule {
        /// Its name.
        name: String,
        /// The time, without jitter.
        due: Timestamp,
    },
    /// Somebody requested it.
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
    /// Who requested it; the schedule's name for a schedule.
    pub requested_by: String,
    /// The request, in JSON.
    pub request: String,
    /// What the request is narrowed to, in JSON: runs of a target with the same text are compared.
    pub scope: String,
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
    pub scope: String,
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
    pub(in crate::store) fn of(row: &AnyRow) -> Result<Self, StoreError> {
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
            scope: row.try_get("scope")?,
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

/// A run or a message that some process holds, as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The run or the message.
    pub id: String,
    /// The fencing token of a run's holder; the number of attempts of a message.
    pub token: i64,
    /// The holder's count; 0 for a message.
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

/// Which runs to return.
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
    /// The most runs to return.
    pub limit: i64,
}
