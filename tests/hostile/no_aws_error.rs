//! Answers that are no AWS error, from a proxy or an emulator in its place: an operation that fails so
//! for every resource is given up after a few.

use crate::account::{Account, Size};
use crate::endpoint::{Answer, Call, CallKey, Effect, Endpoint, Rule, Source};
use crate::scan::{Ended, Scan};
use axum::http::StatusCode;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

const FUNCTIONS: usize = 48;
/// The most requests of an operation that never works, where nothing limits the rate: all calls are under
/// way before the first has failed often enough, and each ends with the attempt that it is in. Without
/// giving up it would be eight for each function.
const MOST_REQUESTS: usize = FUNCTIONS * 5 / 2;

fn functions() -> Source {
    let account = Account::new(Size {
        functions: FUNCTIONS,
        ..Size::one()
    });
    Source::memory(move |call| account.answer(call))
}

/// An HTTP 500 with a page for people.
fn page() -> Effect {
    Effect::Edit(Arc::new(|_: &Call<'_>, _: Answer| {
        let page = "<html><body><h1>Internal Server Error</h1></body></html>";
        Answer::new(StatusCode::INTERNAL_SERVER_ERROR, "text/html", page)
    }))
}

async fn scan(endpoint: &Endpoint) -> (Ended, Duration) {
    let scan = Scan::of(endpoint).arguments(["--checks", "lambda/function-public"]);
    let scan = scan.regions(&["eu-west-1"]);
    let began = Instant::now();
    (scan.run().await, began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_never_works_is_given_up_after_a_few_resources() {
    let quiet = Endpoint::start(functions()).await;
    let (whole, usual) = scan(&quiet).await;
    let asked = |endpoint: &Endpoint| endpoint.counts().of(|key| key.is("lambda", "GetPolicy"));
    whole.with(0);
    assert_eq!(asked(&quiet), FUNCTIONS);

    let broken = Endpoint::start(functions()).await;
    broken.rule(Rule::new(page()).operation("lambda", "GetPolicy"));
    let (ended, took) = scan(&broken).await;
    let report = ended.report();
    let requests = asked(&broken);
    assert!(requests <= MOST_REQUESTS, "{requests} requests");
    // A few attempts of a few calls, some tenths of a second apart.
    let most = usual * 2 + Duration::from_secs(3);
    assert!(
        took < most,
        "took {took:?}, and {usual:?} where all is well"
    );
    let gaps = report["gaps"].as_array().unwrap();
    let detail = "HTTP 500 without an AWS error; given up";
    let mut told = gaps
        .iter()
        .filter(|gap| gap["action"] == "lambda:GetPolicy");
    assert!(told.all(|gap| gap["detail"] == detail), "{gaps:?}");
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), FUNCTIONS);
    assert!(
        findings
            .iter()
            .all(|finding| finding["verdict"] == "unknown")
    );
}

/// LocalStack answers so for a service that its edition lacks. That is no matter of the region.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_endpoint_does_not_have_is_not_blamed_on_the_region() {
    let lacks = Effect::Edit(Arc::new(|_: &Call<'_>, _: Answer| {
        let error = "<ErrorResponse><Error><Code>InternalFailure</Code><Message>The API for service \
                     rds is either not included in your current license plan or has not yet been \
                     emulated.</Message></Error></ErrorResponse>";
        Answer::new(StatusCode::NOT_IMPLEMENTED, "text/xml", error)
    }));
    let endpoint = Endpoint::start(functions()).await;
    // One is called by a client of its own, the other by its model.
    endpoint.rule(Rule::new(lacks).services(["rds", "sns"]));
    let checks = "rds/instance-idle,cloudwatch/alarm-target-dead";
    let scan = Scan::of(&endpoint).arguments(["--checks", checks]);
    let report = scan.regions(&["eu-west-1"]).run().await.report();
    let gaps = report["gaps"].as_array().unwrap().iter();
    let gaps = gaps.filter(|gap| gap["cause"] == "unsupported");
    let mut services = BTreeSet::new();
    for gap in gaps {
        let text = |field: &str| gap[field].as_str().unwrap();
        let told = text("detail").ends_with(" does not have this operation (InternalFailure)");
        assert!(told && text("advice").contains("endpoint"), "{gap}");
        services.extend(text("action").split(':').next());
    }
    assert_eq!(services, BTreeSet::from(["rds", "sns"]));
    let asked = |key: &CallKey| key.is("rds", "DescribeDBInstances");
    assert_eq!(endpoint.counts().of(asked), 1);
}
