//! What joins VPCs with other networks: transit gateways and VPNs.

use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A transit gateway, the account's own or one that is shared with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TransitGateway {
    /// `pending`, `available`, `modifying`, `deleting` or `deleted`, which AWS goes on listing for a while.
    pub state: Option<String>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// Whether attachments that other accounts ask for are accepted at once: `enable` or `disable`.
    pub auto_accept_shared_attachments: Option<String>,
}

impl TypedDocument for TransitGateway {
    const KIND: &'static str = "ec2.transit_gateway";
}

/// A site-to-site VPN connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VpnConnection {
    /// `pending`, `available`, `deleting` or `deleted`, which AWS goes on listing for a while.
    pub state: Option<String>,
    /// The transit gateway that it ends at.
    pub transit_gateway_id: Option<String>,
    /// The virtual private gateway that it ends at.
    pub vpn_gateway_id: Option<String>,
    /// Its tunnels, of which AWS makes two.
    pub tunnels: Vec<VpnTunnel>,
}

impl TypedDocument for VpnConnection {
    const KIND: &'static str = "ec2.vpn_connection";
}

/// A tunnel of a VPN connection (`VgwTelemetry`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VpnTunnel {
    /// AWS's public address.
    pub outside_ip_address: Option<String>,
    /// `UP` or `DOWN`.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub status: Part<String>,
    /// Since when.
    pub last_status_change: Option<Timestamp>,
}

/// An endpoint of AWS Client VPN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientVpnEndpoint {
    /// `pending-associate`, `available`, `deleting` or `deleted`.
    pub status: Option<String>,
    /// Whether connections are logged to CloudWatch Logs.
    pub connection_log_enabled: Option<bool>,
    /// Whether clients send only what is for the VPC through it.
    pub split_tunnel: Option<bool>,
}

impl TypedDocument for ClientVpnEndpoint {
    const KIND: &'static str = "ec2.client_vpn_endpoint";
}
