//! The generated account, scanned by the built program over HTTP.

use crate::account::{Account, Size};
use crate::endpoint::{ACCOUNT, Call, Endpoint, Operation, Source};
use crate::rounds;
use crate::scan::{Scan, text};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

type Asked = Arc<Mutex<BTreeMap<Operation, BTreeSet<StatusCode>>>>;

/// The account, and what it was asked and how it answered.
fn recorded(account: Account) -> (Source, Asked) {
    let asked = Asked::default();
    let record = Arc::clone(&asked);
    let source = Source::memory(move |call| {
        let answer = account.answer(call);
        let operation = Operation::new(call.service, call.operation);
        let mut asked = record.lock().unwrap();
        asked.entry(operation).or_default().insert(answer.status);
        answer
    });
    (source, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_account_is_read_and_judged_in_every_pillar() {
    let account = Account::new(Size::one());
    let (source, asked) = recorded(account);
    let endpoint = Endpoint::start(source).await;
    let scan = Scan::of(&endpoint)
        .by_tags()
        .regions(account.size().regions());
    let snapshot = text(&scan.folder().join("snapshot"));
    let scan = scan.arguments([
        "--format",
        "json,markdown,text",
        "--save-snapshot",
        &snapshot,
    ]);
    let ended = scan.run().await.with(0);
    let report = ended.report();
    assert_eq!(report["problems"], serde_json::json!([]));
    // All that may be missing is what nobody can tell from what AWS says.
    for gap in report["gaps"].as_array().unwrap() {
        assert_eq!(gap["cause"], "undecided", "{gap}");
    }
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
    let listed: u64 = report["reads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|read| read["resources"].as_u64().unwrap())
        .sum();
    assert!(
        listed >= account.size().resources() as u64,
        "{listed} resources"
    );

    let asked = asked.lock().unwrap();
    for operation in rounds::needing().operations.into_keys() {
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
        account: ACCOUNT,
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
