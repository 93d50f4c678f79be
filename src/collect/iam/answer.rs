//! IAM's calls, and turning their answers into documents.

use crate::aws::error::malformed;
use crate::call;
use crate::collect::Job;
use crate::model::kinds::iam::{AttachedPolicy, InlinePolicy};
use crate::model::{Call, Gap, Tags};
use aws_sdk_iam::operation::get_account_authorization_details::paginator::GetAccountAuthorizationDetailsPaginator;
use aws_sdk_iam::types as sdk;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// Users, groups, roles and policies with everything that their policies say.
pub(super) const DETAILS: Call = call!("iam", "GetAccountAuthorizationDetails");
pub(super) const LIST_ROLES: Call = call!("iam", "ListRoles");
pub(super) const POLICY_TAGS: Call = call!("iam", "ListPolicyTags");

/// The largest page these APIs give.
pub(super) const PAGE: i32 = 1000;

/// Pages of one type of resource.
pub(super) fn details(
    job: &Job,
    filter: sdk::EntityType,
) -> GetAccountAuthorizationDetailsPaginator {
    job.aws
        .iam(&job.region)
        .get_account_authorization_details()
        .filter(filter)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .page_size(PAGE)
}

pub(super) fn attached(list: Option<Vec<sdk::AttachedPolicy>>) -> Result<Vec<AttachedPolicy>, Gap> {
    list.unwrap_or_default()
        .into_iter()
        .map(|policy| {
            Ok(AttachedPolicy {
                policy_name: required(policy.policy_name, "PolicyName")?,
                policy_arn: required(policy.policy_arn, "PolicyArn")?,
            })
        })
        .collect()
}

pub(super) fn inline(list: Option<Vec<sdk::PolicyDetail>>) -> Result<Vec<InlinePolicy>, Gap> {
    list.unwrap_or_default()
        .into_iter()
        .map(|policy| {
            Ok(InlinePolicy {
                policy_name: required(policy.policy_name, "PolicyName")?,
                document: document(&required(policy.policy_document, "PolicyDocument")?)?,
            })
        })
        .collect()
}

pub(super) fn boundary(boundary: Option<sdk::AttachedPermissionsBoundary>) -> Option<String> {
    boundary.and_then(|b| b.permissions_boundary_arn)
}

pub(super) fn tags(list: Option<Vec<sdk::Tag>>) -> Tags {
    list.unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect()
}

/// The JSON text of a policy. IAM percent-encodes it (RFC 3986); a text that starts with a brace is
/// not encoded, so its percent signs are literal.
pub(super) fn document(text: &str) -> Result<String, Gap> {
    if text.trim_start().starts_with('{') {
        return Ok(text.to_owned());
    }
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| malformed(&DETAILS, "PolicyDocument in UTF-8"))
}

/// A field that AWS always sends.
pub(super) fn required<T>(value: Option<T>, field: &str) -> Result<T, Gap> {
    value.ok_or_else(|| malformed(&DETAILS, field))
}

pub(super) fn time(date: Option<&DateTime>, field: &str) -> Result<Timestamp, Gap> {
    let date = required(date, field)?;
    let nanos = i32::try_from(date.subsec_nanos()).unwrap_or_default();
    Timestamp::new(date.secs(), nanos).map_err(|_| malformed(&DETAILS, field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_decoded_once() {
        let text = r#"{"Resource":"a%20b"}"#;
        assert_eq!(document(text).unwrap(), text);
        let encoded = "%7B%22Resource%22%3A%22a%2520b%22%7D";
        assert_eq!(document(encoded).unwrap(), text);
        assert!(document("%ff").is_err());
    }
}
