//! Servers that are killed, stopped and paused in the middle of an audit.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::server::{Place, audit, only_attempt, small};
use serde_json::Value;

/// A list never ends, so the audit is in the middle for as long as the test wants.
fn hang(endpoint: &Endpoint) {
    endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
}

fn is_in_the_middle(audit: &Value) -> bool {
    let (read, all) = (
        audit["lists_read"].as_i64().unwrap(),
        audit["lists_all"].as_i64().unwrap(),
    );
    read > 2 && read + 1 >= all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_goes_on_from_the_journal() {
    let endpoint = Endpoint::start(small()).await;
    hang(&endpoint);
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    server.audit_until(&id, is_in_the_middle).await;
    server.signal("KILL");
    assert_eq!(server.end().await, None);
    endpoint.without_rules();
    endpoint.take_counts();
    let server = place.serve(&endpoint).await;
    let done = server.over(&id).await;
    assert_eq!(
        (&done["state"], done["attempts"].as_i64()),
        (&"finished".into(), Some(2)),
        "{done}"
    );
    // What was read before is not read again.
    let counts = endpoint.take_counts();
    assert_eq!(
        counts.of(|call| call.is("iam", "GetAccountAuthorizationDetails")),
        0
    );
    assert!(counts.of(|call| call.is("lambda", "ListFunctions")) > 0);
    assert_eq!(only_attempt(&place, &id).await, "2");
    let report = server
        .get(&format!("/api/v1/audits/{id}/report"))
        .await
        .with(200)
        .json();
    assert_eq!(report["scan"]["complete"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_pauses_its_audit() {
    let endpoint = Endpoint::start(small()).await;
    hang(&endpoint);
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    server.audit_until(&id, is_in_the_middle).await;
    server.signal("TERM");
    assert_eq!(server.end().await, Some(0));
    endpoint.without_rules();
    endpoint.take_counts();
    let server = place.serve(&endpoint).await;
    assert_eq!(server.over(&id).await["state"], "finished");
    let counts = endpoint.take_counts();
    assert_eq!(
        counts.of(|call| call.is("iam", "GetAccountAuthorizationDetails")),
        0
    );
}

/// Killed at many moments, also while it stores what it found: an audit is finished once, with
/// everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_again_and_again_loses_nothing() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let whole = server.start(&audit()).await;
    let whole = server.over(&whole).await;
    let again = server.start(&audit()).await;
    let mut server = server;
    for round in 0..6_u32 {
        // The moments are spread over an attempt; which one is met does not matter.
        tokio::time::sleep(std::time::Duration::from_millis(u64::from(150 * round))).await;
        server.signal("KILL");
        server.end().await;
        server = place.serve(&endpoint).await;
    }
    let done = server.over(&again).await;
    assert_eq!(done["state"], "finished", "{done}");
    for field in ["fails", "unknown", "coverage"] {
        assert_eq!(done["result"][field], whole["result"][field], "{field}");
    }
    assert_eq!(done["result"]["new_fails"], 0);
    let trend = server
        .get("/api/v1/targets/shop/trend")
        .await
        .with(200)
        .json();
    assert_eq!(trend["points"].as_array().unwrap().len(), 12);
    only_attempt(&place, &again).await;
}
