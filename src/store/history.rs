//! The history of one finding.

use super::StoreError;
use super::database::{Database, at};
use super::findings::severity;
use crate::model::Severity;
use jiff::Timestamp;
use sqlx::Row;

/// One change of a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRow {
    /// When the run that saw it began.
    pub at: Timestamp,
    /// That run.
    pub run: String,
    /// The verdict from then on; `gone` if its resource no longer exists.
    pub verdict: String,
    /// The severity from then on.
    pub severity: Severity,
}

/// Its changes, oldest first.
pub type History = Vec<ChangeRow>;

impl Database {
    /// The history of a finding.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(&self, target: &str, finding: &str) -> Result<History, StoreError> {
        let rows = sqlx::query(
            "SELECT at, run, verdict, severity FROM changes \
             WHERE target = $1 AND finding = $2 ORDER BY at, run",
        )
        .bind(target)
        .bind(finding)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ChangeRow {
                    at: at(row.try_get("at")?)?,
                    run: row.try_get("run")?,
                    verdict: row.try_get("verdict")?,
                    severity: severity(row.try_get("severity")?)?,
                })
            })
            .collect()
    }
}
