//! Six Pillars audits live AWS accounts against the AWS Well-Architected Framework.

pub mod app;
pub mod assess;
pub mod aws;
pub mod check;
pub mod checking;
pub mod cli;
pub mod collect;
pub mod config;
pub mod derive;
pub mod journal;
pub mod judge;
pub mod listing;
pub mod model;
pub mod output;
pub mod plan;
pub mod policy;
pub mod progress;
pub mod render;
pub mod report;
pub mod scan;
pub mod snapshot;
pub mod source;
