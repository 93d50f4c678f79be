use super::*;
use crate::model::{Severity, Verdict};
use crate::report::sample::{QUOTED, checks, earlier, finding, hostile_report, inputs_of, report};
use crate::report::{Change, DiffFile, DiffRow, build, json, write_diff_json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::json;
use std::io::Read;

const TEMPLATE: &str = "<p>before</p>\n<!-- @@SIXPILLARS_HEAD@@ -->\n<script>page</script>\n\
                        <!-- @@SIXPILLARS_FINDINGS@@ -->\n<p>after</p>\n";

fn written(report: &Report) -> String {
    let mut page = Vec::new();
    write_into(TEMPLATE, report, None, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn diff_written(old: Report, new: Report) -> String {
    let new = new.since(&old).unwrap();
    let mut page = Vec::new();
    let diff = Diff { old, new };
    write_into(TEMPLATE, &diff.new, Some(&diff), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// The embedded parts of a page by name, and the page without them.
fn taken_apart(page: &str) -> (Map<String, Value>, String) {
    const START: &str = "<script type=\"application/octet-stream;base64\" id=\"report-";
    let (mut parts, mut rest) = (Map::new(), String::new());
    for line in page.lines() {
        let Some(element) = line.strip_prefix(START) else {
            rest += line;
            rest.push('\n');
            continue;
        };
        let element = element.strip_suffix("</script>").unwrap();
        let (name, packed) = element.split_once("\">").unwrap();
        let packed = STANDARD.decode(packed).unwrap();
        let mut text = String::new();
        GzDecoder::new(&packed[..])
            .read_to_string(&mut text)
            .unwrap();
        let lines = text.lines().map(serde_json::from_str);
        let values: Vec<Value> = lines.map(Result::unwrap).collect();
        let one = !name.starts_with("details") && !name.starts_with("differences");
        let value = if one {
            values[0].clone()
        } else {
            json!(values)
        };
        parts.insert(name.to_owned(), value);
    }
    (parts, rest)
}

/// The page is another with every change of `web/`, so this is what is put into it.
#[test]
fn golden_parts() {
    insta::assert_json_snapshot!("html", taken_apart(&written(&report())).0);
    insta::assert_json_snapshot!("html-hostile", taken_apart(&written(&hostile_report())).0);
    let diff = diff_written(earlier(), hostile_report());
    insta::assert_json_snapshot!("html-diff", taken_apart(&diff).0);
}

/// Every row of `diff.json` is in the page: as a change in the table, or as a row beside it.
#[test]
fn the_page_of_a_diff_has_what_only_the_earlier_report_has() {
    let (old, new) = (earlier(), report().since(&earlier()).unwrap());
    let diff = Diff { old, new };
    let mut json = Vec::new();
    write_diff_json(&diff, &mut json).unwrap();
    let all: DiffFile = serde_json::from_slice(&json).unwrap();
    let (parts, _) = taken_apart(&diff_written(earlier(), report()));
    let beside: Vec<DiffRow> = serde_json::from_value(parts["differences-0"].clone()).unwrap();
    assert_eq!(parts["head"]["embed"]["differences"], beside.len());
    let changes = |change| beside.iter().filter(|row| row.change == change).count();
    assert_eq!((changes(Change::Gone), changes(Change::Changed)), (1, 2));
    for row in &all.differences {
        let told = row.is.is_some() && row.why.is_none();
        assert_eq!(beside.contains(row), !told, "{row:?}");
    }
    let in_table = parts["table-0"]["findings"]["change"].as_array().unwrap();
    let of_new = all.differences.iter().filter(|row| row.is.is_some());
    assert_eq!(in_table.len(), of_new.count());
}

#[test]
fn rows_of_a_diff_are_in_blocks() {
    let check = checks().remove(2);
    let gone = (0..=BLOCK).map(|n| finding(&check, &format!("{n:05}"), "", Verdict::Fail));
    let mut old = inputs_of(gone.collect());
    old.scan.started = earlier().scan.started;
    let (parts, _) = taken_apart(&diff_written(build(old), build(inputs_of(Vec::new()))));
    let names: Vec<&String> = parts.keys().collect();
    assert_eq!(names, ["differences-0", "differences-1", "head"]);
    assert_eq!(parts["differences-0"].as_array().unwrap().len(), BLOCK);
    assert_eq!(parts["head"]["embed"]["differences"], BLOCK + 1);
    let same = taken_apart(&diff_written(earlier(), earlier())).0;
    assert_eq!(same["head"]["embed"]["differences"], 0);
    assert!(!same.contains_key("differences-0"));
}

#[test]
fn nothing_of_a_report_becomes_markup() {
    let (parts, page) = taken_apart(&written(&hostile_report()));
    assert_eq!(
        page,
        "<p>before</p>\n\n<script>page</script>\n\n<p>after</p>\n"
    );
    let names = parts["table-0"]["resources"]["name"].as_array().unwrap();
    assert!(names.contains(&json!(QUOTED)));
}

#[test]
fn the_codes_are_positions() {
    for (code, severity) in (0..).zip(Severity::ALL) {
        assert_eq!(severity as u8, code);
    }
    for (code, verdict) in (0..).zip(Verdict::ALL) {
        assert_eq!(verdict as u8, code);
    }
}

/// Columns over several blocks go on where the last block ended.
#[test]
fn blocks_make_up_one_table() {
    let check = checks().remove(0);
    let findings = (0..BLOCK + 2)
        .map(|n| {
            let mut finding = finding(&check, &format!("{n:05}"), "name", Verdict::Fail);
            finding.saves_usd_month = (n > BLOCK).then_some(2.5);
            finding
        })
        .collect();
    let (parts, _) = taken_apart(&written(&build(inputs_of(findings))));
    let names: Vec<&String> = parts.keys().collect();
    assert_eq!(
        names,
        ["details-0", "details-1", "head", "table-0", "table-1"]
    );
    assert_eq!(parts["head"]["embed"]["findings"], BLOCK + 2);
    assert_eq!(parts["details-0"].as_array().unwrap().len(), BLOCK);
    let last = &parts["table-1"];
    assert_eq!(last["findings"]["resource"], json!([BLOCK, BLOCK + 1]));
    assert_eq!(last["findings"]["saves"], json!([[BLOCK + 1, 2.5]]));
    assert_eq!(last["resources"]["id"], json!(["02048", "02049"]));
    assert_eq!(last["resources"]["kinds"], json!([]));
    assert_eq!(last["resources"]["tags"], json!([0, 0]));
}

#[test]
fn a_report_without_findings_has_a_head() {
    let (parts, _) = taken_apart(&written(&build(inputs_of(Vec::new()))));
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["head"]);
}

/// All of `report.json` is in the page: the head and the findings.
#[test]
fn the_head_is_the_report_but_for_the_findings() {
    let report = report();
    let (mut parts, _) = taken_apart(&written(&report));
    let mut whole: Value = serde_json::from_str(&json(&report).unwrap()).unwrap();
    let findings = whole.as_object_mut().unwrap().remove("findings").unwrap();
    let embed = parts["head"].as_object_mut().unwrap().remove("embed");
    assert_eq!(
        embed.unwrap()["findings"],
        findings.as_array().unwrap().len()
    );
    assert_eq!(parts["head"], whole);
}

#[test]
fn a_page_without_places_is_refused() {
    let error = write_into("", &report(), None, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "this build has no report page");
}
