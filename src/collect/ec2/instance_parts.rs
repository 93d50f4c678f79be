//! Reads the parts of instances that the list does not contain.

use super::answer::{have, time, time_text, word};
use crate::aws::dynamic::{decode, object};
use crate::aws::error::{gap, required_answer};
use crate::collect::Job;
use crate::collect::secrets;
use crate::kinds::model::Projection;
use crate::model::kinds::ec2::compute::{
    InstanceStatus, LaunchImage, ScheduledEvent, SsmAgent, UserData,
};
use crate::model::{Call, Cause, Gap, Part};
use aws_sdk_ec2::types::{self as sdk, Filter, InstanceAttributeName};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

pub(super) const DESCRIBE_INSTANCE_ATTRIBUTE: Call =
    crate::call!("ec2", "DescribeInstanceAttribute");
pub(super) const DESCRIBE_INSTANCE_STATUS: Call = crate::call!("ec2", "DescribeInstanceStatus");
pub(super) const DESCRIBE_IMAGES: Call = crate::call!(
    "ec2", "DescribeImages",
    only_for: "200 images of ec2.instance"
);
pub(super) const DESCRIBE_INSTANCE_TYPES: Call = crate::call!(
    "ec2", "DescribeInstanceTypes",
    only_for: "200 types of ec2.instance"
);
pub(super) const DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS: Call =
    crate::call!("ec2", "DescribeInstanceCreditSpecifications");
pub(super) const DESCRIBE_INSTANCE_INFORMATION: Call =
    crate::call!("ssm", "DescribeInstanceInformation");

/// Values that one filter may have.
const FILTER_VALUES: usize = 200;

/// Searches an instance's user data for secrets.
pub(super) async fn user_data(job: &Job, id: &str) -> Result<UserData, Gap> {
    let answer = required_answer(
        &DESCRIBE_INSTANCE_ATTRIBUTE,
        job.aws
            .ec2(&job.region)
            .describe_instance_attribute()
            .instance_id(id)
            .attribute(InstanceAttributeName::UserData)
            .send(),
    )
    .await?;
    let encoded = answer.user_data.and_then(|u| u.value).unwrap_or_default();
    if encoded.is_empty() {
        return Ok(UserData {
            present: false,
            secrets: Vec::new(),
        });
    }
    let secrets = secrets::in_user_data(&encoded).map_err(|unreadable| {
        let action = DESCRIBE_INSTANCE_ATTRIBUTE.action;
        Gap::new(action, Cause::Failed, unreadable.to_string())
    })?;
    Ok(UserData {
        present: true,
        secrets,
    })
}

/// Whether an instance is protected from termination.
pub(super) async fn termination_protection(job: &Job, id: &str) -> Result<bool, Gap> {
    let answer = required_answer(
        &DESCRIBE_INSTANCE_ATTRIBUTE,
        job.aws
            .ec2(&job.region)
            .describe_instance_attribute()
            .instance_id(id)
            .attribute(InstanceAttributeName::DisableApiTermination)
            .send(),
    )
    .await?;
    let value = answer.disable_api_termination.and_then(|v| v.value);
    have(
        &DESCRIBE_INSTANCE_ATTRIBUTE,
        value,
        "DisableApiTermination.Value",
    )
}

/// Status of every instance, running or not, by id.
pub(super) async fn statuses(job: &Job) -> Result<BTreeMap<String, InstanceStatus>, Gap> {
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_instance_status()
        .include_all_instances(true)
        .include_managed_resources(true)
        .max_results(1000)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut all = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE_INSTANCE_STATUS, &e))?;
        for status in page.instance_statuses.unwrap_or_default() {
            let id = have(
                &DESCRIBE_INSTANCE_STATUS,
                status.instance_id.clone(),
                "InstanceId",
            )?;
            all.insert(id, instance_status(status));
        }
    }
    Ok(all)
}

fn instance_status(status: sdk::InstanceStatus) -> InstanceStatus {
    let status_of = |summary: Option<sdk::InstanceStatusSummary>, field: &str| -> Part<String> {
        let status = word(summary.and_then(|summary| summary.status));
        have(&DESCRIBE_INSTANCE_STATUS, status, field).into()
    };
    let events = status.events.unwrap_or_default().into_iter().map(event);
    InstanceStatus {
        system_status: status_of(status.system_status, "SystemStatus.Status"),
        instance_status: status_of(status.instance_status, "InstanceStatus.Status"),
        // Absent for instances whose volumes AWS does not check.
        attached_ebs_status: word(status.attached_ebs_status.and_then(|s| s.status)),
        events: events.collect(),
    }
}

fn event(event: sdk::InstanceStatusEvent) -> ScheduledEvent {
    // EC2 marks finished events only in a prefix of the description.
    let finished = event
        .description
        .is_some_and(|d| d.starts_with("[Completed]") || d.starts_with("[Canceled]"));
    ScheduledEvent {
        code: word(event.code),
        finished,
        not_before: time(event.not_before),
        not_after: time(event.not_after),
    }
}

/// Every instance that Systems Manager manages, by id.
pub(super) async fn agents(job: &Job) -> Result<BTreeMap<String, SsmAgent>, Gap> {
    let call = &DESCRIBE_INSTANCE_INFORMATION;
    let keep = Projection::of(Managed::MEMBERS);
    let client = job.aws.modelled("ssm", &job.region);
    let client = client.map_err(|e| gap(call, &e))?;
    let pages = client.pages(call.operation, object([("MaxResults", 50.into())]), &keep);
    let mut pages = pages.map_err(|e| gap(call, &e))?;
    let mut all = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(call, &e))?;
        let page: ManagedPage = decode(call, "InstanceInformationList", page)?;
        for managed in page.instance_information_list {
            let agent = SsmAgent {
                ping_status: managed.ping_status,
                last_ping: managed.last_ping_date_time,
                agent_version: managed.agent_version,
                is_latest_version: managed.is_latest_version,
                platform_type: managed.platform_type,
                platform_name: managed.platform_name,
                platform_version: managed.platform_version,
            };
            all.insert(managed.instance_id, agent);
        }
    }
    Ok(all)
}

/// A page of what Systems Manager says of its machines
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html>).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedPage {
    #[serde(default)]
    instance_information_list: Vec<Managed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Managed {
    instance_id: String,
    ping_status: Option<String>,
    last_ping_date_time: Option<Timestamp>,
    agent_version: Option<String>,
    is_latest_version: Option<bool>,
    platform_type: Option<String>,
    platform_name: Option<String>,
    platform_version: Option<String>,
}

impl Managed {
    /// What is read of a page.
    const MEMBERS: [&str; 8] = [
        "InstanceInformationList.InstanceId",
        "InstanceInformationList.PingStatus",
        "InstanceInformationList.LastPingDateTime",
        "InstanceInformationList.AgentVersion",
        "InstanceInformationList.IsLatestVersion",
        "InstanceInformationList.PlatformType",
        "InstanceInformationList.PlatformName",
        "InstanceInformationList.PlatformVersion",
    ];
}

/// Reads items by the values of a filter, as many values a call as EC2 takes, all calls concurrently.
async fn in_batches<T, F: Future<Output = Result<Vec<T>, Gap>>>(
    values: BTreeSet<String>,
    read: impl Fn(Vec<String>) -> F,
) -> Result<Vec<T>, Gap> {
    let values: Vec<String> = values.into_iter().collect();
    let batches = values.chunks(FILTER_VALUES);
    let reads: Vec<F> = batches.map(|batch| read(batch.to_vec())).collect();
    let items = futures::future::try_join_all(reads).await?;
    Ok(items.into_iter().flatten().collect())
}

/// The images with these ids that exist and are visible to the account, by id.
///
/// Requested by filter: requested by id, one image that no longer exists would fail the whole call.
pub(super) async fn images(
    job: &Job,
    ids: BTreeSet<String>,
) -> Result<BTreeMap<String, LaunchImage>, Gap> {
    let images = in_batches(ids, |ids| images_by_filter(job, ids)).await?;
    let by_id = images.into_iter().map(|image| {
        let id = have(&DESCRIBE_IMAGES, image.image_id, "ImageId")?;
        let launched = LaunchImage {
            creation_date: time_text(image.creation_date.as_deref()),
            deprecation_time: time_text(image.deprecation_time.as_deref()),
            owner_id: image.owner_id,
            owner_alias: image.image_owner_alias,
            public: image.public,
        };
        Ok((id, launched))
    });
    by_id.collect()
}

async fn images_by_filter(job: &Job, ids: Vec<String>) -> Result<Vec<sdk::Image>, Gap> {
    let filter = Filter::builder()
        .name("image-id")
        .set_values(Some(ids))
        .build();
    let images = job
        .aws
        .ec2(&job.region)
        .describe_images()
        .include_deprecated(true)
        .include_disabled(true)
        .filters(filter)
        .max_results(1000)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await;
    images.map_err(|e| gap(&DESCRIBE_IMAGES, &e))
}

/// Which of these types can be recovered when their host fails, by type.
pub(super) async fn recoverable_types(
    job: &Job,
    types: BTreeSet<String>,
) -> Result<BTreeMap<String, bool>, Gap> {
    let types = in_batches(types, |types| types_by_filter(job, types)).await?;
    let by_type = types.into_iter().map(|info| {
        let name = have(&DESCRIBE_INSTANCE_TYPES, info.instance_type, "InstanceType")?;
        let supported = have(
            &DESCRIBE_INSTANCE_TYPES,
            info.auto_recovery_supported,
            "AutoRecoverySupported",
        )?;
        Ok((name.as_str().to_owned(), supported))
    });
    by_type.collect()
}

async fn types_by_filter(job: &Job, types: Vec<String>) -> Result<Vec<sdk::InstanceTypeInfo>, Gap> {
    let filter = Filter::builder()
        .name("instance-type")
        .set_values(Some(types))
        .build();
    let types = job
        .aws
        .ec2(&job.region)
        .describe_instance_types()
        .filters(filter)
        .max_results(100)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await;
    types.map_err(|e| gap(&DESCRIBE_INSTANCE_TYPES, &e))
}

/// The credit option of every instance that is, or was, `unlimited`, by id. EC2 lists only these if
/// no ids are given.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceCreditSpecifications.html>
pub(super) async fn unlimited_instances(job: &Job) -> Result<BTreeMap<String, String>, Gap> {
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_instance_credit_specifications()
        .max_results(1000)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let call = &DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS;
    let mut all = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(call, &e))?;
        for item in page.instance_credit_specifications.unwrap_or_default() {
            let id = have(call, item.instance_id, "InstanceId")?;
            all.insert(id, have(call, item.cpu_credits, "CpuCredits")?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_that_is_absent_is_not_healthy() {
        let ok = sdk::InstanceStatusSummary::builder()
            .status(sdk::SummaryStatus::Ok)
            .build();
        let sdk = sdk::InstanceStatus::builder().system_status(ok).build();
        let status = instance_status(sdk);
        assert_eq!(status.system_status, Part::Read("ok".to_owned()));
        assert!(matches!(status.instance_status, Part::Gap(_)));
        assert_eq!(status.attached_ebs_status, None);
    }

    #[test]
    fn finished_events_are_told_by_their_description() {
        let with = |description: &str| {
            let sdk = sdk::InstanceStatusEvent::builder();
            event(sdk.description(description).build()).finished
        };
        assert!(with("[Completed] The instance is on degraded hardware"));
        assert!(with("[Canceled] Scheduled reboot"));
        assert!(!with("The instance is running on degraded hardware"));
    }
}
