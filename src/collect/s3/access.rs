//! The permissions of a bucket.

use super::calls::{
    GET_BUCKET_ACL, GET_BUCKET_OWNERSHIP_CONTROLS, GET_BUCKET_POLICY, GET_BUCKET_POLICY_STATUS,
    GET_PUBLIC_ACCESS_BLOCK,
};
use crate::aws::error::{malformed, optional_answer, required_answer};
use crate::model::Gap;
use crate::model::kinds::s3::{Acl, Grant, PolicyStatus, PublicAccessBlock};
use aws_sdk_s3::Client;
use aws_sdk_s3::types;

pub(super) async fn policy(s3: &Client, bucket: &str) -> Result<Option<String>, Gap> {
    let call = &GET_BUCKET_POLICY;
    let answer = optional_answer(call, s3.get_bucket_policy().bucket(bucket).send()).await?;
    answer
        .map(|answer| answer.policy.ok_or_else(|| malformed(call, "Policy")))
        .transpose()
}

pub(super) async fn policy_status(s3: &Client, bucket: &str) -> Result<Option<PolicyStatus>, Gap> {
    let call = &GET_BUCKET_POLICY_STATUS;
    let answer = optional_answer(call, s3.get_bucket_policy_status().bucket(bucket).send()).await?;
    answer
        .map(|answer| {
            let is_public = answer.policy_status.and_then(|status| status.is_public);
            is_public
                .map(|is_public| PolicyStatus { is_public })
                .ok_or_else(|| malformed(call, "IsPublic"))
        })
        .transpose()
}

pub(super) async fn acl(s3: &Client, bucket: &str) -> Result<Acl, Gap> {
    let answer =
        required_answer(&GET_BUCKET_ACL, s3.get_bucket_acl().bucket(bucket).send()).await?;
    Ok(Acl {
        owner_id: answer.owner.and_then(|owner| owner.id),
        grants: answer
            .grants
            .unwrap_or_default()
            .into_iter()
            .map(grant)
            .collect(),
    })
}

fn grant(grant: types::Grant) -> Grant {
    let permission = grant.permission.map(|p| p.as_str().to_owned());
    match grant.grantee {
        Some(grantee) => Grant {
            grantee_type: Some(grantee.r#type.as_str().to_owned()),
            id: grantee.id,
            uri: grantee.uri,
            permission,
        },
        None => Grant {
            permission,
            ..Grant::default()
        },
    }
}

pub(super) async fn object_ownership(s3: &Client, bucket: &str) -> Result<Option<String>, Gap> {
    let call = &GET_BUCKET_OWNERSHIP_CONTROLS;
    let request = s3.get_bucket_ownership_controls().bucket(bucket);
    let Some(answer) = optional_answer(call, request.send()).await? else {
        return Ok(None);
    };
    // S3 has exactly one rule for each bucket.
    let rules = answer.ownership_controls.map(|controls| controls.rules);
    let rule = rules.and_then(|rules| rules.into_iter().next());
    let rule = rule.ok_or_else(|| malformed(call, "ObjectOwnership"))?;
    Ok(Some(rule.object_ownership.as_str().to_owned()))
}

pub(super) async fn public_access_block(
    s3: &Client,
    bucket: &str,
) -> Result<Option<PublicAccessBlock>, Gap> {
    let call = &GET_PUBLIC_ACCESS_BLOCK;
    let request = s3.get_public_access_block().bucket(bucket);
    let Some(answer) = optional_answer(call, request.send()).await? else {
        return Ok(None);
    };
    let block = answer
        .public_access_block_configuration
        .ok_or_else(|| malformed(call, "PublicAccessBlockConfiguration"))?;
    // S3 takes a switch that was never set for one that is off.
    Ok(Some(PublicAccessBlock {
        block_public_acls: block.block_public_acls.unwrap_or(false),
        ignore_public_acls: block.ignore_public_acls.unwrap_or(false),
        block_public_policy: block.block_public_policy.unwrap_or(false),
        restrict_public_buckets: block.restrict_public_buckets.unwrap_or(false),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{Grantee, Permission, Type};

    #[test]
    fn a_grant_to_everyone_keeps_its_group() {
        let everyone = "http://acs.amazonaws.com/groups/global/AllUsers";
        let sdk = types::Grant::builder()
            .grantee(
                Grantee::builder()
                    .r#type(Type::Group)
                    .uri(everyone)
                    .build()
                    .unwrap(),
            )
            .permission(Permission::Read)
            .build();
        let grant = grant(sdk);
        assert_eq!(grant.uri.as_deref(), Some(everyone));
        assert_eq!(grant.grantee_type.as_deref(), Some("Group"));
        assert_eq!(grant.permission.as_deref(), Some("READ"));
        assert_eq!(grant.id, None);
    }
}
