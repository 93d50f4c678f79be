//! Reads the account as a whole, and the settings of each region.

use super::{Collector, Job, credential_report};
use crate::aws::dynamic::object;
use crate::aws::error::{gap, malformed, optional_answer, required_answer};
use crate::call;
use crate::kinds::model::Projection;
use crate::model::kinds::account::{
    Account, Contact, InstanceMetadataDefaults, PasswordPolicy, Region, Root, Summary, VirtualMfa,
};
use crate::model::kinds::s3::PublicAccessBlock;
use crate::model::{
    Call, Cause, Definition, Gap, Kind, Part, PartSpec, Per, Scope, Tags, TypedDocument,
};
use aws_sdk_iam::types::{AssignmentStatusType, SummaryKeyType};
use std::collections::HashMap;
use std::sync::Arc;

const GET_ACCOUNT_SUMMARY: Call = call!("iam", "GetAccountSummary");
const GET_ACCOUNT_PASSWORD_POLICY: Call =
    call!("iam", "GetAccountPasswordPolicy", absent: ["NoSuchEntity"]);
const LIST_VIRTUAL_MFA_DEVICES: Call = call!("iam", "ListVirtualMFADevices");
const GET_ALTERNATE_CONTACT: Call =
    call!("account", "GetAlternateContact", absent: ["ResourceNotFoundException"]);
const GET_PUBLIC_ACCESS_BLOCK: Call = call!(
    "s3control", "GetPublicAccessBlock",
    action: "s3:GetAccountPublicAccessBlock",
    absent: ["NoSuchPublicAccessBlockConfiguration"]
);

const GET_EBS_ENCRYPTION_BY_DEFAULT: Call = call!("ec2", "GetEbsEncryptionByDefault");
const GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE: Call =
    call!("ec2", "GetSnapshotBlockPublicAccessState");
const GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE: Call = call!("ec2", "GetImageBlockPublicAccessState");
const GET_INSTANCE_METADATA_DEFAULTS: Call = call!("ec2", "GetInstanceMetadataDefaults");

const fn part(name: &'static str, calls: &'static [&'static Call]) -> PartSpec {
    PartSpec {
        name,
        calls,
        per: Per::Resource,
    }
}

/// The account. There is one, so nothing is listed.
static ACCOUNT: Kind = Kind {
    name: Account::KIND,
    scope: Scope::Account,
    list: &[],
    parts: &[
        part("summary", &[&GET_ACCOUNT_SUMMARY]),
        part(
            "root",
            &[&credential_report::GENERATE, &credential_report::GET],
        ),
        part("password_policy", &[&GET_ACCOUNT_PASSWORD_POLICY]),
        part("security_contact", &[&GET_ALTERNATE_CONTACT]),
        part("operations_contact", &[&GET_ALTERNATE_CONTACT]),
        part("billing_contact", &[&GET_ALTERNATE_CONTACT]),
        part("public_access_block", &[&GET_PUBLIC_ACCESS_BLOCK]),
        part("virtual_mfa", &[&LIST_VIRTUAL_MFA_DEVICES]),
    ],
    definition: Definition::Typed(Account::schema),
};

/// A region of the account. The scan knows its regions, so nothing is listed.
static REGION: Kind = Kind {
    name: Region::KIND,
    scope: Scope::Region,
    list: &[],
    parts: &[
        part(
            "ebs_encryption_by_default",
            &[&GET_EBS_ENCRYPTION_BY_DEFAULT],
        ),
        part(
            "snapshot_block_public_access",
            &[&GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE],
        ),
        part(
            "image_block_public_access",
            &[&GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE],
        ),
        part(
            "instance_metadata_defaults",
            &[&GET_INSTANCE_METADATA_DEFAULTS],
        ),
        PartSpec {
            name: "alarm_coverage",
            calls: &[],
            per: Per::Derived,
        },
    ],
    definition: Definition::Typed(Region::schema),
};

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[
    Collector {
        kind: &ACCOUNT,
        read: |job| Box::pin(read_account(job)),
    },
    Collector {
        kind: &REGION,
        read: |job| Box::pin(read_region(job)),
    },
];

async fn read_account(job: Arc<Job>) -> Result<(), Gap> {
    let contact = |kind| contact(&job, kind);
    // All at once: AWS takes seconds to write a credential report.
    let (
        (summary, root, password_policy, virtual_mfa),
        (security_contact, operations_contact, billing_contact),
        public_access_block,
    ) = tokio::join!(
        async {
            tokio::join!(
                job.part("summary", summary(&job)),
                job.part("root", root(&job)),
                job.part("password_policy", password_policy(&job)),
                job.part("virtual_mfa", virtual_mfa(&job)),
            )
        },
        async {
            tokio::join!(
                job.part("security_contact", contact("SECURITY")),
                job.part("operations_contact", contact("OPERATIONS")),
                job.part("billing_contact", contact("BILLING")),
            )
        },
        job.part("public_access_block", public_access_block(&job)),
    );
    let arn = format!("arn:{}:iam::{}:root", job.partition, job.account);
    let resource = job.resource(&job.account, Some(arn), Part::Read(Tags::new()));
    let account = Account {
        summary,
        root,
        password_policy,
        security_contact,
        operations_contact,
        billing_contact,
        public_access_block,
        virtual_mfa,
    };
    job.emit(resource, &account).await;
    Ok(())
}

async fn summary(job: &Job) -> Result<Summary, Gap> {
    let request = job.aws.iam(&job.region).get_account_summary();
    let answer = required_answer(&GET_ACCOUNT_SUMMARY, request.send()).await?;
    let map = answer.summary_map.unwrap_or_default();
    to_summary(&map).ok_or_else(|| malformed(&GET_ACCOUNT_SUMMARY, "SummaryMap"))
}

/// The summary, or `None` if it lacks the protection of the root user.
fn to_summary(map: &HashMap<SummaryKeyType, i32>) -> Option<Summary> {
    let number = |key: SummaryKeyType| map.get(&key).copied();
    let count = |key| number(key).map(i64::from);
    Some(Summary {
        account_mfa_enabled: number(SummaryKeyType::AccountMfaEnabled)? > 0,
        account_access_keys_present: count(SummaryKeyType::AccountAccessKeysPresent)?,
        account_password_present: number(SummaryKeyType::AccountPasswordPresent).map(|n| n > 0),
        account_signing_certificates_present: count(
            SummaryKeyType::AccountSigningCertificatesPresent,
        )?,
        users: count(SummaryKeyType::Users),
        groups: count(SummaryKeyType::Groups),
        roles: count(SummaryKeyType::Roles),
        policies: count(SummaryKeyType::Policies),
        providers: count(SummaryKeyType::Providers),
        server_certificates: count(SummaryKeyType::ServerCertificates),
        mfa_devices: count(SummaryKeyType::MfaDevices),
        mfa_devices_in_use: count(SummaryKeyType::MfaDevicesInUse),
        users_quota: count(SummaryKeyType::UsersQuota),
        roles_quota: count(SummaryKeyType::RolesQuota),
    })
}

async fn root(job: &Job) -> Result<Root, Gap> {
    let rows = job
        .credential_report
        .rows(&job.aws.iam(&job.region))
        .await?;
    let row = rows.iter().find(|row| row.is_root()).ok_or_else(|| {
        let detail = "no root user in the credential report";
        Gap::new(credential_report::GET.action, Cause::Failed, detail)
    })?;
    let [key_1, key_2] = &row.access_keys;
    let [certificate_1_active, certificate_2_active] = row.certificates_active;
    Ok(Root {
        created: row.created,
        password_enabled: row.password_enabled,
        password_last_used: row.password_last_used,
        mfa_active: row.mfa_active,
        access_key_1_active: key_1.active,
        access_key_1_last_used: key_1.last_used,
        access_key_2_active: key_2.active,
        access_key_2_last_used: key_2.last_used,
        certificate_1_active,
        certificate_2_active,
    })
}

async fn password_policy(job: &Job) -> Result<Option<PasswordPolicy>, Gap> {
    let call = &GET_ACCOUNT_PASSWORD_POLICY;
    let request = job.aws.iam(&job.region).get_account_password_policy();
    let Some(answer) = optional_answer(call, request.send()).await? else {
        return Ok(None);
    };
    let policy = answer
        .password_policy
        .ok_or_else(|| malformed(call, "PasswordPolicy"))?;
    Ok(Some(PasswordPolicy {
        minimum_password_length: policy.minimum_password_length.map(i64::from),
        require_symbols: policy.require_symbols,
        require_numbers: policy.require_numbers,
        require_uppercase_characters: policy.require_uppercase_characters,
        require_lowercase_characters: policy.require_lowercase_characters,
        allow_users_to_change_password: policy.allow_users_to_change_password,
        expire_passwords: policy.expire_passwords,
        max_password_age: policy.max_password_age.map(i64::from),
        password_reuse_prevention: policy.password_reuse_prevention.map(i64::from),
        hard_expiry: policy.hard_expiry,
    }))
}

async fn contact(job: &Job, kind: &str) -> Result<Option<Contact>, Gap> {
    let call = &GET_ALTERNATE_CONTACT;
    let keep = [
        "AlternateContact.EmailAddress",
        "AlternateContact.PhoneNumber",
    ];
    let request = async {
        let client = job.aws.modelled("account", &job.region)?;
        let input = object([("AlternateContactType", kind.into())]);
        client
            .call(call.operation, input, &Projection::of(keep))
            .await
    };
    let Some(answer) = optional_answer(call, request).await? else {
        return Ok(None);
    };
    let contact = answer
        .get("AlternateContact")
        .ok_or_else(|| malformed(call, "AlternateContact"))?;
    let email = contact["EmailAddress"].as_str();
    let phone = contact["PhoneNumber"].as_str();
    Ok(Some(Contact {
        contact_type: kind.to_owned(),
        email_domain: email.and_then(domain).map(ToOwned::to_owned),
        has_phone_number: phone.is_some_and(|n| !n.is_empty()),
    }))
}

/// The part after the `@`. The rest is personal data.
fn domain(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

async fn public_access_block(job: &Job) -> Result<Option<PublicAccessBlock>, Gap> {
    let call = &GET_PUBLIC_ACCESS_BLOCK;
    let request = async {
        let client = job.aws.modelled("s3control", &job.region)?;
        let input = object([("AccountId", job.account.as_str().into())]);
        let keep = Projection::of(["PublicAccessBlockConfiguration"]);
        client.call(call.operation, input, &keep).await
    };
    let Some(answer) = optional_answer(call, request).await? else {
        return Ok(None);
    };
    let block = answer.get("PublicAccessBlockConfiguration");
    let block = block.ok_or_else(|| malformed(call, "PublicAccessBlockConfiguration"))?;
    // S3 takes a switch that was never set for one that is off.
    let is_on = |name: &str| block[name].as_bool().unwrap_or(false);
    Ok(Some(PublicAccessBlock {
        block_public_acls: is_on("BlockPublicAcls"),
        ignore_public_acls: is_on("IgnorePublicAcls"),
        block_public_policy: is_on("BlockPublicPolicy"),
        restrict_public_buckets: is_on("RestrictPublicBuckets"),
    }))
}

async fn virtual_mfa(job: &Job) -> Result<VirtualMfa, Gap> {
    let request = job
        .aws
        .iam(&job.region)
        .list_virtual_mfa_devices()
        .assignment_status(AssignmentStatusType::Assigned);
    let mut items = request
        .into_paginator()
        .stop_on_duplicate_token(false)
        .page_size(1000)
        .items()
        .send();
    let root = format!("arn:{}:iam::{}:root", job.partition, job.account);
    let mut found = VirtualMfa::default();
    while let Some(device) = items.next().await {
        let device = device.map_err(|error| gap(&LIST_VIRTUAL_MFA_DEVICES, &error))?;
        found.in_use += 1;
        let owner = device.user.as_ref().map(|user| user.arn.as_str());
        found.root |= owner == Some(root.as_str())
            || device
                .serial_number
                .ends_with(":mfa/root-account-mfa-device");
    }
    Ok(found)
}

async fn read_region(job: Arc<Job>) -> Result<(), Gap> {
    let (
        ebs_encryption_by_default,
        snapshot_block_public_access,
        image_block_public_access,
        instance_metadata_defaults,
    ) = tokio::join!(
        job.part("ebs_encryption_by_default", ebs_encryption_by_default(&job)),
        job.part("snapshot_block_public_access", snapshot_block(&job)),
        job.part("image_block_public_access", image_block(&job)),
        job.part("instance_metadata_defaults", metadata_defaults(&job)),
    );
    let region = Region {
        ebs_encryption_by_default,
        snapshot_block_public_access,
        image_block_public_access,
        instance_metadata_defaults,
        alarm_coverage: Part::Unread,
    };
    let resource = job.resource(&job.region, None, Part::Read(Tags::new()));
    job.emit(resource, &region).await;
    Ok(())
}

async fn ebs_encryption_by_default(job: &Job) -> Result<bool, Gap> {
    let call = &GET_EBS_ENCRYPTION_BY_DEFAULT;
    let request = job.aws.ec2(&job.region).get_ebs_encryption_by_default();
    let answer = required_answer(call, request.send()).await?;
    answer
        .ebs_encryption_by_default
        .ok_or_else(|| malformed(call, "EbsEncryptionByDefault"))
}

async fn snapshot_block(job: &Job) -> Result<String, Gap> {
    let call = &GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE;
    let client = job.aws.ec2(&job.region);
    let request = client.get_snapshot_block_public_access_state();
    let answer = required_answer(call, request.send()).await?;
    let state = answer.state.ok_or_else(|| malformed(call, "State"))?;
    Ok(state.as_str().to_owned())
}

async fn image_block(job: &Job) -> Result<String, Gap> {
    let call = &GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE;
    let client = job.aws.ec2(&job.region);
    let request = client.get_image_block_public_access_state();
    let answer = required_answer(call, request.send()).await?;
    answer
        .image_block_public_access_state
        .ok_or_else(|| malformed(call, "ImageBlockPublicAccessState"))
}

async fn metadata_defaults(job: &Job) -> Result<InstanceMetadataDefaults, Gap> {
    let call = &GET_INSTANCE_METADATA_DEFAULTS;
    let request = job.aws.ec2(&job.region).get_instance_metadata_defaults();
    let answer = required_answer(call, request.send()).await?;
    let level = answer
        .account_level
        .ok_or_else(|| malformed(call, "AccountLevel"))?;
    Ok(InstanceMetadataDefaults {
        http_tokens: level.http_tokens.map(|v| v.as_str().to_owned()),
        http_tokens_enforced: level.http_tokens_enforced.map(|v| v.as_str().to_owned()),
        http_put_response_hop_limit: level.http_put_response_hop_limit.map(i64::from),
        http_endpoint: level.http_endpoint.map(|v| v.as_str().to_owned()),
        instance_metadata_tags: level.instance_metadata_tags.map(|v| v.as_str().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_without_the_root_user_is_malformed() {
        let mut map = HashMap::from([(SummaryKeyType::AccountMfaEnabled, 1)]);
        assert_eq!(to_summary(&map), None);
        map.insert(SummaryKeyType::AccountAccessKeysPresent, 0);
        assert_eq!(to_summary(&map), None);
        map.insert(SummaryKeyType::AccountSigningCertificatesPresent, 0);
        let summary = to_summary(&map).unwrap();
        assert!(summary.account_mfa_enabled);
        assert_eq!(summary.account_password_present, None);
    }

    #[test]
    fn only_the_domain_of_an_address_is_kept() {
        assert_eq!(domain("a@b@example.com"), Some("example.com"));
        assert_eq!(domain("nobody"), None);
    }
}
