//! Documents of Amazon S3.

use super::metric::Metric;
use super::policy_access::PolicyAccess;
use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A general purpose bucket of Amazon S3.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bucket {
    /// When the bucket was made (`ListBuckets`). S3 may move it when settings of the bucket change.
    pub creation_date: Option<Timestamp>,
    /// The bucket policy as JSON text; null if there is none (`GetBucketPolicy`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub policy: Part<Option<String>>,
    /// Whether S3 itself calls the bucket policy public; null if there is no policy
    /// (`GetBucketPolicyStatus`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub policy_status: Part<Option<PolicyStatus>>,
    /// The access control list (`GetBucketAcl`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub acl: Part<Acl>,
    /// Who owns new objects and whether ACLs count: `BucketOwnerEnforced` (ACLs are switched off),
    /// `BucketOwnerPreferred` or `ObjectWriter`; null if never set, which is how buckets made
    /// before April 2023 have ACLs on (`GetBucketOwnershipControls`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub object_ownership: Part<Option<String>>,
    /// The bucket's own public access block; null if it has none, which blocks nothing
    /// (`GetPublicAccessBlock`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub public_access_block: Part<Option<PublicAccessBlock>>,
    /// How new objects are encrypted when the writer does not say; empty if no default is set
    /// (`GetBucketEncryption`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub encryption: Part<Vec<EncryptionRule>>,
    /// Versioning (`GetBucketVersioning`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub versioning: Part<Versioning>,
    /// Lifecycle rules; empty if there are none (`GetBucketLifecycleConfiguration`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub lifecycle: Part<Vec<LifecycleRule>>,
    /// Where server access logs go; null if they are off (`GetBucketLogging`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub logging: Part<Option<Logging>>,
    /// Replication rules; empty if there are none (`GetBucketReplication`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub replication: Part<Vec<ReplicationRule>>,
    /// Object Lock; null if the bucket does not have it (`GetObjectLockConfiguration`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub object_lock: Part<Option<ObjectLock>>,
    /// The targets that are notified of changes of objects (`GetBucketNotificationConfiguration`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub notifications: Part<Notifications>,
    /// Static website hosting; null if it is off (`GetBucketWebsite`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub website: Part<Option<Website>>,
    /// Cross-origin rules; empty if there are none (`GetBucketCors`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub cors: Part<Vec<CorsRule>>,
    /// Request metrics that CloudWatch gets; empty if there are none
    /// (`ListBucketMetricsConfigurations`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub request_metrics: Part<Vec<RequestMetrics>>,
    /// How much the bucket holds, once a day over the last 14 days (CloudWatch `AWS/S3`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub size: Part<Size>,
    /// What anyone on the internet can do with the bucket, all settings taken together.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub publicness: Part<Publicness>,
    /// Whether an enabled replication rule copies objects into a bucket of another region or of
    /// another account.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub replicated_elsewhere: Part<bool>,
    /// What the bucket policy by itself lets others do, whatever the public access blocks and the ACL
    /// say: `publicness` has all of them together.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub access: Part<PolicyAccess>,
}

impl TypedDocument for Bucket {
    const KIND: &'static str = "s3.bucket";
}

/// S3's own judgement of a bucket policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyStatus {
    /// Whether the policy grants access that is not limited to fixed principals, networks or the
    /// like (`IsPublic`). Says nothing about ACLs and public access blocks.
    pub is_public: bool,
}

/// An access control list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acl {
    /// Canonical user id of the owner.
    pub owner_id: Option<String>,
    /// The grants, the owner's own among them.
    pub grants: Vec<Grant>,
}

/// One grant of an access control list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// `CanonicalUser`, `Group` or `AmazonCustomerByEmail`.
    pub grantee_type: Option<String>,
    /// Canonical user id, where a user is granted something.
    pub id: Option<String>,
    /// The group, where a group is: `http://acs.amazonaws.com/groups/global/AllUsers` is anyone,
    /// `…/AuthenticatedUsers` anyone with any AWS account.
    pub uri: Option<String>,
    /// `FULL_CONTROL`, `READ`, `WRITE`, `READ_ACP` or `WRITE_ACP`.
    pub permission: Option<String>,
}

/// The four switches against public access, of a bucket or of a whole account.
#[allow(clippy::struct_excessive_bools, reason = "the switches are AWS's own")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublicAccessBlock {
    /// Refuses new public ACLs.
    pub block_public_acls: bool,
    /// Public ACLs grant nothing.
    pub ignore_public_acls: bool,
    /// Refuses new public bucket policies.
    pub block_public_policy: bool,
    /// Public bucket policies grant nothing to anyone outside the account but AWS services.
    pub restrict_public_buckets: bool,
}

/// One rule of default encryption. S3 has one for each bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EncryptionRule {
    /// `AES256` (keys of S3), `aws:kms` or `aws:kms:dsse` (`SSEAlgorithm`).
    pub sse_algorithm: Option<String>,
    /// The KMS key as it was given: id, ARN or alias; null for keys of S3 and for the AWS managed
    /// key `aws/s3` (`KMSMasterKeyID`).
    pub kms_master_key_id: Option<String>,
    /// Whether a bucket key stands between S3 and KMS, which cuts the KMS requests.
    pub bucket_key_enabled: Option<bool>,
    /// Kinds of encryption that writers may not ask for, such as `SSE-C`
    /// (`BlockedEncryptionTypes`).
    pub blocked_encryption_types: Vec<String>,
}

/// Whether old versions of objects are kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Versioning {
    /// `Enabled` or `Suspended`; null if it was never on.
    pub status: Option<String>,
    /// Whether erasing a version takes a second factor: `Enabled` or `Disabled`; null if it was
    /// never set.
    pub mfa_delete: Option<String>,
}

/// One lifecycle rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LifecycleRule {
    /// The rule's name.
    pub id: Option<String>,
    /// `Enabled` or `Disabled`.
    pub status: String,
    /// Whether the rule is for some objects only: a prefix, a tag or a size.
    pub filtered: bool,
    /// Whether a size is all that it leaves objects out by.
    pub filtered_by_size_only: bool,
    /// When objects move to another storage class.
    pub transitions: Vec<Transition>,
    /// Days after which objects are deleted (a versioned bucket keeps them as noncurrent versions).
    pub expiration_days: Option<i64>,
    /// Day on which objects are deleted.
    pub expiration_date: Option<Timestamp>,
    /// When noncurrent versions move to another storage class.
    pub noncurrent_transitions: Vec<NoncurrentTransition>,
    /// Days after which noncurrent versions are deleted.
    pub noncurrent_expiration_days: Option<i64>,
    /// How many newer noncurrent versions are kept whatever their age.
    pub newer_noncurrent_versions: Option<i64>,
    /// Days after which parts of uploads that were never finished are deleted.
    pub abort_incomplete_multipart_days: Option<i64>,
}

/// When objects move to another storage class.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transition {
    /// Days after creation.
    pub days: Option<i64>,
    /// A fixed day.
    pub date: Option<Timestamp>,
    /// The class, such as `INTELLIGENT_TIERING` or `GLACIER`.
    pub storage_class: Option<String>,
}

/// When noncurrent versions move to another storage class.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoncurrentTransition {
    /// Days after the version became noncurrent.
    pub noncurrent_days: Option<i64>,
    /// The class, such as `GLACIER_IR`.
    pub storage_class: Option<String>,
}

/// Where server access logs go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Logging {
    /// The bucket that receives them.
    pub target_bucket: String,
    /// What their keys begin with.
    pub target_prefix: String,
}

/// One replication rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplicationRule {
    /// The rule's name.
    pub id: Option<String>,
    /// `Enabled` or `Disabled`.
    pub status: String,
    /// Whether the rule is for some objects only: a prefix or tags.
    pub filtered: bool,
    /// ARN of the bucket that receives the copies. It does not tell the region.
    pub destination_bucket: Option<String>,
    /// Account that owns that bucket, where the rule names it.
    pub destination_account: Option<String>,
    /// Storage class of the copies, where the rule names it.
    pub storage_class: Option<String>,
    /// Whether delete markers are copied: `Enabled` or `Disabled`.
    pub delete_marker_replication: Option<String>,
}

/// Write-once protection of objects.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectLock {
    /// Whether objects can be locked.
    pub enabled: bool,
    /// What protects new objects by default: `GOVERNANCE` (can be lifted with a permission) or
    /// `COMPLIANCE` (cannot); null if they are locked only where the writer says so.
    pub default_mode: Option<String>,
    /// For how many days.
    pub default_days: Option<i64>,
    /// For how many years.
    pub default_years: Option<i64>,
}

/// The targets that are notified of changes of objects.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notifications {
    /// ARNs of SNS topics.
    pub topics: Vec<String>,
    /// ARNs of SQS queues.
    pub queues: Vec<String>,
    /// ARNs of Lambda functions.
    pub functions: Vec<String>,
    /// Whether EventBridge gets every event.
    pub event_bridge: bool,
}

/// Static website hosting.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Website {
    /// The key that is served for a folder, such as `index.html`; null where all requests are
    /// redirected.
    pub index_document: Option<String>,
    /// The key that is served for errors.
    pub error_document: Option<String>,
    /// The host that all requests are redirected to; null where content is served.
    pub redirect_host: Option<String>,
    /// The scheme of those redirects, `http` or `https`; null keeps the request's.
    pub redirect_protocol: Option<String>,
}

/// One cross-origin rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CorsRule {
    /// Sites whose pages may send requests; `*` is any.
    pub allowed_origins: Vec<String>,
    /// `GET`, `PUT`, `HEAD`, `POST`, `DELETE`.
    pub allowed_methods: Vec<String>,
    /// Headers those requests may carry.
    pub allowed_headers: Vec<String>,
    /// Seconds that a browser may remember the answer.
    pub max_age_seconds: Option<i64>,
}

/// Request metrics that CloudWatch gets, for the whole bucket or for some objects.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestMetrics {
    /// The configuration's name, which is the metrics' `FilterId`.
    pub id: String,
    /// Whether they cover some objects only.
    pub filtered: bool,
}

/// How much a bucket holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// Bytes in the Standard storage class, old versions and unfinished uploads included
    /// (`BucketSizeBytes`, `StandardStorage`). No points if it holds none.
    pub standard_bytes: Metric,
    /// Objects of every class, old versions included (`NumberOfObjects`).
    pub objects: Metric,
}

/// What anyone on the internet can do with a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Publicness {
    /// Whether anyone can list, read or write it.
    pub public: bool,
    /// What grants that: `policy`, `acl`.
    pub by: Vec<String>,
    /// Whether anyone can list it or read its objects; null where what could be read shows that
    /// it is public, but not this.
    pub read: Option<bool>,
    /// Whether anyone can write to it or change its permissions; null like `read`.
    pub write: Option<bool>,
}
