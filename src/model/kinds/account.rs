//! Documents of an account as a whole and of its regions.

use super::cloudwatch::AlarmCoverage;
use super::s3::PublicAccessBlock;
use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An AWS account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// What IAM holds in the account (`GetAccountSummary`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub summary: Part<Summary>,
    /// The root user (the root row of the IAM credential report).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub root: Part<Root>,
    /// What passwords of IAM users must look like; null if the account has no policy of its own,
    /// so that AWS's default holds (`GetAccountPasswordPolicy`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub password_policy: Part<Option<PasswordPolicy>>,
    /// Whom AWS writes to about security; null if only the account's owner is known
    /// (`GetAlternateContact`, `SECURITY`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub security_contact: Part<Option<Contact>>,
    /// Whom AWS writes to about operations; null if only the account's owner is known
    /// (`GetAlternateContact`, `OPERATIONS`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub operations_contact: Part<Option<Contact>>,
    /// Whom AWS writes to about bills; null if only the account's owner is known
    /// (`GetAlternateContact`, `BILLING`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub billing_contact: Part<Option<Contact>>,
    /// The account's public access block of S3, which holds for all of its buckets; null if it has
    /// none, which blocks nothing (S3 Control `GetPublicAccessBlock`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub public_access_block: Part<Option<PublicAccessBlock>>,
    /// Virtual MFA devices: apps, rather than a piece of hardware (`ListVirtualMFADevices`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub virtual_mfa: Part<VirtualMfa>,
}

impl TypedDocument for Account {
    const KIND: &'static str = "account";
}

/// What IAM holds in an account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Whether the root user has a second factor (`AccountMFAEnabled`).
    pub account_mfa_enabled: bool,
    /// Access keys of the root user (`AccountAccessKeysPresent`). Some accounts get 1 for any
    /// number.
    pub account_access_keys_present: i64,
    /// Whether the root user has a password; null where AWS does not say
    /// (`AccountPasswordPresent`). Organizations can remove it from their member accounts, which
    /// then have nothing to sign in with.
    pub account_password_present: Option<bool>,
    /// Signing certificates of the root user (`AccountSigningCertificatesPresent`).
    pub account_signing_certificates_present: i64,
    /// IAM users.
    pub users: Option<i64>,
    /// IAM groups.
    pub groups: Option<i64>,
    /// IAM roles.
    pub roles: Option<i64>,
    /// Customer managed policies.
    pub policies: Option<i64>,
    /// SAML and OpenID Connect providers.
    pub providers: Option<i64>,
    /// Server certificates that IAM holds.
    pub server_certificates: Option<i64>,
    /// MFA devices.
    pub mfa_devices: Option<i64>,
    /// MFA devices that belong to someone.
    pub mfa_devices_in_use: Option<i64>,
    /// The most IAM users the account can have.
    pub users_quota: Option<i64>,
    /// The most IAM roles the account can have.
    pub roles_quota: Option<i64>,
}

/// The root user.
#[allow(clippy::struct_excessive_bools, reason = "the switches are AWS's own")]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// When the account was created (`user_creation_time`).
    pub created: Option<Timestamp>,
    /// Whether a password is set; null in most accounts, where the report does not say.
    pub password_enabled: Option<bool>,
    /// When someone last signed in as root; null if never.
    pub password_last_used: Option<Timestamp>,
    /// Whether a second factor is in use.
    pub mfa_active: bool,
    /// Whether the first access key is active.
    pub access_key_1_active: bool,
    /// When the first access key last signed a request; null if never.
    pub access_key_1_last_used: Option<Timestamp>,
    /// Whether the second access key is active.
    pub access_key_2_active: bool,
    /// When the second access key last signed a request; null if never.
    pub access_key_2_last_used: Option<Timestamp>,
    /// Whether the first signing certificate is active.
    pub certificate_1_active: bool,
    /// Whether the second signing certificate is active.
    pub certificate_2_active: bool,
}

/// What passwords of IAM users must look like.
#[allow(clippy::struct_excessive_bools, reason = "the switches are AWS's own")]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub minimum_password_length: Option<i64>,
    /// Whether one of them must be a symbol.
    pub require_symbols: bool,
    /// Whether one must be a digit.
    pub require_numbers: bool,
    /// Whether one must be an upper-case letter.
    pub require_uppercase_characters: bool,
    /// Whether one must be a lower-case letter.
    pub require_lowercase_characters: bool,
    /// Whether users may change their own password.
    pub allow_users_to_change_password: bool,
    /// Whether passwords expire.
    pub expire_passwords: bool,
    /// Days until they do; null if they do not.
    pub max_password_age: Option<i64>,
    /// How many earlier passwords may not be used again; null if all may.
    pub password_reuse_prevention: Option<i64>,
    /// Whether a user whose password expired is locked out until an administrator sets a new one.
    pub hard_expiry: Option<bool>,
}

/// A contact of the account. Names, addresses and numbers of people are not kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    /// `SECURITY`, `OPERATIONS` or `BILLING`.
    pub contact_type: String,
    /// What follows the `@` of the e-mail address.
    pub email_domain: Option<String>,
    /// Whether a phone number is given.
    pub has_phone_number: bool,
}

/// The virtual MFA devices of an account that belong to someone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VirtualMfa {
    /// Whether one belongs to the root user.
    pub root: bool,
    /// How many there are.
    pub in_use: i64,
}

/// A region of an account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Region {
    /// Whether new EBS volumes are encrypted whatever the request says
    /// (`GetEbsEncryptionByDefault`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub ebs_encryption_by_default: Part<bool>,
    /// Whether EBS snapshots can be shared with everyone: `block-all-sharing`,
    /// `block-new-sharing` or `unblocked` (`GetSnapshotBlockPublicAccessState`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub snapshot_block_public_access: Part<String>,
    /// Whether machine images can be shared with everyone: `block-new-sharing` or `unblocked`
    /// (`GetImageBlockPublicAccessState`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub image_block_public_access: Part<String>,
    /// What new instances get when neither request nor image says
    /// (`GetInstanceMetadataDefaults`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub instance_metadata_defaults: Part<InstanceMetadataDefaults>,
    /// Which resources that users depend on have an alarm that reaches somebody.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub alarm_coverage: Part<AlarmCoverage>,
}

impl TypedDocument for Region {
    const KIND: &'static str = "region";
}

/// How new instances serve their metadata. Each field is null where the region has no preference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceMetadataDefaults {
    /// `required` takes version 2 of the service, `optional` allows version 1.
    pub http_tokens: Option<String>,
    /// Whether instances that allow version 1 are refused: `enabled` or `disabled`.
    pub http_tokens_enforced: Option<String>,
    /// How many network hops an answer may travel.
    pub http_put_response_hop_limit: Option<i64>,
    /// Whether the service answers at all: `enabled` or `disabled`.
    pub http_endpoint: Option<String>,
    /// Whether instances see their tags there: `enabled` or `disabled`.
    pub instance_metadata_tags: Option<String>,
}
