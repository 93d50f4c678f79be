//! Reads EC2 network: security groups, VPCs and what is in them.

mod endpoint;
mod gateway;
mod interface;
mod peering;
mod prefix_list;
mod routing;
mod security_group;
mod subnet;
mod vpc;

use super::answer::{have, silent, tags, time};
use crate::collect::Collector;
use crate::model::{PartSpec, Per};

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
    vpc::COLLECTOR,
];

/// Results on a page: the most that most of EC2's operations give.
const PAGE: i32 = 1000;

/// A part that is computed from other documents.
const fn derived(name: &'static str) -> PartSpec {
    PartSpec {
        name,
        calls: &[],
        per: Per::Derived,
    }
}

/// One field of each item, where it is there.
fn each<T, U>(items: Option<Vec<T>>, field: impl Fn(T) -> Option<U>) -> Vec<U> {
    items
        .unwrap_or_default()
        .into_iter()
        .filter_map(field)
        .collect()
}
