//! Where a scan writes down what it reads while it reads: its journal, and a snapshot where one is
//! asked for.

use crate::commands::CommandError;
use crate::model::Document;
use crate::plan::JobResult;
use crate::scan::journal::Journal;
use crate::scan::snapshot::{self, End};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Stops at the first thing that cannot be written: what is not noted cannot be resumed.
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

    /// Notes a document that the journal does not have yet.
    pub(super) fn document(&mut self, document: &Document) -> ControlFlow<()> {
        if let Some(Err(error)) = self.journal.as_mut().map(|j| j.document(document)) {
            self.failed = Some(error.into());
        }
        self.known(document)
    }

    /// Notes a document that an earlier part of the scan read.
    pub(super) fn known(&mut self, document: &Document) -> ControlFlow<()> {
        if let Some((path, writer)) = &mut self.snapshot
            && let Err(error) = writer.document(document)
        {
            self.failed = Some(unwritable(path, &error));
        }
        self.flow()
    }

    /// Notes that a list was read.
    pub(super) fn ended(
        &mut self,
        result: &JobResult,
        wanted: u64,
        so_far: impl FnOnce() -> End,
    ) -> ControlFlow<()> {
        let journal = self.journal.as_mut();
        if let Some(Err(error)) = journal.map(|j| j.ended(result, wanted, so_far)) {
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

    /// Puts the snapshot in its place, and gives the journal back.
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

/// A file of this path that cannot be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> CommandError {
    CommandError::Write(format!("{} cannot be written: {error}", path.display()))
}
