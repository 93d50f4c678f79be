//! `kinds/<service>/service.yaml`: a service, how it is called and how often.

use schemars::JsonSchema;
use serde::Deserialize;

/// A service of AWS.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "A service of AWS")]
pub struct ServiceFile {
    /// AWS's name for it: `Amazon DynamoDB`.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The folder of botocore's data that has its model, where it is not called like this one.
    pub model: Option<String>,
    /// What its IAM actions begin with, where that is not the folder's name: `elasticloadbalancing`.
    pub iam: Option<String>,
    /// Whether it is one service for the whole account, such as CloudFront, instead of one in each
    /// region. Its kinds are read once for an account.
    #[serde(default)]
    pub global: bool,
    /// The only region that is called, where a service that has endpoints in several answers for the
    /// whole account in one: `us-east-1`.
    pub region: Option<String>,
    /// The region where other services have what is about it, where that is not the one of the resource:
    /// its CloudWatch metrics, the alarms on them, the deliveries of its logs.
    pub metrics_region: Option<String>,
    /// How often AWS lets an account call it; the first row that fits counts. Without any, it is called
    /// at the default rate: ten times a second.
    #[serde(default)]
    pub rates: Vec<RateFile>,
    /// Operations that only read, and that code calls instead of a kind's file.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Operations that write. Only commands that are there to write, such as `send`, may call them.
    #[serde(default)]
    pub writes: Vec<String>,
    /// Structures that are sent and read in AWS's own JSON form.
    #[serde(default)]
    pub as_json: Vec<String>,
}

/// How often AWS lets an account call an operation, as AWS documents it. A scan takes half of it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateFile {
    /// The operation; without one the row is for all operations that no earlier row names.
    pub operation: Option<String>,
    /// Calls a second.
    #[schemars(range(min = 0.01))]
    pub rate: f64,
    /// How many calls may come at once; as many as in two seconds if this is not set.
    #[schemars(range(min = 1.0))]
    pub burst: Option<f64>,
    /// Whether each operation has that rate to itself, instead of all sharing it.
    #[serde(default)]
    pub each: bool,
    /// The page of AWS's documentation that says so.
    #[schemars(length(min = 1))]
    pub source: String,
}

impl ServiceFile {
    /// The prefix of its IAM actions.
    #[must_use]
    pub fn iam_prefix<'a>(&'a self, folder: &'a str) -> &'a str {
        self.iam.as_deref().unwrap_or(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_for_editors_is_current() {
        crate::yaml::assert_schema_is_current("service", &schemars::schema_for!(ServiceFile));
    }
}
