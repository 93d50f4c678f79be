//! Runs that are stored one after the other.

use super::*;
use crate::model::Severity;
use crate::report;
use crate::store::database::tests::empty;
use crate::store::{Cause, Filter, NewRun, RunState, Sort};
use jiff::Timestamp;

/// The golden report of the report's own tests.
fn golden() -> serde_json::Value {
    let golden = include_str!("../../report/snapshots/sixpillars__report__tests__json.snap");
    let (_, json) = golden.split_once("\n---\n").unwrap();
    serde_json::from_str(json).unwrap()
}

fn parsed(json: &serde_json::Value) -> Report {
    report::read(&json.to_string()).unwrap()
}

async fn claim(database: &Database) -> Lease {
    let now = Timestamp::now();
    let run = NewRun {
        target: "shop".to_owned(),
        cause: Cause::Request {
            idempotency_key: None,
        },
        requested_by: "test".to_owned(),
        request: "{}".to_owned(),
        scope: String::new(),
        not_before: now,
    };
    database.enqueue(&run, now).await.unwrap();
    database.claim("w", now).await.unwrap().unwrap()
}

async fn finish(database: &Database, json: &serde_json::Value) -> Changes {
    let lease = claim(database).await;
    let outcome = Outcome {
        status: 0,
        notes: Vec::new(),
        folder: "runs/x/1".to_owned(),
        lists: 3,
    };
    database
        .finish(&lease, &parsed(json), &outcome, |_| Vec::new())
        .await
        .unwrap()
}

async fn verdicts(database: &Database) -> Vec<(String, String)> {
    let filter = Filter {
        verdicts: [
            "fail",
            "unknown",
            "exempt",
            "pass",
            "not_applicable",
            "gone",
        ]
        .map(ToOwned::to_owned)
        .into(),
        ..Filter::default()
    };
    let found = database
        .findings(&filter, Sort::Check, None, 500)
        .await
        .unwrap();
    found
        .rows
        .into_iter()
        .map(|row| (row.id, row.verdict))
        .collect()
}

#[tokio::test]
async fn a_run_is_finished_once_with_everything() {
    let (database, _folder) = empty().await;
    let report = golden();
    let lease = claim(&database).await;
    let outcome = Outcome {
        status: 1,
        notes: vec!["note".to_owned()],
        folder: "runs/x/1".to_owned(),
        lists: 3,
    };
    let changes = database
        .finish(&lease, &parsed(&report), &outcome, |_| Vec::new())
        .await
        .unwrap();
    let findings = report["findings"].as_array().unwrap();
    let fails = findings.iter().filter(|f| f["verdict"] == "fail").count();
    assert_eq!(changes.new_fails, i64::try_from(fails).unwrap());
    assert_eq!(verdicts(&database).await.len(), findings.len());
    let again = database
        .finish(&lease, &parsed(&report), &outcome, |_| Vec::new())
        .await;
    assert!(matches!(again, Err(StoreError::LeaseLost(_))));
    let run = database.run(&lease.run.id).await.unwrap().unwrap();
    assert_eq!((run.state, run.status), (RunState::Finished, Some(1)));
    assert_eq!(database.latest("shop").await.unwrap().len(), 6);
    // The same again is no change.
    assert_eq!(finish(&database, &report).await, Changes::default());
    assert_eq!(changes.news.len(), fails);
}

#[tokio::test]
async fn what_is_gone_is_fixed_and_what_was_not_read_stays() {
    let (database, _folder) = empty().await;
    let mut report = golden();
    finish(&database, &report).await;
    let failing = report["findings"].as_array().unwrap().iter();
    let failing = failing
        .clone()
        .find(|f| f["verdict"] == "fail")
        .unwrap()
        .clone();
    let id = failing["id"].as_str().unwrap().to_owned();
    let without = |report: &mut serde_json::Value| {
        let findings = report["findings"].as_array_mut().unwrap();
        findings.retain(|f| f["id"] != id.as_str());
    };
    without(&mut report);
    // Its list could not be read: nobody knows.
    let resource = &failing["resource"];
    let read = serde_json::json!({
        "account": resource["account"], "region": resource["region"],
        "kind": resource["kind"], "resources": 0,
        "gap": {"action": "x:List", "cause": "denied", "detail": "AccessDenied"},
    });
    let reads = report["reads"].clone();
    report["reads"] = serde_json::json!([read]);
    assert_eq!(finish(&database, &report).await.fixed, 0);
    let verdict =
        |all: Vec<(String, String)>| all.into_iter().find(|(known, _)| *known == id).unwrap().1;
    assert_eq!(verdict(verdicts(&database).await), "fail");
    // Its list was read, and it is not there.
    let mut read = read;
    read["gap"] = serde_json::Value::Null;
    report["reads"] = serde_json::json!([read]);
    assert_eq!(finish(&database, &report).await.fixed, 1);
    assert_eq!(verdict(verdicts(&database).await), "gone");
    // It is back.
    report["reads"] = reads;
    report["findings"].as_array_mut().unwrap().push(failing);
    assert_eq!(finish(&database, &report).await.new_fails, 1);
    let history = database.history("shop", &id).await.unwrap();
    let told: Vec<&str> = history
        .iter()
        .map(|change| change.verdict.as_str())
        .collect();
    assert_eq!(told, ["fail", "gone", "fail"]);
}

#[tokio::test]
async fn a_finding_is_news_when_it_fails_gets_worse_or_is_fixed_and_not_again() {
    let (database, _folder) = empty().await;
    let mut report = golden();
    let findings = report["findings"].as_array().unwrap();
    let place = findings
        .iter()
        .position(|f| f["verdict"] == "fail")
        .unwrap();
    let step = async |report: &mut serde_json::Value, verdict: &str, severity: &str| {
        let finding = &mut report["findings"][place];
        finding["verdict"] = verdict.into();
        finding["severity"] = severity.into();
        let news = finish(&database, report).await.news;
        let told: Vec<_> = news.iter().map(|n| (n.was, n.severity, n.fails)).collect();
        assert!(told.len() <= 1, "{told:?}");
        told.first().copied()
    };
    report["findings"][place]["verdict"] = "pass".into();
    finish(&database, &report).await;
    let (low, high) = (Severity::Low, Severity::High);
    let new = step(&mut report, "fail", "low").await;
    assert_eq!(new, Some((None, low, true)));
    assert_eq!(step(&mut report, "fail", "low").await, None);
    let worse = step(&mut report, "fail", "high").await;
    assert_eq!(worse, Some((Some(low), high, true)));
    // A finding that gets better is no news, and neither is one that could not be read for a while.
    assert_eq!(step(&mut report, "fail", "low").await, None);
    assert_eq!(step(&mut report, "unknown", "low").await, None);
    assert_eq!(step(&mut report, "fail", "low").await, None);
    // An accepted finding is not fixed. It is news again once it is no longer accepted.
    assert_eq!(step(&mut report, "exempt", "low").await, None);
    let again = step(&mut report, "fail", "low").await;
    assert_eq!(again, Some((None, low, true)));
    let fixed = step(&mut report, "pass", "low").await;
    assert_eq!(fixed, Some((Some(low), low, false)));
    assert_eq!(step(&mut report, "pass", "low").await, None);
}

#[tokio::test]
async fn findings_are_filtered_and_paged_by_the_database() {
    let (database, _folder) = empty().await;
    finish(&database, &golden()).await;
    let everything = Filter::default();
    for sort in [Sort::Severity, Sort::Since, Sort::Check, Sort::Resource] {
        let all = database
            .findings(&everything, sort, None, 500)
            .await
            .unwrap();
        assert!(all.next.is_none());
        let count = i64::try_from(all.rows.len()).unwrap();
        assert_eq!(all.total, Some(count));
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let page = database
                .findings(&everything, sort, after.as_ref(), 2)
                .await
                .unwrap();
            paged.extend(page.rows);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(paged, all.rows, "{sort:?}");
    }
    let high = Filter {
        severities: vec![Severity::High, Severity::Critical],
        text: Some("%' OR 1=1 --".to_owned()),
        ..Filter::default()
    };
    assert_eq!(database.count_findings(&high).await.unwrap(), 0);
}
