//! The formats that machines read: as they are, held to their schemas, and over hostile text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::sample::{QUOTED, checks, earlier, finding, hostile_report, inputs_of, report};
use super::*;
use crate::model::{Part, Tags, Verdict};
use crate::report::text_safe::clean;
use quick_junit::{TestCase, TestCaseStatus};
use serde_json::json;
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
fn nothing_hidden_and_nothing_for_a_terminal_is_written() {
    for (name, writer) in FORMATS {
        let text = written(writer, &hostile_report());
        for line in text.lines() {
            assert_eq!(line.replace('\u{a0}', " "), clean(line), "{name}");
        }
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
    assert!(quick_junit::Report::deserialize_from_str(&written(write_junit, &empty)).is_ok());
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

/// What the API reference requires and limits.
#[test]
fn asff_is_what_batch_import_findings_takes() {
    let long = format!("{QUOTED}{}", "名".repeat(1_500));
    let check = checks().remove(0);
    let mut huge = finding(&check, &long, &long, Verdict::Fail);
    huge.title = long.clone();
    huge.best_practices = vec![long.clone(); 3];
    huge.gaps = vec![Gap::new(long.clone(), Cause::Denied, long.clone()); 60];
    let tags = (0..60).map(|n| (format!("{n}{long}"), long.clone()));
    huge.resource.tags = Part::Read(tags.collect::<Tags>());
    huge.fix.as_mut().unwrap().text = long.clone();
    let mut empty = finding(&check, "", "", Verdict::Pass);
    empty.say = "\u{202e} ".to_owned();
    let mut findings: Vec<Value> = values(write_asff, &build(inputs_of(vec![huge, empty])));
    findings.extend(values(write_asff, &hostile_report()));
    for asff in &findings {
        assert!(asff.to_string().len() < 240 * 1024);
        let size = |pointer: &str| {
            let text = asff.pointer(pointer).and_then(Value::as_str);
            let text = text.unwrap_or_else(|| panic!("{pointer} of {asff}"));
            assert!(!text.trim().is_empty(), "{pointer}");
            text.chars().count()
        };
        assert_eq!(asff["SchemaVersion"], "2018-10-08");
        assert_eq!(size("/AwsAccountId"), 12);
        assert!(size("/Title") <= 256);
        assert!(size("/Description") <= 1024);
        assert!(size("/Id") <= 512 && size("/GeneratorId") <= 512);
        assert!(size("/Resources/0/Id") <= 512 && size("/Resources/0/Type") <= 256);
        for required in ["/CreatedAt", "/UpdatedAt", "/Types/0", "/Severity/Label"] {
            size(required);
        }
        assert_eq!(asff["Types"][0].as_str().unwrap().split('/').count(), 3);
        let map = |pointer: &str| {
            let map = asff.pointer(pointer).and_then(Value::as_object);
            map.cloned().unwrap_or_default()
        };
        for (key, value) in map("/Resources/0/Tags") {
            assert!(key.chars().count() <= 128 && value.as_str().unwrap().chars().count() <= 256);
        }
        assert!(map("/Resources/0/Tags").len() <= 50);
        for (key, value) in map("/ProductFields") {
            assert!(key.chars().count() <= 128 && value.as_str().unwrap().chars().count() <= 1024);
        }
        if asff.get("Remediation").is_some() {
            assert!(size("/Remediation/Recommendation/Text") <= 512);
        }
    }
}

#[test]
fn asff_says_where_and_how_it_stands() {
    let findings = values(write_asff, &hostile_report());
    let of = |verdict: &str| {
        let of = |f: &&Value| f["ProductFields"]["sixpillars/Verdict"] == verdict;
        findings.iter().find(of).unwrap()
    };
    let status = |verdict| of(verdict)["Compliance"]["Status"].clone();
    assert_eq!(status("pass"), "PASSED");
    assert_eq!(status("fail"), "FAILED");
    assert_eq!(status("unknown"), "NOT_AVAILABLE");
    assert_eq!(status("not_applicable"), "NOT_AVAILABLE");
    assert_eq!(status("exempt"), "FAILED");
    assert_eq!(of("exempt")["Workflow"]["Status"], "SUPPRESSED");
    assert_eq!(of("fail").get("Workflow"), None);
    assert_eq!(of("pass")["Severity"]["Label"], "INFORMATIONAL");
    let arn = |region: &str| {
        json!(format!(
            "arn:aws:securityhub:{region}:111122223333:product/111122223333/default"
        ))
    };
    let regional = findings
        .iter()
        .find(|f| f["Region"] == "eu-west-1")
        .unwrap();
    assert_eq!(regional["ProductArn"], arn("eu-west-1"));
    // What lives in no region goes where the partition has IAM, as that was scanned.
    let global = |f: &&Value| f["Resources"][0].get("Region").is_none();
    let global = findings.iter().find(global).unwrap();
    assert_eq!(global["ProductArn"], arn("us-east-1"));
}

#[test]
fn asff_of_what_lives_in_no_region_goes_to_a_region_that_was_scanned() {
    let check = checks().remove(1);
    let mut root = finding(&check, "111122223333", "prod", Verdict::Fail);
    root.resource.region = "global".to_owned();
    let mut inputs = inputs_of(vec![root]);
    inputs.scan.accounts[0].partition = "aws-cn".to_owned();
    inputs.scan.accounts[0].regions = vec!["cn-northwest-1".to_owned()];
    let findings = values(write_asff, &build(inputs));
    assert_eq!(
        findings[0]["ProductArn"],
        "arn:aws-cn:securityhub:cn-northwest-1:111122223333:product/111122223333/default"
    );
}

#[test]
fn sarif_has_failures_and_unknowns_with_their_places() {
    let sarif = sarif(&hostile_report());
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    let levels = |kind: &str| -> Vec<&str> {
        let of = results.iter().filter(|result| result["kind"] == kind);
        of.map(|result| result["level"].as_str().unwrap()).collect()
    };
    assert_eq!(levels("fail").len() + levels("review").len(), results.len());
    assert_eq!(levels("fail").len(), 7);
    assert_eq!(levels("review"), ["none"; 4]);
    for result in results {
        let location = &result["locations"][0];
        let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str();
        let segments: Vec<&str> = uri.unwrap().split('/').collect();
        assert_eq!(segments[..2], ["aws", "111122223333"]);
        assert_eq!(segments.len(), 5, "{segments:?}");
        let safe = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
        assert!(segments[4].chars().all(safe), "{segments:?}");
        // An unescaped bracket would be a link.
        assert!(!result["message"]["text"].as_str().unwrap().contains("n[x]"));
    }
    let open = |r: &&Value| {
        r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "arn:aws:test:::open"
    };
    let open = results.iter().find(open).unwrap();
    assert_eq!(open["level"], "error");
    let rule = &run["tool"]["driver"]["rules"]
        [usize::try_from(open["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], "s3/bucket-public");
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert_eq!(
        run["invocations"][0]["toolExecutionNotifications"],
        json!([])
    );
}

#[test]
fn sarif_that_is_cut_keeps_the_most_severe_and_says_so() {
    let report = report();
    let mut text = Vec::new();
    super::sarif::write_at_most(&report, 7, &mut text).unwrap();
    let sarif: Value = serde_json::from_slice(&text).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 7);
    assert_eq!(results.iter().filter(|r| r["kind"] == "fail").count(), 6);
    // Of the unknown ones, the critical ones come before the high one.
    let unknown = results.iter().find(|r| r["kind"] == "review").unwrap();
    assert_eq!(unknown["properties"]["severity"], "critical");
    let notice = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    let notice = notice["message"]["text"].as_str().unwrap();
    assert!(
        notice.starts_with("2 of 9 results are left out"),
        "{notice}"
    );
}

#[test]
fn junit_counts_and_survives_hostile_text() {
    let text = written(write_junit, &hostile_report());
    let junit = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let suites: Vec<&str> = junit.test_suites.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(suites, ["Security", "Reliability", "Cost Optimization"]);
    let security = &junit.test_suites[0];
    assert_eq!(
        (security.tests, security.failures, security.errors),
        (9, 2, 3)
    );
    let skipped = |case: &&TestCase| matches!(case.status, TestCaseStatus::Skipped { .. });
    let cost = &junit.test_suites[2];
    assert_eq!(cost.test_cases.iter().filter(skipped).count(), 1);
    let name = format!(
        "{} ({}) in 111122223333 global",
        clean(QUOTED),
        clean(QUOTED)
    );
    // The resource's id and name are the same here, so it stands there once.
    let name = name.replace(&format!(" ({})", clean(QUOTED)), "");
    assert!(
        security
            .test_cases
            .iter()
            .any(|case| case.name.as_str() == name)
    );
    assert!(!text.contains("<script>"));
}

#[test]
fn prometheus_has_no_resources_and_counts_everything() {
    let report = hostile_report();
    let text = written(write_prometheus, &report);
    assert!(!text.contains("vol-") && !text.contains("cmd("));
    let mut sum = 0.0_f64;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = value.parse().unwrap();
        assert!(value.is_finite(), "{line}");
        if series.starts_with("sixpillars_findings{") {
            sum += value;
        }
    }
    assert_eq!(sum.to_string(), report.findings.len().to_string());
    let failed = "sixpillars_findings{account=\"111122223333\",pillar=\"cost-optimization\",\
                  severity=\"medium\",verdict=\"fail\"} 5\n";
    assert!(text.contains(failed));
    assert!(text.contains("sixpillars_api_throttled{service=\"ec2\"} 1\n"));
    assert!(text.contains("sixpillars_scan_duration_seconds 65.5\n"));
    // Nothing was decided there, so there is no score.
    assert!(!text.contains("sixpillars_score{pillar=\"reliability\"}"));
}

#[test]
fn prometheus_labels_are_escaped() {
    let mut inputs = inputs_of(Vec::new());
    inputs.calls[0].service = "a\"b\\c\nd".to_owned();
    let text = written(write_prometheus, &build(inputs));
    assert!(
        text.contains("sixpillars_api_calls{service=\"a\\\"b\\\\c d\"} 1\n"),
        "{text}"
    );
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
