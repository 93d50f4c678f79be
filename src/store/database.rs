//! The connection to the database, and its migrations.

use super::StoreError;
use super::statement::Dialect;
use jiff::Timestamp;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyPool, SqlStr, Transaction};
use std::borrow::Cow;
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every version of the tables, oldest first: number, name and statements. Forward only: a line here is
/// never changed.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("migrations/0001_first.sql")),
    (2, "sessions", include_str!("migrations/0002_sessions.sql")),
    (3, "notices", include_str!("migrations/0003_notices.sql")),
    (4, "calls", include_str!("migrations/0004_calls.sql")),
    (5, "search", include_str!("migrations/0005_search.sql")),
    (6, "outbox", include_str!("migrations/0006_outbox.sql")),
    (7, "scope", include_str!("migrations/0007_scope.sql")),
    (8, "accounts", include_str!("migrations/0008_accounts.sql")),
];

/// How long a statement waits for a connection before the database counts as gone.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

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
        if url.contains("mode=rwc")
            && let Some(path) = Self::file(url)?
        {
            make_private(&path)?;
        }
        let database = Self::connect(url, None).await?;
        migrator(MIGRATIONS).run(&database.pool).await?;
        Ok(database)
    }

    /// Connects to a database that has the tables of this version, without changing it.
    ///
    /// # Errors
    /// When there is no such database, or it is of another version.
    pub async fn open_as_it_is(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = Self::file(url)?
            && !path.exists()
        {
            let path = path.display();
            return Err(StoreError::Refused(format!("there is no database {path}")));
        }
        let database = Self::connect(url, None).await?;
        let found = sqlx::query_as::<_, (i64,)>("SELECT version FROM _sqlx_migrations ORDER BY 1")
            .fetch_all(&database.pool)
            .await;
        let found = found.map_err(|error| match error {
            sqlx::Error::Database(error) => StoreError::Refused(format!(
                "the database holds no tables of this service: {error}"
            )),
            error => error.into(),
        })?;
        let ours = MIGRATIONS.iter().map(|(version, ..)| *version);
        if !ours.eq(found.into_iter().map(|(version,)| version)) {
            return Err(StoreError::Refused(
                "the database has tables of another version of this program; use that one, or start \
                 the service of this one first"
                    .to_owned(),
            ));
        }
        Ok(database)
    }

    /// Makes the tables of a version in an empty database. `schema` is an existing schema of PostgreSQL.
    pub(super) async fn at_version(
        url: &str,
        schema: Option<&str>,
        version: i64,
    ) -> Result<Self, StoreError> {
        let database = Self::connect(url, schema).await?;
        let count = MIGRATIONS.partition_point(|(known, ..)| *known <= version);
        migrator(&MIGRATIONS[..count]).run(&database.pool).await?;
        Ok(database)
    }

    /// Brings the tables up to date.
    pub(super) async fn bring_up_to_date(&self) -> Result<(), StoreError> {
        Ok(migrator(MIGRATIONS).run(&self.pool).await?)
    }

    /// The file of an SQLite database; `None` for PostgreSQL.
    pub(super) fn file(url: &str) -> Result<Option<PathBuf>, StoreError> {
        if !url.starts_with("sqlite:") {
            return Ok(None);
        }
        let options: SqliteConnectOptions = url.parse()?;
        Ok(Some(options.get_filename().to_owned()))
    }

    /// Calls [`Self::checkpoint_into_one_file`] for a file, and says so if another process has it open.
    pub(super) async fn settle_file(path: &Path) -> Result<(), StoreError> {
        let url = format!("sqlite://{}?mode=rw", path.display());
        let database = Self::connect(&url, None).await?;
        let left = database.checkpoint_into_one_file().await;
        database.close().await;
        left.map_err(|error| match error {
            StoreError::Database(sqlx::Error::Database(error))
                if error.message().contains("locked") =>
            {
                StoreError::Refused(format!(
                    "{} is in use: {error}\n  help: stop the service first",
                    path.display()
                ))
            }
            error => error,
        })
    }

    /// Checks an SQLite database, moves all of it into its one file, and closes the pool. Fails if another
    /// process has it open.
    pub(super) async fn checkpoint_into_one_file(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let (whole,): (String,) = sqlx::query_as("PRAGMA integrity_check(1)")
            .fetch_one(&mut *connection)
            .await?;
        if whole != "ok" {
            return Err(StoreError::Malformed(format!(
                "the database is damaged: {whole}"
            )));
        }
        drop(connection);
        // This pool's own connections would keep it open, too.
        let options = AnyPoolOptions::new().max_connections(1);
        let alone = options.connect_with((*self.pool.connect_options()).clone());
        self.pool.close().await;
        let alone = alone.await?;
        let settled = sqlx::raw_sql("PRAGMA busy_timeout = 1000; PRAGMA journal_mode = DELETE")
            .execute(&alone)
            .await;
        alone.close().await;
        settled?;
        Ok(())
    }

    /// A transaction that sees the rows of one moment.
    pub(super) async fn snapshot(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(if self.sqlite {
            self.pool.begin().await?
        } else {
            let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
            self.pool.begin_with(begin).await?
        })
    }

    pub(super) async fn connect(url: &str, schema: Option<&str>) -> Result<Self, StoreError> {
        install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let schema = schema.map(|schema| format!("SET search_path TO {schema}"));
        let pool = AnyPoolOptions::new()
            .max_connections(if sqlite { 4 } else { 8 })
            .acquire_timeout(CONNECTION_TIMEOUT)
            .after_connect(move |connection, _| {
                let schema = schema.clone();
                Box::pin(async move {
                    if sqlite {
                        // Readers never wait for the writer; a killed process loses no transaction.
                        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                                        PRAGMA busy_timeout = 10000";
                        sqlx::raw_sql(settings).execute(&mut *connection).await?;
                    } else {
                        // A process that is paused in the middle of a transaction would keep its rows locked
                        // for all others.
                        let settings = "SET idle_in_transaction_session_timeout = '30s'";
                        sqlx::raw_sql(settings).execute(&mut *connection).await?;
                    }
                    if let Some(schema) = schema {
                        let schema = sqlx::AssertSqlSafe(schema);
                        sqlx::raw_sql(schema).execute(connection).await?;
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

    /// The dialect of SQL that it takes.
    pub(super) fn dialect(&self) -> Dialect {
        if self.sqlite {
            Dialect::Sqlite
        } else {
            Dialect::Postgres
        }
    }

    /// The time by the database's clock, which all processes that share the database use. With SQLite it is
    /// this machine's clock.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clock(&self) -> Result<Timestamp, StoreError> {
        if self.sqlite {
            return Ok(Timestamp::now());
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        let (now,): (i64,) = sqlx::query_as(sql).fetch_one(&self.pool).await?;
        at(now)
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

/// Creates a missing database file that only its owner can read: it tells what is weak in an account. The
/// files that SQLite puts beside it get the same mode.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Ok(_) => Ok(()),
        // If the folder is missing, the error comes from opening the database.
        Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

fn migrator(migrations: &'static [(i64, &str, &str)]) -> Migrator {
    let all = migrations.iter().map(|(version, name, sql)| {
        let sql = SqlStr::from_static(sql);
        let name = Cow::Borrowed(*name);
        Migration::new(*version, name, MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(all.collect())
}

/// The versions of the tables that this program knows, each with the checksum of its statements.
pub(super) fn known_migrations() -> Vec<(i64, String)> {
    let all = migrator(MIGRATIONS);
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    all.iter()
        .map(|migration| (migration.version, hex(&migration.checksum)))
        .collect()
}

/// All tables, in the order in which they were made.
pub(super) fn tables() -> Vec<&'static str> {
    MIGRATIONS
        .iter()
        .flat_map(|(_, _, sql)| sql.lines())
        .filter_map(|line| line.strip_prefix("CREATE TABLE "))
        .filter_map(|rest| rest.split([' ', '(']).next())
        .collect()
}

/// A time as it is stored, in milliseconds since 1970.
pub(super) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A stored time.
pub(super) fn at(ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms).map_err(|e| StoreError::Malformed(e.to_string()))
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
pub(crate) mod tests;
