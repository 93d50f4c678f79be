//! Batched CloudWatch metrics: the one place that calls `GetMetricData`.
//!
//! A collector describes what it wants as [`Query`]s and gets back one [`Metric`] or gap for each,
//! in the same order: [`read`], or [`part`] and [`parts`] for a part of many resources.

mod summary;

pub use summary::Stat;

use super::Job;
use super::concurrency::METRIC_BATCHES_PER_REGION;
use crate::aws::error::{gap, malformed};
use crate::model::kinds::metric::Metric;
use crate::model::{Call, Cause, Gap, Part, Price};
use aws_sdk_cloudwatch::types::{
    Dimension, Metric as SdkMetric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy,
    StatusCode,
};
use futures::StreamExt;
use futures::future::BoxFuture;
use std::borrow::Cow;
use std::collections::BTreeMap;
use summary::{DAY, HOUR, Window, summarise};

/// The only operation used here; every metrics part declares it.
pub const GET_METRIC_DATA: Call =
    crate::call!("cloudwatch", "GetMetricData", price: Price::PerMetric);

/// Queries that one call may carry.
const BATCH: usize = 500;

/// One metric of one resource, with one statistic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    namespace: Cow<'static, str>,
    metric: Cow<'static, str>,
    dimensions: Vec<(Cow<'static, str>, String)>,
    stat: Stat,
    days: u32,
    period: i64,
}

impl Query {
    /// A value for each hour of the last `days` days. Add dimensions with [`Query::of`].
    #[must_use]
    pub fn hourly(
        namespace: impl Into<Cow<'static, str>>,
        metric: impl Into<Cow<'static, str>>,
        stat: Stat,
        days: u32,
    ) -> Self {
        Self {
            namespace: namespace.into(),
            metric: metric.into(),
            dimensions: Vec::new(),
            stat,
            days,
            period: HOUR,
        }
    }

    /// A value for each day, for metrics that AWS stores once a day: `BucketSizeBytes`.
    #[must_use]
    pub fn daily(
        namespace: impl Into<Cow<'static, str>>,
        metric: impl Into<Cow<'static, str>>,
        stat: Stat,
        days: u32,
    ) -> Self {
        Self {
            period: DAY,
            ..Self::hourly(namespace, metric, stat, days)
        }
    }

    /// Adds a dimension: `.of("InstanceId", "i-1")`.
    #[must_use]
    pub fn of(mut self, name: impl Into<Cow<'static, str>>, value: &str) -> Self {
        self.dimensions.push((name.into(), value.to_owned()));
        self
    }

    fn to_sdk(&self, id: String) -> MetricDataQuery {
        let dimensions = self
            .dimensions
            .iter()
            .map(|(name, value)| Dimension::builder().name(&**name).value(value).build());
        let metric = SdkMetric::builder()
            .namespace(&*self.namespace)
            .metric_name(&*self.metric)
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
    let client = job.aws.cloudwatch(region);
    let batches = batches(job.now, queries).into_iter();
    let calls = batches.map(|batch| async {
        let _place = job.limits.metric_batch(&job.account, region).await;
        batch.read(client.clone(), queries).await
    });
    let mut all = vec![Err(no_result()); queries.len()];
    let mut read = futures::stream::iter(calls).buffer_unordered(METRIC_BATCHES_PER_REGION);
    while let Some((indexes, metrics)) = read.next().await {
        for (index, metric) in indexes.into_iter().zip(metrics) {
            all[index] = metric;
        }
    }
    all
}

/// Reads a part that is made of one metric, for many resources: one part for each, in order.
pub fn part<'a, R>(
    job: &'a Job,
    name: &'static str,
    region: &'a str,
    resources: &[R],
    query: impl Fn(&R) -> Query,
) -> BoxFuture<'a, Vec<Part<Metric>>> {
    let read = parts(job, name, region, resources, |r| [query(r)]);
    Box::pin(async move {
        let all = read.await.into_iter();
        all.map(|part| match part {
            Part::Unread => Part::Unread,
            Part::Read([metric]) => Part::Read(metric),
            Part::Gap(gap) => Part::Gap(gap),
        })
        .collect()
    })
}

/// Reads a part that is made of several metrics, for many resources: the metrics of each resource
/// in the order of its queries, or the first gap among them.
pub fn parts<'a, R, const N: usize>(
    job: &'a Job,
    name: &'static str,
    region: &'a str,
    resources: &[R],
    queries: impl Fn(&R) -> [Query; N],
) -> BoxFuture<'a, Vec<Part<[Metric; N]>>> {
    let count = resources.len();
    // Built before the first await, so that the future borrows neither resources nor closure.
    let queries: Option<Vec<Query>> = job
        .wants(name)
        .then(|| resources.iter().flat_map(queries).collect());
    Box::pin(async move {
        let Some(queries) = queries else {
            return (0..count).map(|_| Part::Unread).collect();
        };
        let mut answers = read(job, region, &queries).await.into_iter();
        (0..count)
            .map(|_| {
                let metrics: Result<Vec<Metric>, Gap> = answers.by_ref().take(N).collect();
                metrics
                    .and_then(|metrics| metrics.try_into().map_err(|_| no_result()))
                    .into()
            })
            .collect()
    })
}

/// The result of one query, over all pages.
#[derive(Debug, Default)]
struct Series {
    points: Vec<(i64, f64)>,
    status: Option<StatusCode>,
    malformed: bool,
}

/// The queries of one call.
struct Batch {
    window: Window,
    /// The positions of the queries among all queries.
    indexes: Vec<usize>,
}

/// A call has one window, so queries with different ones go in different calls.
fn batches(now: jiff::Timestamp, queries: &[Query]) -> Vec<Batch> {
    let mut windows: BTreeMap<(u32, i64), Vec<usize>> = BTreeMap::new();
    for (index, query) in queries.iter().enumerate() {
        let key = (query.days, query.period);
        windows.entry(key).or_default().push(index);
    }
    let mut batches = Vec::new();
    for ((days, period), indexes) in windows {
        for indexes in indexes.chunks(BATCH) {
            batches.push(Batch {
                window: Window::new(now, days, period),
                indexes: indexes.to_vec(),
            });
        }
    }
    batches
}

impl Batch {
    /// The metrics with the positions of their queries among `all`.
    async fn read(
        self,
        client: aws_sdk_cloudwatch::Client,
        all: &[Query],
    ) -> (Vec<usize>, Vec<Result<Metric, Gap>>) {
        let picked = || self.indexes.iter().map(|index| &all[*index]).enumerate();
        let queries = picked().map(|(position, query)| query.to_sdk(id(position)));
        let mut pages = client
            .get_metric_data()
            .set_metric_data_queries(Some(queries.collect()))
            .start_time(aws_smithy_types::DateTime::from_secs(self.window.start))
            .end_time(aws_smithy_types::DateTime::from_secs(self.window.end))
            .scan_by(ScanBy::TimestampAscending)
            .into_paginator()
            .stop_on_duplicate_token(false)
            .send();
        let mut series: BTreeMap<String, Series> = BTreeMap::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => {
                    for result in page.metric_data_results.unwrap_or_default() {
                        add(&mut series, result);
                    }
                }
                Err(error) => {
                    let failed = vec![Err(gap(&GET_METRIC_DATA, &error)); self.indexes.len()];
                    return (self.indexes, failed);
                }
            }
        }
        let one = |(position, query): (usize, &Query)| {
            let series = series.remove(&id(position)).ok_or_else(no_result)?;
            complete(&series)?;
            Ok(summarise(query.stat, self.window, series.points))
        };
        let metrics = picked().map(one).collect();
        (self.indexes, metrics)
    }
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
    // There are thousands of series, and few have a second page.
    series.points.reserve_exact(values.len());
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
        Some(StatusCode::Complete) => return Err(malformed(&GET_METRIC_DATA, "Timestamps")),
        _ => return Err(malformed(&GET_METRIC_DATA, "StatusCode")),
    };
    Err(Gap::new(GET_METRIC_DATA.action, cause, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn calls_hold_500_queries_of_one_window() {
        let week = Query::hourly("AWS/RDS", "CPUUtilization", Stat::Average, 7);
        let day = Query::hourly("AWS/RDS", "CPUUtilization", Stat::Average, 1);
        let mut queries = vec![week; 501];
        queries.insert(1, day);
        let batches = batches("2026-03-15T10:40:00Z".parse().unwrap(), &queries);
        let sizes: Vec<usize> = batches.iter().map(|b| b.indexes.len()).collect();
        assert_eq!(sizes, [1, 500, 1]);
        let mut places: Vec<usize> = batches.into_iter().flat_map(|b| b.indexes).collect();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..502));
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
