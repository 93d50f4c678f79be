//! `plan`, `permissions` and `scan` are about the same calls.

use crate::account::Size;
use crate::endpoint::Endpoint;
use crate::planned::{assert_made, made};
use crate::{run, serve};
use serde_json::Value;
use tempfile::TempDir;

async fn json(endpoint: &Endpoint, folder: &TempDir, arguments: &[&str]) -> Value {
    let text = run(endpoint, folder, arguments).await;
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("not JSON ({e}): {text}"))
}

/// Scans with so many US dollars for billed reads, and compares.
async fn a_scan_makes_the_calls_that_were_named(usd: &str) {
    let endpoint = serve(Size::FEW).await;
    let folder = tempfile::tempdir().unwrap();
    let paid = ["--allow-paid", usd];
    let scan = ["scan", "--quiet", "--format", "json", "--max-rate", "0"];
    run(&endpoint, &folder, &[&scan, &paid[..]].concat()).await;
    let made = made(endpoint.take_counts().log);
    let plan = [&["plan", "--format", "json"], &paid[..]].concat();
    let plan = json(&endpoint, &folder, &plan).await;
    let permissions = [&["permissions"], &paid[..]].concat();
    let permissions = json(&endpoint, &folder, &permissions).await;
    assert_made(&made, &plan, &permissions, true);
    let billed = made.keys().any(|call| call.name == "GetMetricData");
    assert_eq!(billed, usd != "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_pays_nothing_makes_the_calls_that_were_named() {
    a_scan_makes_the_calls_that_were_named("0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_pays_makes_the_calls_that_were_named() {
    a_scan_makes_the_calls_that_were_named("1").await;
}

/// What the plan is certain of is made even where there is nothing to read.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_account_is_read_with_the_calls_that_are_certain() {
    let endpoint = serve(Size::NOTHING).await;
    let folder = tempfile::tempdir().unwrap();
    let scan = ["scan", "--quiet", "--format", "json", "--max-rate", "0"];
    run(&endpoint, &folder, &scan).await;
    let made = made(endpoint.take_counts().log);
    let plan = json(&endpoint, &folder, &["plan", "--format", "json"]).await;
    for call in plan["calls"].as_array().unwrap() {
        let name = call["operation"].as_str().unwrap();
        let certain = call["at_least"].as_u64().unwrap();
        let found = made.iter().filter(|(call, _)| call.name == name);
        let found: usize = found.map(|(_, count)| count).sum();
        assert!(
            found as u64 >= certain,
            "{name}: {found} calls, {certain} planned"
        );
    }
}
