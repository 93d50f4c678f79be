//! Billed reads, and the limit that the user sets to them.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::halt::{Then, until};
use crate::scan::{Scan, assert_same, small};
use serde_json::Value;
use sixpillars::collect::concurrency::METRIC_BATCHES_PER_REGION;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// US dollars for each requested metric (<https://aws.amazon.com/cloudwatch/pricing/>).
const PER_METRIC: f64 = 0.000_01;

fn metrics(effect: Effect) -> Rule {
    Rule::new(effect).operation("cloudwatch", "GetMetricData")
}

/// Counts the requested metrics, answered or not: AWS bills them all.
#[derive(Clone, Default)]
struct Meter(Arc<AtomicU64>);

impl Meter {
    fn rule(&self) -> Rule {
        let count = Arc::clone(&self.0);
        metrics(Effect::See(Arc::new(move |call| {
            let name = b"MetricStat";
            let asked = call.body.windows(name.len()).filter(|w| w == name).count();
            count.fetch_add(asked as u64, Ordering::Relaxed);
        })))
    }

    #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
    fn usd(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64 * PER_METRIC
    }
}

#[track_caller]
fn cost(report: &Value, what: &str) -> f64 {
    report["cost"][what].as_f64().expect("an amount")
}

#[track_caller]
fn assert_usd(expected: f64, found: f64) {
    assert!(
        (expected - found).abs() < 1e-9,
        "{found} instead of {expected}"
    );
}

/// Services of which nothing but metrics is billed.
const BY_METRICS: [&str; 2] = ["--services", "ec2,rds,s3,lambda,cloudwatch"];

/// A scan is killed when it has requested all that it may pay for, and before the last of that was
/// answered. When it goes on nothing is left to spend, and what it did not read is unknown.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_scan_that_goes_on_spends_no_more_than_it_may() {
    let endpoint = Endpoint::start(small()).await;
    let meter = Meter::default();
    endpoint.rule(meter.rule());
    let scan = Scan::of(&endpoint).arguments(BY_METRICS);
    let whole = scan.run().await.with(0);
    let calls = endpoint.take_counts();
    let calls = calls.of(|call_key| call_key.is("cloudwatch", "GetMetricData")) as u64;
    let limit = cost(&whole.report(), "estimated_usd");
    assert_usd(limit, meter.usd());

    let endpoint = Endpoint::start(small()).await;
    let meter = Meter::default();
    endpoint.rule(meter.rule());
    let all = Arc::new(Notify::new());
    endpoint.rule(metrics(Effect::Tell(Arc::clone(&all))).nth(calls - 1));
    // At most what one region requests at once: all others were requested before.
    endpoint.rule(metrics(Effect::Hang).after(calls - METRIC_BATCHES_PER_REGION as u64));
    let may = limit.to_string();
    let scan = Scan::plain(&endpoint).arguments(BY_METRICS);
    let scan = scan.arguments(["--max-rate", "0", "--allow-paid", &may]);
    let running = scan.spawn();
    all.notified().await;
    running.signal("KILL");
    let ended = running.end().await;
    assert_usd(limit, meter.usd());

    endpoint.without_rules();
    endpoint.rule(meter.rule());
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_usd(limit, meter.usd());
    let report = resumed.report();
    assert_usd(limit, cost(&report, "spent_usd"));
    assert_usd(limit, cost(&report, "estimated_usd"));
    let wrong = whole.verdicts().flipped(&resumed.verdicts());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let gaps = report["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["cause"] == "unpaid"), "{gaps:?}");
}

/// What a limit keeps from being read is part of the estimate, also when the scan was killed.
#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_is_the_same_for_a_scan_that_goes_on() {
    let endpoint = Endpoint::start(small()).await;
    let scan = || Scan::plain(&endpoint).arguments(["--max-rate", "0"]);
    let whole = scan().run().await.with(0).report();
    assert!(cost(&whole, "estimated_usd") > 0.0);
    let half = endpoint.take_counts().calls() as u64 / 2;
    let running = until(&endpoint, half, Then::Hang, scan()).await;
    running.signal("KILL");
    let ended = running.end().await;
    endpoint.without_rules();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0).report();
    assert_same(&whole["cost"], &resumed["cost"]);
    assert_same(&whole["findings"], &resumed["findings"]);
}
