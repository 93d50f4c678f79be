//! Documents of volume snapshots.

use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A snapshot of Amazon EBS that the account owns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// `pending`, `completed`, `error`, `recoverable` or `recovering`.
    pub state: String,
    /// When it was begun.
    pub start_time: Option<Timestamp>,
    /// The volume it was taken of; null for a copy, which names none.
    pub volume_id: Option<String>,
    /// Size of that volume in GiB. What is billed are the changed blocks, which may be far fewer.
    pub volume_size_gib: i64,
    /// Size of all its blocks in bytes, shared ones included; null where AWS does not say.
    pub full_snapshot_size_bytes: Option<i64>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// ARN of the KMS key; null when not encrypted.
    pub kms_key_id: Option<String>,
    /// `standard` or `archive`.
    pub storage_tier: Option<String>,
    /// Whether everyone may restore it. Sharing with accounts by name is not read: it would take a
    /// call for each snapshot.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub public: Part<bool>,
    /// Availability Zones in which fast snapshot restore is on, being turned on, or not yet off
    /// (`DescribeFastSnapshotRestores`): each is billed by the hour.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub fast_restore_zones: Part<Vec<String>>,
    /// Whether the volume it was taken of still exists; null for a copy, which names none.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub volume_exists: Part<Option<bool>>,
    /// Whether an image of the account is made of it.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub used_by_image: Part<bool>,
}

impl TypedDocument for Snapshot {
    const KIND: &'static str = "ec2.snapshot";
}
