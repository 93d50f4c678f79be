//! Users, their access keys and their groups.

use super::answer::{DETAILS, attached, boundary, details, inline, required, tags, time};
use crate::aws::error::gap;
use crate::collect::Job;
use crate::collect::credential_report::{self, Row};
use crate::model::kinds::iam::{AccessKey, Credentials, Group, User};
use crate::model::{Cause, Gap, Part, Tags};
use aws_sdk_iam::types::EntityType;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) async fn read_users(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = details(&job, EntityType::User).send();
    // The report takes some seconds; the first page does not wait for it.
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
                escalation: Part::Unread,
                takeover: Part::Unread,
                full_services: Part::Unread,
                unbounded_actions: Part::Unread,
            };
            let tags = Part::Read(tags(detail.tags));
            job.emit(job.resource(&name, detail.arn, tags), &user).await;
        }
        page = pages.next().await;
    }
    Ok(())
}

async fn credentials_by_user(job: &Job) -> Result<HashMap<&str, &Row>, Gap> {
    let rows = job
        .credential_report
        .rows(&job.aws.iam(&job.region))
        .await?
        .iter();
    Ok(rows.map(|row| (row.user.as_str(), row)).collect())
}

/// A user's credentials; a gap for a user that is not yet in the report.
fn credentials_of(report: &Part<HashMap<&str, &Row>>, user: &str) -> Part<Credentials> {
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

pub(super) async fn read_access_keys(job: Arc<Job>) -> Result<(), Gap> {
    // The root user's keys belong to the document of the account.
    let rows = job
        .credential_report
        .rows(&job.aws.iam(&job.region))
        .await?;
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

pub(super) async fn read_groups(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = details(&job, EntityType::Group).send();
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
                escalation: Part::Unread,
                full_services: Part::Unread,
                unbounded_actions: Part::Unread,
            };
            // IAM has no tags for groups.
            let tags = Part::Read(Tags::new());
            job.emit(job.resource(&name, detail.arn, tags), &group)
                .await;
        }
    }
    Ok(())
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
    fn a_user_without_a_row_is_unknown() {
        let rows = [row("ana", Some(true)), row("odd", None)];
        let report = Part::Read(rows.iter().map(|row| (row.user.as_str(), row)).collect());
        assert!(matches!(credentials_of(&report, "ana"), Part::Read(c) if c.mfa_active));
        assert!(matches!(credentials_of(&report, "odd"), Part::Gap(_)));
        assert!(matches!(credentials_of(&report, "new"), Part::Gap(_)));
        assert!(credentials_of(&Part::Unread, "ana").is_unread());
    }
}
