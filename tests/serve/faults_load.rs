//! Many audits at once, credentials that end, and an orderly stop.

use crate::endpoint::{Effect, Endpoint, Refusal, Rule};
use crate::faults_kill::is_soak;
use crate::server::{Place, audit, small};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const TARGETS: [&str; 3] = ["shop", "bank", "toys"];
/// As the configuration has it.
const AT_ONCE: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_audits_asked_for_at_once_run_in_order_and_a_few_at_a_time() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(
        "  bank: {regions: [eu-west-1]}\n  toys: {regions: [eu-west-1]}\nconcurrency: 2\n",
    );
    let server = place.serve(&endpoint).await;
    let asks = (0..50).map(|number| {
        let target = TARGETS[number % TARGETS.len()];
        let body = json!({"target": target, "scope": {"checks": ["s3/bucket-public"]}});
        let server = &server;
        async move { (target, server.start(&body).await) }
    });
    let started = futures::future::join_all(asks).await;
    let mut ids: Vec<&String> = started.iter().map(|(_, id)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 50);
    // An ordinary run lets the first ones finish, and cancels those that wait longest for their turn.
    let kept = if is_soak() { 50 } else { 12 };
    for id in &ids[kept..] {
        let path = format!("/api/v1/audits/{id}/cancel");
        server.post(&path, &json!({})).await.with(202);
    }
    let begun = Instant::now();
    let mut most = 0;
    loop {
        let audits = server
            .get("/api/v1/audits?limit=500")
            .await
            .with(200)
            .json();
        let audits = audits["items"].as_array().unwrap();
        assert_eq!(audits.len(), 50);
        let running: Vec<&str> = audits
            .iter()
            .filter(|audit| audit["state"] == "running")
            .map(|audit| audit["target"].as_str().unwrap())
            .collect();
        most = most.max(running.len());
        assert!(running.len() <= AT_ONCE, "{running:?}");
        let mut targets = running.clone();
        targets.sort_unstable();
        targets.dedup();
        assert_eq!(targets.len(), running.len(), "a target twice at once");
        let over = |audit: &&Value| audit["state"] == "finished" || audit["state"] == "cancelled";
        if audits.iter().filter(over).count() == 50 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(5), "{audits:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(most, AT_ONCE);
    // The audits of each target began in the order in which they were queued.
    let audits = server
        .get("/api/v1/audits?limit=500&state=finished")
        .await
        .json();
    let audits = audits["items"].as_array().unwrap();
    let mut by_target: BTreeMap<&str, Vec<(Timestamp, &str, Timestamp)>> = BTreeMap::new();
    for audit in audits {
        let text = |field: &str| audit[field].as_str().unwrap();
        // As texts, 07.74 would come after 07.742.
        let time = |field: &str| text(field).parse().unwrap();
        by_target.entry(text("target")).or_default().push((
            time("queued"),
            text("id"),
            time("started"),
        ));
    }
    assert_eq!(audits.len(), kept);
    for (target, mut audits) in by_target {
        audits.sort_unstable();
        let starts = audits.iter().map(|(.., started)| started);
        assert!(starts.is_sorted(), "{target}: {audits:?}");
    }
}

/// Nothing passes, fails or is gone because a credential ended.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_end_on_the_way_leave_what_was_not_read_unknown() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let whole = server.start(&audit()).await;
    let whole = server.over(&whole).await;
    endpoint.take_counts();
    let verdict = async |verdict: &str| {
        let path = format!("/api/v1/findings?limit=1&verdict={verdict}");
        server.get(&path).await.with(200).json()["total"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(verdict("gone").await, 0);
    let calls = {
        let again = server.start(&audit()).await;
        server.over(&again).await;
        endpoint.take_counts().calls()
    };
    endpoint.rule(Rule::new(Effect::Refuse(Refusal::Expired)).after(calls as u64 / 2));
    let id = server.start(&audit()).await;
    let ended = server.over(&id).await;
    assert_eq!(ended["state"], "finished", "{ended}");
    let result = &ended["result"];
    assert_eq!(
        (&result["exit_code"], &result["complete"]),
        (&json!(3), &json!(false))
    );
    assert_eq!(
        (&result["fixed"], &result["new_fails"]),
        (&json!(0), &json!(0))
    );
    assert!(
        result["unknown"].as_i64() > whole["result"]["unknown"].as_i64(),
        "{ended}"
    );
    assert_eq!(verdict("gone").await, 0);
    // With new ones everything is as it was.
    endpoint.without_rules();
    let next = server.start(&audit()).await;
    let next = server.over(&next).await;
    for field in ["fails", "unknown", "coverage"] {
        assert_eq!(next["result"][field], whole["result"][field], "{field}");
    }
    assert_eq!(
        (&next["result"]["fixed"], &next["result"]["new_fails"]),
        (&json!(0), &json!(0)),
        "{next}"
    );
}

/// A stop takes no longer than open requests may take, keeps what was read, and gives the audit back.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_pauses_the_audit_within_the_grace_period() {
    let endpoint = Endpoint::start(small()).await;
    endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    let middle = |audit: &Value| audit["lists_read"].as_i64().unwrap() > 2;
    server.audit_until(&id, middle).await;
    let path = format!("/api/v1/audits/{id}/events");
    let watched = async {
        // The stream ends with the service, before the audit does.
        server.get(&path).await.with(200)
    };
    let stop = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.signal("TERM");
        Instant::now()
    };
    let (events, stopped) = tokio::join!(watched, stop);
    let events = String::from_utf8(events.body).unwrap();
    assert!(events.contains("\"running\"") && !events.contains("\"finished\""));
    assert_eq!(server.end().await, Some(0));
    assert!(
        stopped.elapsed() < Duration::from_secs(10),
        "{:?}",
        stopped.elapsed()
    );
    // Nobody waits for a lease to end: it is in the queue.
    endpoint.without_rules();
    endpoint.take_counts();
    let server = place.serve(&endpoint).await;
    let done = server.over(&id).await;
    assert_eq!(
        (&done["state"], &done["attempts"]),
        (&json!("finished"), &json!(2)),
        "{done}"
    );
    let counts = endpoint.take_counts();
    let again = counts.of(|call| call.is("iam", "GetAccountAuthorizationDetails"));
    assert_eq!(again, 0, "what was read before is not read again");
}
