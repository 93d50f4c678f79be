//! Puts a backup back: aside, and in place when all of it is there.

use super::line::Line;
use super::read::Backup;
use super::rows::{ROWS, insert};
use crate::store::database::{Database, ms, tables};
use crate::store::{StoreError, new_id};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value};
use sqlx::AnyConnection;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where what was there before is now.
    pub before: Vec<String>,
}

/// Restores a backup that was read before, into the database of a URL and a folder of runs. `force`
/// allows that there is something already; it is kept aside.
///
/// # Errors
/// [`StoreError`]. What was there before is as it was then.
pub async fn restore(
    backup: &Backup,
    url: &str,
    root: &Path,
    force: bool,
    now: Timestamp,
) -> Result<Restored, StoreError> {
    let mark = new_id(now);
    let runs = root.join("runs");
    if !force && fs::read_dir(&runs).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(occupied(&runs.display().to_string()));
    }
    let place = Place::of(url, &mark)?;
    place.check(force).await?;
    fs::create_dir_all(root)?;
    let aside = root.join(format!("runs.restoring-{mark}"));
    let filled = fill(backup, &place, &aside, now).await;
    let mut before = Vec::new();
    let swapped = match filled {
        Ok(()) => swap(&place, &runs, &aside, &mark, &mut before).await,
        Err(error) => Err(error),
    };
    if swapped.is_err() {
        let _ = fs::remove_dir_all(&aside);
        place.discard().await;
    }
    swapped.map(|()| Restored { before })
}

fn occupied(what: &str) -> StoreError {
    StoreError::Refused(format!(
        "{what} holds something already\n  help: restore into an empty place, or use --force, which \
         keeps it aside under another name"
    ))
}

async fn fill(
    backup: &Backup,
    place: &Place,
    aside: &Path,
    now: Timestamp,
) -> Result<(), StoreError> {
    let database = place.prepare(backup.last_migration()).await?;
    let loaded = load(backup, &database, aside, now).await;
    let checked = match loaded {
        Ok(()) => database.bring_up_to_date().await,
        Err(error) => Err(error),
    };
    let settled = match checked {
        Ok(()) => place.settle(&database).await,
        Err(error) => Err(error),
    };
    database.close().await;
    settled
}

/// Fills the tables in one transaction, and the folder.
async fn load(
    backup: &Backup,
    database: &Database,
    aside: &Path,
    now: Timestamp,
) -> Result<(), StoreError> {
    fs::create_dir_all(aside)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(aside, fs::Permissions::from_mode(0o700))?;
    }
    let mut transaction = database.write().await?;
    let mut batch = Batch::default();
    let mut file: Option<(String, File)> = None;
    let mut reports: HashSet<String> = HashSet::new();
    let mut lines = backup.lines()?;
    while let Some(line) = lines.next_line()? {
        match line {
            Line::Row { table, values } => batch.add(&mut transaction, table, values).await?,
            Line::File { name, data, last } => {
                if file.as_ref().is_none_or(|(open, _)| *open != name) {
                    let path = aside.join(name.strip_prefix("runs/").unwrap_or(&name));
                    if let Some(folder) = path.parent() {
                        fs::create_dir_all(folder)?;
                        reports.insert(name.rsplit_once('/').unwrap_or_default().0.to_owned());
                    }
                    file = Some((name, File::create_new(path)?));
                }
                let piece = BASE64_STANDARD.decode(&data);
                let piece = piece.map_err(|error| StoreError::Form(error.to_string()))?;
                if let Some((_, open)) = &mut file {
                    open.write_all(&piece)?;
                    if last {
                        open.sync_all()?;
                        file = None;
                    }
                }
            }
            Line::Head(_) | Line::Tail(_) => {}
        }
    }
    batch.flush(&mut transaction).await?;
    if backup.head.bucket.is_none() {
        without_report(&mut transaction, &reports, now).await?;
    }
    transaction.commit().await?;
    counted(backup, database).await
}

/// Runs whose report is not in the backup have none any more.
async fn without_report(
    transaction: &mut AnyConnection,
    reports: &HashSet<String>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let runs: Vec<(String, String)> =
        sqlx::query_as("SELECT id, folder FROM runs WHERE folder IS NOT NULL AND removed IS NULL")
            .fetch_all(&mut *transaction)
            .await?;
    for (run, folder) in runs {
        if !reports.contains(&folder) {
            sqlx::query("UPDATE runs SET removed = $1 WHERE id = $2")
                .bind(ms(now))
                .bind(run)
                .execute(&mut *transaction)
                .await?;
        }
    }
    Ok(())
}

/// Whether the tables have as many rows as the backup.
async fn counted(backup: &Backup, database: &Database) -> Result<(), StoreError> {
    for (table, rows) in &backup.tail.rows {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let (found,): (i64,) = sqlx::query_as(sql).fetch_one(&database.pool).await?;
        if u64::try_from(found).ok() != Some(*rows) {
            return Err(StoreError::Form(format!(
                "{table} has {found} rows after restoring {rows}"
            )));
        }
    }
    Ok(())
}

/// Rows of one table and the same columns.
#[derive(Default)]
struct Batch {
    table: String,
    rows: Vec<Map<String, Value>>,
}

impl Batch {
    async fn add(
        &mut self,
        connection: &mut AnyConnection,
        table: String,
        row: Map<String, Value>,
    ) -> Result<(), StoreError> {
        let alike = self
            .rows
            .first()
            .is_none_or(|first| first.keys().eq(row.keys()));
        if table != self.table || !alike || self.rows.len() == ROWS {
            self.flush(connection).await?;
            self.table = table;
        }
        self.rows.push(row);
        Ok(())
    }

    async fn flush(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        insert(connection, &self.table, &self.rows).await?;
        self.rows.clear();
        Ok(())
    }
}

/// Puts both in place: the runs first, since a database without its reports would be worse than reports
/// that nobody asks for.
async fn swap(
    place: &Place,
    runs: &Path,
    aside: &Path,
    mark: &str,
    before: &mut Vec<String>,
) -> Result<(), StoreError> {
    let old = runs.with_file_name(format!("runs.before-{mark}"));
    let had = fs::read_dir(runs).is_ok_and(|mut entries| entries.next().is_some());
    if had {
        fs::rename(runs, &old)?;
        before.push(old.display().to_string());
    } else if runs.exists() {
        fs::remove_dir(runs)?;
    }
    if let Err(error) = fs::rename(aside, runs) {
        if had {
            fs::rename(&old, runs)?;
        }
        return Err(error.into());
    }
    match place.swap(mark).await {
        Ok(old) => {
            before.extend(old);
            Ok(())
        }
        Err(error) => {
            fs::rename(runs, aside)?;
            if had {
                fs::rename(&old, runs)?;
            }
            Err(error)
        }
    }
}

/// Where the database goes.
enum Place {
    /// A file of SQLite, and the one that is filled.
    File { path: PathBuf, aside: PathBuf },
    /// PostgreSQL, and the schema that is filled.
    Schema { url: String, aside: String },
}

impl Place {
    fn of(url: &str, mark: &str) -> Result<Self, StoreError> {
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

    /// Whether something may be put there.
    async fn check(&self, force: bool) -> Result<(), StoreError> {
        match self {
            Self::File { path, .. } if !path.exists() => Ok(()),
            Self::File { path, .. } if !force => Err(occupied(&path.display().to_string())),
            Self::File { path, .. } => Database::leave(path).await,
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

    /// An empty database with tables of a version.
    async fn prepare(&self, version: i64) -> Result<Database, StoreError> {
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

    /// Leaves all of it in one file.
    async fn settle(&self, database: &Database) -> Result<(), StoreError> {
        match self {
            Self::File { .. } => database.settle().await,
            Self::Schema { .. } => Ok(()),
        }
    }

    /// Puts it in place of what is there. Returns where that is now.
    async fn swap(&self, mark: &str) -> Result<Vec<String>, StoreError> {
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
    async fn discard(&self) {
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

/// Tables of the service that there are in PostgreSQL.
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
