//! The files of the runs: `runs/<id>/<token>/` holds the report and the snapshot of one attempt, both
//! compressed, and its journal while it reads.
//!
//! Every attempt has a folder of its own, so a worker that lost its lease cannot write into the work
//! of its successor. The successor takes over a copy of the journal.
//!
//! If the store is in S3, the report and the snapshot of a finished attempt go there under the same names,
//! and the folder only holds attempts in progress. A successor on another machine then has no journal, and
//! starts over.

use super::StoreError;
use super::bucket::{Bucket, BucketPlace};
use crate::atomic_file;
use crate::model::Finding;
use crate::report::{self, Again, CheckReport, ReadError, Report};
use crate::scan::external_sort::ExternalSorter;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much a report is compressed: a higher level takes several times as long and saves little.
const LEVEL: i32 = 3;

/// The folder of the service, and the bucket for finished runs, if there is one.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
    bucket: Option<Bucket>,
}

/// A stored report, open for reading.
#[derive(Debug)]
pub struct StoredReport(File);

/// A file that several readers can read at once, each from its start.
struct Reread(File);

/// One reader of it.
struct Reader<'a> {
    file: &'a File,
    at: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(self.file, buffer, self.at)?;
        self.at += u64::try_from(read).unwrap_or(0);
        Ok(read)
    }
}

impl Again for Reread {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let reader = Reader {
            file: &self.0,
            at: 0,
        };
        Ok(Box::new(zstd::Decoder::new(reader)?))
    }
}

/// The folder of one attempt to run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    /// Where it is.
    pub path: PathBuf,
    /// Its name in the database.
    pub name: String,
}

impl Files {
    /// Opens the folder of the service, and makes it if it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(root.join("runs"))?;
        #[cfg(unix)]
        {
            // Reports describe weaknesses.
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(root.join("runs"), fs::Permissions::from_mode(0o700))?;
        }
        let root = fs::canonicalize(root)?;
        Ok(Self { root, bucket: None })
    }

    /// The same with finished runs in a bucket.
    #[must_use]
    pub fn in_bucket(self, bucket: Bucket) -> Self {
        Self {
            bucket: Some(bucket),
            ..self
        }
    }

    /// The bucket for finished runs, if there is one.
    #[must_use]
    pub fn bucket(&self) -> Option<&BucketPlace> {
        self.bucket.as_ref().map(Bucket::place)
    }

    /// The folder of the service.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of an attempt, with a copy of the journal of the last attempt before it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn attempt(&self, run: &str, token: i64) -> Result<RunFolder, StoreError> {
        let name = format!("runs/{run}/{token}");
        let path = self.root.join(&name);
        fs::create_dir_all(&path)?;
        if journal(&path).is_none()
            && let Some(left) = (0..token)
                .rev()
                .find_map(|earlier| journal(&self.root.join(format!("runs/{run}/{earlier}"))))
            && let Some(file) = left.file_name()
        {
            // Its worker may still write to it. That does no harm: only whole frames count.
            let aside = path.join("journal.part");
            fs::copy(&left, &aside)?;
            fs::rename(&aside, path.join(file))?;
        }
        Ok(RunFolder { path, name })
    }

    /// The path of the policy with people's decisions. All attempts of a run use the same one.
    ///
    /// # Errors
    /// When its folder cannot be made.
    pub fn decisions(&self, run: &str) -> Result<PathBuf, StoreError> {
        let folder = self.root.join("runs").join(run);
        fs::create_dir_all(&folder)?;
        Ok(folder.join("decisions.json"))
    }

    /// The report of an attempt.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn open_report(&self, folder: &str) -> Result<StoredReport, StoreError> {
        Ok(StoredReport(match &self.bucket {
            None => File::open(self.root.join(folder).join(REPORT))?,
            Some(bucket) => bucket.get(&format!("{folder}/{REPORT}")).await?,
        }))
    }

    /// Uploads the results of an attempt to the bucket, if there is one. [`Self::open_report`] does
    /// not find them before.
    ///
    /// # Errors
    /// When the bucket does not take it.
    pub async fn upload(&self, attempt: &RunFolder) -> Result<(), StoreError> {
        let Some(bucket) = &self.bucket else {
            return Ok(());
        };
        // The report last: readers look for it.
        for name in [SNAPSHOT, REPORT] {
            let path = attempt.path.join(name);
            if path.exists() {
                bucket
                    .put(&format!("{}/{name}", attempt.name), &path)
                    .await?;
            }
        }
        Ok(())
    }

    /// The names of all files of runs in the bucket; `None` without a bucket.
    pub(super) async fn in_the_bucket(&self) -> Result<Option<HashSet<String>>, StoreError> {
        match &self.bucket {
            None => Ok(None),
            Some(bucket) => Ok(Some(bucket.names("runs/").await?.into_iter().collect())),
        }
    }

    /// The files of a finished attempt on this machine: their names in a backup, and where they are.
    pub(super) fn local_files(&self, folder: &str) -> [(String, PathBuf); 2] {
        let file = |name| {
            (
                format!("{folder}/{name}"),
                self.root.join(folder).join(name),
            )
        };
        [file(REPORT), file(SNAPSHOT)]
    }

    /// Removes the files of a run's other attempts. With a bucket, removes the run's whole local folder.
    pub fn remove_other_attempts(&self, run: &str, kept: &RunFolder) {
        if self.bucket.is_some() {
            let _ = fs::remove_dir_all(self.root.join("runs").join(run));
            return;
        }
        let attempts = fs::read_dir(self.root.join("runs").join(run));
        for attempt in attempts.into_iter().flatten().flatten() {
            if attempt.path() != kept.path && attempt.path().is_dir() {
                // What cannot be removed now is removed with the run.
                let _ = fs::remove_dir_all(attempt.path());
            }
        }
    }

    /// Removes all files of a run.
    ///
    /// # Errors
    /// When the bucket does not remove them.
    pub async fn remove(&self, run: &str) -> Result<(), StoreError> {
        let _ = fs::remove_dir_all(self.root.join("runs").join(run));
        match &self.bucket {
            None => Ok(()),
            Some(bucket) => bucket.remove(&format!("runs/{run}/")).await,
        }
    }
}

pub(super) const REPORT: &str = "report.json.zst";
const SNAPSHOT: &str = "snapshot.zst";

impl StoredReport {
    /// Its JSON as it was written.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn json(self) -> Result<impl Read + Send + 'static, StoreError> {
        Ok(zstd::Decoder::new(self.0)?)
    }

    /// The report.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn report(self) -> Result<Report, StoreError> {
        let json = BufReader::with_capacity(1 << 16, self.json()?);
        report::read_from(json, &ExternalSorter::default()).map_err(unreadable)
    }

    /// The report for a comparison. Its findings stay in the file, and are streamed from there.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn streamed(self) -> Result<Report, StoreError> {
        report::walked(Arc::new(Reread(self.0))).map_err(unreadable)
    }

    /// One finding, and its check if the report lists it.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn finding(
        self,
        check: &str,
        id: &str,
    ) -> Result<Option<(Finding, Option<CheckReport>)>, StoreError> {
        Ok(report::excerpt(self.json()?, check, id)?)
    }
}

fn unreadable(error: ReadError) -> StoreError {
    match error {
        ReadError::Store(error) => StoreError::Read(error),
        error => StoreError::Malformed(error.to_string()),
    }
}

impl RunFolder {
    /// Where the snapshot goes.
    #[must_use]
    pub fn snapshot(&self) -> PathBuf {
        self.path.join(SNAPSHOT)
    }

    /// The id of the scan whose journal is here.
    #[must_use]
    pub fn unfinished_scan(&self) -> Option<String> {
        let journal = journal(&self.path)?;
        Some(journal.file_stem()?.to_str()?.to_owned())
    }

    /// Forgets a journal that cannot be used.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn forget_journal(&self) -> Result<(), StoreError> {
        match journal(&self.path) {
            Some(journal) => Ok(fs::remove_file(journal)?),
            None => Ok(()),
        }
    }

    /// Writes the report.
    ///
    /// # Errors
    /// When it cannot be written; no partial file is left.
    pub fn write(&self, report: &Report) -> Result<(), StoreError> {
        atomic_file::write_with(&self.path.join(REPORT), |out| {
            let mut encoder = zstd::Encoder::new(out, LEVEL)?;
            report::write_json(report, &mut encoder)?;
            encoder.finish()?.flush()
        })?;
        Ok(())
    }
}

fn journal(folder: &Path) -> Option<PathBuf> {
    let files: io::Result<Vec<_>> = fs::read_dir(folder).ok()?.collect();
    let paths = files.ok()?.into_iter().map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "journal"))
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_attempt_takes_the_journal_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let first = files.attempt("r", 1).unwrap();
        assert_eq!(first.unfinished_scan(), None);
        fs::write(first.path.join("scan-7.journal"), "frames").unwrap();
        let third = files.attempt("r", 3).unwrap();
        assert_eq!(third.unfinished_scan().as_deref(), Some("scan-7"));
        third.forget_journal().unwrap();
        assert_eq!(third.unfinished_scan(), None);
        assert_eq!(first.unfinished_scan().as_deref(), Some("scan-7"));
        files.remove_other_attempts("r", &third);
        assert!(!first.path.exists() && third.path.exists());
        files.remove("r").await.unwrap();
        assert!(!third.path.exists());
    }
}
