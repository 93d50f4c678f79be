//! Kinds from a user's own folder, of a service that nobody else has: what their files say is done.

use crate::endpoint::{Answer, Call, Effect, Endpoint, Rule, Source};
use crate::scan::{Ended, Scan, account, text};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

const SHELF: &str = "about: A shelf.
list: {call: ListShelves, items: Names}
describe: {call: DescribeShelves, batch: 4, input: {Names: $ids}, items: Shelves, match: ShelfName, gone: [ShelfNotFound]}
arn: arn:$partition:shop:$region:$account:shelf/$id
fields: [ShelfName, Boxes.Label, Use.Space, Use.Dimensions]
always: [ShelfName]
secret: [Boxes.Environment]
parts:
  labels: {call: ListLabels, batch: 4, input: {Names: $ids}, items: Labels, match: ShelfName, take: Text, absent: [NoLabels]}
  sold: {call: GetSales, input: {Of: $last, Start: $days_ago_7, End: $today}, take: Sold}
  filled: {metric: {namespace: $Use.Space, name: Filled, dimensions: $Use.Dimensions, stat: maximum, days: 1}}
";
const CLUB: &str = "about: A member of the club.
list: {call: ListMembers, items: Names, off: [ClubNotOpen]}
";

fn model() -> Value {
    let operation = |name: &str, input: &str, output: &str| {
        json!({"name": name, "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": input},
            "output": {"shape": output}})
    };
    let members = |names: &[(&str, &str)]| -> Value {
        let members: BTreeMap<&str, Value> = names
            .iter()
            .map(|(name, shape)| (*name, json!({"shape": shape})))
            .collect();
        json!({"type": "structure", "members": members})
    };
    let list = |of: &str| json!({"type": "list", "member": {"shape": of}});
    json!({
        "metadata": {"apiVersion": "2026-01-01", "endpointPrefix": "shop", "jsonVersion": "1.0",
            "protocol": "json", "serviceFullName": "Shops", "serviceId": "Shop",
            "signatureVersion": "v4", "targetPrefix": "Shop", "uid": "shop-2026-01-01"},
        "operations": {
            "ListShelves": operation("ListShelves", "Nothing", "Names"),
            "ListMembers": operation("ListMembers", "Nothing", "Names"),
            "DescribeShelves": operation("DescribeShelves", "Names", "Shelves"),
            "ListLabels": operation("ListLabels", "Names", "Labels"),
            "GetSales": operation("GetSales", "Period", "Sales"),
        },
        "shapes": {
            "Text": {"type": "string"},
            "Number": {"type": "integer"},
            "Nothing": members(&[]),
            "Names": members(&[("Names", "NameList")]),
            "NameList": list("Text"),
            "Shelves": members(&[("Shelves", "ShelfList")]),
            "ShelfList": list("Shelf"),
            "Shelf": members(&[("ShelfName", "Text"), ("Boxes", "Boxes"), ("Use", "Use")]),
            "Use": members(&[("Space", "Text"), ("Dimensions", "Pairs")]),
            "Pairs": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
            "Boxes": list("Box"),
            "Box": members(&[("Label", "Text"), ("Environment", "Variables")]),
            "Variables": list("Variable"),
            "Variable": members(&[("Name", "Text"), ("Value", "Text")]),
            "Labels": members(&[("Labels", "LabelList")]),
            "LabelList": list("Label"),
            "Label": members(&[("ShelfName", "Text"), ("Text", "Text")]),
            "Period": members(&[("Of", "Text"), ("Start", "Text"), ("End", "Text")]),
            "Sales": members(&[("Sold", "Number")]),
        },
    })
}

/// A check of a kind, with an example that passes and one that fails.
fn check(kind: &str, expect: &str, pass: &str, fail: &str) -> String {
    format!(
        "title: Something is wrong\npillar: security\nbest_practices: [SEC02-BP03]\nseverity: low\nresource: {kind}\n\
         expect: {expect}\nsay: \"as it is\"\nwhy: It should not be so.\nfix: {{text: Change it., effort: minutes}}\n\
         see: [https://docs.aws.amazon.com/]\nexamples:\n  pass: [{pass}]\n  fail: [{fail}]\n"
    )
}

/// The kinds, and checks that read all of them.
fn write(folder: &Path) {
    let (kinds, checks) = (folder.join("kinds/shop"), folder.join("checks/shop"));
    fs::create_dir_all(&kinds).unwrap();
    fs::create_dir_all(&checks).unwrap();
    let put = |path: &Path, name: &str, text: &str| fs::write(path.join(name), text).unwrap();
    put(&kinds, "service.yaml", "title: Shops\n");
    put(&kinds, "model.json", &model().to_string());
    put(&kinds, "shelf.yaml", SHELF);
    put(&kinds, "member.yaml", CLUB);
    let boxes = check(
        "shop.shelf",
        "r.boxes.all(b, size(b.secrets) == 0)",
        "{shelf_name: a, boxes: [{secrets: []}]}",
        "{shelf_name: a, boxes: [{secrets: [{variable: A, rule: b, line: 1, length: 9}]}]}",
    );
    put(&checks, "box-secret.yaml", &boxes);
    let labels = check(
        "shop.shelf",
        "r.labels != null",
        "{shelf_name: a, labels: x}",
        "{shelf_name: a, labels: null}",
    );
    put(&checks, "label-missing.yaml", &labels);
    let sold = check(
        "shop.shelf",
        "r.sold != null && r.sold > 0",
        "{shelf_name: a, sold: 3}",
        "{shelf_name: a, sold: 0}",
    );
    put(&checks, "nothing-sold.yaml", &sold);
    let filled = check(
        "shop.shelf",
        "r.filled == null",
        "{shelf_name: a, filled: null}",
        "{shelf_name: a, filled: {days: 1, points: 0}}",
    );
    put(&checks, "filled.yaml", &filled);
    let member = check("shop.member", "r.name != 'x'", "{name: a}", "{name: x}");
    put(&checks, "member-odd.yaml", &member);
}

/// What was asked of the shop, operation and body.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzq8sK2aB1c";

/// Eight shelves. `d` cannot be described, `f` was deleted since it was listed, `c` has no label and one
/// of its boxes a secret, `b` says that there is no metric.
fn shop(call: &Call<'_>) -> Answer {
    let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
    let names =
        || -> Vec<String> { serde_json::from_value(body["Names"].clone()).unwrap_or_default() };
    let respond = |status: StatusCode, body: Value| {
        Answer::new(status, "application/x-amz-json-1.0", body.to_string())
    };
    let refuse = |code: &str| respond(StatusCode::BAD_REQUEST, json!({"__type": code}));
    match call.operation {
        "ListShelves" => {
            let names: Vec<String> = ('a'..='h').map(String::from).collect();
            respond(StatusCode::OK, json!({"Names": names}))
        }
        "ListMembers" => refuse("ClubNotOpen"),
        "DescribeShelves" if names().iter().any(|name| name == "d") => refuse("InvalidShelf"),
        "DescribeShelves" if names().iter().any(|name| name == "f") => refuse("ShelfNotFound"),
        "DescribeShelves" => {
            let shelves = names().into_iter().map(|name| {
                let value = if name == "c" { SECRET } else { "plain" };
                let usage = if name == "b" {
                    Value::Null
                } else {
                    json!({"Space": "Shop", "Dimensions": {"Shelf": name}})
                };
                json!({"ShelfName": name, "Use": usage, "Boxes": [{"Label": "top", "Environment":
                    [{"Name": "AWS_SECRET_ACCESS_KEY", "Value": value}]}]})
            });
            respond(
                StatusCode::OK,
                json!({"Shelves": shelves.collect::<Vec<_>>()}),
            )
        }
        "ListLabels" if names().iter().any(|name| name == "c") => refuse("NoLabels"),
        "ListLabels" => {
            let labels = names().into_iter();
            let labels = labels.map(|name| json!({"ShelfName": name, "Text": "new"}));
            respond(
                StatusCode::OK,
                json!({"Labels": labels.collect::<Vec<_>>()}),
            )
        }
        "GetSales" => respond(StatusCode::OK, json!({"Sold": 3})),
        other => panic!("{other} is not asked"),
    }
}

async fn start() -> (Endpoint, Asked) {
    let asked = Asked::default();
    let (seen, account) = (Arc::clone(&asked), account());
    let source = Source::memory(move |call| {
        if call.service != "shop" {
            return account.answer(call);
        }
        let body = serde_json::from_slice(call.body).unwrap_or_default();
        seen.lock().unwrap().push((call.operation.to_owned(), body));
        shop(call)
    });
    (Endpoint::start(source).await, asked)
}

fn scan(endpoint: &Endpoint) -> Scan {
    let scan = Scan::of(endpoint);
    write(scan.folder());
    let path = |name| text(&scan.folder().join(name));
    let (kinds, checks) = (path("kinds"), path("checks"));
    let scan = scan.arguments(["--kinds-dir", &kinds, "--checks-dir", &checks]);
    scan.arguments(["--services", "shop"])
        .regions(&["eu-west-1"])
}

/// The verdicts of a check, by resource.
fn verdicts(ended: &Ended, check: &str) -> BTreeMap<String, String> {
    let report = ended.report();
    let findings = report["findings"].as_array().unwrap().iter();
    let of = findings.filter(|finding| finding["check"] == check);
    of.map(|finding| {
        let id = finding["resource"]["id"].as_str().unwrap_or_default();
        (
            id.to_owned(),
            finding["verdict"].as_str().unwrap().to_owned(),
        )
    })
    .collect()
}

fn all_but(names: &str, verdict: &str, others: &[(&str, &str)]) -> BTreeMap<String, String> {
    let others = others
        .iter()
        .map(|(id, v)| ((*id).to_owned(), (*v).to_owned()));
    let rest = names.chars().map(|id| (id.to_string(), verdict.to_owned()));
    rest.chain(others).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_id_does_not_cost_its_batch() {
    let (endpoint, asked) = start().await;
    let ended = scan(&endpoint).run().await.with(0);
    // `f` is gone, `d` is unknown, and nothing else suffers from either.
    let expected = all_but("abegh", "pass", &[("c", "fail"), ("d", "unknown")]);
    assert_eq!(verdicts(&ended, "shop/box-secret"), expected);
    // That there is no label of one says nothing of the others.
    let expected = all_but("abdegh", "pass", &[("c", "fail")]);
    assert_eq!(verdicts(&ended, "shop/label-missing"), expected);
    let asked = asked.lock().unwrap();
    let described = asked.iter().filter(|(name, _)| name == "DescribeShelves");
    let mut described: Vec<String> = described
        .map(|(_, body)| {
            let names = body["Names"].as_array().unwrap().iter();
            names.filter_map(Value::as_str).collect()
        })
        .collect();
    described.sort();
    // Each half again where a batch was refused.
    assert_eq!(
        described,
        ["ab", "abcd", "c", "cd", "d", "e", "ef", "efgh", "f", "gh"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_stand_for_what_they_say() {
    let (endpoint, asked) = start().await;
    let ended = scan(&endpoint).run().await.with(0);
    assert_eq!(
        verdicts(&ended, "shop/nothing-sold"),
        all_but("abcdegh", "pass", &[])
    );
    let asked = asked.lock().unwrap();
    let (_, body) = asked.iter().find(|(name, _)| name == "GetSales").unwrap();
    let day = |name: &str| -> jiff::civil::Date { body[name].as_str().unwrap().parse().unwrap() };
    let began: jiff::Timestamp = ended.report()["scan"]["started"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let today = began.to_zoned(jiff::tz::TimeZone::UTC).date();
    assert_eq!(day("End"), today);
    assert_eq!((today - day("Start")).get_days(), 7);
    // One says that there is no metric of it; of one that could not be described that is not known.
    let filled = verdicts(&ended, "shop/filled");
    assert_eq!(
        (filled["b"].as_str(), filled["d"].as_str()),
        ("pass", "unknown")
    );
    assert_ne!(filled["a"], "pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_enabled_is_not_missing() {
    let (endpoint, _) = start().await;
    let ended = scan(&endpoint).arguments(["--checks", "shop/member-odd"]);
    let ended = ended.run().await.with(0);
    let report = ended.report();
    assert_eq!(report["scan"]["complete"], true, "{}", report["reads"]);
    let verdicts: Vec<String> = verdicts(&ended, "shop/member-odd").into_values().collect();
    assert_eq!(verdicts, ["not_applicable"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_in_lists_go_no_further() {
    let (endpoint, _) = start().await;
    let scan = scan(&endpoint);
    let path = scan.folder().join("account.snapshot");
    let ended = scan
        .arguments(["--save-snapshot", &text(&path)])
        .run()
        .await
        .with(0);
    let snapshot = zstd::decode_all(fs::File::open(&path).unwrap()).unwrap();
    let snapshot = String::from_utf8(snapshot).unwrap();
    assert!(snapshot.contains("AWS_SECRET_ACCESS_KEY"));
    for text in [snapshot, ended.report().to_string()] {
        assert!(!text.contains(SECRET));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_scan_needs_the_same_kinds() {
    let (endpoint, _) = start().await;
    let hang = Rule::new(Effect::Hang).operation("shop", "GetSales");
    endpoint.rule(hang);
    let mut running = scan(&endpoint)
        .variable("SIXPILLARS_LOG", "sixpillars::scan::progress=debug")
        .spawn();
    running.says("list not read", 1).await;
    running.signal("KILL");
    let ended = running.end().await;
    endpoint.without_rules();
    let kinds = text(&ended.folder().join("kinds"));
    let without = Scan::resume(&endpoint, &ended).run().await.with(2);
    let said = format!("was started with --kinds-dir {kinds}");
    assert!(without.stderr.contains(&said), "{}", without.stderr);
    let shelf = ended.folder().join("kinds/shop/shelf.yaml");
    fs::write(&shelf, SHELF.replace("A shelf.", "Another shelf.")).unwrap();
    let resume = || Scan::resume(&endpoint, &ended).arguments(["--kinds-dir", &kinds]);
    let changed = resume().run().await.with(2);
    assert!(
        changed.stderr.contains("changed since"),
        "{}",
        changed.stderr
    );
    fs::write(&shelf, SHELF).unwrap();
    let resumed = resume().run().await.with(0);
    assert_eq!(resumed.report()["scan"]["complete"], true);
}
