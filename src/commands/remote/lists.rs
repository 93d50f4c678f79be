//! `remote … list`: audits, findings and targets.

use crate::cli::{AuditState, FindingsArgs, ListFormat};
use crate::commands::output::{print, print_json};
use crate::commands::table::table;
use crate::commands::{CommandError, ExitStatus};
use crate::remote::{Service, query};
use crate::report::sanitize::clean_short;
use clap::ValueEnum;
use serde_json::{Value, json};

/// Items of a page at most.
const PAGE: usize = 500;
/// Characters of a cell.
const CELL: usize = 120;

/// Which audits.
pub(super) struct Which<'a> {
    pub(super) target: Option<&'a str>,
    pub(super) state: Option<AuditState>,
    pub(super) schedule: Option<&'a str>,
}

/// The name of a value as it is typed.
fn name(value: &impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

/// Items of as many pages as it takes, and how many there are in all where the service says so.
async fn items(
    service: &Service,
    path: &str,
    values: &[(&str, Option<String>)],
    most: usize,
) -> Result<(Vec<Value>, Option<i64>, bool), CommandError> {
    let (mut items, mut total, mut cursor) = (Vec::new(), None, None);
    loop {
        let left = (most - items.len()).clamp(1, PAGE);
        let mut values = values.to_vec();
        values.push(("limit", Some(left.to_string())));
        values.push(("cursor", cursor));
        let page = service.get(&query(path, &values)).await?;
        let found = page["items"].as_array();
        let found = found.ok_or_else(|| service.unexpected_answer("a list without items"))?;
        items.extend(found.iter().cloned());
        total = total.or(page["total"].as_i64());
        cursor = page["next"].as_str().map(ToOwned::to_owned);
        let more = cursor.is_some();
        if !more || items.len() >= most || found.is_empty() {
            items.truncate(most);
            return Ok((items, total, more));
        }
    }
}

/// A value as a cell of a table.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => clean_short(text, CELL),
        Value::Null => String::new(),
        other => clean_short(&other.to_string(), CELL),
    }
}

/// A table, and what it leaves out.
pub(super) fn show(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    more: Option<&str>,
) -> Result<ExitStatus, CommandError> {
    let mut table = table(header);
    for row in rows {
        table.add_row(row);
    }
    let more = more.map_or(String::new(), |more| format!("{more}\n"));
    print(&format!("{table}\n{more}"))
}

/// `remote audits list`.
pub(super) async fn audits(
    service: &Service,
    which: &Which<'_>,
    limit: usize,
    format: ListFormat,
) -> Result<ExitStatus, CommandError> {
    let values = [
        ("target", which.target.map(ToOwned::to_owned)),
        ("state", which.state.as_ref().and_then(name)),
        ("schedule", which.schedule.map(ToOwned::to_owned)),
    ];
    let (audits, _, more) = items(service, "/api/v1/audits", &values, limit.max(1)).await?;
    if format == ListFormat::Json {
        return print_json(&json!(audits));
    }
    let header = [
        "id", "target", "state", "queued", "ended", "failed", "new", "unknown", "by",
    ];
    let rows = audits.iter().map(|audit| {
        let result = &audit["result"];
        [
            &audit["id"],
            &audit["target"],
            &audit["state"],
            &audit["queued"],
            &audit["ended"],
            &result["fails"],
            &result["new_fails"],
            &result["unknown"],
            &audit["requested_by"],
        ]
        .map(cell)
        .to_vec()
    });
    show(&header, rows, more.then_some("there are more: --limit"))
}

/// `remote findings list`.
pub(super) async fn findings(
    service: &Service,
    args: &FindingsArgs,
) -> Result<ExitStatus, CommandError> {
    // A comma in a value is no end of it.
    let words = |words: &[String]| {
        let words = words
            .iter()
            .map(|word| word.replace('\\', "\\\\").replace(',', "\\,"));
        Some(words.collect::<Vec<_>>().join(","))
    };
    let pillars: Vec<String> = args.pillar.iter().map(|p| p.id().to_owned()).collect();
    let severities: Vec<String> = args.severity.iter().map(ToString::to_string).collect();
    let values = [
        ("target", words(&args.target)),
        ("account", words(&args.account)),
        ("region", words(&args.region)),
        ("pillar", words(&pillars)),
        ("severity", words(&severities)),
        ("verdict", words(&args.verdict)),
        ("service", words(&args.service)),
        ("kind", words(&args.kind)),
        ("check", words(&args.check)),
        ("tag", words(&args.tag)),
        ("practice", words(&args.practice)),
        ("framework", words(&args.framework)),
        ("effort", words(&args.effort)),
        ("q", args.text.clone()),
        ("sort", name(&args.sort)),
    ];
    let limit = args.limit.max(1);
    let (findings, total, more) = items(service, "/api/v1/findings", &values, limit).await?;
    if args.format == ListFormat::Json {
        return print_json(&json!(findings));
    }
    let header = [
        "severity", "verdict", "check", "target", "region", "resource", "since", "says",
    ];
    let rows = findings.iter().map(|finding| {
        [
            &finding["severity"],
            &finding["verdict"],
            &finding["check"],
            &finding["target"],
            &finding["region"],
            &finding["name"],
            &finding["since"],
            &finding["say"],
        ]
        .map(cell)
        .to_vec()
    });
    let shown = findings.len();
    let left = match total {
        Some(total) => format!("{shown} of {total} findings: --limit shows more"),
        None => "there are more: --limit".to_owned(),
    };
    show(&header, rows, more.then_some(left.as_str()))
}

/// `remote targets list`.
pub(super) async fn targets(
    service: &Service,
    format: ListFormat,
) -> Result<ExitStatus, CommandError> {
    let answer = service.get("/api/v1/targets").await?;
    let targets = answer["items"].as_array();
    let targets = targets.ok_or_else(|| service.unexpected_answer("a list without items"))?;
    if format == ListFormat::Json {
        return print_json(&json!(targets));
    }
    let header = [
        "target",
        "owners",
        "regions",
        "last audit",
        "scores by pillar",
    ];
    let list = |value: &Value| {
        let words = value.as_array().into_iter().flatten().map(cell);
        words.collect::<Vec<_>>().join(", ")
    };
    let rows = targets.iter().map(|target| {
        let pillars = target["pillars"].as_array();
        let pillars = pillars.map_or(&[][..], Vec::as_slice);
        let scores = pillars.iter().map(|pillar| match &pillar["score"] {
            // Nothing passed or failed: there is no score, and 0 would be one.
            Value::Null => format!("{} –", cell(&pillar["pillar"])),
            score => format!("{} {}", cell(&pillar["pillar"]), cell(score)),
        });
        let removed = !target["removed"].is_null();
        let gone = if removed { " (removed)" } else { "" };
        vec![
            format!("{}{gone}", cell(&target["name"])),
            list(&target["owners"]),
            list(&target["regions"]),
            pillars.first().map_or(String::new(), |p| cell(&p["at"])),
            scores.collect::<Vec<_>>().join(", "),
        ]
    });
    show(&header, rows, None)
}
