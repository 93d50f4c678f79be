//! How one kind is read.

use super::job::Job;
use crate::model::{Gap, Kind};
use futures::future::BoxFuture;
use std::sync::Arc;

/// How one kind is read.
pub struct Collector {
    /// What is read.
    pub kind: &'static Kind,
    /// Reads it: emits documents through the job and returns `Ok` only when the list was complete.
    pub read: fn(Arc<Job>) -> BoxFuture<'static, Result<(), Gap>>,
}
