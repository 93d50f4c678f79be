//! The network fails: a single failure is repaired or becomes a gap, and nothing waits for ever.

use crate::account::{Account, Size};
use crate::endpoint::{Cut, Effect, Ending, Endpoint, Operation, Refusal, Rule, Source, Wait};
use crate::rounds;
use crate::scan::{Ended, REGIONS, Scan, assert_same, new_gaps, small};
use crate::verdicts;
use futures::StreamExt;
use serde_json::{Value, json};
use sixpillars::aws::throttle::gate::IN_FLIGHT;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;

const AT_ONCE: usize = 3;
/// Scans at once that do little but wait before they try again.
const PATIENT: usize = 12;

/// One region shows as much as several.
const REGION: &[&str] = &["eu-west-1"];

/// All operations that are read, each once.
fn operations() -> BTreeSet<Operation> {
    let reads = verdicts::reads().into_values();
    reads
        .flat_map(|read| read.operations)
        .map(|(service, operation)| Operation::new(service, operation))
        .collect()
}

/// Lets the first call of every operation fail: each failure stands alone, since no other call
/// waits for the same answer.
async fn is_repaired(effect: Effect) {
    let quiet = Endpoint::start(small()).await;
    let failing = Endpoint::start(small()).await;
    for operation in operations() {
        failing.rule(Rule::new(effect.clone()).operations([operation]).first(1));
    }
    let (expected, found) = tokio::join!(Scan::of(&quiet).run(), Scan::of(&failing).run());
    let (expected, found) = (expected.with(0).report(), found.with(0).report());
    assert_same(&expected["findings"], &found["findings"]);
    assert_same(&expected["gaps"], &found["gaps"]);
    let counts = failing.counts();
    let failed = counts.ended(Ending::Failed) + counts.ended(Ending::Throttled);
    assert!(failed >= 40, "only {failed} calls failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_reset_before_the_answer_is_repaired() {
    is_repaired(Effect::Cut(Cut::Reset)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_before_the_answer_is_repaired() {
    is_repaired(Effect::Cut(Cut::Before)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_inside_the_headers_is_repaired() {
    is_repaired(Effect::Cut(Cut::Headers)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_page_is_repaired() {
    is_repaired(Effect::Cut(Cut::Body)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_after_the_answer_costs_nothing() {
    let endpoint = Endpoint::start(small()).await;
    let expected = Scan::of(&endpoint).run().await.with(0).report();
    endpoint.rule(Rule::new(Effect::Cut(Cut::After)));
    let found = Scan::of(&endpoint).run().await.with(0).report();
    assert_same(&expected["findings"], &found["findings"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_internal_error_is_repaired() {
    is_repaired(Effect::Refuse(Refusal::Internal)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overloaded_service_is_repaired() {
    is_repaired(Effect::Refuse(Refusal::Unavailable)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_first_call_is_repaired() {
    is_repaired(Effect::Refuse(Refusal::Throttled(Wait::Unsaid))).await;
}

/// A twentieth of all calls fails in each of many ways, a third altogether: often twice, and never as
/// often that the service would be given up.
#[tokio::test(flavor = "multi_thread")]
async fn scattered_failures_lose_nothing() {
    let endpoint = Endpoint::start(small()).await;
    let expected = Scan::of(&endpoint).run().await.with(0).report();
    let effects = [
        Effect::Cut(Cut::Reset),
        Effect::Cut(Cut::Before),
        Effect::Cut(Cut::Headers),
        Effect::Cut(Cut::Body),
        Effect::Cut(Cut::After),
        Effect::Refuse(Refusal::Internal),
        Effect::Refuse(Refusal::Unavailable),
        Effect::Refuse(Refusal::Throttled(Wait::Unsaid)),
    ];
    for (seed, effect) in (1..).zip(effects) {
        endpoint.rule(Rule::new(effect).part(0.05, seed).attempts(2));
    }
    let found = Scan::of(&endpoint).run().await.with(0).report();
    assert_same(&expected["findings"], &found["findings"]);
}

/// The answers of each operation cannot be read once, whole in form and broken in content, in a scan with
/// others that no check needs beside it. A verdict is then what it was, or unknown for want of them.
async fn is_never_taken_for_an_answer(effect: Effect) {
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).regions(REGION).run().await;
    let whole = whole.with(0).verdicts();
    let wrong: Vec<Vec<String>> = futures::stream::iter(rounds::of_actions())
        .map(|round| {
            let (effect, whole) = (effect.clone(), &whole);
            async move {
                let endpoint = Endpoint::start(small()).await;
                let reads = || round.tried.iter().map(|(_, reads)| reads);
                let operations = reads().flat_map(|read| &read.operations);
                let operations = operations.map(|(s, o)| Operation::new(s, o));
                endpoint.rule(Rule::new(effect).operations(operations));
                let found = Scan::of(&endpoint).regions(REGION).run().await.verdicts();
                let actions: BTreeSet<&str> = round.tried.iter().map(|(a, _)| *a).collect();
                let lists = reads().flat_map(|read| &read.lists).cloned().collect();
                let wrong = whole.without(&found, &lists, &actions);
                let of_actions = wrong.into_iter();
                of_actions
                    .map(|w| format!("{actions:?} unreadable: {w}"))
                    .collect()
            }
        })
        .buffer_unordered(PATIENT)
        .collect()
        .await;
    let wrong = wrong.concat();
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_answer_is_never_taken_for_an_answer() {
    is_never_taken_for_an_answer(Effect::Malformed).await;
}

/// All answers of some services, none of which shares a check with another, are something else entirely, as
/// behind a captive portal.
#[tokio::test(flavor = "multi_thread")]
async fn noise_is_never_taken_for_an_answer() {
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).regions(REGION).run().await;
    let whole = &whole.with(0).verdicts();
    let services: BTreeSet<String> = operations().into_iter().map(|o| o.service).collect();
    let mut needing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (operation, checks) in rounds::needing().operations {
        needing.entry(operation.service).or_default().extend(checks);
    }
    let checks = |service: &String| needing.get(service).cloned().unwrap_or_default();
    futures::stream::iter(rounds::rounds(services, checks))
        .for_each_concurrent(AT_ONCE, |round| async move {
            let endpoint = Endpoint::start(small()).await;
            let services = round.tried.iter().map(String::as_str);
            endpoint.rule(Rule::new(Effect::Noise).services(services));
            let found = Scan::of(&endpoint).regions(REGION).run().await.verdicts();
            let wrong = whole.flipped(&found);
            assert!(wrong.is_empty(), "{:?}: {}", round.tried, wrong.join("\n"));
        })
        .await;
}

/// A region resets every connection: it costs the three attempts of one call of each service, the
/// other region is read as ever, and nothing in the dead one is judged.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_resets_every_connection_is_given_up() {
    let [alive, dead] = REGIONS;
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).run().await.with(0).verdicts();
    endpoint.take_counts();
    endpoint.rule(Rule::new(Effect::Cut(Cut::Reset)).region(dead));
    let began = Instant::now();
    let found = Scan::of(&endpoint).run().await;
    let took = began.elapsed();
    let report = found.report();
    assert_eq!(whole.in_region(alive), found.verdicts().in_region(alive));
    assert!(whole.flipped(&found.verdicts()).is_empty());
    let mut requests = std::collections::BTreeMap::<String, usize>::new();
    for (call_key, count) in endpoint.counts().by_call {
        if call_key.region == dead {
            *requests.entry(call_key.service).or_default() += count.calls();
        }
    }
    assert!(requests.values().all(|r| *r <= 3), "{requests:?}");
    assert!(took < Duration::from_secs(30), "took {took:?}");
    let gaps = report["gaps"].as_array().unwrap();
    let of_dead = gaps.iter().filter(|gap| gap["region"] == dead);
    let causes: BTreeSet<&str> = of_dead.map(|gap| gap["cause"].as_str().unwrap()).collect();
    assert_eq!(causes, BTreeSet::from(["unreachable"]));
}

/// The services that a scan asks in each region.
const REGIONAL: [&str; 6] = ["cloudwatch", "ec2", "lambda", "rds", "sns", "ssm"];

/// Sends what is meant for a region's services elsewhere; what is asked once for an account is
/// answered as ever.
fn elsewhere(scan: Scan, address: SocketAddr) -> Scan {
    let url = format!("http://{address}");
    let mut scan = scan.regions(REGION);
    for service in REGIONAL {
        let name = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
        scan = scan.variable(&name, &url);
    }
    scan
}

/// Asserts that of a dead region nothing is judged, and that all else is as it was.
#[track_caller]
fn is_dead(whole: &Ended, found: &Ended) {
    let report = found.report();
    let kind = |finding: &Value| finding["resource"]["kind"].as_str().unwrap().to_owned();
    let service = |finding: &Value| kind(finding).split('.').next().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    let (dead, alive): (Vec<_>, Vec<_>) = findings
        .iter()
        .partition(|finding| REGIONAL.contains(&service(finding).as_str()));
    assert!(!dead.is_empty() && !alive.is_empty());
    for finding in dead {
        assert_eq!(finding["verdict"], "unknown", "{finding}");
    }
    let wrong = whole.verdicts().flipped(&found.verdicts());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let gaps = new_gaps(&whole.report(), &report).into_iter();
    let causes: BTreeSet<&str> = gaps.map(|gap| gap["cause"].as_str().unwrap()).collect();
    assert_eq!(causes, BTreeSet::from(["unreachable"]));
    let users = |ended: &Ended| {
        let report = ended.report();
        let findings = report["findings"].as_array().unwrap().iter();
        let users = findings.filter(|finding| kind(finding) == "iam.user");
        json!(users.collect::<Vec<_>>())
    };
    assert_same(&users(whole), &users(found));
}

/// How long a scan of one region takes when all is well, and what it finds.
async fn usual(endpoint: &Endpoint) -> (Ended, Duration) {
    let began = Instant::now();
    let whole = Scan::of(endpoint).regions(REGION).run().await.with(0);
    (whole, began.elapsed())
}

/// Nobody listens on the port, and the system says so at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_refuses_connections_is_given_up() {
    let endpoint = Endpoint::start(small()).await;
    let (whole, usual) = usual(&endpoint).await;
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let refused = TcpStream::connect(closed).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let began = Instant::now();
    let found = elsewhere(Scan::of(&endpoint), closed).run().await;
    let took = began.elapsed();
    is_dead(&whole, &found);
    assert!(
        took < usual + Duration::from_secs(5),
        "took {took:?}, and {usual:?} when all is well"
    );
}

/// A port that accepts nobody: its queue is full, so that the system drops what else knocks.
struct Blackhole {
    address: SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Blackhole {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            queue.push(stream);
        }
        Self {
            address,
            _listener: listener,
            _queue: queue,
        }
    }
}

/// Nobody is there to refuse a connection to a whole region. Each service waits for one connect
/// timeout of 3.1 seconds, all of them at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_region_costs_one_connect_timeout() {
    let endpoint = Endpoint::start(small()).await;
    let (whole, usual) = usual(&endpoint).await;
    let hole = tokio::task::spawn_blocking(Blackhole::open).await.unwrap();
    let began = Instant::now();
    let found = elsewhere(Scan::of(&endpoint), hole.address).run().await;
    let took = began.elapsed();
    is_dead(&whole, &found);
    assert!(
        took < usual + Duration::from_secs(5),
        "took {took:?}, and {usual:?} when all is well"
    );
}

/// Answers that wait until all places for requests are taken do not wait for ever, and there are never
/// more requests. The first calls to buckets are answered: they show that their regions answer.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_requests_are_in_flight_than_there_are_places() {
    let account = Account::new(Size {
        buckets: 40,
        ..*crate::scan::account().size()
    });
    let endpoint = Endpoint::start(Source::memory(move |call| account.answer(call))).await;
    let gather = Effect::Gather(Arc::new(Barrier::new(IN_FLIGHT)));
    let places = u64::try_from(IN_FLIGHT).unwrap();
    endpoint.rule(
        Rule::new(gather)
            .services(["s3"])
            .numbers(100..100 + places),
    );
    Scan::of(&endpoint).run().await.with(0);
    assert_eq!(endpoint.counts().peak, IN_FLIGHT);
}

/// A call without an answer ends by its own deadline, three attempts of 20 seconds; all else is read
/// meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_ends_by_its_own_deadline() {
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).run().await.with(0).verdicts();
    let hang = Rule::new(Effect::Hang).operation("ec2", "DescribeVolumes");
    endpoint.rule(hang.region(REGIONS[0]));
    let began = Instant::now();
    let found = Scan::of(&endpoint).run().await;
    let took = began.elapsed();
    let lists = BTreeSet::from(["ec2.volume".to_owned()]);
    let wrong = whole.without(
        &found.verdicts(),
        &lists,
        &BTreeSet::from(["ec2:DescribeVolumes"]),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(took < Duration::from_secs(80), "took {took:?}");
}

/// One attempt hangs, and the next is answered.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_hangs_is_repaired() {
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).run().await.with(0).report();
    let hang = Rule::new(Effect::Hang).operation("rds", "DescribeDBInstances");
    endpoint.rule(hang.first(1));
    let found = Scan::of(&endpoint).run().await.with(0).report();
    assert_same(&whole["findings"], &found["findings"]);
}
