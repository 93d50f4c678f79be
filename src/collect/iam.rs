//! Reads IAM: users, groups, roles and customer managed policies with their documents in one call
//! that is paged, and passwords and keys from the credential report.

use super::{Collector, Job, credential_report};
use crate::aws::error::gap;
use crate::call;
use crate::model::kinds::iam::{
    AccessKey, AttachedPolicy, Credentials, Group, InlinePolicy, Policy, Role, User,
};
use crate::model::{Call, Cause, Gap, Kind, Kinded, Part, PartSpec, Per, Scope, Tags};
use aws_sdk_iam::operation::get_account_authorization_details::paginator::GetAccountAuthorizationDetailsPaginator;
use aws_sdk_iam::types as sdk;
use aws_smithy_types::DateTime;
use credential_report::Row;
use futures::StreamExt;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// Users, groups, roles and policies with everything that their policies say.
const DETAILS: Call = call!("iam", "GetAccountAuthorizationDetails");
const LIST_ROLES: Call = call!("iam", "ListRoles");
const POLICY_TAGS: Call = call!("iam", "ListPolicyTags");

/// The largest page these APIs give.
const PAGE: i32 = 1000;

/// Resources whose own calls are in flight at once; the gate decides how many requests are.
const ABREAST: usize = 64;

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
    parts: &[derived("members"), derived("access")],
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
    ],
    schema: Policy::schema,
};

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[
    Collector {
        kind: &USER,
        read: |job| Box::pin(read_users(job)),
    },
    Collector {
        kind: &ACCESS_KEY,
        read: |job| Box::pin(read_access_keys(job)),
    },
    Collector {
        kind: &GROUP,
        read: |job| Box::pin(read_groups(job)),
    },
    Collector {
        kind: &ROLE,
        read: |job| Box::pin(read_roles(job)),
    },
    Collector {
        kind: &POLICY,
        read: |job| Box::pin(read_policies(job)),
    },
];

const fn derived(name: &'static str) -> PartSpec {
    PartSpec {
        name,
        calls: &[],
        per: Per::Derived,
    }
}

fn details(job: &Job, filter: sdk::EntityType) -> GetAccountAuthorizationDetailsPaginator {
    job.aws
        .iam(&job.region)
        .get_account_authorization_details()
        .filter(filter)
        .into_paginator()
        .page_size(PAGE)
}

async fn read_users(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = details(&job, sdk::EntityType::User).send();
    // The report takes AWS some seconds; the first page does not wait for it.
    let (report, mut page) = futures::join!(
        job.part("credentials", credentials_by_user(&job)),
        pages.next()
    );
    while let Some(answer) = page {
        let answer = answer.map_err(|e| gap(&DETAILS, &e))?;
        for detail in answer.user_detail_list.unwrap_or_default() {
            let name = required(detail.user_name, "UserName")?;
            let user = User {
                path: required(detail.path, "Path")?,
                create_date: time(detail.create_date.as_ref(), "CreateDate")?,
                groups: detail.group_list.unwrap_or_default(),
                attached_policies: attached(detail.attached_managed_policies)?,
                inline_policies: inline(detail.user_policy_list)?,
                permissions_boundary: boundary(detail.permissions_boundary),
                credentials: credentials_of(&report, &name),
                access: Part::Unread,
            };
            let tags = Part::Read(tags(detail.tags));
            job.emit(job.resource(&name, detail.arn, tags), &user).await;
        }
        page = pages.next().await;
    }
    Ok(())
}

async fn credentials_by_user(job: &Job) -> Result<HashMap<String, Row>, Gap> {
    let rows = credential_report::read(job).await?;
    Ok(rows.into_iter().map(|r| (r.user.clone(), r)).collect())
}

/// A user's credentials; a user that the report does not know yet has none that anyone can judge.
fn credentials_of(report: &Part<HashMap<String, Row>>, user: &str) -> Part<Credentials> {
    let unknown = |detail: &str| {
        let gap = Gap::new(credential_report::GET.action, Cause::Failed, detail);
        Part::Gap(gap)
    };
    let rows = match report {
        Part::Unread => return Part::Unread,
        Part::Gap(gap) => return Part::Gap(gap.clone()),
        Part::Read(rows) => rows,
    };
    let Some(row) = rows.get(user) else {
        return unknown("the user is younger than the credential report");
    };
    let Some(password_enabled) = row.password_enabled else {
        return unknown("the credential report does not tell whether there is a password");
    };
    let [first, second] = &row.access_keys;
    Part::Read(Credentials {
        password_enabled,
        password_last_used: row.password_last_used,
        password_last_changed: row.password_last_changed,
        mfa_active: row.mfa_active,
        access_key_1_active: first.active,
        access_key_1_last_rotated: first.last_rotated,
        access_key_1_last_used_date: first.last_used,
        access_key_2_active: second.active,
        access_key_2_last_rotated: second.last_rotated,
        access_key_2_last_used_date: second.last_used,
    })
}

async fn read_access_keys(job: Arc<Job>) -> Result<(), Gap> {
    // The root user's keys are the account's business.
    let rows = credential_report::read(&job).await?;
    for row in rows.iter().filter(|row| !row.is_root()) {
        for (slot, key) in (1..).zip(&row.access_keys) {
            // A slot without a key is inactive and was never filled.
            if !key.active && key.last_rotated.is_none() {
                continue;
            }
            let own = AccessKey {
                user_name: row.user.clone(),
                slot,
                active: key.active,
                user_creation_time: row.created,
                last_rotated: key.last_rotated,
                last_used_date: key.last_used,
                last_used_service: key.last_used_service.clone(),
                last_used_region: key.last_used_region.clone(),
                password_enabled: row.password_enabled,
            };
            let id = format!("{}/key-{slot}", row.user);
            let resource = job.resource(&id, None, Part::Read(Tags::new()));
            job.emit(resource, &own).await;
        }
    }
    Ok(())
}

async fn read_groups(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = details(&job, sdk::EntityType::Group).send();
    while let Some(answer) = pages.next().await {
        let answer = answer.map_err(|e| gap(&DETAILS, &e))?;
        for detail in answer.group_detail_list.unwrap_or_default() {
            let name = required(detail.group_name, "GroupName")?;
            let group = Group {
                path: required(detail.path, "Path")?,
                create_date: time(detail.create_date.as_ref(), "CreateDate")?,
                attached_policies: attached(detail.attached_managed_policies)?,
                inline_policies: inline(detail.group_policy_list)?,
                members: Part::Unread,
                access: Part::Unread,
            };
            // IAM has no tags for groups.
            let tags = Part::Read(Tags::new());
            job.emit(job.resource(&name, detail.arn, tags), &group)
                .await;
        }
    }
    Ok(())
}

async fn read_roles(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = details(&job, sdk::EntityType::Role).send();
    let (durations, mut page) = futures::join!(
        job.part("max_session_duration", session_durations(&job)),
        pages.next()
    );
    while let Some(answer) = page {
        let answer = answer.map_err(|e| gap(&DETAILS, &e))?;
        for detail in answer.role_detail_list.unwrap_or_default() {
            emit_role(&job, detail, &durations).await?;
        }
        page = pages.next().await;
    }
    Ok(())
}

async fn emit_role(
    job: &Job,
    detail: sdk::RoleDetail,
    durations: &Part<HashMap<String, i64>>,
) -> Result<(), Gap> {
    let name = required(detail.role_name, "RoleName")?;
    let path = required(detail.path, "Path")?;
    let trust = required(
        detail.assume_role_policy_document,
        "AssumeRolePolicyDocument",
    )?;
    let used = detail.role_last_used;
    let role = Role {
        create_date: time(detail.create_date.as_ref(), "CreateDate")?,
        service_linked: path.starts_with("/aws-service-role/"),
        path,
        assume_role_policy_document: document(&trust)?,
        attached_policies: attached(detail.attached_managed_policies)?,
        inline_policies: inline(detail.role_policy_list)?,
        permissions_boundary: boundary(detail.permissions_boundary),
        instance_profiles: detail
            .instance_profile_list
            .unwrap_or_default()
            .into_iter()
            .map(|profile| profile.instance_profile_name)
            .collect(),
        last_used_date: used
            .as_ref()
            .and_then(|u| u.last_used_date.as_ref())
            .map(|date| time(Some(date), "LastUsedDate"))
            .transpose()?,
        last_used_region: used.and_then(|u| u.region),
        max_session_duration: match durations {
            Part::Unread => Part::Unread,
            Part::Gap(gap) => Part::Gap(gap.clone()),
            Part::Read(known) => known
                .get(&name)
                .copied()
                .ok_or_else(|| {
                    let detail = "the role is younger than the list";
                    Gap::new(LIST_ROLES.action, Cause::Failed, detail)
                })
                .into(),
        },
        trust: Part::Unread,
        access: Part::Unread,
    };
    let tags = Part::Read(tags(detail.tags));
    job.emit(job.resource(&name, detail.arn, tags), &role).await;
    Ok(())
}

async fn session_durations(job: &Job) -> Result<HashMap<String, i64>, Gap> {
    let mut roles = job
        .aws
        .iam(&job.region)
        .list_roles()
        .into_paginator()
        .page_size(PAGE)
        .items()
        .send();
    let mut durations = HashMap::new();
    while let Some(role) = roles.next().await {
        let role = role.map_err(|e| gap(&LIST_ROLES, &e))?;
        // A role whose duration is not told stays unknown.
        if let Some(seconds) = role.max_session_duration {
            durations.insert(role.role_name, i64::from(seconds));
        }
    }
    Ok(durations)
}

async fn read_policies(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = details(&job, sdk::EntityType::LocalManagedPolicy).send();
    while let Some(answer) = pages.next().await {
        let answer = answer.map_err(|e| gap(&DETAILS, &e))?;
        let policies = answer.policies.unwrap_or_default();
        let mut emitted = futures::stream::iter(policies)
            .map(|detail| emit_policy(&job, detail))
            .buffer_unordered(ABREAST);
        while let Some(result) = emitted.next().await {
            result?;
        }
    }
    Ok(())
}

async fn emit_policy(job: &Job, detail: sdk::ManagedPolicyDetail) -> Result<(), Gap> {
    let name = required(detail.policy_name, "PolicyName")?;
    let arn = required(detail.arn, "Arn")?;
    let versions = required(detail.policy_version_list, "PolicyVersionList")?;
    let version_count = versions.len();
    let current = versions.into_iter().find(|v| v.is_default_version);
    let current = required(current, "PolicyVersionList")?;
    let policy = Policy {
        path: required(detail.path, "Path")?,
        create_date: time(detail.create_date.as_ref(), "CreateDate")?,
        update_date: detail
            .update_date
            .as_ref()
            .map(|date| time(Some(date), "UpdateDate"))
            .transpose()?,
        default_version_id: required(detail.default_version_id, "DefaultVersionId")?,
        version_count: i64::try_from(version_count).unwrap_or(i64::MAX),
        attachment_count: required(detail.attachment_count, "AttachmentCount")?.into(),
        permissions_boundary_usage_count: detail.permissions_boundary_usage_count.map(i64::from),
        is_attachable: detail.is_attachable,
        document: document(&required(current.document, "Document")?)?,
        access: Part::Unread,
    };
    let tags = job.part("tags", policy_tags(job, &arn)).await;
    job.emit(job.resource(&name, Some(arn), tags), &policy)
        .await;
    Ok(())
}

async fn policy_tags(job: &Job, arn: &str) -> Result<Tags, Gap> {
    let mut found = job
        .aws
        .iam(&job.region)
        .list_policy_tags()
        .policy_arn(arn)
        .into_paginator()
        .page_size(PAGE)
        .items()
        .send();
    let mut tags = Tags::new();
    while let Some(tag) = found.next().await {
        let tag = tag.map_err(|e| gap(&POLICY_TAGS, &e))?;
        tags.insert(tag.key, tag.value);
    }
    Ok(tags)
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

    fn row(user: &str, password_enabled: Option<bool>) -> Row {
        let key = || credential_report::Key {
            active: false,
            last_rotated: None,
            last_used: None,
            last_used_region: None,
            last_used_service: None,
        };
        Row {
            user: user.to_owned(),
            arn: String::new(),
            created: None,
            password_enabled,
            password_last_used: None,
            password_last_changed: None,
            password_next_rotation: None,
            mfa_active: true,
            access_keys: [key(), key()],
            certificates_active: [false, false],
        }
    }

    #[test]
    fn policies_are_decoded_once() {
        let text = r#"{"Resource":"a%20b"}"#;
        assert_eq!(document(text).unwrap(), text);
        let encoded = "%7B%22Resource%22%3A%22a%2520b%22%7D";
        assert_eq!(document(encoded).unwrap(), text);
        assert!(document("%ff").is_err());
    }

    #[test]
    fn a_user_without_a_row_is_unknown() {
        let rows = [row("ana", Some(true)), row("odd", None)];
        let report = Part::Read(rows.map(|r| (r.user.clone(), r)).into_iter().collect());
        assert!(matches!(credentials_of(&report, "ana"), Part::Read(c) if c.mfa_active));
        assert!(matches!(credentials_of(&report, "odd"), Part::Gap(_)));
        assert!(matches!(credentials_of(&report, "new"), Part::Gap(_)));
        assert!(credentials_of(&Part::Unread, "ana").is_unread());
    }
}
