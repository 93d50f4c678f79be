//! Schedules, and the time up to which each has been handled.

use super::StoreError;
use super::database::{Database, at, is_taken, ms};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Where a schedule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The configuration file; it is changed there.
    File,
    /// The API.
    Api,
}

impl Origin {
    /// As it is stored.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Api => "api",
        }
    }
}

/// One schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRow {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Its definition, in JSON.
    pub spec: String,
    /// Whether it starts runs.
    pub enabled: bool,
    /// Every time up to this one has been handled.
    pub handled: Timestamp,
}

impl ScheduleRow {
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        let origin: String = row.try_get("origin")?;
        Ok(Self {
            name: row.try_get("name")?,
            origin: if origin == "file" {
                Origin::File
            } else {
                Origin::Api
            },
            spec: row.try_get("spec")?,
            enabled: row.try_get::<i64, _>("enabled")? != 0,
            handled: at(row.try_get("handled")?)?,
        })
    }
}

impl Database {
    /// Stores the schedules of the configuration file. Those that are no longer in it are removed. The others
    /// keep the time up to which they were handled.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_schedules(
        &self,
        specs: &[(String, String)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let known = sqlx::query("SELECT name FROM schedules WHERE origin = 'file'")
            .fetch_all(&mut *transaction)
            .await?;
        for row in known {
            let name: String = row.try_get("name")?;
            if !specs.iter().any(|(known, _)| *known == name) {
                sqlx::query("DELETE FROM schedules WHERE name = $1 AND origin = 'file'")
                    .bind(name)
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        for (name, spec) in specs {
            // The file wins over what was made by the API.
            sqlx::query(
                "INSERT INTO schedules (name, origin, spec, enabled, handled, changed) \
                 VALUES ($1, 'file', $2, 1, $3, $3) ON CONFLICT (name) DO UPDATE SET \
                 origin = 'file', spec = excluded.spec, enabled = 1",
            )
            .bind(name)
            .bind(spec)
            .bind(ms(now))
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Every schedule, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn schedules(&self) -> Result<Vec<ScheduleRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM schedules ORDER BY name")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(ScheduleRow::of).collect()
    }

    /// One schedule.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn schedule(&self, name: &str) -> Result<Option<ScheduleRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM schedules WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(ScheduleRow::of).transpose()
    }

    /// Adds a schedule of the API. Returns whether the name was free.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_schedule(
        &self,
        name: &str,
        spec: &str,
        enabled: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let added = sqlx::query(
            "INSERT INTO schedules (name, origin, spec, enabled, handled, changed) \
             VALUES ($1, 'api', $2, $3, $4, $4)",
        )
        .bind(name)
        .bind(spec)
        .bind(i64::from(enabled))
        .bind(ms(now))
        .execute(&self.pool)
        .await;
        match added {
            Ok(_) => Ok(true),
            Err(error) if is_taken(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a schedule of the API. Times before the change are not caught up. Returns whether there is
    /// such a schedule.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_schedule(
        &self,
        name: &str,
        spec: &str,
        enabled: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE schedules SET spec = $1, enabled = $2, handled = $3, changed = $3 \
             WHERE name = $4 AND origin = 'api'",
        )
        .bind(spec)
        .bind(i64::from(enabled))
        .bind(ms(now))
        .bind(name)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a schedule of the API. Returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_schedule(&self, name: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM schedules WHERE name = $1 AND origin = 'api'")
            .bind(name)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Marks every time up to this one as handled. Returns false if somebody else did so first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn handled(&self, schedule: &ScheduleRow, to: Timestamp) -> Result<bool, StoreError> {
        let done =
            sqlx::query("UPDATE schedules SET handled = $1 WHERE name = $2 AND handled = $3")
                .bind(ms(to))
                .bind(&schedule.name)
                .bind(ms(schedule.handled))
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected() == 1)
    }
}
