//! The course of a CloudWatch metric, as checks see it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a CloudWatch metric went over the last days: figures over the values of one statistic, one
/// value for each hour (for each day where the metric is stored daily, such as bucket sizes).
///
/// A metric that a resource did not report has no values: `points` is 0 and every figure is null.
/// That is what CloudWatch says of a resource that was stopped, is new, or does not report it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metric {
    /// Length of the window in days. It ends at the last full hour before the scan (at the last
    /// midnight UTC where stored daily).
    pub days: i64,
    /// How many hours (days, where stored daily) of the window have a value.
    pub points: i64,
    /// The mean of the values.
    pub average: Option<f64>,
    /// The highest value. Of hourly averages it is the busiest hour, not the highest peak.
    pub maximum: Option<f64>,
    /// The lowest value.
    pub minimum: Option<f64>,
    /// The sum of the values; says something only where the statistic is a sum.
    pub sum: Option<f64>,
    /// The value that 95 % of the values do not exceed (nearest rank).
    pub p95: Option<f64>,
    /// One value for each 24 hours counted back from the end of the window, oldest first, where
    /// there is any value: the mean for averages, the sum for sums, the highest for maxima, the
    /// lowest for minima.
    pub daily: Vec<f64>,
}
