//! Documents of machine images.

use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A machine image (AMI) that the account owns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    /// `available`, `pending`, `failed`, `disabled` …
    pub state: String,
    /// The name given to the image, which is not its `Name` tag.
    pub image_name: Option<String>,
    /// When it was created.
    pub creation_date: Option<Timestamp>,
    /// Whether everyone may launch it.
    pub public: bool,
    /// `windows` for Windows; null for everything else.
    pub platform: Option<String>,
    /// Operating system and licence as billed, such as `Linux/UNIX`.
    pub platform_details: Option<String>,
    /// Processor architecture: `x86_64`, `arm64`, `i386`, `x86_64_mac`, `arm64_mac`.
    pub architecture: Option<String>,
    /// `ebs` or `instance-store`.
    pub root_device_type: Option<String>,
    /// The EBS volumes that an instance launched from it gets.
    pub block_devices: Vec<ImageBlockDevice>,
    /// When it is, or was, deprecated; null where no date is set.
    pub deprecation_time: Option<Timestamp>,
    /// When an instance was last launched from it; null when never, or when AWS does not say. AWS
    /// reports a launch a day late.
    pub last_launched_time: Option<Timestamp>,
    /// `v2.0` where instances launched from it allow IMDSv2 only by default; else null.
    pub imds_support: Option<String>,
    /// Whether an instance of this account and region was launched from it.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub in_use: Part<bool>,
}

impl TypedDocument for Image {
    const KIND: &'static str = "ec2.image";
}

/// A volume that an image describes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImageBlockDevice {
    /// Device name, such as `/dev/xvda`.
    pub device_name: Option<String>,
    /// The snapshot the volume is made from; null for one that begins empty.
    pub snapshot_id: Option<String>,
    /// Size in GiB; null where it is that of the snapshot.
    pub size_gib: Option<i64>,
    /// Whether the volume will be encrypted; null where the account's default decides.
    pub encrypted: Option<bool>,
}
