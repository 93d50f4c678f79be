//! What judging costs: every check of the binary on documents of its kind, on one core.
//!
//! Of each kind there is a sound and a flawed document. They are put together from the examples of
//! all its checks, so that a field that any check reads is filled in, as in a real account; new
//! checks are measured without a line here.
//!
//! `cargo bench --no-default-features --bench judge` needs no AWS SDK.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]
#![allow(clippy::print_stdout, reason = "the figures are for people")]

use criterion::Criterion;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sixpillars::check::file::Example;
use sixpillars::check::practices::Practices;
use sixpillars::check::{Catalog, Check, Kinds, example, kinds};
use sixpillars::derive;
use sixpillars::judge::evaluate::{CheckSettings, evaluate};
use sixpillars::judge::{Criteria, FindingSink, Judge, info};
use sixpillars::model::shape::{Shape, Type};
use sixpillars::model::{Document, Finding, Tags, Verdict};
use sixpillars::plan;
use sixpillars::policy::{self, Policy};
use sixpillars::scan::external_sort::ExternalSorter;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most that one evaluation may take on average.
const LIMIT: Duration = Duration::from_micros(15);
/// Documents to judge on one core and on all.
const DOCUMENTS: usize = 20_000;
/// What a second core is worth at least: handing documents out and sorting findings take their share.
const GAIN: f64 = 1.3;
/// Runs over each kind's checks, of which the fastest counts.
const RUNS: usize = 200;

/// A kind's checks and the documents they judge.
struct Bench {
    kind: String,
    checks: Vec<Arc<Check>>,
    documents: Vec<Document>,
}

impl Bench {
    fn evaluations(&self) -> usize {
        self.checks.len() * self.documents.len()
    }

    /// Judges every document with every check, and says how long that took.
    fn run(&self, policy: &Policy, now: Timestamp, verdicts: &mut Verdicts) -> Duration {
        let began = Instant::now();
        for document in &self.documents {
            for check in &self.checks {
                let finding = black_box(one_finding(check, black_box(document), policy, now));
                *verdicts.entry(finding.verdict).or_default() += 1;
            }
        }
        began.elapsed()
    }
}

type Verdicts = BTreeMap<Verdict, usize>;

/// One evaluation as in a scan: the policy's terms for the resource, then the judgement.
fn one_finding(check: &Check, document: &Document, policy: &Policy, now: Timestamp) -> Finding {
    let info = info(check);
    let settings = CheckSettings {
        parameters: &policy.parameters_for(&info, &document.resource).unwrap(),
        severity: policy.severity_for(&info, &document.resource),
    };
    evaluate(check, document, &settings, now).unwrap()
}

fn main() {
    let now: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
    let kinds = kinds(sixpillars::kinds::load::fields());
    let catalog = Catalog::embedded(&kinds, &Practices::embedded().unwrap()).unwrap();
    let policy = default_policy(&catalog, now);
    let benches = benches(&catalog, &kinds, now);

    // There are more than a hundred kinds, and each evaluation takes microseconds.
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .configure_from_args();
    let mut group = criterion.benchmark_group("judge");
    for bench in &benches {
        group.bench_function(&bench.kind, |b| {
            b.iter_custom(|runs| {
                let took = (0..runs).map(|_| bench.run(&policy, now, &mut Verdicts::new()));
                each(took.sum(), bench.evaluations())
            });
        });
    }
    group.finish();
    criterion.final_summary();
    limit(&benches, &policy, now);
    cores(&benches, &catalog, &kinds, &policy, now);
}

/// Judges as a scan does, on one thread and on as many as there are cores: what is judged in the
/// meantime by each more core.
fn cores(benches: &[Bench], catalog: &Catalog, kinds: &Kinds, policy: &Policy, now: Timestamp) {
    let all = std::thread::available_parallelism().map_or(1, NonZero::get);
    let derivations = derive::derivations();
    let checks = catalog.iter().map(AsRef::as_ref);
    let parts = plan::parts(checks, kinds, &derivations, &["tags"]);
    let tags = Tags::new();
    // Of kinds that nothing is derived for, so that no document waits for another.
    let free = |bench: &&Bench| ["ec2.volume", "ec2.address"].contains(&bench.kind.as_str());
    let documents: Vec<&Document> = benches
        .iter()
        .filter(free)
        .flat_map(|b| &b.documents)
        .collect();
    let run = |threads: usize| {
        let criteria = Criteria {
            catalog,
            kinds,
            policy,
            parts: &parts,
            derivations: derive::derivations(),
            tags: &tags,
            now,
            accounts: &[],
            failed_before: None,
        };
        let sink = FindingSink {
            threads: NonZero::new(threads).unwrap(),
            ..FindingSink::new(Arc::new(ExternalSorter::default()))
        };
        let mut judge = Judge::new(&criteria, sink);
        // In a scan they come from AWS: making them is not judging.
        let given = documents.iter().cycle().take(DOCUMENTS);
        let given: Vec<Document> = given.map(|document| (*document).clone()).collect();
        let began = Instant::now();
        for document in given {
            judge.document(document);
        }
        let judged = judge.finish(&[]).unwrap();
        assert!(judged.findings.len() > DOCUMENTS as u64);
        began.elapsed()
    };
    let median = |threads| {
        let mut times: Vec<Duration> = (0..5).map(|_| run(threads)).collect();
        times.sort();
        times[2]
    };
    let (one, many) = (median(1), median(all));
    let gain = one.as_secs_f64() / many.as_secs_f64();
    println!("{DOCUMENTS} documents   {one:.2?} on one thread, {many:.2?} on {all}: {gain:.2} x");
    assert!(all == 1 || gain > GAIN, "more cores are hardly used");
}

/// Holds the mean over the whole catalogue to the limit. Of each kind the fastest run counts: what
/// else the machine does can only slow one down.
fn limit(benches: &[Bench], policy: &Policy, now: Timestamp) {
    let mut verdicts = Verdicts::new();
    let fastest = |bench: &Bench| -> Duration {
        let runs = (0..RUNS).map(|_| bench.run(policy, now, &mut Verdicts::new()));
        runs.min().unwrap()
    };
    let whole: Duration = benches.iter().map(fastest).sum();
    for bench in benches {
        bench.run(policy, now, &mut verdicts);
    }
    let evaluations = benches.iter().map(Bench::evaluations).sum();
    let mean = each(whole, evaluations);
    let counts: Vec<String> = verdicts.iter().map(|(v, n)| format!("{n} {v}")).collect();
    println!("evaluations      {evaluations}: {}", counts.join(", "));
    println!("each (mean)      {mean:.2?} on one core (limit {LIMIT:?})");
    assert!(
        !verdicts.contains_key(&Verdict::Unknown),
        "a document lacks what its checks read"
    );
    assert!(mean < LIMIT, "past the limit");
}

fn each(whole: Duration, evaluations: usize) -> Duration {
    whole / u32::try_from(evaluations).unwrap()
}

fn default_policy(catalog: &Catalog, now: Timestamp) -> Policy {
    let infos: Vec<_> = catalog.iter().map(|check| info(check)).collect();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let file = policy::builtin("default").unwrap();
    policy::load(&[file], &infos, &[], today).unwrap().policy
}

fn benches(catalog: &Catalog, kinds: &Kinds, now: Timestamp) -> Vec<Bench> {
    let mut by_kind: BTreeMap<&str, Vec<Arc<Check>>> = BTreeMap::new();
    for check in catalog.iter() {
        let checks = by_kind.entry(check.file.resource.as_str()).or_default();
        checks.push(Arc::clone(check));
    }
    by_kind
        .into_iter()
        .map(|(kind, checks)| Bench {
            documents: documents(kind, &checks, kinds, now),
            kind: kind.to_owned(),
            checks,
        })
        .collect()
}

/// A sound and a flawed document of a kind.
fn documents(kind: &str, checks: &[Arc<Check>], kinds: &Kinds, now: Timestamp) -> Vec<Document> {
    let pass = checks.iter().flat_map(|check| &check.file.examples.pass);
    let fail = checks.iter().flat_map(|check| &check.file.examples.fail);
    let shape = &kinds[kind].shape;
    [
        together(pass.clone().chain(fail.clone())),
        together(fail.chain(pass)),
    ]
    .into_iter()
    .map(|mut fields| {
        if !has_tags(shape) {
            fields.remove("tags");
        }
        let fields = object(filled(shape, Value::Object(fields)));
        example::document(kind, shape, &fields, now).unwrap()
    })
    .collect()
}

/// Whether resources of a kind have tags.
fn has_tags(shape: &Shape) -> bool {
    match &shape.ty {
        Type::Object(fields) => fields.iter().any(|(name, _)| name == "tags"),
        _ => false,
    }
}

/// One example out of many: of each field the first value that says something.
fn together<'e>(examples: impl Iterator<Item = &'e Example>) -> Map<String, Value> {
    let mut whole = Map::new();
    for (name, value) in examples.flat_map(Example::fields) {
        let known = whole.entry(name).or_insert(Value::Null);
        if known.is_null() {
            *known = value;
        }
    }
    whole.insert("tags".to_owned(), tags());
    whole
}

/// The value with everything that AWS may send and no example gives: where a check demands to know what is
/// null, it would be unknown.
fn filled(shape: &Shape, value: Value) -> Value {
    let value = if value.is_null() {
        something(&shape.ty)
    } else {
        value
    };
    match (&shape.ty, value) {
        (Type::Object(fields), Value::Object(mut given)) => {
            for (name, shape) in fields.iter() {
                let value = given.remove(name).unwrap_or_default();
                given.insert(name.clone(), filled(shape, value));
            }
            Value::Object(given)
        }
        (Type::List(item), Value::Array(items)) => {
            let items = items.into_iter().map(|value| filled(item, value));
            Value::Array(items.collect())
        }
        (Type::Map(item), Value::Object(entries)) => {
            let entries = entries.into_iter();
            Value::Object(
                entries
                    .map(|(key, value)| (key, filled(item, value)))
                    .collect(),
            )
        }
        (_, value) => value,
    }
}

fn something(ty: &Type) -> Value {
    match ty {
        Type::Bool => json!(false),
        Type::Int => json!(1),
        Type::Float => json!(1.0),
        Type::String => json!("example"),
        Type::Timestamp => json!("-30d"),
        Type::List(_) => json!([]),
        Type::Map(_) | Type::Object(_) => json!({}),
        Type::Null | Type::Opaque | Type::Any => Value::Null,
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => unreachable!("a document is an object, not {other}"),
    }
}

/// As many tags as a resource of a well-kept account has.
fn tags() -> Value {
    json!({
        "Name": "orders-api-1", "Environment": "production", "Owner": "team-orders",
        "CostCenter": "4711", "Application": "orders", "Project": "checkout",
        "DataClassification": "internal", "ManagedBy": "terraform",
    })
}
