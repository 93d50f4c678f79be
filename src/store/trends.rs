//! The pillars over time.

use super::StoreError;
use super::database::{Database, at, ms};
use jiff::Timestamp;
use sqlx::Row;

/// One pillar in one run.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct TrendRow {
    pub run: String,
    pub at: Timestamp,
    pub pillar: String,
    pub score: Option<i64>,
    pub coverage: Option<f64>,
    pub critical: i64,
    pub high: i64,
    pub medium: i64,
    pub low: i64,
    pub info: i64,
    pub unknown: i64,
    pub high_risk_issues: i64,
    pub medium_risk_issues: i64,
}

impl Database {
    /// What the runs of a target since a time said of each pillar, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn trend(&self, target: &str, since: Timestamp) -> Result<Vec<TrendRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM run_pillars WHERE target = $1 AND at >= $2 ORDER BY at, run, pillar",
        )
        .bind(target)
        .bind(ms(since))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(row_of).collect()
    }

    /// The same for at most `most` runs, spread over the time. The last run is among them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sampled_trend(
        &self,
        target: &str,
        since: Timestamp,
        most: i64,
    ) -> Result<Vec<TrendRow>, StoreError> {
        let ends = sqlx::query(
            "SELECT MIN(at) AS first, MAX(at) AS last FROM run_pillars \
             WHERE target = $1 AND at >= $2",
        )
        .bind(target)
        .bind(ms(since))
        .fetch_one(&self.pool)
        .await?;
        let first: Option<i64> = ends.try_get("first")?;
        let last: Option<i64> = ends.try_get("last")?;
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(Vec::new());
        };
        // The last run of each stretch of time. Stretches are counted back from the last run of all.
        let stretch = ((last - first) / most.max(1) + 1).max(1);
        let rows = sqlx::query(
            "SELECT * FROM run_pillars WHERE target = $1 AND at IN (\
             SELECT MAX(at) FROM run_pillars WHERE target = $1 AND at >= $2 \
             GROUP BY ($3 - at) / $4) ORDER BY at, run, pillar",
        )
        .bind(target)
        .bind(ms(since))
        .bind(last)
        .bind(stretch)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(row_of).collect()
    }

    /// What a run said of each pillar.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pillars_of(&self, run: &str) -> Result<Vec<TrendRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM run_pillars WHERE run = $1 ORDER BY pillar")
            .bind(run)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(row_of).collect()
    }

    /// What the last finished run of a target said of each pillar.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest(&self, target: &str) -> Result<Vec<TrendRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM run_pillars WHERE target = $1 AND run = (\
             SELECT id FROM runs WHERE target = $1 AND state = 'finished' \
             ORDER BY id DESC LIMIT 1) ORDER BY pillar",
        )
        .bind(target)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(row_of).collect()
    }
}

fn row_of(row: &sqlx::any::AnyRow) -> Result<TrendRow, StoreError> {
    Ok(TrendRow {
        run: row.try_get("run")?,
        at: at(row.try_get("at")?)?,
        pillar: row.try_get("pillar")?,
        score: row.try_get("score")?,
        coverage: row.try_get("coverage")?,
        critical: row.try_get("critical")?,
        high: row.try_get("high")?,
        medium: row.try_get("medium")?,
        low: row.try_get("low")?,
        info: row.try_get("info")?,
        unknown: row.try_get("unknown")?,
        high_risk_issues: row.try_get("high_risk_issues")?,
        medium_risk_issues: row.try_get("medium_risk_issues")?,
    })
}
