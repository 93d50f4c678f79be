//! Counts for metrics. None of them names a resource.

use super::StoreError;
use super::database::{Database, ms};
use jiff::Timestamp;
use sqlx::Row;

/// What became of the runs of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCount {
    /// The target.
    pub target: String,
    /// `finished`, `failed` or `cancelled`.
    pub state: String,
    /// How many runs ended in it.
    pub runs: i64,
    /// How often they began or were taken over.
    pub attempts: i64,
}

/// What the finished runs of a target cost.
#[derive(Debug, Clone, PartialEq)]
pub struct RunCosts {
    /// The target.
    pub target: String,
    /// How many they are.
    pub runs: i64,
    /// The times from the first start of each to its end, added up, in milliseconds.
    pub ms: i64,
    /// When the last one ended, in milliseconds since 1970.
    pub last_ended: i64,
    /// Calls of AWS.
    pub calls: i64,
    /// Requests that AWS throttled.
    pub throttled: i64,
    /// Requests that AWS denied.
    pub denied: i64,
    /// What billed reads cost, in US dollars.
    pub spent_usd: f64,
}

impl Database {
    /// Runs that are over, by target and state. Rows of runs are never removed, so the counts only
    /// grow.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run_counts(&self) -> Result<Vec<RunCount>, StoreError> {
        let rows = sqlx::query(
            "SELECT target, state, COUNT(*) AS ended, CAST(SUM(token) AS BIGINT) AS attempts \
             FROM runs WHERE state IN ('finished', 'failed', 'cancelled') \
             GROUP BY target, state ORDER BY target, state",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RunCount {
                    target: row.try_get("target")?,
                    state: row.try_get("state")?,
                    runs: row.try_get("ended")?,
                    attempts: row.try_get("attempts")?,
                })
            })
            .collect()
    }

    /// What the finished runs of each target cost.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run_costs(&self) -> Result<Vec<RunCosts>, StoreError> {
        let rows = sqlx::query(
            "SELECT target, COUNT(*) AS ended, \
             CAST(SUM(ended - started) AS BIGINT) AS ms, MAX(ended) AS last_ended, \
             CAST(COALESCE(SUM(calls), 0) AS BIGINT) AS calls, \
             CAST(COALESCE(SUM(throttled), 0) AS BIGINT) AS throttled, \
             CAST(COALESCE(SUM(denied), 0) AS BIGINT) AS denied, \
             CAST(COALESCE(SUM(spent_usd), 0) AS DOUBLE PRECISION) AS spent_usd \
             FROM runs WHERE state = 'finished' GROUP BY target ORDER BY target",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RunCosts {
                    target: row.try_get("target")?,
                    runs: row.try_get("ended")?,
                    ms: row.try_get("ms")?,
                    last_ended: row.try_get("last_ended")?,
                    calls: row.try_get("calls")?,
                    throttled: row.try_get("throttled")?,
                    denied: row.try_get("denied")?,
                    spent_usd: row.try_get("spent_usd")?,
                })
            })
            .collect()
    }

    /// Since when the oldest run that may start by now has waited, in milliseconds since 1970.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn oldest_queued(&self, now: Timestamp) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query(
            "SELECT MIN(CASE WHEN not_before > queued THEN not_before ELSE queued END) \
             FROM runs WHERE state = 'queued' AND not_before <= $1",
        )
        .bind(ms(now))
        .fetch_one(&self.pool)
        .await?;
        Ok(row.try_get(0)?)
    }
}
