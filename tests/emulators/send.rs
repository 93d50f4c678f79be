//! `sixpillars send` to the emulators themselves: what was sent is asked of them again.

use crate::endpoint::{CREDENTIALS, Endpoint, Source};
use crate::scan::scan;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use axum::body::Bytes;
use axum::http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;

const REGION: &str = "eu-west-1";
const IN_REGION: &str = "account 123456789012 in eu-west-1: ";

/// Variables that `localstack/serve` has set.
fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run this by `localstack/serve`"))
}

/// What `sixpillars send …` prints, run against the emulators.
async fn send(arguments: &[&str]) -> String {
    let urls = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SECURITYHUB"];
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .arg("send")
        .args(arguments)
        .env_clear()
        .envs(urls.map(|name| (name, variable(name))))
        .envs(CREDENTIALS)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    assert!(output.status.success(), "{}", text(output.stderr));
    text(output.stdout)
}

fn write(folder: &TempDir, report: &Value) -> String {
    let file = folder.path().join("report.json");
    std::fs::write(&file, report.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

async fn import(folder: &TempDir, report: &Value) -> String {
    let printed = send(&["security-hub", &write(folder, report)]).await;
    let line = printed
        .lines()
        .find_map(|line| line.strip_prefix(IN_REGION));
    line.unwrap_or_else(|| panic!("{printed}")).to_owned()
}

/// An AWS SDK for the emulators.
async fn sdk(url: &str) -> SdkConfig {
    let credentials =
        aws_credential_types::Credentials::new("123456789012", "test", None, None, "");
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(url.replace("localhost", "127.0.0.1"))
        .region(Region::new(REGION))
        .credentials_provider(credentials)
        .load()
        .await
}

/// Status and record state of the finding with this id.
async fn state(id: &Value) -> [String; 2] {
    let config = sdk(&variable("AWS_ENDPOINT_URL_SECURITYHUB")).await;
    let client = aws_sdk_securityhub::Client::new(&config);
    let mut pages = client.get_findings().into_paginator().items().send();
    let id = format!("sixpillars/{}", id.as_str().unwrap());
    while let Some(finding) = pages.next().await {
        let finding = finding.unwrap();
        if finding.id() == Some(&id) {
            let status = finding.compliance().unwrap().status().unwrap().to_string();
            return [status, finding.record_state().unwrap().to_string()];
        }
    }
    panic!("the hub has no finding {id}");
}

/// Findings of this check that fail.
fn failures<'a>(report: &'a Value, check: &'a str) -> impl Iterator<Item = usize> + 'a {
    let findings = report["findings"].as_array().unwrap().iter().enumerate();
    findings
        .filter(move |(_, f)| f["check"] == check && f["verdict"] == "fail")
        .map(|(at, _)| at)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn security_hub_gets_what_changed_and_keeps_what_was_not_seen() {
    let endpoint = Endpoint::start(Source::emulators()).await;
    let folder = tempfile::tempdir().unwrap();
    let mut report = scan(&endpoint, &[REGION]).await;
    let first = import(&folder, &report).await;
    assert!(!first.starts_with("0 new"), "{first}");
    let again = import(&folder, &report).await;
    assert!(
        again.starts_with("0 new, 0 changed, 0 resolved, 0 gone; "),
        "{again}"
    );

    // One is mended, one cannot be seen any more, one is deleted.
    let failing = |check| {
        let first = failures(&report, check).next();
        first.unwrap_or_else(|| panic!("nothing fails {check}"))
    };
    let mended = failing("ec2/volume-unencrypted");
    let unseen = failing("ec2/volume-unattached");
    let deleted = failing("s3/bucket-versioning-off");
    let id = |report: &Value, at: usize| report["findings"][at]["id"].clone();
    let ids = [mended, unseen, deleted].map(|at| id(&report, at));
    report["findings"][mended]["verdict"] = json!("pass");
    report["findings"][unseen]["verdict"] = json!("unknown");
    let bucket = report["findings"][deleted]["resource"]["id"].clone();
    let findings = report["findings"].as_array_mut().unwrap();
    let before = findings.len();
    findings.retain(|f| f["check"] != "s3/bucket-versioning-off" || f["resource"]["id"] != bucket);
    assert_eq!(findings.len(), before - 1);
    let third = import(&folder, &report).await;
    assert!(
        third.starts_with("0 new, 0 changed, 1 resolved, 1 gone; "),
        "{third}"
    );
    assert!(third.ends_with(" 1 left as they are"), "{third}");
    assert_eq!(state(&ids[0]).await, ["PASSED", "ARCHIVED"]);
    assert_eq!(state(&ids[1]).await, ["FAILED", "ACTIVE"]);
    assert_eq!(state(&ids[2]).await, ["FAILED", "ARCHIVED"]);
}

/// Calls SQS of LocalStack, which asks for a scope and not for a signature.
async fn sqs(form: &str) -> String {
    let scope = "Credential=123456789012/20260101/eu-west-1/sqs/aws4_request";
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let request = Request::post(variable("AWS_ENDPOINT_URL").replace("localhost", "127.0.0.1"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(
            header::AUTHORIZATION,
            format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
        )
        .body(Full::new(Bytes::from(form.to_owned())))
        .unwrap();
    let response: axum::http::Response<_> = client.request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// A queue that is subscribed to a topic with a filter; its address.
async fn subscribed(sns: &aws_sdk_sns::Client, topic: &str, name: &str, filter: Value) -> String {
    let made = sqs(&format!("Action=CreateQueue&QueueName={name}")).await;
    let url = made
        .split_once("<QueueUrl>")
        .and_then(|(_, rest)| rest.split_once('<'));
    let url = url.unwrap_or_else(|| panic!("{made}")).0.to_owned();
    sns.subscribe()
        .topic_arn(topic)
        .protocol("sqs")
        .endpoint(format!("arn:aws:sqs:{REGION}:123456789012:{name}"))
        .attributes("FilterPolicy", filter.to_string())
        .send()
        .await
        .unwrap();
    url
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn subscribers_of_a_topic_get_what_they_filter_for() {
    let sns = aws_sdk_sns::Client::new(&sdk(&variable("AWS_ENDPOINT_URL")).await);
    let topic = sns.create_topic().name("send-audits").send().await.unwrap();
    let topic = topic.topic_arn().unwrap();
    let critical = json!({"critical": [{"numeric": [">", 0]}], "account": ["111122223333"]});
    let wanted = subscribed(&sns, topic, "send-critical", critical).await;
    let complete = json!({"complete": ["true"]});
    let other = subscribed(&sns, topic, "send-complete", complete).await;

    let golden = "src/report/snapshots/sixpillars__report__tests__json.snap";
    let golden =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(golden)).unwrap();
    let (_, json) = golden.split_once("\n---\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, &serde_json::from_str(json).unwrap());
    send(&["sns", topic, &file]).await;

    let receive = |url: &str| format!("Action=ReceiveMessage&QueueUrl={url}&WaitTimeSeconds=20");
    let got = sqs(&receive(&wanted)).await;
    assert!(
        got.contains("Six Pillars: 1 critical, 0 high failed in 111122223333"),
        "{got}"
    );
    assert!(got.contains("s3/bucket-public (1)"), "{got}");
    // Both were decided about when it was published.
    let got = sqs(&receive(&other).replace("=20", "=1")).await;
    assert!(
        got.contains("ReceiveMessageResponse") && !got.contains("Six Pillars"),
        "{got}"
    );
}
