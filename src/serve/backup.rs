//! `serve backup` and `serve restore`.

use super::load;
use crate::cli::{BackupArgs, RestoreArgs};
use crate::commands::{CommandError, ExitStatus, output};
use crate::send::plural;
use crate::store::backup::{self, Tail};
use crate::store::{Bucket, Database, Files, StoreError};
use jiff::Timestamp;
use std::fmt::Write;

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(why) => Self::Usage(why),
            error => Self::Write(error.to_string()),
        }
    }
}

/// `serve backup`: writes a backup while the service runs.
pub(super) async fn backup(args: &BackupArgs) -> Result<ExitStatus, CommandError> {
    let config = load::read(&args.config)?;
    let database = Database::open_as_it_is(&config.database).await?;
    let mut files = Files::open(&config.store)?;
    if let Some(place) = &config.bucket {
        files = files.in_bucket(Bucket::open(place).await?);
    }
    let written = backup::write(&database, &files, &args.to, Timestamp::now()).await;
    database.close().await;
    let written = written?;
    let mut text = format!("{}: {}\n", written.path.display(), contents(&written.tail));
    if let Some(bucket) = &config.bucket {
        let _ = writeln!(
            text,
            "The reports stay in {bucket} and are not in it: {}",
            written.in_bucket.len()
        );
        for name in &written.in_bucket {
            let _ = writeln!(text, "  {name}");
        }
    }
    for run in &written.missing_reports {
        let _ = writeln!(text, "Without the report of audit {run}, which is gone.");
    }
    output::print(&text)
}

fn contents(tail: &Tail) -> String {
    let rows: u64 = tail.rows.values().sum();
    let (files, mib) = (tail.files, tail.bytes >> 20);
    format!(
        "{rows} row{} of the database, and {files} file{} of {mib} MiB",
        plural(rows),
        plural(files)
    )
}

/// `serve restore`: restores a backup.
pub(super) async fn restore(args: &RestoreArgs) -> Result<ExitStatus, CommandError> {
    let config = load::read(&args.config)?;
    let backup = backup::verify(&args.from)?;
    let bucket = config.bucket.as_ref().map(ToString::to_string);
    if backup.head.bucket != bucket {
        let with = |bucket: Option<&str>| match bucket {
            Some(bucket) => format!("in {bucket}"),
            None => "in a folder".to_owned(),
        };
        return Err(CommandError::Usage(format!(
            "the reports of this backup are {}, and those of the configuration {}\n  help: name the \
             same kind of `store`",
            with(backup.head.bucket.as_deref()),
            with(bucket.as_deref())
        )));
    }
    let now = Timestamp::now();
    let restored =
        backup::restore(&backup, &config.database, &config.store, args.force, now).await?;
    let mut text = format!(
        "Restored, as of {}: {}\n",
        backup.head.made,
        contents(&backup.tail)
    );
    for place in &restored.before {
        let _ = writeln!(text, "What was there before is kept: {place}");
    }
    output::print(&text)
}
