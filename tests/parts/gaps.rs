//! Each part of every kind taken away by itself, those that share an IAM action included, and each list:
//! exactly the findings that hang on it are unknown, all others are what they were.
//!
//! Which hang on it is found out without the gap: by putting other values in its place. Where two
//! values lead to two verdicts, neither may stand while the value is not known.

use crate::assessed::{Read, Subject, Verdicts, changed, gap};
use serde_json::{Value, json};
use sixpillars::collect::registry;
use sixpillars::model::{Gap, Kind, Part, PartSpec, Per, Verdict};
use std::collections::BTreeSet;

/// Values that are in no example and nowhere in the account.
fn more_values(kind: &str, part: &str) -> Vec<Value> {
    let policy = |statement: Value| {
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        Value::from(policy.to_string())
    };
    match (kind, part) {
        ("lambda.function", "policy") => vec![policy(json!({
            "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"
        }))],
        ("s3.bucket", "policy") => vec![
            policy(json!({
                "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}
            })),
            policy(json!({
                "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject", "Resource": "*"
            })),
        ],
        ("s3.bucket", "replication") => vec![json!([{
            "status": "Enabled", "filtered": false, "destination_bucket": "arn:aws:s3:::elsewhere"
        }])],
        _ => Vec::new(),
    }
}

/// Checks whose verdict stands although another value of the part would turn it: there, something else
/// that was read settles what the value is.
const SETTLED: &[(&str, &str)] = &[
    // S3 calls a policy public for what the policy says, and the policy was read.
    ("s3/bucket-public", "s3.bucket.policy_status"),
];

#[tokio::test(flavor = "multi_thread")]
async fn without_a_part_exactly_what_hangs_on_it_is_unknown() {
    let read = Read::new().await;
    let whole = read.judge(&read.selected.catalog, read.documents.clone(), &read.jobs);
    let unknown = |(verdict, _): &(Verdict, Vec<Gap>)| *verdict == Verdict::Unknown;
    assert!(!whole.values().any(unknown));
    let planned = read.parts(read.selected.catalog.iter().map(AsRef::as_ref));
    let mut wrong = Vec::new();
    let mut taken_away = 0;
    for kind in registry().into_iter().map(|collector| collector.kind) {
        let parts = planned.get(kind.name).into_iter().flatten();
        let parts = parts.filter_map(|part| kind.part(part));
        for part in parts.filter(|part| part.per != Per::Derived) {
            wrong.extend(without(&read, &whole, kind, part));
            taken_away += 1;
        }
    }
    assert!(taken_away > 50, "{taken_away} parts");
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong when one part of a kind is a gap.
fn without(read: &Read, whole: &Verdicts, kind: &Kind, part: &PartSpec) -> Vec<String> {
    let name = format!("{}.{}", kind.name, part.name);
    let gap = gap(&name);
    let denied = Part::Gap(gap.clone());
    let documents = read.with(kind.name, part.name, &denied);
    let found = read.judge(&read.selected.catalog, documents, &read.jobs);
    let hanging = hanging(read, whole, kind, part);
    let settled = |s: &&Subject| SETTLED.contains(&(s.check.as_str(), name.as_str()));
    let changed = changed(whole, &found);
    let mut wrong = turned(whole, &found, &changed, &gap);
    for subject in hanging.difference(&changed).filter(|s| !settled(s)) {
        wrong.push(format!("{subject:?} stays {:?}", whole[subject].0));
    }
    for subject in changed.difference(&hanging) {
        wrong.push(format!("{subject:?} does not hang on it"));
    }
    wrong.into_iter().map(|w| format!("{name}: {w}")).collect()
}

/// The findings that turned into anything but unknown for want of what the gap hides.
fn turned(
    whole: &Verdicts,
    found: &Verdicts,
    changed: &BTreeSet<Subject>,
    gap: &Gap,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for subject in changed {
        match found.get(subject) {
            Some((Verdict::Unknown, gaps)) if gaps == std::slice::from_ref(gap) => {}
            after => {
                let before = whole.get(subject);
                wrong.push(format!("{subject:?} turned from {before:?} to {after:?}"));
            }
        }
    }
    wrong
}

/// The findings that turn out otherwise with another value of a part.
fn hanging(read: &Read, whole: &Verdicts, kind: &Kind, part: &PartSpec) -> BTreeSet<Subject> {
    let needing = read.needing(kind.name, part.name);
    let mut values = read.values(kind, part.name);
    values.extend(more_values(kind.name, part.name));
    let mut hanging = BTreeSet::new();
    for value in values {
        let value = Part::Read(value);
        let documents = read.with(kind.name, part.name, &value);
        let other = read.judge(&needing, documents, &read.jobs);
        // A value that an example gives only in part may be none to derive from.
        let decided = other.iter().filter(|(_, (v, _))| *v != Verdict::Unknown);
        let differing = decided.filter(|(subject, (v, _))| whole[*subject].0 != *v);
        hanging.extend(differing.map(|(subject, _)| subject.clone()));
    }
    hanging
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_list_its_checks_are_unknown_once_and_no_other_verdict_turns() {
    let read = Read::new().await;
    let catalog = &read.selected.catalog;
    let whole = read.judge(catalog, read.documents.clone(), &read.jobs);
    let mut wrong = Vec::new();
    for kind in registry().into_iter().map(|collector| collector.kind) {
        if kind.list.is_empty() || !read.jobs.iter().any(|r| r.job.kind == kind.name) {
            continue;
        }
        let gap = gap(kind.name);
        let others = read
            .documents
            .iter()
            .filter(|d| d.resource.kind != kind.name);
        let others: Vec<_> = others.cloned().collect();
        let none = read.judge(catalog, others.clone(), &read.jobs);
        let found = read.judge(catalog, others, &read.without_list(kind.name, &gap));
        let (own, found): (Verdicts, Verdicts) = found
            .into_iter()
            .partition(|(subject, _)| subject.kind == kind.name);
        let checks = catalog.iter().filter(|c| c.file.resource == kind.name);
        let expected: BTreeSet<&str> = checks.map(|check| check.id.as_str()).collect();
        let said: BTreeSet<&str> = own.keys().map(|subject| subject.check.as_str()).collect();
        if expected != said || own.len() != expected.len() {
            wrong.push(format!("{}: {own:?}", kind.name));
        }
        let is_of_others = |subject: &Subject| subject.kind != kind.name;
        let whole: Verdicts = whole
            .clone()
            .into_iter()
            .filter(|(s, _)| is_of_others(s))
            .collect();
        let changed_now = changed(&whole, &found);
        let mut of_kind = turned(&whole, &own, &own.keys().cloned().collect(), &gap);
        of_kind.extend(turned(&whole, &found, &changed_now, &gap));
        // What turns out otherwise if there is none of it must not stand while nobody knows.
        let hanging = changed(&whole, &none).into_iter().filter(is_of_others);
        for subject in hanging.filter(|subject| !changed_now.contains(subject)) {
            of_kind.push(format!("{subject:?} stays {:?}", whole[&subject].0));
        }
        wrong.extend(of_kind.into_iter().map(|w| format!("{}: {w}", kind.name)));
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
