//! Reads Amazon RDS: instances, clusters and their snapshots.

mod answer;
mod class;
mod cluster;
mod instance;
mod maintenance;
mod snapshot;

use super::Collector;
pub(super) use answer::time;

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[
    instance::COLLECTOR,
    cluster::COLLECTOR,
    snapshot::COLLECTOR,
    snapshot::CLUSTER_COLLECTOR,
];
