//! `checks`: lists, shows, tests and starts checks.

use super::output::{print, print_json};
use super::results::today;
use super::table::table;
use super::{CommandError, ExitStatus, catalog, no_such};
use crate::check::{self, Catalog, Check, Kinds, functions};
use crate::cli::{ChecksCommand, ListFormat};
use crate::derive::derivations;
use crate::judge::examples;
use crate::model::Kind;
use crate::plan::{self, Target};
use crate::report::sanitize;
use crate::yaml::{Pos, Problem};
use crate::{atomic_file, config};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// `checks`: lists, shows, tests and starts checks.
///
/// # Errors
/// [`CommandError`].
pub fn run(command: ChecksCommand) -> Result<ExitStatus, CommandError> {
    match command {
        ChecksCommand::List { select, format } => {
            let selected = config::select(&select, &[], today(Timestamp::now()))?;
            match format {
                ListFormat::Text => print(&table_of(&selected.catalog)),
                ListFormat::Json => print_json(&as_json(&selected.catalog)),
            }
        }
        ChecksCommand::Show { id, checks_dir } => {
            let (kinds, catalog) = catalog(&checks_dir)?;
            let check = catalog
                .get(&id)
                .ok_or_else(|| no_such("check", &id, catalog.iter().map(|c| c.id.as_str())))?;
            print(&details(check, &kinds))
        }
        ChecksCommand::Test { select } => {
            let selected = config::select(&select, &[], today(Timestamp::now()))?;
            let (problems, run) =
                examples::test(&selected.catalog, &selected.kinds, Timestamp::now());
            let mut lines = problems.clone();
            lines.push(format!(
                "{} checks, {run} examples, {} problems\n",
                selected.catalog.len(),
                problems.len()
            ));
            print(&lines.join("\n"))?;
            Ok(if problems.is_empty() {
                ExitStatus::Done
            } else {
                ExitStatus::GateBroken
            })
        }
        ChecksCommand::New { id, resource, dir } => new(&id, &resource, &dir),
    }
}

fn new(id: &str, resource: &str, dir: &Path) -> Result<ExitStatus, CommandError> {
    let kinds = config::all_kinds();
    let kind = kinds
        .get(resource)
        .ok_or_else(|| no_such("kind", resource, kinds.keys().copied()))?
        .kind;
    let plain = |s: &str| {
        !s.is_empty()
            && s.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let at = Pos::START;
    if !id
        .split_once('/')
        .is_some_and(|(service, flaw)| plain(service) && plain(flaw))
    {
        let problem = Problem::new(id, at, "not a check id");
        return Err(CommandError::Config(vec![
            problem.with_help("<service>/<flaw>, such as ec2/instance-too-old"),
        ]));
    }
    let path = dir.join(format!("{id}.yaml"));
    if path.exists() {
        let problem = Problem::new(&path.display().to_string(), at, "exists already");
        return Err(CommandError::Config(vec![problem]));
    }
    let write = |path: &Path, text: &str| {
        atomic_file::write(path, text).map_err(|e| CommandError::Write(e.to_string()))
    };
    // In a copy of this repository, the schema already exists.
    let schema = if dir.join("../schemas/check.schema.json").exists() {
        "../../schemas/check.schema.json"
    } else {
        write(&dir.join("check.schema.json"), check::SCHEMA)?;
        "../check.schema.json"
    };
    write(&path, &template(kind, schema))?;
    print(&format!(
        "wrote {}; editors complete it from {schema}\n\
         try it: sixpillars checks test --checks-dir {} --checks {id}\n",
        path.display(),
        dir.display()
    ))
}

/// The selected checks as a table.
fn table_of(catalog: &Catalog) -> String {
    let mut rows = table(&["check", "pillar", "severity", "resource", "title"]);
    for check in catalog.iter() {
        let file = &check.file;
        rows.add_row([
            check.id.as_str(),
            file.pillar.id(),
            file.severity.id(),
            &file.resource,
            &sanitize::clean(&file.title),
        ]);
    }
    format!("{rows}\n{} checks\n", catalog.len())
}

/// The selected checks as JSON.
fn as_json(catalog: &Catalog) -> Value {
    let row = |check: &Check| {
        let mut row = serde_json::to_value(&check.file).unwrap_or_default();
        row["id"] = json!(check.id);
        row
    };
    Value::Array(catalog.iter().map(|check| row(check)).collect())
}

/// One check for people.
fn details(check: &Check, kinds: &Kinds) -> String {
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
    // Including everything that derived parts are computed from.
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

/// A new check that passes its own examples. `schema` is the path of the JSON schema, for editors.
fn template(kind: &'static Kind, schema: &str) -> String {
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
