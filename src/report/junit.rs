//! The findings as test results, which every build server shows.

mod document;

use super::sanitize::{clean, clean_lines};
use super::{Change, Comparison, Report};
use crate::model::{Finding, Pillar, Verdict};
use document::Document;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes JUnit XML: a suite for each pillar, a case for each check and resource. A failure is a
/// `failure`, an unknown an `error`; what is exempt or does not apply is `skipped`. With a baseline a
/// failure that is not new is `skipped` and says so, since it broke a build before.
///
/// The names of all cases are in memory meanwhile: a suite begins with the counts of what is in it.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_junit(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<Pillar, TestSuite> = BTreeMap::new();
    for finding in report.findings.iter() {
        let finding = finding?;
        suites
            .entry(finding.pillar)
            .or_insert_with(|| TestSuite::new(finding.pillar.title()))
            .add_test_case(case(&finding, report.comparison.as_ref()));
    }
    let scan = &report.scan;
    let mut junit = quick_junit::Report::new("Six Pillars");
    let duration = scan.finished.duration_since(scan.started);
    junit.set_time(duration.try_into().unwrap_or_default());
    junit.add_test_suites(suites.into_values());
    let mut document = Document::to(out);
    let written = junit.serialize(&mut document);
    document.end(written)
}

fn case(finding: &Finding, comparison: Option<&Comparison>) -> TestCase {
    let resource = &finding.resource;
    let (id, account, region) = (&resource.id, &resource.account, &resource.region);
    let name = if resource.name == *id {
        format!("{id} in {account} {region}")
    } else {
        format!("{id} ({}) in {account} {region}", resource.name)
    };
    let status = comparison
        .and_then(|comparison| known(finding, comparison))
        .unwrap_or_else(|| status(finding));
    let mut case = TestCase::new(clean(&name), status);
    case.set_classname(clean(&finding.check));
    case
}

/// The status of a failure that is not new since the baseline, and so must not break a build again.
/// What could not be decided stays an error, since the comparison does not always tell whether that
/// is new.
fn known(finding: &Finding, comparison: &Comparison) -> Option<TestCaseStatus> {
    let change = comparison.findings.get(&finding.id);
    if (finding.verdict, change) != (Verdict::Fail, Some(&Change::StillFailing)) {
        return None;
    }
    let first = comparison.first_failed.get(&finding.id);
    let since = first.map_or_else(String::new, |day| format!(", first seen {day}"));
    let message = format!("still failing{since}: {}", finding.say);
    let skipped = TestCaseStatus::skipped();
    Some(described(skipped, finding, &message, remedy(finding)))
}

fn status(finding: &Finding) -> TestCaseStatus {
    let (status, message, details) = match finding.verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail => {
            let failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
            (failure, finding.say.clone(), remedy(finding))
        }
        Verdict::Unknown => {
            let error = TestCaseStatus::non_success(NonSuccessKind::Error);
            let gaps = finding.gaps.iter().map(|gap| clean(&gap.to_string()));
            let gaps: Vec<String> = gaps.collect();
            (error, "could not be decided".to_owned(), gaps.join("\n"))
        }
        Verdict::Exempt => {
            let why = finding.exemption.as_ref().map_or_else(String::new, |e| {
                format!(": {} ({}, until {})", e.reason, e.owner, e.expires)
            });
            let message = format!("exempt{why}");
            (TestCaseStatus::skipped(), message, clean(&finding.say))
        }
        Verdict::NotApplicable => {
            let message = "does not apply to this resource".to_owned();
            (TestCaseStatus::skipped(), message, String::new())
        }
    };
    described(status, finding, &message, details)
}

fn described(
    mut status: TestCaseStatus,
    finding: &Finding,
    message: &str,
    details: String,
) -> TestCaseStatus {
    status.set_message(clean(message));
    status.set_type(finding.severity.id());
    if !details.is_empty() {
        status.set_description(details);
    }
    status
}

/// The flaw again, for servers that show no messages, and what to do about it. Each on a line of its
/// own, which no name can break.
fn remedy(finding: &Finding) -> String {
    let mut lines = vec![clean(&format!("{}: {}", finding.title, finding.say))];
    lines.extend(finding.resource.arn.as_deref().map(clean));
    if let Some(fix) = &finding.fix {
        lines.push(clean_lines(&fix.text));
        lines.extend(fix.cli.as_deref().map(clean));
    }
    lines.join("\n")
}
