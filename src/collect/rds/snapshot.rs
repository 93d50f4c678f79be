//! Reads snapshots of instances and of clusters.

use super::answer::{PAGE, always, encryption, tags, time};
use crate::aws::error::{gap, optional_answer};
use crate::call;
use crate::collect::{Collector, Job};
use crate::model::kinds::rds::{ClusterSnapshot, Sharing, Snapshot};
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument,
};
use aws_sdk_rds::types::{DbClusterSnapshot, DbSnapshot};
use futures::StreamExt;
use std::sync::Arc;

const LIST: Call = call!("rds", "DescribeDBSnapshots");
const LIST_CLUSTER: Call = call!("rds", "DescribeDBClusterSnapshots");
const ATTRIBUTES: Call = call!(
    "rds",
    "DescribeDBSnapshotAttributes",
    absent: ["DBSnapshotNotFound", "DBSnapshotNotFoundFault"]
);
const CLUSTER_ATTRIBUTES: Call = call!(
    "rds",
    "DescribeDBClusterSnapshotAttributes",
    absent: ["DBClusterSnapshotNotFoundFault", "DBClusterSnapshotNotFound"]
);

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

pub(super) const CLUSTER_COLLECTOR: Collector = Collector {
    kind: &CLUSTER_KIND,
    read: |job| Box::pin(read_cluster(job)),
};

static KIND: Kind = Kind {
    name: Snapshot::KIND,
    scope: Scope::Region,
    list: &[&LIST],
    parts: &[PartSpec {
        name: "shared",
        calls: &[&ATTRIBUTES],
        per: Per::Resource,
    }],
    definition: Definition::Typed(Snapshot::schema),
};

static CLUSTER_KIND: Kind = Kind {
    name: ClusterSnapshot::KIND,
    scope: Scope::Region,
    list: &[&LIST_CLUSTER],
    parts: &[PartSpec {
        name: "shared",
        calls: &[&CLUSTER_ATTRIBUTES],
        per: Per::Resource,
    }],
    definition: Definition::Typed(ClusterSnapshot::schema),
};

/// The value of a `restore` attribute that stands for everyone.
const EVERYONE: &str = "all";

/// The accounts in the `restore` attribute of a snapshot. A snapshot that was deleted since it was
/// listed has none.
fn sharing(attributes: impl IntoIterator<Item = (Option<String>, Option<Vec<String>>)>) -> Sharing {
    let restore = attributes
        .into_iter()
        .filter(|(name, _)| name.as_deref() == Some("restore"));
    let (everyone, accounts): (Vec<_>, Vec<_>) = restore
        .flat_map(|(_, values)| values.unwrap_or_default())
        .partition(|value| value == EVERYONE);
    Sharing {
        public: !everyone.is_empty(),
        accounts,
    }
}

/// Only manual snapshots can be shared; for others the answer needs no call.
fn can_be_shared(snapshot_type: &str) -> bool {
    snapshot_type == "manual"
}

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    // Without a type AWS lists the account's own snapshots only: shared and public ones of others
    // are left out.
    let mut pages = job
        .aws
        .rds(&job.region)
        .describe_db_snapshots()
        .max_records(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut end = Ok(());
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| gap(&LIST, &error))?;
        let documents = page.db_snapshots.unwrap_or_default().into_iter();
        let (good, bad): (Vec<_>, Vec<_>) = documents
            .map(|snapshot| document(&job, snapshot))
            .partition(Result::is_ok);
        end = bad.into_iter().find_map(Result::err).map_or(end, Err);
        let tasks = good.into_iter().flatten().map(|(resource, mut snapshot)| {
            let job = &job;
            async move {
                let read = shared(job, &resource.id, &snapshot.snapshot_type);
                // On the heap: the request's state is large, and many are held at once.
                snapshot.shared = Box::pin(job.part("shared", read)).await;
                job.emit(resource, &snapshot).await;
            }
        });
        job.limits.run(1, tasks).collect::<()>().await;
    }
    end
}

async fn shared(job: &Job, id: &str, snapshot_type: &str) -> Result<Sharing, Gap> {
    if !can_be_shared(snapshot_type) {
        return Ok(sharing([]));
    }
    let request = job
        .aws
        .rds(&job.region)
        .describe_db_snapshot_attributes()
        .db_snapshot_identifier(id)
        .send();
    let answer = optional_answer(&ATTRIBUTES, request).await?;
    let attributes = match answer {
        None => Vec::new(),
        Some(answer) => always(
            answer.db_snapshot_attributes_result,
            ATTRIBUTES.action,
            "DBSnapshotAttributesResult",
        )?
        .db_snapshot_attributes
        .unwrap_or_default(),
    };
    let pairs = attributes.into_iter();
    Ok(sharing(
        pairs.map(|a| (a.attribute_name, a.attribute_values)),
    ))
}

fn document(job: &Job, snapshot: DbSnapshot) -> Result<(Resource, Snapshot), Gap> {
    let action = LIST.action;
    let id = always(
        snapshot.db_snapshot_identifier,
        action,
        "DBSnapshotIdentifier",
    )?;
    let tags = Part::Read(tags(snapshot.tag_list));
    let resource = job.resource(&id, snapshot.db_snapshot_arn, tags);
    let document = Snapshot {
        snapshot_type: always(snapshot.snapshot_type, action, "SnapshotType")?,
        status: snapshot.status,
        db_instance_identifier: snapshot.db_instance_identifier,
        snapshot_create_time: time(snapshot.snapshot_create_time),
        engine: snapshot.engine,
        allocated_storage: snapshot.allocated_storage.map(i64::from),
        encrypted: snapshot.encrypted,
        storage_encryption_type: encryption(snapshot.storage_encryption_type.as_ref()),
        kms_key_id: snapshot.kms_key_id,
        shared: Part::Unread,
    };
    Ok((resource, document))
}

async fn read_cluster(job: Arc<Job>) -> Result<(), Gap> {
    let mut pages = job
        .aws
        .rds(&job.region)
        .describe_db_cluster_snapshots()
        .max_records(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut end = Ok(());
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| gap(&LIST_CLUSTER, &error))?;
        let documents = page.db_cluster_snapshots.unwrap_or_default().into_iter();
        let (good, bad): (Vec<_>, Vec<_>) = documents
            .map(|snapshot| cluster_document(&job, snapshot))
            .partition(Result::is_ok);
        end = bad.into_iter().find_map(Result::err).map_or(end, Err);
        let tasks = good.into_iter().flatten().map(|(resource, mut snapshot)| {
            let job = &job;
            async move {
                let read = cluster_shared(job, &resource.id, &snapshot.snapshot_type);
                // On the heap: the request's state is large, and many are held at once.
                snapshot.shared = Box::pin(job.part("shared", read)).await;
                job.emit(resource, &snapshot).await;
            }
        });
        job.limits.run(1, tasks).collect::<()>().await;
    }
    end
}

async fn cluster_shared(job: &Job, id: &str, snapshot_type: &str) -> Result<Sharing, Gap> {
    if !can_be_shared(snapshot_type) {
        return Ok(sharing([]));
    }
    let request = job
        .aws
        .rds(&job.region)
        .describe_db_cluster_snapshot_attributes()
        .db_cluster_snapshot_identifier(id)
        .send();
    let answer = optional_answer(&CLUSTER_ATTRIBUTES, request).await?;
    let attributes = match answer {
        None => Vec::new(),
        Some(answer) => {
            let result = answer.db_cluster_snapshot_attributes_result;
            always(
                result,
                CLUSTER_ATTRIBUTES.action,
                "DBClusterSnapshotAttributesResult",
            )?
            .db_cluster_snapshot_attributes
            .unwrap_or_default()
        }
    };
    let pairs = attributes.into_iter();
    Ok(sharing(
        pairs.map(|a| (a.attribute_name, a.attribute_values)),
    ))
}

fn cluster_document(
    job: &Job,
    snapshot: DbClusterSnapshot,
) -> Result<(Resource, ClusterSnapshot), Gap> {
    let action = LIST_CLUSTER.action;
    let id = always(
        snapshot.db_cluster_snapshot_identifier,
        action,
        "DBClusterSnapshotIdentifier",
    )?;
    let tags = Part::Read(tags(snapshot.tag_list));
    let resource = job.resource(&id, snapshot.db_cluster_snapshot_arn, tags);
    let document = ClusterSnapshot {
        snapshot_type: always(snapshot.snapshot_type, action, "SnapshotType")?,
        status: snapshot.status,
        db_cluster_identifier: snapshot.db_cluster_identifier,
        snapshot_create_time: time(snapshot.snapshot_create_time),
        engine: snapshot.engine,
        allocated_storage: snapshot.allocated_storage.map(i64::from),
        storage_encrypted: snapshot.storage_encrypted,
        storage_encryption_type: encryption(snapshot.storage_encryption_type.as_ref()),
        kms_key_id: snapshot.kms_key_id,
        shared: Part::Unread,
    };
    Ok((resource, document))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restore(values: &[&str]) -> Sharing {
        let values = values.iter().map(|v| (*v).to_owned()).collect();
        sharing([(Some("restore".to_owned()), Some(values))])
    }

    #[test]
    fn all_means_every_account() {
        let both = restore(&["111122223333", "all"]);
        assert!(both.public);
        assert_eq!(both.accounts, ["111122223333"]);
        assert!(!restore(&["111122223333"]).public);
        assert!(!restore(&[]).public);
    }

    #[test]
    fn only_the_restore_attribute_shares() {
        let other = sharing([(Some("other".to_owned()), Some(vec!["all".to_owned()]))]);
        assert!(!other.public);
    }
}
