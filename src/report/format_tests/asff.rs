//! The AWS Security Finding Format, held to a schema of what the service takes.

use super::*;

use crate::model::{Cause, Gap, Part, Tags};

const SCHEMA: &str = include_str!("../../../tests/schemas/asff-2018-10-08.json");

/// Whatever a report holds, what is written is within what the API reference requires and limits.
#[test]
fn asff_is_what_batch_import_findings_takes() {
    let long = format!("{QUOTED}{}", "名".repeat(1_500));
    let check = checks().remove(0);
    let mut huge = finding(&check, &long, &long, Verdict::Fail);
    huge.title = long.clone();
    huge.best_practices = vec![long.clone(); 3];
    huge.gaps = vec![Gap::new(long.clone(), Cause::Denied, long.clone()); 60];
    let tags = (0..60).map(|n| (format!("{n}{long}"), long.clone()));
    let bare = (0..5).map(|n| (format!("bare {n}"), String::new()));
    huge.resource.tags = Part::Read(bare.chain(tags).collect::<Tags>());
    huge.fix.as_mut().unwrap().text = long.clone();
    let mut empty = finding(&check, "", "", Verdict::Pass);
    empty.say = "\u{202e} ".to_owned();
    let mut findings: Vec<Value> = values(write_asff, &build(inputs_of(vec![huge, empty])));
    findings.extend(values(write_asff, &hostile_report()));
    for asff in &findings {
        assert!(asff.to_string().len() < 240 * 1024);
        assert_eq!(problems(SCHEMA, asff), NO_PROBLEMS);
    }
}

/// That the schema finds what the service would refuse.
#[test]
fn asff_that_is_not_is_found_out() {
    let good = values(write_asff, &hostile_report()).remove(0);
    assert_eq!(problems(SCHEMA, &good), NO_PROBLEMS);
    for (place, bad) in [
        ("/Title", json!("x".repeat(257))),
        ("/Description", json!(" ")),
        ("/AwsAccountId", json!("1111")),
        ("/Region", json!("global")),
        ("/CreatedAt", json!("yesterday")),
        ("/Types", json!(["Well-Architected"])),
        ("/Severity", json!({"Label": "SEVERE"})),
        (
            "/ProductArn",
            json!("arn:aws:securityhub:global:1:product/1/default"),
        ),
        ("/Resources", json!([])),
        ("/Resources/0/Tags", json!({})),
        ("/Resources/0/Tags", json!({"key": ""})),
        ("/ProductFields", json!({"aws/x": "y"})),
        ("/Compliance/Status", json!("UNKNOWN")),
    ] {
        let mut asff = good.clone();
        *asff.pointer_mut(place).unwrap() = bad;
        assert!(!problems(SCHEMA, &asff).is_empty(), "{place}");
    }
    let mut misspelt = good.clone();
    misspelt["Complience"] = json!({});
    assert_eq!(problems(SCHEMA, &misspelt).len(), 1);
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
fn asff_of_what_lives_in_no_region_goes_where_the_partition_has_iam() {
    let check = checks().remove(1);
    for (partition, regions, home) in [
        ("aws-cn", ["cn-north-1", "cn-northwest-1"], "cn-north-1"),
        (
            "aws-us-gov",
            ["us-gov-east-1", "us-gov-west-1"],
            "us-gov-west-1",
        ),
        (
            "aws-iso",
            ["us-iso-east-1", "us-iso-west-1"],
            "us-iso-east-1",
        ),
        (
            "aws-eusc",
            ["eusc-de-east-1", "eusc-de-east-2"],
            "eusc-de-east-1",
        ),
    ] {
        let mut root = finding(&check, "111122223333", "prod", Verdict::Fail);
        root.resource.region = "global".to_owned();
        let mut inputs = inputs_of(vec![root]);
        inputs.scan.accounts[0].partition = partition.to_owned();
        inputs.scan.accounts[0].regions = regions.map(ToOwned::to_owned).to_vec();
        let findings = values(write_asff, &build(inputs));
        assert_eq!(findings[0]["Region"], home);
    }
}
