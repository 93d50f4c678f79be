//! The standing service and the emulators themselves: messages by SNS, EventBridge and SES arrive, and
//! reports are kept in S3.

use crate::endpoint::CREDENTIALS;
use crate::send::{inside, variable};
use axum::body::Bytes;
use axum::http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const REGION: &str = "eu-west-1";
/// An account of its own, so that other tests do not see in theirs what is made here.
const ACCOUNT: &str = "222222222222";
/// How long to wait for anything.
const PATIENCE: Duration = Duration::from_mins(2);

/// Asks, with a signature that nobody looks at; gives status and body.
async fn http(
    (method, url): (Method, String),
    service: &str,
    headers: &[(&str, &str)],
    body: String,
) -> (u16, String) {
    let scope = format!("Credential={ACCOUNT}/20260101/{REGION}/{service}/aws4_request");
    let signed = format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0");
    let mut request = Request::builder()
        .method(method)
        .uri(url.replace("localhost", "127.0.0.1"));
    if !service.is_empty() {
        request = request.header(header::AUTHORIZATION, signed);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let response: axum::http::Response<_> = client.request(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Calls a service that takes forms.
async fn query(service: &str, url: &str, form: &str) -> String {
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let url = format!("{}/", variable(url));
    let (status, answer) = http((Method::POST, url), service, &kind, form.to_owned()).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Calls SQS or SNS of LocalStack.
async fn localstack(service: &str, form: &str) -> String {
    query(service, "AWS_ENDPOINT_URL", form).await
}

/// Calls SES of moto.
async fn ses(form: &str) -> String {
    query("ses", "AWS_ENDPOINT_URL_IAM", form).await
}

/// `sixpillars serve …` against the emulators.
fn serve(folder: &TempDir, words: &[&str]) -> Command {
    let urls = std::env::vars().filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_sixpillars"));
    command
        .arg("serve")
        .args(words)
        .arg("--config")
        .arg(folder.path().join("service.yaml"))
        .env_clear()
        .envs(urls)
        // LocalStack's free edition has no SES of the second version.
        .env("AWS_ENDPOINT_URL_SESV2", variable("AWS_ENDPOINT_URL_IAM"))
        .envs(CREDENTIALS)
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// A folder with a configuration.
fn configured(more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    configure(&folder, more);
    folder
}

fn configure(folder: &TempDir, more: &str) {
    let text = format!("listen: 127.0.0.1:0\ntargets:\n  shop:\n    regions: [{REGION}]\n{more}");
    std::fs::write(folder.path().join("service.yaml"), text).unwrap();
}

/// Sends a test message by the only channel, and gives its id.
async fn test_channel(way: &str) -> String {
    let folder = configured(&format!("store: s\nnotify:\n  one:\n    {way}\n"));
    let output = serve(&folder, &["test-channel", "one"])
        .output()
        .await
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert!(output.status.success(), "{}", text(output.stderr));
    let printed = text(output.stdout);
    let id = printed.trim().strip_prefix("Sent, message ");
    id.unwrap_or_else(|| panic!("{printed}")).to_owned()
}

async fn queue(name: &str) -> String {
    let made = localstack("sqs", &format!("Action=CreateQueue&QueueName={name}")).await;
    inside(&made, "QueueUrl")
}

async fn receive(queue: &str) -> String {
    let form = format!("Action=ReceiveMessage&QueueUrl={queue}&WaitTimeSeconds=20");
    localstack("sqs", &form).await.replace("&quot;", "\"")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn a_message_of_the_service_reaches_a_topic() {
    let made = localstack("sns", "Action=CreateTopic&Version=2010-03-31&Name=serve").await;
    let topic = inside(&made, "TopicArn");
    let url = queue("serve-sns").await;
    let form = format!(
        "Action=Subscribe&Version=2010-03-31&TopicArn={topic}&Protocol=sqs\
         &Endpoint=arn:aws:sqs:{REGION}:{ACCOUNT}:serve-sns"
    );
    inside(&localstack("sns", &form).await, "SubscriptionArn");
    let id = test_channel(&format!("sns: {{topic: \"{topic}\"}}")).await;
    let got = receive(&url).await;
    assert!(got.contains("Six Pillars: a test message"), "{got}");
    assert!(got.contains(&id), "{got}");
}

/// Calls EventBridge of LocalStack.
async fn events(operation: &str, body: &Value) {
    let target = format!("AWSEvents.{operation}");
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", target.as_str()),
    ];
    let url = variable("AWS_ENDPOINT_URL");
    let (status, answer) = http((Method::POST, url), "events", &headers, body.to_string()).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn a_message_of_the_service_reaches_a_rule_of_a_bus() {
    let url = queue("serve-bus").await;
    events("CreateEventBus", &json!({"Name": "serve"})).await;
    let pattern = json!({"source": ["sixpillars"]}).to_string();
    let rule = json!({"Name": "serve", "EventBusName": "serve", "EventPattern": pattern});
    events("PutRule", &rule).await;
    let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:serve-bus");
    let targets = json!({"Rule": "serve", "EventBusName": "serve", "Targets": [
        {"Id": "queue", "Arn": arn}
    ]});
    events("PutTargets", &targets).await;
    let bus = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/serve");
    let id = test_channel(&format!("eventbridge: {{bus: \"{bus}\"}}")).await;
    let got = receive(&url).await;
    assert!(got.contains("Channel tested") && got.contains(&id), "{got}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn an_email_of_the_service_is_taken_by_ses() {
    let sent = async || inside(&ses("Action=GetSendQuota").await, "SentLast24Hours");
    ses("Action=VerifyEmailIdentity&EmailAddress=audits@example.com").await;
    let before = sent().await;
    test_channel(&format!(
        "email: {{from: Six Pillars <audits@example.com>, to: [a@example.com], ses: {{region: {REGION}}}}}"
    ))
    .await;
    assert_ne!(sent().await, before);
}

/// A running service.
struct Service {
    _child: Child,
    address: String,
}

impl Service {
    async fn start(folder: &TempDir) -> Self {
        let mut child = serve(folder, &[]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line.unwrap().unwrap().expect("it listens");
        let address = line.strip_prefix("Listening on ").unwrap().to_owned();
        Self {
            _child: child,
            address,
        }
    }

    async fn ask(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.address);
        let kind = [("content-type", "application/json")];
        let (status, text) = http((method, url), "", &kind, body.to_owned()).await;
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// Audits, and gives the id of the audit once it is finished.
    async fn audit(&self) -> String {
        let body = json!({"target": "shop", "scope": {"services": ["sns"]}}).to_string();
        let (status, audit) = self.ask(Method::POST, "/api/v1/audits", &body).await;
        assert_eq!(status, 202, "{audit}");
        let id = audit["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/audits/{id}");
        let finished = |audit: &Value| audit["state"] == "finished";
        self.until(&path, |status, audit| status == 200 && finished(audit))
            .await;
        id
    }

    async fn until(&self, path: &str, done: impl Fn(u16, &Value) -> bool) {
        let begun = Instant::now();
        loop {
            let (status, body) = self.ask(Method::GET, path, "").await;
            if done(status, &body) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{status} {body}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Keys in the bucket.
async fn keys(bucket: &str) -> String {
    let url = format!("{}/{bucket}?list-type=2", variable("AWS_ENDPOINT_URL"));
    let (status, answer) = http((Method::GET, url), "s3", &[], String::new()).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn reports_are_kept_in_s3_and_removed_there() {
    const BUCKET: &str = "serve-store";
    let folder = tempfile::tempdir().unwrap();
    let keep = |time: &str| {
        let database = folder.path().join("service.db");
        let more = format!(
            "store: s3://{BUCKET}/six/pillars?region={REGION}\nwork: work\nkeep: {time}\n\
             database: sqlite://{}?mode=rwc\n",
            database.display()
        );
        configure(&folder, &more);
    };
    keep("400d");
    let refused = tokio::time::timeout(PATIENCE, serve(&folder, &[]).output());
    let output = refused.await.expect("it ends at once").unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("there is no bucket `serve-store`"),
        "{error}"
    );

    let url = format!("{}/{BUCKET}", variable("AWS_ENDPOINT_URL"));
    let body = format!(
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    );
    let (status, answer) = http((Method::PUT, url), "s3", &[], body).await;
    assert_eq!(status, 200, "{answer}");
    let service = Service::start(&folder).await;
    let first = service.audit().await;
    let report = |id: &str| format!("/api/v1/audits/{id}/report");
    let (status, body) = service.ask(Method::GET, &report(&first), "").await;
    assert_eq!(
        (status, &body["scan"]["tool"]["name"]),
        (200, &json!("sixpillars")),
        "{body}"
    );
    let kept = keys(BUCKET).await;
    let name = format!("six/pillars/runs/{first}/1/report.json.zst");
    assert!(kept.contains(&name), "{kept}");
    assert!(kept.contains("snapshot.zst"), "{kept}");
    assert!(!folder.path().join("work/runs").join(&first).exists());
    // The next one is compared with it.
    let second = service.audit().await;
    let diff = format!("/api/v1/audits/{second}/diff?with={first}");
    assert_eq!(service.ask(Method::GET, &diff, "").await.0, 200);
    // A backup says which reports are not in it.
    let file = folder.path().join("a.backup");
    let words = ["backup", "--to", file.to_str().unwrap()];
    let output = serve(&folder, &words).output().await.unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{printed}");
    let stay = format!("The reports stay in s3://{BUCKET}/six/pillars and are not in it: 2\n");
    assert!(printed.contains(&stay), "{printed}");
    for id in [&first, &second] {
        let name = format!("  runs/{id}/1/report.json.zst\n");
        assert!(printed.contains(&name), "{printed}");
    }
    assert!(!printed.contains("Without"), "{printed}");
    drop(service);

    // All but the last one is too old now.
    keep("1s");
    let service = Service::start(&folder).await;
    service
        .until(&report(&first), |status, _| status == 410)
        .await;
    let begun = Instant::now();
    while keys(BUCKET).await.contains(&first) {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(keys(BUCKET).await.contains(&second));
    assert_eq!(service.ask(Method::GET, &report(&second), "").await.0, 200);
}
