//! The program as users meet it, without a network: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;

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
fn permissions_are_a_policy_with_reads_only() {
    let policy = json(sixpillars().args(["permissions", "--services", "s3,rds"]));
    let actions: Vec<&str> = policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|s| s["Action"].as_array().unwrap())
        .map(|a| a.as_str().unwrap())
        .collect();
    assert!(actions.contains(&"s3:GetBucketPolicyStatus"), "{actions:?}");
    assert!(actions.contains(&"rds:DescribeDBInstances"), "{actions:?}");
    let reads = ["Get", "List", "Describe", "GenerateCredentialReport"];
    for action in actions {
        let (_, operation) = action.split_once(':').unwrap();
        assert!(reads.iter().any(|r| operation.starts_with(r)), "{action}");
    }
}

#[test]
fn one_check_needs_only_its_own_permissions() {
    let policy = json(sixpillars().args(["permissions", "--checks", "ec2/volume-gp2"]));
    let text = policy.to_string();
    assert!(text.contains("ec2:DescribeVolumes"), "{text}");
    assert!(!text.contains("s3:") && !text.contains("iam:"), "{text}");
}

#[test]
fn a_pattern_that_matches_nothing_is_misspelt() {
    sixpillars()
        .args(["checks", "list", "--checks", "s3/bucket-pubic"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("s3/bucket-public"));
}

#[test]
fn every_built_in_check_passes_its_own_test() {
    sixpillars()
        .args(["checks", "test"])
        .assert()
        .success()
        .stdout(predicate::str::contains(" 0 problems"));
}

#[test]
fn a_new_check_passes_its_own_examples() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    sixpillars()
        .args([
            "checks",
            "new",
            "ec2/instance-nameless",
            "--resource",
            "ec2.instance",
            "--dir",
            dir,
        ])
        .assert()
        .success();
    sixpillars()
        .args([
            "checks",
            "test",
            "--checks-dir",
            dir,
            "--checks",
            "ec2/instance-nameless",
        ])
        .assert()
        .success()
        .stdout(predicate::str::contains("1 checks, 2 examples, 0 problems"));
}

#[test]
fn every_problem_of_a_check_is_reported_at_once_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ec2/volume-odd.yaml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let text = "title: Odd\npillar: cost-optimization\nbest_practices: [COST99-BP01]\nseverity: low\n\
                resource: ec2.volume\nexpect: r.volume_typ == 3 && nonsense(r.size)\nsay: x\nwhy: x\n\
                fix: {text: x, effort: minutes}\nexamples: {pass: [{}], fail: []}\n";
    fs::write(&file, text).unwrap();
    sixpillars()
        .args([
            "checks",
            "test",
            "--checks-dir",
            folder.path().to_str().unwrap(),
        ])
        .assert()
        .code(2)
        .stderr(
            predicate::str::contains("volume-odd.yaml:3")
                .and(predicate::str::contains("did you mean `volume_type`"))
                .and(predicate::str::contains("there is no function `nonsense`"))
                .and(predicate::str::contains("no `fail` example")),
        );
}

#[test]
fn a_policy_with_problems_names_file_line_and_cure() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    fs::write(
        &file,
        "name: mine\nchekcs:\n  include: [s3/bucket-publik]\n",
    )
    .unwrap();
    sixpillars()
        .args(["policy", "validate", file.to_str().unwrap()])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("policy.yaml:2").and(predicate::str::contains("checks")));
}

#[test]
fn a_mistake_in_one_place_of_a_policy_hides_none_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    let text = "name: mine\nparameters:\n  ec2/volume-unattached: {dayz: 3}\n\
                exemptions:\n  - {checks: [s3/bucket-public], reason: x}\n";
    fs::write(&file, text).unwrap();
    sixpillars()
        .args(["policy", "validate", file.to_str().unwrap()])
        .assert()
        .code(2)
        .stderr(
            predicate::str::contains("policy.yaml:3")
                .and(predicate::str::contains("did you mean `days`"))
                .and(predicate::str::contains("`owner` is missing"))
                .and(predicate::str::contains("`expires` is missing")),
        );
}

#[test]
fn a_check_shows_the_actions_that_its_derived_parts_take() {
    sixpillars()
        .args(["checks", "show", "s3/bucket-public"])
        .assert()
        .success()
        .stdout(
            predicate::str::contains("s3:GetBucketPolicy")
                .and(predicate::str::contains("s3:GetAccountPublicAccessBlock")),
        );
}

#[test]
fn kinds_show_fields_parts_and_actions() {
    sixpillars()
        .args(["kinds", "show", "s3.bucket"])
        .assert()
        .success()
        .stdout(
            predicate::str::contains("versioning")
                .and(predicate::str::contains("s3:GetBucketVersioning"))
                .and(predicate::str::contains("for each resource")),
        );
    sixpillars()
        .args(["kinds", "show", "s3.bukket"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("s3.bucket"));
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
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("golden.json");
    fs::write(&file, golden_report()).unwrap();
    let out = folder.path().join("out");
    sixpillars()
        .arg("report")
        .arg(&file)
        .args(["--format", &FORMATS.map(|(name, _)| name).join(",")])
        .arg("--output")
        .arg(&out)
        .assert()
        .success();
    for (_, name) in FORMATS {
        let length = fs::metadata(out.join(name)).unwrap().len();
        assert!(length > 0, "{name}");
    }
    assert_eq!(fs::read_dir(&out).unwrap().count(), FORMATS.len());
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

/// The published schemas, the field reference and the permissions are generated; this holds them to
/// what the program prints. `UPDATE_SCHEMAS=1` writes them anew.
#[test]
fn the_field_reference_is_current() {
    let list = sixpillars()
        .args(["kinds", "list"])
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    assert!(String::from_utf8_lossy(&list).contains("s3.bucket"));
    let mut page = String::from(
        "# The fields that checks may read\n\nGenerated from the types; `sixpillars kinds show KIND` prints the same.\n",
    );
    for collector in sixpillars::collect::registry() {
        let kind = collector.kind.name;
        let text = sixpillars::listing::kind(collector.kind, true);
        page.extend(["\n## ", kind, "\n\n", &text]);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fields.md");
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/fields.md is not current: run the tests with UPDATE_SCHEMAS=1"
    );
}
