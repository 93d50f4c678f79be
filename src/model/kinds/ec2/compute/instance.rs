//! Documents of virtual machines.

use super::super::network::Exposure;
use crate::model::kinds::metric::Metric;
use crate::model::kinds::secret::SecretFinding;
use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A virtual machine of Amazon EC2 that exists: terminated instances and those being terminated
/// are not read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Instance {
    /// `pending`, `running`, `stopping` or `stopped`.
    pub state: String,
    /// Type, such as `m7g.large`.
    pub instance_type: String,
    /// Processor architecture of the image: `x86_64`, `arm64`, `i386`, `x86_64_mac`, `arm64_mac`.
    pub architecture: Option<String>,
    /// `windows` for Windows; null for everything else.
    pub platform: Option<String>,
    /// Operating system and licence as billed, such as `Linux/UNIX` or `Windows with SQL Server`.
    pub platform_details: Option<String>,
    /// The image it was launched from.
    pub image_id: Option<String>,
    /// The SSH key pair given at launch; null without one.
    pub key_name: Option<String>,
    /// When it was last started.
    pub launch_time: Option<Timestamp>,
    /// Settings of the instance metadata service.
    pub metadata_options: Option<MetadataOptions>,
    /// Private IPv4 addresses of all network interfaces.
    pub private_ip_addresses: Vec<String>,
    /// Public IPv4 addresses of all network interfaces, Elastic IP addresses included.
    pub public_ip_addresses: Vec<String>,
    /// IPv6 addresses of all network interfaces.
    pub ipv6_addresses: Vec<String>,
    /// ARN of the instance profile that gives it a role; null without one.
    pub iam_instance_profile: Option<String>,
    /// Security groups of all network interfaces.
    pub security_group_ids: Vec<String>,
    /// Subnet of the first network interface.
    pub subnet_id: Option<String>,
    /// VPC of the first network interface.
    pub vpc_id: Option<String>,
    /// Availability Zone.
    pub availability_zone: Option<String>,
    /// `default` (shared hardware), `dedicated` or `host`.
    pub tenancy: Option<String>,
    /// CloudWatch metrics each minute (`enabled`, or `pending`) or each five minutes (`disabled`).
    pub monitoring: Option<String>,
    /// Whether it was launched as EBS-optimised. Types that always are may say false.
    pub ebs_optimized: Option<bool>,
    /// Whether the Elastic Network Adapter is enabled.
    pub ena_support: Option<bool>,
    /// Whether network traffic that is not addressed to the instance is dropped.
    pub source_dest_check: Option<bool>,
    /// `hvm` or `paravirtual`.
    pub virtualization_type: Option<String>,
    /// `ebs` or `instance-store`.
    pub root_device_type: Option<String>,
    /// Device of the root volume, such as `/dev/xvda`.
    pub root_device_name: Option<String>,
    /// Attached EBS volumes.
    pub block_devices: Vec<BlockDevice>,
    /// Why the state last changed, in AWS's words, such as
    /// `User initiated (2024-01-01 12:00:00 GMT)`.
    pub state_transition_reason: Option<String>,
    /// When it was stopped, from the reason for the last state change; null unless it is stopped and
    /// AWS says when.
    pub stopped_at: Option<Timestamp>,
    /// Network interfaces.
    pub network_interface_ids: Vec<String>,
    /// Whether AWS moves it to healthy hardware when its host fails: `default` (where the type
    /// can) or `disabled`.
    pub auto_recovery: Option<String>,
    /// `spot`, `scheduled` or `capacity-block`; null for On-Demand (and for Reserved Instances,
    /// which are a matter of billing).
    pub lifecycle: Option<String>,
    /// Whether it can hibernate.
    pub hibernation: Option<bool>,
    /// Whether an AWS service runs it for the account, such as EKS Auto Mode.
    pub managed_by_aws: bool,
    /// Whether something starts another one in its place when it is gone: an Auto Scaling group (EKS
    /// node groups and ECS capacity providers have one) or a node pool of Karpenter, as its tags tell.
    pub replaceable: bool,
    /// What stands in the user data (`DescribeInstanceAttribute`, `userData`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub user_data: Part<UserData>,
    /// Status checks and scheduled events (`DescribeInstanceStatus`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub status: Part<InstanceStatus>,
    /// Its agent as Systems Manager knows it; null when Systems Manager does not manage it
    /// (`DescribeInstanceInformation`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub managed: Part<Option<SsmAgent>>,
    /// Whether it is protected from termination through the API (`DescribeInstanceAttribute`,
    /// `disableApiTermination`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub disable_api_termination: Part<bool>,
    /// The image it was launched from, whoever owns it (`DescribeImages`); null when the image no
    /// longer exists or is no longer visible to the account.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub image: Part<Option<LaunchImage>>,
    /// Use of the processors over 14 days. Read for running instances only; the others have no
    /// values.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub cpu: Part<Cpu>,
    /// Network traffic over 14 days. Read for running instances only; the others have no values.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub network: Part<Network>,
    /// CPU credits over 14 days. Read for running instances of burstable types (T family) only;
    /// the others have no values.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub credits: Part<Credits>,
    /// Whether instances of its type can be moved to healthy hardware when their host fails
    /// (`DescribeInstanceTypes`, `AutoRecoverySupported`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub recovery_supported: Part<bool>,
    /// Whether a CloudWatch alarm recovers it (`ec2:recover`), with its actions switched on.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub recovery_alarm: Part<bool>,
    /// What it does without CPU credits: `standard` (slows down) or `unlimited` (goes on, and may be
    /// billed); null for types without credits (`DescribeInstanceCreditSpecifications`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub credit_option: Part<Option<String>>,
    /// What of it the internet can reach, from its security groups, network ACLs, routes and
    /// addresses.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub exposure: Part<Exposure>,
}

impl TypedDocument for Instance {
    const KIND: &'static str = "ec2.instance";
}

/// Settings of the instance metadata service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetadataOptions {
    /// `required` (IMDSv2 only) or `optional` (IMDSv1 too).
    pub http_tokens: Option<String>,
    /// `enabled` or `disabled`.
    pub http_endpoint: Option<String>,
    /// How many network hops an answer may travel.
    pub http_put_response_hop_limit: Option<i64>,
}

/// An EBS volume attached to an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BlockDevice {
    /// Device name, such as `/dev/xvda`.
    pub device_name: Option<String>,
    /// The volume.
    pub volume_id: Option<String>,
    /// Whether the volume is deleted with the instance.
    pub delete_on_termination: Option<bool>,
}

/// What stands in an instance's user data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UserData {
    /// Whether there is any.
    pub present: bool,
    /// Secrets in it. Only rule, line and length are kept, never the text.
    pub secrets: Vec<SecretFinding>,
}

/// Results of the status checks of an instance, and what AWS has planned for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceStatus {
    /// The host's health: `ok`, `impaired`, `initializing`, `insufficient-data` or
    /// `not-applicable` (not running).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub system_status: Part<String>,
    /// The machine's own health, same values.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub instance_status: Part<String>,
    /// Whether its EBS volumes can be reached: `ok`, `impaired`, `initializing`,
    /// `insufficient-data`, `not-applicable`; null where AWS does not check it.
    pub attached_ebs_status: Option<String>,
    /// Events that AWS has scheduled, those done within the last week included.
    pub events: Vec<ScheduledEvent>,
}

/// An event that AWS has scheduled for an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduledEvent {
    /// `instance-reboot`, `system-reboot`, `system-maintenance`, `instance-retirement` or
    /// `instance-stop`.
    pub code: Option<String>,
    /// Whether it is over or was called off.
    pub finished: bool,
    /// When it begins at the earliest.
    pub not_before: Option<Timestamp>,
    /// When it ends at the latest.
    pub not_after: Option<Timestamp>,
}

/// The Systems Manager agent of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SsmAgent {
    /// `Online`, `ConnectionLost` or `Inactive`.
    pub ping_status: Option<String>,
    /// When the agent last reported.
    pub last_ping: Option<Timestamp>,
    /// Version of the agent.
    pub agent_version: Option<String>,
    /// Whether that is the latest version.
    pub is_latest_version: Option<bool>,
    /// `Linux`, `Windows` or `MacOS`.
    pub platform_type: Option<String>,
    /// Operating system, such as `Ubuntu`.
    pub platform_name: Option<String>,
    /// Its version, such as `22.04`.
    pub platform_version: Option<String>,
}

/// The image that an instance was launched from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LaunchImage {
    /// When the image was created.
    pub creation_date: Option<Timestamp>,
    /// When the image is, or was, deprecated by its owner; null where no date is set.
    pub deprecation_time: Option<Timestamp>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// `amazon`, `aws-marketplace`, `aws-backup-vault` or `self` where AWS knows the owner by such a
    /// name; else null.
    pub owner_alias: Option<String>,
    /// Whether everyone may launch it.
    pub public: Option<bool>,
}

/// Use of an instance's processors over 14 days, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cpu {
    /// Hourly averages of `CPUUtilization`.
    pub average: Metric,
    /// Hourly maxima of `CPUUtilization`.
    pub maximum: Metric,
}

/// Network traffic of an instance over 14 days, in bytes an hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Network {
    /// Received (`NetworkIn`, sums).
    pub received: Metric,
    /// Sent (`NetworkOut`, sums).
    pub sent: Metric,
}

/// CPU credits of a burstable instance over 14 days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credits {
    /// Credits left (`CPUCreditBalance`, hourly minima).
    pub balance: Metric,
    /// Credits used beyond the earned ones and billed (`CPUSurplusCreditsCharged`, sums).
    pub surplus_charged: Metric,
}
