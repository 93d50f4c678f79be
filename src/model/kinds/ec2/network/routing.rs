//! What lets traffic through: route tables, network ACLs and gateways.

use super::WorldAccess;
use crate::model::kinds::metric::Metric;
use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A route table of a VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RouteTable {
    /// The VPC it belongs to.
    pub vpc_id: String,
    /// Its routes.
    pub routes: Vec<Route>,
    /// What it applies to.
    pub associations: Vec<RouteAssociation>,
    /// Routes to peered VPCs that lead to the whole of the other VPC or to more, as destinations.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub broad_peering_routes: Part<Vec<String>>,
}

impl TypedDocument for RouteTable {
    const KIND: &'static str = "ec2.route_table";
}

/// A route. One of the destinations and one of the targets is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// The IPv4 range it is for.
    pub destination_cidr_block: Option<String>,
    /// The IPv6 range it is for.
    pub destination_ipv6_cidr_block: Option<String>,
    /// The prefix list it is for.
    pub destination_prefix_list_id: Option<String>,
    /// `local`, an internet gateway `igw-…`, a virtual private gateway `vgw-…` or an endpoint
    /// `vpce-…`.
    pub gateway_id: Option<String>,
    /// A NAT gateway.
    pub nat_gateway_id: Option<String>,
    /// An egress-only internet gateway (IPv6).
    pub egress_only_internet_gateway_id: Option<String>,
    /// A transit gateway.
    pub transit_gateway_id: Option<String>,
    /// A VPC peering connection.
    pub vpc_peering_connection_id: Option<String>,
    /// A network interface.
    pub network_interface_id: Option<String>,
    /// An instance.
    pub instance_id: Option<String>,
    /// `active`, or `blackhole` when its target is gone or cannot be used.
    pub state: Option<String>,
}

/// What a route table applies to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RouteAssociation {
    /// Whether it is the VPC's main table, for subnets that have none of their own.
    pub main: bool,
    /// The subnet.
    pub subnet_id: Option<String>,
    /// The gateway, for traffic that comes in through it.
    pub gateway_id: Option<String>,
}

/// A network ACL: a stateless firewall around subnets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkAcl {
    /// The VPC it belongs to.
    pub vpc_id: Option<String>,
    /// Whether it is the ACL the VPC came with.
    pub is_default: bool,
    /// Its entries in the order in which they apply: ingress and egress each by rule number.
    pub entries: Vec<AclEntry>,
    /// The subnets it surrounds.
    pub subnet_ids: Vec<String>,
    /// What its ingress entries, taken in order, let in from the internet.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub open_to_world: Part<WorldAccess>,
}

impl TypedDocument for NetworkAcl {
    const KIND: &'static str = "ec2.network_acl";
}

/// An entry of a network ACL. The first that matches decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AclEntry {
    /// Its place; 32767 is the last, which denies whatever is left.
    pub rule_number: i64,
    /// Whether it is for traffic that goes out.
    pub egress: bool,
    /// `allow` or `deny`.
    pub rule_action: String,
    /// The protocol's number, `6` for TCP, `17` for UDP, `-1` for all.
    pub protocol: String,
    /// The IPv4 range.
    pub cidr_block: Option<String>,
    /// The IPv6 range.
    pub ipv6_cidr_block: Option<String>,
    /// The first port; null means all ports.
    pub from_port: Option<i64>,
    /// The last port; null means all ports.
    pub to_port: Option<i64>,
}

/// An internet gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InternetGateway {
    /// The VPCs it is attached to: one or none.
    pub vpc_ids: Vec<String>,
}

impl TypedDocument for InternetGateway {
    const KIND: &'static str = "ec2.internet_gateway";
}

/// A VPC peering connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VpcPeeringConnection {
    /// `active`, `pending-acceptance`, `deleted`, …
    pub status: Option<String>,
    /// The side that requested it.
    pub requester: Peer,
    /// The side that accepts it.
    pub accepter: Peer,
}

impl TypedDocument for VpcPeeringConnection {
    const KIND: &'static str = "ec2.vpc_peering_connection";
}

/// One side of a peering connection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Peer {
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Its IPv4 ranges; AWS tells them for active connections.
    pub cidr_blocks: Vec<String>,
    /// Its IPv6 ranges; AWS tells them for active connections.
    pub ipv6_cidr_blocks: Vec<String>,
    /// Whether it lets the other side resolve its public host names to private addresses; null
    /// where AWS does not say, as for the other region's side.
    pub allow_dns_resolution: Option<bool>,
}

/// A NAT gateway that exists: those that were deleted, which AWS goes on listing for a while, are not
/// read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NatGateway {
    /// `pending`, `failed`, `available` or `deleting`.
    pub state: String,
    /// The subnet it is in; null for a regional one.
    pub subnet_id: Option<String>,
    /// The VPC it is in.
    pub vpc_id: Option<String>,
    /// `public` or `private`.
    pub connectivity_type: Option<String>,
    /// `zonal` or `regional`; null where the region knows only zonal ones.
    pub availability_mode: Option<String>,
    /// When it was created.
    pub create_time: Option<Timestamp>,
    /// What went through it over 14 days. Read for available gateways only; the others have no
    /// values.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub traffic: Part<NatTraffic>,
    /// Whom it serves.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub reach: Part<NatReach>,
    /// The services that its VPC has a gateway endpoint for: `s3`, `dynamodb`.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub gateway_endpoints: Part<Vec<String>>,
}

impl TypedDocument for NatGateway {
    const KIND: &'static str = "ec2.nat_gateway";
}

/// What went through a NAT gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NatTraffic {
    /// Bytes sent to the internet side, summed for each hour (`BytesOutToDestination`).
    pub bytes_out: Metric,
    /// Bytes received from the internet side, summed for each hour (`BytesInFromDestination`).
    pub bytes_in: Metric,
    /// Open TCP connections, the highest of each hour (`ActiveConnectionCount`).
    pub connections: Metric,
    /// Connections that got no source port, summed for each hour (`ErrorPortAllocation`).
    pub port_errors: Metric,
}

/// The subnets whose traffic a NAT gateway carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NatReach {
    /// The Availability Zone it is in; null for a regional one.
    pub zone: Option<String>,
    /// How many subnets route to it.
    pub subnets: i64,
    /// The Availability Zones of those subnets, each once.
    pub zones: Vec<String>,
    /// Those of them that it is not in itself.
    pub other_zones: Vec<String>,
}
