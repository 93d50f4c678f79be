//! What is computed from documents, as a kind's file asks for it.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Parts that are computed from documents.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DerivedFile {
    /// Who may do what by a resource policy.
    pub access: Option<AccessFile>,
    /// The alarms of CloudWatch that watch it.
    pub alarms: Option<AlarmsFile>,
    /// Whether AWS Backup protects it.
    pub coverage: Option<CoverageFile>,
    /// Parts that the program computes of this kind alone, since no expression says them.
    #[serde(default)]
    pub computed: Vec<String>,
}

/// Who may do what by a resource policy.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessFile {
    /// The field or part that has the policy, converted by `as: policy`.
    pub policy: String,
}

/// The alarms that watch a resource.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmsFile {
    /// The namespace of its metrics, `AWS/DynamoDB`.
    pub namespace: String,
    /// The dimensions that its metrics have at least: `{TableName: $id}`.
    pub dimensions: BTreeMap<String, String>,
}

/// Whether AWS Backup protects a resource.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageFile {
    /// By which service.
    pub by: CoverageName,
}

/// What protects resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CoverageName {
    /// AWS Backup.
    Backup,
}

/// Fields of another resource.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinFile {
    /// The other's kind, `kms.key`.
    pub kind: String,
    /// The member of this one that refers to it, one of `fields`; a list where it refers to several.
    pub from: String,
    /// What of the other it names.
    pub by: JoinBy,
    /// The reference does not name the owner's account, as the name of a bucket does not: what is not
    /// among the account's own may be another account's, and is unknown. Otherwise it does not exist.
    #[serde(default)]
    pub foreign: bool,
    /// The other's fields that are wanted, as checks write them: `key_state`.
    #[schemars(length(min = 1))]
    pub fields: Vec<String>,
}

/// All resources of another kind.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BesideFile {
    /// The other kind, `ecr.repository`.
    pub kind: String,
    /// The fields of each that are wanted, as checks write them: `id`, `document_type`.
    #[schemars(length(min = 1))]
    pub fields: Vec<String>,
}

/// What a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JoinBy {
    /// Its identifier.
    Id,
    /// Its ARN.
    Arn,
    /// Its name.
    Name,
}
