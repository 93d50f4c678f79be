//! Pages that AWS may send and nobody expects: empty ones, endless ones, the same one again.

use crate::endpoint::{Effect, Endpoint, Operation, Pages, Rule};
use crate::scan::{Scan, assert_same, small};
use futures::StreamExt;
use std::collections::BTreeSet;
use std::time::Duration;

/// One region shows as much as several.
const REGION: &[&str] = &["eu-west-1"];

/// Lists of each protocol that come in pages.
fn paged() -> Vec<Operation> {
    [
        ("cloudwatch", "DescribeAlarms"),
        ("ec2", "DescribeInstances"),
        ("ec2", "DescribeSecurityGroups"),
        ("ec2", "DescribeVolumes"),
        ("iam", "GetAccountAuthorizationDetails"),
        ("rds", "DescribeDBInstances"),
        ("rds", "DescribeDBSnapshots"),
        ("s3", "ListBuckets"),
        ("ssm", "DescribeInstanceInformation"),
    ]
    .map(|(service, operation)| Operation::new(service, operation))
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_is_not_the_end_of_a_list() {
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).run().await.with(0).report();
    endpoint.take_counts();
    endpoint.rule(Rule::new(Effect::Pages(Pages::Empty(2))).operations(paged()));
    let found = Scan::of(&endpoint).run().await.with(0).report();
    assert_same(&whole["findings"], &found["findings"]);
    assert_same(&whole["reads"], &found["reads"]);
    let called: BTreeSet<Operation> = endpoint.counts().log.into_iter().collect();
    for operation in paged() {
        assert!(called.contains(&operation), "{operation} is never called");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_leads_to_itself_ends_the_list_as_a_gap() {
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).regions(REGION).run().await;
    let whole = &whole.with(0).verdicts();
    let check = |operation: Operation| async move {
        let endpoint = Endpoint::start(small()).await;
        let endless = Effect::Pages(Pages::SameToken);
        endpoint.rule(Rule::new(endless).operations([operation.clone()]));
        let found = Scan::of(&endpoint).regions(REGION).run().await;
        let wrong = whole.flipped(&found.verdicts());
        assert!(wrong.is_empty(), "{operation}: {}", wrong.join("\n"));
        assert_ne!(
            whole.decided(),
            found.verdicts().decided(),
            "{operation}: a list that did not end was taken for a whole one"
        );
        let counts = endpoint.counts();
        let asked = counts.of(|lane| lane.is(&operation.service, &operation.name));
        assert!(asked < 20, "{operation} was asked {asked} times");
    };
    futures::stream::iter(paged())
        .for_each_concurrent(3, check)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_pages_are_turned() {
    let endpoint = Endpoint::start(small()).await;
    let scan = || Scan::of(&endpoint).arguments(["--checks", "ec2/volume-*"]);
    let whole = scan().regions(&["eu-west-1"]).run().await.with(0).report();
    let pages = Effect::Pages(Pages::Empty(10_000));
    endpoint.rule(Rule::new(pages).operation("ec2", "DescribeVolumes"));
    let found = scan().regions(&["eu-west-1"]).run().await.with(0).report();
    assert_same(&whole["findings"], &found["findings"]);
    let counts = endpoint.counts();
    assert!(counts.of(|lane| lane.is("ec2", "DescribeVolumes")) > 10_000);
}

/// At a polite rate, ten thousand pages take hours: the deadline ends them, and what was read is
/// reported.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_end_is_cut_off_by_the_deadline() {
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::plain(&endpoint).run().await.with(0).verdicts();
    let pages = Effect::Pages(Pages::Empty(10_000));
    endpoint.rule(Rule::new(pages).operation("ec2", "DescribeVolumes"));
    let began = std::time::Instant::now();
    let scan = Scan::plain(&endpoint).arguments(["--deadline", "20s"]);
    let ended = scan.run().await.with(3);
    assert!(
        began.elapsed() < Duration::from_secs(35),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(ended.report()["scan"]["complete"], false);
    let found = ended.verdicts();
    assert!(whole.flipped(&found).is_empty());
    let volumes = ended.report();
    let volumes = volumes["gaps"].as_array().unwrap().iter();
    let causes: BTreeSet<_> = volumes
        .map(|gap| gap["cause"].as_str().unwrap().to_owned())
        .collect();
    assert!(causes.contains("uncollected"), "{causes:?}");
}
