//! The progress of this process's runs. It is newer than what their last beats stored.

use crate::scan::progress::Watcher;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How far one run is.
#[derive(Debug, Default)]
pub(super) struct RunProgress {
    read: AtomicUsize,
    all: AtomicUsize,
    notes: Mutex<Vec<String>>,
    storing: AtomicBool,
}

/// The most notes of a run that are kept.
const MOST_NOTES: usize = 100;

impl RunProgress {
    /// Lists read, and all lists.
    #[must_use]
    pub(super) fn lists(&self) -> (usize, usize) {
        (
            self.read.load(Ordering::Relaxed),
            self.all.load(Ordering::Relaxed),
        )
    }

    /// The messages of the scan.
    #[must_use]
    pub(super) fn notes(&self) -> Vec<String> {
        self.notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Marks that its result is being stored from now on.
    pub(super) fn stores(&self) {
        self.storing.store(true, Ordering::Relaxed);
    }

    /// Whether its result is being stored.
    #[must_use]
    pub(super) fn is_storing(&self) -> bool {
        self.storing.load(Ordering::Relaxed)
    }

    /// Adds a note.
    pub(super) fn note(&self, note: &str) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() < MOST_NOTES {
            notes.push(note.to_owned());
        }
    }
}

/// Receives the progress of a scan.
pub(super) struct ProgressWatcher(pub(super) Arc<RunProgress>);

impl Watcher for ProgressWatcher {
    fn say(&self, message: &str) {
        self.0.note(message);
    }

    fn read(&self, done: usize, all: usize) {
        self.0.all.store(all, Ordering::Relaxed);
        self.0.read.store(done, Ordering::Relaxed);
    }
}

/// The runs of this process.
#[derive(Debug, Clone, Default)]
pub(super) struct ProgressBoard(Arc<Mutex<HashMap<String, Arc<RunProgress>>>>);

impl ProgressBoard {
    /// Adds a run that begins.
    #[must_use]
    pub(super) fn begin(&self, run: &str) -> Arc<RunProgress> {
        let progress = Arc::<RunProgress>::default();
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.insert(run.to_owned(), Arc::clone(&progress));
        progress
    }

    /// Removes a run that is over.
    pub(super) fn end(&self, run: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(run);
    }

    /// How far a run is, if this process runs it.
    #[must_use]
    pub(super) fn of(&self, run: &str) -> Option<Arc<RunProgress>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(run)
            .cloned()
    }
}
