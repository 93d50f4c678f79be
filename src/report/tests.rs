//! The report over one made by hand.

mod as_text;

use super::sample::{HOSTILE, attestation, checks, finding, findings, inputs, inputs_of, report};
use super::*;
use crate::model::{
    AttestationStatus, Cause, Finding, Gap, Notice, Part, Pillar, Risk, Severity, Verdict,
};
use crate::policy::Statement;
use crate::report::sanitize::clean;
use crate::yaml::{Document, decode_node};
use jiff::civil::Date;

fn pillar(report: &Report, pillar: Pillar) -> &PillarReport {
    report.pillars.iter().find(|p| p.pillar == pillar).unwrap()
}

#[test]
fn markdown_of_the_sample() {
    insta::assert_snapshot!("markdown", markdown(&report()));
}

#[test]
fn markdown_of_a_large_report_fits_a_comment() {
    let mut findings = findings();
    let check = checks().remove(0);
    for number in 0..5_000 {
        let id = format!("bucket-{number}-{}", "x".repeat(50));
        let mut finding = finding(&check, &id, HOSTILE, Verdict::Fail);
        finding.check = format!("s3/flaw-{:03}", number % 200);
        findings.push(finding);
    }
    let mut inputs = inputs_of(findings);
    inputs.scan.policies = (0..90).map(|n| format!("{n}{HOSTILE}")).collect();
    let gap = |n: u32| Gap::new(format!("s3:Get{n}"), Cause::Denied, HOSTILE);
    let mut unknown = finding(&check, "u", HOSTILE, Verdict::Unknown);
    unknown.gaps = (0..2_000).map(gap).collect();
    let mut findings: Vec<Finding> = inputs.findings.iter().map(Result::unwrap).collect();
    findings.push(unknown);
    inputs.findings = findings.try_into().unwrap();
    let account = inputs.scan.accounts[0].clone();
    inputs.scan.accounts = (0..900)
        .map(|n| ScannedAccount {
            id: format!("{n:012}"),
            regions: (0..90).map(|n| format!("xx-region-{n}")).collect(),
            ..account.clone()
        })
        .collect();
    inputs.gates = vec![inputs.gates[0].clone(); 90];
    inputs.problems = vec![Notice::new("x", HOSTILE.repeat(9)).at(HOSTILE.repeat(9)); 90];
    let markdown = markdown(&build(inputs));
    assert!(markdown.chars().count() < 65_536, "{}", markdown.len());
    // Every section is there, and each says what of it is not.
    for part in [
        "888 more accounts",
        "and 78 more",
        "and 70 more gates, 70 of them broken",
        "### Failed checks",
        "failed evaluations; report.json has all",
        "### Not seen",
        "- … and 1982 more",
        "too long for a comment: it has 2001 actions",
        "### Please note",
        "- … and 70 more",
    ] {
        assert!(markdown.contains(part), "{part} in {markdown}");
    }
    // Elements are whole.
    for (start, end) in [("<details>", "</details>"), ("<code>", "</code>")] {
        assert_eq!(
            markdown.matches(start).count(),
            markdown.matches(end).count()
        );
    }
    let listed = markdown.matches("<details>").count();
    let more = format!("… and {} more checks", 202 - listed);
    assert!(listed > 3 && markdown.contains(&more), "{listed}");
}

#[test]
fn json_is_written_as_serde_would_write_it() {
    for report in [report(), build(inputs_of(Vec::new()))] {
        let whole = serde_json::to_string_pretty(&report).unwrap() + "\n";
        assert_eq!(json(&report).unwrap(), whole);
    }
}

#[test]
fn counts_do_not_depend_on_who_counted() {
    let findings = findings();
    let count = |findings: &[Finding]| {
        let mut tally = Tally::default();
        for finding in findings {
            tally.add(finding, &Record::of(finding).unwrap().key);
        }
        tally
    };
    let records: Vec<Record> = findings.iter().map(|f| Record::of(f).unwrap()).collect();
    for cut in 0..=findings.len() {
        let (one, two) = findings.split_at(cut);
        let (mut merged, second) = (count(two), count(one));
        merged.merge(second);
        let mut sorted = records.clone();
        sorted.sort();
        let inputs = Inputs {
            findings: Findings::new(std::sync::Arc::new(sorted), merged),
            ..inputs()
        };
        let merged = build(inputs);
        assert!(merged == report(), "{cut}");
        let options = TextOptions::default();
        assert_eq!(text(&merged, options), text(&report(), options));
    }
}

#[test]
fn the_most_severe_failures_of_a_check_are_shown() {
    let check = checks().remove(0);
    let mut findings: Vec<Finding> = (0..10)
        .map(|number| finding(&check, &format!("b-{number}"), "", Verdict::Fail))
        .collect();
    for (number, finding) in findings.iter_mut().enumerate() {
        finding.severity = match number {
            8 => Severity::Critical,
            3 | 6 => Severity::High,
            _ => Severity::Low,
        };
    }
    let text = markdown(&build(inputs_of(findings)));
    let shown: Vec<&str> = text.split("<code>b-").skip(1).map(|s| &s[..1]).collect();
    assert_eq!(shown, ["8", "3", "6", "0", "1"]);
    assert!(text.contains("… and 5 more"));
}

#[test]
fn json_of_the_sample() {
    let json = json(&report()).unwrap();
    insta::assert_snapshot!("json", json);
    assert_eq!(read(&json).unwrap(), report());
}

#[test]
fn a_report_of_another_version_is_named() {
    let error = read(r#"{"schema": "sixpillars/report/99"}"#).unwrap_err();
    assert!(error.to_string().contains("sixpillars/report/99"));
    assert!(read("{}").is_err());
    assert!(read("no json").is_err());
}

#[test]
fn the_order_of_inputs_does_not_show() {
    let mut findings = findings();
    findings.reverse();
    let mut reversed = inputs_of(findings);
    reversed.checks.reverse();
    reversed.framework.reverse();
    assert!(build(reversed) == report());
}

#[test]
fn unknown_is_neither_good_nor_bad() {
    let report = report();
    // One unknown list and nothing else: no score, no coverage, no claim about the practice.
    let reliability = pillar(&report, Pillar::Reliability);
    assert_eq!((reliability.score, reliability.coverage), (None, Some(0.0)));
    assert_eq!(reliability.practices.unknown, 1);
    assert_eq!(reliability.high_risk_issues, 0);
    // Nothing evaluated at all.
    let sustainability = pillar(&report, Pillar::Sustainability);
    assert_eq!(
        (sustainability.score, sustainability.coverage),
        (None, None)
    );
    // Security: 24 of 40 passed; 4 of 6 decided; the unknown ones change the score by nothing.
    let security = pillar(&report, Pillar::Security);
    assert_eq!(
        (security.score, security.coverage),
        (Some(60), Some(0.6666))
    );
    let mut findings = findings();
    findings.retain(|finding| finding.verdict != Verdict::Unknown);
    let known = build(inputs_of(findings));
    assert_eq!(pillar(&known, Pillar::Security).score, Some(60));
}

#[test]
fn issues_are_counted_by_question_at_its_highest_risk() {
    let mut findings = findings();
    let check = checks().remove(0);
    let mut high = finding(&check, "b", "b", Verdict::Fail);
    high.best_practices = vec!["SEC08-BP02".to_owned()];
    findings.push(high);
    let report = build(inputs_of(findings));
    let security = pillar(&report, Pillar::Security);
    assert_eq!(
        (security.high_risk_issues, security.medium_risk_issues),
        (1, 0)
    );
    assert_eq!(
        security.practices_at_risk,
        ByRisk {
            high: 1,
            medium: 0,
            low: 1
        }
    );
    let question = report.questions.iter().find(|q| q.id == "SEC08").unwrap();
    assert_eq!(question.risk, Some(Risk::High));
}

/// The state of an attestation beside each kind of evidence, and what its question is left at.
#[test]
fn an_attestation_counts_beside_the_evidence_and_never_instead_of_it() {
    use AttestationState::{Contradicted, Expired, Valid};
    use AttestationStatus::{Met, NotApplicable, NotMet};
    let look = |practice: &str, status, expires: Date| {
        let mut inputs = inputs();
        let expires = Statement {
            expires,
            ..attestation(practice, status)
        };
        inputs.attestations = vec![expires];
        let report = build(inputs);
        let practice = report.practices.iter().find(|p| p.id == practice).unwrap();
        let question = report.questions.iter().find(|q| q.id == practice.question);
        let state = practice.attestation.as_ref().unwrap().state;
        (practice.status, state, question.unwrap().risk)
    };
    let later = jiff::civil::date(2026, 11, 1);
    let before = jiff::civil::date(2026, 10, 31);
    let (high, low) = (Some(Risk::High), Some(Risk::Low));
    // Only people can tell: what they admit is a risk, as the AWS Well-Architected Tool counts it.
    let none = PracticeStatus::NoEvidence;
    assert_eq!(look("OPS01-BP01", NotMet, later), (none, Valid, high));
    assert_eq!(look("OPS01-BP01", NotMet, before), (none, Expired, None));
    assert_eq!(look("OPS01-BP01", Met, later), (none, Valid, None));
    assert_eq!(
        look("OPS01-BP01", NotApplicable, later),
        (none, Valid, None)
    );
    // It could not be read: an answer does not make it read.
    let unknown = PracticeStatus::Unknown;
    assert_eq!(look("REL09-BP01", Met, later), (unknown, Valid, None));
    assert_eq!(look("REL09-BP01", NotMet, later), (unknown, Valid, high));
    // A check failed.
    let at_risk = PracticeStatus::AtRisk;
    assert_eq!(look("SEC08-BP04", Met, later), (at_risk, Contradicted, low));
    let refused = (at_risk, Contradicted, low);
    assert_eq!(look("SEC08-BP04", NotApplicable, later), refused);
    assert_eq!(look("SEC08-BP04", NotMet, later), (at_risk, Valid, low));
    // Evidence that is no proof does not outweigh what people admit.
    let met = PracticeStatus::Met;
    assert_eq!(look("SEC01-BP02", NotMet, later), (met, Valid, high));
    assert_eq!(look("SEC01-BP02", Met, later), (met, Valid, None));
}

#[test]
fn facts_that_decide_a_practice_contradict_who_calls_it_not_met() {
    let mut inputs = inputs_of(vec![finding(&checks()[0], "b", "b", Verdict::Pass)]);
    inputs.attestations = vec![attestation("SEC08-BP04", AttestationStatus::NotMet)];
    let report = build(inputs);
    let practice = report.practices.iter().find(|p| p.id == "SEC08-BP04");
    let attestation = practice.unwrap().attestation.as_ref().unwrap();
    assert_eq!(attestation.state, AttestationState::Contradicted);
    assert_eq!(pillar(&report, Pillar::Security).high_risk_issues, 0);
    let kinds: Vec<&str> = report.problems.iter().map(|n| n.kind.as_str()).collect();
    assert!(kinds.contains(&"attestation_contradicted"), "{kinds:?}");
}

#[test]
fn gaps_say_what_they_hide_and_what_would_close_them() {
    let report = report();
    let denied = report
        .gaps
        .iter()
        .find(|gap| gap.cause == Cause::Denied)
        .unwrap();
    assert_eq!((denied.evaluations, denied.resources), (2, 2));
    assert_eq!(denied.checks, ["s3/bucket-public"]);
    let statement = denied.statement.as_ref().unwrap();
    assert_eq!(
        statement["Action"],
        serde_json::json!(["s3:GetBucketPolicyStatus"])
    );
    let throttled = report
        .gaps
        .iter()
        .find(|gap| gap.cause == Cause::Throttled)
        .unwrap();
    assert_eq!(throttled.statement, None);
}

#[test]
fn savings_are_counted_once_for_each_failure() {
    let report = report();
    assert_eq!(
        report.savings,
        Savings {
            usd_month: 5.5,
            findings: 5
        }
    );
    let mut findings = findings();
    assert_eq!(findings.len() as u64, report.findings.len());
    for finding in &mut findings {
        finding.verdict = Verdict::Exempt;
    }
    assert_eq!(build(inputs_of(findings)).savings, Savings::default());
}

#[test]
fn the_schema_in_the_repository_is_current() {
    crate::yaml::assert_schema_is_current("report", &schema());
}

#[test]
fn a_report_fits_its_schema_with_unread_tags_too() {
    let mut findings = findings();
    findings[0].resource.tags = Part::Unread;
    findings[1].resource.tags = Part::Gap(Gap::new("a:B", Cause::Denied, "no"));
    let report = build(inputs_of(findings));
    let json = json(&report).unwrap();
    // JSON is YAML too.
    let document = Document::parse("report.json", &json).unwrap();
    let fitted = decode_node("report.json", &document.root, schema().as_value());
    assert_eq!(fitted.unwrap(), serde_json::to_value(&report).unwrap());
    assert_eq!(read(&json).unwrap(), report);
}
