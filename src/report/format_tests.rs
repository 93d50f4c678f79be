//! The formats that machines read: as they are, held to their schemas, and over hostile text.

mod asff;
mod exposition;
mod hostile;
mod junit;
mod prometheus;
mod sarif;

use super::sample::{QUOTED, checks, earlier, finding, hostile_report, inputs_of, report};
use super::*;
use crate::model::{Finding, Verdict};
use serde_json::{Value, json};
use std::io::{self, Write};

type Writer = fn(&Report, &mut dyn Write) -> io::Result<()>;

const FORMATS: [(&str, Writer); 7] = [
    ("csv", write_csv),
    ("ndjson", write_ndjson),
    ("ocsf", write_ocsf),
    ("asff", write_asff),
    ("sarif", write_sarif),
    ("junit", write_junit),
    ("prometheus", write_prometheus),
];

fn written(writer: Writer, report: &Report) -> String {
    let mut text = Vec::new();
    writer(report, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn values(writer: Writer, report: &Report) -> Vec<Value> {
    serde_json::from_str(&written(writer, report)).unwrap()
}

/// Every problem of a value under a schema.
fn problems(schema: &str, value: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors = schema.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

const NO_PROBLEMS: Vec<String> = Vec::new();

fn sarif(report: &Report) -> Value {
    let sarif = serde_json::from_str(&written(write_sarif, report)).unwrap();
    let schema = include_str!("../../tests/schemas/sarif-2.1.0.json");
    assert_eq!(problems(schema, &sarif), NO_PROBLEMS);
    sarif
}

#[test]
fn golden_files() {
    for (name, writer) in FORMATS {
        insta::assert_snapshot!(name, written(writer, &hostile_report()));
    }
}

#[test]
fn a_report_without_findings_is_written_whole() {
    let empty = build(inputs_of(Vec::new()));
    assert_eq!(values(write_ocsf, &empty), Vec::<Value>::new());
    assert_eq!(values(write_asff, &empty), Vec::<Value>::new());
    assert_eq!(written(write_ndjson, &empty), "");
    assert_eq!(sarif(&empty)["runs"][0]["results"], json!([]));
    assert_eq!(written(write_csv, &empty).lines().count(), 1);
    assert_eq!(junit::cases(&written(write_junit, &empty)), []);
    assert!(written(write_prometheus, &empty).contains("sixpillars_gaps 0\n"));
}

#[test]
fn ndjson_keeps_every_character() {
    let report = hostile_report();
    let text = written(write_ndjson, &report);
    let back: Vec<Finding> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let findings: Vec<Finding> = report.findings.iter().map(Result::unwrap).collect();
    assert_eq!(back, findings);
    assert!(back.iter().any(|finding| finding.resource.name == QUOTED));
}

#[test]
fn csv_has_a_row_for_each_finding_and_no_formula() {
    let report = hostile_report();
    let text = written(write_csv, &report);
    let mut rows = ::csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<::csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len() as u64, report.findings.len());
    for cell in rows.iter().flat_map(|row| row.iter()) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        assert!(!cell.contains('\n'), "{cell}");
    }
    assert!(text.contains(r#"'=cmd(""x"")'"#), "{text}");
}

#[test]
fn ocsf_events_fit_their_schema() {
    let schema = include_str!("../../tests/schemas/ocsf-1.6.0-compliance-finding.json");
    let events = values(write_ocsf, &hostile_report());
    for event in &events {
        assert_eq!(problems(schema, event), NO_PROBLEMS);
    }
    let status = |verdict: Verdict| {
        let of = |e: &&Value| e["compliance"]["status_code"] == verdict.id();
        let event = events.iter().find(of).unwrap();
        let compliance = &event["compliance"];
        (compliance["status"].clone(), event["status"].clone())
    };
    assert_eq!(status(Verdict::Pass), (json!("Pass"), json!("New")));
    assert_eq!(status(Verdict::Unknown), (json!("Warning"), json!("New")));
    assert_eq!(status(Verdict::Fail), (json!("Fail"), json!("New")));
    assert_eq!(
        status(Verdict::Exempt),
        (json!("Fail"), json!("Suppressed"))
    );
    let mut misspelt = events[0].clone();
    misspelt["complience"] = json!({});
    assert_eq!(problems(schema, &misspelt).len(), 1);
}

#[test]
fn formats_that_have_a_field_for_it_say_what_changed_and_keep_every_finding() {
    let report = report().since(&earlier()).unwrap();
    let id = |id: &str| finding(&checks()[2], id, "data", Verdict::Fail).id.0;
    let sarif = sarif(&report);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let state = |id: &str| {
        let mut all = results.iter();
        let of = |r: &&Value| r["partialFingerprints"]["findingId/v1"] == *id;
        all.find(of).unwrap()["baselineState"].clone()
    };
    assert_eq!(state(&id("vol-1")), "unchanged");
    assert_eq!(state(&id("vol-3")), "new");
    let unknown = finding(&checks()[0], "secret-1", "", Verdict::Unknown).id.0;
    assert_eq!(state(&unknown), "updated");
    let events = values(write_ocsf, &report);
    assert_eq!(events.len() as u64, report.findings.len());
    let schema = include_str!("../../tests/schemas/ocsf-1.6.0-compliance-finding.json");
    let first = |id: &str| {
        let mut all = events.iter();
        let event = all.find(|e| e["finding_info"]["uid"] == *id).unwrap();
        assert_eq!(problems(schema, event), NO_PROBLEMS);
        event["finding_info"]["first_seen_time"].as_i64()
    };
    // 2026-10-01T00:00:00Z, the day of the baseline.
    assert_eq!(first(&id("vol-1")), Some(1_790_812_800_000));
    assert_eq!(first(&id("vol-9")), None);
}
