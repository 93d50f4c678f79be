//! Reads EC2 compute.

use crate::collect::Collector;

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[];
