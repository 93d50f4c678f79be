//! The schemas of what is computed for declared kinds. The computing is in `derive`.

use super::form::schema_of;
use crate::model::kinds::policy_access::PolicyAccess;
use crate::model::kinds::watching::{Coverage, Watching};
use serde_json::Value;

/// Who may do what by a resource policy.
#[must_use]
pub(super) fn access() -> Value {
    schema_of::<PolicyAccess>()
}

/// The alarms that watch a resource.
#[must_use]
pub(super) fn alarms() -> Value {
    schema_of::<Watching>()
}

/// Whether AWS Backup protects a resource.
#[must_use]
pub(super) fn coverage() -> Value {
    schema_of::<Coverage>()
}
