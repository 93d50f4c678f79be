//! Turning the answers of RDS into documents.

use crate::aws::error::malformed_answer;
use crate::model::{Gap, Tags};
use aws_smithy_types::DateTime;

/// The largest page that RDS answers with.
pub(super) const PAGE: i32 = 100;

/// An SDK time. `None` if it is not representable, which AWS does not send.
pub(in crate::collect) fn time(time: Option<DateTime>) -> Option<jiff::Timestamp> {
    let time = time?;
    let nanos = i32::try_from(time.subsec_nanos()).ok()?;
    jiff::Timestamp::new(time.secs(), nanos).ok()
}

/// A field that AWS always sends. An answer without it is not one to be judged by.
pub(super) fn always<T>(field: Option<T>, action: &str, name: &str) -> Result<T, Gap> {
    // The actions of RDS are called like its operations.
    let operation = action.rsplit(':').next().unwrap_or(action);
    field.ok_or_else(|| malformed_answer(action, operation, name))
}

pub(super) fn tags(list: Option<Vec<aws_sdk_rds::types::Tag>>) -> Tags {
    let pairs = list.unwrap_or_default().into_iter();
    pairs
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

/// The name of a type of encryption, also of one that is newer than the SDK.
pub(super) fn encryption(of: Option<&aws_sdk_rds::types::StorageEncryptionType>) -> Option<String> {
    of.map(|of| of.as_str().to_owned())
}

pub(super) fn security_groups(
    list: Option<Vec<aws_sdk_rds::types::VpcSecurityGroupMembership>>,
) -> Vec<String> {
    let groups = list.unwrap_or_default().into_iter();
    groups
        .filter_map(|group| group.vpc_security_group_id)
        .collect()
}
