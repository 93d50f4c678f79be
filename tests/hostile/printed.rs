//! Findings on standard output, as they are judged.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::scan::{Scan, small};
use serde_json::Value;
use std::collections::BTreeSet;

/// The check, place and verdict of each finding.
fn judged<'a>(findings: impl IntoIterator<Item = &'a Value>) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    findings
        .into_iter()
        .map(|finding| (text(&finding["id"]), text(&finding["verdict"])))
        .collect()
}

fn lines(printed: &str) -> Vec<Value> {
    let lines = printed.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a finding in JSON"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_findings_are_those_of_the_report() {
    let endpoint = Endpoint::start(small()).await;
    let report = Scan::of(&endpoint).run().await.with(0).report();
    let findings = report["findings"].as_array().expect("findings");
    let printed = Scan::of(&endpoint).printed("ndjson").run().await.with(0);
    let printed = lines(&printed.stdout);
    assert_eq!(printed.len(), findings.len());
    assert_eq!(judged(&printed), judged(findings));
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_printed_while_the_account_is_read() {
    let endpoint = Endpoint::start(small()).await;
    Scan::of(&endpoint).run().await.with(0);
    let calls = endpoint.take_counts().calls() as u64;
    // The scan waits for the last answers until it is stopped, which is after the first line.
    endpoint.rule(Rule::new(Effect::Hang).after(calls - 5));
    let scan = Scan::of(&endpoint).printed("ndjson").spawn();
    let stopped = scan.stop_after_a_line().await.with(3);
    let printed = lines(&stopped.stdout);
    assert_eq!(judged(&printed).len(), printed.len(), "printed twice");
    let resumed = Scan::resume(&endpoint, &stopped);
    endpoint.without_rules();
    // It prints again as it was asked to at first, and all of it: the verdicts may have changed.
    let resumed = lines(&resumed.run().await.with(0).stdout);
    assert!(resumed.len() >= printed.len());
    // What depends on a condition of a policy is unknown however much is read.
    let is_read = |finding: &Value| {
        let mut gaps = finding["gaps"].as_array().into_iter().flatten();
        gaps.all(|gap| gap["cause"] == "undecided")
    };
    assert_eq!(resumed.iter().find(|finding| !is_read(finding)), None);
}
