//! Running a scan: the planned jobs, and where what they read is kept.

pub mod external_sort;
#[cfg(feature = "aws")]
pub mod jobs;
pub mod journal;
mod lines;
#[cfg(feature = "aws")]
pub mod progress;
pub mod snapshot;
