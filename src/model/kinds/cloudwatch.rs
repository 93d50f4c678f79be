//! Alarms of Amazon CloudWatch.

use crate::model::{Part, TypedDocument};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An alarm on metrics, or one made of other alarms (`DescribeAlarms`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "AWS describes an alarm by independent switches"
)]
pub struct Alarm {
    /// `metric` or `composite`.
    pub alarm_type: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state_value: String,
    /// When the state was last updated, be it only its reason.
    pub state_updated_timestamp: Timestamp,
    /// When the state last changed from one value to another; null where AWS does not tell, then
    /// the time of the last update is the best there is.
    pub state_transitioned_timestamp: Option<Timestamp>,
    /// When its settings last changed.
    pub configuration_updated_timestamp: Option<Timestamp>,
    /// Whether it does anything when its state changes.
    pub actions_enabled: bool,
    /// What it does when it goes into `ALARM`, as ARNs.
    pub alarm_actions: Vec<String>,
    /// What it does when it goes into `OK`, as ARNs.
    pub ok_actions: Vec<String>,
    /// What it does when it runs out of data, as ARNs.
    pub insufficient_data_actions: Vec<String>,
    /// Whether it has a description.
    pub has_description: bool,
    /// Whether the description holds a web address, such as that of a runbook.
    pub has_link: bool,
    /// What it watches: one metric, several for metric math, none for composite alarms.
    pub metrics: Vec<AlarmMetric>,
    /// Whether it watches a formula over metrics or an anomaly detection band.
    pub uses_expression: bool,
    /// Seconds of one evaluation period; null for composite alarms and metric math.
    pub period: Option<i64>,
    /// Periods that are looked at.
    pub evaluation_periods: Option<i64>,
    /// Periods among them that must breach; null means all of them.
    pub datapoints_to_alarm: Option<i64>,
    /// What the metric is compared with; null for composite alarms and anomaly detection.
    pub threshold: Option<f64>,
    /// How it is compared, such as `GreaterThanThreshold`.
    pub comparison_operator: Option<String>,
    /// What missing data counts as: `missing`, `breaching`, `notBreaching`, `ignore`; null means
    /// `missing`.
    pub treat_missing_data: Option<String>,
    /// The names of the alarms that a composite alarm depends on, sorted, each once.
    pub children: Vec<String>,
    /// Where its `ALARM` actions lead, each target once (`sns:GetTopicAttributes` for topics).
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub targets: Part<Vec<Target>>,
    /// The targets of its `ALARM` actions that reach nobody, as ARNs in order: topics and functions
    /// that are gone, and topics without a confirmed subscription. Actions built into AWS are always
    /// there, and scaling policies are taken out of an alarm when they are deleted. Where nothing is
    /// dead, any other target leaves this unknown, because it is not read.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub dead_targets: Part<Vec<String>>,
    /// Whether a composite alarm that has `ALARM` actions depends on it, directly or through other
    /// composite alarms.
    #[serde(default, skip_serializing_if = "Part::is_unread")]
    pub in_composite: Part<bool>,
}

impl TypedDocument for Alarm {
    const KIND: &'static str = "cloudwatch.alarm";
}

/// A metric that an alarm watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlarmMetric {
    /// The namespace, such as `AWS/RDS`.
    pub namespace: Option<String>,
    /// The metric.
    pub metric_name: String,
    /// Which resource: dimension name to value.
    pub dimensions: BTreeMap<String, String>,
}

/// Where an alarm action leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The ARN.
    pub arn: String,
    /// The service in the ARN: `sns`, `lambda`, `autoscaling`, `ssm`, `automate` (EC2 actions).
    pub service: String,
    /// Whether it exists; null for services that are not called.
    pub exists: Option<bool>,
    /// How many subscriptions of an SNS topic are confirmed; null where it is not one or is gone.
    pub confirmed_subscriptions: Option<i64>,
}

/// How many of the resources that users depend on are watched by an alarm that notifies or acts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlarmCoverage {
    /// How many there are: database instances, NAT gateways and Lambda functions.
    pub resources: i64,
    /// How many of them such an alarm watches.
    pub watched: i64,
    /// `watched` as a share of `resources`, 0 to 1; 1 where there is nothing to watch.
    pub share: f64,
    /// The ids of those that nothing watches, sorted.
    pub unwatched: Vec<String>,
}
