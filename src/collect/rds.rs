//! Reads rds.

use super::Collector;

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[];
