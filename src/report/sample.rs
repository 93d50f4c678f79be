//! A sample report with everything that a renderer has to handle.

use super::{
    CallRow, CheckReport, Cost, Counts, Inputs, ReadRow, Report, Scan, ScannedAccount, Selection,
    Tool, build,
};
use crate::model::finding::{Effort, Fix};
use crate::model::{
    AttestationStatus, Cause, Evidence, Exemption, Finding, FindingId, Gap, Notice, Part, Pillar,
    Practice, Resource, Risk, Severity, Tags, Verdict,
};
use crate::policy::{GateResult, Statement};
use serde_json::{Map, json};
use std::collections::BTreeMap;

/// A name that tries everything: colour, direction, markup, a mention, a table cell.
pub(super) const HOSTILE: &str =
    "\u{1b}[31mred\u{202e}gpj\u{202c}\n| <script>alert(1)</script> `x` @admin =cmd()";

/// What [`HOSTILE`] does not try: a formula at the start, quotes, the ends of elements, links and
/// comments, addresses and attributes that run something, what is not seen, and characters that XML does
/// not allow.
pub(super) const QUOTED: &str = "=cmd(\"x\")'\u{1b}[2J]]></testcase><script>alert(1)</script>\n\
     # HELP [x](http://evil)[y](javascript:alert(2))<a href=\"javascript:alert(3)\">\
     <img src=x onerror=alert(4)>\u{200b}\u{2066}\u{9b}31m\u{202e}\u{0}\u{ffff}\\";

fn practice(id: &str, pillar: Pillar, risk: Risk, evidence: Evidence) -> Practice {
    Practice {
        id: id.to_owned(),
        pillar,
        question: id[..id.len() - 5].to_owned(),
        question_title: format!("Question {}", &id[..id.len() - 5]),
        title: format!("Practice {id}"),
        risk,
        evidence,
        note: None,
    }
}

fn framework() -> Vec<Practice> {
    vec![
        practice(
            "OPS01-BP01",
            Pillar::OperationalExcellence,
            Risk::High,
            Evidence::Human,
        ),
        practice("SEC08-BP04", Pillar::Security, Risk::Low, Evidence::Api),
        practice("SEC08-BP02", Pillar::Security, Risk::High, Evidence::Api),
        practice(
            "SEC01-BP02",
            Pillar::Security,
            Risk::High,
            Evidence::Partial,
        ),
        practice("REL09-BP01", Pillar::Reliability, Risk::High, Evidence::Api),
        practice(
            "COST04-BP03",
            Pillar::CostOptimization,
            Risk::Medium,
            Evidence::Api,
        ),
    ]
}

fn check(id: &str, pillar: Pillar, severity: Severity, practice: &str, kind: &str) -> CheckReport {
    CheckReport {
        id: id.to_owned(),
        title: format!("Flaw of {id}"),
        pillar,
        best_practices: vec![practice.to_owned()],
        severity,
        resource: kind.to_owned(),
        parameters: Map::new(),
        why: "It hurts.".to_owned(),
        fix: "Mend it.".to_owned(),
        effort: Effort::Minutes,
        maps: BTreeMap::from([("fsbp".to_owned(), vec!["S3.1".to_owned()])]),
        see: vec!["https://docs.aws.amazon.com/".to_owned()],
        rule: None,
        counts: Counts::default(),
    }
}

pub(super) fn checks() -> Vec<CheckReport> {
    use Pillar::{CostOptimization, Reliability, Security};
    vec![
        check(
            "s3/bucket-public",
            Security,
            Severity::Critical,
            "SEC08-BP04",
            "s3.bucket",
        ),
        check(
            "iam/root-mfa-missing",
            Security,
            Severity::High,
            "SEC01-BP02",
            "account",
        ),
        check(
            "ec2/volume-unattached",
            CostOptimization,
            Severity::Medium,
            "COST04-BP03",
            "ec2.volume",
        ),
        check(
            "rds/backup-missing",
            Reliability,
            Severity::High,
            "REL09-BP01",
            "rds.instance",
        ),
    ]
}

/// A finding of a check on a resource of this id.
pub(super) fn finding(check: &CheckReport, id: &str, name: &str, verdict: Verdict) -> Finding {
    let resource = Resource {
        kind: check.resource.clone(),
        id: id.to_owned(),
        arn: Some(format!("arn:aws:test:::{id}")),
        name: name.to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        tags: Part::Read(Tags::from([("team".to_owned(), "web".to_owned())])),
    };
    let failed = verdict == Verdict::Fail;
    Finding {
        id: FindingId::of(&check.id, &resource),
        check: check.id.clone(),
        title: check.title.clone(),
        pillar: check.pillar,
        best_practices: check.best_practices.clone(),
        severity: check.severity,
        verdict,
        say: format!("says of {name}"),
        resource,
        evidence: Map::from_iter([("size".to_owned(), json!(8))]),
        gaps: Vec::new(),
        fix: failed.then(|| Fix {
            text: check.fix.clone(),
            cli: Some(format!("aws test mend --id {id}")),
            terraform: None,
            effort: check.effort,
        }),
        saves_usd_month: None,
        exemption: None,
    }
}

pub(super) fn findings() -> Vec<Finding> {
    let checks = checks();
    let [public, root, volume, backup] = &checks[..] else {
        unreachable!("there are four")
    };
    let denied = Gap::new("s3:GetBucketPolicyStatus", Cause::Denied, "AccessDenied");
    let throttled = Gap::new("rds:DescribeDBInstances", Cause::Throttled, "Throttling");
    let unknown = |mut finding: Finding, gap: &Gap| {
        finding.gaps = vec![gap.clone()];
        finding
    };
    let mut exempt = finding(public, "website", "website", Verdict::Exempt);
    exempt.exemption = Some(Exemption {
        reason: "It is a website".to_owned(),
        owner: "web team".to_owned(),
        expires: jiff::civil::date(2027, 3, 31),
    });
    let mut findings = vec![
        exempt,
        finding(public, "open", HOSTILE, Verdict::Fail),
        finding(public, "closed", "closed", Verdict::Pass),
        unknown(
            finding(public, "secret-1", "secret-1", Verdict::Unknown),
            &denied,
        ),
        unknown(
            finding(public, "secret-2", "secret-2", Verdict::Unknown),
            &denied,
        ),
        finding(root, "111122223333", "prod", Verdict::Pass),
        finding(volume, "vol-9", "vol-9", Verdict::NotApplicable),
        unknown(
            finding(backup, "rds.instance", "rds.instance", Verdict::Unknown),
            &throttled,
        ),
    ];
    for number in 1..=5 {
        let id = format!("vol-{number}");
        let mut finding = finding(volume, &id, "data", Verdict::Fail);
        finding.saves_usd_month = Some(1.1);
        findings.push(finding);
    }
    findings
}

fn scan() -> Scan {
    Scan {
        id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
        tool: Tool {
            name: "sixpillars".to_owned(),
            version: "0.1.0".to_owned(),
        },
        started: "2026-11-01T12:00:00Z".parse().unwrap(),
        finished: "2026-11-01T12:01:05.5Z".parse().unwrap(),
        accounts: vec![ScannedAccount {
            id: "111122223333".to_owned(),
            alias: Some("prod".to_owned()),
            partition: "aws".to_owned(),
            caller: Some("arn:aws:sts::111122223333:assumed-role/audit/me".to_owned()),
            regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
        }],
        policies: vec!["default".to_owned()],
        selection: Selection::default(),
        complete: false,
    }
}

/// What people say of a best practice.
pub(super) fn attestation(practice: &str, status: AttestationStatus) -> Statement {
    Statement {
        practice: practice.to_owned(),
        status,
        owner: "platform".to_owned(),
        date: jiff::civil::date(2026, 10, 1),
        expires: jiff::civil::date(2027, 10, 1),
        link: Some("https://wiki.example.com/proof".to_owned()),
        note: None,
        place: "policy.yaml:20".to_owned(),
    }
}

/// One that counts, one that the evidence contradicts, and one of which the time is over.
fn attestations() -> Vec<Statement> {
    let mut not_met = attestation("OPS01-BP01", AttestationStatus::NotMet);
    not_met.owner = HOSTILE.to_owned();
    not_met.note = Some(HOSTILE.to_owned());
    not_met.link = None;
    let mut expired = attestation("REL09-BP01", AttestationStatus::Met);
    expired.expires = jiff::civil::date(2026, 10, 31);
    let contradicted = attestation("SEC08-BP04", AttestationStatus::Met);
    vec![not_met, expired, contradicted]
}

pub(super) fn inputs() -> Inputs {
    inputs_of(findings())
}

/// The same about other findings.
pub(super) fn inputs_of(findings: Vec<Finding>) -> Inputs {
    Inputs {
        actions: super::Actions::new(),
        scan: scan(),
        framework: framework(),
        checks: checks(),
        findings: findings.try_into().unwrap(),
        reads: vec![ReadRow {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            kind: "ec2.volume".to_owned(),
            resources: 6,
            gap: None,
        }],
        calls: vec![CallRow {
            account: "111122223333".to_owned(),
            service: "ec2".to_owned(),
            region: "eu-west-1".to_owned(),
            operation: "DescribeVolumes".to_owned(),
            calls: 1,
            attempts: 2,
            throttled: 1,
            denied: 0,
            failed: 0,
            ms: 85,
        }],
        cost: Cost {
            estimated_usd: 0.02,
            spent_usd: 0.01,
            limit_usd: 1.0,
        },
        problems: vec![
            Notice::new(
                "exemption_unused",
                "the exemption by ops matches no failed finding",
            )
            .at("policy.yaml:12"),
        ],
        gates: vec![
            GateResult {
                pillar: None,
                severity: Severity::Critical,
                new_only: false,
                max: 0,
                count: 1,
                broken: true,
            },
            GateResult {
                pillar: Some(Pillar::CostOptimization),
                severity: Severity::Medium,
                new_only: true,
                max: 5,
                count: 5,
                broken: false,
            },
        ],
        attestations: attestations(),
    }
}

/// A report of a month earlier. Since then, of its failures: `closed` is fixed, `vol-1` fails still,
/// `website` is exempt, two could not be read, `vol-7` is gone and one check is not run any more.
pub(super) fn earlier() -> Report {
    let [public, root, volume, backup] = &checks()[..] else {
        unreachable!("there are four")
    };
    let dropped = check(
        "ec2/dropped",
        Pillar::Reliability,
        Severity::Low,
        "REL09-BP01",
        "ec2.volume",
    );
    let findings = vec![
        finding(public, "open", "open", Verdict::Pass),
        finding(public, "closed", "closed", Verdict::Fail),
        finding(public, "website", "website", Verdict::Fail),
        finding(public, "secret-1", HOSTILE, Verdict::Fail),
        finding(public, "secret-2", "secret-2", Verdict::Pass),
        finding(root, "111122223333", "prod", Verdict::Pass),
        finding(volume, "vol-1", "data", Verdict::Fail),
        finding(volume, "vol-2", "data", Verdict::Unknown),
        finding(volume, "vol-7", HOSTILE, Verdict::Fail),
        finding(backup, &format!("db{HOSTILE}"), HOSTILE, Verdict::Fail),
        finding(&dropped, "vol-1", "data", Verdict::Fail),
    ];
    let mut inputs = inputs_of(findings);
    inputs.checks.push(dropped);
    inputs.scan.id = "earlier".to_owned();
    inputs.scan.started = "2026-10-01T06:00:00Z".parse().unwrap();
    inputs.scan.finished = "2026-10-01T06:01:00Z".parse().unwrap();
    build(inputs)
}

pub(super) fn report() -> Report {
    build(inputs())
}

/// The sample with [`QUOTED`] wherever text of strangers stands: in a resource that lives in no
/// region and has no ARN, in a gap, an exemption, and the name of the account.
pub(super) fn hostile_report() -> Report {
    let [_, root, _, _] = &checks()[..] else {
        unreachable!("there are four")
    };
    let hostile = |id: &str, verdict| {
        let mut finding = finding(root, &format!("{id}{QUOTED}"), QUOTED, verdict);
        finding.resource.region = "global".to_owned();
        finding.resource.arn = None;
        finding.resource.tags = Part::Read(Tags::from([(QUOTED.to_owned(), QUOTED.to_owned())]));
        finding.evidence = Map::from_iter([(QUOTED.to_owned(), json!(QUOTED))]);
        finding
    };
    let mut unknown = hostile("u", Verdict::Unknown);
    unknown.gaps = vec![Gap::new("iam:GetRole", Cause::Failed, QUOTED)];
    let mut exempt = hostile("e", Verdict::Exempt);
    exempt.exemption = Some(Exemption {
        reason: QUOTED.to_owned(),
        owner: QUOTED.to_owned(),
        expires: jiff::civil::date(2027, 3, 31),
    });
    let mut findings = findings();
    findings.extend([hostile("", Verdict::Fail), unknown, exempt]);
    let mut inputs = inputs_of(findings);
    inputs.scan.accounts[0].alias = Some(QUOTED.to_owned());
    build(inputs)
}
