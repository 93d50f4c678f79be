//! A policy file gives problems or a policy; tags that could not be read never pass for tags that
//! are not there, and an exemption touches nothing but failures.
#![no_main]

use jiff::civil::{Date, date};
use libfuzzer_sys::fuzz_target;
use sixpillars::check::Check;
use sixpillars::judge::evaluate::{CheckSettings, undecided_finding};
use sixpillars::judge::info;
use sixpillars::model::{Cause, Document, Finding, Gap, Part, Resource, Tags, Verdict};
use sixpillars::policy::{CheckInfo, ExemptionUses, GateCounts, Policy, PolicySource, load};
use sixpillars_fuzz::{CATALOG, now};
use std::sync::{Arc, LazyLock};

const TODAY: Date = date(2026, 6, 1);

/// A few checks, with and without parameters: every one of the binary would only take longer.
static CHECKS: LazyLock<Vec<&'static Arc<Check>>> =
    LazyLock::new(|| CATALOG.iter().step_by(9).collect());
static INFOS: LazyLock<Vec<CheckInfo<'static>>> =
    LazyLock::new(|| CATALOG.iter().map(|check| info(check)).collect());

fn document(tags: Part<Tags>) -> Document {
    Document {
        resource: Resource {
            kind: "ec2.instance".to_owned(),
            id: "i-0123456789abcdef0".to_owned(),
            arn: Some("arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0".to_owned()),
            name: "orders".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            tags,
        },
        fields: serde_json::Map::new(),
        gaps: std::collections::BTreeMap::new(),
    }
}

fn unreadable() -> Document {
    document(Part::Gap(Gap::new(
        "ec2:DescribeTags",
        Cause::Denied,
        "AccessDenied",
    )))
}

fn tagged(tags: &[(&str, &str)]) -> Document {
    let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    document(Part::Read(tags.collect()))
}

/// Whatever the tags turn out to be, the terms that were given without them hold.
fn settings(policy: &Policy, check: &CheckInfo<'_>) {
    let hidden = unreadable().resource;
    let parameters = policy.parameters_for(check, &hidden);
    let severity = policy.severity_for(check, &hidden);
    for known in [
        tagged(&[]),
        tagged(&[("env", "prod")]),
        tagged(&[
            ("Environment", "production"),
            ("team", "x"),
            ("sandbox", ""),
        ]),
    ] {
        let seen = policy.parameters_for(check, &known.resource);
        let seen = seen.expect("all tags are known");
        assert!(
            seen.keys().eq(check.parameters.keys()),
            "{}: other parameters",
            check.id
        );
        if let Ok(parameters) = &parameters {
            assert_eq!(&seen, parameters, "{}: tags change what was sure", check.id);
        }
        let seen = policy.severity_for(check, &known.resource);
        assert!(
            seen <= severity,
            "{}: {seen} is more than {severity}",
            check.id
        );
    }
}

fn exemptions(policy: &Policy) {
    for document in [unreadable(), tagged(&[("env", "prod")])] {
        let finding = |check: &&Arc<Check>, verdict| {
            let settings = CheckSettings {
                parameters: &check.file.parameters,
                severity: check.file.severity,
            };
            Finding {
                verdict,
                ..undecided_finding(check, &document, &settings, now())
            }
        };
        let before: Vec<Finding> = CHECKS
            .iter()
            .flat_map(|check| Verdict::ALL.map(|verdict| finding(check, verdict)))
            .collect();
        let mut after = before.clone();
        let (mut fates, mut counts) = (ExemptionUses::default(), GateCounts::default());
        for finding in &mut after {
            policy.apply_exemptions(finding, TODAY, &mut fates);
            policy.count_gates(finding, None, &mut counts);
        }
        assert_eq!(
            before.len(),
            after.len(),
            "an exemption took a finding away"
        );
        for (before, after) in before.iter().zip(&after) {
            let exempt = before.verdict == Verdict::Fail && after.verdict == Verdict::Exempt;
            assert!(
                before.verdict == after.verdict || exempt,
                "{} became {}",
                before.verdict,
                after.verdict
            );
        }
        for (gate, result) in policy.gates.iter().zip(policy.gate_results(&counts)) {
            assert_eq!(
                result.broken,
                result.count > gate.max,
                "a gate that does not count"
            );
        }
    }
}

fuzz_target!(|text: &str| {
    let file = PolicySource {
        name: "policy.yaml".to_owned(),
        text: text.to_owned(),
    };
    let once = load(std::slice::from_ref(&file), &INFOS, &["SEC01-BP01"], TODAY);
    let again = load(std::slice::from_ref(&file), &INFOS, &["SEC01-BP01"], TODAY);
    assert_eq!(
        format!("{once:?}"),
        format!("{again:?}"),
        "not the same twice"
    );
    let policy = match once {
        Ok(loaded) => loaded.policy,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            return;
        }
    };
    for check in &*CHECKS {
        let info = info(check);
        settings(&policy, &info);
        if policy.needs_tags(&check.id) {
            continue;
        }
        let sure = policy.parameters_for(&info, &unreadable().resource);
        assert!(
            sure.is_ok(),
            "{}: reads tags that nobody collects",
            check.id
        );
    }
    exemptions(&policy);
});
