//! `sixpillars send` to the emulators themselves: what was sent is asked of them again.

use crate::endpoint::{CREDENTIALS, Endpoint, Source};
use crate::scan::scan;
use axum::body::Bytes;
use axum::http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;

const REGION: &str = "eu-west-1";
const IN_REGION: &str = "account 123456789012 in eu-west-1: ";

/// Variables that `localstack/serve` has set.
pub(crate) fn variable(name: &str) -> String {
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

/// What an emulator answers. They ask for a scope and not for a signature.
async fn ask(service: &str, url: &str, path: &str, kind: &str, body: String) -> String {
    let scope = format!("Credential=123456789012/20260101/{REGION}/{service}/aws4_request");
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let url = variable(url).replace("localhost", "127.0.0.1");
    let request = Request::post(format!("{url}{path}"))
        .header(header::CONTENT_TYPE, kind)
        .header(
            header::AUTHORIZATION,
            format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
        )
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let response: axum::http::Response<_> = client.request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// Status and record state of the finding with this id.
async fn state(id: &Value) -> [String; 2] {
    let id = format!("sixpillars/{}", id.as_str().unwrap());
    let mut request = json!({"Filters": {"Id": [{"Value": id, "Comparison": "EQUALS"}]}});
    let hub = "AWS_ENDPOINT_URL_SECURITYHUB";
    // Emulators ignore the filters, so the finding may be on any page.
    let finding = loop {
        let body = request.to_string();
        let answer = ask("securityhub", hub, "/findings", "application/json", body).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let mut findings = answer["Findings"].as_array().unwrap().iter();
        if let Some(finding) = findings.find(|finding| finding["Id"] == id.as_str()) {
            break finding.clone();
        }
        let next = answer["NextToken"].clone();
        assert!(next.is_string(), "the hub has no finding {id}");
        request["NextToken"] = next;
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    [
        text(&finding["Compliance"]["Status"]),
        text(&finding["RecordState"]),
    ]
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

/// Calls SQS or SNS of LocalStack.
async fn query(service: &str, form: &str) -> String {
    let kind = "application/x-www-form-urlencoded";
    ask(service, "AWS_ENDPOINT_URL", "/", kind, form.to_owned()).await
}

/// What an element of an answer has in it.
pub(crate) fn inside(answer: &str, element: &str) -> String {
    let start = format!("<{element}>");
    let rest = answer
        .split_once(&start)
        .and_then(|(_, rest)| rest.split_once('<'));
    rest.unwrap_or_else(|| panic!("{answer}")).0.to_owned()
}

/// A queue that is subscribed to a topic with a filter; its address.
async fn subscribed(topic: &str, name: &str, filter: Value) -> String {
    let made = query("sqs", &format!("Action=CreateQueue&QueueName={name}")).await;
    let filter = filter.to_string();
    let filter = utf8_percent_encode(&filter, NON_ALPHANUMERIC);
    let form = format!(
        "Action=Subscribe&Version=2010-03-31&TopicArn={topic}&Protocol=sqs\
         &Endpoint=arn:aws:sqs:{REGION}:123456789012:{name}\
         &Attributes.entry.1.key=FilterPolicy&Attributes.entry.1.value={filter}"
    );
    let subscription = query("sns", &form);
    inside(&subscription.await, "SubscriptionArn");
    inside(&made, "QueueUrl")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn subscribers_of_a_topic_get_what_they_filter_for() {
    let made = query(
        "sns",
        "Action=CreateTopic&Version=2010-03-31&Name=send-audits",
    )
    .await;
    let topic = inside(&made, "TopicArn");
    let critical = json!({"critical": [{"numeric": [">", 0]}], "account": ["111122223333"]});
    let wanted = subscribed(&topic, "send-critical", critical).await;
    let complete = json!({"complete": ["true"]});
    let other = subscribed(&topic, "send-complete", complete).await;

    let golden = "src/report/snapshots/sixpillars__report__tests__json.snap";
    let golden =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(golden)).unwrap();
    let (_, json) = golden.split_once("\n---\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, &serde_json::from_str(json).unwrap());
    send(&["sns", &topic, &file]).await;

    let receive = |url: &str| format!("Action=ReceiveMessage&QueueUrl={url}&WaitTimeSeconds=20");
    let got = query("sqs", &receive(&wanted)).await;
    assert!(
        got.contains("Six Pillars: 1 critical, 0 high failed in 111122223333"),
        "{got}"
    );
    assert!(got.contains("s3/bucket-public (1)"), "{got}");
    // Both were decided about when it was published.
    let got = query("sqs", &receive(&other).replace("=20", "=1")).await;
    assert!(
        got.contains("ReceiveMessageResponse") && !got.contains("Six Pillars"),
        "{got}"
    );
}
