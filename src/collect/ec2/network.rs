//! Reads EC2 network: security groups, VPCs and what is in them.

mod endpoint;
mod gateway;
mod interface;
mod launch_template;
mod peering;
mod prefix_list;
mod routing;
mod security_group;
mod subnet;
mod transit;
mod vpc;

use super::answer::{PAGE, collect_field, derived, have, share, silent, tags, time, word};
use crate::collect::Collector;

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[
    endpoint::COLLECTOR,
    gateway::INTERNET,
    gateway::NAT,
    interface::COLLECTOR,
    peering::COLLECTOR,
    prefix_list::COLLECTOR,
    routing::ACLS,
    routing::TABLES,
    security_group::COLLECTOR,
    subnet::COLLECTOR,
    transit::CLIENT_VPN,
    transit::TRANSIT_GATEWAY,
    transit::VPN_CONNECTION,
    vpc::COLLECTOR,
];
