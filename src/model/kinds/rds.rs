//! Databases of Amazon RDS. Amazon Neptune and DocumentDB answer through the same API: their
//! instances and clusters are listed here too, and `engine` tells them apart.

use super::ec2::network::Exposure;
use super::metric::Metric;
use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A database instance (`DescribeDBInstances`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "AWS describes a database by independent switches"
)]
pub struct Instance {
    /// Its state, such as `available` or `stopped` (`DBInstanceStatus`).
    pub status: String,
    /// The instance class, such as `db.m6g.large` (`DBInstanceClass`).
    pub instance_class: String,
    /// Virtual CPUs, worked out from the name of the class; null for classes of unknown size.
    pub vcpus: Option<i64>,
    /// Memory in GiB, worked out from the name of the class; null for classes of unknown size.
    pub memory_gib: Option<f64>,
    /// The engine: `postgres`, `mysql`, `aurora-mysql`, `sqlserver-se`, but also `docdb`, `neptune`.
    pub engine: String,
    /// The engine's full version.
    pub engine_version: String,
    /// Whether Extended Support may follow standard support: `open-source-rds-extended-support` or
    /// `open-source-rds-extended-support-disabled`; null for engines without it, and for members of
    /// Aurora clusters.
    pub engine_lifecycle_support: Option<String>,
    /// When it was created; null while it is being created.
    pub instance_create_time: Option<Timestamp>,
    /// The host name to connect to (`Endpoint.Address`); null while it is being created.
    pub endpoint_address: Option<String>,
    /// The port to connect to (`Endpoint.Port`); null while it is being created.
    pub port: Option<i64>,
    /// The zone it runs in.
    pub availability_zone: Option<String>,
    /// Whether a standby runs in another zone. Always false for members of an Aurora cluster, whose
    /// standbys are other members.
    pub multi_az: bool,
    /// The cluster it belongs to; null where it stands alone.
    pub db_cluster_identifier: Option<String>,
    /// The instance that it is a read replica of.
    pub read_replica_source_db_instance_identifier: Option<String>,
    /// Its read replicas.
    pub read_replica_db_instance_identifiers: Vec<String>,
    /// Whether its name resolves to a public address outside of the VPC.
    pub publicly_accessible: Option<bool>,
    /// The security groups (`VpcSecurityGroups`).
    pub vpc_security_group_ids: Vec<String>,
    /// Where in the network it may be; null outside of a VPC.
    pub db_subnet_group: Option<SubnetGroup>,
    /// Whether the storage is encrypted with a key of KMS. A member has the encryption of its cluster.
    pub storage_encrypted: bool,
    /// How the storage is encrypted: `sse-kms` with `kms_key_id`, `sse-rds` with a key that AWS
    /// owns, `none`.
    pub storage_encryption_type: Option<String>,
    /// The KMS key of the storage.
    pub kms_key_id: Option<String>,
    /// `gp2`, `gp3`, `io1`, `io2`, `standard`, `aurora`, `aurora-iopt1`.
    pub storage_type: Option<String>,
    /// Storage in GiB. 1 for Aurora, where the cluster grows by itself.
    pub allocated_storage: Option<i64>,
    /// How far storage autoscaling may grow it, in GiB; null where autoscaling is off.
    pub max_allocated_storage: Option<i64>,
    /// Provisioned I/O operations a second.
    pub iops: Option<i64>,
    /// Days that automated backups are kept; 0 switches them off.
    pub backup_retention_period: i64,
    /// Up to when it can be restored to a point in time.
    pub latest_restorable_time: Option<Timestamp>,
    /// Regions or backups that automated backups are replicated to, as ARNs.
    pub automated_backup_replications: Vec<String>,
    /// Whether it must be unprotected before it can be deleted.
    pub deletion_protection: bool,
    /// Whether minor versions are installed in the maintenance window.
    pub auto_minor_version_upgrade: bool,
    /// The weekly maintenance window, UTC: `sun:05:00-sun:06:00`.
    pub preferred_maintenance_window: Option<String>,
    /// Whether snapshots get its tags.
    pub copy_tags_to_snapshot: Option<bool>,
    /// Whether accounts of the database may sign in by IAM.
    pub iam_database_authentication_enabled: Option<bool>,
    /// The name of the administrator account.
    pub master_username: Option<String>,
    /// The secret that RDS keeps and rotates the administrator's password in (`MasterUserSecret`);
    /// null where the password is managed by hand.
    pub master_user_secret_arn: Option<String>,
    /// Whether Performance Insights records query load.
    pub performance_insights_enabled: Option<bool>,
    /// `standard` or `advanced` (CloudWatch Database Insights).
    pub database_insights_mode: Option<String>,
    /// Seconds between samples of Enhanced Monitoring; 0 switches it off.
    pub monitoring_interval: Option<i64>,
    /// Logs that are sent to CloudWatch Logs.
    pub enabled_cloudwatch_logs_exports: Vec<String>,
    /// The certificate authority of its TLS certificate.
    pub ca_certificate_identifier: Option<String>,
    /// The TLS certificate of the server.
    pub certificate_details: Option<CertificateDetails>,
    /// The names of its parameter groups.
    pub db_parameter_groups: Vec<String>,
    /// Licence: `license-included`, `bring-your-own-license`, `general-public-license` and so on.
    pub license_model: Option<String>,
    /// What will change at the next maintenance window, by name of the setting.
    pub pending_modified_values: Vec<String>,
    /// Maintenance that AWS has announced (`DescribePendingMaintenanceActions`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub pending_maintenance: Part<Vec<MaintenanceAction>>,
    /// How long AWS supports the engine's major version (`DescribeDBMajorEngineVersions`); null
    /// where AWS publishes no dates.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub lifecycle: Part<Option<Lifecycle>>,
    /// Whether Extended Support may follow standard support, as `engine_lifecycle_support` says; of a
    /// member of a cluster what its cluster says, which decides for it. Null for engines without it.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub lifecycle_support: Part<Option<String>>,
    /// Client connections: the highest of each hour, over 7 days (`DatabaseConnections`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub connections: Part<Metric>,
    /// CPU load in per cent, over 14 days (`CPUUtilization`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub cpu: Part<Cpu>,
    /// Free storage in bytes: the lowest of each hour, over 7 days (`FreeStorageSpace`). Aurora does
    /// not report it.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub storage: Part<Metric>,
    /// Free memory in bytes: the lowest of each hour, over 14 days (`FreeableMemory`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub memory: Part<Metric>,
    /// I/O requests that wait for the storage: the mean of each hour, over 14 days
    /// (`DiskQueueDepth`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub disk_queue: Part<Metric>,
    /// Whether a CloudWatch alarm that notifies or acts watches a metric of the database or of its
    /// cluster.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub watched: Part<bool>,
    /// What can be reached from the internet: security groups, network ACLs, routes and the public
    /// address together.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub exposure: Part<Exposure>,
}

impl TypedDocument for Instance {
    const KIND: &'static str = "rds.instance";
}

/// Where in a VPC a database may be placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubnetGroup {
    /// Its name.
    pub name: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The subnets.
    pub subnets: Vec<GroupSubnet>,
}

/// A subnet of a subnet group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupSubnet {
    /// The subnet's id.
    pub subnet_id: String,
    /// Its zone.
    pub availability_zone: Option<String>,
}

/// The TLS certificate of a database server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateDetails {
    /// The certificate authority.
    pub ca_identifier: Option<String>,
    /// When it expires.
    pub valid_till: Option<Timestamp>,
}

/// Maintenance that AWS wants to carry out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MaintenanceAction {
    /// What will be done: `system-update`, `db-upgrade`, `ca-certificate-rotation` and so on.
    pub action: String,
    /// From this time on it is applied in the next maintenance window.
    pub auto_applied_after_date: Option<Timestamp>,
    /// At this time it is applied, maintenance window or not.
    pub forced_apply_date: Option<Timestamp>,
    /// When it will be applied, all settings considered.
    pub current_apply_date: Option<Timestamp>,
    /// The owner's choice: `immediate`, `next-maintenance`, `undo-opt-in`.
    pub opt_in_status: Option<String>,
}

/// How long AWS supports a major version of an engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lifecycle {
    /// The major version, such as `8.0`.
    pub major_engine_version: String,
    /// When standard support ends.
    pub standard_support_end: Option<Timestamp>,
    /// When Extended Support, which costs extra, ends; null for engines that have none, such as
    /// MariaDB.
    pub extended_support_end: Option<Timestamp>,
}

/// CPU load, in per cent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cpu {
    /// The mean of each hour.
    pub average: Metric,
    /// The peak of each hour.
    pub maximum: Metric,
}

/// A cluster: Aurora, a Multi-AZ cluster, Neptune or DocumentDB (`DescribeDBClusters`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "AWS describes a database by independent switches"
)]
pub struct Cluster {
    /// Its state, such as `available`.
    pub status: String,
    /// `aurora-postgresql`, `aurora-mysql`, `mysql`, `postgres`, `docdb`, `neptune`.
    pub engine: String,
    /// The engine's full version.
    pub engine_version: String,
    /// `provisioned` or `serverless` (Aurora Serverless v1).
    pub engine_mode: Option<String>,
    /// As for instances.
    pub engine_lifecycle_support: Option<String>,
    /// When it was created.
    pub cluster_create_time: Option<Timestamp>,
    /// The port to connect to.
    pub port: Option<i64>,
    /// Whether its instances are in more than one zone.
    pub multi_az: bool,
    /// The zones its storage is in.
    pub availability_zones: Vec<String>,
    /// Its instances.
    pub members: Vec<ClusterMember>,
    /// The security groups (`VpcSecurityGroups`).
    pub vpc_security_group_ids: Vec<String>,
    /// The name of its subnet group.
    pub db_subnet_group: Option<String>,
    /// Whether the storage is encrypted with a key of KMS.
    pub storage_encrypted: bool,
    /// How the storage is encrypted: `sse-kms` with `kms_key_id`, `sse-rds` with a key that AWS
    /// owns, `none`.
    pub storage_encryption_type: Option<String>,
    /// The KMS key of the storage.
    pub kms_key_id: Option<String>,
    /// `aurora` or null: Aurora standard; `aurora-iopt1`: Aurora I/O-Optimized; volume types for
    /// Multi-AZ clusters.
    pub storage_type: Option<String>,
    /// Days that automated backups are kept, at least 1.
    pub backup_retention_period: i64,
    /// Seconds that Aurora MySQL can be wound back; 0 or null switches backtracking off.
    pub backtrack_window: Option<i64>,
    /// Whether it must be unprotected before it can be deleted.
    pub deletion_protection: bool,
    /// Whether minor versions are installed in the maintenance window; only Multi-AZ clusters have
    /// the switch, Aurora has it on each instance.
    pub auto_minor_version_upgrade: Option<bool>,
    /// Whether snapshots get its tags.
    pub copy_tags_to_snapshot: Option<bool>,
    /// Whether accounts of the database may sign in by IAM.
    pub iam_database_authentication_enabled: Option<bool>,
    /// The name of the administrator account.
    pub master_username: Option<String>,
    /// The secret that RDS keeps the administrator's password in; null where it is managed by hand.
    pub master_user_secret_arn: Option<String>,
    /// Logs that are sent to CloudWatch Logs.
    pub enabled_cloudwatch_logs_exports: Vec<String>,
    /// Whether the HTTP Data API is on.
    pub http_endpoint_enabled: Option<bool>,
    /// The cluster or instance that it is a read replica of, as an ARN
    /// (`ReplicationSourceIdentifier`).
    pub replication_source_identifier: Option<String>,
    /// The global cluster it belongs to.
    pub global_cluster_identifier: Option<String>,
    /// The name of its parameter group.
    pub db_cluster_parameter_group: Option<String>,
    /// Maintenance that AWS has announced (`DescribePendingMaintenanceActions`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub pending_maintenance: Part<Vec<MaintenanceAction>>,
    /// The classes of its instances, each once, sorted.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub member_classes: Part<Vec<String>>,
}

impl TypedDocument for Cluster {
    const KIND: &'static str = "rds.cluster";
}

/// An instance of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClusterMember {
    /// The instance.
    pub db_instance_identifier: String,
    /// Whether it takes writes.
    pub is_cluster_writer: Option<bool>,
}

/// A snapshot of an instance (`DescribeDBSnapshots`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// `manual`, `automated` or `awsbackup`.
    pub snapshot_type: String,
    /// Its state, such as `available`.
    pub status: Option<String>,
    /// The instance it was taken of.
    pub db_instance_identifier: Option<String>,
    /// When it was taken; for a copy, when the copy was made. Null while it is being made.
    pub snapshot_create_time: Option<Timestamp>,
    /// The engine.
    pub engine: Option<String>,
    /// The size of the instance's storage in GiB, not of the snapshot.
    pub allocated_storage: Option<i64>,
    /// Whether it is encrypted with a key of KMS.
    pub encrypted: Option<bool>,
    /// How it is encrypted: `sse-kms` with `kms_key_id`, `sse-rds` with a key that AWS
    /// owns, `none`.
    pub storage_encryption_type: Option<String>,
    /// The KMS key.
    pub kms_key_id: Option<String>,
    /// Who else may restore it (`DescribeDBSnapshotAttributes`). Only manual snapshots can be
    /// shared, so the others are not read.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub shared: Part<Sharing>,
}

impl TypedDocument for Snapshot {
    const KIND: &'static str = "rds.snapshot";
}

/// A snapshot of a cluster (`DescribeDBClusterSnapshots`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClusterSnapshot {
    /// `manual`, `automated` or `awsbackup`.
    pub snapshot_type: String,
    /// Its state, such as `available`.
    pub status: Option<String>,
    /// The cluster it was taken of.
    pub db_cluster_identifier: Option<String>,
    /// When it was taken. Null while it is being made.
    pub snapshot_create_time: Option<Timestamp>,
    /// The engine.
    pub engine: Option<String>,
    /// The size of the cluster's storage in GiB.
    pub allocated_storage: Option<i64>,
    /// Whether it is encrypted with a key of KMS.
    pub storage_encrypted: Option<bool>,
    /// How it is encrypted: `sse-kms` with `kms_key_id`, `sse-rds` with a key that AWS
    /// owns, `none`.
    pub storage_encryption_type: Option<String>,
    /// The KMS key.
    pub kms_key_id: Option<String>,
    /// Who else may restore it (`DescribeDBClusterSnapshotAttributes`). Only manual snapshots can be
    /// shared, so the others are not read.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub shared: Part<Sharing>,
}

impl TypedDocument for ClusterSnapshot {
    const KIND: &'static str = "rds.cluster_snapshot";
}

/// Who else may restore a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sharing {
    /// Every AWS account may.
    pub public: bool,
    /// The accounts that may, as twelve-digit ids.
    pub accounts: Vec<String>,
}
