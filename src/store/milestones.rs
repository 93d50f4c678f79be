//! Milestones: runs that are kept for ever, under a name.

use super::StoreError;
use super::database::{Database, at, is_taken, ms};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

/// One milestone.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct Milestone {
    pub name: String,
    pub target: String,
    pub run: String,
    pub note: String,
    pub made_by: String,
    pub made: Timestamp,
}

impl Database {
    /// Makes a run a milestone. Returns whether the name was free.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_milestone(&self, milestone: &Milestone) -> Result<bool, StoreError> {
        let added = sqlx::query(
            "INSERT INTO milestones (name, target, run, note, made_by, made) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&milestone.name)
        .bind(&milestone.target)
        .bind(&milestone.run)
        .bind(&milestone.note)
        .bind(&milestone.made_by)
        .bind(ms(milestone.made))
        .execute(&self.pool)
        .await;
        match added {
            Ok(_) => Ok(true),
            Err(error) if is_taken(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// All milestones, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn milestones(&self) -> Result<Vec<Milestone>, StoreError> {
        let rows = sqlx::query("SELECT * FROM milestones ORDER BY made DESC, name")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(milestone).collect()
    }
}

fn milestone(row: &AnyRow) -> Result<Milestone, StoreError> {
    Ok(Milestone {
        name: row.try_get("name")?,
        target: row.try_get("target")?,
        run: row.try_get("run")?,
        note: row.try_get("note")?,
        made_by: row.try_get("made_by")?,
        made: at(row.try_get("made")?)?,
    })
}
