//! How a bucket stores its data.

use super::calls::{
    GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE_CONFIGURATION, GET_BUCKET_REPLICATION,
    GET_BUCKET_VERSIONING, GET_OBJECT_LOCK_CONFIGURATION,
};
use crate::aws::error::{malformed, optional_answer, required_answer};
use crate::model::Gap;
use crate::model::kinds::s3::{
    EncryptionRule, LifecycleRule, NoncurrentTransition, ObjectLock, ReplicationRule, Transition,
    Versioning,
};
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{self, ObjectLockEnabled};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// An SDK time as ours; `None` if it lies outside the years that we can represent.
pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    let nanos = i32::try_from(time.subsec_nanos()).ok()?;
    Timestamp::new(time.secs(), nanos).ok()
}

pub(super) async fn encryption(s3: &Client, bucket: &str) -> Result<Vec<EncryptionRule>, Gap> {
    let call = &GET_BUCKET_ENCRYPTION;
    let request = s3.get_bucket_encryption().bucket(bucket);
    let Some(answer) = optional_answer(call, request.send()).await? else {
        return Ok(Vec::new());
    };
    let configuration = answer
        .server_side_encryption_configuration
        .ok_or_else(|| malformed(call, "ServerSideEncryptionConfiguration"))?;
    Ok(configuration
        .rules
        .into_iter()
        .map(encryption_rule)
        .collect())
}

fn encryption_rule(rule: types::ServerSideEncryptionRule) -> EncryptionRule {
    let default = rule.apply_server_side_encryption_by_default;
    let blocked = rule.blocked_encryption_types;
    EncryptionRule {
        sse_algorithm: default
            .as_ref()
            .map(|d| d.sse_algorithm.as_str().to_owned()),
        kms_master_key_id: default.and_then(|d| d.kms_master_key_id),
        bucket_key_enabled: rule.bucket_key_enabled,
        // Left out where nothing is blocked.
        blocked_encryption_types: blocked
            .and_then(|blocked| blocked.encryption_type)
            .unwrap_or_default()
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
    }
}

pub(super) async fn versioning(s3: &Client, bucket: &str) -> Result<Versioning, Gap> {
    let request = s3.get_bucket_versioning().bucket(bucket);
    let answer = required_answer(&GET_BUCKET_VERSIONING, request.send()).await?;
    Ok(Versioning {
        status: answer.status.map(|s| s.as_str().to_owned()),
        mfa_delete: answer.mfa_delete.map(|s| s.as_str().to_owned()),
    })
}

pub(super) async fn lifecycle(s3: &Client, bucket: &str) -> Result<Vec<LifecycleRule>, Gap> {
    let request = s3.get_bucket_lifecycle_configuration().bucket(bucket);
    let answer = optional_answer(&GET_BUCKET_LIFECYCLE_CONFIGURATION, request.send()).await?;
    let rules = answer.and_then(|answer| answer.rules).unwrap_or_default();
    Ok(rules.into_iter().map(lifecycle_rule).collect())
}

fn lifecycle_rule(rule: types::LifecycleRule) -> LifecycleRule {
    let (filtered, filtered_by_size_only) = (filtered(&rule), filtered_by_size_only(&rule));
    let noncurrent = rule.noncurrent_version_expiration;
    LifecycleRule {
        id: rule.id,
        status: rule.status.as_str().to_owned(),
        filtered,
        filtered_by_size_only,
        transitions: rule
            .transitions
            .unwrap_or_default()
            .into_iter()
            .map(|transition| Transition {
                days: transition.days.map(i64::from),
                date: transition.date.as_ref().and_then(timestamp),
                storage_class: transition.storage_class.map(|c| c.as_str().to_owned()),
            })
            .collect(),
        expiration_days: rule.expiration.as_ref().and_then(|e| e.days).map(i64::from),
        expiration_date: rule
            .expiration
            .as_ref()
            .and_then(|e| e.date.as_ref())
            .and_then(timestamp),
        noncurrent_transitions: rule
            .noncurrent_version_transitions
            .unwrap_or_default()
            .into_iter()
            .map(|transition| NoncurrentTransition {
                noncurrent_days: transition.noncurrent_days.map(i64::from),
                storage_class: transition.storage_class.map(|c| c.as_str().to_owned()),
            })
            .collect(),
        noncurrent_expiration_days: noncurrent
            .as_ref()
            .and_then(|n| n.noncurrent_days)
            .map(i64::from),
        newer_noncurrent_versions: noncurrent
            .and_then(|n| n.newer_noncurrent_versions)
            .map(i64::from),
        abort_incomplete_multipart_days: rule
            .abort_incomplete_multipart_upload
            .and_then(|a| a.days_after_initiation)
            .map(i64::from),
    }
}

/// Whether a rule leaves out some objects. An empty prefix is no filter; in the old form of a rule,
/// the prefix is outside the filter.
fn filtered(rule: &types::LifecycleRule) -> bool {
    #[allow(deprecated, reason = "buckets still have rules of the old form")]
    let old_prefix = rule.prefix.as_ref();
    let by_prefix = |prefix: Option<&String>| prefix.is_some_and(|p| !p.is_empty());
    by_prefix(old_prefix)
        || rule.filter.as_ref().is_some_and(|filter| {
            by_prefix(filter.prefix.as_ref())
                || filter.tag.is_some()
                || filter.object_size_greater_than.is_some()
                || filter.object_size_less_than.is_some()
                || filter.and.is_some()
        })
}

/// Whether a rule filters by size only. By default S3 moves no object below 128 KiB, so such rules
/// cover nearly all data.
fn filtered_by_size_only(rule: &types::LifecycleRule) -> bool {
    #[allow(deprecated, reason = "buckets still have rules of the old form")]
    let old_prefix = rule.prefix.as_ref();
    let some_prefix = |prefix: Option<&String>| prefix.is_some_and(|p| !p.is_empty());
    let Some(filter) = &rule.filter else {
        return false;
    };
    if some_prefix(old_prefix) || some_prefix(filter.prefix.as_ref()) || filter.tag.is_some() {
        return false;
    }
    let sized = filter
        .object_size_greater_than
        .or(filter.object_size_less_than);
    match &filter.and {
        None => sized.is_some(),
        Some(and) => {
            let sized = and.object_size_greater_than.or(and.object_size_less_than);
            sized.is_some()
                && !some_prefix(and.prefix.as_ref())
                && and.tags.as_deref().unwrap_or_default().is_empty()
        }
    }
}

pub(super) async fn replication(s3: &Client, bucket: &str) -> Result<Vec<ReplicationRule>, Gap> {
    let call = &GET_BUCKET_REPLICATION;
    let request = s3.get_bucket_replication().bucket(bucket);
    let Some(answer) = optional_answer(call, request.send()).await? else {
        return Ok(Vec::new());
    };
    let configuration = answer
        .replication_configuration
        .ok_or_else(|| malformed(call, "ReplicationConfiguration"))?;
    Ok(configuration
        .rules
        .into_iter()
        .map(replication_rule)
        .collect())
}

fn replication_rule(rule: types::ReplicationRule) -> ReplicationRule {
    #[allow(deprecated, reason = "buckets still have rules of the old form")]
    let old_prefix = rule.prefix;
    let by_prefix = |prefix: Option<&String>| prefix.is_some_and(|p| !p.is_empty());
    let filtered = by_prefix(old_prefix.as_ref())
        || rule.filter.is_some_and(|filter| {
            by_prefix(filter.prefix.as_ref()) || filter.tag.is_some() || filter.and.is_some()
        });
    let delete_markers = rule.delete_marker_replication;
    let (bucket, account, class) = match rule.destination {
        Some(to) => (Some(to.bucket), to.account, to.storage_class),
        None => (None, None, None),
    };
    ReplicationRule {
        id: rule.id,
        status: rule.status.as_str().to_owned(),
        filtered,
        destination_bucket: bucket,
        destination_account: account,
        storage_class: class.map(|c| c.as_str().to_owned()),
        delete_marker_replication: delete_markers
            .and_then(|markers| markers.status)
            .map(|status| status.as_str().to_owned()),
    }
}

pub(super) async fn object_lock(s3: &Client, bucket: &str) -> Result<Option<ObjectLock>, Gap> {
    let call = &GET_OBJECT_LOCK_CONFIGURATION;
    let request = s3.get_object_lock_configuration().bucket(bucket);
    let Some(answer) = optional_answer(call, request.send()).await? else {
        return Ok(None);
    };
    let lock = answer
        .object_lock_configuration
        .ok_or_else(|| malformed(call, "ObjectLockConfiguration"))?;
    let enabled = lock.object_lock_enabled;
    let enabled = enabled.ok_or_else(|| malformed(call, "ObjectLockEnabled"))?;
    let retention = lock.rule.and_then(|rule| rule.default_retention);
    Ok(Some(ObjectLock {
        enabled: enabled == ObjectLockEnabled::Enabled,
        default_mode: retention
            .as_ref()
            .and_then(|r| r.mode.as_ref())
            .map(|mode| mode.as_str().to_owned()),
        default_days: retention.as_ref().and_then(|r| r.days).map(i64::from),
        default_years: retention.and_then(|r| r.years).map(i64::from),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{
        ExpirationStatus, LifecycleExpiration, LifecycleRuleAndOperator, LifecycleRuleFilter,
    };

    fn rule(filter: Option<LifecycleRuleFilter>) -> types::LifecycleRule {
        types::LifecycleRule::builder()
            .status(ExpirationStatus::Enabled)
            .set_filter(filter)
            .expiration(LifecycleExpiration::builder().days(30).build())
            .build()
            .unwrap()
    }

    #[test]
    fn an_empty_filter_leaves_nothing_out() {
        assert!(!lifecycle_rule(rule(None)).filtered);
        let empty = LifecycleRuleFilter::builder().prefix("").build();
        assert!(!lifecycle_rule(rule(Some(empty))).filtered);
        let prefix = LifecycleRuleFilter::builder().prefix("logs/").build();
        assert!(lifecycle_rule(rule(Some(prefix))).filtered);
        let and = LifecycleRuleFilter::builder()
            .and(LifecycleRuleAndOperator::builder().build())
            .build();
        assert!(lifecycle_rule(rule(Some(and))).filtered);
    }

    #[test]
    fn a_size_alone_is_told_from_other_filters() {
        let size_only = |filter: Option<LifecycleRuleFilter>| {
            let read = lifecycle_rule(rule(filter));
            (read.filtered, read.filtered_by_size_only)
        };
        let filter = LifecycleRuleFilter::builder;
        let and = LifecycleRuleAndOperator::builder().object_size_greater_than(131_072);
        let sized = filter().object_size_greater_than(131_072).build();
        assert_eq!(size_only(Some(sized)), (true, true));
        let between = and.clone().object_size_less_than(1 << 30).build();
        assert_eq!(size_only(Some(filter().and(between).build())), (true, true));
        let below_prefix = and.prefix("tmp/").build();
        let below_prefix = filter().and(below_prefix).build();
        assert_eq!(size_only(Some(below_prefix)), (true, false));
        assert_eq!(
            size_only(Some(filter().prefix("tmp/").build())),
            (true, false)
        );
        assert_eq!(size_only(None), (false, false));
    }

    #[test]
    fn a_rule_of_the_old_form_has_its_prefix_outside() {
        #[allow(deprecated)]
        let old = types::LifecycleRule::builder()
            .status(ExpirationStatus::Disabled)
            .prefix("tmp/")
            .build()
            .unwrap();
        let read = lifecycle_rule(old);
        assert!(read.filtered);
        assert_eq!(read.status, "Disabled");
    }

    #[test]
    fn days_are_kept() {
        let read = lifecycle_rule(rule(None));
        assert_eq!(read.expiration_days, Some(30));
        assert_eq!(read.noncurrent_expiration_days, None);
    }
}
