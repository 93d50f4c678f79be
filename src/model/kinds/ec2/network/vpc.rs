//! VPCs and subnets.

use crate::model::{Part, TypedDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A virtual private cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vpc {
    /// `pending` or `available`.
    pub state: Option<String>,
    /// IPv4 ranges in use (`CidrBlockAssociationSet`, state `associated`).
    pub cidr_blocks: Vec<String>,
    /// IPv6 ranges in use (`Ipv6CidrBlockAssociationSet`, state `associated`).
    pub ipv6_cidr_blocks: Vec<String>,
    /// Whether it is the default VPC of its region.
    pub is_default: bool,
    /// `default` or `dedicated`: what hardware its instances run on by default.
    pub instance_tenancy: Option<String>,
    /// VPC Block Public Access: `off`, `block-bidirectional` or `block-ingress`; null where the
    /// region does not offer it.
    pub internet_gateway_block_mode: Option<String>,
    /// The flow logs on the VPC itself, not those on its subnets or interfaces
    /// (`DescribeFlowLogs`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub flow_logs: Part<Vec<FlowLog>>,
    /// Whether there is a network interface in it.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub in_use: Part<bool>,
    /// The Availability Zones of its subnets, each once.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub subnet_zones: Part<Vec<String>>,
    /// Its subnets that have no route to an internet gateway.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub private_subnets: Part<Vec<String>>,
    /// Its NAT gateways that exist, whatever their state.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub nat_gateways: Part<Vec<String>>,
    /// The services that it has a gateway endpoint for: `s3`, `dynamodb`.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub gateway_endpoints: Part<Vec<String>>,
    /// The services that it has an interface endpoint for, by their short name: `ssm`, `ecr.dkr`.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub interface_endpoints: Part<Vec<String>>,
    /// Address ranges that it shares with VPCs that are joined with it by peering, directly or
    /// through others. AWS refuses overlaps between direct neighbours, but not further on.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub overlaps: Part<Vec<AddressOverlap>>,
    /// The VPCs that are joined with it by peering, directly or through others.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub mesh: Part<Mesh>,
}

impl TypedDocument for Vpc {
    const KIND: &'static str = "ec2.vpc";
}

/// A flow log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlowLog {
    /// `ACTIVE` when it exists (`FlowLogStatus`).
    pub status: Option<String>,
    /// `SUCCESS` or `FAILED`: whether its last records could be delivered (`DeliverLogsStatus`).
    pub deliver_status: Option<String>,
    /// `ACCEPT`, `REJECT` or `ALL`.
    pub traffic_type: Option<String>,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
    pub destination_type: Option<String>,
}

/// Addresses that two VPCs share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct AddressOverlap {
    /// The other VPC.
    pub vpc_id: String,
    /// This VPC's range.
    pub cidr: String,
    /// The other VPC's range.
    pub peer_cidr: String,
}

/// A group of VPCs that peering connections join, directly or through each other, as far as this
/// region sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mesh {
    /// How many VPCs there are in it, this one included.
    pub vpcs: i64,
    /// How many active peering connections join them.
    pub connections: i64,
}

/// A subnet of a VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Subnet {
    /// The VPC it is in.
    pub vpc_id: String,
    /// The account that owns it; another than the resource's where the subnet is shared with it.
    pub owner_id: Option<String>,
    /// `pending`, `available`, `unavailable`, …
    pub state: Option<String>,
    /// Its IPv4 range; null when it has IPv6 only.
    pub cidr_block: Option<String>,
    /// Its IPv6 ranges in use.
    pub ipv6_cidr_blocks: Vec<String>,
    /// The Availability Zone, `eu-west-1a`.
    pub availability_zone: Option<String>,
    /// IPv4 addresses that nothing uses (`AvailableIpAddressCount`).
    pub available_ip_address_count: Option<i64>,
    /// IPv4 addresses that its range has for use: the size of the range without the five that AWS
    /// keeps for itself in every subnet. Null when it has IPv6 only.
    pub usable_ip_address_count: Option<i64>,
    /// Whether instances launched in it get a public IPv4 address unless they say otherwise.
    pub map_public_ip_on_launch: Option<bool>,
    /// Whether interfaces made in it get an IPv6 address unless they say otherwise.
    pub assign_ipv6_address_on_creation: Option<bool>,
    /// Whether it is the default subnet of its zone (`DefaultForAz`).
    pub default_for_az: Option<bool>,
    /// VPC Block Public Access: `off`, `block-bidirectional` or `block-ingress`; null where the
    /// region does not offer it.
    pub internet_gateway_block_mode: Option<String>,
    /// Whether its route table sends most of the internet's addresses to an internet gateway.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub route_to_internet: Part<bool>,
    /// The route table that applies: its own, else the VPC's main one.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub effective_route_table: Part<Option<String>>,
}

impl TypedDocument for Subnet {
    const KIND: &'static str = "ec2.subnet";
}
