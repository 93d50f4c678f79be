//! What the commands that ask nothing of AWS print: checks, kinds, plans and permissions.

use crate::check::{Catalog, Check, Kinds, functions};
use crate::derive::derivations;
use crate::model::{Kind, Per};
use crate::plan::{self, Billed, Plan, Target};
use crate::report::text_safe;
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle, presets};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.to_vec());
    table
}

/// The selected checks as a table.
#[must_use]
pub fn checks(catalog: &Catalog) -> String {
    let mut rows = table(&["check", "pillar", "severity", "resource", "title"]);
    for check in catalog.iter() {
        let file = &check.file;
        rows.add_row([
            check.id.as_str(),
            file.pillar.id(),
            file.severity.id(),
            &file.resource,
            &text_safe::clean(&file.title),
        ]);
    }
    format!("{rows}\n{} checks\n", catalog.len())
}

/// The selected checks as JSON.
#[must_use]
pub fn checks_json(catalog: &Catalog) -> Value {
    let row = |check: &Check| {
        let mut row = serde_json::to_value(&check.file).unwrap_or_default();
        row["id"] = json!(check.id);
        row
    };
    Value::Array(catalog.iter().map(|check| row(check)).collect())
}

/// One check for people.
#[must_use]
pub fn check(check: &Check, kinds: &Kinds) -> String {
    let file = &check.file;
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let indented = value.trim_end().replace('\n', "\n              ");
            let _ = writeln!(out, "{name:<13} {indented}");
        }
    };
    line("check", &check.id);
    line("title", &file.title);
    line("pillar", file.pillar.title());
    line("practices", &file.best_practices.join(", "));
    line("severity", file.severity.id());
    line("resource", &file.resource);
    let parameters: Vec<String> = file
        .parameters
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    line("parameters", &parameters.join("\n"));
    line("when", file.when.as_deref().unwrap_or_default());
    line("expect", &file.expect);
    line("says", &file.say);
    line("saves", file.saves.as_deref().unwrap_or_default());
    line("why", &file.why);
    line("fix", &file.fix.text);
    line("", file.fix.cli.as_deref().unwrap_or_default());
    line("", file.fix.terraform.as_deref().unwrap_or_default());
    let maps: Vec<String> = file
        .maps
        .iter()
        .map(|(k, v)| format!("{k}: {}", v.join(", ")))
        .collect();
    line("also known as", &maps.join("\n"));
    line("see", &file.see.join("\n"));
    // Everything that derived parts are computed from included.
    let parts = plan::parts([check], kinds, &derivations(), &[]);
    let target = Target {
        account: String::new(),
        regions: vec![String::new()],
    };
    let actions = plan::plan(&parts, kinds, &[target], &BTreeMap::new()).actions;
    line(
        "IAM actions",
        &actions.into_iter().collect::<Vec<_>>().join("\n"),
    );
    out
}

/// The kinds as a table.
#[must_use]
pub fn kinds(kinds: &Kinds) -> String {
    let mut rows = table(&["kind", "read", "listed by", "parts"]);
    for (name, fields) in kinds {
        let kind = fields.kind;
        let scope = match kind.scope {
            crate::model::Scope::Account => "once an account",
            crate::model::Scope::Region => "in each region",
        };
        let list: Vec<&str> = kind.list.iter().map(|c| c.operation).collect();
        let parts: Vec<&str> = kind.parts.iter().map(|p| p.name).collect();
        rows.add_row([*name, scope, &list.join(", "), &parts.join(", ")]);
    }
    format!("{rows}\n")
}

/// One kind for people: its fields with their types and meanings, and what its parts cost.
#[must_use]
pub fn kind(kind: &'static Kind, markdown: bool) -> String {
    let schema = (kind.schema)();
    let mut out = String::new();
    if let Some(about) = schema.get("description").and_then(Value::as_str) {
        let _ = writeln!(out, "{}\n", about.trim());
    }
    let mut rows = table(&["field", "type", "meaning"]);
    if markdown {
        rows.load_style(presets::ASCII_MARKDOWN);
        rows.set_content_arrangement(ContentArrangement::Disabled);
    }
    field_rows("", schema.as_value(), &mut rows);
    let _ = writeln!(out, "{rows}\n");
    let mut parts = table(&["part", "calls", "IAM action", "made"]);
    if markdown {
        parts.load_style(presets::ASCII_MARKDOWN);
        parts.set_content_arrangement(ContentArrangement::Disabled);
    }
    for call in kind.list {
        parts.add_row([
            "(the list)",
            call.operation,
            call.action,
            "once, and for each page",
        ]);
    }
    for part in kind.parts {
        let made = match part.per {
            Per::Resource => "for each resource".to_owned(),
            Per::Kind => "once for all".to_owned(),
            Per::List => "never: the list has it".to_owned(),
            Per::Metrics(n) => format!("{n} metrics for each resource, 500 a call, billed"),
            Per::Derived => "never: computed from other documents".to_owned(),
        };
        let operations: Vec<&str> = part.calls.iter().map(|c| c.operation).collect();
        let actions: Vec<&str> = part.calls.iter().map(|c| c.action).collect();
        parts.add_row([
            part.name,
            &operations.join(", "),
            &actions.join(", "),
            &made,
        ]);
    }
    let _ = writeln!(out, "{parts}");
    out
}

fn field_rows(prefix: &str, schema: &Value, rows: &mut Table) {
    let schema = inner(schema);
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (name, field) in properties
        .iter()
        .filter(|(name, _)| !prefix.is_empty() || *name != "kind")
    {
        let shape = crate::check::schema::Shape::from_schema(field);
        let null = if shape.nullable { " or null" } else { "" };
        let about = field
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
        let path = format!("{prefix}{name}");
        rows.add_row([path.clone(), format!("{}{null}", shape.ty), about]);
        let item = inner(field);
        match item.get("items") {
            Some(items) => field_rows(&format!("{path}[]."), items, rows),
            None => field_rows(&format!("{path}."), item, rows),
        }
    }
}

/// Through `allOf` of one and `anyOf` with null.
fn inner(schema: &Value) -> &Value {
    for key in ["allOf", "anyOf"] {
        if let Some(Value::Array(options)) = schema.get(key) {
            let real = options
                .iter()
                .find(|o| o.get("type") != Some(&json!("null")));
            return real.map_or(schema, inner);
        }
    }
    schema
}

/// A plan for people, for a scan whose billed reads may cost so much.
#[must_use]
pub fn plan(plan: &Plan, targets: &[Target], allow_paid: f64) -> String {
    let regions: usize = targets.iter().map(|t| t.regions.len()).sum();
    let mut out = format!(
        "{} accounts, {regions} regions, {} lists to read\n\n",
        targets.len(),
        plan.jobs.len()
    );
    let mut rows = table(&[
        "service",
        "operation",
        "IAM action",
        "calls at least",
        "and for",
        "expected",
    ]);
    for call in &plan.calls {
        rows.add_row([
            call.service,
            call.operation,
            call.action,
            &call.at_least.to_string(),
            &call.and_for.join(", "),
            &call.expected.map_or_else(String::new, |n| n.to_string()),
        ]);
    }
    let certain: usize = plan.calls.iter().map(|c| c.at_least).sum();
    let _ = writeln!(
        out,
        "{rows}\n{} operations, at least {certain} calls",
        plan.calls.len()
    );
    let expected: Option<usize> = plan.calls.iter().map(|c| c.expected).sum();
    match expected {
        Some(expected) => {
            let _ = writeln!(
                out,
                "about {expected} calls for the numbers of resources given"
            );
        }
        None => out.push_str("--sizes or --sizes-from tells how many calls resources add\n"),
    }
    out.push_str(&bill(&plan.billed, allow_paid));
    out
}

/// What billed reads cost, and whether they are in the plan.
fn bill(billed: &[Billed], allow_paid: f64) -> String {
    if billed.is_empty() {
        return "no call is billed\n".to_owned();
    }
    let mut out = if allow_paid > 0.0 {
        format!("\nBilled reads, made while they cost no more than USD {allow_paid}:\n")
    } else {
        "\nBilled reads, left out of this plan; --allow-paid USD puts them in:\n".to_owned()
    };
    for Billed {
        kind,
        part,
        usd_per_resource: each,
        usd,
        ..
    } in billed
    {
        let total = usd.map_or_else(String::new, |usd| format!(", USD {usd:.4} in all"));
        let _ = writeln!(out, "  {part} of each {kind}: USD {each:.5}{total}");
    }
    let all: Option<f64> = billed.iter().map(|billed| billed.usd).sum();
    if let Some(all) = all.filter(|all| allow_paid > 0.0 && *all > allow_paid) {
        let _ = writeln!(
            out,
            "  USD {all:.4} in all: --allow-paid {allow_paid} does not cover it"
        );
    }
    out
}

/// The IAM policy that allows a plan's actions and nothing else, statements grouped by service.
#[must_use]
pub fn permissions(actions: &BTreeSet<&'static str>) -> Value {
    let mut by_service: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for action in actions {
        let service = action.split(':').next().unwrap_or(action);
        by_service.entry(service).or_default().push(action);
    }
    let statements: Vec<Value> = by_service
        .into_iter()
        .map(|(service, actions)| {
            let mut sid = String::from("SixPillars");
            sid.extend(service.split('-').flat_map(|word| {
                let mut letters = word.chars();
                letters
                    .next()
                    .map(|c| c.to_ascii_uppercase())
                    .into_iter()
                    .chain(letters)
            }));
            json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"})
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A new check that passes its own examples. The schema is where editors find it from there.
#[must_use]
pub fn new_check(kind: &'static Kind, schema: &str) -> String {
    let functions: Vec<String> = functions::FUNCTIONS
        .iter()
        .map(|f| format!("#   {}  {}", f.name, f.about))
        .collect();
    format!(
        "# yaml-language-server: $schema={schema}\n\
         # `sixpillars kinds show {kind}` lists the fields of `r`; functions beside CEL's own:\n{functions}\n\
         title: Name does not say what it is for\n\
         pillar: operational-excellence\n\
         best_practices: [OPS02-BP01]\n\
         severity: low\n\
         resource: {kind}\n\
         parameters: {{shortest: 3}}\n\
         # True when all is well.\n\
         expect: size(r.name) >= p.shortest\n\
         say: \"named {{r.name}}\"\n\
         why: Say in a sentence or two what happens to those who allow it.\n\
         fix:\n  text: Say what to do.\n  effort: minutes\n\
         examples:\n  pass: [{{name: checkout}}]\n  fail: [{{name: x}}]\n",
        kind = kind.name,
        functions = functions.join("\n"),
    )
}
