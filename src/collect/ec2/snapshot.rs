//! Reads the account's own snapshots.

use super::answer::{have, tags, time, word};
use crate::aws::error::{gap, required_answer};
use crate::collect::Job;
use crate::collect::compact_list::CompactList;
use crate::model::kinds::ec2::compute::Snapshot;
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument,
};
use aws_sdk_ec2::types::{
    self as sdk, FastSnapshotRestoreStateCode, Filter, PermissionGroup, SnapshotAttributeName,
};
use futures::TryStreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const DESCRIBE_SNAPSHOTS: Call = crate::call!("ec2", "DescribeSnapshots");
const DESCRIBE_SNAPSHOT_ATTRIBUTE: Call = crate::call!(
    "ec2", "DescribeSnapshotAttribute",
    only_for: "each ec2.snapshot listed as public"
);
const DESCRIBE_FAST_SNAPSHOT_RESTORES: Call = crate::call!("ec2", "DescribeFastSnapshotRestores");

/// What this module reads.
pub(super) const KIND: Kind = Kind {
    name: Snapshot::KIND,
    scope: Scope::Region,
    list: &[&DESCRIBE_SNAPSHOTS],
    parts: &[
        PartSpec {
            name: "public",
            calls: &[&DESCRIBE_SNAPSHOTS, &DESCRIBE_SNAPSHOT_ATTRIBUTE],
            per: Per::Kind,
        },
        PartSpec {
            name: "fast_restore_zones",
            calls: &[&DESCRIBE_FAST_SNAPSHOT_RESTORES],
            per: Per::Kind,
        },
        PartSpec {
            name: "volume_exists",
            calls: &[],
            per: Per::Derived,
        },
        PartSpec {
            name: "used_by_image",
            calls: &[],
            per: Per::Derived,
        },
    ],
    definition: Definition::Typed(Snapshot::schema),
};

/// The volume id that copies of snapshots carry: that of no volume.
const COPIED: &str = "vol-ffffffff";

/// Reads every snapshot that the account owns. Resources found before a failing page are emitted
/// too.
pub(super) async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let mut found = CompactList::default();
    let (listed, public, zones) = futures::join!(
        list(&job, &mut found),
        job.part("public", public(&job)),
        job.part("fast_restore_zones", fast_restore_zones(&job)),
    );
    for (resource, mut own) in found.iter() {
        // Both answers list only the snapshots that they are about.
        own.public = match &public {
            Part::Unread => Part::Unread,
            Part::Gap(gap) => Part::Gap(gap.clone()),
            Part::Read(ids) => Part::Read(ids.contains(&resource.id)),
        };
        own.fast_restore_zones = match &zones {
            Part::Unread => Part::Unread,
            Part::Gap(gap) => Part::Gap(gap.clone()),
            Part::Read(zones) => Part::Read(zones.get(&resource.id).cloned().unwrap_or_default()),
        };
        job.emit(resource, &own).await;
    }
    listed
}

async fn list(job: &Job, found: &mut CompactList<Snapshot>) -> Result<(), Gap> {
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_snapshots()
        .owner_ids("self")
        .max_results(1000)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE_SNAPSHOTS, &e))?;
        for snapshot in page.snapshots.unwrap_or_default() {
            if is_own(job, &snapshot) {
                found.push(document(job, snapshot)?);
            }
        }
    }
    Ok(())
}

/// Emulators ignore the requested owner and list the snapshots behind AWS's own images.
fn is_own(job: &Job, snapshot: &sdk::Snapshot) -> bool {
    let owner = snapshot.owner_id.as_deref();
    owner.is_none_or(|owner| owner == job.account)
}

fn document(job: &Job, s: sdk::Snapshot) -> Result<(Resource, Snapshot), Gap> {
    let call = &DESCRIBE_SNAPSHOTS;
    let id = have(call, s.snapshot_id, "SnapshotId")?;
    // Snapshots' ARNs of EC2 have no account in them.
    let arn = format!("arn:{}:ec2:{}::snapshot/{id}", job.partition, job.region);
    let resource = job.resource(&id, Some(arn), tags(s.tags));
    let own = Snapshot {
        state: have(call, s.state, "State")?.as_str().to_owned(),
        start_time: time(s.start_time),
        volume_id: s.volume_id.filter(|v| !v.is_empty() && v != COPIED),
        volume_size_gib: have(call, s.volume_size, "VolumeSize")?.into(),
        // Zero stands for not known.
        full_snapshot_size_bytes: s.full_snapshot_size_in_bytes.filter(|bytes| *bytes > 0),
        encrypted: have(call, s.encrypted, "Encrypted")?,
        kms_key_id: s.kms_key_id.filter(|k| !k.is_empty()),
        storage_tier: word(s.storage_tier),
        public: Part::Unread,
        fast_restore_zones: Part::Unread,
        volume_exists: Part::Unread,
        used_by_image: Part::Unread,
    };
    Ok((resource, own))
}

/// Ids of the snapshots that everyone may restore.
///
/// One filtered call finds them. Each is then confirmed by its own permissions, because a server
/// that ignores the filter would make every snapshot public.
async fn public(job: &Job) -> Result<BTreeSet<String>, Gap> {
    let client = job.aws.ec2(&job.region);
    let mut pages = client
        .describe_snapshots()
        .owner_ids("self")
        .restorable_by_user_ids("all")
        .max_results(1000)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut candidates = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE_SNAPSHOTS, &e))?;
        for snapshot in page.snapshots.unwrap_or_default() {
            if is_own(job, &snapshot) {
                candidates.push(have(
                    &DESCRIBE_SNAPSHOTS,
                    snapshot.snapshot_id,
                    "SnapshotId",
                )?);
            }
        }
    }
    let tasks = candidates.into_iter().map(|id| {
        let client = &client;
        async move { Ok(everyone_may_restore(client, &id).await?.then_some(id)) }
    });
    let confirmed = job
        .limits
        .run(1, tasks)
        .try_filter_map(|id| async move { Ok(id) });
    confirmed.try_collect().await
}

async fn everyone_may_restore(client: &aws_sdk_ec2::Client, id: &str) -> Result<bool, Gap> {
    let answer = required_answer(
        &DESCRIBE_SNAPSHOT_ATTRIBUTE,
        client
            .describe_snapshot_attribute()
            .snapshot_id(id)
            .attribute(SnapshotAttributeName::CreateVolumePermission)
            .send(),
    )
    .await?;
    let permissions = answer.create_volume_permissions.unwrap_or_default();
    Ok(permissions
        .iter()
        .any(|p| p.group == Some(PermissionGroup::All)))
}

/// Availability Zones in which fast restore costs money, by snapshot.
async fn fast_restore_zones(job: &Job) -> Result<BTreeMap<String, Vec<String>>, Gap> {
    let own = Filter::builder()
        .name("owner-id")
        .values(&job.account)
        .build();
    let mut pages = job
        .aws
        .ec2(&job.region)
        .describe_fast_snapshot_restores()
        .filters(own)
        .max_results(200)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| gap(&DESCRIBE_FAST_SNAPSHOT_RESTORES, &e))?;
        for item in page.fast_snapshot_restores.unwrap_or_default() {
            let state = have(&DESCRIBE_FAST_SNAPSHOT_RESTORES, item.state, "State")?;
            if state == FastSnapshotRestoreStateCode::Disabled {
                continue;
            }
            let id = have(
                &DESCRIBE_FAST_SNAPSHOT_RESTORES,
                item.snapshot_id,
                "SnapshotId",
            )?;
            let zone = have(
                &DESCRIBE_FAST_SNAPSHOT_RESTORES,
                item.availability_zone,
                "AvailabilityZone",
            )?;
            all.entry(id).or_default().push(zone);
        }
    }
    for zones in all.values_mut() {
        zones.sort();
    }
    Ok(all)
}
