//! Instances, volumes, snapshots and images.
