//! Reads EC2 network.

use crate::collect::Collector;

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[];
