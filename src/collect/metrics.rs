//! Batched CloudWatch metrics: the one place that calls `GetMetricData`.
//!
//! A collector describes what it wants as [`Query`]s and gets back one [`Metric`] or gap for each,
//! in the same order: [`read`], or [`part`] and [`parts`] for a part of many resources.

use super::Job;
use crate::aws::error::gap;
use crate::model::kinds::metric::Metric;
use crate::model::{Call, Cause, Gap, Part, Price};
use aws_sdk_cloudwatch::types::{
    Dimension, Metric as SdkMetric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy,
    StatusCode,
};
use std::collections::BTreeMap;

/// The only operation used here; every metrics part declares it.
pub const GET_METRIC_DATA: Call =
    crate::call!("cloudwatch", "GetMetricData", price: Price::PerMetric);

/// Queries that one call may carry.
const BATCH: usize = 500;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The statistic of each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stat {
    /// Mean of the samples.
    Average,
    /// Highest sample.
    Maximum,
    /// Lowest sample.
    Minimum,
    /// Sum of the samples.
    Sum,
}

impl Stat {
    fn id(self) -> &'static str {
        match self {
            Stat::Average => "Average",
            Stat::Maximum => "Maximum",
            Stat::Minimum => "Minimum",
            Stat::Sum => "Sum",
        }
    }

    /// One value for a day out of those of its hours.
    fn day(self, hours: &[f64]) -> f64 {
        let sum: f64 = hours.iter().sum();
        match self {
            Stat::Average => sum / count(hours),
            Stat::Maximum => hours.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Stat::Minimum => hours.iter().copied().fold(f64::INFINITY, f64::min),
            Stat::Sum => sum,
        }
    }
}

/// One metric of one resource, with one statistic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    namespace: &'static str,
    metric: &'static str,
    dimensions: Vec<(&'static str, String)>,
    stat: Stat,
    days: u32,
    period: i64,
}

impl Query {
    /// A value for each hour of the last `days` days. Add dimensions with [`Query::of`].
    #[must_use]
    pub fn hourly(namespace: &'static str, metric: &'static str, stat: Stat, days: u32) -> Self {
        Self {
            namespace,
            metric,
            dimensions: Vec::new(),
            stat,
            days,
            period: HOUR,
        }
    }

    /// A value for each day, for metrics that AWS stores once a day: `BucketSizeBytes`.
    #[must_use]
    pub fn daily(namespace: &'static str, metric: &'static str, stat: Stat, days: u32) -> Self {
        Self {
            period: DAY,
            ..Self::hourly(namespace, metric, stat, days)
        }
    }

    /// Adds a dimension: `.of("InstanceId", "i-1")`.
    #[must_use]
    pub fn of(mut self, name: &'static str, value: &str) -> Self {
        self.dimensions.push((name, value.to_owned()));
        self
    }

    fn to_sdk(&self, id: String) -> MetricDataQuery {
        let dimensions = self
            .dimensions
            .iter()
            .map(|(name, value)| Dimension::builder().name(*name).value(value).build());
        let metric = SdkMetric::builder()
            .namespace(self.namespace)
            .metric_name(self.metric)
            .set_dimensions(Some(dimensions.collect()))
            .build();
        let stat = MetricStat::builder()
            .metric(metric)
            .period(if self.period == DAY { 86_400 } else { 3_600 })
            .stat(self.stat.id())
            .build();
        MetricDataQuery::builder()
            .id(id)
            .metric_stat(stat)
            .return_data(true)
            .build()
    }
}

/// Reads metrics: one answer for each query, in order.
///
/// The whole price is reserved first; where the budget does not cover it, every answer is the
/// `unpaid` gap and nothing is called. A batch that fails leaves its gap in its own queries only.
pub async fn read(job: &Job, region: &str, queries: &[Query]) -> Vec<Result<Metric, Gap>> {
    if let Err(unpaid) = job.pay(&GET_METRIC_DATA, queries.len()) {
        return vec![Err(unpaid); queries.len()];
    }
    // A call has one window, so queries of different lengths go in different calls.
    let mut windows: BTreeMap<(u32, i64), Vec<usize>> = BTreeMap::new();
    for (index, query) in queries.iter().enumerate() {
        let key = (query.days, query.period);
        windows.entry(key).or_default().push(index);
    }
    let batches = windows.iter().flat_map(|((days, period), indexes)| {
        let window = Window::new(job.now, *days, *period);
        indexes.chunks(BATCH).map(move |batch| (window, batch))
    });
    let client = job.aws.cloudwatch(region);
    // All at once: the gate bounds the requests.
    let reads: Vec<_> = batches
        .map(|(window, batch)| {
            let client = client.clone();
            async move {
                let picked: Vec<&Query> = batch.iter().map(|i| &queries[*i]).collect();
                (batch, read_batch(&client, window, &picked).await)
            }
        })
        .collect();
    let answers = futures::future::join_all(reads).await;

    let mut all = vec![Err(no_result()); queries.len()];
    for (batch, metrics) in answers {
        for (index, metric) in batch.iter().zip(metrics) {
            all[*index] = metric;
        }
    }
    all
}

/// Reads a part that is made of one metric, for many resources: one part for each, in order.
pub async fn part<R>(
    job: &Job,
    name: &'static str,
    region: &str,
    resources: &[R],
    query: impl Fn(&R) -> Query,
) -> Vec<Part<Metric>> {
    parts(job, name, region, resources, |r| [query(r)])
        .await
        .into_iter()
        .map(|part| match part {
            Part::Unread => Part::Unread,
            Part::Read([metric]) => Part::Read(metric),
            Part::Gap(gap) => Part::Gap(gap),
        })
        .collect()
}

/// Reads a part that is made of several metrics, for many resources: the metrics of each resource
/// in the order of its queries, or the first gap among them.
pub async fn parts<R, const N: usize>(
    job: &Job,
    name: &'static str,
    region: &str,
    resources: &[R],
    queries: impl Fn(&R) -> [Query; N],
) -> Vec<Part<[Metric; N]>> {
    if !job.wants(name) {
        return resources.iter().map(|_| Part::Unread).collect();
    }
    let asked: Vec<Query> = resources.iter().flat_map(queries).collect();
    let mut answers = read(job, region, &asked).await.into_iter();
    resources
        .iter()
        .map(|_| {
            let metrics: Result<Vec<Metric>, Gap> = answers.by_ref().take(N).collect();
            metrics
                .and_then(|metrics| metrics.try_into().map_err(|_| no_result()))
                .into()
        })
        .collect()
}

/// A span of full periods, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
struct Window {
    days: u32,
    start: i64,
    end: i64,
}

impl Window {
    fn new(now: jiff::Timestamp, days: u32, period: i64) -> Self {
        let end = now.as_second().div_euclid(period) * period;
        Self {
            days,
            start: end - i64::from(days) * DAY,
            end,
        }
    }
}

/// What came back for one query, over all pages.
#[derive(Debug, Default)]
struct Series {
    points: Vec<(i64, f64)>,
    status: Option<StatusCode>,
    malformed: bool,
}

async fn read_batch(
    client: &aws_sdk_cloudwatch::Client,
    window: Window,
    queries: &[&Query],
) -> Vec<Result<Metric, Gap>> {
    let sdk = queries
        .iter()
        .enumerate()
        .map(|(index, query)| query.to_sdk(id(index)));
    let mut pages = client
        .get_metric_data()
        .set_metric_data_queries(Some(sdk.collect()))
        .start_time(aws_smithy_types::DateTime::from_secs(window.start))
        .end_time(aws_smithy_types::DateTime::from_secs(window.end))
        .scan_by(ScanBy::TimestampAscending)
        .into_paginator()
        .send();
    let mut series: BTreeMap<String, Series> = BTreeMap::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                for result in page.metric_data_results.unwrap_or_default() {
                    add(&mut series, result);
                }
            }
            Err(error) => return vec![Err(gap(&GET_METRIC_DATA, &error)); queries.len()],
        }
    }
    queries
        .iter()
        .enumerate()
        .map(|(index, query)| {
            let series = series.remove(&id(index)).ok_or_else(no_result)?;
            complete(&series)?;
            Ok(summarise(query.stat, window, series.points))
        })
        .collect()
}

/// The name of a query within its call; must begin with a lower-case letter.
fn id(index: usize) -> String {
    format!("q{index}")
}

fn no_result() -> Gap {
    Gap::new(GET_METRIC_DATA.action, Cause::Failed, "no result")
}

fn add(series: &mut BTreeMap<String, Series>, result: MetricDataResult) {
    let Some(id) = result.id else { return };
    let series = series.entry(id).or_default();
    let times = result.timestamps.unwrap_or_default();
    let values = result.values.unwrap_or_default();
    series.malformed |= times.len() != values.len();
    series.status = result.status_code.or(series.status.take());
    let points = times.iter().map(aws_smithy_types::DateTime::secs);
    series.points.extend(points.zip(values));
}

/// While there are more pages a query may be `PartialData`; only its last status counts. Anything
/// but `Complete` then is a gap, not a shorter series.
fn complete(series: &Series) -> Result<(), Gap> {
    let (cause, detail) = match &series.status {
        Some(StatusCode::Complete) if !series.malformed => return Ok(()),
        Some(StatusCode::Forbidden) => (Cause::Denied, "Forbidden"),
        Some(StatusCode::InternalError) => (Cause::Failed, "InternalError"),
        Some(StatusCode::PartialData) => (Cause::Failed, "PartialData"),
        _ => (Cause::Failed, "malformed answer"),
    };
    Err(Gap::new(GET_METRIC_DATA.action, cause, detail))
}

/// Figures over the values of a window.
fn summarise(stat: Stat, window: Window, mut points: Vec<(i64, f64)>) -> Metric {
    // Emulators round windows differently; JSON has no infinities.
    points.retain(|(time, value)| (window.start..window.end).contains(time) && value.is_finite());
    let mut sorted: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    sorted.sort_by(f64::total_cmp);
    let sum: Option<f64> = (!sorted.is_empty()).then(|| sorted.iter().sum());

    let mut days: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (time, value) in points {
        let day = (time - window.start).div_euclid(DAY);
        days.entry(day).or_default().push(value);
    }
    Metric {
        days: i64::from(window.days),
        points: i64::try_from(sorted.len()).unwrap_or(i64::MAX),
        average: sum.map(|sum| sum / count(&sorted)),
        maximum: sorted.last().copied(),
        minimum: sorted.first().copied(),
        sum,
        // Nearest rank: the value at position ceil(0.95 n), counted from one.
        p95: sorted
            .get((sorted.len() * 95).div_ceil(100).saturating_sub(1))
            .copied(),
        daily: days.values().map(|hours| stat.day(hours)).collect(),
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "hours of a window, far below 2^52"
)]
fn count(values: &[f64]) -> f64 {
    values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: u32) -> Window {
        Window::new("2026-03-15T10:40:00Z".parse().unwrap(), days, HOUR)
    }

    fn hours(window: Window, values: impl IntoIterator<Item = f64>) -> Vec<(i64, f64)> {
        let times = (0i64..).map(|hour| window.start + hour * HOUR);
        times.zip(values).collect()
    }

    #[test]
    fn a_window_ends_at_the_full_hour() {
        let window = window(14);
        let end: jiff::Timestamp = "2026-03-15T10:00:00Z".parse().unwrap();
        assert_eq!(window.end, end.as_second());
        assert_eq!(window.end - window.start, 14 * DAY);
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "small whole numbers")]
    fn days_are_counted_back_from_the_end() {
        let window = window(2);
        let values = hours(
            window,
            (0..48).map(|hour| if hour < 24 { 1.0 } else { 3.0 }),
        );
        let average = summarise(Stat::Average, window, values.clone());
        assert_eq!(average.points, 48);
        assert_eq!(average.average, Some(2.0));
        assert_eq!(average.maximum, Some(3.0));
        assert_eq!(average.minimum, Some(1.0));
        assert_eq!(average.daily, [1.0, 3.0]);
        let sum = summarise(Stat::Sum, window, values);
        assert_eq!(sum.sum, Some(96.0));
        assert_eq!(sum.daily, [24.0, 72.0]);
    }

    #[test]
    fn a_day_without_values_is_left_out() {
        let window = window(3);
        let points = vec![(window.start, 5.0), (window.end - HOUR, 7.0)];
        assert_eq!(summarise(Stat::Maximum, window, points).daily, [5.0, 7.0]);
    }

    #[test]
    fn no_values_are_null_and_not_zero() {
        let metric = summarise(Stat::Sum, window(7), Vec::new());
        assert_eq!((metric.days, metric.points), (7, 0));
        assert_eq!(metric.sum, None);
        assert_eq!(metric.p95, None);
        assert!(metric.daily.is_empty());
    }

    #[test]
    fn p95_is_the_nearest_rank() {
        let window = window(14);
        let p95 = |n: u32| {
            let values = hours(window, (1..=n).map(f64::from));
            summarise(Stat::Average, window, values).p95
        };
        assert_eq!(p95(1), Some(1.0));
        assert_eq!(p95(20), Some(19.0));
        assert_eq!(p95(100), Some(95.0));
    }

    #[test]
    fn values_outside_the_window_do_not_count() {
        let window = window(1);
        let points = vec![
            (window.start - HOUR, 1.0),
            (window.end, 1.0),
            (window.start, 2.0),
        ];
        assert_eq!(summarise(Stat::Average, window, points).points, 1);
    }

    fn result(status: StatusCode, values: &[f64]) -> MetricDataResult {
        let times = values
            .iter()
            .map(|_| aws_smithy_types::DateTime::from_secs(0));
        MetricDataResult::builder()
            .id("q0")
            .status_code(status)
            .set_timestamps(Some(times.collect()))
            .set_values(Some(values.to_vec()))
            .build()
    }

    fn over_pages(pages: &[MetricDataResult]) -> Result<usize, Cause> {
        let mut all = BTreeMap::new();
        for page in pages {
            add(&mut all, page.clone());
        }
        let series = &all["q0"];
        complete(series)
            .map(|()| series.points.len())
            .map_err(|g| g.cause)
    }

    #[test]
    fn pages_are_joined_and_the_last_status_counts() {
        let partial = result(StatusCode::PartialData, &[1.0, 2.0]);
        let rest = result(StatusCode::Complete, &[3.0]);
        assert_eq!(over_pages(&[partial.clone(), rest]), Ok(3));
        assert_eq!(over_pages(&[partial]), Err(Cause::Failed));
        let forbidden = result(StatusCode::Forbidden, &[]);
        assert_eq!(over_pages(&[forbidden]), Err(Cause::Denied));
    }

    #[test]
    fn a_value_without_a_time_is_a_malformed_answer() {
        let mut odd = result(StatusCode::Complete, &[1.0]);
        odd.timestamps = None;
        assert_eq!(over_pages(&[odd]), Err(Cause::Failed));
    }
}
