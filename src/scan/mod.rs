//! Runs a scan: the planned jobs, and the files with what they read.

pub mod external_sort;
#[cfg(feature = "aws")]
pub mod jobs;
pub mod journal;
mod lines;
#[cfg(feature = "aws")]
mod order;
#[cfg(feature = "aws")]
pub mod progress;
pub mod snapshot;
