//! Where a scan records what it reads: its journal, and a snapshot if one is requested.

use crate::commands::CommandError;
use crate::model::Document;
use crate::plan::JobResult;
use crate::scan::journal::Journal;
use crate::scan::snapshot::{self, End};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Stops at the first write error, since what is not in the journal cannot be resumed.
pub(super) struct Recorder {
    pub(super) journal: Option<Journal>,
    pub(super) snapshot: Option<(PathBuf, snapshot::Writer)>,
    failed: Option<CommandError>,
}

impl Recorder {
    pub(super) fn new(snapshot: Option<(PathBuf, snapshot::Writer)>) -> Self {
        Self {
            journal: None,
            snapshot,
            failed: None,
        }
    }

    /// Records a document that is not yet in the journal.
    pub(super) fn document(&mut self, document: &Document) -> ControlFlow<()> {
        if let Some(Err(error)) = self.journal.as_mut().map(|j| j.document(document)) {
            self.failed = Some(error.into());
        }
        self.known(document)
    }

    /// Records a document that is already in the journal.
    pub(super) fn known(&mut self, document: &Document) -> ControlFlow<()> {
        if let Some((path, writer)) = &mut self.snapshot
            && let Err(error) = writer.document(document)
        {
            self.failed = Some(unwritable(path, &error));
        }
        self.flow()
    }

    /// Notes that a list was read.
    pub(super) fn list_ended(
        &mut self,
        result: &JobResult,
        wanted: u64,
        so_far: impl FnOnce() -> End,
    ) -> ControlFlow<()> {
        let journal = self.journal.as_mut();
        if let Some(Err(error)) = journal.map(|j| j.list_ended(result, wanted, so_far)) {
            self.failed = Some(error.into());
        }
        self.flow()
    }

    fn flow(&self) -> ControlFlow<()> {
        match self.failed {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }

    /// Finishes the snapshot and returns the journal.
    ///
    /// # Errors
    /// What could not be written, now or on the way.
    pub(super) fn finish(
        self,
        jobs: &[JobResult],
        end: End,
    ) -> Result<Option<Journal>, CommandError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let Some((path, writer)) = self.snapshot {
            let saved = writer.finish(jobs, end);
            saved.map_err(|error| unwritable(&path, &error))?;
        }
        Ok(self.journal)
    }
}

/// The error for a file that cannot be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> CommandError {
    CommandError::Write(format!("{} cannot be written: {error}", path.display()))
}
