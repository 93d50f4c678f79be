//! Policies from text to decision.

#[path = "tests/attestations.rs"]
mod attestations;
#[path = "tests/exemptions.rs"]
mod exemptions;

use super::*;
use crate::model::{Cause, Finding, FindingId, Gap, Part, Pillar, Resource, Tags, Verdict};
use crate::policy::{BUILTIN, ExemptionUses, GateCounts, builtin};
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const TODAY: Date = date(2026, 11, 1);
const PRACTICES: [&str; 3] = ["OPS01-BP01", "SEC01-BP02", "SEC08-BP04"];

fn parameters() -> (Map<String, Value>, Map<String, Value>) {
    let object = |value: Value| value.as_object().unwrap().clone();
    (
        object(json!({"days": 7, "usd": 0.08, "ports": [22, 3389]})),
        Map::new(),
    )
}

fn with_checks<T>(run: impl FnOnce(&[CheckInfo<'_>]) -> T) -> T {
    let (some, none) = parameters();
    run(&[
        CheckInfo {
            id: "ec2/volume-unattached",
            pillar: Pillar::CostOptimization,
            severity: Severity::Medium,
            parameters: &some,
        },
        CheckInfo {
            id: "s3/bucket-public",
            pillar: Pillar::Security,
            severity: Severity::Critical,
            parameters: &none,
        },
    ])
}

fn load_texts(texts: &[&str]) -> Result<Loaded, Vec<Problem>> {
    let files: Vec<PolicySource> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| PolicySource {
            name: format!("p{index}.yaml"),
            text: (*text).to_owned(),
        })
        .collect();
    with_checks(|checks| load(&files, checks, &PRACTICES, TODAY))
}

fn policy(texts: &[&str]) -> Policy {
    load_texts(texts)
        .unwrap_or_else(|problems| panic!("{problems:?}"))
        .policy
}

fn lines(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn resource(tags: Part<Tags>) -> Resource {
    Resource {
        kind: "ec2.volume".to_owned(),
        id: "vol-1".to_owned(),
        arn: Some("arn:aws:ec2:eu-west-1:111122223333:volume/vol-1".to_owned()),
        name: "data".to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        tags,
    }
}

fn tagged(key: &str, value: &str) -> Part<Tags> {
    Part::Read(Tags::from([(key.to_owned(), value.to_owned())]))
}

fn finding(verdict: Verdict, tags: Part<Tags>) -> Finding {
    let resource = resource(tags);
    Finding {
        id: FindingId::of("ec2/volume-unattached", &resource),
        check: "ec2/volume-unattached".to_owned(),
        title: "Volume is attached to nothing".to_owned(),
        pillar: Pillar::CostOptimization,
        best_practices: vec!["COST04-BP03".to_owned()],
        severity: Severity::Medium,
        verdict,
        resource,
        say: "100 GiB".to_owned(),
        evidence: Map::new(),
        gaps: Vec::new(),
        fix: None,
        saves_usd_month: None,
        exemption: None,
    }
}

fn exemption(selector: &str, expires: &str) -> String {
    exemption_of(&format!("checks: ['ec2/*']\n    {selector}"), expires)
}

fn exemption_of(selectors: &str, expires: &str) -> String {
    format!(
        "name: a\nexemptions:\n  - {selectors}\n    reason: because\n    owner: ops\n    \
         expires: {expires}\n"
    )
}

#[test]
fn every_problem_of_every_file_is_reported_at_once() {
    let first = "name: a\nchekcs: {}\nparameters:\n  ec2/volume-unatached: {days: 1}\n";
    let second = "name: b
checks: {include: [s3/bucket-pubic, rds/*]}
parameters:
  ec2/volume-unattached: {dayz: 1, days: soon, usd: 1, ports: [a]}
severity: {s3/bucket-publik: low}
overrides:
  - accounts: [12]
exemptions:
  - {checks: [s3/bucket-public], reason: r, owner: o, expires: 2026-10-31}
  - {regions: [eu-west-1], findings: [x], reason: r, owner: o, expires: 2027-01-01}
";
    let third = "name: c
exemptions:
  - {regions: [eu-*], reason: r, owner: '', expires: soon}
";
    let fourth = "name: d
exemptions:
  - {regions: [eu-*], reason: r, owner: o, expires: 2027-01-01}
";
    let problems = load_texts(&[first, second, third, fourth]).unwrap_err();
    insta::assert_snapshot!(lines(&problems).join("\n"));
}

#[test]
fn an_expired_exemption_is_a_warning() {
    let text = "name: a\nexemptions:\n  - checks: ['*']\n    regions: [eu-west-1]\n    reason: r\n    \
                owner: o\n    expires: 2026-10-31\n";
    let loaded = load_texts(&[text]).unwrap();
    assert_eq!(
        lines(&loaded.warnings),
        [
            "p0.yaml:3:5: warning: this exemption expired on 2026-10-31\n  help: renew it, or remove it"
        ]
    );
}

#[test]
fn checks_are_selected_by_pattern_pillar_and_severity() {
    let selected = |text: &str| {
        let policy = policy(&[text]);
        with_checks(|checks| {
            let chosen = checks.iter().filter(|check| policy.selects(check));
            chosen.map(|check| check.id.to_owned()).collect::<Vec<_>>()
        })
    };
    assert_eq!(selected("name: a").len(), 2);
    assert_eq!(
        selected("name: a\nchecks: {include: [s3/*]}"),
        ["s3/bucket-public"]
    );
    assert_eq!(
        selected("name: a\nchecks: {exclude: ['*-public']}"),
        ["ec2/volume-unattached"]
    );
    assert_eq!(
        selected("name: a\nchecks: {pillars: [cost-optimization]}"),
        ["ec2/volume-unattached"]
    );
    assert_eq!(
        selected("name: a\nchecks: {severity: high}"),
        ["s3/bucket-public"]
    );
    let lowered = "name: a\nchecks: {severity: high}\nseverity: {'s3/*': low, 'ec2/*': high}";
    assert_eq!(selected(lowered), ["ec2/volume-unattached"]);
}

#[test]
fn parameters_and_severity_follow_the_last_that_applies() {
    let base = "name: a
parameters: {ec2/volume-unattached: {days: 30, usd: 1}}
severity: {'*': low, 'ec2/*': info}
overrides:
  - tags: {env: prod*}
    parameters: {ec2/volume-unattached: {days: 1}}
    severity: {'ec2/*': critical}
  - accounts: ['999999999999']
    severity: {'ec2/*': medium}
";
    let check = |text: &[&str], tags: Part<Tags>| {
        let policy = policy(text);
        with_checks(|checks| {
            let resource = resource(tags);
            (
                policy.parameters_for(&checks[0], &resource),
                policy.severity_for(&checks[0], &resource),
            )
        })
    };
    let (values, severity) = check(&[base], tagged("env", "dev"));
    assert_eq!(
        Value::Object(values.unwrap()),
        json!({"days": 30, "usd": 1.0, "ports": [22, 3389]})
    );
    assert_eq!(severity, Severity::Info);
    let (values, severity) = check(&[base], tagged("Env", "production"));
    assert_eq!(values.unwrap()["days"], json!(1));
    assert_eq!(severity, Severity::Critical);
    // A later file wins over an earlier one, overrides included.
    let later = "name: b\nparameters: {ec2/volume-unattached: {days: 5}}\n";
    let (values, _) = check(&[base, later], tagged("env", "prod"));
    assert_eq!(values.unwrap()["days"], json!(5));
}

#[test]
fn tags_that_could_not_be_read_decide_nothing() {
    let text = "name: a
overrides:
  - {tags: {env: prod}, parameters: {ec2/volume-unattached: {days: 1}}, severity: {'*': high}}
";
    let gap = Gap::new("ec2:DescribeTags", Cause::Denied, "AccessDenied");
    let same = text.replace("days: 1", "days: 7");
    with_checks(|checks| {
        let unread = resource(Part::Gap(gap.clone()));
        let changed = policy(&[text]);
        assert_eq!(
            changed.parameters_for(&checks[0], &unread),
            Err(gap.clone())
        );
        assert_eq!(changed.severity_for(&checks[0], &unread), Severity::High);
        assert!(changed.needs_tags("ec2/volume-unattached"));
        // Where the override would change nothing, nothing is unsure.
        assert!(policy(&[&same]).parameters_for(&checks[0], &unread).is_ok());
    });
}

#[test]
fn gates_count_what_they_look_at() {
    let text = "name: a
gates:
  - {severity: medium}
  - {severity: high}
  - {pillar: security, severity: info}
  - {severity: low, max: 1}
  - {severity: low, new_only: true}
";
    let policy = policy(&[text]);
    let findings = [
        finding(Verdict::Fail, Part::Unread),
        finding(Verdict::Unknown, Part::Unread),
    ];
    let broken = |baseline| {
        // Counted in two places and added up.
        let mut counts = GateCounts::default();
        for finding in &findings {
            let mut own = GateCounts::default();
            policy.count_gates(finding, baseline, &mut own);
            counts.merge(&own);
        }
        let results = policy.gate_results(&counts);
        results
            .iter()
            .map(|result| result.broken)
            .collect::<Vec<_>>()
    };
    assert_eq!(broken(None), [true, false, false, false, true]);
    let known = std::collections::BTreeSet::from([findings[0].id.clone()]);
    assert_eq!(broken(Some(&known)), [true, false, false, false, false]);
}

#[test]
fn later_files_replace_lists_of_checks_and_gates_and_keep_exemptions() {
    let first = exemption("regions: [eu-*]", "2026-11-01")
        + "checks: {exclude: ['s3/*'], pillars: [security]}\ngates: [{severity: low}]\n";
    let second = "name: b\nchecks: {exclude: ['ec2/*']}\ngates: []\n";
    let merged = policy(&[&first, second]);
    assert_eq!(merged.names, ["a", "b"]);
    assert!(merged.gates.is_empty());
    assert_eq!(merged.exemptions.len(), 1);
    with_checks(|checks| {
        let selected = checks.iter().filter(|check| merged.selects(check));
        assert_eq!(
            selected.map(|c| c.id).collect::<Vec<_>>(),
            ["s3/bucket-public"]
        );
    });
}

#[test]
fn the_built_in_policies_have_the_form_of_a_policy() {
    for (name, _) in BUILTIN {
        let file = builtin(name).unwrap();
        let document = Document::parse(&file.name, &file.text).unwrap();
        let decoded: PolicyFile = yaml::decode(&document).unwrap_or_else(|p| panic!("{p:?}"));
        assert_eq!(decoded.name, name);
        assert!(decoded.description.is_some());
    }
}

#[test]
fn the_schema_in_the_repository_is_current() {
    let mut schema = schemars::schema_for!(PolicyFile).to_value();
    // Loading a policy says this in words.
    let selectors = ["checks", "resources", "tags", "findings"];
    let one_of_them = selectors.map(|selector| json!({"required": [selector]}));
    schema["$defs"]["ExemptionFile"]["anyOf"] = json!(one_of_them);
    let schema = schemars::Schema::try_from(schema).unwrap();
    yaml::assert_schema_is_current("policy", &schema);
}

/// A valid file that has everything.
const WHOLE: &str = "name: a
checks: {include: ['*'], exclude: [s3/*], pillars: [security], severity: low}
parameters: {ec2/volume-unattached: {days: 1, usd: 0.5, ports: [1]}}
severity: {'*': low}
overrides:
  - {accounts: ['1*'], tags: {a: b}, checks: ['*'], severity: {'*': high}}
exemptions:
  - checks: ['*']
    resources: ['arn:*']
    reason: r
    owner: o
    expires: 2027-01-01
attestations:
  - practice: OPS01-BP01
    accounts: ['1*']
    status: not_applicable
    owner: o
    date: 2026-11-01
    expires: 2027-01-01
    link: https://a.example
    note: n
gates: [{pillar: security, severity: low, new_only: true, max: 3}]
";

#[test]
fn a_whole_file_has_no_problems() {
    assert_eq!(load_texts(&[WHOLE]).unwrap().warnings, []);
}

proptest! {
    #[test]
    fn no_damage_to_a_file_makes_it_panic(
        at in 0..WHOLE.len(), cut in 0..20usize, insert in "[\\[\\]{}:,'\"a0 \n*?&-]{0,4}",
    ) {
        let end = (at + cut).min(WHOLE.len());
        let damaged = format!("{}{insert}{}", &WHOLE[..at], &WHOLE[end..]);
        if let Err(problems) = load_texts(&[&damaged]) {
            prop_assert!(problems.iter().any(Problem::is_error));
            prop_assert!(problems.iter().all(|p| p.line > 0 && p.column > 0));
        }
    }
}
