//! Servers that speak S3 and list buckets without their regions.

use crate::endpoint::{Answer, Call, Effect, Endpoint, Rule};
use crate::scan::{Scan, assert_same, small};
use axum::http::{HeaderValue, StatusCode};
use serde_json::Value;
use std::sync::Arc;

const REGION: &str = "eu-west-1";

/// A scan of buckets alone.
fn scan(endpoint: &Endpoint) -> Scan {
    let scan = Scan::of(endpoint).arguments(["--checks", "s3/*"]);
    scan.regions(&[REGION])
}

/// No bucket is listed with its region.
fn unlocated() -> Rule {
    let edit = |_: &Call<'_>, mut answer: Answer| {
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        let text = text.split("<BucketRegion>").map(|part| {
            part.split_once("</BucketRegion>")
                .map_or(part, |(_, after)| after)
        });
        answer.body = text.collect::<String>().into();
        answer
    };
    Rule::new(Effect::Edit(Arc::new(edit))).operation("s3", "ListBuckets")
}

/// What GetBucketLocation is answered with instead.
fn located(edit: impl Fn(Answer) -> Answer + Send + Sync + 'static) -> Rule {
    let edit = move |_: &Call<'_>, answer: Answer| edit(answer);
    Rule::new(Effect::Edit(Arc::new(edit))).operation("s3", "GetBucketLocation")
}

fn refused(mut answer: Answer) -> Answer {
    answer.status = StatusCode::FORBIDDEN;
    answer.body = "<Error><Code>AccessDenied</Code></Error>".into();
    answer
}

async fn report(rules: impl IntoIterator<Item = Rule>) -> Value {
    let endpoint = Endpoint::start(small()).await;
    for rule in rules {
        endpoint.rule(rule);
    }
    scan(&endpoint).run().await.report()
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_without_a_region_are_asked_where_they_are() {
    let usual = report([]).await;
    let found = report([unlocated()]).await;
    assert!(usual["findings"].as_array().unwrap().len() > 20);
    assert_same(&usual["findings"], &found["findings"]);
    assert_same(&usual["reads"], &found["reads"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_tells_the_region_too() {
    let usual = report([]).await;
    let headed = located(|answer| {
        let mut answer = refused(answer);
        let region = HeaderValue::from_static(REGION);
        answer.headers.insert("x-amz-bucket-region", region);
        answer
    });
    let found = report([headed]).await;
    // The last bucket is in another region; by this header it is not.
    let buckets = |report: &Value| report["reads"][0]["resources"].as_u64().unwrap();
    assert_eq!(buckets(&found), buckets(&usual) + 1);
    // AWS refused all the same, and the report says that nothing depends on it.
    let gaps = found["gaps"].as_array().unwrap().iter();
    let mut gaps = gaps.filter(|gap| gap["action"] == "s3:GetBucketLocation");
    assert_eq!(gaps.next().unwrap()["evaluations"], 0);
    assert!(gaps.next().is_none());
}

/// What could not be located may be in the scan's regions: all checks of buckets say so, and those
/// that were located are judged.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_nobody_locates_is_a_gap() {
    let usual = report([]).await;
    let nowhere = |answer: Answer| Answer {
        body: "<LocationConstraint>somewhere</LocationConstraint>".into(),
        ..answer
    };
    let malformed = "malformed answer: GetBucketLocation without a valid LocationConstraint";
    for (rule, cause, detail) in [
        (located(refused), "denied", "AccessDenied"),
        (located(nowhere), "failed", malformed),
    ] {
        let found = report([rule]).await;
        let gaps = found["gaps"].as_array().unwrap().iter();
        let mut gaps = gaps.filter(|gap| gap["action"] == "s3:GetBucketLocation");
        let gap = gaps.next().expect("a gap");
        assert_eq!(
            (&gap["cause"], &gap["detail"]),
            (&cause.into(), &detail.into())
        );
        let count = |report: &Value, verdict: &str| {
            let findings = report["findings"].as_array().unwrap().iter();
            findings.filter(|f| f["verdict"] == verdict).count()
        };
        assert!(count(&found, "unknown") > count(&usual, "unknown"));
        assert!(count(&found, "fail") > 0);
        assert!(count(&found, "fail") <= count(&usual, "fail"));
    }
}
