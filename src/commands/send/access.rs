//! The credentials and permissions for sending.

use crate::aws::session_policy::SessionPolicy;
use crate::model::Call;
use serde_json::{Value, json};

/// A session policy for a role, with which it may do nothing else.
pub(super) fn session_policy<const N: usize>(calls: [&Call; N]) -> SessionPolicy {
    SessionPolicy::of(&calls.iter().map(|call| call.action).collect())
}

/// An IAM policy of these statements.
pub(super) fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}
