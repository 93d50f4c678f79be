//! `checks` and `policy`: built-in files, files of the user's own, and what is wrong with them.

use super::sixpillars;
use predicates::prelude::*;
use std::fs;

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
