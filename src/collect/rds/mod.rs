//! Reads Amazon RDS: instances, clusters and their snapshots.

mod class;
mod cluster;
mod instance;
mod maintenance;
mod snapshot;

use super::Collector;
use crate::model::{Cause, Gap, Tags};
use aws_smithy_types::DateTime;

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[
    instance::COLLECTOR,
    cluster::COLLECTOR,
    snapshot::COLLECTOR,
    snapshot::CLUSTER_COLLECTOR,
];

/// The largest page that RDS answers with.
const PAGE: i32 = 100;

/// An SDK time. `None` for a time that is not representable, which AWS does not send.
pub(super) fn time(time: Option<DateTime>) -> Option<jiff::Timestamp> {
    let time = time?;
    let nanos = i32::try_from(time.subsec_nanos()).ok()?;
    jiff::Timestamp::new(time.secs(), nanos).ok()
}

/// A field that AWS always sends. An answer without it is not one to be judged by.
fn always<T>(field: Option<T>, action: &str) -> Result<T, Gap> {
    field.ok_or_else(|| Gap::new(action, Cause::Failed, "malformed answer"))
}

fn tags(list: Option<Vec<aws_sdk_rds::types::Tag>>) -> Tags {
    let pairs = list.unwrap_or_default().into_iter();
    pairs
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

fn security_groups(
    list: Option<Vec<aws_sdk_rds::types::VpcSecurityGroupMembership>>,
) -> Vec<String> {
    let groups = list.unwrap_or_default().into_iter();
    groups
        .filter_map(|group| group.vpc_security_group_id)
        .collect()
}
