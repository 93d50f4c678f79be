//! What a resource's own policy lets others do.

use crate::model::Part;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the policy of a resource lets others do: people and programs outside of the account that owns
/// it, and AWS services. Principals of the account itself are not told here.
///
/// Each question is answered by itself. Where a condition decides it that nobody here knows, its
/// answer is a gap, so that a check that reads it is *unknown*, and neither passes nor fails.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyAccess {
    /// Whether there is a policy. Without one nobody outside of the account is let in.
    pub policy: bool,
    /// Whether anyone may do something: anyone with an AWS account, or anyone at all. A condition on
    /// an organization, an account, a principal, a source or a network of a fixed value keeps
    /// strangers out; one that they can meet themselves does not.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub public: Part<bool>,
    /// What anyone may do: actions in lower case, as the policy has them, so also `sns:*`.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub public_actions: Part<Vec<String>>,
    /// Ids of other accounts that the policy names and lets in: their principals, or a service that
    /// acts for them.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub external_accounts: Part<Vec<String>>,
    /// Organizations of which everyone is let in: ids, or `${aws:ResourceOrgID}` for the one that the
    /// resource's account is in.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub organizations: Part<Vec<String>>,
    /// Whether everyone outside of the account who is let in has to be of an organization that the
    /// policy names. True too where nobody outside of the account is let in.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub organization_only: Part<bool>,
    /// AWS services that are let in, such as `sns.amazonaws.com`, so also where the policy names a
    /// region or the suffix of another partition; `*` for any of them.
    pub services: Vec<String>,
    /// Those of them that are let in for whomever they act: no condition names an account, an
    /// organization or the ARN of a resource with an account in it. The ARN of a bucket is not enough,
    /// since it names no account and whoever takes the name of a deleted bucket has it.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub services_without_source: Part<Vec<String>>,
    /// Whether everyone who comes without TLS is refused, whatever they ask for.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub tls_required: Part<bool>,
    /// Calls that stay open to those who come without TLS, as far as others let them: the calls of the
    /// service that matter, or `*` for all of a service whose calls are not listed here.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub open_without_tls: Part<Vec<String>>,
}
