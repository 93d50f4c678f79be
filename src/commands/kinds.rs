//! `kinds`: shows the kinds of resources, and the fields that checks may read.

use super::output::{print, print_json};
use super::table::table;
use super::{CommandError, ExitStatus, no_such};
use crate::check::Kinds;
use crate::cli::{KindFormat, KindsCommand};
use crate::collect::registry;
use crate::kinds::{KIND_SCHEMA, SERVICE_SCHEMA, load, skeleton};
use crate::model::shape::Shape;
use crate::model::{Call, Kind, Per, Scope};
use crate::yaml::{Pos, Problem};
use crate::{atomic_file, config};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// `kinds`: shows the kinds of resources, and the fields that checks may read.
///
/// # Errors
/// [`CommandError`].
pub fn run(command: KindsCommand, models: Option<&Path>) -> Result<ExitStatus, CommandError> {
    if let KindsCommand::New { kind, dir } = &command {
        return new(kind, dir, models);
    }
    let kinds = config::all_kinds();
    match command {
        KindsCommand::List => print(&table_of(&kinds)),
        KindsCommand::Test => {
            // Their problems were reported when they were read.
            let all = load::all();
            print(&format!(
                "{} services, {} kinds, 0 problems\n",
                all.services.len(),
                all.kinds.len()
            ))
        }
        KindsCommand::New { .. } => unreachable!("told before the kinds are read"),
        KindsCommand::Show { kind: name, format } => {
            let kind = registry()
                .into_iter()
                .map(|c| c.kind)
                .find(|k| k.name == name)
                .ok_or_else(|| no_such("kind", &name, kinds.keys().copied()))?;
            match format {
                KindFormat::Text => print(&details(kind, false)),
                KindFormat::Markdown => print(&details(kind, true)),
                KindFormat::Schema => print_json(kind.schema().as_value()),
            }
        }
    }
}

/// Writes the beginning of a kind, and of its service where that is new.
fn new(kind: &str, dir: &Path, models: Option<&Path>) -> Result<ExitStatus, CommandError> {
    let problem = |place: &str, message: String, help: &str| {
        CommandError::Config(vec![
            Problem::new(place, Pos::START, message).with_help(help),
        ])
    };
    let plain = |text: &str, also: char| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == also)
    };
    let parts = kind.split_once('.');
    let Some((service, noun)) = parts.filter(|(s, n)| plain(s, '-') && plain(n, '_')) else {
        return Err(problem(
            kind,
            "not a kind's name".to_owned(),
            "<service>.<noun>, such as kafka.cluster",
        ));
    };
    let path = dir.join(service).join(format!("{noun}.yaml"));
    if path.exists() {
        let place = path.display().to_string();
        return Err(problem(
            &place,
            "is there already".to_owned(),
            "choose another noun",
        ));
    }
    let model = config::model_of(service, models).map_err(|message| {
        let help = "name botocore's data with --models: the folder `botocore/data` below what `pip show \
                    botocore` says";
        problem(service, message, help)
    })?;
    let write = |path: &Path, text: &str| {
        atomic_file::write(path, text).map_err(|e| CommandError::Write(e.to_string()))
    };
    // Where the folder belongs to a copy of this repository, the schemas are in it.
    let schemas = if dir.join("../schemas/kind.schema.json").exists() {
        "../../schemas/"
    } else {
        write(&dir.join("kind.schema.json"), KIND_SCHEMA)?;
        write(&dir.join("service.schema.json"), SERVICE_SCHEMA)?;
        "../"
    };
    let file = dir.join(service).join("service.yaml");
    if !file.exists() {
        write(&file, &skeleton::service(&model.full_name, schemas))?;
    }
    write(&path, &skeleton::kind(&model, noun, schemas))?;
    print(&format!(
        "wrote {}\ntry it: sixpillars kinds test --kinds-dir {}{}\n",
        path.display(),
        dir.display(),
        models.map_or_else(String::new, |models| format!(
            " --models {}",
            models.display()
        ))
    ))
}

/// The kinds as a table.
fn table_of(kinds: &Kinds) -> String {
    let mut rows = table(&["kind", "read", "listed by", "parts"]);
    for (name, fields) in kinds {
        let kind = fields.kind;
        let scope = match kind.scope {
            Scope::Account => "once an account",
            Scope::Region => "in each region",
        };
        let list: Vec<&str> = kind.list.iter().map(|c| c.operation).collect();
        let parts: Vec<&str> = kind.parts.iter().map(|p| p.name).collect();
        rows.add_row([*name, scope, &list.join(", "), &parts.join(", ")]);
    }
    format!("{rows}\n")
}

/// One kind for people: its fields with their types and meanings, and what its parts cost.
#[must_use]
pub fn details(kind: &'static Kind, markdown: bool) -> String {
    let schema = kind.schema();
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
            Per::Batch(size) => format!("once for {size} of them"),
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
    let links = references(kind);
    if !links.is_empty() {
        let _ = writeln!(out, "\nAWS's reference:\n");
    }
    for (operation, link) in links {
        let _ = if markdown {
            writeln!(out, "- [{operation}]({link})")
        } else {
            writeln!(out, "  {operation}  {link}")
        };
    }
    out
}

/// What AWS calls the services of the typed clients where it links to its reference.
const TYPED: [(&str, &str); 5] = [
    ("cloudwatch", "monitoring-2010-08-01"),
    ("ec2", "ec2-2016-11-15"),
    ("iam", "iam-2010-05-08"),
    ("rds", "rds-2014-10-31"),
    ("s3", "s3-2006-03-01"),
];

/// AWS's page about each operation that a kind takes, by operation.
fn references(kind: &'static Kind) -> BTreeMap<String, String> {
    let link = |call: &Call| {
        let typed = TYPED.iter().find(|(service, _)| *service == call.service);
        if let Some((_, uid)) = typed {
            let operation = call.operation;
            return Some(format!(
                "https://docs.aws.amazon.com/goto/WebAPI/{uid}/{operation}"
            ));
        }
        let service = load::all().services.get(call.service)?;
        Some(service.model.reference(call.operation))
    };
    let calls = kind.calls();
    let links = calls.filter_map(|call| {
        let other = kind.name.split('.').next() != Some(call.service);
        let service = if other {
            format!("{}:", call.service)
        } else {
            String::new()
        };
        Some((format!("{service}{}", call.operation), link(call)?))
    });
    links.collect()
}

/// How many calls each kind takes, as a page: for its list, and for a resource with all of its parts.
#[must_use]
pub fn calls(kinds: &Kinds) -> String {
    let mut rows = table(&[
        "kind",
        "list",
        "each resource",
        "several resources",
        "all of them",
    ]);
    rows.load_style(presets::ASCII_MARKDOWN);
    rows.set_content_arrangement(ContentArrangement::Disabled);
    for (name, fields) in kinds {
        let kind = fields.kind;
        let declaration = kind.declaration();
        let list = match (kind.list.len(), declaration.and_then(|d| d.parent)) {
            (0, _) => "none".to_owned(),
            (1, None) => "1 a page".to_owned(),
            (1, Some(parent)) => format!("1 a page of each {parent}"),
            (lists, _) => format!("{lists}, 1 a page each"),
        };
        let (mut each, mut together) = (0, 0);
        let mut several: BTreeMap<String, usize> = BTreeMap::new();
        let describe = declaration.and_then(|d| d.describe.as_ref());
        for part in describe.into_iter().chain(kind.parts) {
            let calls = part.calls.len();
            match part.per {
                Per::Resource => each += calls,
                Per::Kind => together += calls,
                Per::Batch(size) => *several.entry(format!("for {size}")).or_default() += calls,
                Per::Metrics(count) => {
                    let metrics = "metrics, 500 a call, billed".to_owned();
                    *several.entry(metrics).or_default() += count as usize;
                }
                Per::List | Per::Derived => {}
            }
        }
        let several = several.into_iter();
        let several: Vec<String> = several.map(|(of, calls)| format!("{calls} {of}")).collect();
        let number = |calls: usize| {
            if calls == 0 {
                String::new()
            } else {
                calls.to_string()
            }
        };
        rows.add_row([
            (*name).to_owned(),
            list,
            number(each),
            several.join("; "),
            number(together),
        ]);
    }
    format!("{rows}\n")
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
        let shape = Shape::from_schema(field);
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

/// Resolves `allOf` of one schema and `anyOf` with null.
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
