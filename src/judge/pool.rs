//! The threads that judge.

use super::criteria::{FindingSink, JudgeError};
use super::worker::{Rules, Totals, Worker};
use crate::model::Document;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// Queue length per thread. When the queue is full, reading waits.
const WAITING: usize = 16;
/// The stack size of the main thread on Linux and macOS, for which the depth limit of expressions
/// was chosen.
const STACK: usize = 8 << 20;

/// Threads that judge documents until there are no more.
pub(super) struct Pool {
    queue: SyncSender<Document>,
    threads: Vec<JoinHandle<Totals>>,
}

impl Pool {
    pub(super) fn start(rules: &Arc<Rules>, sink: &FindingSink) -> Self {
        let (queue, documents) = sync_channel(WAITING * sink.threads.get());
        let documents = Arc::new(Mutex::new(documents));
        let threads = (0..sink.threads.get()).filter_map(|_| {
            let mut worker = Worker::new(Arc::clone(rules), sink.clone());
            let documents = Arc::clone(&documents);
            let work = move || {
                while let Some(document) = next(&documents) {
                    worker.document(&document);
                }
                worker.finish()
            };
            // If the system refuses to start a thread, judging is only slower.
            let builder = thread::Builder::new().name("judge".to_owned());
            builder.stack_size(STACK).spawn(work).ok()
        });
        Self {
            queue,
            threads: threads.collect(),
        }
    }

    /// Queues a document; blocks while the queue is full.
    pub(super) fn judge(&self, document: Document) {
        // The queue is closed only when every thread has ended, which `finish` reports.
        let _ = self.queue.send(document);
    }

    /// Waits for all documents to be judged.
    pub(super) fn finish(self) -> Result<Vec<Totals>, JudgeError> {
        drop(self.queue);
        if self.threads.is_empty() {
            return Err(JudgeError::Thread);
        }
        let joined = self.threads.into_iter().map(JoinHandle::join);
        joined
            .collect::<Result<_, _>>()
            .map_err(|_| JudgeError::Thread)
    }
}

fn next(documents: &Mutex<Receiver<Document>>) -> Option<Document> {
    let documents = documents.lock().unwrap_or_else(PoisonError::into_inner);
    documents.recv().ok()
}
