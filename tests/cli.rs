//! The program as users meet it, without a network: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "cli/checks.rs"]
mod checks;
#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/generated.rs"]
mod generated;
#[path = "cli/outputs.rs"]
mod outputs;
#[path = "cli/permissions.rs"]
mod permissions;
#[path = "cli/remote.rs"]
mod remote;

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;
use sixpillars::model::{Cause, Document, Gap};
use sixpillars::plan::{JobResult, PlannedJob};
use sixpillars::report::{Cost, ScannedAccount};
use sixpillars::scan::snapshot::{self, End};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The program in an environment that has nothing of the machine's.
fn sixpillars() -> Command {
    let mut command = Command::cargo_bin("sixpillars").unwrap();
    command.env_clear();
    command
}

fn json(command: &mut Command) -> Value {
    let output = command.assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn help_teaches_and_lists_the_exit_codes() {
    sixpillars().arg("--help").assert().success().stdout(
        predicate::str::contains("Exit codes").and(predicate::str::contains("permissions")),
    );
}

#[test]
fn the_manual_has_every_command_with_its_flags() {
    let all = sixpillars()
        .arg("man")
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let all = String::from_utf8(all).unwrap();
    for flag in [
        "\\-\\-allow\\-paid",
        "\\-\\-min\\-coverage",
        "\\-\\-checks\\-dir",
    ] {
        assert!(all.contains(flag), "{flag}");
    }
    let folder = tempfile::tempdir().unwrap();
    let written = sixpillars()
        .args(["man", "--output"])
        .arg(folder.path())
        .assert();
    written.success();
    for page in [
        "sixpillars.1",
        "sixpillars-scan.1",
        "sixpillars-checks-new.1",
    ] {
        let text = fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(all.contains(&text), "{page}");
    }
}

#[test]
fn without_credentials_a_scan_says_what_to_do() {
    sixpillars()
        .args([
            "scan",
            "--regions",
            "eu-west-1",
            "--checks",
            "ec2/volume-gp2",
        ])
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .assert()
        .code(3)
        .stderr(predicate::str::contains("--profile"));
}

#[test]
fn bad_values_are_refused_where_they_are_typed() {
    for args in [
        ["scan", "--regions", "europe"],
        ["scan", "--pillars", "beauty"],
        ["scan", "--role-arn", "admin"],
        ["scan", "--allow-paid", "-1"],
    ] {
        sixpillars()
            .args(args)
            .assert()
            .code(2)
            .stderr(predicate::str::contains("error"));
    }
}

#[test]
fn files_that_are_no_reports_or_snapshots_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.json");
    fs::write(&file, "{}").unwrap();
    let path = file.to_str().unwrap();
    sixpillars()
        .args(["report", path])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("x.json"));
    sixpillars()
        .args(["judge", path])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("x.json"));
}

/// The golden `report.json` of the report's own tests.
fn golden_report() -> String {
    let path = "src/report/snapshots/sixpillars__report__tests__json.snap";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(path).unwrap();
    let (_, json) = text.split_once("\n---\n").unwrap();
    json.to_owned()
}

const FORMATS: [(&str, &str); 11] = [
    ("text", "report.txt"),
    ("json", "report.json"),
    ("ndjson", "report.ndjson"),
    ("html", "report.html"),
    ("markdown", "report.md"),
    ("csv", "report.csv"),
    ("ocsf", "report.ocsf.json"),
    ("asff", "report.asff.json"),
    ("sarif", "report.sarif"),
    ("junit", "report.junit.xml"),
    ("prometheus", "report.prom"),
];

#[test]
fn a_report_is_written_in_every_format_at_once() {
    // On a machine without Node.js the program is built without the page.
    let there = |(name, _): &(&str, &str)| *name != "html" || sixpillars::report::has_page();
    let formats: Vec<(&str, &str)> = FORMATS.into_iter().filter(there).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("golden.json");
    fs::write(&file, golden_report()).unwrap();
    let out = folder.path().join("out");
    sixpillars()
        .arg("report")
        .arg(&file)
        .args([
            "--format",
            &formats
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>()
                .join(","),
        ])
        .arg("--output")
        .arg(&out)
        .assert()
        .success();
    for (_, name) in &formats {
        let length = fs::metadata(out.join(name)).unwrap().len();
        assert!(length > 0, "{name}");
    }
    assert_eq!(fs::read_dir(&out).unwrap().count(), formats.len());
    let again = fs::read_to_string(out.join("report.json")).unwrap();
    assert_eq!(again.trim_end(), golden_report().trim_end());
}

#[test]
fn without_a_folder_a_report_goes_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("golden.json");
    fs::write(&file, golden_report()).unwrap();
    let report: Value = serde_json::from_str(&golden_report()).unwrap();
    let output = sixpillars()
        .arg("report")
        .arg(&file)
        .args(["--format", "ndjson"])
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let lines = String::from_utf8(output).unwrap();
    let findings: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(Value::Array(findings), report["findings"]);
}

/// The ids of what a list holds, or why it could not be read.
type Volumes<'a> = Result<&'a [&'a str], Gap>;

/// A snapshot of one account and region with volumes of type gp2, or a gap for their list.
fn snapshot(path: &Path, started: &str, volumes: Volumes<'_>) {
    let account = ScannedAccount {
        id: "111122223333".to_owned(),
        alias: None,
        partition: "aws".to_owned(),
        caller: None,
        regions: vec!["eu-west-1".to_owned()],
    };
    let header = snapshot::header(started.parse().unwrap(), vec![account]);
    let mut writer = snapshot::Writer::create(path, &header).unwrap();
    for id in volumes.as_ref().copied().unwrap_or_default() {
        let resource = serde_json::json!({
            "kind": "ec2.volume", "id": id, "arn": null, "name": id,
            "account": "111122223333", "region": "eu-west-1", "tags": {},
        });
        let fields = serde_json::json!({
            "volume_type": "gp2", "size_gib": 8, "iops": 100, "managed_by_aws": false,
        });
        let document = Document {
            resource: serde_json::from_value(resource).unwrap(),
            fields: serde_json::from_value(fields).unwrap(),
            gaps: BTreeMap::new(),
        };
        writer.document(&document).unwrap();
    }
    let job = PlannedJob {
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        kind: "ec2.volume",
        parts: BTreeSet::new(),
    };
    let listed = volumes.map(|_| ());
    let end = End {
        finished: started.parse().unwrap(),
        calls: Vec::new(),
        cost: Cost::default(),
    };
    writer.finish(&[JobResult { job, listed }], end).unwrap();
}

/// Judges volumes by one check, into a folder of that name.
fn judged(folder: &Path, name: &str, started: &str, volumes: Volumes<'_>) -> PathBuf {
    let file = folder.join(format!("{name}.snapshot"));
    snapshot(&file, started, volumes);
    let out = folder.join(name);
    judge(&file).arg("--output").arg(&out).assert().success();
    out.join("report.json")
}

fn judge(snapshot: &Path) -> Command {
    let mut command = sixpillars();
    command
        .arg("judge")
        .arg(snapshot)
        .args(["--checks", "ec2/volume-gp2"]);
    command
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn denied() -> Gap {
    Gap::new(
        "ec2:DescribeVolumes",
        Cause::Denied,
        "UnauthorizedOperation",
    )
}

const OCTOBER: &str = "2026-10-01T06:00:00Z";
const NOVEMBER: &str = "2026-11-01T06:00:00Z";

#[test]
fn attestations_are_reported_beside_the_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.snapshot");
    snapshot(&file, NOVEMBER, Ok(&["vol-1"]));
    let policy = folder.path().join("review.yaml");
    let text = "name: review\nattestations:\n  \
                - {practice: OPS01-BP01, status: not_met, owner: o, date: 2026-10-01, expires: 2027-10-01}\n  \
                - {practice: COST06-BP02, status: met, owner: o, date: 2026-10-01, expires: 2027-10-01}\n";
    fs::write(&policy, text).unwrap();
    let report = json(
        judge(&file)
            .arg("--policy")
            .arg(&policy)
            .args(["--format", "json"]),
    );
    let practice = |id: &str| {
        let mut all = report["practices"].as_array().unwrap().iter();
        all.find(|practice| practice["id"] == id).unwrap()
    };
    assert_eq!(practice("OPS01-BP01")["attestation"]["state"], "valid");
    assert_eq!(practice("OPS01-BP01")["status"], "no_evidence");
    assert_eq!(
        practice("COST06-BP02")["attestation"]["state"],
        "contradicted"
    );
    assert_eq!(practice("COST06-BP02")["status"], "at_risk");
    assert_eq!(report["pillars"][0]["high_risk_issues"], 1);
    fs::write(
        &policy,
        text.replace("OPS01-BP01", "OPS01-BP1")
            .replace("2027-10-01", "2026-09-30"),
    )
    .unwrap();
    sixpillars()
        .args(["policy", "validate", policy.to_str().unwrap()])
        .assert()
        .code(2)
        .stderr(
            predicate::str::contains("review.yaml:3:16: there is no best practice `OPS01-BP1`")
                .and(predicate::str::contains("review.yaml:4"))
                .and(predicate::str::contains("is before 2026-10-01")),
        );
}
