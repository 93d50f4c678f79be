//! `permissions`: the IAM policy of a scan.

use super::{json, sixpillars};
use predicates::prelude::*;
use serde_json::Value;
use std::fs;

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
    // Every scan reads the account's alias.
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
