//! The findings in the AWS Security Finding Format, as `BatchImportFindings` takes them.
//!
//! Limits: <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>.
//! Texts are cut to what is allowed, which also keeps each finding far below its limit of 240 KB.

use super::json::write_array;
use super::sanitize::{clean, clean_short};
use super::{CheckReport, Report, ScannedAccount};
use crate::kinds::endpoints;
use crate::model::{Finding, Part, Resource, Severity, Tags, Verdict};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Characters of a title, and of a recommendation.
const MAX_TITLE: usize = 256;
const MAX_RECOMMENDATION: usize = 512;
const MAX_DESCRIPTION: usize = 1024;
/// Characters of an identifier.
const MAX_ID: usize = 512;
/// Characters of the value of a product field.
const MAX_FIELD: usize = 1024;
/// Tags of a resource, and reasons of a status.
const MAX_ITEMS: usize = 50;

/// The kinds that the format has a type for; all others are `Other`.
const TYPES: &[(&str, &str)] = &[
    ("account", "AwsAccount"),
    ("cloudwatch.alarm", "AwsCloudWatchAlarm"),
    ("ec2.address", "AwsEc2Eip"),
    ("ec2.instance", "AwsEc2Instance"),
    ("ec2.network_acl", "AwsEc2NetworkAcl"),
    ("ec2.network_interface", "AwsEc2NetworkInterface"),
    ("ec2.route_table", "AwsEc2RouteTable"),
    ("ec2.security_group", "AwsEc2SecurityGroup"),
    ("ec2.subnet", "AwsEc2Subnet"),
    ("ec2.volume", "AwsEc2Volume"),
    ("ec2.vpc", "AwsEc2Vpc"),
    ("ec2.vpc_peering_connection", "AwsEc2VpcPeeringConnection"),
    ("iam.access_key", "AwsIamAccessKey"),
    ("iam.group", "AwsIamGroup"),
    ("iam.policy", "AwsIamPolicy"),
    ("iam.role", "AwsIamRole"),
    ("iam.user", "AwsIamUser"),
    ("lambda.function", "AwsLambdaFunction"),
    ("rds.cluster", "AwsRdsDbCluster"),
    ("rds.cluster_snapshot", "AwsRdsDbClusterSnapshot"),
    ("rds.instance", "AwsRdsDbInstance"),
    ("rds.snapshot", "AwsRdsDbSnapshot"),
    ("s3.bucket", "AwsS3Bucket"),
];

/// Writes an array, one finding a line. Unknown and not applicable are `NOT_AVAILABLE`. An exempt
/// finding is `FAILED`, which it is, with the workflow status `SUPPRESSED`: Security Hub heeds that
/// when the finding is new to it, and leaves the status of a known one to its users.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_asff(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let findings = security_findings(report);
    write_array(findings.map(|finding| Ok(finding?.1)), out)
}

/// Every finding with its form in the format. Each has the id `sixpillars/` and its own.
pub fn security_findings(
    report: &Report,
) -> impl Iterator<Item = io::Result<(Finding, Value)>> + '_ {
    let checks = report.checks_by_id();
    report.findings.iter().map(move |finding| {
        let finding = finding?;
        let check = checks.get(finding.check.as_str()).copied();
        let asff = security_finding(report, check, &finding);
        Ok((finding, asff))
    })
}

fn security_finding(report: &Report, check: Option<&CheckReport>, finding: &Finding) -> Value {
    let resource = &finding.resource;
    let account = report.account(&resource.account);
    let partition = account.map_or("aws", |account| account.partition.as_str());
    let region = if resource.is_global() {
        home_region(account, partition)
    } else {
        &resource.region
    };
    let owner = &resource.account;
    let types = [format!(
        "Software and Configuration Checks/Industry and Regulatory Standards/AWS Well-Architected {}",
        finding.pillar.title()
    )];
    let severity = json!({
        "Label": label(finding.result_severity()),
        "Original": finding.severity.id(),
    });
    let mut asff = json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("sixpillars/{}", finding.id),
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{owner}:product/{owner}/default"),
        "ProductName": "Six Pillars",
        "CompanyName": "Six Pillars",
        "Region": region,
        "GeneratorId": text(&finding.check, MAX_ID),
        "AwsAccountId": owner,
        "CreatedAt": report.scan.started,
        "UpdatedAt": report.scan.finished,
        "LastObservedAt": report.scan.finished,
        "Title": text(&finding.title, MAX_TITLE),
        "Description": text(&finding.say, MAX_DESCRIPTION),
        "Types": types,
        "Severity": severity,
        // Later imports may change severity and types only here.
        "FindingProviderFields": {"Severity": severity, "Types": types},
        "Resources": [affected(resource, partition)],
        "Compliance": compliance(finding),
        "ProductFields": product_fields(report, finding),
        "RecordState": "ACTIVE",
    });
    if finding.verdict == Verdict::Exempt {
        asff["Workflow"] = json!({"Status": "SUPPRESSED"});
    }
    if let Some(fix) = &finding.fix {
        asff["Remediation"] = remediation(&fix.text, check);
    }
    asff
}

/// The region in which an account keeps findings about what lives in no region: the one where its
/// partition has IAM, if that was scanned, else the first that was.
fn home_region<'a>(account: Option<&'a ScannedAccount>, partition: &str) -> &'a str {
    let known = endpoints::partition(partition).or_else(|| endpoints::partitions().first());
    let home = known.map_or("", |partition| partition.iam_region);
    let regions = account.map_or(&[][..], |account| &account.regions);
    match regions.first() {
        Some(first) if !regions.iter().any(|region| region == home) => first,
        _ => home,
    }
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "INFORMATIONAL",
        Severity::Low => "LOW",
        Severity::Medium => "MEDIUM",
        Severity::High => "HIGH",
        Severity::Critical => "CRITICAL",
    }
}

/// Cleaned and cut. The format refuses what is empty or blank.
fn text(text: &str, most: usize) -> String {
    let clean = clean_short(text, most);
    if clean.trim().is_empty() {
        "-".to_owned()
    } else {
        clean
    }
}

fn affected(resource: &Resource, partition: &str) -> Value {
    let known = TYPES.iter().find(|(kind, _)| *kind == resource.kind);
    let Resource {
        account,
        region,
        kind,
        id,
        ..
    } = resource;
    // Ids alone are not unique; what has no ARN is named by its place.
    let named = resource
        .arn
        .clone()
        .unwrap_or_else(|| format!("{account}/{region}/{kind}/{id}"));
    let mut affected = json!({
        "Type": known.map_or("Other", |(_, name)| name),
        "Id": text(&named, MAX_ID),
        "Partition": partition,
    });
    if !resource.is_global() {
        affected["Region"] = json!(region);
    }
    if let Part::Read(tags) = &resource.tags
        && let tags = allowed(tags)
        && !tags.is_empty()
    {
        affected["Tags"] = Value::Object(tags);
    }
    affected
}

/// Tags as the format takes them: at most 50, keys of 128 characters, values of 256. Where a tag has no
/// value there is a dash, since the format has no empty texts.
fn allowed(tags: &Tags) -> Map<String, Value> {
    let tags = tags.iter().filter(|(key, _)| !clean(key).trim().is_empty());
    let tags = tags.take(MAX_ITEMS);
    tags.map(|(key, value)| (clean_short(key, 128), json!(text(value, 256))))
        .collect()
}

fn compliance(finding: &Finding) -> Value {
    let status = match finding.verdict {
        Verdict::Pass => "PASSED",
        Verdict::Fail | Verdict::Exempt => "FAILED",
        Verdict::Unknown | Verdict::NotApplicable => "NOT_AVAILABLE",
    };
    let mut compliance = json!({"Status": status});
    if !finding.gaps.is_empty() {
        let gaps = finding.gaps.iter().take(MAX_ITEMS);
        compliance["StatusReasons"] = gaps
            .map(|gap| {
                json!({
                    "ReasonCode": gap.cause.id().to_uppercase(),
                    "Description": text(&gap.to_string(), MAX_TITLE),
                })
            })
            .collect();
    }
    compliance
}

fn product_fields(report: &Report, finding: &Finding) -> Map<String, Value> {
    let mut fields = vec![
        ("Check", finding.check.clone()),
        ("Verdict", finding.verdict.to_string()),
        ("Pillar", finding.pillar.to_string()),
        ("BestPractices", finding.best_practices.join(", ")),
        ("ResourceName", finding.resource.name.clone()),
        ("ScanId", report.scan.id.clone()),
        ("Version", report.scan.tool.version.clone()),
    ];
    if let Some(usd) = finding.saves_usd_month {
        fields.push(("SavesUsdMonth", usd.to_string()));
    }
    if let Some(cli) = finding.fix.as_ref().and_then(|fix| fix.cli.clone()) {
        fields.push(("Cli", cli));
    }
    if let Some(exemption) = &finding.exemption {
        fields.push(("ExemptionReason", exemption.reason.clone()));
        fields.push(("ExemptionOwner", exemption.owner.clone()));
        fields.push(("ExemptionExpires", exemption.expires.to_string()));
    }
    fields
        .into_iter()
        .map(|(name, value)| (format!("sixpillars/{name}"), json!(text(&value, MAX_FIELD))))
        .collect()
}

fn remediation(fix: &str, check: Option<&CheckReport>) -> Value {
    let mut recommendation = json!({"Text": text(fix, MAX_RECOMMENDATION)});
    let mut see = check.into_iter().flat_map(|check| &check.see);
    if let Some(url) = see.find(|url| url.starts_with("https://") && url.len() <= MAX_ID) {
        recommendation["Url"] = json!(clean(url));
    }
    json!({"Recommendation": recommendation})
}
