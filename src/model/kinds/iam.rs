//! Documents of AWS Identity and Access Management.

use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user: an identity with long-lived credentials of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The path the name lives under, `/` for most.
    pub path: String,
    /// When it was created.
    pub create_date: Timestamp,
    /// Names of the groups it belongs to.
    pub groups: Vec<String>,
    /// Managed policies attached to the user itself, not to its groups.
    pub attached_policies: Vec<AttachedPolicy>,
    /// Policies written into the user itself.
    pub inline_policies: Vec<InlinePolicy>,
    /// ARN of the managed policy that bounds what its policies can give.
    pub permissions_boundary: Option<String>,
    /// Its password, MFA devices and access keys (`GetCredentialReport`).
    ///
    /// AWS renews the report every four hours at most, so a user younger than that can be missing
    /// from it; the part is a gap then.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub credentials: Part<Credentials>,
    /// Whether its policies and those of its groups, taken together, allow everything.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub access: Part<Access>,
    /// Ways to become administrator that they open, each named after the actions it takes, such
    /// as `iam:CreatePolicyVersion` and `iam:PassRole + lambda:CreateFunction +
    /// lambda:InvokeFunction`. Empty for an administrator, who has no need of them. Where some are
    /// certain, those that depend on a condition are left out.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub escalation: Part<Vec<String>>,
    /// Whom of the account they let one act as, though one's own permissions are fewer: other users and
    /// roles, through a new key or password, a trust policy, or what runs with a role. Empty for an
    /// administrator.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub takeover: Part<Takeover>,
    /// Services of which they allow every action on every resource, such as `s3`; `*` for nearly
    /// all. Empty for an administrator.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub full_services: Part<Vec<String>>,
    /// Actions that deserve a narrow resource and that they allow on all, such as `kms:Decrypt`
    /// and `sts:AssumeRole`. Empty for an administrator, who is allowed all of them.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub unbounded_actions: Part<Vec<String>>,
}

impl TypedDocument for User {
    const KIND: &'static str = "iam.user";
}

/// A user's row of the credential report.
#[allow(clippy::struct_excessive_bools, reason = "AWS's own columns")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credentials {
    /// Whether the user has a password for the console.
    pub password_enabled: bool,
    /// When the password was last used; null when it never was, or not since October 2014.
    pub password_last_used: Option<Timestamp>,
    /// When the password was last set; null when there is none.
    pub password_last_changed: Option<Timestamp>,
    /// Whether an MFA device is enabled for the user.
    pub mfa_active: bool,
    /// Whether the first access key exists and is active.
    pub access_key_1_active: bool,
    /// When the first access key was made; null when there is none.
    pub access_key_1_last_rotated: Option<Timestamp>,
    /// When the first access key last signed a request; null when it never did.
    pub access_key_1_last_used_date: Option<Timestamp>,
    /// Whether the second access key exists and is active.
    pub access_key_2_active: bool,
    /// When the second access key was made; null when there is none.
    pub access_key_2_last_rotated: Option<Timestamp>,
    /// When the second access key last signed a request; null when it never did.
    pub access_key_2_last_used_date: Option<Timestamp>,
}

/// An access key of a user. The credential report does not tell key ids, so the id is the user's
/// name and the slot: `alice/key-1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccessKey {
    /// The user it belongs to.
    pub user_name: String,
    /// The first or the second of the two keys a user can have: 1 or 2.
    pub slot: i64,
    /// Whether requests signed with it are accepted.
    pub active: bool,
    /// When the user was created.
    pub user_creation_time: Option<Timestamp>,
    /// When the key was made.
    pub last_rotated: Option<Timestamp>,
    /// When it last signed a request; null when it never did.
    pub last_used_date: Option<Timestamp>,
    /// The service it was last used for, such as `s3`; null when it never was.
    pub last_used_service: Option<String>,
    /// The region it was last used in; null when it never was.
    pub last_used_region: Option<String>,
    /// Whether its user also has a password for the console; null where the report does not say.
    pub password_enabled: Option<bool>,
}

impl TypedDocument for AccessKey {
    const KIND: &'static str = "iam.access_key";
}

/// A group: policies that several users share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The path the name lives under, `/` for most.
    pub path: String,
    /// When it was created.
    pub create_date: Timestamp,
    /// Managed policies attached to it.
    pub attached_policies: Vec<AttachedPolicy>,
    /// Policies written into it.
    pub inline_policies: Vec<InlinePolicy>,
    /// Names of the users in it, in order.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub members: Part<Vec<String>>,
    /// Whether its policies, taken together, allow everything.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub access: Part<Access>,
    /// Ways to become administrator that they open, each named after the actions it takes, such
    /// as `iam:CreatePolicyVersion` and `iam:PassRole + lambda:CreateFunction +
    /// lambda:InvokeFunction`. Empty for an administrator, who has no need of them. Where some are
    /// certain, those that depend on a condition are left out.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub escalation: Part<Vec<String>>,
    /// Services of which they allow every action on every resource, such as `s3`; `*` for nearly
    /// all. Empty for an administrator.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub full_services: Part<Vec<String>>,
    /// Actions that deserve a narrow resource and that they allow on all, such as `kms:Decrypt`
    /// and `sts:AssumeRole`. Empty for an administrator, who is allowed all of them.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub unbounded_actions: Part<Vec<String>>,
}

impl TypedDocument for Group {
    const KIND: &'static str = "iam.group";
}

/// A role: an identity without credentials, which its trust policy lets others take on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// The path the name lives under, `/` for most.
    pub path: String,
    /// When it was created.
    pub create_date: Timestamp,
    /// Whether an AWS service owns it (path `/aws-service-role/`): nobody in the account can
    /// change its policies.
    pub service_linked: bool,
    /// Who may assume it: the JSON text of its trust policy.
    pub assume_role_policy_document: String,
    /// Managed policies attached to it.
    pub attached_policies: Vec<AttachedPolicy>,
    /// Policies written into it.
    pub inline_policies: Vec<InlinePolicy>,
    /// ARN of the managed policy that bounds what its policies can give.
    pub permissions_boundary: Option<String>,
    /// Names of the EC2 instance profiles that carry it.
    pub instance_profiles: Vec<String>,
    /// When it was last assumed; null when not within the 400 days that AWS remembers.
    pub last_used_date: Option<Timestamp>,
    /// The region it was last used in; null when it was not.
    pub last_used_region: Option<String>,
    /// The longest session it gives, in seconds (`ListRoles`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub max_session_duration: Part<i64>,
    /// Whom its trust policy lets in.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub trust: Part<Trust>,
    /// Whether its policies, taken together, allow everything.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub access: Part<Access>,
    /// Ways to become administrator that they open, each named after the actions it takes, such
    /// as `iam:CreatePolicyVersion` and `iam:PassRole + lambda:CreateFunction +
    /// lambda:InvokeFunction`. Empty for an administrator, who has no need of them. Where some are
    /// certain, those that depend on a condition are left out.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub escalation: Part<Vec<String>>,
    /// Whom of the account they let one act as, though one's own permissions are fewer: other users and
    /// roles, through a new key or password, a trust policy, or what runs with a role. Empty for an
    /// administrator.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub takeover: Part<Takeover>,
    /// Services of which they allow every action on every resource, such as `s3`; `*` for nearly
    /// all. Empty for an administrator.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub full_services: Part<Vec<String>>,
    /// Actions that deserve a narrow resource and that they allow on all, such as `kms:Decrypt`
    /// and `sts:AssumeRole`. Empty for an administrator, who is allowed all of them.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub unbounded_actions: Part<Vec<String>>,
}

impl TypedDocument for Role {
    const KIND: &'static str = "iam.role";
}

/// A managed policy that the account made itself (customer managed). Policies that AWS manages
/// are `iam.aws_managed_policy`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// The path the name lives under, `/` for most.
    pub path: String,
    /// When it was created.
    pub create_date: Timestamp,
    /// When its newest version was made.
    pub update_date: Option<Timestamp>,
    /// The version in force, such as `v3`.
    pub default_version_id: String,
    /// How many versions are kept; AWS allows five.
    pub version_count: i64,
    /// How many users, groups and roles it is attached to.
    pub attachment_count: i64,
    /// How many users and roles it bounds; null where AWS does not say.
    pub permissions_boundary_usage_count: Option<i64>,
    /// Whether it can be attached at all.
    pub is_attachable: bool,
    /// The JSON text of the version in force.
    pub document: String,
    /// Whether it allows everything.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub access: Part<Access>,
    /// Ways to become administrator that it opens, each named after the actions it takes, such
    /// as `iam:CreatePolicyVersion` and `iam:PassRole + lambda:CreateFunction +
    /// lambda:InvokeFunction`. Empty for an administrator, who has no need of them. Where some are
    /// certain, those that depend on a condition are left out.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub escalation: Part<Vec<String>>,
    /// Whom of the account it lets its holder act as, though one's own permissions are fewer: other users and
    /// roles, through a new key or password, a trust policy, or what runs with a role. Empty for an
    /// administrator.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub takeover: Part<Takeover>,
    /// Services of which it allows every action on every resource, such as `s3`; `*` for nearly
    /// all. Empty for an administrator.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub full_services: Part<Vec<String>>,
    /// Actions that deserve a narrow resource and that it allows on all, such as `kms:Decrypt`
    /// and `sts:AssumeRole`. Empty for an administrator, who is allowed all of them.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub unbounded_actions: Part<Vec<String>>,
}

impl TypedDocument for Policy {
    const KIND: &'static str = "iam.policy";
}

/// A managed policy that AWS keeps, as it is now (`GetAccountAuthorizationDetails`). AWS lists those
/// that something in the account uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AwsManagedPolicy {
    /// When its newest version was made.
    pub update_date: Option<Timestamp>,
    /// The version in force, such as `v3`.
    pub default_version_id: String,
    /// How many users, groups and roles it is attached to; null where AWS does not say.
    pub attachment_count: Option<i64>,
    /// The JSON text of the version in force.
    pub document: String,
}

impl TypedDocument for AwsManagedPolicy {
    const KIND: &'static str = "iam.aws_managed_policy";
}

/// A managed policy by reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttachedPolicy {
    /// Its name.
    pub policy_name: String,
    /// Its ARN; `arn:aws:iam::aws:policy/…` for one that AWS manages.
    pub policy_arn: String,
}

/// A policy that lives inside one user, group or role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InlinePolicy {
    /// Its name.
    pub policy_name: String,
    /// Its JSON text.
    pub document: String,
}

/// Who can assume a role, by its trust policy. Principals of the role's own account are not listed as
/// accounts: they also need a policy of their own that allows it.
///
/// Each question is answered by itself: if it depends on an unknown condition, its answer is a gap.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trust {
    /// Whether anyone with an AWS account can assume it: the principal is `*` and no condition
    /// names an organization, an account, a principal, a source or a network.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub anyone: Part<bool>,
    /// Ids of other accounts whose principals can assume it, in order.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub external_accounts: Part<Vec<String>>,
    /// Those of them that need neither an external id (`sts:ExternalId`) nor membership of an
    /// organization that the policy names.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub external_without_external_id: Part<Vec<String>>,
    /// Host names of identity providers whose tokens are accepted, such as
    /// `token.actions.githubusercontent.com`; `saml` for a SAML provider of the account.
    pub federated: Vec<String>,
    /// Those of them that serve many customers under one name and for which no condition identifies the
    /// customer: by a subject, a repository, an organization or, for providers with a separate audience
    /// for each application, the audience.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub unbounded_oidc: Part<Vec<String>>,
    /// Providers for which there is a condition on such a claim, but it also passes tokens without the
    /// claim (`ForAllValues:`, `…IfExists`).
    pub passing_without_claim: Vec<String>,
    /// AWS services that can assume it, such as `lambda.amazonaws.com`, written so even if the policy
    /// names a region or the suffix of another partition (`ec2.amazonaws.com.cn`).
    pub services: Vec<String>,
    /// Those of them for which no condition names the account or organization on whose behalf they
    /// must act (`aws:SourceAccount`, `aws:SourceOrgID`, or `aws:SourceArn` with an account in it).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub services_without_source: Part<Vec<String>>,
}

/// The existing users and roles that a principal can act as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Takeover {
    /// The paths that the permissions allow, each named after its actions, such as
    /// `iam:CreateAccessKey` and `lambda:UpdateFunctionCode`, whatever users and roles exist. If some are
    /// certain, those that depend on a condition are left out.
    pub ways: Vec<String>,
    /// Users and roles that one of these paths works on, as `user/ana` and `role/deploy`: for code that
    /// runs with a role, a role that trusts the service.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub principals: Part<Vec<String>>,
    /// Those of them that are administrators or can become one. If some are certain, those of which it
    /// is not known are left out.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub administrators: Part<Vec<String>>,
}

/// No principal.
impl Default for Takeover {
    fn default() -> Self {
        Self {
            ways: Vec::new(),
            principals: Part::Read(Vec::new()),
            administrators: Part::Read(Vec::new()),
        }
    }
}

/// Whether policies together allow everything: what one allows and none denies, within the permissions
/// boundary.
///
/// A condition on how, when or from where a request is made (MFA, network, region, transport) limits
/// neither an allowing statement, since the principal can meet it, nor does a denial under one count,
/// since the principal can avoid it. A condition on tags of the resource limits a statement to some
/// resources. `iam:PassRole` limited by `iam:PassedToService` counts for that service. If the answer
/// depends on any other condition, it is unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// Whether they allow everything, except perhaps some services.
    pub administrator: bool,
    /// The policies that each allow it alone: names, or ARNs for managed policies. Empty if only several
    /// together do.
    pub administrator_by: Vec<String>,
}
