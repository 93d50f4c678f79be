//! The findings as test results, which every build server shows.

mod document;

use super::text_safe::{clean, clean_lines};
use crate::model::{Finding, Pillar, Verdict};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use document::Document;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes JUnit XML: a suite for each pillar, a case for each check and resource. A failure is a
/// `failure`, an unknown an `error`; what is exempt or does not apply is `skipped`.
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
            .add_test_case(case(&finding));
    }
    let scan = &report.scan;
    let mut whole = quick_junit::Report::new("Six Pillars");
    let took = scan.finished.duration_since(scan.started);
    whole.set_time(took.try_into().unwrap_or_default());
    whole.add_test_suites(suites.into_values());
    let mut document = Document::to(out);
    let written = whole.serialize(&mut document);
    document.end(written)
}

fn case(finding: &Finding) -> TestCase {
    let resource = &finding.resource;
    let (id, account, region) = (&resource.id, &resource.account, &resource.region);
    let name = if resource.name == *id {
        format!("{id} in {account} {region}")
    } else {
        format!("{id} ({}) in {account} {region}", resource.name)
    };
    let mut case = TestCase::new(clean(&name), status(finding));
    case.set_classname(clean(&finding.check));
    case
}

fn status(finding: &Finding) -> TestCaseStatus {
    let (mut status, message, details) = match finding.verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail => {
            let failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
            (failure, finding.say.clone(), remedy(finding))
        }
        Verdict::Unknown => {
            let gaps = finding.gaps.iter().map(|gap| clean(&gap.to_string()));
            let gaps: Vec<String> = gaps.collect();
            let error = TestCaseStatus::non_success(NonSuccessKind::Error);
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
            let message = "does not concern this resource".to_owned();
            (TestCaseStatus::skipped(), message, String::new())
        }
    };
    status.set_message(clean(&message));
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
