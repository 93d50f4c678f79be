//! Where a backup's rows go: first beside the current database, which they then replace.

use crate::store::StoreError;
use crate::store::database::{Database, tables};
use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

/// The database to restore into.
pub(super) enum RestoreTarget {
    /// The file of SQLite, and the file beside it that is filled first.
    File { path: PathBuf, aside: PathBuf },
    /// PostgreSQL, and the schema that is filled first.
    Schema { url: String, aside: String },
}

impl RestoreTarget {
    /// The target that a URL names. `mark` makes the name of what is filled first unique.
    pub(super) fn of(url: &str, mark: &str) -> Result<Self, StoreError> {
        Ok(match Database::file(url)? {
            Some(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let aside = path.with_file_name(format!("{name}.restoring-{mark}"));
                Self::File { path, aside }
            }
            None => Self::Schema {
                url: url.to_owned(),
                aside: format!("sixpillars_restoring_{mark}"),
            },
        })
    }

    /// Fails if the target holds data and `force` is not set, or if another process has its file open.
    pub(super) async fn check(&self, force: bool) -> Result<(), StoreError> {
        match self {
            Self::File { path, .. } if !path.exists() => Ok(()),
            Self::File { path, .. } if !force => Err(occupied(&path.display().to_string())),
            Self::File { path, .. } => Database::settle_file(path).await,
            Self::Schema { url, .. } => {
                let database = Database::connect(url, None).await?;
                let found = occupied_tables(&database).await;
                database.close().await;
                match found?.first() {
                    Some(table) if !force => Err(occupied(&format!("the table {table}"))),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Makes the empty database to fill, with the tables of a version.
    pub(super) async fn prepare(&self, version: i64) -> Result<Database, StoreError> {
        match self {
            Self::File { aside, .. } => {
                if let Some(folder) = aside.parent() {
                    fs::create_dir_all(folder)?;
                }
                let url = format!("sqlite://{}?mode=rwc", aside.display());
                Database::at_version(&url, None, version).await
            }
            Self::Schema { url, aside } => {
                let database = Database::connect(url, None).await?;
                let made = run(&database, format!("CREATE SCHEMA {aside}")).await;
                database.close().await;
                made?;
                Database::at_version(url, Some(aside), version).await
            }
        }
    }

    /// Leaves everything in the one file that is going to be renamed.
    pub(super) async fn settle(&self, database: &Database) -> Result<(), StoreError> {
        match self {
            Self::File { .. } => database.checkpoint_into_one_file().await,
            Self::Schema { .. } => Ok(()),
        }
    }

    /// Replaces the current database with the filled one. Returns where the old one is now.
    pub(super) async fn swap(&self, mark: &str) -> Result<Vec<String>, StoreError> {
        match self {
            Self::File { path, aside } => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let old = path.with_file_name(format!("{name}.before-{mark}"));
                let had = path.exists();
                if had {
                    fs::rename(path, &old)?;
                }
                if let Err(error) = fs::rename(aside, path) {
                    if had {
                        fs::rename(&old, path)?;
                    }
                    return Err(error.into());
                }
                Ok(had.then(|| old.display().to_string()).into_iter().collect())
            }
            Self::Schema { url, aside } => {
                let database = Database::connect(url, None).await?;
                let swapped = swap_schema(&database, aside, mark).await;
                database.close().await;
                swapped
            }
        }
    }

    /// Removes what was filled.
    pub(super) async fn discard(&self) {
        match self {
            Self::File { aside, .. } => {
                for end in ["", "-wal", "-shm", "-journal"] {
                    let mut path = aside.clone().into_os_string();
                    path.push(end);
                    let _ = fs::remove_file(path);
                }
            }
            Self::Schema { url, aside } => {
                if let Ok(database) = Database::connect(url, None).await {
                    let drop = format!("DROP SCHEMA IF EXISTS {aside} CASCADE");
                    let _ = run(&database, drop).await;
                    database.close().await;
                }
            }
        }
    }
}

async fn run(database: &Database, sql: String) -> Result<(), StoreError> {
    let sql = sqlx::AssertSqlSafe(sql);
    sqlx::raw_sql(sql).execute(&database.pool).await?;
    Ok(())
}

/// Tables of the service that have rows in PostgreSQL.
async fn occupied_tables(database: &Database) -> Result<Vec<&'static str>, StoreError> {
    let mut occupied = Vec::new();
    for table in present(database).await? {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT 1) one"
        ));
        let (rows,): (i64,) = sqlx::query_as(sql).fetch_one(&database.pool).await?;
        if rows > 0 {
            occupied.push(table);
        }
    }
    Ok(occupied)
}

/// Tables of the service that exist in PostgreSQL.
async fn present(database: &Database) -> Result<Vec<&'static str>, StoreError> {
    let found: Vec<(String,)> = sqlx::query_as(
        "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
         WHERE table_schema = current_schema()",
    )
    .fetch_all(&database.pool)
    .await?;
    let found: HashSet<String> = found.into_iter().map(|(name,)| name).collect();
    let ours = tables().into_iter().chain(["_sqlx_migrations"]);
    Ok(ours.filter(|table| found.contains(*table)).collect())
}

/// Moves the service's tables out of the way, and the filled ones in, in one transaction.
async fn swap_schema(
    database: &Database,
    aside: &str,
    mark: &str,
) -> Result<Vec<String>, StoreError> {
    let (schema,): (String,) = sqlx::query_as("SELECT CAST(current_schema() AS TEXT)")
        .fetch_one(&database.pool)
        .await?;
    let quoted = format!("\"{}\"", schema.replace('"', "\"\""));
    let old = format!("sixpillars_before_{mark}");
    let present = present(database).await?;
    let mut statements = Vec::new();
    if !present.is_empty() {
        statements.push(format!("CREATE SCHEMA {old}"));
    }
    for table in &present {
        statements.push(format!("ALTER TABLE {quoted}.{table} SET SCHEMA {old}"));
    }
    for table in tables().into_iter().chain(["_sqlx_migrations"]) {
        statements.push(format!("ALTER TABLE {aside}.{table} SET SCHEMA {quoted}"));
    }
    statements.push(format!("DROP SCHEMA {aside}"));
    let mut transaction = database.pool.begin().await?;
    for statement in statements {
        let statement = sqlx::AssertSqlSafe(statement);
        sqlx::raw_sql(statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    let kept = !present.is_empty();
    Ok(kept
        .then(|| format!("the schema {old}"))
        .into_iter()
        .collect())
}

/// The error for a target that already holds data.
pub(super) fn occupied(what: &str) -> StoreError {
    StoreError::Refused(format!(
        "{what} already contains data\n  help: restore into an empty place, or use --force, which \
         keeps it aside under another name"
    ))
}
