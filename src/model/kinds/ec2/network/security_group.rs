//! Security groups.

use super::WorldAccess;
use crate::model::{Part, TypedDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A security group of Amazon VPC: a stateful firewall for network interfaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecurityGroup {
    /// The group's own name; `default` is the group each VPC comes with (`GroupName`).
    pub group_name: String,
    /// What its owner wrote about it (`Description`).
    pub description: Option<String>,
    /// The VPC it belongs to (`VpcId`).
    pub vpc_id: Option<String>,
    /// What may come in (`IpPermissions`).
    pub ingress: Vec<Rule>,
    /// What may go out (`IpPermissionsEgress`).
    pub egress: Vec<Rule>,
    /// How many rules let traffic in, as AWS counts them: one for each range, prefix list and group.
    pub ingress_rules: i64,
    /// How many rules let traffic out, counted alike.
    pub egress_rules: i64,
    /// Whether a version of a launch template names it (`DescribeLaunchTemplateVersions`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub in_launch_template: Part<bool>,
    /// What its ingress rules open to the internet, prefix lists included.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub open_to_world: Part<WorldAccess>,
    /// Whether a network interface carries it.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub attached: Part<bool>,
    /// Whether a network interface, a Lambda function or a database carries it, a launch template
    /// names it, or a rule of another group refers to it. Other services that name it without an
    /// interface of their own are not looked at: ECS services without tasks, CodeBuild projects.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub used: Part<bool>,
}

impl TypedDocument for SecurityGroup {
    const KIND: &'static str = "ec2.security_group";
}

/// One permission of a security group: ports, and who may use them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all (`IpProtocol`).
    pub protocol: String,
    /// The first port, or the ICMP type, -1 being every type; null when the protocol is `-1`.
    pub from_port: Option<i64>,
    /// The last port, or the ICMP code, -1 being every code; null when the protocol is `-1`.
    pub to_port: Option<i64>,
    /// IPv4 ranges (`IpRanges`).
    pub ipv4_ranges: Vec<String>,
    /// IPv6 ranges (`Ipv6Ranges`).
    pub ipv6_ranges: Vec<String>,
    /// Prefix lists (`PrefixListIds`).
    pub prefix_list_ids: Vec<String>,
    /// Other security groups (`UserIdGroupPairs`).
    pub groups: Vec<GroupReference>,
}

/// A security group that a rule refers to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupReference {
    /// The group's id.
    pub group_id: Option<String>,
    /// The account that owns it.
    pub user_id: Option<String>,
    /// The state of the VPC peering connection it is reached over, such as `active` or `deleted`;
    /// null within one VPC.
    pub peering_status: Option<String>,
}
