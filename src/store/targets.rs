//! All targets that were ever configured.

use super::StoreError;
use super::database::{Database, maybe_at, ms};
use jiff::Timestamp;
use sqlx::Row;

/// One target.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetRow {
    /// Its name.
    pub name: String,
    /// When it left the configuration, if it did.
    pub removed: Option<Timestamp>,
    /// Who is responsible for it.
    pub owners: Vec<String>,
    /// Its regions.
    pub regions: Vec<String>,
}

impl Database {
    /// Stores the targets of the configuration: name, owners and regions. A target that is no longer in it
    /// stays, with its history.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_targets(
        &self,
        targets: &[(String, Vec<String>, Vec<String>)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query("UPDATE targets SET removed = $1 WHERE removed IS NULL")
            .bind(ms(now))
            .execute(&mut *transaction)
            .await?;
        for (name, owners, regions) in targets {
            sqlx::query(
                "INSERT INTO targets (name, added, owners, regions) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET removed = NULL, \
                 owners = excluded.owners, regions = excluded.regions",
            )
            .bind(name)
            .bind(ms(now))
            .bind(serde_json::to_string(owners)?)
            .bind(serde_json::to_string(regions)?)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Every target, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn targets(&self) -> Result<Vec<TargetRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM targets ORDER BY name")
            .fetch_all(&self.pool)
            .await?;
        let list = |row: &sqlx::any::AnyRow, column: &str| -> Result<Vec<String>, StoreError> {
            Ok(serde_json::from_str(&row.try_get::<String, _>(column)?)?)
        };
        rows.iter()
            .map(|row| {
                Ok(TargetRow {
                    name: row.try_get("name")?,
                    removed: maybe_at(row.try_get("removed")?)?,
                    owners: list(row, "owners")?,
                    regions: list(row, "regions")?,
                })
            })
            .collect()
    }
}
