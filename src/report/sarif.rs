//! Failed and unknown findings as SARIF 2.1.0, for code scanning.
//!
//! Sources: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>,
//! <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>.

pub(super) mod limits;

use super::json::compact;
use super::sanitize::{clean, markdown_text};
use super::{Change, CheckReport, Comparison, Report};
use crate::model::{Finding, Severity, Verdict};
use limits::{Limits, Truncation};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Characters that a segment of a path may have besides letters and digits.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Writes one run, one result a line: failures by severity, and what could not be decided as
/// `review`, which SARIF gives no level. If there are more than GitHub accepts, only the most
/// severe are written, and a notification says how many were left out and how many GitHub shows.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_sarif(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_within(report, limits::GITHUB, out)
}

pub(super) fn write_within(report: &Report, limits: Limits, out: &mut dyn Write) -> io::Result<()> {
    let ranks = ranks(report)?;
    let all: u64 = ranks.values().sum();
    let mut truncation = Truncation {
        all,
        most: all.min(limits.results),
        packed: false,
        limits,
    };
    // A large report is written twice: first to measure its size.
    while let Some(fewer) = truncation.fewer(|out| write_run(report, &ranks, truncation, out))? {
        truncation.most = fewer;
        truncation.packed = true;
    }
    write_run(report, &ranks, truncation, out)
}

fn write_run(
    report: &Report,
    ranks: &Ranks,
    truncation: Truncation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut quota = Quota::of(ranks.clone(), truncation.most);
    let rules: Vec<Value> = report.checks.iter().map(rule).collect();
    let index: BTreeMap<&str, usize> = (0..)
        .zip(&report.checks)
        .map(|(n, c)| (c.id.as_str(), n))
        .collect();
    let tool = json!({"driver": {
        "name": "Six Pillars",
        "version": report.scan.tool.version,
        "semanticVersion": report.scan.tool.version,
        "rules": rules,
    }});
    // The results come last, so that they can be streamed.
    write!(
        out,
        "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{{\n\
         \"tool\":{},\n\"invocations\":[{}],\n\"columnKind\":\"unicodeCodePoints\",\n\"results\":[",
        compact(&tool)?,
        compact(&invocation(report, truncation))?,
    )?;
    let mut start = "\n";
    for finding in report.findings.iter() {
        let finding = finding?;
        if quota.takes(&finding) {
            let mut result = result(&finding, index.get(finding.check.as_str()).copied());
            if let Some(comparison) = &report.comparison {
                result["baselineState"] = json!(baseline_state(comparison, &finding));
            }
            write!(out, "{start}{}", compact(&result)?)?;
            start = ",\n";
        }
    }
    out.write_all(b"\n]}]}\n")
}

/// Failures come before what is unknown, and each by severity; nothing else is a result.
fn rank(finding: &Finding) -> Option<(bool, Severity)> {
    match finding.verdict {
        Verdict::Fail => Some((true, finding.severity)),
        Verdict::Unknown => Some((false, finding.severity)),
        Verdict::Exempt | Verdict::Pass | Verdict::NotApplicable => None,
    }
}

type Ranks = BTreeMap<(bool, Severity), u64>;

fn ranks(report: &Report) -> io::Result<Ranks> {
    let mut ranks = Ranks::new();
    for finding in report.findings.iter() {
        if let Some(rank) = rank(&finding?) {
            *ranks.entry(rank).or_default() += 1;
        }
    }
    Ok(ranks)
}

/// How many results of each rank still fit.
struct Quota(Ranks);

impl Quota {
    fn of(mut ranks: Ranks, most: u64) -> Self {
        let mut left = most;
        for count in ranks.values_mut().rev() {
            *count = left.min(*count);
            left -= *count;
        }
        Self(ranks)
    }

    fn takes(&mut self, finding: &Finding) -> bool {
        let left = rank(finding).and_then(|rank| self.0.get_mut(&rank));
        match left {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

fn invocation(report: &Report, truncation: Truncation) -> Value {
    let scan = &report.scan;
    let notifications: Vec<Value> = truncation
        .notices()
        .into_iter()
        .map(|(id, text)| {
            json!({
                "descriptor": {"id": id},
                "level": "warning",
                "message": {"text": text},
            })
        })
        .collect();
    json!({
        "executionSuccessful": scan.complete,
        "startTimeUtc": scan.started,
        "endTimeUtc": scan.finished,
        "toolExecutionNotifications": notifications,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub's scale: above 9.0 is critical, from 7.0 high, from 4.0 medium, from 0.1 low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

fn rule(check: &CheckReport) -> Value {
    let see = check.see.iter().filter(|url| url.starts_with("https://"));
    let links = see.clone().map(|url| format!("- <{}>", clean(url)));
    let links: Vec<String> = links.collect();
    let (why, fix) = (clean(&check.why), clean(&check.fix));
    let mut rule = json!({
        "id": check.id,
        "shortDescription": {"text": plain(&check.title)},
        "fullDescription": {"text": plain(&check.why)},
        "help": {
            "text": format!("{} {}", plain(&check.why), plain(&check.fix)),
            "markdown": format!(
                "{}\n\n**Remedy:** {}\n\n{}",
                markdown_text(&why),
                markdown_text(&fix),
                links.join("\n"),
            ),
        },
        "defaultConfiguration": {"level": level(check.severity)},
        "properties": {
            "tags": tags(check),
            "security-severity": security_severity(check.severity),
        },
    });
    if let Some(url) = see.clone().next() {
        rule["helpUri"] = json!(url);
    }
    rule
}

/// GitHub takes 20 tags of a rule.
fn tags(check: &CheckReport) -> Vec<&str> {
    let practices = check.best_practices.iter().map(String::as_str);
    [check.pillar.id()]
        .into_iter()
        .chain(practices)
        .take(20)
        .collect()
}

/// Cleaned text of a message, in which brackets would make a link (section 3.11.6).
fn plain(text: &str) -> String {
    clean(text)
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
}

fn result(finding: &Finding, rule: Option<usize>) -> Value {
    let resource = &finding.resource;
    let name = resource.arn.as_ref().unwrap_or(&resource.id);
    let mut result = json!({
        "ruleId": finding.check,
        "message": {"text": message(finding)},
        "locations": [{
            // Resources are not files, but GitHub requires a path and shows it.
            "physicalLocation": {
                "artifactLocation": {"uri": uri(finding)},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{
                "name": clean(&resource.name),
                "fullyQualifiedName": clean(name),
                "kind": "resource",
            }],
        }],
        // GitHub uses only the first, which it would otherwise compute from a line of a file.
        "partialFingerprints": {
            "primaryLocationLineHash": finding.id,
            "findingId/v1": finding.id,
        },
        "properties": {"severity": finding.severity.id(), "kind": resource.kind},
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = json!(rule);
    }
    let (kind, level) = match finding.verdict {
        Verdict::Unknown => ("review", "none"),
        _ => ("fail", level(finding.severity)),
    };
    result["kind"] = json!(kind);
    result["level"] = json!(level);
    result
}

/// A result without a change is unchanged (section 3.27.24: every result of a run has a state or
/// none has).
fn baseline_state(comparison: &Comparison, finding: &Finding) -> &'static str {
    match comparison.findings.get(&finding.id) {
        Some(Change::New) => "new",
        Some(Change::BecameUnknown) => "updated",
        _ => "unchanged",
    }
}

fn message(finding: &Finding) -> String {
    let say = plain(&finding.say);
    if finding.gaps.is_empty() {
        return say;
    }
    let gaps: Vec<String> = finding
        .gaps
        .iter()
        .map(|gap| plain(&gap.to_string()))
        .collect();
    format!("{say} (could not be decided: {})", gaps.join("; "))
}

/// `aws/<account>/<region>/<service>/<id>`, whatever the id is made of.
fn uri(finding: &Finding) -> String {
    let resource = &finding.resource;
    let service = resource.kind.split('.').next().unwrap_or_default();
    let segments = [&resource.account, &resource.region, service, &resource.id];
    segments.iter().fold("aws".to_owned(), |path, segment| {
        let encoded = utf8_percent_encode(segment, SEGMENT).to_string();
        // A segment of dots alone would lead out of the path.
        let dots = encoded.chars().all(|c| c == '.');
        let encoded = if dots {
            encoded.replace('.', "_")
        } else {
            encoded
        };
        format!("{path}/{encoded}")
    })
}
