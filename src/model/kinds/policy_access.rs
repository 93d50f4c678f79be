//! Who outside the account may use a resource, by the policy of the resource.

use crate::model::Part;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the policy of a resource allows others: principals outside of the account that owns it, and AWS
/// services. Principals of the account itself are not included.
///
/// Each question is answered by itself. If an answer depends on an unknown condition, it is a gap, so
/// that a check that reads it is *unknown*, and neither passes nor fails.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyAccess {
    /// Whether there is a policy. Without one, nobody outside of the account has access.
    pub policy: bool,
    /// Whether anyone may do something: anyone with an AWS account, or anyone at all. A condition with
    /// a fixed organization, account, principal, source or network keeps strangers out; a condition
    /// that they can meet themselves does not.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub public: Part<bool>,
    /// The actions that anyone may take, in lower case, as the policy writes them, so also `sns:*`.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub public_actions: Part<Vec<String>>,
    /// Ids of other accounts that the policy names and gives access: to their principals, or to a
    /// service that acts for them.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub external_accounts: Part<Vec<String>>,
    /// Organizations whose members all have access: ids, or `${aws:ResourceOrgID}` for the one of the
    /// resource's account.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub organizations: Part<Vec<String>>,
    /// Whether everyone outside of the account who has access must be in an organization that the
    /// policy names. Also true if nobody outside of the account has access.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub organization_only: Part<bool>,
    /// AWS services that have access, such as `sns.amazonaws.com`, written so even if the policy names a
    /// region or the suffix of another partition; `*` for all services.
    pub services: Vec<String>,
    /// Those of them that have access on anyone's behalf: no condition names an account, an organization
    /// or the ARN of a resource with an account in it. The ARN of a bucket is not enough: it names no
    /// account, and anyone can take the name of a deleted bucket.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub services_without_source: Part<Vec<String>>,
    /// Whether every request without TLS is denied.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub tls_required: Part<bool>,
    /// Important calls of the service that are not denied without TLS, or `*` for all calls of a service
    /// whose calls are not listed here.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub open_without_tls: Part<Vec<String>>,
}
