//! Pages that AWS may send and nobody expects: empty ones, endless ones, the same one again.

use crate::account::is_paged;
use crate::endpoint::modelled;
use crate::endpoint::{Counts, Effect, Endpoint, Operation, Pages, Rule};
use crate::rounds::{self, rounds};
use crate::scan::{Scan, assert_same, small};
use futures::StreamExt;
use serde_json::Value;
use sixpillars::model::Call;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// One region shows as much as several.
const REGION: &[&str] = &["eu-west-1"];

/// Operations of services with clients of their own that list or describe and have no pages, as the AWS API
/// reference of each says. Of all others their models say it.
const WHOLE: [(&str, &str); 7] = [
    ("cloudwatch", "ListTagsForResource"),
    ("ec2", "DescribeAddresses"),
    ("ec2", "DescribeInstanceAttribute"),
    ("ec2", "DescribeSnapshotAttribute"),
    ("ec2", "DescribeVpnConnections"),
    ("rds", "DescribeDBClusterSnapshotAttributes"),
    ("rds", "DescribeDBSnapshotAttributes"),
];

/// Tags that only tell severities here, so that no verdict is unknown without them.
const SEVERITIES: (&str, &str) = ("iam", "ListPolicyTags");

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// All operations of the registry, with the actions that allow them.
fn registry() -> BTreeMap<Operation, BTreeSet<&'static str>> {
    let kinds = sixpillars::collect::registry().into_iter().map(|c| c.kind);
    let calls = kinds.flat_map(sixpillars::model::Kind::calls);
    let mut all: BTreeMap<Operation, BTreeSet<&'static str>> = BTreeMap::new();
    for Call {
        service,
        operation,
        action,
        ..
    } in calls
    {
        let operation = Operation::new(service, operation);
        all.entry(operation).or_default().insert(action);
    }
    all
}

/// Whether an operation may have pages: of one that files declare its model says so, and the file that asks
/// for all of them.
fn has_pages(operation: &Operation) -> bool {
    modelled::model(&operation.service).is_none_or(|model| {
        let paginator = model
            .operation(&operation.name)
            .and_then(|o| o.paginator.as_ref());
        // Where the last name is the token, no page is empty.
        let may_be_empty =
            paginator.is_some_and(|p| p.output_tokens.iter().all(|p| modelled::plain(p).is_some()));
        may_be_empty && is_paged(&operation.service, &operation.name)
    })
}

/// The operations whose pages the program turns: those of which it asks for the page that the token
/// of an empty first one leads to. Every operation is answered with such a page, so what the scan
/// reports then means nothing.
async fn paged() -> BTreeSet<Operation> {
    let endpoint = Endpoint::start(small()).await;
    let empty = Rule::new(Effect::Pages(Pages::Empty(1)));
    let needed = rounds::needing().operations;
    let all = registry().into_keys();
    let all = all.filter(|operation| has_pages(operation) && needed.contains_key(operation));
    endpoint.rule(empty.operations(all));
    let scan = Scan::of(&endpoint).by_tags().regions(REGION);
    scan.run().await;
    let turned = endpoint.turned();
    let lists = |operation: &Operation| {
        let verbs = ["Describe", "List"];
        verbs.iter().any(|verb| operation.name.starts_with(verb))
    };
    let whole = WHOLE.map(|(service, operation)| Operation::new(service, operation));
    let mut others = registry();
    others.retain(|operation, _| {
        lists(operation)
            && !turned.contains(operation)
            && has_pages(operation)
            && needed.contains_key(operation)
    });
    // Does AWS answer these in pages? Then they must be turned; else they belong into the list.
    assert_eq!(others.into_keys().collect::<Vec<_>>(), whole);
    turned
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_is_not_the_end_of_a_list() {
    let paged = paged().await;
    let endpoint = Endpoint::start(small()).await;
    let scan = || Scan::of(&endpoint).by_tags().run();
    let whole = scan().await.with(0).report();
    endpoint.take_counts();
    let empty = Rule::new(Effect::Pages(Pages::Empty(2)));
    endpoint.rule(empty.operations(paged.iter().cloned()));
    let found = scan().await.with(0).report();
    assert_same(&whole["findings"], &found["findings"]);
    assert_same(&whole["reads"], &found["reads"]);
    assert_eq!(endpoint.turned(), paged);
}

/// Whether no verdict has to hang on a list: one that files declare and that finds no resources of a kind that
/// is judged, for its kind may decide by other parts here, or one that is named.
fn tells_nothing(operation: &Operation, judged: &BTreeSet<String>) -> bool {
    let kinds = || sixpillars::collect::registry().into_iter().map(|c| c.kind);
    let kinds = || kinds().filter(|kind| judged.contains(kind.name));
    let is = |call: &&Call| Operation::new(call.service, call.operation) == *operation;
    let is_part = modelled::model(&operation.service).is_some()
        && !kinds().any(|kind| kind.list.iter().any(&is));
    let (service, name) = SEVERITIES;
    is_part || *operation == Operation::new(service, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_leads_to_itself_ends_the_list_as_a_gap() {
    let endpoint = Endpoint::start(small()).await;
    let scan = |endpoint: &Endpoint| Scan::of(endpoint).by_tags().regions(REGION).run();
    let whole = &scan(&endpoint).await.with(0).verdicts();
    let (usual, actions) = (&endpoint.counts(), &registry());
    let judged = &whole.kinds();
    let check = |operations: Vec<Operation>| async move {
        let endpoint = Endpoint::start(small()).await;
        let endless = Effect::Pages(Pages::SameToken);
        endpoint.rule(Rule::new(endless).operations(operations.iter().cloned()));
        let found = scan(&endpoint).await;
        let verdicts = found.verdicts();
        let mut wrong = whole.flipped(&verdicts);
        let report = found.report();
        let gaps = report["gaps"].as_array().unwrap();
        for operation in &operations {
            let actions = &actions[operation];
            let is_gap = gaps
                .iter()
                .any(|gap| actions.contains(text(&gap["action"])));
            let is_unknown = verdicts.unknown_for(actions) > 0;
            if (is_gap, is_unknown) != (true, true) && !tells_nothing(operation, judged) {
                wrong.push(format!(
                    "{operation}: a list without end was taken for a whole one"
                ));
            }
            // Each time the first page, the one it leads to, and that once more is not asked for.
            let of = |counts: &Counts| {
                counts.of(|call_key| call_key.is(&operation.service, &operation.name))
            };
            let (usual, asked) = (of(usual), of(&endpoint.counts()));
            if asked > 2 * usual {
                wrong.push(format!(
                    "{operation}: asked {asked} times instead of {usual}"
                ));
            }
        }
        let of_operations = wrong.into_iter().map(|w| format!("{operations:?}: {w}"));
        of_operations.collect()
    };
    let needing = rounds::needing().operations;
    let checks = |operation: &Operation| needing.get(operation).cloned().unwrap_or_default();
    let rounds = rounds(paged().await, checks)
        .into_iter()
        .map(|round| round.tried);
    let wrong: Vec<Vec<String>> = futures::stream::iter(rounds)
        .map(check)
        .buffer_unordered(3)
        .collect()
        .await;
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
    assert!(counts.of(|call_key| call_key.is("ec2", "DescribeVolumes")) > 10_000);
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
