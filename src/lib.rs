//! Six Pillars audits live AWS accounts against the AWS Well-Architected Framework.
//!
//! Without the feature `aws` the crate is its pure core: no runtime, no network, no command line.

pub mod atomic_file;
#[cfg(feature = "aws")]
pub mod aws;
pub mod check;
#[cfg(feature = "aws")]
pub mod cli;
#[cfg(feature = "aws")]
pub mod collect;
#[cfg(feature = "aws")]
pub mod commands;
#[cfg(feature = "aws")]
pub mod config;
pub mod derive;
pub mod judge;
pub mod kinds;
pub mod model;
mod packed;
pub mod panics;
pub mod plan;
pub mod policy;
#[cfg(feature = "aws")]
pub mod remote;
pub mod report;
pub mod scan;
#[cfg(feature = "aws")]
pub mod send;
#[cfg(feature = "serve")]
pub mod serve;
#[cfg(feature = "serve")]
pub mod store;
pub mod yaml;
