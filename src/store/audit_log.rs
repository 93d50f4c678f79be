//! Who did what.

use super::database::{Database, at, ms};
use super::{StoreError, new_id};
use jiff::Timestamp;
use sqlx::Row;

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id. Lines are sorted by it.
    pub id: String,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// What was done, such as `audit.start`.
    pub action: String,
    /// What it was done to.
    pub object: String,
    /// Further details, in JSON.
    pub detail: String,
}

/// Lines of the audit log.
pub type Page = Vec<Entry>;

impl Database {
    /// Adds a line.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(
        &self,
        actor: &str,
        (action, object): (&str, &str),
        detail: &serde_json::Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO audit_log (id, at, actor, action, object, detail) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new_id(now))
        .bind(ms(now))
        .bind(actor)
        .bind(action)
        .bind(object)
        .bind(detail.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Lines older than one, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_log(&self, before: Option<&str>, limit: i64) -> Result<Page, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM audit_log WHERE $1 IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Entry {
                    id: row.try_get("id")?,
                    at: at(row.try_get("at")?)?,
                    actor: row.try_get("actor")?,
                    action: row.try_get("action")?,
                    object: row.try_get("object")?,
                    detail: row.try_get("detail")?,
                })
            })
            .collect()
    }
}
