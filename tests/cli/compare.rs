//! `diff` and `--baseline`: what changed between two reports.

use super::{NOVEMBER, OCTOBER, Volumes, denied, judge, judged, read, sixpillars, snapshot};
use predicates::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;

#[test]
fn with_a_baseline_only_what_is_new_is_shown_and_breaks_gates() {
    let folder = tempfile::tempdir().unwrap();
    let old = judged(folder.path(), "old", OCTOBER, Ok(&["vol-1", "vol-2"]));
    let gate = folder.path().join("gate.yaml");
    fs::write(
        &gate,
        "name: new\ngates: [{severity: low, new_only: true}]\n",
    )
    .unwrap();
    // The volumes now; what is new, fixed, failing still, unknown and gone; the exit code.
    let cases: [(&str, Volumes<'_>, [u64; 5], i32); 4] = [
        ("same", Ok(&["vol-1", "vol-2"]), [0, 0, 2, 0, 0], 0),
        ("more", Ok(&["vol-2", "vol-3"]), [1, 0, 1, 0, 1], 1),
        ("none", Ok(&[]), [0, 0, 0, 0, 2], 0),
        ("denied", Err(denied()), [0, 0, 0, 2, 0], 0),
    ];
    for (name, volumes, counts, code) in cases {
        let file = folder.path().join(format!("{name}.snapshot"));
        snapshot(&file, NOVEMBER, volumes);
        let out = folder.path().join(name);
        for flags in [["--fail-on", "low"], ["--policy", gate.to_str().unwrap()]] {
            let mut command = judge(&file);
            command.args(flags).arg("--baseline").arg(&old);
            command
                .args(["--format", "text,json,sarif"])
                .arg("--output")
                .arg(&out);
            command.assert().code(code);
        }
        let report = read(&out.join("report.json"));
        let comparison = &report["comparison"];
        let keys = ["new", "fixed", "still_failing", "became_unknown", "gone"];
        let counted = keys.map(|key| comparison["counts"][key].as_u64().unwrap());
        assert_eq!(counted, counts, "{name}");
        let text = fs::read_to_string(out.join("report.txt")).unwrap();
        assert!(!text.contains("vol-2"), "{name}: {text}");
        assert_eq!(text.contains("vol-3"), name == "more", "{text}");
        let failed = report["pillars"].as_array().unwrap().iter();
        let failed: u64 = failed.map(|p| p["counts"]["fail"].as_u64().unwrap()).sum();
        assert_eq!(
            failed,
            counts[0] + counts[2],
            "{name}: the file has all of them"
        );
        let sarif = read(&out.join("report.sarif"));
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let new = results
            .iter()
            .filter(|r| r["baselineState"] == "new")
            .count();
        assert!(results.iter().all(|r| r["baselineState"].is_string()));
        assert_eq!(new as u64, counts[0], "{name}");
    }
    // Without the baseline, all of them break it.
    judge(&folder.path().join("same.snapshot"))
        .args(["--fail-on", "low", "--format", "markdown"])
        .assert()
        .code(1);
}

#[test]
fn a_diff_is_written_in_every_format_and_never_calls_fixed_what_was_denied() {
    let folder = tempfile::tempdir().unwrap();
    let old = judged(folder.path(), "old", OCTOBER, Ok(&["vol-1", "vol-2"]));
    let new = judged(folder.path(), "new", NOVEMBER, Err(denied()));
    let out = folder.path().join("diff");
    sixpillars()
        .arg("diff")
        .args([&old, &new])
        .args([
            "--format",
            "text,json,markdown,html",
            "--fail-on",
            "info",
            "--output",
        ])
        .arg(&out)
        .assert()
        .success()
        .stdout(predicate::str::contains(
            "2 became unknown, 0 fixed, 0 gone",
        ));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 4);
    let page = fs::read_to_string(out.join("diff.html")).unwrap();
    assert!(page.contains("id=\"report-differences-0\""));
    let diff = read(&out.join("diff.json"));
    let schema = include_str!("../../schemas/diff.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> = schema.iter_errors(&diff).map(|e| e.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
    for difference in diff["differences"].as_array().unwrap() {
        assert_eq!(difference["change"], "became_unknown");
        assert_eq!(difference["why"], "list_not_read");
    }
    // The other way round, everything in the list fails newly: it was not known before.
    let later = judged(
        folder.path(),
        "later",
        "2026-12-01T06:00:00Z",
        Ok(&["vol-1"]),
    );
    sixpillars()
        .arg("diff")
        .args([&new, &later])
        .args(["--fail-on", "low"])
        .assert()
        .code(1)
        .stdout(predicate::str::contains("1 new"));
}

#[test]
fn reports_that_cannot_be_compared_are_named_with_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let old = judged(folder.path(), "old", OCTOBER, Ok(&["vol-1"]));
    let new = judged(folder.path(), "new", NOVEMBER, Ok(&["vol-1"]));
    let foreign = folder.path().join("foreign.json");
    let text = fs::read_to_string(&old).unwrap();
    fs::write(&foreign, text.replace("111122223333", "444455556666")).unwrap();
    let version = folder.path().join("version.json");
    fs::write(
        &version,
        text.replace("sixpillars/report/1", "sixpillars/report/0"),
    )
    .unwrap();
    let none = folder.path().join("none.json");
    fs::write(&none, "{\"schema\": \"sixpillars/report/1\"}").unwrap();
    let refused = |old: &Path, new: &Path, message: &str| {
        let refused = sixpillars().arg("diff").args([old, new]).assert().code(2);
        refused.stderr(predicate::str::contains(message));
        if old != new {
            let file = folder.path().join("new.snapshot");
            let refused = judge(&file).arg("--baseline").arg(old).assert();
            refused.code(if message.contains("newer") { 0 } else { 2 });
        }
    };
    refused(&new, &new, "this is the same file twice");
    refused(&new, &old, "the baseline is newer");
    refused(&foreign, &new, "the baseline is of account 444455556666");
    refused(&version, &new, "a report of version `sixpillars/report/0`");
    refused(&none, &new, "not a report");
    // Both at once.
    sixpillars()
        .arg("diff")
        .args([&none, &version])
        .assert()
        .code(2)
        .stderr(
            predicate::str::contains("none.json").and(predicate::str::contains("version.json")),
        );
    // Before any call: there are no credentials here.
    for file in [&none, &version] {
        sixpillars()
            .args(["scan", "--regions", "eu-west-1", "--baseline"])
            .arg(file)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .assert()
            .code(2)
            .stderr(predicate::str::contains("report"));
    }
    sixpillars()
        .args([
            "scan",
            "--role-arn",
            "arn:aws:iam::999999999999:role/audit",
            "--baseline",
        ])
        .arg(&old)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .assert()
        .code(2)
        .stderr(predicate::str::contains("this is account 999999999999"));
}
