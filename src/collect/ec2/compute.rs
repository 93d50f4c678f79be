//! Reads EC2 compute.

use super::{address, image, instance, snapshot, volume};
use crate::collect::Collector;

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[
    Collector {
        kind: &instance::KIND,
        read: |job| Box::pin(instance::read(job)),
    },
    Collector {
        kind: &volume::KIND,
        read: |job| Box::pin(volume::read(job)),
    },
    Collector {
        kind: &snapshot::KIND,
        read: |job| Box::pin(snapshot::read(job)),
    },
    Collector {
        kind: &image::KIND,
        read: |job| Box::pin(image::read(job)),
    },
    Collector {
        kind: &address::KIND,
        read: |job| Box::pin(address::read(job)),
    },
];
