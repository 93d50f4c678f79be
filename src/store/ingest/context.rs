//! What every statement of a run needs to know.

use crate::store::statement::Dialect;

/// Rows of one statement. SQLite takes 32,766 values, PostgreSQL 65,535.
pub(super) const BATCH: usize = 500;

/// The run that is being stored.
pub(super) struct RunContext<'a> {
    pub(super) target: &'a str,
    pub(super) run: &'a str,
    /// When its scan began.
    pub(super) at: i64,
    pub(super) dialect: Dialect,
}
