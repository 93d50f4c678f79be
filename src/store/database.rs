//! The connection to the database, and its migrations.

use super::StoreError;
use jiff::Timestamp;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Any, AnyPool, SqlStr, Transaction};
use std::borrow::Cow;
use std::time::Duration;

/// Every version of the tables, oldest first. Forward only: a line here is never changed.
const MIGRATIONS: &[(&str, &str)] = &[
    ("first", include_str!("migrations/0001_first.sql")),
    ("sessions", include_str!("migrations/0002_sessions.sql")),
];

/// So long a statement waits for a connection before the database counts as gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database with tables of this version.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) pool: AnyPool,
    sqlite: bool,
}

impl Database {
    /// Connects, and brings the tables up to date.
    ///
    /// # Errors
    /// When there is no such database, or it was used by a newer version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let database = Self::connect(url).await?;
        migrator(MIGRATIONS).run(&database.pool).await?;
        Ok(database)
    }

    async fn connect(url: &str) -> Result<Self, StoreError> {
        install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let pool = AnyPoolOptions::new()
            .max_connections(if sqlite { 4 } else { 8 })
            .acquire_timeout(PATIENCE)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        // Readers never wait for the writer; a killed process loses no transaction.
                        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                                        PRAGMA busy_timeout = 10000";
                        sqlx::raw_sql(settings).execute(connection).await?;
                    }
                    Ok(())
                })
            })
            .connect(url)
            .await?;
        Ok(Self { pool, sqlite })
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that is going to write.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(if self.sqlite {
            // A transaction that reads first and writes later fails if another wrote in between.
            self.pool.begin_with("BEGIN IMMEDIATE").await?
        } else {
            self.pool.begin().await?
        })
    }
}

fn migrator(migrations: &'static [(&str, &str)]) -> Migrator {
    let migrations = migrations.iter().zip(1..);
    let all = migrations.map(|((name, sql), version)| {
        let sql = SqlStr::from_static(sql);
        let name = Cow::Borrowed(*name);
        Migration::new(version, name, MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(all.collect())
}

/// A time as it is stored.
pub(super) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A stored time.
pub(super) fn at(ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms).map_err(|e| StoreError::Form(e.to_string()))
}

/// A stored time that may be missing.
pub(super) fn maybe_at(ms: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    ms.map(at).transpose()
}

/// Whether a statement failed because another row has the same key.
pub(super) fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An empty database in memory of one connection.
    pub(crate) async fn empty() -> (Database, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/test.db?mode=rwc", folder.path().display());
        (Database::open(&url).await.unwrap(), folder)
    }

    #[tokio::test]
    async fn tables_are_made_once_and_an_open_database_answers() {
        let (database, folder) = empty().await;
        database.ping().await.unwrap();
        database.close().await;
        let url = format!("sqlite://{}/test.db", folder.path().display());
        let again = Database::open(&url).await.unwrap();
        let row: (i64,) = sqlx::query_as("SELECT count(*) FROM runs")
            .fetch_one(&again.pool)
            .await
            .unwrap();
        assert_eq!(row.0, 0);
    }

    #[tokio::test]
    async fn a_database_of_a_newer_version_is_refused() {
        let (database, _folder) = empty().await;
        let mut newer = MIGRATIONS.to_vec();
        newer.push(("later", "CREATE TABLE later (id TEXT)"));
        migrator(newer.leak()).run(&database.pool).await.unwrap();
        let error = migrator(MIGRATIONS).run(&database.pool).await.unwrap_err();
        let version = (MIGRATIONS.len() + 1).to_string();
        assert!(error.to_string().contains(&version), "{error}");
    }

    #[tokio::test]
    async fn the_tables_of_every_earlier_version_are_brought_up_to_date() {
        for earlier in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}/test.db?mode=rwc", folder.path().display());
            let database = Database::connect(&url).await.unwrap();
            migrator(&MIGRATIONS[..earlier])
                .run(&database.pool)
                .await
                .unwrap();
            let target = "INSERT INTO targets (name, added, accounts, owners, regions) \
                          VALUES ('shop', 0, '[]', '[]', '[]')";
            sqlx::query(target).execute(&database.pool).await.unwrap();
            database.close().await;
            let database = Database::open(&url).await.unwrap();
            for (table, rows) in [("targets", 1), ("sessions", 0), ("logins", 0)] {
                let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
                let row: (i64,) = sqlx::query_as(sql).fetch_one(&database.pool).await.unwrap();
                assert_eq!(row.0, rows, "{table} after version {earlier}");
            }
        }
    }
}
