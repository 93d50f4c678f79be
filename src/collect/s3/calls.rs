//! The operations of S3 that are called, with the error codes that mean *absent*.

use crate::call;
use crate::model::Call;

pub(super) const LIST_BUCKETS: Call = call!("s3", "ListBuckets", action: "s3:ListAllMyBuckets");
/// Only for buckets that the list has without a region: AWS gives it, compatible servers may not.
pub(super) const GET_BUCKET_LOCATION: Call = call!(
    "s3",
    "GetBucketLocation",
    only_for: "each s3.bucket listed without its region"
);
pub(super) const GET_BUCKET_TAGGING: Call =
    call!("s3", "GetBucketTagging", absent: ["NoSuchTagSet"]);
pub(super) const GET_BUCKET_POLICY: Call =
    call!("s3", "GetBucketPolicy", absent: ["NoSuchBucketPolicy"]);
pub(super) const GET_BUCKET_POLICY_STATUS: Call =
    call!("s3", "GetBucketPolicyStatus", absent: ["NoSuchBucketPolicy"]);
pub(super) const GET_BUCKET_ACL: Call = call!("s3", "GetBucketAcl");
pub(super) const GET_BUCKET_OWNERSHIP_CONTROLS: Call = call!(
    "s3",
    "GetBucketOwnershipControls",
    absent: ["OwnershipControlsNotFoundError"]
);
pub(super) const GET_PUBLIC_ACCESS_BLOCK: Call = call!(
    "s3",
    "GetPublicAccessBlock",
    action: "s3:GetBucketPublicAccessBlock",
    absent: ["NoSuchPublicAccessBlockConfiguration"]
);
pub(super) const GET_BUCKET_ENCRYPTION: Call = call!(
    "s3",
    "GetBucketEncryption",
    action: "s3:GetEncryptionConfiguration",
    absent: ["ServerSideEncryptionConfigurationNotFoundError"]
);
pub(super) const GET_BUCKET_VERSIONING: Call = call!("s3", "GetBucketVersioning");
pub(super) const GET_BUCKET_LIFECYCLE_CONFIGURATION: Call = call!(
    "s3",
    "GetBucketLifecycleConfiguration",
    action: "s3:GetLifecycleConfiguration",
    absent: ["NoSuchLifecycleConfiguration"]
);
pub(super) const GET_BUCKET_LOGGING: Call = call!("s3", "GetBucketLogging");
pub(super) const GET_BUCKET_REPLICATION: Call = call!(
    "s3",
    "GetBucketReplication",
    action: "s3:GetReplicationConfiguration",
    absent: ["ReplicationConfigurationNotFoundError"]
);
pub(super) const GET_OBJECT_LOCK_CONFIGURATION: Call = call!(
    "s3",
    "GetObjectLockConfiguration",
    action: "s3:GetBucketObjectLockConfiguration",
    absent: ["ObjectLockConfigurationNotFoundError"]
);
pub(super) const GET_BUCKET_NOTIFICATION_CONFIGURATION: Call = call!(
    "s3",
    "GetBucketNotificationConfiguration",
    action: "s3:GetBucketNotification"
);
pub(super) const GET_BUCKET_WEBSITE: Call =
    call!("s3", "GetBucketWebsite", absent: ["NoSuchWebsiteConfiguration"]);
pub(super) const GET_BUCKET_CORS: Call = call!(
    "s3",
    "GetBucketCors",
    action: "s3:GetBucketCORS",
    absent: ["NoSuchCORSConfiguration"]
);
pub(super) const LIST_BUCKET_METRICS_CONFIGURATIONS: Call = call!(
    "s3",
    "ListBucketMetricsConfigurations",
    action: "s3:GetMetricsConfiguration"
);
