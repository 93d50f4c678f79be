//! AWS refuses: what cannot be read is unknown, the report says what is missing, and the owner's
//! trail is not filled with refusals.

use crate::endpoint::{Counts, Effect, Endpoint, Operation, Refusal, Rule};
use crate::rounds;
use crate::scan::{REGIONS, Scan, small};
use crate::verdicts::{self, Verdicts};
use futures::StreamExt;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Scans at once: more than cores, since each waits for its answers now and then.
const AT_ONCE: usize = 3;
/// One region shows as much as several.
const REGION: &[&str] = &["eu-west-1"];

fn denied(operations: &BTreeSet<(&str, &str)>) -> Rule {
    let operations = operations.iter().map(|(s, o)| Operation::new(s, o));
    Rule::new(Effect::Refuse(Refusal::Denied)).operations(operations)
}

/// The actions that the report says the caller lacks.
fn missing(report: &Value) -> BTreeSet<String> {
    let gaps = report["gaps"].as_array().expect("gaps").iter();
    gaps.filter(|gap| gap["cause"] == "denied")
        .map(|gap| gap["action"].as_str().expect("an action").to_owned())
        .collect()
}

/// Each IAM action of the registry is denied once, in a scan with others that no check needs beside it. A
/// verdict is then what it was, or unknown for want of them, and the report asks for them and no others.
#[tokio::test(flavor = "multi_thread")]
async fn a_denied_action_leads_to_unknown_and_never_to_another_verdict() {
    let endpoint = Endpoint::start(small()).await;
    let scan = |endpoint: &Endpoint| Scan::of(endpoint).by_tags().regions(REGION).run();
    let whole = scan(&endpoint).await.with(0).report();
    assert_eq!(missing(&whole), BTreeSet::new());
    let whole = Verdicts::of(&whole);

    let wrong: Vec<Vec<String>> = futures::stream::iter(rounds::of_actions())
        .map(|round| {
            let whole = &whole;
            async move {
                let endpoint = Endpoint::start(small()).await;
                let reads = || round.tried.iter().map(|(_, reads)| reads);
                let operations = reads().flat_map(|read| &read.operations).copied();
                endpoint.rule(denied(&operations.collect()));
                let report = scan(&endpoint).await.report();
                let actions: BTreeSet<&str> = round.tried.iter().map(|(a, _)| *a).collect();
                let lists = reads().flat_map(|read| &read.lists).cloned().collect();
                let mut wrong = whole.without(&Verdicts::of(&report), &lists, &actions);
                let missing = missing(&report);
                let denied = actions.iter().map(|action| (*action).to_owned()).collect();
                if missing != denied {
                    let odd = missing.symmetric_difference(&denied);
                    wrong.push(format!("missing or not: {:?}", odd.collect::<Vec<_>>()));
                }
                let of_actions = wrong
                    .into_iter()
                    .map(|w| format!("{actions:?} denied: {w}"));
                of_actions.collect()
            }
        })
        .buffer_unordered(AT_ONCE)
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
async fn without_any_permission_nothing_is_judged() {
    let endpoint = Endpoint::start(small()).await;
    let all = verdicts::reads().into_values().flat_map(|r| r.operations);
    endpoint.rule(denied(&all.collect()));
    let report = Scan::of(&endpoint).run().await.report();
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.len() > 50, "{} findings", findings.len());
    for finding in findings {
        assert_eq!(finding["verdict"], "unknown", "{finding}");
        assert!(!finding["gaps"].as_array().unwrap().is_empty(), "{finding}");
    }
    assert_eq!(report["scan"]["complete"], false);
}

/// Requests of each service in a region.
fn requests(counts: &Counts, region: &str) -> BTreeMap<String, usize> {
    let mut requests = BTreeMap::new();
    for (call_key, count) in counts
        .by_call
        .iter()
        .filter(|(call_key, _)| call_key.region == region)
    {
        *requests.entry(call_key.service.clone()).or_default() += count.calls();
    }
    requests
}

/// What a closed region does to a scan of two: one request of each service finds it out, the other
/// region is read as ever, and nothing in the closed one is judged.
async fn is_found_closed_by_one_request_of_each_service(refusal: Refusal, but: &[&str]) {
    let [open, closed] = REGIONS;
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).run().await.with(0).verdicts();
    let asked = requests(&endpoint.take_counts(), closed);
    let services: BTreeSet<&str> = asked.keys().map(String::as_str).collect();
    let services: BTreeSet<&str> = services.into_iter().filter(|s| !but.contains(s)).collect();
    assert!(services.len() > 20, "{services:?}");
    let refused = Rule::new(Effect::Refuse(refusal)).services(services.iter().copied());
    endpoint.rule(refused.region(closed));
    let ended = Scan::of(&endpoint).run().await;
    let report = ended.report();
    let requests = requests(&endpoint.counts(), closed);
    for service in &services {
        let sent = requests.get(*service).copied().unwrap_or_default();
        assert!(sent <= 1, "{sent} requests to {service}: {requests:?}");
    }
    assert!(requests.contains_key("ec2"), "{requests:?}");

    let found = Verdicts::of(&report);
    let in_open = |v: &Verdicts| v.in_region(open);
    assert!(!in_open(&whole).is_empty());
    assert_eq!(in_open(&whole), in_open(&found));
    for finding in report["findings"].as_array().unwrap() {
        let resource = &finding["resource"];
        let kind = resource["kind"].as_str().unwrap();
        let is_closed = services
            .iter()
            .any(|service| kind.split('.').next() == Some(service));
        if resource["region"] == closed && is_closed {
            assert_eq!(finding["verdict"], "unknown", "{finding}");
        }
    }
    let gaps = report["gaps"].as_array().unwrap();
    let details: BTreeSet<&str> = gaps
        .iter()
        .filter(|gap| gap["region"] == closed)
        .map(|gap| gap["detail"].as_str().unwrap())
        .collect();
    assert!(
        details.iter().any(|d| d.starts_with("closed region: ")),
        "{details:?}"
    );
}

/// Organisations often exempt S3 from such a policy, so that buckets can be found: they are listed for all
/// regions at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_closed_by_a_service_control_policy_is_asked_once() {
    let refusal = Refusal::DeniedByScp;
    is_found_closed_by_one_request_of_each_service(refusal, &["s3"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_is_not_enabled_is_asked_once() {
    is_found_closed_by_one_request_of_each_service(Refusal::RegionOff, &[]).await;
}

/// The service control policy denies one service and not the region.
#[tokio::test(flavor = "multi_thread")]
async fn one_refused_service_does_not_close_a_region() {
    let [_, region] = REGIONS;
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).run().await.with(0).verdicts();
    endpoint.take_counts();
    let refused = Effect::Refuse(Refusal::DeniedByScp);
    endpoint.rule(Rule::new(refused).services(["rds"]).region(region));
    let found = Scan::of(&endpoint).run().await.verdicts();
    let others = |verdicts: &Verdicts| {
        let mut verdicts = verdicts.in_region(region);
        verdicts.retain(|(check, ..), _| check.starts_with("ec2/"));
        verdicts
    };
    assert!(!others(&whole).is_empty());
    assert_eq!(others(&whole), others(&found));
    // Each of them is an event in the trail of the account's owner.
    let refused = requests(&endpoint.counts(), region)["rds"];
    assert!(refused <= 3, "{refused} requests were refused");
}
