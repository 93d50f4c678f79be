//! Reads IAM: users, groups, roles and managed policies with their documents in one call that is
//! paged, and passwords and keys from the credential report.

mod policies;
mod roles;
mod users;

use super::{Collector, Job, credential_report};
use crate::call;
use crate::model::kinds::iam::{
    AccessKey, AttachedPolicy, AwsManagedPolicy, Group, InlinePolicy, Policy, Role, User,
};
use crate::model::{Call, Cause, Gap, Kind, Kinded, PartSpec, Per, Scope, Tags};
use aws_sdk_iam::operation::get_account_authorization_details::paginator::GetAccountAuthorizationDetailsPaginator;
use aws_sdk_iam::types as sdk;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// Users, groups, roles and policies with everything that their policies say.
const DETAILS: Call = call!("iam", "GetAccountAuthorizationDetails");
const LIST_ROLES: Call = call!("iam", "ListRoles");
const POLICY_TAGS: Call = call!("iam", "ListPolicyTags");

/// The largest page these APIs give.
const PAGE: i32 = 1000;

static USER: Kind = Kind {
    name: User::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[
        PartSpec {
            name: "credentials",
            calls: &[&credential_report::GENERATE, &credential_report::GET],
            per: Per::Kind,
        },
        derived("access"),
        derived("escalation"),
        derived("full_services"),
        derived("unbounded_actions"),
    ],
    schema: User::schema,
};

static ACCESS_KEY: Kind = Kind {
    name: AccessKey::KIND,
    scope: Scope::Account,
    list: &[&credential_report::GENERATE, &credential_report::GET],
    parts: &[],
    schema: AccessKey::schema,
};

static GROUP: Kind = Kind {
    name: Group::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[
        derived("members"),
        derived("access"),
        derived("escalation"),
        derived("full_services"),
        derived("unbounded_actions"),
    ],
    schema: Group::schema,
};

static ROLE: Kind = Kind {
    name: Role::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[
        PartSpec {
            name: "max_session_duration",
            calls: &[&LIST_ROLES],
            per: Per::Kind,
        },
        derived("trust"),
        derived("access"),
        derived("escalation"),
        derived("full_services"),
        derived("unbounded_actions"),
    ],
    schema: Role::schema,
};

static POLICY: Kind = Kind {
    name: Policy::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[
        PartSpec {
            name: "tags",
            calls: &[&POLICY_TAGS],
            per: Per::Resource,
        },
        derived("access"),
        derived("escalation"),
        derived("full_services"),
        derived("unbounded_actions"),
    ],
    schema: Policy::schema,
};

static AWS_MANAGED_POLICY: Kind = Kind {
    name: AwsManagedPolicy::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[],
    schema: AwsManagedPolicy::schema,
};

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[
    Collector {
        kind: &USER,
        read: |job| Box::pin(users::read_users(job)),
    },
    Collector {
        kind: &ACCESS_KEY,
        read: |job| Box::pin(users::read_access_keys(job)),
    },
    Collector {
        kind: &GROUP,
        read: |job| Box::pin(users::read_groups(job)),
    },
    Collector {
        kind: &ROLE,
        read: |job| Box::pin(roles::read_roles(job)),
    },
    Collector {
        kind: &POLICY,
        read: |job| Box::pin(policies::read_policies(job)),
    },
    Collector {
        kind: &AWS_MANAGED_POLICY,
        read: |job| Box::pin(policies::read_aws_managed(job)),
    },
];

const fn derived(name: &'static str) -> PartSpec {
    PartSpec {
        name,
        calls: &[],
        per: Per::Derived,
    }
}

/// Pages of one type of resource.
fn details(job: &Job, filter: sdk::EntityType) -> GetAccountAuthorizationDetailsPaginator {
    job.aws
        .iam(&job.region)
        .get_account_authorization_details()
        .filter(filter)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .page_size(PAGE)
}

fn attached(list: Option<Vec<sdk::AttachedPolicy>>) -> Result<Vec<AttachedPolicy>, Gap> {
    list.unwrap_or_default()
        .into_iter()
        .map(|policy| {
            Ok(AttachedPolicy {
                policy_name: required(policy.policy_name, "PolicyName")?,
                policy_arn: required(policy.policy_arn, "PolicyArn")?,
            })
        })
        .collect()
}

fn inline(list: Option<Vec<sdk::PolicyDetail>>) -> Result<Vec<InlinePolicy>, Gap> {
    list.unwrap_or_default()
        .into_iter()
        .map(|policy| {
            Ok(InlinePolicy {
                policy_name: required(policy.policy_name, "PolicyName")?,
                document: document(&required(policy.policy_document, "PolicyDocument")?)?,
            })
        })
        .collect()
}

fn boundary(boundary: Option<sdk::AttachedPermissionsBoundary>) -> Option<String> {
    boundary.and_then(|b| b.permissions_boundary_arn)
}

fn tags(list: Option<Vec<sdk::Tag>>) -> Tags {
    list.unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect()
}

/// The JSON text of a policy. IAM percent-encodes it (RFC 3986); a text that starts with a brace
/// is not encoded, and then a percent sign in it is one.
fn document(text: &str) -> Result<String, Gap> {
    if text.trim_start().starts_with('{') {
        return Ok(text.to_owned());
    }
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| malformed("a policy that is not UTF-8"))
}

/// A field that AWS always sends.
fn required<T>(value: Option<T>, field: &str) -> Result<T, Gap> {
    value.ok_or_else(|| malformed(&format!("an answer without {field}")))
}

fn time(date: Option<&DateTime>, field: &str) -> Result<Timestamp, Gap> {
    let date = required(date, field)?;
    let nanos = i32::try_from(date.subsec_nanos()).unwrap_or_default();
    Timestamp::new(date.secs(), nanos).map_err(|_| malformed(&format!("an impossible {field}")))
}

fn malformed(what: &str) -> Gap {
    Gap::new(DETAILS.action, Cause::Failed, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_decoded_once() {
        let text = r#"{"Resource":"a%20b"}"#;
        assert_eq!(document(text).unwrap(), text);
        let encoded = "%7B%22Resource%22%3A%22a%2520b%22%7D";
        assert_eq!(document(encoded).unwrap(), text);
        assert!(document("%ff").is_err());
    }
}
