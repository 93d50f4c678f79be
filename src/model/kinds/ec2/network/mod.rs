//! Networks: security groups, VPCs and what is in them.

mod interface;
mod routing;
mod security_group;
mod transit;
mod vpc;

pub use interface::{
    EndpointPolicy, InterfaceAttachment, NetworkInterface, PrefixList, PrefixListEntry, VpcEndpoint,
};
pub use routing::{
    AclEntry, InternetGateway, NatGateway, NatReach, NatTraffic, NetworkAcl, Peer, Route,
    RouteAssociation, RouteTable, VpcPeeringConnection,
};
pub use security_group::{GroupReference, Rule, SecurityGroup};
pub use transit::{ClientVpnEndpoint, TransitGateway, VpnConnection, VpnTunnel};
pub use vpc::{AddressOverlap, FlowLog, Mesh, Subnet, Vpc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A range of ports of one protocol.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct PortRange {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, `all` for every protocol, or
    /// `other` for every protocol that is not named here.
    pub protocol: String,
    /// The first port. 0 for protocols without ports.
    pub from: i64,
    /// The last port. 65535 for protocols without ports.
    pub to: i64,
}

/// What the internet can reach of a resource by a direct way: a public address, a route to an
/// internet gateway, network ACLs and security groups that let most of the internet in.
///
/// A load balancer or firewall in front of it is a way of its own and not counted here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exposure {
    /// Whether any port can be reached from the internet.
    pub internet: bool,
    /// The ports that can, in order, joined where they touch.
    pub ports: Vec<PortRange>,
    /// The public addresses they can be reached at. Empty where AWS does not tell the address.
    pub addresses: Vec<String>,
    /// The ports as text, `tcp 22, tcp 8000-8080`; empty when there are none.
    pub summary: String,
}

/// What rules open to the internet: sources that together cover at least half of the IPv4
/// addresses, or half of the public IPv6 addresses (`2000::/3`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorldAccess {
    /// Whether every protocol and port is open.
    pub all_traffic: bool,
    /// The open ports, in order, joined where they touch.
    pub ports: Vec<PortRange>,
    /// The address ranges that open them, in order.
    pub cidrs: Vec<String>,
    /// The ports as text, `tcp 22, tcp 8000-8080`; empty when there are none.
    pub summary: String,
}
