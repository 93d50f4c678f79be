//! Reading runs.

use super::{RunFilter, RunRow, RunState};
use crate::store::StoreError;
use crate::store::database::Database;
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write;

impl Database {
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

    /// The last finished run of a target and scope, with which the next one is compared.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_finished(
        &self,
        target: &str,
        scope: &str,
    ) -> Result<Option<RunRow>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM runs WHERE target = $1 AND scope = $2 AND state = 'finished' \
             ORDER BY id DESC LIMIT 1",
        )
        .bind(target)
        .bind(scope)
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
        // Only names of columns and numbered placeholders are concatenated; every value is bound.
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
