//! What could not be read, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why something could not be read.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// AWS refused the caller: an identity policy, a resource policy or a service control policy.
    Denied,
    /// AWS throttled the call, and all retries.
    Throttled,
    /// No answer: the endpoint could not be resolved or connected to, or did not answer in time.
    Unreachable,
    /// The region, partition or endpoint does not offer this operation.
    Unsupported,
    /// Any other failure; the detail says which.
    Failed,
    /// The read costs money, and the budget (`--allow-paid`) does not cover it.
    Unpaid,
    /// The credentials ended before it was read, and there were no others.
    Expired,
    /// The part was not requested when the data was collected, so a saved snapshot lacks it.
    Uncollected,
    /// Everything was read that this program reads, and that does not decide the matter.
    Undecided,
    /// The service is not enabled or subscribed here: an answer of AWS, and nothing that is missing.
    /// What depends on it does not apply.
    Off,
}

impl Cause {
    /// One word for people, the same as in JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Cause::Denied => "denied",
            Cause::Throttled => "throttled",
            Cause::Unreachable => "unreachable",
            Cause::Unsupported => "unsupported",
            Cause::Failed => "failed",
            Cause::Unpaid => "unpaid",
            Cause::Expired => "expired",
            Cause::Uncollected => "uncollected",
            Cause::Undecided => "undecided",
            Cause::Off => "off",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The words by which the detail of a gap says that an endpoint of the user's own lacks an operation.
pub const LACKS_OPERATION: &str = "does not have this operation";

/// Something that could not be read. A gap is a value of its own: it is never an empty list, a
/// `null` or a default, and a verdict that depends on it is *unknown*.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Gap {
    /// The IAM action that would have read it, such as `s3:GetBucketPolicy`.
    pub action: String,
    /// Why it could not be read.
    pub cause: Cause,
    /// The error code as AWS gave it (`AccessDenied`), or a few words of ours where there is none.
    /// Never the message: messages carry names and, at worst, secrets.
    pub detail: String,
}

impl Gap {
    /// A gap for an IAM action.
    #[must_use]
    pub fn new(action: impl Into<String>, cause: Cause, detail: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            cause,
            detail: detail.into(),
        }
    }

    /// The gap of an answer that lacks a field which AWS always gives, or has it in a form that cannot
    /// be read.
    #[must_use]
    pub fn malformed(action: &str, operation: &str, field: &str) -> Self {
        let detail = format!("malformed answer: {operation} without a valid {field}");
        Self::new(action, Cause::Failed, detail)
    }

    /// The same with what is wrong about the field, such as `not JSON`.
    #[must_use]
    pub fn malformed_because(action: &str, operation: &str, field: &str, reason: &str) -> Self {
        let mut gap = Self::malformed(action, operation, field);
        gap.detail = format!("{} ({reason})", gap.detail);
        gap
    }
}

impl Gap {
    /// Whether it says that there is nothing to read, since the service is not enabled there.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.cause == Cause::Off
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.action, self.cause, self.detail)
    }
}
