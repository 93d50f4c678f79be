//! Writes the journal of a running scan.

use super::folder::{create, expire, path};
use super::{GATHER, JournalError, unusable};
use crate::model::Document;
use crate::plan::JobResult;
use crate::scan::lines::{End, Header, Line, List, ScanStart, Written};
use serde::Serialize;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Call counts are written at most this often.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// Frames are small, so a higher level would cost time and save little.
const LEVEL: i32 = 1;

/// The journal of a running scan. Only its owner may read it (mode 0600).
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    pub(super) frames: Frames,
    gathered: Vec<u8>,
    noted: Option<Instant>,
}

impl Journal {
    /// Starts a journal and removes expired ones.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(folder: &Path, header: &Header, began: &ScanStart) -> Result<Self, JournalError> {
        let path = path(folder, &header.id);
        let start = || {
            fs::create_dir_all(folder)?;
            expire(folder);
            let mut journal = Self::new(&path, create(&path)?)?;
            journal.line(&Line::Header(header.clone()))?;
            journal.line(&Line::Began(Box::new(began.clone())))?;
            journal.flush()?;
            Ok(journal)
        };
        start().map_err(|source| unusable(&path, source))
    }

    pub(super) fn new(path: &Path, file: File) -> io::Result<Self> {
        file.try_lock().map_err(|error| match error {
            TryLockError::Error(source) => source,
            TryLockError::WouldBlock => io::ErrorKind::ResourceBusy.into(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            frames: Frames(Arc::new(Mutex::new(Open { file, failed: None }))),
            gathered: Vec::new(),
            noted: None,
        })
    }

    /// Writes a document.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn document(&mut self, document: &Document) -> Result<(), JournalError> {
        let line = self.line(&Written::Document(document));
        line.map_err(|source| unusable(&self.path, source))
    }

    /// Writes that a list was read and what its billed reads would have cost, in billionths of a US
    /// dollar, and from time to time the call counts so far.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn list_ended(
        &mut self,
        result: &JobResult,
        wanted: u64,
        so_far: impl FnOnce() -> End,
    ) -> Result<(), JournalError> {
        let note = |journal: &mut Self| {
            let mut list = List::of(result);
            list.wanted = wanted;
            journal.line(&Line::List(list))?;
            if journal.noted.is_none_or(|at| at.elapsed() >= NOTE_EVERY) {
                journal.noted = Some(Instant::now());
                journal.line(&Line::SoFar(so_far()))?;
            }
            journal.flush()
        };
        note(self).map_err(|source| unusable(&self.path, source))
    }

    /// Returns a function that writes the total spent so far.
    pub fn spending(&self) -> impl Fn(u64) -> io::Result<()> + Send + Sync + 'static {
        let frames = self.frames.clone();
        move |spent| {
            let mut line = serde_json::to_vec(&Line::Spent(spent))?;
            line.push(b'\n');
            frames.write(&line)
        }
    }

    /// Removes the journal of a scan that has finished and whose reports are written.
    pub fn remove(self) {
        // A journal that cannot be removed does no harm, and expires.
        let _ = fs::remove_file(&self.path);
    }

    pub(super) fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.gathered, line)?;
        self.gathered.push(b'\n');
        if self.gathered.len() >= GATHER {
            self.flush()?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.frames.write(&self.gathered)?;
        self.gathered.clear();
        Ok(())
    }
}

/// Where frames are written, by the scan and by its budget.
#[derive(Debug, Clone)]
pub(super) struct Frames(pub(super) Arc<Mutex<Open>>);

#[derive(Debug)]
pub(super) struct Open {
    pub(super) file: File,
    /// Why writing stopped: what follows an incomplete frame would never be read.
    failed: Option<io::ErrorKind>,
}

impl Frames {
    fn write(&self, lines: &[u8]) -> io::Result<()> {
        let mut frame = zstd::Encoder::new(Vec::new(), LEVEL)?;
        frame.include_checksum(true)?;
        frame.write_all(lines)?;
        let frame = frame.finish()?;
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = open.failed {
            return Err(kind.into());
        }
        let written = open.file.write_all(&frame);
        open.failed = written.as_ref().err().map(io::Error::kind);
        written
    }
}
