//! AWS asks to slow down: nothing is lost, the quota is shared, and nobody else waits.

use crate::account::{Account, Size};
use crate::endpoint::{
    CallKey, Counts, Documented, Effect, Ending, Endpoint, Refusal, Rule, Source, Wait, documented,
};
use crate::scan::{Ended, REGIONS, Scan, assert_same, small};
use sixpillars::aws::throttle::limits::SHARE;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// An account whose lists outgrow the documented bursts of several services.
fn busy() -> Source {
    with_functions(6)
}

fn with_functions(functions: usize) -> Source {
    let account = Account::new(Size {
        regions: 2,
        buckets: 30,
        roles: 10,
        instances: 10,
        volumes: 12,
        snapshots: 70,
        database_snapshots: 40,
        alarms: 30,
        functions,
        declared: 1,
        ..Size::one()
    });
    Source::memory(move |call| account.answer(call))
}

/// The arrivals at each of AWS's buckets, in order.
fn arrivals(counts: &Counts) -> BTreeMap<CallKey, (Documented, Vec<Instant>)> {
    let mut buckets: BTreeMap<CallKey, (Documented, Vec<Instant>)> = BTreeMap::new();
    for (call_key, count) in &counts.by_call {
        let (name, bucket) = documented(call_key);
        let (_, arrived) = buckets.entry(name).or_insert((bucket, Vec::new()));
        arrived.extend(&count.arrived);
    }
    for (_, arrived) in buckets.values_mut() {
        arrived.sort();
    }
    buckets
}

/// By how many calls a bucket is overdrawn at worst.
fn overdraft(arrived: &[Instant], rate: f64, burst: f64) -> f64 {
    let (mut tokens, mut worst) = (burst, 0.0_f64);
    let mut before = arrived.first().copied();
    for &now in arrived {
        let gained = before.map_or(0.0, |b| now.duration_since(b).as_secs_f64() * rate);
        tokens = (tokens + gained).min(burst) - 1.0;
        worst = worst.max(-tokens);
        before = Some(now);
    }
    worst
}

/// The least time that the buckets allow for these calls, at a share of their rates.
#[allow(clippy::cast_precision_loss, reason = "a count of calls")]
fn bound(counts: &Counts, share: f64) -> Duration {
    let seconds = arrivals(counts)
        .into_values()
        .map(|(limit, arrived)| (arrived.len() as f64 / share - limit.burst) / limit.rate)
        .fold(0.0, f64::max);
    Duration::from_secs_f64(seconds)
}

async fn enforced(account: Source) -> Endpoint {
    let endpoint = Endpoint::start(account).await;
    endpoint.rule(Rule::new(Effect::Throttle(Wait::Unsaid)));
    endpoint
}

async fn timed(scan: Scan) -> (Ended, Duration) {
    let began = Instant::now();
    let ended = scan.run().await.with(0);
    (ended, began.elapsed())
}

/// What a scan costs that is bound by nothing but the machine: a debug build on a busy one.
const OVERHEAD: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn by_default_a_scan_takes_no_more_than_half_of_each_documented_rate() {
    let free = Endpoint::start(busy()).await;
    let endpoint = enforced(busy()).await;
    let unthrottled = Scan::plain(&free).arguments(["--max-rate", "0"]).run();
    let (unthrottled, (ended, took)) = tokio::join!(unthrottled, timed(Scan::plain(&endpoint)));
    let counts = endpoint.counts();
    assert_eq!(counts.ended(Ending::Throttled), 0);
    assert_same(
        &unthrottled.report()["findings"],
        &ended.report()["findings"],
    );
    let mut past_the_burst = 0;
    for (bucket, (limit, arrived)) in arrivals(&counts) {
        let (rate, burst) = (limit.rate * SHARE, (limit.burst * SHARE).max(1.0));
        #[allow(clippy::cast_precision_loss, reason = "a count of calls")]
        let calls = arrived.len() as f64;
        past_the_burst += usize::from(calls > burst + rate);
        // A call that was held up on its way may arrive together with the next.
        let slack = 2.0 + rate * 0.05;
        let over = overdraft(&arrived, rate, burst);
        assert!(
            over <= slack,
            "{bucket:?}: {over:.1} calls too many of {}",
            arrived.len()
        );
    }
    assert!(
        past_the_burst >= 2,
        "the account is too small to show anything"
    );
    let bound = bound(&counts, SHARE);
    assert!(
        took <= bound.mul_f64(1.15) + OVERHEAD,
        "took {took:?} where the buckets allow {bound:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_documented_rates_hardly_a_call_is_throttled_and_nothing_is_lost() {
    // Their bucket is the tightest: long after its burst is over there are calls left.
    let free = Endpoint::start(with_functions(30)).await;
    let endpoint = enforced(with_functions(30)).await;
    let unthrottled = Scan::plain(&free).arguments(["--max-rate", "0"]).run();
    let full = Scan::plain(&endpoint).arguments(["--max-rate", "100"]);
    let (unthrottled, (ended, took)) = tokio::join!(unthrottled, timed(full));
    assert_same(
        &unthrottled.report()["findings"],
        &ended.report()["findings"],
    );
    let counts = endpoint.counts();
    let (calls, throttled) = counts.warm();
    assert!(calls >= 50, "{calls} calls are too few to show anything");
    assert!(
        throttled * 50 < calls,
        "{throttled} of {calls} calls were throttled"
    );
    let bound = bound(&counts, 1.0);
    assert!(
        took <= bound.mul_f64(1.15) + OVERHEAD,
        "took {took:?} where the buckets allow {bound:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_without_limits_loses_nothing_where_aws_has_limits() {
    let endpoint = enforced(busy()).await;
    let free = Endpoint::start(busy()).await;
    let scan = |endpoint| Scan::plain(endpoint).arguments(["--max-rate", "0"]);
    let services = ["--services", "s3,iam,lambda"];
    let (expected, found) = tokio::join!(
        scan(&free).arguments(services).run(),
        scan(&endpoint).arguments(services).run(),
    );
    let counts = endpoint.counts();
    assert!(counts.ended(Ending::Throttled) > 0);
    assert_same(
        &expected.with(0).report()["findings"],
        &found.with(0).report()["findings"],
    );
}

/// Production uses up the quota of one service in one region. All others go on as if nothing were.
#[tokio::test(flavor = "multi_thread")]
async fn one_throttled_lane_slows_no_other() {
    let quiet = Endpoint::start(busy()).await;
    let loud = Endpoint::start(busy()).await;
    let throttled = Effect::Refuse(Refusal::Throttled(Wait::Unsaid));
    let [here, _] = REGIONS;
    let rule = Rule::new(throttled).services(["ec2"]).region(here);
    loud.rule(rule.between(Duration::ZERO, Duration::from_secs(5)));
    let (before, after) = tokio::join!(Scan::plain(&quiet).run(), Scan::plain(&loud).run());
    assert_same(
        &before.with(0).report()["findings"],
        &after.with(0).report()["findings"],
    );
    assert!(loud.counts().ended(Ending::Throttled) > 0);
    let (before, after) = (arrivals(&quiet.counts()), arrivals(&loud.counts()));
    let took = |arrived: &[Instant]| arrived[arrived.len() - 1].duration_since(arrived[0]);
    // The calls of one bucket share its rate, and which of them go first is up to chance.
    let others = after
        .iter()
        .filter(|(bucket, _)| !(bucket.service == "ec2" && bucket.region == here));
    for (bucket, (_, arrived)) in others {
        let (was, is) = (took(&before[bucket].1), took(arrived));
        assert!(
            is <= was.mul_f64(1.3) + Duration::from_secs(1),
            "{bucket:?} took {is:?} instead of {was:?}"
        );
    }
}

/// A call that waits for its turn for half a minute is no call that hangs.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_queue_is_waited_for() {
    let endpoint = Endpoint::start(busy()).await;
    let scan = |rate| {
        let scan = Scan::plain(&endpoint).regions(&REGIONS[..1]);
        let scan = scan.arguments(["--services", "lambda", "--max-rate", rate]);
        async move { scan.run().await.with(0).report() }
    };
    let expected = scan("0").await;
    endpoint.take_counts();
    let found = scan("5").await;
    assert_same(&expected["findings"], &found["findings"]);
    let lambda = arrivals(&endpoint.counts()).into_iter();
    let (_, (_, arrived)) = lambda.max_by_key(|(_, (_, a))| a.len()).expect("calls");
    let last = arrived[arrived.len() - 1].duration_since(arrived[0]);
    assert!(
        last > Duration::from_secs(25),
        "the queue was only {last:?} long"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_aws_asks_for_is_kept() {
    let endpoint = Endpoint::start(small()).await;
    let waits = [
        ("ec2", "DescribeVolumes", Wait::RetryAfter(2)),
        (
            "rds",
            "DescribeDBInstances",
            Wait::AmzRetryAfter(Duration::from_millis(1_900)),
        ),
    ];
    for (service, operation, wait) in waits {
        let throttled = Effect::Refuse(Refusal::Throttled(wait));
        endpoint.rule(
            Rule::new(throttled)
                .operation(service, operation)
                .region(REGIONS[0])
                .first(1),
        );
    }
    let scan = Scan::of(&endpoint).arguments(["--services", "ec2,rds"]);
    scan.run().await.with(0);
    let counts = endpoint.counts();
    for (service, operation, _) in waits {
        let picked = |(call_key, _): &(&CallKey, _)| {
            call_key.is(service, operation) && call_key.region == REGIONS[0]
        };
        let (_, count) = counts.by_call.iter().find(picked).expect("it is called");
        let waited = count.arrived[1].duration_since(count.arrived[0]);
        assert!(
            waited >= Duration::from_millis(1_900),
            "{operation}: {waited:?}"
        );
        assert!(waited <= Duration::from_secs(6), "{operation}: {waited:?}");
    }
}

/// What is in the queue already waits as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_waits_for_as_long_as_aws_asks() {
    let endpoint = Endpoint::start(busy()).await;
    let throttled = Effect::Refuse(Refusal::Throttled(Wait::RetryAfter(3)));
    let rule = Rule::new(throttled).operation("lambda", "GetFunctionConcurrency");
    endpoint.rule(rule.region(REGIONS[0]).nth(2));
    let scan = Scan::plain(&endpoint).regions(&REGIONS[..1]);
    scan.arguments(["--services", "lambda"]).run().await.with(0);
    let counts = endpoint.counts();
    let by_call = counts.by_call.iter().filter(|(l, _)| l.service == "lambda");
    let (mut arrived, mut throttled) = (Vec::new(), Vec::new());
    for (call_key, count) in by_call {
        // It has a bucket of its own.
        if call_key.operation != "GetPolicy" {
            arrived.extend(&count.arrived);
            throttled.extend(&count.throttled);
        }
    }
    let [throttled] = throttled[..] else {
        panic!("{} calls were throttled", throttled.len());
    };
    let after = |time: &&Instant| time.saturating_duration_since(throttled);
    // What was on its way arrives; everything else keeps away.
    let (soon, late) = (Duration::from_millis(500), Duration::from_millis(2_900));
    let meanwhile = arrived.iter().filter(|t| (soon..late).contains(&after(t)));
    assert_eq!(meanwhile.count(), 0);
    let queue = arrived.iter().filter(|t| after(t) >= late).count();
    assert!(queue > 5, "only {queue} calls were in the queue");
}

/// Every tenth call of every service is throttled, whatever the pace.
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_among_noisy_neighbours_loses_nothing() {
    let endpoint = Endpoint::start(small()).await;
    let expected = Scan::of(&endpoint).run().await.with(0).report();
    endpoint.take_counts();
    let throttled = Effect::Refuse(Refusal::Throttled(Wait::Unsaid));
    endpoint.rule(Rule::new(throttled).part(0.1, 7));
    let found = Scan::of(&endpoint).run().await.with(0).report();
    assert_same(&expected["findings"], &found["findings"]);
    let (report, endpoint) = (throttled_in(&found), endpoint.counts());
    assert!(report > 0);
    assert_eq!(report, endpoint.ended(Ending::Throttled));
}

/// The throttled attempts that a report owns up to.
fn throttled_in(report: &serde_json::Value) -> usize {
    let calls = report["calls"].as_array().expect("calls").iter();
    let throttled = calls.map(|c| c["throttled"].as_u64().expect("a count"));
    usize::try_from(throttled.sum::<u64>()).expect("few")
}
