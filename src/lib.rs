//! Six Pillars audits live AWS accounts against the AWS Well-Architected Framework.
//!
//! Without the feature `aws` the crate is its pure core: no runtime, no network, no command line.

#[cfg(feature = "aws")]
pub mod app;
pub mod assess;
#[cfg(feature = "aws")]
pub mod aws;
pub mod check;
pub mod checking;
#[cfg(feature = "aws")]
pub mod cli;
#[cfg(feature = "aws")]
pub mod collect;
#[cfg(feature = "aws")]
pub mod config;
pub mod derive;
pub mod journal;
pub mod judge;
pub mod kinds;
#[cfg(feature = "aws")]
pub mod listing;
pub mod model;
pub mod output;
pub mod panics;
pub mod plan;
pub mod policy;
#[cfg(feature = "aws")]
pub mod progress;
#[cfg(feature = "aws")]
pub mod render;
pub mod report;
#[cfg(feature = "aws")]
pub mod scan;
#[cfg(feature = "aws")]
pub mod send;
pub mod snapshot;
pub mod source;
pub mod spill;
