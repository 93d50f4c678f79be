//! The findings as events of the Open Cybersecurity Schema Framework.
//!
//! Source: <https://schema.ocsf.io/1.6.0/classes/compliance_finding>. 1.6.0 is the version that AWS
//! Security Hub speaks.

use super::json::write_array;
use super::sanitize::{clean, clean_deep};
use super::{CheckReport, Report, ScannedAccount};
use crate::model::{Finding, Part, Resource, Severity, Verdict};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

const VERSION: &str = "1.6.0";

/// Writes an array of Compliance Findings (class 2003), one event a line. An unknown verdict is a
/// *Warning*, which OCSF defines as no result for want of information; an exempt one is a *Fail* of a
/// suppressed finding; one that does not apply is *Other*. Texts are cleaned: consoles show them.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_ocsf(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let checks = report.checks_by_id();
    let events = report.findings.iter().map(|finding| {
        let finding = finding?;
        let check = checks.get(finding.check.as_str()).copied();
        Ok(event(report, check, &finding))
    });
    write_array(events, out)
}

fn event(report: &Report, check: Option<&CheckReport>, finding: &Finding) -> Value {
    let account = report.account(&finding.resource.account);
    let (severity_id, severity) = severity(finding.result_severity());
    let (status_id, status) = match finding.verdict {
        Verdict::Exempt => (3, "Suppressed"),
        _ => (1, "New"),
    };
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": report.scan.finished.as_millisecond(),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": clean(&finding.say),
        "metadata": metadata(report, finding),
        "finding_info": info(report, check, finding),
        "compliance": compliance(finding),
        "resources": [resource(&finding.resource, account, &finding.evidence)],
        "cloud": cloud(&finding.resource, account),
    });
    if let Some(fix) = &finding.fix {
        let see = check.map(|check| check.see.clone()).unwrap_or_default();
        let see: Vec<String> = see.iter().map(|url| clean(url)).collect();
        event["remediation"] = json!({"desc": clean(&fix.text), "references": see});
    }
    let unmapped = unmapped(finding);
    if !unmapped.is_empty() {
        event["unmapped"] = Value::Object(unmapped);
    }
    event
}

fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn metadata(report: &Report, finding: &Finding) -> Value {
    json!({
        "version": VERSION,
        "profiles": ["cloud"],
        "product": {
            "name": "Six Pillars",
            "vendor_name": "Six Pillars",
            "uid": report.scan.tool.name,
            "version": report.scan.tool.version,
        },
        "event_code": finding.check,
        "correlation_uid": report.scan.id,
    })
}

fn info(report: &Report, check: Option<&CheckReport>, finding: &Finding) -> Value {
    let mut analytic = json!({
        "type_id": 1,
        "type": "Rule",
        "uid": finding.check,
        "name": clean(&finding.title),
    });
    if let Some(check) = check {
        analytic["desc"] = json!(clean(&check.why));
    }
    let mut info = json!({
        "uid": finding.id,
        "title": clean(&finding.title),
        "desc": clean(&finding.say),
        "types": [finding.pillar.title()],
        "analytic": analytic,
        "last_seen_time": report.scan.finished.as_millisecond(),
    });
    let known = report.comparison.as_ref().map(|c| &c.first_failed);
    let first = known.and_then(|days| days.get(&finding.id)?.to_zoned(TimeZone::UTC).ok());
    if let Some(first) = first {
        info["first_seen_time"] = json!(first.timestamp().as_millisecond());
    }
    info
}

fn compliance(finding: &Finding) -> Value {
    let (status_id, status) = match finding.verdict {
        Verdict::Pass => (1, "Pass"),
        Verdict::Unknown => (2, "Warning"),
        Verdict::Fail | Verdict::Exempt => (3, "Fail"),
        Verdict::NotApplicable => (99, "Not applicable"),
    };
    let mut compliance = json!({
        "standards": ["AWS Well-Architected Framework"],
        "category": finding.pillar.title(),
        "control": finding.check,
        "requirements": finding.best_practices,
        "status_id": status_id,
        "status": status,
        "status_code": finding.verdict.id(),
    });
    if !finding.gaps.is_empty() {
        let gaps = finding.gaps.iter().map(|gap| clean(&gap.to_string()));
        compliance["status_details"] = gaps.collect();
    }
    compliance
}

fn resource(
    resource: &Resource,
    account: Option<&ScannedAccount>,
    evidence: &Map<String, Value>,
) -> Value {
    let mut details = json!({
        "uid": clean(resource.arn.as_ref().unwrap_or(&resource.id)),
        "name": clean(&resource.name),
        "type": resource.kind,
    });
    if !resource.is_global() {
        details["region"] = json!(resource.region);
    }
    if let Some(account) = account {
        details["cloud_partition"] = json!(account.partition);
    }
    if let Part::Read(tags) = &resource.tags
        && !tags.is_empty()
    {
        let tags = tags.iter();
        details["tags"] = tags
            .map(|(name, value)| json!({"name": clean(name), "value": clean(value)}))
            .collect();
    }
    if !evidence.is_empty() {
        details["data"] = clean_deep(&json!(evidence));
    }
    details
}

fn cloud(resource: &Resource, account: Option<&ScannedAccount>) -> Value {
    let mut owner = json!({"uid": resource.account, "type_id": 10, "type": "AWS Account"});
    if let Some(alias) = account.and_then(|account| account.alias.as_ref()) {
        owner["name"] = json!(clean(alias));
    }
    let mut cloud = json!({"provider": "AWS", "account": owner});
    if !resource.is_global() {
        cloud["region"] = json!(resource.region);
    }
    cloud
}

/// What OCSF has no place for.
fn unmapped(finding: &Finding) -> Map<String, Value> {
    let mut unmapped = Map::new();
    if let Some(usd) = finding.saves_usd_month {
        unmapped.insert("saves_usd_month".to_owned(), json!(usd));
    }
    if let Some(exemption) = &finding.exemption {
        unmapped.insert("exemption".to_owned(), clean_deep(&json!(exemption)));
    }
    if let Some(cli) = finding.fix.as_ref().and_then(|fix| fix.cli.as_ref()) {
        unmapped.insert("cli".to_owned(), json!(clean(cli)));
    }
    unmapped
}
