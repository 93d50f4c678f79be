//! The program as users meet it, without a network: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "cli/outputs.rs"]
mod outputs;
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
    // What the account is called is asked for in every scan.
    let text = text.replace("iam:ListAccountAliases", "");
    assert!(!text.contains("s3:") && !text.contains("iam:"), "{text}");
}

#[test]
fn permissions_for_billed_reads_are_there_where_they_may_be_paid() {
    let billed = "cloudwatch:GetMetricData";
    let permissions = ["permissions", "--services", "ec2"];
    sixpillars()
        .args(permissions)
        .assert()
        .success()
        .stdout(predicate::str::contains(billed).not())
        .stderr(predicate::str::contains(billed).and(predicate::str::contains("--allow-paid")));
    sixpillars()
        .args(permissions)
        .args(["--allow-paid", "1"])
        .assert()
        .success()
        .stdout(predicate::str::contains(billed))
        .stderr("");
    // Where no check asks for one, there is nothing to say.
    let free = sixpillars()
        .args(["permissions", "--checks", "ec2/volume-gp2"])
        .assert();
    free.success().stderr("");
}

/// What a policy allows, and its characters without white space, which is what IAM counts.
fn allowed(policy: &Value) -> (Vec<String>, usize) {
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
    let actions = actions.map(|action| action.as_str().unwrap().to_owned());
    (actions.collect(), policy.to_string().len())
}

/// A managed policy of IAM holds 6,144 characters.
#[test]
fn permissions_that_no_managed_policy_holds_are_split() {
    let printed = sixpillars().arg("permissions").output().unwrap();
    let said = String::from_utf8(printed.stderr).unwrap();
    assert!(said.contains("6144") && said.contains("--split"), "{said}");
    let (all, length) = allowed(&serde_json::from_slice(&printed.stdout).unwrap());
    assert!(length > 6144);

    let folder = tempfile::tempdir().unwrap();
    let split = ["permissions", "--split"];
    let written = sixpillars()
        .args(split)
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(written.status.success(), "{written:?}");
    let said = String::from_utf8(written.stderr).unwrap();
    assert!(!said.contains("6144"), "{said}");
    let mut together = Vec::new();
    let paths = String::from_utf8(written.stdout).unwrap();
    for (path, number) in paths.lines().zip(1..) {
        let expected = folder.path().join(format!("policy-{number}.json"));
        assert_eq!(path, expected.to_str().unwrap());
        let policy: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let (actions, length) = allowed(&policy);
        assert!(length <= 6144, "{path}: {length}");
        together.extend(actions);
    }
    assert_eq!(together, all);

    // Fewer are needed now: what is left of the earlier ones is named.
    let fewer = sixpillars()
        .args(split)
        .arg(folder.path())
        .args(["--services", "s3"])
        .assert();
    let left = folder.path().join("policy-2.json");
    fewer
        .success()
        .stderr(predicate::str::contains(left.to_str().unwrap()));
    // Where one is enough, there is nothing to say.
    let one = sixpillars()
        .args(["permissions", "--checks", "s3/bucket-public"])
        .assert();
    one.success().stderr("");
    let file = folder.path().join("policy-1.json");
    sixpillars()
        .args(split)
        .arg(&file)
        .assert()
        .code(4)
        .stderr(predicate::str::contains("cannot be written"));
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
    // Editors find the schema that the first line names.
    let service = folder.path().join("ec2");
    let check = fs::read_to_string(service.join("instance-nameless.yaml")).unwrap();
    let first = check.lines().next().unwrap();
    let schema = first
        .strip_prefix("# yaml-language-server: $schema=")
        .unwrap();
    let schema = fs::read_to_string(service.join(schema)).unwrap();
    assert_eq!(schema, sixpillars::check::SCHEMA);
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
        let text = sixpillars::commands::kinds::details(collector.kind, true);
        page.extend(["\n## ", kind, "\n\n", &text]);
    }
    assert_page_is_current("docs/fields.md", &page);
}

#[track_caller]
fn assert_page_is_current(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "{name} is not current: run the tests with UPDATE_SCHEMAS=1"
    );
}

#[test]
fn the_page_of_calls_is_current() {
    let kinds =
        sixpillars::check::kinds(sixpillars::collect::registry().into_iter().map(|c| c.kind));
    let page = format!(
        "# The calls that each kind takes\n\nGenerated from the kinds. A scan makes those that the selected \
         checks need, and no others: `sixpillars plan` says which and how many. Here stand all that a kind \
         may take, with every part of it: for its list in one region (in one account where it is read once \
         for that), for each resource, for several resources at once, and once for all of them. Retries \
         and further pages come to that.\n\n{}",
        sixpillars::commands::kinds::calls(&kinds)
    );
    assert_page_is_current("docs/calls.md", &page);
}

/// Every operation that a kind takes leads to AWS's page about it.
#[test]
fn kinds_lead_to_the_reference() {
    for collector in sixpillars::collect::registry() {
        let text = sixpillars::commands::kinds::details(collector.kind, false);
        for call in collector.kind.calls() {
            let end = format!("/{}\n", call.operation);
            let found =
                text.contains(&end) && text.contains("https://docs.aws.amazon.com/goto/WebAPI/");
            assert!(found, "{}: {}\n{text}", collector.kind.name, call.operation);
        }
    }
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
    let schema = include_str!("../schemas/diff.schema.json");
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
    // Before AWS is asked for anything: there are no credentials here.
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
