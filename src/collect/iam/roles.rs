//! Roles.

use super::answer::{
    DETAILS, LIST_ROLES, PAGE, attached, boundary, details, document, inline, required, tags, time,
};
use crate::aws::error::gap;
use crate::collect::Job;
use crate::model::kinds::iam::Role;
use crate::model::{Cause, Gap, Part};
use aws_sdk_iam::types as sdk;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) async fn read_roles(job: Arc<Job>) -> Result<(), Gap> {
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
        escalation: Part::Unread,
        takeover: Part::Unread,
        full_services: Part::Unread,
        unbounded_actions: Part::Unread,
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
        .stop_on_duplicate_token(false)
        .page_size(PAGE)
        .items()
        .send();
    let mut durations = HashMap::new();
    while let Some(role) = roles.next().await {
        let role = role.map_err(|e| gap(&LIST_ROLES, &e))?;
        // A role without a duration in the answer stays unknown.
        if let Some(seconds) = role.max_session_duration {
            durations.insert(role.role_name, i64::from(seconds));
        }
    }
    Ok(durations)
}
