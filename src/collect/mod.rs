//! Reading AWS: one file per service, one line per kind in [`registry`].
//!
//! A collector lists its resources, fills the parts that the plan asks for and emits each document
//! as soon as it is complete. Errors never leave a collector as errors: a part that could not be
//! read becomes a gap in its document, a list that could not be read (or not to its end) is the
//! gap the collector returns.

pub mod account;
mod beside;
pub mod cloudwatch;
pub mod credential_report;
pub mod ec2;
pub mod iam;
pub mod job;
pub mod lambda;
pub mod metrics;
pub mod rds;
pub mod room;
pub mod s3;
mod secrets;
mod shelf;

pub use job::{Arrival, Job};

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

/// Every kind that can be read, by service.
#[must_use]
pub fn registry() -> Vec<&'static Collector> {
    [
        account::COLLECTORS,
        cloudwatch::COLLECTORS,
        ec2::compute::COLLECTORS,
        ec2::network::COLLECTORS,
        iam::COLLECTORS,
        lambda::COLLECTORS,
        rds::COLLECTORS,
        s3::COLLECTORS,
    ]
    .into_iter()
    .flatten()
    .collect()
}
