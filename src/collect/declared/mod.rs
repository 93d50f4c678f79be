//! Reads the kinds that files declare. Everything specific to a kind is in its file.
//!
//! ```text
//! list -> found resources, in groups -> describe -> documents -> parts -> emit
//! ```
//!
//! `read` goes through these steps. `kinds::declared` has the kinds as data.

mod batch;
mod call;
mod describe;
mod document;
mod list;
mod matched;
mod metrics;
mod part;
mod read;
mod reader;
mod shared;
mod variables;

pub use shared::SharedReads;

use super::{Collector, Job};
use crate::kinds::declared::DeclaredKind;
use crate::kinds::load;
use crate::model::Gap;
use reader::Reader;
use std::sync::{Arc, LazyLock};

/// The collectors of all declared kinds.
static COLLECTORS: LazyLock<Vec<Collector>> = LazyLock::new(|| {
    let kinds = load::all().kinds.values();
    kinds
        .map(|declared| Collector {
            kind: declared.kind,
            read: |job| Box::pin(read(job)),
        })
        .collect()
});

/// The collectors of all kinds that files declare.
pub(super) fn collectors() -> impl Iterator<Item = &'static Collector> {
    COLLECTORS.iter()
}

/// What a job's kind declares.
fn declared(job: &Job) -> Option<&'static DeclaredKind> {
    load::all().kinds.get(job.kind.name).copied()
}

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let Some(kind) = declared(&job) else {
        unreachable!("{} is declared by no file", job.kind.name);
    };
    Reader::new(&job, kind).read().await
}
