//! The generated account of `tests/hostile/account`, scanned by the built program over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "hostile/account/mod.rs"]
mod account;
#[allow(
    dead_code,
    reason = "the generated account does not look at all of a call"
)]
#[path = "endpoint/call.rs"]
mod call;
#[allow(dead_code, reason = "only names are needed here")]
#[path = "proxy/operation.rs"]
mod operation;

mod endpoint {
    pub(crate) use crate::call::{Answer, Call};
}

use account::{Account, PLANTED, Size};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use call::Call;
use http_body_util::BodyExt;
use operation::Operation;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const OWNER: &str = "123456789012";

/// A server that answers for the account and remembers what it was asked.
struct Server {
    account: Account,
    asked: Mutex<BTreeMap<Operation, BTreeSet<StatusCode>>>,
}

impl Server {
    /// Starts it, on a port of its own. It stops with the runtime.
    async fn start(size: Size) -> (Arc<Self>, String) {
        let server = Arc::new(Self {
            account: Account::new(size),
            asked: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&server));
        tokio::spawn(async move { axum::serve(listener, service).await });
        (server, address)
    }
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let operation = operation::operation(&parts.method, &parts.uri, &parts.headers, &body);
    let region = operation::scope(&parts.headers).map_or_else(String::new, |(_, region)| region);
    let answer = server.account.answer(&Call {
        service: &operation.service,
        operation: &operation.name,
        region: &region,
        account: OWNER,
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
        body: &body,
    });
    let mut asked = server.asked.lock().unwrap();
    asked.entry(operation).or_default().insert(answer.status);
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

/// Kinds whose tags no check that comes with the program reads.
const UNTAGGED: [&str; 2] = ["cloudwatch.alarm", "iam.policy"];
/// A check that reads them, so that every operation is called.
const OWN_CHECK: &str = r#"
title: It has no tag
pillar: operational-excellence
best_practices: [OPS02-BP01]
severity: low
resource: KIND
expect: size(r.tags) > 0
say: "{size(r.tags)} tags"
why: Nobody knows whose it is.
fix: {text: Tag it., effort: minutes}
examples: {pass: [{tags: {owner: ops}}], fail: [{tags: {}}]}
"#;

/// Scans the account: the report, and everything that was written anywhere.
async fn scan(address: &str) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let checks = tempfile::tempdir().unwrap();
    std::fs::create_dir(checks.path().join("own")).unwrap();
    for kind in UNTAGGED {
        let file = checks
            .path()
            .join(format!("own/{}.yaml", kind.replace('.', "-")));
        std::fs::write(file, OWN_CHECK.replace("KIND", kind)).unwrap();
    }
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .args(["scan", "--allow-paid", "1", "--max-rate", "0"])
        .args(["--format", "json,markdown,text", "--output"])
        .arg(folder.path())
        .arg("--checks-dir")
        .arg(checks.path())
        .arg("--save-snapshot")
        .arg(folder.path().join("snapshot"))
        .env_clear()
        .env("AWS_ENDPOINT_URL", address)
        .env("AWS_ACCESS_KEY_ID", OWNER)
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "eu-west-1")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let mut written = stderr + &String::from_utf8_lossy(&output.stdout);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = std::fs::read(file.unwrap().path()).unwrap();
        let plain = zstd::decode_all(file.as_slice()).unwrap_or(file);
        written += &String::from_utf8_lossy(&plain);
    }
    let report = std::fs::read(folder.path().join("report.json")).unwrap();
    (serde_json::from_slice(&report).unwrap(), written)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_account_is_read_and_judged_in_every_pillar() {
    let (server, address) = Server::start(Size::one()).await;
    let (report, written) = scan(&address).await;
    assert_eq!(report["problems"], serde_json::json!([]));
    assert_eq!(report["gaps"], serde_json::json!([]));
    let verdicts: BTreeSet<(&str, &str)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            (
                f["pillar"].as_str().unwrap(),
                f["verdict"].as_str().unwrap(),
            )
        })
        .collect();
    for pillar in report["pillars"].as_array().unwrap() {
        let pillar = pillar["pillar"].as_str().unwrap();
        for verdict in ["pass", "fail"] {
            assert!(
                verdicts.contains(&(pillar, verdict)),
                "{pillar}: no {verdict}"
            );
        }
    }
    for secret in PLANTED {
        assert!(!written.contains(secret), "{secret} was written");
    }
    let listed: u64 = report["reads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|read| read["resources"].as_u64().unwrap())
        .sum();
    assert!(
        listed >= server.account.size().resources() as u64,
        "{listed} resources"
    );

    let asked = server.asked.lock().unwrap();
    let planned = sixpillars::collect::registry()
        .into_iter()
        .flat_map(|collector| {
            let parts = collector.kind.parts.iter().flat_map(|part| part.calls);
            collector.kind.list.iter().chain(parts)
        });
    for call in planned {
        let operation = Operation::new(call.service, call.operation);
        let statuses = asked.get(&operation);
        let answered = statuses.is_some_and(|all| all.contains(&StatusCode::OK));
        assert!(answered, "{operation}: {statuses:?}");
    }
}

/// The answer to a request of the query protocol.
fn ask(account: &Account, operation: &str, body: &str) -> (StatusCode, String) {
    let answer = account.answer(&Call {
        service: "ec2",
        operation,
        region: "eu-west-1",
        account: OWNER,
        method: &Method::POST,
        uri: &Uri::from_static("/"),
        headers: &HeaderMap::new(),
        body: body.as_bytes(),
    });
    (
        answer.status,
        String::from_utf8(answer.body.to_vec()).unwrap(),
    )
}

/// The texts of all elements of this name.
fn texts<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let after = xml.split(open.as_str()).skip(1);
    after
        .filter_map(|rest| rest.split(close.as_str()).next())
        .collect()
}

#[test]
fn pages_together_are_the_whole_list() {
    let account = Account::new(Size::one());
    let mut found = BTreeSet::new();
    let mut token = String::new();
    let mut pages = 0;
    loop {
        let body = format!("MaxResults=7&NextToken={token}");
        let (status, page) = ask(&account, "DescribeSecurityGroups", &body);
        assert_eq!(status, StatusCode::OK);
        pages += 1;
        for group in texts(&page, "groupName") {
            found.insert(group.to_owned());
        }
        let groups = texts(&page, "securityGroupArn").len() + texts(&page, "vpcId").len();
        assert!(groups <= 7);
        match texts(&page, "nextToken").first() {
            Some(next) => token = (*next).to_owned(),
            None => break,
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(
        found.len(),
        16,
        "the three default groups have one name: {found:?}"
    );
    let (status, refused) = ask(&account, "DescribeSecurityGroups", "NextToken=nonsense");
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(texts(&refused, "Code"), ["InvalidNextToken"]);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let (one, other) = (Account::new(Size::one()), Account::new(Size::one()));
    for operation in [
        "DescribeInstances",
        "DescribeVolumes",
        "DescribeRouteTables",
    ] {
        assert_eq!(ask(&one, operation, ""), ask(&other, operation, ""));
    }
}

#[test]
fn what_nobody_offers_is_refused() {
    let account = Account::new(Size::one());
    let (status, body) = ask(&account, "TerminateInstances", "InstanceId.1=i-1");
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(texts(&body, "Code"), ["InvalidAction"]);
}

#[test]
fn sizes_are_what_they_say() {
    let huge = Size::huge().resources();
    assert!((200_000..210_000).contains(&huge), "{huge}");
    let one = Size::one();
    assert_eq!(
        (one.buckets, one.instances * 3, one.databases * 3),
        (24, 120, 48)
    );
    assert_eq!(one.users + one.roles, 44);
    assert_eq!(one.times(10).alarms, 240);
}
