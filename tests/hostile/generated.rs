//! The generated account itself: whole, the same for every question, and answering all that the
//! program can ask.

use crate::account::{Account, Size};
use crate::endpoint::{Call, Endpoint, Operation, Source};
use crate::scan::{Scan, text};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::json;
use std::collections::BTreeSet;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_account_is_read_and_judged_in_every_pillar() {
    let size = Size::one();
    let account = Account::new(size);
    let endpoint = Endpoint::start(Source::memory(move |call| account.answer(call))).await;
    let scan = Scan::of(&endpoint).regions(&[]);
    let checks = scan.folder().join("checks");
    std::fs::create_dir_all(checks.join("own")).unwrap();
    for kind in UNTAGGED {
        let file = checks.join(format!("own/{}.yaml", kind.replace('.', "-")));
        std::fs::write(file, OWN_CHECK.replace("KIND", kind)).unwrap();
    }
    let scan = scan.arguments(["--checks-dir", &text(&checks)]);
    let report = scan.run().await.with(0).report();
    assert_eq!(report["problems"], json!([]));
    assert_eq!(report["gaps"], json!([]));
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
            let found = verdicts.contains(&(pillar, verdict));
            assert!(found, "{pillar}: no {verdict}");
        }
    }
    let reads = report["reads"].as_array().unwrap().iter();
    let listed: u64 = reads.map(|r| r["resources"].as_u64().unwrap()).sum();
    assert!(listed >= size.resources() as u64, "{listed} resources");

    let asked: BTreeSet<Operation> = endpoint.take_counts().log.into_iter().collect();
    let collectors = sixpillars::collect::registry().into_iter();
    let planned = collectors.flat_map(|collector| {
        let parts = collector.kind.parts.iter().flat_map(|part| part.calls);
        collector.kind.list.iter().chain(parts)
    });
    let missed: BTreeSet<Operation> = planned
        .map(|call| Operation::new(call.service, call.operation))
        .filter(|operation| !asked.contains(operation))
        .collect();
    assert!(missed.is_empty(), "never asked: {missed:?}");
}

/// The answer to a request of the query protocol.
fn ask(account: &Account, operation: &str, body: &str) -> (StatusCode, String) {
    let answer = account.answer(&Call {
        service: "ec2",
        operation,
        region: "eu-west-1",
        account: "123456789012",
        method: &Method::POST,
        uri: &Uri::from_static("/"),
        headers: &HeaderMap::new(),
        body: body.as_bytes(),
    });
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    (answer.status, body)
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
    let size = Size::one();
    let account = Account::new(size);
    let mut found = Vec::new();
    let mut token = String::new();
    loop {
        let body = format!("MaxResults=7&NextToken={token}");
        let (status, page) = ask(&account, "DescribeSecurityGroups", &body);
        assert_eq!(status, StatusCode::OK);
        let groups = texts(&page, "groupName");
        assert!(groups.len() <= 7);
        found.extend(groups.into_iter().map(ToOwned::to_owned));
        match texts(&page, "nextToken").first() {
            Some(next) => token = (*next).to_owned(),
            None => break,
        }
    }
    let (_, whole) = ask(&account, "DescribeSecurityGroups", "");
    assert_eq!(found, texts(&whole, "groupName"));
    assert_eq!(found.len(), size.security_groups);
}

#[test]
fn a_token_that_nobody_gave_is_refused() {
    let account = Account::new(Size::one());
    let (status, refused) = ask(&account, "DescribeVolumes", "NextToken=nonsense");
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
    let regions = one.regions;
    assert_eq!((one.buckets, one.users + one.roles), (24, 44));
    assert_eq!(one.instances * regions, 120);
    assert_eq!(one.databases * regions, 48);
    assert_eq!(one.times(10).alarms, 240);
}
