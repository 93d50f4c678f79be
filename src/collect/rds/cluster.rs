//! Reads database clusters.

use super::answer::{PAGE, always, encryption, security_groups, tags, time};
use super::instance::actions_of;
use super::maintenance::{self, PENDING};
use crate::aws::error::gap;
use crate::call;
use crate::collect::{Collector, Job};
use crate::model::kinds::rds::{Cluster, ClusterMember};
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument,
};
use aws_sdk_rds::types::DbCluster;
use std::sync::Arc;

const LIST: Call = call!("rds", "DescribeDBClusters");

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

static KIND: Kind = Kind {
    name: Cluster::KIND,
    scope: Scope::Region,
    list: &[&LIST],
    parts: &[
        PartSpec {
            name: "pending_maintenance",
            calls: &[&PENDING],
            per: Per::Kind,
        },
        PartSpec {
            name: "member_classes",
            calls: &[],
            per: Per::Derived,
        },
    ],
    definition: Definition::Typed(Cluster::schema),
};

async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let pending = job
        .part("pending_maintenance", maintenance::pending(&job))
        .await;
    let mut pages = job
        .aws
        .rds(&job.region)
        .describe_db_clusters()
        .max_records(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut end = Ok(());
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| gap(&LIST, &error))?;
        for cluster in page.db_clusters.unwrap_or_default() {
            match document(&job, cluster) {
                Ok((resource, mut cluster)) => {
                    cluster.pending_maintenance = actions_of(&pending, resource.arn.as_deref());
                    job.emit(resource, &cluster).await;
                }
                Err(malformed) => end = Err(malformed),
            }
        }
    }
    end
}

fn document(job: &Job, db: DbCluster) -> Result<(Resource, Cluster), Gap> {
    let action = LIST.action;
    let id = always(db.db_cluster_identifier, action, "DBClusterIdentifier")?;
    let resource = job.resource(&id, db.db_cluster_arn, Part::Read(tags(db.tag_list)));
    let members = db.db_cluster_members.unwrap_or_default().into_iter();
    let cluster = Cluster {
        status: always(db.status, action, "Status")?,
        engine: always(db.engine, action, "Engine")?,
        engine_version: always(db.engine_version, action, "EngineVersion")?,
        engine_mode: db.engine_mode,
        engine_lifecycle_support: db.engine_lifecycle_support,
        cluster_create_time: time(db.cluster_create_time),
        port: db.port.map(i64::from),
        multi_az: always(db.multi_az, action, "MultiAZ")?,
        availability_zones: db.availability_zones.unwrap_or_default(),
        members: members
            .filter_map(|member| {
                Some(ClusterMember {
                    db_instance_identifier: member.db_instance_identifier?,
                    is_cluster_writer: member.is_cluster_writer,
                })
            })
            .collect(),
        vpc_security_group_ids: security_groups(db.vpc_security_groups),
        db_subnet_group: db.db_subnet_group,
        storage_encrypted: always(db.storage_encrypted, action, "StorageEncrypted")?,
        storage_encryption_type: encryption(db.storage_encryption_type.as_ref()),
        kms_key_id: db.kms_key_id,
        storage_type: db.storage_type,
        backup_retention_period: always(
            db.backup_retention_period,
            action,
            "BackupRetentionPeriod",
        )?
        .into(),
        backtrack_window: db.backtrack_window,
        deletion_protection: always(db.deletion_protection, action, "DeletionProtection")?,
        auto_minor_version_upgrade: db.auto_minor_version_upgrade,
        copy_tags_to_snapshot: db.copy_tags_to_snapshot,
        iam_database_authentication_enabled: db.iam_database_authentication_enabled,
        master_username: db.master_username,
        master_user_secret_arn: db.master_user_secret.and_then(|secret| secret.secret_arn),
        enabled_cloudwatch_logs_exports: db.enabled_cloudwatch_logs_exports.unwrap_or_default(),
        http_endpoint_enabled: db.http_endpoint_enabled,
        replication_source_identifier: db.replication_source_identifier.filter(|s| !s.is_empty()),
        global_cluster_identifier: db.global_cluster_identifier,
        db_cluster_parameter_group: db.db_cluster_parameter_group,
        pending_maintenance: Part::Unread,
        member_classes: Part::Unread,
    };
    Ok((resource, cluster))
}
