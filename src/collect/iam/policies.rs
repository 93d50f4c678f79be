//! Managed policies, those of the account and those of AWS.

use super::answer::{DETAILS, PAGE, POLICY_TAGS, details, document, required, time};
use crate::aws::error::gap;
use crate::collect::Job;
use crate::model::kinds::iam::{AwsManagedPolicy, Policy};
use crate::model::{Gap, Part, Tags};
use aws_sdk_iam::types as sdk;
use aws_smithy_types::DateTime;
use futures::StreamExt;
use jiff::Timestamp;
use std::pin::pin;
use std::sync::Arc;

pub(super) async fn read_policies(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = details(&job, sdk::EntityType::LocalManagedPolicy).send();
    while let Some(answer) = pages.next().await {
        let answer = answer.map_err(|e| gap(&DETAILS, &e))?;
        let policies = answer.policies.unwrap_or_default();
        let tasks = policies.into_iter().map(|detail| emit_policy(&job, detail));
        let mut emitted = pin!(job.limits.run(1, tasks));
        while let Some(result) = emitted.next().await {
            result?;
        }
    }
    Ok(())
}

async fn emit_policy(job: &Job, detail: sdk::ManagedPolicyDetail) -> Result<(), Gap> {
    let arn = required(detail.arn, "Arn")?;
    let name = name(detail.policy_name, &arn)?;
    let versions = required(detail.policy_version_list, "PolicyVersionList")?;
    let version_count = versions.len();
    let policy = Policy {
        path: required(detail.path, "Path")?,
        create_date: time(detail.create_date.as_ref(), "CreateDate")?,
        update_date: updated(detail.update_date.as_ref())?,
        default_version_id: required(detail.default_version_id, "DefaultVersionId")?,
        version_count: i64::try_from(version_count).unwrap_or(i64::MAX),
        attachment_count: required(detail.attachment_count, "AttachmentCount")?.into(),
        permissions_boundary_usage_count: detail.permissions_boundary_usage_count.map(i64::from),
        is_attachable: detail.is_attachable,
        document: in_force(versions)?,
        access: Part::Unread,
        escalation: Part::Unread,
        takeover: Part::Unread,
        full_services: Part::Unread,
        unbounded_actions: Part::Unread,
    };
    let tags = job.part("tags", policy_tags(job, &arn)).await;
    job.emit(job.resource(&name, Some(arn), tags), &policy)
        .await;
    Ok(())
}

/// The name, which is the end of the ARN; an emulator may leave out the field itself.
fn name(name: Option<String>, arn: &str) -> Result<String, Gap> {
    let name = name.or_else(|| arn.rsplit('/').next().map(ToOwned::to_owned));
    required(name, "PolicyName")
}

fn updated(date: Option<&DateTime>) -> Result<Option<Timestamp>, Gap> {
    date.map(|date| time(Some(date), "UpdateDate")).transpose()
}

/// The text of the version in force.
fn in_force(versions: Vec<sdk::PolicyVersion>) -> Result<String, Gap> {
    let current = versions.into_iter().find(|v| v.is_default_version);
    let current = required(current, "PolicyVersionList")?;
    document(&required(current.document, "Document")?)
}

/// Reads the policies of AWS that something in the account uses: AWS leaves the others out.
pub(super) async fn read_aws_managed(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = details(&job, sdk::EntityType::AwsManagedPolicy).send();
    while let Some(answer) = pages.next().await {
        let answer = answer.map_err(|e| gap(&DETAILS, &e))?;
        for detail in answer.policies.unwrap_or_default() {
            let arn = required(detail.arn, "Arn")?;
            let name = name(detail.policy_name, &arn)?;
            let versions = required(detail.policy_version_list, "PolicyVersionList")?;
            let policy = AwsManagedPolicy {
                update_date: updated(detail.update_date.as_ref())?,
                default_version_id: required(detail.default_version_id, "DefaultVersionId")?,
                attachment_count: detail.attachment_count.map(i64::from),
                document: in_force(versions)?,
            };
            // Nobody in the account can tag them.
            let tags = Part::Read(Tags::new());
            job.emit(job.resource(&name, Some(arn), tags), &policy)
                .await;
        }
    }
    Ok(())
}

async fn policy_tags(job: &Job, arn: &str) -> Result<Tags, Gap> {
    let mut found = job
        .aws
        .iam(&job.region)
        .list_policy_tags()
        .policy_arn(arn)
        .into_paginator()
        .stop_on_duplicate_token(false)
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
