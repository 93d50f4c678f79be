//! What a search for secrets leaves behind: never the secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place where a secret stands in the clear. The secret itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretFinding {
    /// The rule that matched, such as `aws-access-key-id` or `password-assignment`.
    pub rule: String,
    /// The line it stands in, counted from one.
    pub line: i64,
    /// How many characters the secret has.
    pub length: i64,
}
