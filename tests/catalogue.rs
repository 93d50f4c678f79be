//! Every check that comes with the binary, held to the same laws in a few loops: no test is written
//! for a single check.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "catalogue/actions.rs"]
mod actions;
#[path = "catalogue/documents.rs"]
mod documents;
#[path = "catalogue/not_checked.rs"]
mod not_checked;
#[path = "catalogue/untold.rs"]
mod untold;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sixpillars::check::practices::Practices;
use sixpillars::check::{self, Catalog, Check, Kinds, example, kinds};
use sixpillars::collect::registry;
use sixpillars::judge::evaluate::{CheckSettings, evaluate};
use sixpillars::kinds::load;
use sixpillars::model::shape::{Shape, Type};
use sixpillars::model::{Cause, Document, Gap, Per, Pillar, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn all_kinds() -> Kinds {
    kinds(registry().into_iter().map(|c| c.kind))
}

fn practices() -> Practices {
    Practices::embedded().unwrap_or_else(|p| panic!("{p:#?}"))
}

fn catalog(kinds: &Kinds) -> Catalog {
    Catalog::embedded(kinds, &practices()).unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{} problems:\n{}", lines.len(), lines.join("\n"))
    })
}

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

/// Every example of every check, with the verdict it must get.
fn examples(check: &Check, kinds: &Kinds) -> Vec<(Verdict, Document)> {
    let shape = &kinds[check.file.resource.as_str()].shape;
    let groups = [
        (Verdict::Pass, &check.file.examples.pass),
        (Verdict::Fail, &check.file.examples.fail),
        (Verdict::NotApplicable, &check.file.examples.not_applicable),
    ];
    groups
        .into_iter()
        .flat_map(|(verdict, given)| given.iter().map(move |g| (verdict, g)))
        .map(|(verdict, given)| {
            let document = example::document(&check.file.resource, shape, &given.fields(), now());
            (
                verdict,
                document.unwrap_or_else(|p| panic!("{}: {p:?}", check.id)),
            )
        })
        .collect()
}

fn verdict(check: &Check, document: &Document) -> Result<Verdict, String> {
    let settings = CheckSettings {
        parameters: &check.file.parameters,
        severity: check.file.severity,
    };
    evaluate(check, document, &settings, now())
        .map(|f| f.verdict)
        .map_err(|broken| broken.message)
}

fn assert_none(problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[test]
fn every_example_gets_its_verdict() {
    let kinds = all_kinds();
    let mut problems = Vec::new();
    for check in catalog(&kinds).iter() {
        for (number, (expected, document)) in examples(check, &kinds).iter().enumerate() {
            let got = verdict(check, document);
            if got.as_ref() != Ok(expected) {
                let fields = serde_json::to_string(&document.gaps).unwrap();
                problems.push(format!(
                    "{} example {number}: {expected}, but {got:?} {fields}",
                    check.id
                ));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn what_cannot_be_read_never_passes_or_fails_in_its_place() {
    let kinds = all_kinds();
    let mut problems = Vec::new();
    for check in catalog(&kinds).iter() {
        for (expected, document) in examples(check, &kinds) {
            let read: Vec<String> = document.fields.keys().cloned().collect();
            for field in &read {
                let mut hidden = document.clone();
                hidden.fields.remove(field);
                let gap = Gap::new("test:Deny", Cause::Denied, "AccessDenied");
                hidden.gaps.insert(field.clone(), gap);
                match verdict(check, &hidden) {
                    Ok(got) if got == expected || got == Verdict::Unknown => {}
                    got => problems.push(format!("{}: without {field} {got:?}", check.id)),
                }
            }
            // Inside of a derived part, each question can be unanswered by itself.
            for (field, inner) in inner_fields(&document) {
                let mut hidden = document.clone();
                let place = hidden.fields[&field].pointer_mut(&inner);
                *place.expect("it is there") = json!({
                    "$gap": {"action": "", "cause": "undecided", "detail": "test"},
                });
                match verdict(check, &hidden) {
                    Ok(got) if got == expected || got == Verdict::Unknown => {}
                    got => problems.push(format!("{}: without {field}{inner} {got:?}", check.id)),
                }
            }
            let mut nothing = document.clone();
            for field in check.reads() {
                nothing.fields.remove(&field);
            }
            if verdict(check, &nothing) != Ok(Verdict::Unknown) {
                problems.push(format!("{}: decides with nothing read", check.id));
            }
        }
    }
    assert_none(&problems);
}

/// The fields of fields that are objects, and of all resources that a part joins, as pointers.
fn inner_fields(document: &Document) -> Vec<(String, String)> {
    let kind = load::all().kinds.get(document.resource.kind.as_str());
    let joins = |name: &str| kind.is_some_and(|k| k.joins.iter().any(|join| join.name == name));
    let mut inner = Vec::new();
    for (name, value) in &document.fields {
        let objects: Vec<(String, &Value)> = match value {
            Value::Array(items) if joins(name) => {
                let items = items.iter().enumerate();
                items.map(|(at, item)| (format!("/{at}"), item)).collect()
            }
            one => vec![(String::new(), one)],
        };
        for (at, object) in objects {
            let keys = object.as_object().into_iter().flat_map(Map::keys);
            let keys = keys.map(|key| key.replace('~', "~0").replace('/', "~1"));
            inner.extend(keys.map(|key| (name.clone(), format!("{at}/{key}"))));
        }
    }
    inner
}

/// One tunnel is enough to say that the connection is not as it should be, and not enough to say that it is.
#[test]
fn a_tunnel_without_a_status_is_neither_up_nor_down() {
    let kinds = all_kinds();
    let catalog = catalog(&kinds);
    let check = catalog.iter().find(|c| c.id == "vpc/vpn-tunnel-down");
    let check = check.expect("the check");
    for (before, mut document) in examples(check, &kinds) {
        let status = document.fields["tunnels"].pointer_mut("/0/status");
        let Some(status) = status.filter(|_| before != Verdict::NotApplicable) else {
            continue;
        };
        *status = json!({"$gap": {"action": "", "cause": "failed", "detail": "test"}});
        let expected = match before {
            Verdict::Pass => Verdict::Unknown,
            other => other,
        };
        assert_eq!(verdict(check, &document), Ok(expected));
    }
}

#[test]
fn no_null_that_the_schema_allows_breaks_a_check() {
    let kinds = all_kinds();
    let mut problems = Vec::new();
    for check in catalog(&kinds).iter() {
        let shape = &kinds[check.file.resource.as_str()].shape;
        for (_, document) in examples(check, &kinds) {
            let whole = Value::Object(document.fields.clone());
            for variant in with_a_null(shape, &whole) {
                let Value::Object(fields) = variant else {
                    unreachable!("a document is an object")
                };
                let nulled = Document {
                    fields,
                    ..document.clone()
                };
                if let Err(message) = verdict(check, &nulled) {
                    problems.push(format!(
                        "{}: {message}: {}",
                        check.id,
                        difference(&document.fields, &nulled.fields)
                    ));
                }
            }
        }
    }
    problems.dedup();
    assert_none(&problems);
}

/// Names the top-level field that was set to null, or that holds the null.
fn difference(before: &Map<String, Value>, after: &Map<String, Value>) -> String {
    before
        .iter()
        .find(|(k, v)| after.get(*k) != Some(v))
        .map_or_else(String::new, |(k, _)| k.clone())
}

/// The value with one nullable thing in it set to null, in every possible way.
fn with_a_null(shape: &Shape, value: &Value) -> Vec<Value> {
    let mut variants = Vec::new();
    if shape.nullable && !value.is_null() {
        variants.push(Value::Null);
    }
    match (&shape.ty, value) {
        (Type::Object(fields), Value::Object(given)) => {
            for (name, inner) in given {
                for variant in fields
                    .get(name)
                    .map(|s| with_a_null(s, inner))
                    .unwrap_or_default()
                {
                    let mut whole = given.clone();
                    whole.insert(name.clone(), variant);
                    variants.push(Value::Object(whole));
                }
            }
        }
        (Type::List(item), Value::Array(items)) => {
            for (index, inner) in items.iter().enumerate() {
                for variant in with_a_null(item, inner) {
                    let mut whole = items.clone();
                    whole[index] = variant;
                    variants.push(Value::Array(whole));
                }
            }
        }
        _ => {}
    }
    variants
}

/// Commands are copied into a terminal as they are. What deletes data, or what nothing brings back, is
/// for a person to decide: it is in the text, after a command that looks or makes a copy. `rds` applies
/// all changes that wait for the maintenance window when one of them is to be applied at once.
#[test]
fn no_command_of_a_remedy_destroys_anything() {
    const DESTROYS: &[&str] = &[
        " delete-alarms ",
        " delete-function ",
        " delete-db-",
        " delete-nat-gateway ",
        " delete-role ",
        " delete-policy ",
        " delete-snapshot ",
        " delete-user ",
        " delete-volume ",
        " deregister-image ",
        " terminate-instances ",
    ];
    let kinds = all_kinds();
    let mut problems = Vec::new();
    for check in catalog(&kinds).iter() {
        let Some(cli) = &check.file.fix.cli else {
            continue;
        };
        let found = DESTROYS.iter().filter(|word| cli.contains(**word));
        problems.extend(found.map(|word| format!("{}:{word}in its command", check.id)));
        if cli.contains(" --apply-immediately") && !cli.contains(" --manage-master-user-password ")
        {
            problems.push(format!("{}: --apply-immediately", check.id));
        }
    }
    assert_none(&problems);
}

#[test]
fn all_six_pillars_are_covered() {
    let kinds = all_kinds();
    let catalog = catalog(&kinds);
    let mut by_pillar: BTreeMap<Pillar, usize> = BTreeMap::new();
    for check in catalog.iter() {
        *by_pillar.entry(check.file.pillar).or_default() += 1;
    }
    assert!(catalog.len() >= 90, "{} checks", catalog.len());
    for pillar in Pillar::ALL {
        let count = by_pillar.get(&pillar).copied().unwrap_or(0);
        assert!(count >= 8, "{pillar}: {count} checks");
    }
}

/// The policies that come with the binary name only checks and parameters that exist.
#[test]
fn built_in_policies_fit_the_checks() {
    let kinds = all_kinds();
    let catalog = catalog(&kinds);
    let checks: Vec<_> = catalog
        .iter()
        .map(|check| sixpillars::judge::info(check))
        .collect();
    for (name, _) in sixpillars::policy::BUILTIN {
        let file = sixpillars::policy::builtin(name).unwrap();
        let loaded = sixpillars::policy::load(&[file], &checks, &[], jiff::civil::date(2026, 6, 1));
        let warnings = loaded.map(|loaded| loaded.warnings);
        assert_eq!(warnings, Ok(Vec::new()), "{name}");
    }
}

/// The sample of a review that people copy names best practices that exist.
#[test]
fn the_sample_of_attestations_can_be_used() {
    let text = include_str!("../policies/samples/review.yaml");
    let file = sixpillars::policy::PolicySource {
        name: "review.yaml".to_owned(),
        text: text.to_owned(),
    };
    let practices = Practices::embedded().unwrap();
    let ids: Vec<&str> = practices.ids().collect();
    let loaded = sixpillars::policy::load(&[file], &[], &ids, jiff::civil::date(2026, 11, 1));
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(loaded.warnings, []);
    let account = ["111122223333"];
    let (said, notices) = loaded
        .policy
        .attestations(&account, jiff::civil::date(2026, 11, 1));
    assert_eq!((said.len(), notices), (3, Vec::new()));
}

#[test]
fn editors_complete_and_validate_every_check() {
    let schema: Value = serde_json::from_str(check::SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
    let mut problems = Vec::new();
    let mut files = 0;
    for check in catalog(&all_kinds()).iter() {
        let text = fs::read_to_string(folder.join(format!("{}.yaml", check.id))).unwrap();
        let first = "# yaml-language-server: $schema=../../schemas/check.schema.json\n";
        if !text.starts_with(first) {
            problems.push(format!("{} does not begin with {first}", check.id));
        }
        let value: Value = yaml_serde::from_str(&text).unwrap();
        let errors = schema.iter_errors(&value);
        problems.extend(errors.map(|e| format!("{} {}: {e}", check.id, e.instance_path())));
        files += 1;
    }
    assert!(files > 200, "{files} files");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
