//! Reads volumes.

use super::answer::{have, share, tags, time, word};
use super::selected_metrics::{self, DAYS};
use crate::aws::error::gap;
use crate::collect::Job;
use crate::collect::compact_list::CompactList;
use crate::collect::metrics::{GET_METRIC_DATA, Query, Stat};
use crate::model::kinds::ec2::compute::{Attachment, Operations, Volume, VolumeStatus};
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument,
};
use aws_sdk_ec2::types as sdk;
use std::collections::BTreeMap;
use std::sync::Arc;

const DESCRIBE_VOLUMES: Call = crate::call!("ec2", "DescribeVolumes");
const DESCRIBE_VOLUME_STATUS: Call = crate::call!("ec2", "DescribeVolumeStatus");

/// What this module reads.
pub(super) const KIND: Kind = Kind {
    name: Volume::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_VOLUMES],
    parts: &[
        PartSpec {
            name: "status",
            calls: &[&DESCRIBE_VOLUME_STATUS],
            per: Per::Kind,
        },
        PartSpec {
            name: "operations",
            calls: &[&GET_METRIC_DATA],
            per: Per::Metrics(2),
        },
        PartSpec {
            name: "newest_snapshot",
            calls: &[],
            per: Per::Derived,
        },
        PartSpec {
            name: "instances",
            calls: &[],
            per: Per::Derived,
        },
    ],
    definition: Definition::Typed(Volume::schema),
};

/// Reads every volume. Resources found before a failing page are emitted too.
pub(super) async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut found = CompactList::default();
    let (listed, status) =
        futures::join!(list(&job, &mut found), job.part("status", statuses(&job)),);
    let operations = operations(&job, &found).await;
    for ((resource, mut own), operations) in found.iter().zip(operations) {
        own.status = share(&DESCRIBE_VOLUME_STATUS, &status, &resource.id);
        own.operations = operations;
        job.emit(resource, &own).await;
    }
    listed
}

async fn list(job: &Job, found: &mut CompactList<Volume>) -> Result<(), Gap> {
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_volumes()
        // Some accounts hide the volumes that AWS services run for them.
        .include_managed_resources(true)
        .max_results(500)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE_VOLUMES, &e))?;
        for volume in page.volumes.unwrap_or_default() {
            found.push(document(job, volume)?);
        }
    }
    Ok(())
}

fn document(job: &Job, v: sdk::Volume) -> Result<(Resource, Volume), Gap> {
    let call = &DESCRIBE_VOLUMES;
    let id = have(call, v.volume_id, "VolumeId")?;
    let arn = job.arn("ec2", &format!("volume/{id}"));
    let resource = job.resource(&id, Some(arn), tags(v.tags));
    let attachments = v.attachments.unwrap_or_default().into_iter();
    let own = Volume {
        state: have(call, v.state, "State")?.as_str().to_owned(),
        size_gib: have(call, v.size, "Size")?.into(),
        volume_type: have(call, v.volume_type, "VolumeType")?.as_str().to_owned(),
        iops: v.iops.map(i64::from),
        throughput: v.throughput.map(i64::from),
        encrypted: have(call, v.encrypted, "Encrypted")?,
        kms_key_id: v.kms_key_id.filter(|k| !k.is_empty()),
        create_time: time(v.create_time),
        attachments: attachments.map(attachment).collect(),
        availability_zone: v.availability_zone,
        snapshot_id: v.snapshot_id.filter(|s| !s.is_empty()),
        multi_attach_enabled: v.multi_attach_enabled,
        // Absent for a volume that no AWS service manages.
        managed_by_aws: v.operator.and_then(|o| o.managed).unwrap_or(false),
        status: Part::Unread,
        operations: Part::Unread,
        newest_snapshot: Part::Unread,
        instances: Part::Unread,
    };
    Ok((resource, own))
}

fn attachment(attachment: sdk::VolumeAttachment) -> Attachment {
    Attachment {
        instance_id: attachment.instance_id,
        device: attachment.device,
        delete_on_termination: attachment.delete_on_termination,
        state: word(attachment.state),
    }
}

/// Status of every volume, by id.
async fn statuses(job: &Job) -> Result<BTreeMap<String, VolumeStatus>, Gap> {
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_volume_status()
        .include_managed_resources(true)
        .max_results(1000)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut all = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE_VOLUME_STATUS, &e))?;
        for item in page.volume_statuses.unwrap_or_default() {
            let id = have(&DESCRIBE_VOLUME_STATUS, item.volume_id, "VolumeId")?;
            all.insert(id, volume_status(item.volume_status));
        }
    }
    Ok(all)
}

/// A volume whose status AWS does not tell is neither healthy nor impaired.
fn volume_status(info: Option<sdk::VolumeStatusInfo>) -> VolumeStatus {
    let status = word(info.and_then(|info| info.status));
    VolumeStatus {
        status: have(&DESCRIBE_VOLUME_STATUS, status, "VolumeStatus.Status").into(),
    }
}

/// Reads and writes of every volume, in order. A volume has metrics only while it is attached.
async fn operations(job: &Job, found: &CompactList<Volume>) -> Vec<Part<Operations>> {
    let attached = |own: &Volume| own.state == "in-use";
    let all: Vec<Option<String>> = found
        .iter()
        .map(|(resource, own)| attached(&own).then_some(resource.id))
        .collect();
    let queries = |id: &str| {
        ["VolumeReadOps", "VolumeWriteOps"]
            .map(|metric| Query::hourly("AWS/EBS", metric, Stat::Sum, DAYS).of("VolumeId", id))
    };
    let metrics = selected_metrics::read(job, "operations", &all, queries).await;
    let operations = metrics.into_iter().map(|metrics| match metrics {
        Part::Unread => Part::Unread,
        Part::Gap(gap) => Part::Gap(gap),
        Part::Read([read, write]) => Part::Read(Operations { read, write }),
    });
    operations.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_without_a_status_is_not_healthy() {
        let healthy = sdk::VolumeStatusInfo::builder()
            .status(sdk::VolumeStatusInfoStatus::Ok)
            .build();
        assert_eq!(
            volume_status(Some(healthy)).status,
            Part::Read("ok".to_owned())
        );
        let without = sdk::VolumeStatusInfo::builder().build();
        for info in [Some(without), None] {
            assert!(matches!(volume_status(info).status, Part::Gap(_)));
        }
    }
}
