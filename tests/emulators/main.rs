//! The built program against LocalStack and moto, over real HTTP: `make emulators` runs this under
//! `localstack/serve`, with the account of `localstack/seed.py` planted.
//!
//! The tests are ignored otherwise. Without the emulators they fail: a test that quietly
//! does nothing proves nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
#[path = "../endpoint/mod.rs"]
mod endpoint;
mod expect;
#[path = "../planned/mod.rs"]
mod planned;
mod scan;
mod send;
#[cfg(feature = "serve")]
mod serve;
#[path = "../verdicts/mod.rs"]
mod verdicts;

use endpoint::{Effect, Endpoint, Operation, Refusal, Rule, Source};
use expect::Expectation;
use futures::StreamExt;
use scan::{REGIONS, run, scan, scan_for};
use serde_json::Value;
use verdicts::Verdicts;

/// Written into the user data of a machine by the seed; must be nowhere in what we write.
const PLANTED_SECRET: &str = "correct-horse-battery-staple";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn what_was_planted_is_found_and_its_twin_is_not() {
    let endpoint = Endpoint::start(Source::emulators()).await;
    let report = scan(&endpoint, REGIONS).await;
    let verdicts = Verdicts::of(&report);
    let expectations = Expectation::all();
    let mut wrong: Vec<String> = expectations
        .iter()
        .flat_map(|e| e.disagreements(&verdicts))
        .collect();
    wrong.extend(expect::pillars_without(&expectations, &report));
    assert!(
        wrong.is_empty(),
        "{} disagreements with localstack/expect.yaml:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(report["problems"], Value::Array(Vec::new()));
    assert!(!report.to_string().contains(PLANTED_SECRET));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn two_scans_give_the_same_report_but_for_times() {
    let endpoint = Endpoint::start(Source::emulators()).await;
    let mut reports = Vec::new();
    for _ in 0..2 {
        let mut report = scan(&endpoint, REGIONS).await;
        verdicts::strip_times(&mut report);
        reports.push(serde_json::to_string_pretty(&report).expect("JSON"));
    }
    for (first, second) in reports[0].lines().zip(reports[1].lines()) {
        assert_eq!(first, second);
    }
    assert_eq!(reports[0].len(), reports[1].len());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn the_calls_made_are_those_that_plan_and_permissions_name() {
    let endpoint = Endpoint::start(Source::emulators()).await;
    for usd in ["0", "1"] {
        endpoint.take_counts();
        scan_for(&endpoint, REGIONS, usd).await;
        let made = planned::made(endpoint.take_counts().log);
        let paid = ["--allow-paid", usd];
        let plan = [&["plan", "--format", "json"], &paid[..]].concat();
        let plan = json(&run(&endpoint, &plan, REGIONS).await);
        let permissions = [&["permissions"], &paid[..]].concat();
        let permissions = json(&run(&endpoint, &permissions, REGIONS).await);
        planned::assert_made(&made, &plan, &permissions, false);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn a_snapshot_judged_again_gives_the_same_findings_without_a_call() {
    let endpoint = Endpoint::start(Source::emulators()).await;
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("account.snapshot");
    let (path, file) = (folder.path().to_str().unwrap(), snapshot.to_str().unwrap());
    let report = ["--format", "json", "--quiet", "--output", path];
    let scan = [
        "scan",
        "--services",
        "s3,ec2,account",
        "--save-snapshot",
        file,
    ];
    run(
        &endpoint,
        &[&scan[..], &report[..]].concat(),
        &["eu-west-1"],
    )
    .await;
    let read = || std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    let scanned: Value = serde_json::from_str(&read()).unwrap();
    endpoint.take_counts();
    let judge = ["judge", file, "--services", "s3,ec2,account"];
    run(&endpoint, &[&judge[..], &report[..]].concat(), &[]).await;
    let judged: Value = serde_json::from_str(&read()).unwrap();
    assert!(endpoint.take_counts().log.is_empty());
    assert!(!scanned["findings"].as_array().unwrap().is_empty());
    assert_eq!(scanned["findings"], judged["findings"]);

    // What the snapshot does not have is unknown, and says so.
    let judge = ["judge", file, "--checks", "rds/cluster-*"];
    run(&endpoint, &[&judge[..], &report[..]].concat(), &[]).await;
    let judged: Value = serde_json::from_str(&read()).unwrap();
    let findings = judged["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert!(
        findings.iter().all(|f| f["verdict"] == "unknown"),
        "{findings:?}"
    );
}

/// For each IAM action: the scan with just its operations refused. A verdict may then be unknown for
/// want of it, or stay what it was; none may turn into another, and none may be missing. The tape
/// answers for the emulators, so that scans can run side by side.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn a_refused_action_leads_to_unknown_and_never_to_another_verdict() {
    const REGION: &[&str] = &["eu-west-1"];
    let folder = tempfile::tempdir().unwrap();
    let tape = folder.path().join("tape.json");
    let emulators = Endpoint::start(Source::emulators()).await;
    // Without metrics that are billed: a call has five hundred of them, and one resource fewer makes other
    // calls than those of the tape.
    let whole = Verdicts::of(&scan_for(&emulators, REGION, "0").await);
    emulators.save_tape(&tape);
    let tape = Source::tape(&tape);
    // One in thirty, which takes two minutes; `SIXPILLARS_SOAK=1` takes them all.
    let step = if std::env::var_os("SIXPILLARS_SOAK").is_some() {
        1
    } else {
        30
    };
    let actions = verdicts::reads().into_iter().step_by(step);
    let wrong: Vec<Vec<String>> = futures::stream::iter(actions)
        .map(|(action, read)| {
            let (tape, whole) = (tape.clone(), &whole);
            async move {
                let endpoint = Endpoint::start(tape).await;
                let refused = Effect::Refuse(Refusal::Denied);
                let operations = read.operations.iter().map(|(s, o)| Operation::new(s, o));
                endpoint.rule(Rule::new(refused).operations(operations));
                let report = scan_for(&endpoint, REGION, "0").await;
                let found = whole.without(
                    &Verdicts::of(&report),
                    &read.lists,
                    &std::collections::BTreeSet::from([action]),
                );
                found
                    .into_iter()
                    .map(|w| format!("{action} refused: {w}"))
                    .collect()
            }
        })
        .buffer_unordered(4)
        .collect()
        .await;
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn json(output: &str) -> Value {
    serde_json::from_str(output).unwrap_or_else(|e| panic!("not JSON ({e}): {output}"))
}
