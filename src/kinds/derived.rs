//! The schemas of parts that are computed for declared kinds. `derive` computes the values. Generating a
//! schema takes a while, and dozens of kinds have these.

use super::form::schema_of;
use crate::model::kinds::policy_access::PolicyAccess;
use crate::model::kinds::watching::{Coverage, Watching};
use serde_json::Value;
use std::sync::LazyLock;

/// Who may do what by a resource policy.
#[must_use]
pub(super) fn access() -> Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<PolicyAccess>);
    SCHEMA.clone()
}

/// The alarms that watch a resource.
#[must_use]
pub(super) fn alarms() -> Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Watching>);
    SCHEMA.clone()
}

/// Whether AWS Backup protects a resource.
#[must_use]
pub(super) fn coverage() -> Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Coverage>);
    SCHEMA.clone()
}

/// A part that the program computes for one kind only. `derive` computes the value.
#[derive(Debug)]
pub struct Computed {
    /// The kind.
    pub kind: &'static str,
    /// Its part.
    pub part: &'static str,
    /// The description of the field.
    pub about: &'static str,
    /// Makes its JSON schema.
    pub schema: fn() -> Value,
}

/// All of them: a file names those of its kind under `derived: {computed: […]}`.
pub(super) const COMPUTED: &[Computed] = &[
    Computed {
        kind: "lambda.function",
        part: "public",
        about: "Whether its policy lets anyone with an AWS account call it: through the API, or through a \
                web address of its own at which requests must be signed (computed). `url_configs` lists \
                addresses without authentication.",
        schema: schema_of::<bool>,
    },
    Computed {
        kind: "lambda.function",
        part: "at_edge",
        about: "Whether CloudFront runs it at its edge locations (Lambda@Edge), where it has no tracing and \
                no arm64, and reports metrics elsewhere. False where it cannot: outside of `us-east-1`, in a \
                VPC, with layers, or with a role that Lambda@Edge may not assume. Otherwise distributions \
                decide, which are not read, and it is unknown (computed).",
        schema: schema_of::<bool>,
    },
    Computed {
        kind: "lambda.function",
        part: "subnet_zones",
        about: "The Availability Zones of its subnets; empty outside of a VPC (computed).",
        schema: schema_of::<Vec<String>>,
    },
];
