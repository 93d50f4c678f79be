//! Reads database instances.

use super::answer::{PAGE, always, encryption, security_groups, tags, time};
use super::class;
use super::maintenance::{self, Lifecycles, MAJOR_VERSIONS, PENDING};
use crate::aws::error::gap;
use crate::call;
use crate::collect::metrics::{self, GET_METRIC_DATA, Query, Stat};
use crate::collect::{Collector, Job};
use crate::model::kinds::metric::Metric;
use crate::model::kinds::rds::{
    CertificateDetails, Cpu, GroupSubnet, Instance, MaintenanceAction, SubnetGroup,
};
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, TypedDocument,
};
use aws_sdk_rds::types::{DbInstance, DbSubnetGroup, PendingModifiedValues};
use std::collections::BTreeMap;
use std::sync::Arc;

const LIST: Call = call!("rds", "DescribeDBInstances");

pub(super) const COLLECTOR: Collector = Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
};

static KIND: Kind = Kind {
    name: Instance::KIND,
    scope: Scope::Region,
    list: &[&LIST],
    parts: &[
        PartSpec {
            name: "pending_maintenance",
            calls: &[&PENDING],
            per: Per::Kind,
        },
        PartSpec {
            name: "lifecycle",
            calls: &[&MAJOR_VERSIONS],
            per: Per::Kind,
        },
        metric("connections", 1),
        metric("cpu", 2),
        metric("storage", 1),
        metric("memory", 1),
        metric("disk_queue", 1),
        PartSpec {
            name: "lifecycle_support",
            calls: &[],
            per: Per::Derived,
        },
        PartSpec {
            name: "watched",
            calls: &[],
            per: Per::Derived,
        },
        PartSpec {
            name: "exposure",
            calls: &[],
            per: Per::Derived,
        },
    ],
    definition: Definition::Typed(Instance::schema),
};

const fn metric(name: &'static str, queries: u32) -> PartSpec {
    PartSpec {
        name,
        calls: &[&GET_METRIC_DATA],
        per: Per::Metrics(queries),
    }
}

/// Everything is listed before the parts are read: a region has few databases, and metrics and
/// maintenance come for all of them at once.
async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let (listed, end) = list(&job).await;
    let (pending, lifecycles, metrics) = tokio::join!(
        job.part("pending_maintenance", maintenance::pending(&job)),
        job.part("lifecycle", Lifecycles::read(&job)),
        Metrics::read(&job, &listed),
    );
    for ((resource, mut instance), metrics) in listed.into_iter().zip(metrics) {
        instance.pending_maintenance = actions_of(&pending, resource.arn.as_deref());
        instance.lifecycle = match &lifecycles {
            Part::Read(all) => Part::Read(all.of(&instance.engine, &instance.engine_version)),
            Part::Gap(gap) => Part::Gap(gap.clone()),
            Part::Unread => Part::Unread,
        };
        metrics.fill(&mut instance);
        job.emit(resource, &instance).await;
    }
    end
}

/// The maintenance announced for one database, out of that of the region.
pub(super) fn actions_of(
    pending: &Part<BTreeMap<String, Vec<MaintenanceAction>>>,
    arn: Option<&str>,
) -> Part<Vec<MaintenanceAction>> {
    match pending {
        Part::Read(all) => Part::Read(
            arn.and_then(|arn| all.get(arn))
                .cloned()
                .unwrap_or_default(),
        ),
        Part::Gap(gap) => Part::Gap(gap.clone()),
        Part::Unread => Part::Unread,
    }
}

/// The instances that could be read, and whether the list is complete.
async fn list(job: &Job) -> (Vec<(Resource, Instance)>, Result<(), Gap>) {
    let mut pages = job
        .aws
        .rds(&job.region)
        .describe_db_instances()
        .max_records(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut listed = Vec::new();
    let mut end = Ok(());
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => return (listed, Err(gap(&LIST, &error))),
        };
        for instance in page.db_instances.unwrap_or_default() {
            match document(job, instance) {
                Ok(document) => listed.push(document),
                Err(malformed) => end = Err(malformed),
            }
        }
    }
    (listed, end)
}

// Long, as it is one flat list of fields, which would only be harder to read in pieces.
fn document(job: &Job, db: DbInstance) -> Result<(Resource, Instance), Gap> {
    let action = LIST.action;
    let id = always(db.db_instance_identifier, action, "DBInstanceIdentifier")?;
    let resource = job.resource(&id, db.db_instance_arn, Part::Read(tags(db.tag_list)));
    let instance_class = always(db.db_instance_class, action, "DBInstanceClass")?;
    let size = class::size(&instance_class);
    let (endpoint_address, port) = db.endpoint.map_or((None, None), |e| (e.address, e.port));
    let replications = db.db_instance_automated_backups_replications;
    let parameter_groups = db.db_parameter_groups.unwrap_or_default();
    let instance = Instance {
        status: always(db.db_instance_status, action, "DBInstanceStatus")?,
        vcpus: size.map(|size| size.vcpus),
        memory_gib: size.map(|size| size.memory_gib),
        instance_class,
        engine: always(db.engine, action, "Engine")?,
        engine_version: always(db.engine_version, action, "EngineVersion")?,
        engine_lifecycle_support: db.engine_lifecycle_support,
        instance_create_time: time(db.instance_create_time),
        endpoint_address,
        port: port.map(i64::from),
        availability_zone: db.availability_zone,
        multi_az: always(db.multi_az, action, "MultiAZ")?,
        db_cluster_identifier: db.db_cluster_identifier,
        read_replica_source_db_instance_identifier: db.read_replica_source_db_instance_identifier,
        read_replica_db_instance_identifiers: db
            .read_replica_db_instance_identifiers
            .unwrap_or_default(),
        publicly_accessible: db.publicly_accessible,
        vpc_security_group_ids: security_groups(db.vpc_security_groups),
        db_subnet_group: db.db_subnet_group.map(subnet_group),
        storage_encrypted: always(db.storage_encrypted, action, "StorageEncrypted")?,
        storage_encryption_type: encryption(db.storage_encryption_type.as_ref()),
        kms_key_id: db.kms_key_id,
        storage_type: db.storage_type,
        allocated_storage: db.allocated_storage.map(i64::from),
        max_allocated_storage: db.max_allocated_storage.map(i64::from),
        iops: db.iops.map(i64::from),
        backup_retention_period: always(
            db.backup_retention_period,
            action,
            "BackupRetentionPeriod",
        )?
        .into(),
        latest_restorable_time: time(db.latest_restorable_time),
        automated_backup_replications: replications
            .unwrap_or_default()
            .into_iter()
            .filter_map(|replication| replication.db_instance_automated_backups_arn)
            .collect(),
        deletion_protection: always(db.deletion_protection, action, "DeletionProtection")?,
        auto_minor_version_upgrade: always(
            db.auto_minor_version_upgrade,
            action,
            "AutoMinorVersionUpgrade",
        )?,
        preferred_maintenance_window: db.preferred_maintenance_window,
        copy_tags_to_snapshot: db.copy_tags_to_snapshot,
        iam_database_authentication_enabled: db.iam_database_authentication_enabled,
        master_username: db.master_username,
        master_user_secret_arn: db.master_user_secret.and_then(|secret| secret.secret_arn),
        performance_insights_enabled: db.performance_insights_enabled,
        database_insights_mode: db
            .database_insights_mode
            .map(|mode| mode.as_str().to_owned()),
        monitoring_interval: db.monitoring_interval.map(i64::from),
        enabled_cloudwatch_logs_exports: db.enabled_cloudwatch_logs_exports.unwrap_or_default(),
        ca_certificate_identifier: db.ca_certificate_identifier,
        certificate_details: db.certificate_details.map(|details| CertificateDetails {
            ca_identifier: details.ca_identifier,
            valid_till: time(details.valid_till),
        }),
        db_parameter_groups: parameter_groups
            .into_iter()
            .filter_map(|group| group.db_parameter_group_name)
            .collect(),
        license_model: db.license_model,
        pending_modified_values: db
            .pending_modified_values
            .as_ref()
            .map(pending_values)
            .unwrap_or_default(),
        pending_maintenance: Part::Unread,
        lifecycle: Part::Unread,
        lifecycle_support: Part::Unread,
        connections: Part::Unread,
        cpu: Part::Unread,
        storage: Part::Unread,
        memory: Part::Unread,
        disk_queue: Part::Unread,
        watched: Part::Unread,
        exposure: Part::Unread,
    };
    Ok((resource, instance))
}

fn subnet_group(group: DbSubnetGroup) -> SubnetGroup {
    let subnets = group.subnets.unwrap_or_default().into_iter();
    SubnetGroup {
        name: group.db_subnet_group_name,
        vpc_id: group.vpc_id,
        subnets: subnets
            .filter_map(|subnet| {
                Some(GroupSubnet {
                    subnet_id: subnet.subnet_identifier?,
                    availability_zone: subnet.subnet_availability_zone.and_then(|zone| zone.name),
                })
            })
            .collect(),
    }
}

/// The names of the settings that will change; never the values, one of which is a password.
fn pending_values(pending: &PendingModifiedValues) -> Vec<String> {
    let settings = [
        ("allocated_storage", pending.allocated_storage.is_some()),
        (
            "backup_retention_period",
            pending.backup_retention_period.is_some(),
        ),
        (
            "ca_certificate_identifier",
            pending.ca_certificate_identifier.is_some(),
        ),
        ("db_instance_class", pending.db_instance_class.is_some()),
        (
            "db_instance_identifier",
            pending.db_instance_identifier.is_some(),
        ),
        (
            "db_subnet_group_name",
            pending.db_subnet_group_name.is_some(),
        ),
        ("engine_version", pending.engine_version.is_some()),
        ("iops", pending.iops.is_some()),
        ("license_model", pending.license_model.is_some()),
        (
            "master_user_password",
            pending.master_user_password.is_some(),
        ),
        ("multi_az", pending.multi_az.is_some()),
        ("port", pending.port.is_some()),
        ("storage_throughput", pending.storage_throughput.is_some()),
        ("storage_type", pending.storage_type.is_some()),
    ];
    settings
        .into_iter()
        .filter(|(_, set)| *set)
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The metrics of one instance.
struct Metrics {
    connections: Part<Metric>,
    cpu: Part<[Metric; 2]>,
    storage: Part<Metric>,
    memory: Part<Metric>,
    disk_queue: Part<Metric>,
}

impl Metrics {
    /// One for each instance, in order.
    async fn read(job: &Job, listed: &[(Resource, Instance)]) -> Vec<Self> {
        let query = |name, stat, days| {
            move |(resource, _): &(Resource, Instance)| {
                Query::hourly("AWS/RDS", name, stat, days).of("DBInstanceIdentifier", &resource.id)
            }
        };
        let one = |part, name, stat, days| {
            metrics::part(job, part, &job.region, listed, query(name, stat, days))
        };
        let average = query("CPUUtilization", Stat::Average, 14);
        let maximum = query("CPUUtilization", Stat::Maximum, 14);
        let (connections, cpu, storage, memory, disk_queue) = tokio::join!(
            one("connections", "DatabaseConnections", Stat::Maximum, 7),
            metrics::parts(job, "cpu", &job.region, listed, |i| [
                average(i),
                maximum(i)
            ]),
            one("storage", "FreeStorageSpace", Stat::Minimum, 7),
            one("memory", "FreeableMemory", Stat::Minimum, 14),
            one("disk_queue", "DiskQueueDepth", Stat::Average, 14),
        );
        let rest = storage.into_iter().zip(memory).zip(disk_queue);
        let all = connections.into_iter().zip(cpu).zip(rest);
        all.map(
            |((connections, cpu), ((storage, memory), disk_queue))| Self {
                connections,
                cpu,
                storage,
                memory,
                disk_queue,
            },
        )
        .collect()
    }

    fn fill(self, instance: &mut Instance) {
        instance.connections = self.connections;
        instance.cpu = match self.cpu {
            Part::Read([average, maximum]) => Part::Read(Cpu { average, maximum }),
            Part::Gap(gap) => Part::Gap(gap),
            Part::Unread => Part::Unread,
        };
        instance.storage = self.storage;
        instance.memory = self.memory;
        instance.disk_queue = self.disk_queue;
    }
}
