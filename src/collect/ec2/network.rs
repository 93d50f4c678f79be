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

use crate::collect::Collector;
use crate::model::{Call, Cause, Gap, Part, PartSpec, Per, Tags};
use aws_sdk_ec2::types::Tag;

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

/// A field that AWS always gives; without it the answer is malformed.
fn have<T>(call: &Call, field: Option<T>) -> Result<T, Gap> {
    field.ok_or_else(|| Gap::new(call.action, Cause::Failed, "malformed answer"))
}

/// Tags of a resource. They come with the resource, so no tags are an answer too.
fn tags(tags: Option<Vec<Tag>>) -> Part<Tags> {
    let pairs = tags.unwrap_or_default().into_iter();
    Part::Read(
        pairs
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
            .collect(),
    )
}

/// An SDK time as ours.
fn time(time: Option<aws_smithy_types::DateTime>) -> Option<jiff::Timestamp> {
    time.and_then(|t| jiff::Timestamp::from_nanosecond(t.as_nanos()).ok())
}

/// One field of each item, where it is there.
fn each<T, U>(items: Option<Vec<T>>, field: impl Fn(T) -> Option<U>) -> Vec<U> {
    items
        .unwrap_or_default()
        .into_iter()
        .filter_map(field)
        .collect()
}
