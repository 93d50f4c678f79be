//! Each part of every kind taken away by itself, those that share an IAM action included, and each list:
//! exactly the findings that hang on it are unknown, all others are what they were.
//!
//! Which hang on it is found out without the gap: by putting other values in its place. Where two
//! values lead to two verdicts, neither may stand while the value is not known.

use crate::assessed::{Read, Subject, Verdicts, changed, gap, is_declared, is_policy};
use serde_json::{Value, json};
use sixpillars::check::Check;
use sixpillars::collect::registry;
use sixpillars::model::{Cause, Gap, Kind, Part, PartSpec, Per, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Values that are in no example and nowhere in the account.
fn more_values(kind: &str, part: &str) -> Vec<Value> {
    match (kind, part) {
        ("lambda.function", "policy") => vec![policy(&json!({
            "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"
        }))],
        ("s3.bucket", "policy") => vec![
            policy(&json!({
                "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}
            })),
            policy(&json!({
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

/// Values that a part may have beside those that are known: those of a policy, and those of the account with
/// one kind of member turned around.
fn other_values(kind: &Kind, part: &str, known: &[Value]) -> Vec<Value> {
    let mut values = more_values(kind.name, part);
    let truths = known.iter().filter_map(Value::as_bool);
    values.extend(truths.map(|truth| Value::from(!truth)));
    if is_policy(kind.name, part) {
        let statements = [
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
            json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
                "Action": "*", "Resource": "*"}),
            json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "*", "Resource": "*"}),
            json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        ];
        values.extend(statements.map(|statement| policy(&statement)));
    }
    // Values of typed kinds have to fit their types.
    let known = known.iter().filter(|_| is_declared(kind.name, part));
    for value in known {
        let mut members = BTreeSet::new();
        names(value, &mut members);
        values.extend(members.iter().map(|member| turned_around(value, member)));
        values.extend(value.is_array().then(|| json!([])));
    }
    values
}

fn policy(statement: &Value) -> Value {
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    Value::from(policy.to_string())
}

/// The names of all members.
fn names<'v>(value: &'v Value, all: &mut BTreeSet<&'v str>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                all.insert(name);
                names(value, all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, all)),
        _ => {}
    }
}

/// The value with all members of a name turned around: false for true, nothing for something.
fn turned_around(value: &Value, member: &str) -> Value {
    match value {
        Value::Object(members) => {
            let turn = |(name, value): (&String, &Value)| {
                let value = match value {
                    _ if name != member => turned_around(value, member),
                    Value::Bool(value) => (!value).into(),
                    Value::Array(_) => json!([]),
                    _ => Value::Null,
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(turn).collect())
        }
        Value::Array(items) => items
            .iter()
            .map(|item| turned_around(item, member))
            .collect(),
        other => other.clone(),
    }
}

/// Checks whose verdict stands although another value of the part would turn it: there, something else
/// that was read settles what the value is.
const SETTLED: &[(&str, &str)] = &[
    // S3 calls a policy public for what the policy says, and the policy was read.
    ("s3/bucket-public", "s3.bucket.policy_status"),
];

/// What is taken away at once: no check needs two of them, so that each finding has one to hang on.
struct Round<T> {
    taken: Vec<T>,
    checks: BTreeSet<String>,
}

/// As few rounds as simple means find for what each needs its checks; `clash` forbids two in one round.
fn rounds<T>(
    all: impl IntoIterator<Item = (T, BTreeSet<String>)>,
    clash: impl Fn(&T, &T) -> bool,
) -> Vec<Round<T>> {
    let one_by_one = std::env::var_os("SIXPILLARS_SOAK").is_some();
    let mut rounds: Vec<Round<T>> = Vec::new();
    for (one, checks) in all {
        let fits = |round: &&mut Round<T>| {
            !one_by_one
                && round.checks.is_disjoint(&checks)
                && !round.taken.iter().any(|other| clash(other, &one))
        };
        match rounds.iter_mut().find(fits) {
            Some(round) => {
                round.taken.push(one);
                round.checks.extend(checks);
            }
            None => rounds.push(Round {
                taken: vec![one],
                checks,
            }),
        }
    }
    rounds
}

/// A part of a kind, and the checks that need it.
struct Taken<'a> {
    kind: &'static Kind,
    part: &'static PartSpec,
    checks: &'a BTreeSet<String>,
}

impl Taken<'_> {
    fn name(&self) -> String {
        format!("{}.{}", self.kind.name, self.part.name)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_part_exactly_what_hangs_on_it_is_unknown() {
    let read = Read::new().await;
    let whole = read.judge(&read.selected.catalog, read.documents.clone(), &read.jobs);
    // All that is unknown is what nobody can tell from what AWS says.
    let is_expected = |gap: &Gap| gap.cause == Cause::Undecided;
    let unknown = |(verdict, gaps): &(Verdict, Vec<Gap>)| {
        *verdict == Verdict::Unknown && !gaps.iter().all(is_expected)
    };
    let unread: Vec<_> = whole
        .iter()
        .filter(|(_, finding)| unknown(finding))
        .collect();
    assert!(unread.is_empty(), "{unread:?}");
    let needing = read.needing();
    let mut all = Vec::new();
    for kind in registry().into_iter().map(|collector| collector.kind) {
        let parts = kind.parts.iter().filter(|part| part.per != Per::Derived);
        all.extend(parts.filter_map(|part| {
            let checks = needing.get(&(kind.name, part.name))?;
            Some((Taken { kind, part, checks }, checks.clone()))
        }));
    }
    assert!(all.len() > 150, "{} parts", all.len());
    let mut wrong = Vec::new();
    for round in rounds(all, |one, other| one.kind.name == other.kind.name) {
        wrong.extend(without(&read, &whole, &round));
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong when a part of some kinds is a gap.
fn without(read: &Read, whole: &Verdicts, round: &Round<Taken<'_>>) -> Vec<String> {
    let replaced = round.taken.iter().map(|taken| {
        let denied = Part::Gap(gap(&taken.name()));
        (taken.kind.name, (taken.part.name, denied))
    });
    let documents: Vec<_> = read.with(&replaced.collect()).collect();
    let found = read.judge(&read.selected.catalog, documents, &read.jobs);
    let changed = changed(whole, &found);
    let mut wrong = Vec::new();
    for taken in &round.taken {
        let name = taken.name();
        let of_part = |subject: &&Subject| taken.checks.contains(&subject.check);
        let changed: BTreeSet<Subject> = changed.iter().filter(of_part).cloned().collect();
        let hanging = hanging(read, whole, taken);
        let settled = |s: &&Subject| SETTLED.contains(&(s.check.as_str(), name.as_str()));
        let mut own = turned(whole, &found, &changed, &gap(&name));
        for subject in hanging.difference(&changed).filter(|s| !settled(s)) {
            own.push(format!("{subject:?} stays {:?}", whole[subject].0));
        }
        let others: Vec<&Subject> = changed.difference(&hanging).collect();
        if !others.is_empty() {
            let may_hang = may_hang(read, taken);
            let wrong = others.into_iter().filter(|s| !may_hang.contains(&s.check));
            own.extend(wrong.map(|subject| format!("{subject:?} does not hang on it")));
        }
        wrong.extend(own.into_iter().map(|w| format!("{name}: {w}")));
    }
    let others = changed.iter().filter(|s| !round.checks.contains(&s.check));
    wrong.extend(others.map(|subject| format!("{subject:?} needs nothing that is taken away")));
    wrong
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
fn hanging(read: &Read, whole: &Verdicts, taken: &Taken<'_>) -> BTreeSet<Subject> {
    let (kind, part) = (taken.kind, taken.part);
    let needing = read.only(taken.checks);
    let mut values = read.values(kind, part.name);
    let known = read
        .documents
        .iter()
        .filter(|d| d.resource.kind == kind.name);
    let known: Vec<Value> = known
        .filter_map(|d| d.fields.get(part.name).cloned())
        .collect();
    values.extend(other_values(kind, part.name, &known));
    let mut hanging = BTreeSet::new();
    for value in values {
        let replaced = BTreeMap::from([(kind.name, (part.name, Part::Read(value)))]);
        let documents: Vec<_> = read.with(&replaced).collect();
        let other = read.judge(&needing, documents, &read.jobs);
        // A value that an example gives only in part may be none to derive from. What AWS did not tell may
        // matter with this value alone.
        let untold = |gaps: &[Gap]| gaps.iter().all(|gap| gap.cause == Cause::Undecided);
        let decided = other
            .iter()
            .filter(|(_, (v, gaps))| *v != Verdict::Unknown || untold(gaps));
        let differing = decided.filter(|(subject, (v, _))| {
            // What AWS did not tell is unknown, with the part or without it. Alarms of a region that is not
            // audited are in no report.
            let Some((before, _)) = whole.get(*subject) else {
                assert_eq!(subject.kind, "cloudwatch.alarm", "{subject:?}");
                return false;
            };
            before != v && *before != Verdict::Unknown
        });
        hanging.extend(differing.map(|(subject, _)| subject.clone()));
    }
    hanging
}

/// The checks of several parts that some example hangs on this one for. Where two parts have to agree, no
/// other value of one alone turns a verdict that hangs on both.
fn may_hang(read: &Read, taken: &Taken<'_>) -> BTreeSet<String> {
    let (kind, part) = (taken.kind, taken.part.name);
    let parts = |check: &Check| read.parts([check]).remove(kind.name).unwrap_or_default();
    let checks = read.selected.catalog.filtered(|check| {
        taken.checks.contains(&check.id)
            && check.file.resource == kind.name
            && parts(check).len() > 1
    });
    let examples = read.examples(kind, &checks);
    let values: Vec<Value> = examples
        .iter()
        .filter_map(|d| d.fields.get(part).cloned())
        .collect();
    let before = read.judge(&checks, examples.clone(), &[]);
    let mut may = BTreeSet::new();
    for value in values {
        let mut others = examples.clone();
        for document in &mut others {
            document.set(part, Part::Read(value.clone()));
        }
        let after = read.judge(&checks, others, &[]);
        may.extend(
            changed(&before, &after)
                .into_iter()
                .map(|subject| subject.check),
        );
    }
    may
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_list_its_checks_are_unknown_once_and_no_other_verdict_turns() {
    let read = Read::new().await;
    let catalog = &read.selected.catalog;
    let whole = read.judge(catalog, read.documents.clone(), &read.jobs);
    let mut of_kinds: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for ((kind, _), checks) in read.needing() {
        of_kinds.entry(kind).or_default().extend(checks);
    }
    let kinds = registry().into_iter().map(|collector| collector.kind);
    let kinds = kinds.filter(|kind| {
        !kind.list.is_empty() && read.jobs.iter().any(|result| result.job.kind == kind.name)
    });
    let kinds = kinds.map(|kind| {
        let own = catalog.iter().filter(|c| c.file.resource == kind.name);
        let mut checks: BTreeSet<String> = own.map(|check| check.id.clone()).collect();
        checks.extend(of_kinds.get(kind.name).into_iter().flatten().cloned());
        (kind.name, checks)
    });
    let mut wrong = Vec::new();
    for round in rounds(kinds, |_, _| false) {
        let gaps: BTreeMap<&str, Gap> = round.taken.iter().map(|k| (*k, gap(k))).collect();
        let is_left = |kind: &str| !gaps.contains_key(kind);
        let others = read.documents.iter().filter(|d| is_left(&d.resource.kind));
        let others: Vec<_> = others.cloned().collect();
        let none = read.judge(catalog, others.clone(), &read.jobs);
        let found = read.judge(catalog, others, &read.without_lists(&gaps));
        let is_of_others = |subject: &Subject| is_left(&subject.kind);
        let of_others = |all: &Verdicts| -> Verdicts {
            let all = all.clone().into_iter();
            all.filter(|(subject, _)| is_of_others(subject)).collect()
        };
        let changed_now = changed(&of_others(&whole), &of_others(&found));
        // What turns out otherwise if there is none of it must not stand while nobody knows.
        let hanging = changed(&whole, &none).into_iter().filter(is_of_others);
        for subject in hanging.filter(|subject| !changed_now.contains(subject)) {
            wrong.push(format!("{subject:?} stays {:?}", whole[&subject].0));
        }
        for (kind, checks) in &of_kinds {
            let Some(gap) = gaps.get(kind) else { continue };
            let of_list = changed_now.iter().filter(|s| checks.contains(&s.check));
            wrong.extend(turned(&whole, &found, &of_list.cloned().collect(), gap));
        }
        for (kind, gap) in &gaps {
            wrong.extend(unlisted(&read, &whole, &found, kind, gap));
        }
        let others = changed_now
            .iter()
            .filter(|s| !round.checks.contains(&s.check));
        wrong.extend(others.map(|subject| format!("{subject:?} needs no list that is taken away")));
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong with the findings of a kind whose list is a gap: there is one for each of its checks.
fn unlisted(read: &Read, whole: &Verdicts, found: &Verdicts, kind: &str, gap: &Gap) -> Vec<String> {
    let own: BTreeSet<Subject> = found.keys().filter(|s| s.kind == kind).cloned().collect();
    let checks = read.selected.catalog.iter();
    let checks = checks.filter(|check| check.file.resource == kind);
    let expected: BTreeSet<&str> = checks.map(|check| check.id.as_str()).collect();
    let said: BTreeSet<&str> = own.iter().map(|subject| subject.check.as_str()).collect();
    let mut wrong = turned(whole, found, &own, gap);
    if expected != said || own.len() != expected.len() {
        wrong.push(format!("{own:?}"));
    }
    wrong.into_iter().map(|w| format!("{kind}: {w}")).collect()
}
