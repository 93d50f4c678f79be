//! Documents of block storage.

use crate::model::kinds::metric::Metric;
use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A volume of Amazon EBS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Volume {
    /// `creating`, `available` (attached to nothing), `in-use`, `deleting`, `deleted` or `error`.
    pub state: String,
    /// Size in GiB.
    pub size_gib: i64,
    /// `gp3`, `gp2`, `io2`, `io1`, `st1`, `sc1` or `standard`.
    pub volume_type: String,
    /// I/O operations a second that it is provisioned for (gp3, io1, io2), or its baseline (gp2);
    /// null for other types.
    pub iops: Option<i64>,
    /// Throughput in MiB a second that it is provisioned for (gp3); null for other types.
    pub throughput: Option<i64>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// ARN of the KMS key; null when not encrypted.
    pub kms_key_id: Option<String>,
    /// When it was created.
    pub create_time: Option<Timestamp>,
    /// What it is attached to.
    pub attachments: Vec<Attachment>,
    /// Availability Zone.
    pub availability_zone: Option<String>,
    /// The snapshot it was made from; null for one that began empty.
    pub snapshot_id: Option<String>,
    /// Whether several instances can use it at once.
    pub multi_attach_enabled: Option<bool>,
    /// Whether an AWS service runs it for the account, such as EKS Auto Mode.
    pub managed_by_aws: bool,
    /// Health of the volume (`DescribeVolumeStatus`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub status: Part<VolumeStatus>,
    /// Reads and writes over 14 days. Read for attached volumes only; the others have no values.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub operations: Part<Operations>,
    /// When its newest completed snapshot of this account was begun; null without any. Snapshots
    /// copied from elsewhere do not count: they name no volume.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub newest_snapshot: Part<Option<Timestamp>>,
    /// The instances it is attached to, and what they do.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub instances: Part<Vec<AttachedInstance>>,
}

impl TypedDocument for Volume {
    const KIND: &'static str = "ec2.volume";
}

/// Where a volume is attached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// The instance; null when an AWS service holds the volume.
    pub instance_id: Option<String>,
    /// Device name, such as `/dev/xvda`.
    pub device: Option<String>,
    /// Whether the volume is deleted with the instance.
    pub delete_on_termination: Option<bool>,
    /// `attaching`, `attached`, `detaching`, `detached` or `busy`.
    pub state: Option<String>,
}

/// Health of a volume as AWS sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VolumeStatus {
    /// `ok`, `impaired`, `warning` or `insufficient-data`.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub status: Part<String>,
}

/// Reads and writes of a volume over 14 days, operations an hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Operations {
    /// Reads (`VolumeReadOps`, sums).
    pub read: Metric,
    /// Writes (`VolumeWriteOps`, sums).
    pub write: Metric,
}

/// An instance that a volume is attached to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttachedInstance {
    /// The instance.
    pub instance_id: String,
    /// Its state; null when the instance is not among those that exist (it is being terminated, or
    /// was started after the instances were listed).
    pub state: Option<String>,
    /// Whether something starts another one in its place when it is gone; null when the instance is
    /// not among those that exist.
    pub replaceable: Option<bool>,
    /// When it was stopped; null unless it is stopped and AWS says when.
    pub stopped_at: Option<Timestamp>,
}
