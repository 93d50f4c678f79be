//! `send security-hub` against a hub in memory.

mod refusals;

use crate::aws::{ACCOUNT, send_as};
use crate::endpoint::{Cut, Effect, Endpoint, Operation, Refusal, Rule, Wait};
use crate::hub::Hub;
use crate::{Ended, report, send};
use axum::http::StatusCode;
use serde_json::{Value, json};
use sixpillars::aws::Rejection;
use sixpillars::aws::{Clients, session};
use sixpillars::kinds::model::Projection;
use std::error::Error;
use std::sync::Arc;

const IMPORT: &str = "BatchImportFindings";

/// Sends a report as the account that it is about.
async fn send_report(endpoint: &Endpoint, report: &Value, more: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    std::fs::write(&file, report.to_string()).unwrap();
    let arguments = [&["security-hub", file.to_str().unwrap()], more].concat();
    send_as(ACCOUNT, endpoint, &arguments).await
}

fn golden() -> Value {
    report(&tempfile::tempdir().unwrap()).0
}

/// The findings about resources with this id.
fn about<'a>(report: &'a mut Value, id: &str) -> impl Iterator<Item = &'a mut Value> {
    let findings = report["findings"].as_array_mut().unwrap().iter_mut();
    let id = id.to_owned();
    findings.filter(move |finding| finding["resource"]["id"] == id.as_str())
}

fn judge(report: &mut Value, id: &str, verdict: &str) {
    for finding in about(report, id) {
        finding["verdict"] = json!(verdict);
    }
}

fn forget(report: &mut Value, id: &str) {
    let findings = report["findings"].as_array_mut().unwrap();
    findings.retain(|finding| finding["resource"]["id"] != id);
}

/// What the hub says of each region.
fn says(ended: &Ended, region: &str) -> String {
    let place = format!("account {ACCOUNT} in {region}: ");
    let line = ended
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix(&place));
    line.unwrap_or_else(|| panic!("{}", ended.stdout))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_changed_is_sent_and_only_what_was_seen_is_resolved() {
    let (hub, endpoint) = Hub::start().await;
    let mut report = golden();
    let first = send_report(&endpoint, &report, &[]).await.with(0);
    let fresh = "10 new, 0 changed, 0 resolved, 0 gone; 0 the same, 0 left as they are";
    assert_eq!(says(&first, "eu-west-1"), fresh);
    assert_eq!(hub.take_imports(), [10]);
    assert_eq!(hub.state("website"), ["FAILED", "ACTIVE", "SUPPRESSED"]);
    assert_eq!(hub.state("secret-1"), ["NOT_AVAILABLE", "ACTIVE", "NEW"]);
    // What passes or does not apply is no news.
    assert!(hub.about("closed").is_empty() && hub.about("vol-9").is_empty());

    // The same again: nothing. Neither times nor growing numbers are changes.
    report["scan"]["id"] = json!("another");
    report["scan"]["finished"] = json!("2026-11-02T12:00:00Z");
    for finding in about(&mut report, "vol-1") {
        finding["say"] = json!("unattached for 31 days");
    }
    send_report(&endpoint, &report, &[]).await.with(0);
    hub.take_imports();
    for finding in about(&mut report, "vol-1") {
        finding["say"] = json!("unattached for 32 days");
    }
    let again = send_report(&endpoint, &report, &[]).await.with(0);
    let same = "0 new, 0 changed, 0 resolved, 0 gone; 10 the same, 0 left as they are";
    assert_eq!(says(&again, "eu-west-1"), same);
    assert_eq!(hub.take_imports(), [0; 0]);

    // One is mended, one cannot be seen any more, one is deleted.
    judge(&mut report, "vol-1", "pass");
    judge(&mut report, "vol-2", "unknown");
    forget(&mut report, "vol-3");
    hub.edit("vol-1", |finding| finding["Note"] = json!({"Text": "ours"}));
    hub.edit("vol-3", |finding| {
        finding["Workflow"]["Status"] = json!("NOTIFIED");
    });
    let third = send_report(&endpoint, &report, &[]).await.with(0);
    let mended = "0 new, 0 changed, 1 resolved, 1 gone; 7 the same, 1 left as they are";
    assert_eq!(says(&third, "eu-west-1"), mended);
    assert_eq!(hub.take_imports(), [2]);
    assert_eq!(hub.state("vol-1"), ["PASSED", "ARCHIVED", "NEW"]);
    assert_eq!(hub.about("vol-1")[0]["Note"]["Text"], "ours");
    assert_eq!(hub.state("vol-2"), ["FAILED", "ACTIVE", "NEW"]);
    assert_eq!(hub.state("vol-3"), ["FAILED", "ARCHIVED", "NOTIFIED"]);

    // And back again.
    judge(&mut report, "vol-1", "fail");
    let fourth = send_report(&endpoint, &report, &[]).await.with(0);
    let back = "0 new, 1 changed, 0 resolved, 0 gone; 7 the same, 1 left as they are";
    assert_eq!(says(&fourth, "eu-west-1"), back);
    assert_eq!(hub.state("vol-1"), ["FAILED", "ACTIVE", "NEW"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_evaluated_is_never_archived() {
    let (hub, endpoint) = Hub::start().await;
    send_report(&endpoint, &golden(), &[]).await.with(0);
    hub.take_imports();
    let changes: [fn(&mut Value); 7] = [
        |report| {
            report["reads"][0]["gap"] =
                json!({"action": "ec2:DescribeVolumes", "cause": "denied", "detail": "x"});
        },
        |report| report["reads"] = json!([]),
        |report| report["reads"][0]["region"] = json!("us-east-1"),
        |report| report["scan"]["accounts"][0]["regions"] = json!(["us-east-1", "eu-west-1-not"]),
        |report| report["scan"]["selection"]["tags"] = json!({"team": "web"}),
        |report| {
            report["checks"]
                .as_array_mut()
                .unwrap()
                .retain(|c| c["id"] != "ec2/volume-unattached");
        },
        |report| report["scan"]["finished"] = json!("2026-10-01T12:00:00Z"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut report = golden();
        // All volumes are gone, so nothing says that there were any.
        for id in ["vol-1", "vol-2", "vol-3", "vol-4", "vol-5", "vol-9"] {
            forget(&mut report, id);
        }
        change(&mut report);
        // Hubs of regions that were not scanned are not looked at, unless all goes to one.
        let ended = send_report(&endpoint, &report, &["--region", "eu-west-1"])
            .await
            .with(0);
        assert!(
            says(&ended, "eu-west-1").contains(" 0 gone; "),
            "{number}: {}",
            ended.stdout
        );
        assert_eq!(hub.state("vol-1"), ["FAILED", "ACTIVE", "NEW"], "{number}");
    }
    // The same without any of these is.
    let mut report = golden();
    for id in ["vol-1", "vol-2", "vol-3", "vol-4", "vol-5", "vol-9"] {
        forget(&mut report, id);
    }
    let ended = send_report(&endpoint, &report, &[]).await.with(0);
    assert!(
        says(&ended, "eu-west-1").contains(" 5 gone; "),
        "{}",
        ended.stdout
    );
    assert_eq!(hub.state("vol-1"), ["FAILED", "ARCHIVED", "NEW"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passed_and_is_unknown_now_is_not_shown_as_passed() {
    let (hub, endpoint) = Hub::start().await;
    let mut report = golden();
    send_report(&endpoint, &report, &["--passed"]).await.with(0);
    assert_eq!(hub.state("closed"), ["PASSED", "ACTIVE", "NEW"]);
    judge(&mut report, "closed", "unknown");
    send_report(&endpoint, &report, &["--passed"]).await.with(0);
    assert_eq!(hub.state("closed"), ["NOT_AVAILABLE", "ACTIVE", "NEW"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_report_changes_nothing() {
    let (hub, endpoint) = Hub::start().await;
    let mut report = golden();
    send_report(&endpoint, &report, &[]).await.with(0);
    hub.take_imports();
    report["scan"]["finished"] = json!("2026-10-01T12:00:00Z");
    judge(&mut report, "vol-1", "pass");
    send_report(&endpoint, &report, &[]).await.with(0);
    assert_eq!(hub.take_imports(), [0; 0]);
    assert_eq!(hub.state("vol-1"), ["FAILED", "ACTIVE", "NEW"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_findings_take_several_pages_and_imports() {
    let (hub, endpoint) = Hub::start().await;
    let mut report = golden();
    let model = about(&mut report, "vol-1").next().unwrap().clone();
    let findings = report["findings"].as_array_mut().unwrap();
    for number in 0..240 {
        let mut finding = model.clone();
        finding["id"] = json!(format!("{number:024}"));
        finding["resource"]["id"] = json!(format!("vol-m{number}"));
        finding["resource"]["arn"] = json!(format!("arn:aws:test:::vol-m{number}"));
        findings.push(finding);
    }
    let throttled = Effect::Refuse(Refusal::Throttled(Wait::RetryAfter(0)));
    endpoint.rule(
        Rule::new(throttled.clone())
            .operation("securityhub", IMPORT)
            .nth(1),
    );
    endpoint.rule(
        Rule::new(Effect::Cut(Cut::Body))
            .operation("securityhub", IMPORT)
            .nth(2),
    );
    endpoint.rule(
        Rule::new(throttled)
            .operation("securityhub", "GetFindings")
            .nth(1),
    );
    send_report(&endpoint, &report, &[]).await.with(0);
    // The third was sent twice, since the first answer to it broke off.
    let imports = hub.take_imports();
    assert_eq!(imports.iter().sum::<usize>() % 50, 0, "{imports:?}");
    assert!(imports.starts_with(&[100, 100]), "{imports:?}");
    let again = send_report(&endpoint, &report, &[]).await.with(0);
    assert!(
        says(&again, "eu-west-1").contains("; 250 the same"),
        "{}",
        again.stdout
    );
    assert_eq!(hub.take_imports(), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_account_of_a_report_imports_its_own() {
    const OTHER: &str = "444455556666";
    let (hub, endpoint) = Hub::start().await;
    let mut report = golden();
    let mut account = report["scan"]["accounts"][0].clone();
    account["id"] = json!(OTHER);
    report["scan"]["accounts"]
        .as_array_mut()
        .unwrap()
        .push(account);
    let mut finding = about(&mut report, "vol-1").next().unwrap().clone();
    finding["id"] = json!("0123456789abcdef01234567");
    finding["resource"]["account"] = json!(OTHER);
    finding["resource"]["arn"] = json!("arn:aws:test:::other");
    report["findings"].as_array_mut().unwrap().push(finding);

    // With one of two, the other's finding is named.
    let ended = send_report(&endpoint, &report, &[]).await.with(3);
    let missing = format!("account {OTHER} in eu-west-1: 1 finding not imported: no credentials");
    assert!(ended.stderr.contains(&missing), "{}", ended.stderr);
    assert_eq!(hub.take_imports(), [10]);

    let folder = tempfile::tempdir().unwrap();
    let (config, file) = (
        folder.path().join("config"),
        folder.path().join("report.json"),
    );
    let profile = |name: &str, account: &str| {
        format!("[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = x\n")
    };
    std::fs::write(&config, profile("one", ACCOUNT) + &profile("two", OTHER)).unwrap();
    std::fs::write(&file, report.to_string()).unwrap();
    let variables = endpoint.environment();
    let mut environment: Vec<(&str, &str)> = variables
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    environment.push(("AWS_CONFIG_FILE", config.to_str().unwrap()));
    environment.push(("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"));
    environment.push(("AWS_EC2_METADATA_DISABLED", "true"));
    let file = file.to_str().unwrap();
    let arguments = ["security-hub", file, "--profile", "one", "--profile", "two"];
    send(&arguments, &environment).await.with(0);
    assert_eq!(hub.take_imports(), [1]);
    assert_eq!(hub.about("other")[0]["AwsAccountId"], OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_leads_to_no_address_of_its_own() {
    let (_hub, endpoint) = Hub::start().await;
    let mut report = golden();
    report["scan"]["accounts"][0]["regions"] = json!(["evil.example/\u{1b}[31m#"]);
    let ended = send_report(&endpoint, &report, &[]).await.with(2);
    assert!(
        ended.stderr.contains("`evil.example/#` is not a region"),
        "{}",
        ended.stderr
    );
    assert_eq!(endpoint.counts().calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_go_to_one_region() {
    let (hub, endpoint) = Hub::start().await;
    send_report(&endpoint, &golden(), &["--region", "us-east-1"])
        .await
        .with(0);
    assert_eq!(hub.take_imports(), [10]);
    let [volume] = &hub.about("vol-1")[..] else {
        panic!("{:?}", hub.about("vol-1"));
    };
    // The resource stays where it is.
    assert_eq!(
        (&volume["Region"], &volume["Resources"][0]["Region"]),
        (&json!("us-east-1"), &json!("eu-west-1"))
    );
    send_report(&endpoint, &golden(), &["--region", "us-east-1"])
        .await
        .with(0);
    assert_eq!(hub.take_imports(), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_imported_is_printed_and_is_not() {
    let (hub, endpoint) = Hub::start().await;
    let ended = send_report(&endpoint, &golden(), &["--dry-run"])
        .await
        .with(0);
    let line =
        "new       FAILED         MEDIUM         ec2/volume-unattached  arn:aws:test:::vol-1\n";
    assert!(ended.stdout.contains(line), "{}", ended.stdout);
    assert!(says(&ended, "eu-west-1").starts_with("10 new"));
    assert_eq!(hub.take_imports(), [0; 0]);
    let sent: Vec<Operation> = endpoint.counts().log;
    assert!(
        sent.iter().all(|operation| operation.name != IMPORT),
        "{sent:?}"
    );
}
