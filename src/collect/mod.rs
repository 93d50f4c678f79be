//! Reading AWS: one file per service, one line per kind in [`registry`]; and what files
//! declare in [`declared`].
//!
//! A collector lists its resources, fills the parts that the plan needs and emits each document as
//! soon as it is complete. Errors never leave a collector as errors: a part that could not be read
//! becomes a gap in its document, a list that could not be read completely is the gap that the
//! collector returns.

pub mod account;
pub mod cloudwatch;
mod collector;
mod compact_list;
pub mod concurrency;
pub mod credential_report;
pub mod declared;
pub mod ec2;
pub mod iam;
pub mod job;
mod join;
pub mod metrics;
pub mod rds;
pub mod s3;
mod secrets;

pub use collector::Collector;
pub use job::{Arrival, Job};

/// Every kind that can be read, by service.
#[must_use]
pub fn registry() -> Vec<&'static Collector> {
    let typed = [
        account::COLLECTORS,
        cloudwatch::COLLECTORS,
        ec2::compute::COLLECTORS,
        ec2::network::COLLECTORS,
        iam::COLLECTORS,
        rds::COLLECTORS,
        s3::COLLECTORS,
    ];
    let typed = typed.into_iter().flatten();
    typed.chain(declared::collectors()).collect()
}
