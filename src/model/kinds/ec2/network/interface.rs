//! Network interfaces, VPC endpoints and prefix lists.

use super::Exposure;
use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A network interface.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkInterface {
    /// `available` (attached to nothing), `in-use`, `associated`, `attaching` or `detaching`.
    pub status: String,
    /// `interface`, `nat_gateway`, `vpc_endpoint`, `lambda`, …
    pub interface_type: Option<String>,
    /// The security groups it carries.
    pub security_group_ids: Vec<String>,
    /// The VPC it is in.
    pub vpc_id: Option<String>,
    /// The subnet it is in.
    pub subnet_id: Option<String>,
    /// Its primary private IPv4 address.
    pub private_ip_address: Option<String>,
    /// The public IPv4 addresses that lead to it.
    pub public_ips: Vec<String>,
    /// Its IPv6 addresses.
    pub ipv6_addresses: Vec<String>,
    /// Whether it drops traffic that is neither from nor to itself (`SourceDestCheck`).
    pub source_dest_check: Option<bool>,
    /// Whether an AWS service made and manages it.
    pub requester_managed: Option<bool>,
    /// What it is attached to; null when to nothing.
    pub attachment: Option<InterfaceAttachment>,
    /// What the internet can reach through it.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub exposure: Part<Exposure>,
}

impl TypedDocument for NetworkInterface {
    const KIND: &'static str = "ec2.network_interface";
}

/// What a network interface is attached to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InterfaceAttachment {
    /// The instance; null where an AWS service uses it.
    pub instance_id: Option<String>,
    /// The account that owns the instance, or the service's name.
    pub instance_owner_id: Option<String>,
    /// Whether it goes with its instance.
    pub delete_on_termination: Option<bool>,
    /// When it was attached.
    pub attach_time: Option<Timestamp>,
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VpcEndpoint {
    /// The service, `com.amazonaws.eu-west-1.s3`.
    pub service_name: Option<String>,
    /// `Interface`, `Gateway`, `GatewayLoadBalancer`, `Resource` or `ServiceNetwork`.
    pub vpc_endpoint_type: Option<String>,
    /// `available`, `pendingacceptance`, `rejected`, `failed`, … In lower case, because AWS writes it
    /// in several ways. Deleted endpoints are not read.
    pub state: Option<String>,
    /// The VPC it is in.
    pub vpc_id: Option<String>,
    /// The route tables that lead to it, for a gateway endpoint.
    pub route_table_ids: Vec<String>,
    /// The subnets it has an interface in, at most one in each Availability Zone.
    pub subnet_ids: Vec<String>,
    /// The security groups of its interfaces.
    pub security_group_ids: Vec<String>,
    /// Whether the service's public name leads to it.
    pub private_dns_enabled: Option<bool>,
    /// Whether an AWS service made and manages it.
    pub requester_managed: Option<bool>,
    /// When it was created.
    pub creation_timestamp: Option<Timestamp>,
    /// Its policy as text; null where the service knows none.
    pub policy_document: Option<String>,
    /// Whether its service supports endpoint policies (`DescribeVpcEndpointServices`,
    /// `VpcEndpointPolicySupported`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub policy_supported: Part<bool>,
    /// What the policy says.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub policy: Part<EndpointPolicy>,
}

impl TypedDocument for VpcEndpoint {
    const KIND: &'static str = "ec2.vpc_endpoint";
}

/// What a VPC endpoint's policy says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointPolicy {
    /// Whether a statement allows every principal every action on every resource without a
    /// condition, as the policy does that AWS sets when none is given.
    pub allows_all: bool,
}

/// A list of address ranges, the account's own, shared with it, or AWS's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PrefixList {
    /// Its name, `com.amazonaws.eu-west-1.s3` for one of AWS's.
    pub prefix_list_name: Option<String>,
    /// Who owns it: an account id, or `AWS`.
    pub owner_id: Option<String>,
    /// `IPv4` or `IPv6`.
    pub address_family: Option<String>,
    /// `create-complete`, `modify-in-progress`, …; null for AWS's lists.
    pub state: Option<String>,
    /// How many entries it may have; null for AWS's lists.
    pub max_entries: Option<i64>,
    /// Its entries (`GetManagedPrefixListEntries`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub entries: Part<Vec<PrefixListEntry>>,
}

impl TypedDocument for PrefixList {
    const KIND: &'static str = "ec2.prefix_list";
}

/// An entry of a prefix list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PrefixListEntry {
    /// The address range.
    pub cidr: String,
}
