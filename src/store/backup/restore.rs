//! Restores a backup: writes it beside the current data, and replaces that once everything is written.

use super::line::Line;
use super::read::Backup;
use super::restore_target::{RestoreTarget, occupied};
use super::rows::Batch;
use crate::store::database::{Database, ms};
use crate::store::{StoreError, new_id};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use sqlx::AnyConnection;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the replaced data is now.
    pub before: Vec<String>,
}

/// Restores a verified backup into the database of a URL and a folder of runs. With `force`, data that
/// is already there is kept under another name. Without it, such data is an error.
///
/// # Errors
/// [`StoreError`]. The data that was there before is unchanged then.
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
    let target = RestoreTarget::of(url, &mark)?;
    target.check(force).await?;
    fs::create_dir_all(root)?;
    let aside = root.join(format!("runs.restoring-{mark}"));
    let filled = fill(backup, &target, &aside, now).await;
    let mut before = Vec::new();
    let swapped = match filled {
        Ok(()) => swap(&target, &runs, &aside, &mark, &mut before).await,
        Err(error) => Err(error),
    };
    if swapped.is_err() {
        let _ = fs::remove_dir_all(&aside);
        target.discard().await;
    }
    swapped.map(|()| Restored { before })
}

async fn fill(
    backup: &Backup,
    target: &RestoreTarget,
    aside: &Path,
    now: Timestamp,
) -> Result<(), StoreError> {
    let database = target.prepare(backup.last_migration()).await?;
    let loaded = load(backup, &database, aside, now).await;
    let checked = match loaded {
        Ok(()) => database.bring_up_to_date().await,
        Err(error) => Err(error),
    };
    let settled = match checked {
        Ok(()) => target.settle(&database).await,
        Err(error) => Err(error),
    };
    database.close().await;
    settled
}

/// Fills the tables in one transaction, and writes the files into the folder.
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
    let mut batch = Batch::of(database.dialect());
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
                let piece = piece.map_err(|error| StoreError::Malformed(error.to_string()))?;
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
        mark_missing_reports(&mut transaction, &reports, now).await?;
    }
    transaction.commit().await?;
    check_row_counts(backup, database).await
}

/// Marks the files of runs as removed if the backup does not have their report.
async fn mark_missing_reports(
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
            sqlx::query("UPDATE runs SET removed = $1, folder = NULL WHERE id = $2")
                .bind(ms(now))
                .bind(run)
                .execute(&mut *transaction)
                .await?;
        }
    }
    Ok(())
}

/// Checks that the tables have as many rows as the backup.
async fn check_row_counts(backup: &Backup, database: &Database) -> Result<(), StoreError> {
    for (table, rows) in &backup.tail.rows {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let (found,): (i64,) = sqlx::query_as(sql).fetch_one(&database.pool).await?;
        if u64::try_from(found).ok() != Some(*rows) {
            return Err(StoreError::Malformed(format!(
                "{table} has {found} rows after restoring {rows}"
            )));
        }
    }
    Ok(())
}

/// Puts both in place, the runs first: reports without a database do less harm than a database without
/// its reports.
async fn swap(
    target: &RestoreTarget,
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
    match target.swap(mark).await {
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
