//! Metrics of CloudWatch, as a kind's file asks for them.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A metric of CloudWatch, of which figures over its values are kept.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricFile {
    /// `AWS/DynamoDB`; or a member of the document that has it, `$UsageMetric.MetricNamespace`. Where
    /// that is null, there is no metric, and the field is null.
    pub namespace: String,
    /// `ConsumedReadCapacityUnits`, or a member of the document.
    pub name: String,
    /// `{TableName: $id}`, or a member of the document that is a map of them.
    pub dimensions: DimensionsFile,
    /// The statistic of each period.
    pub stat: StatName,
    /// How far back, up to 455 days.
    #[schemars(range(min = 1, max = 455))]
    pub days: u32,
    /// The period of one value.
    #[serde(default)]
    pub each: PeriodName,
}

/// The dimensions of a metric.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DimensionsFile {
    /// A member of the document that is a map of names and values: `$UsageMetric.MetricDimensions`.
    Member(String),
    /// Names, and what they are.
    Each(BTreeMap<String, String>),
}

/// A statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatName {
    /// The mean of the samples.
    Average,
    /// The highest sample.
    Maximum,
    /// The lowest sample.
    Minimum,
    /// The sum of the samples.
    Sum,
}

/// A period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PeriodName {
    /// An hour.
    #[default]
    Hour,
    /// A day.
    Day,
}
