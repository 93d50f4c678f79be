//! Functions of AWS Lambda, as what is computed of them reads the documents that
//! `kinds/lambda/function.yaml` declares.

use super::metric::Metric;
use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A function, as its latest version is set (`ListFunctions`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Function {
    /// The runtime: `python3.13`, `nodejs22.x`, `provided.al2023`; null for container images.
    pub runtime: Option<String>,
    /// When AWS stops to support the runtime, or did; null for container images and for runtimes
    /// without an announced date.
    pub runtime_deprecation_date: Option<Timestamp>,
    /// `Zip` or `Image`.
    pub package_type: Option<String>,
    /// `x86_64` or `arm64`.
    pub architectures: Vec<String>,
    /// The ARN of the role that the code has.
    pub role: Option<String>,
    /// Bytes of the deployment package.
    pub code_size: i64,
    /// Seconds after which a call is cut off.
    pub timeout: Option<i64>,
    /// Memory in MiB. The share of the processor grows with it.
    pub memory_size: Option<i64>,
    /// Space under /tmp in MiB.
    pub ephemeral_storage_mib: Option<i64>,
    /// When code or settings were last changed.
    pub last_modified: Option<Timestamp>,
    /// `Active`, `Inactive` (not called for weeks), `Pending`, `Failed`, …
    pub state: Option<String>,
    /// The VPC whose network it is in; null where it is in none.
    pub vpc_id: Option<String>,
    /// The subnets that it may run in.
    pub subnet_ids: Vec<String>,
    /// The security groups of its network interfaces.
    pub security_group_ids: Vec<String>,
    /// The queue or topic for events that could not be processed (`DeadLetterConfig.TargetArn`).
    pub dead_letter_target_arn: Option<String>,
    /// The key of the account's own that encrypts environment variables; null for that of Lambda.
    pub kms_key_arn: Option<String>,
    /// `Active` where calls are traced by X-Ray, `PassThrough` where only the caller decides.
    pub tracing_mode: Option<String>,
    /// The ARNs of its layers.
    pub layers: Vec<String>,
    /// `Text` or `JSON`.
    pub log_format: Option<String>,
    /// The log group in CloudWatch Logs.
    pub log_group: Option<String>,

    /// Its environment variables, less their values.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub environment: Part<Environment>,
    /// Its policy as JSON text, which says who may call it; null without one (`GetPolicy`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub policy: Part<Option<String>>,
    /// Calls at once that are set aside for it, and its limit; null where it shares in those of
    /// the account (`GetFunctionConcurrency`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub reserved_concurrency: Part<Option<i64>>,
    /// What becomes of asynchronous calls, for the latest version and those versions and aliases
    /// that have settings of their own (`ListFunctionEventInvokeConfigs`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub event_invoke_configs: Part<Vec<EventInvokeConfig>>,
    /// Its own web addresses, for the latest version and aliases (`ListFunctionUrlConfigs`).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub url_configs: Part<Vec<UrlConfig>>,
    /// `Invocations`, as a sum for each day of 30.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub invocations: Part<Metric>,
    /// How often it fails.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub errors: Part<Errors>,
    /// `Throttles`: calls refused because too many ran at once, as a sum for each hour of a week.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub throttles: Part<Metric>,
    /// `Duration` in milliseconds, the longest of each hour of a week.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub duration: Part<Metric>,

    /// Whether its policy lets anyone with an AWS account call it: through the API, or through a web
    /// address of its own at which requests must be signed (computed). `url_configs` lists addresses
    /// without authentication.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub public: Part<bool>,
    /// Whether CloudFront runs it at its edge locations (Lambda@Edge), where it has no tracing and no
    /// arm64, and reports metrics elsewhere. False where it cannot: outside of `us-east-1`, in a VPC, with
    /// layers, or with a role that Lambda@Edge may not assume. Otherwise distributions decide, which are
    /// not read, and it is unknown (computed).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub at_edge: Part<bool>,
    /// The Availability Zones of its subnets; empty outside of a VPC (computed).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub subnet_zones: Part<Vec<String>>,
}

impl TypedDocument for Function {
    const KIND: &'static str = "lambda.function";
}

/// Environment variables, less their values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// The names of the variables, sorted.
    pub variables: Vec<String>,
    /// What looks like a secret among the values.
    pub secrets: Vec<EnvironmentSecret>,
}

/// A variable whose value is, or holds, a secret in the clear. The secret itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentSecret {
    /// The name of the variable.
    pub variable: String,
    /// The rule that matched, such as `aws-access-key-id` or `password-assignment`.
    pub rule: String,
    /// How many characters the secret has.
    pub length: i64,
}

/// What becomes of asynchronous calls of one version or alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventInvokeConfig {
    /// How often a call that failed is tried again; null for AWS's default of two.
    pub maximum_retry_attempts: Option<i64>,
    /// How old an event may become before it is given up; null for AWS's default of six hours.
    pub maximum_event_age_in_seconds: Option<i64>,
    /// The ARN of the destination for calls that failed for good.
    pub on_failure: Option<String>,
    /// The ARN of the destination for calls that succeeded.
    pub on_success: Option<String>,
}

/// A web address of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UrlConfig {
    /// `NONE` where everyone may call it, `AWS_IAM` where requests must be signed.
    pub auth_type: String,
    /// The origins whose scripts may call it, `*` for all; empty without CORS.
    pub cors_allow_origins: Vec<String>,
    /// Whether scripts of those origins may send cookies.
    pub cors_allow_credentials: Option<bool>,
}

/// How often a function fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Errors {
    /// `Invocations`, as a sum for each hour of a week.
    pub invocations: Metric,
    /// `Errors`: calls that ended with one, as a sum for each hour of a week.
    pub errors: Metric,
}
