//! Writes a backup.

use super::line::{FORM, Head, Line, PIECE, Tail};
use super::rows::to_json;
use crate::atomic_file::Pending;
use crate::store::database::{known_migrations, tables};
use crate::store::files::REPORT;
use crate::store::{Database, Files, StoreError};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::StreamExt;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Row};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// The compression level of zstd. Reports are compressed already.
const LEVEL: i32 = 3;

/// Tables that are left out: sessions, and logins in progress. A restore must not log anybody in.
const PASSING: [&str; 2] = ["logins", "sessions"];

/// A backup that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub tail: Tail,
    /// Runs whose report is not there: it was removed while the backup was being written, or the bucket
    /// does not have it.
    pub missing_reports: Vec<String>,
    /// Reports that are in the bucket, and not in the backup.
    pub in_bucket: Vec<String>,
}

/// Writes a backup to a file, or into a folder under a name with the time. The service may be running:
/// the rows are a snapshot of one moment.
///
/// # Errors
/// [`StoreError`]; no partial file is left then.
pub async fn write(
    database: &Database,
    files: &Files,
    to: &Path,
    now: Timestamp,
) -> Result<Written, StoreError> {
    let path = if to.is_dir() {
        let name = now.strftime("sixpillars-%Y%m%dT%H%M%SZ.backup").to_string();
        to.join(name)
    } else {
        to.to_owned()
    };
    if path.exists() {
        return Err(StoreError::Refused(format!(
            "{} exists; a backup overwrites nothing",
            path.display()
        )));
    }
    let mut out = Out::create(&path)?;
    out.line(&Line::Head(Head {
        form: FORM.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made: now.to_string(),
        migrations: known_migrations(),
        bucket: files.bucket().map(ToString::to_string),
    }))?;
    let mut tail = Tail::default();
    let folders = rows(database, &mut out, &mut tail).await?;
    let (mut missing_reports, mut in_bucket) = (Vec::new(), Vec::new());
    let there = files.in_the_bucket().await?;
    for (run, folder) in folders {
        let name = format!("{folder}/{REPORT}");
        if let Some(there) = &there {
            if there.contains(&name) {
                in_bucket.push(name);
            } else {
                missing_reports.push(run);
            }
        } else if !report(files, &folder, &mut out, &mut tail)? {
            missing_reports.push(run);
        }
    }
    out.line(&Line::Tail(tail.clone()))?;
    out.finish()?;
    Ok(Written {
        path,
        tail,
        missing_reports,
        in_bucket,
    })
}

/// Writes all rows, and returns the runs that have a report, with its folder.
async fn rows(
    database: &Database,
    out: &mut Out,
    tail: &mut Tail,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut transaction = database.snapshot().await?;
    let mut folders = Vec::new();
    for table in tables().into_iter().filter(|t| !PASSING.contains(t)) {
        let sql = format!("SELECT * FROM {table}");
        let mut count = 0;
        {
            let mut found = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *transaction);
            while let Some(row) = found.next().await {
                let row = row?;
                if table == "runs"
                    && let Some(folder) = row.try_get::<Option<String>, _>("folder")?
                    && row.try_get::<Option<i64>, _>("removed")?.is_none()
                {
                    folders.push((row.try_get("id")?, folder));
                }
                let values = to_json(&row)?;
                out.line(&Line::Row {
                    table: table.to_owned(),
                    values,
                })?;
                count += 1;
            }
        }
        tail.rows.insert(table.to_owned(), count);
    }
    transaction.rollback().await?;
    Ok(folders)
}

/// Writes the files of a run. Returns whether its report was still there: retention may have removed
/// it meanwhile.
fn report(files: &Files, folder: &str, out: &mut Out, tail: &mut Tail) -> Result<bool, StoreError> {
    let mut has_report = false;
    for (name, path) in files.local_files(folder) {
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        tail.bytes += pieces(file, &name, out)?;
        tail.files += 1;
        has_report |= name.ends_with(REPORT);
    }
    Ok(has_report)
}

fn pieces(mut file: File, name: &str, out: &mut Out) -> Result<u64, StoreError> {
    let mut bytes = 0;
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        let most = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let read = Read::by_ref(&mut file).take(most).read_to_end(&mut piece)?;
        bytes += u64::try_from(read).unwrap_or(0);
        let last = read < PIECE;
        out.line(&Line::File {
            name: name.to_owned(),
            data: BASE64_STANDARD.encode(&piece),
            last,
        })?;
        if last {
            return Ok(bytes);
        }
    }
}

/// The file, which appears under its name when it is complete.
struct Out(BufWriter<zstd::Encoder<'static, Raw>>);

struct Raw(Pending);

impl Write for Raw {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Out {
    fn create(path: &Path) -> Result<Self, StoreError> {
        let mut encoder = zstd::Encoder::new(Raw(Pending::create(path)?), LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self(BufWriter::with_capacity(1 << 16, encoder)))
    }

    fn line(&mut self, line: &Line) -> Result<(), StoreError> {
        serde_json::to_writer(&mut self.0, line)?;
        self.0.write_all(b"\n")?;
        Ok(())
    }

    fn finish(self) -> Result<(), StoreError> {
        let encoder = self
            .0
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        Ok(encoder.finish()?.0.finish()?)
    }
}
