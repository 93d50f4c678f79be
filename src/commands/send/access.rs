//! What sending takes: credentials, and permissions.

use crate::aws::session::SessionError;
use crate::aws::session_policy;
use crate::model::Call;
use serde_json::{Value, json};

/// A session that does not open, and what to do about it.
pub(super) fn unopened(error: &SessionError) -> String {
    let help = error.help().unwrap_or_else(|| {
        "check the credentials with `aws sts get-caller-identity`, or name a profile with --profile"
            .to_owned()
    });
    match error {
        SessionError::Settings(bad) => bad.to_string(),
        error => format!("{error}\n  help: {help}"),
    }
}

/// A session policy for a role, with which it may do nothing else.
pub(super) fn session_policy<const N: usize>(calls: [&Call; N]) -> String {
    session_policy::json(&calls.iter().map(|call| call.action).collect())
}

/// An IAM policy of these statements.
pub(super) fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}
