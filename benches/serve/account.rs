//! A large account, made up: findings that change a little every day.

use sixpillars::model::{Finding, FindingId, Part, Pillar, Resource, Severity, Tags, Verdict};
use sixpillars::report::{self, CheckReport, Findings, ReadRow, Record, Report, Tally};
use std::sync::Arc;

/// Checks; each judges as many resources.
const CHECKS: usize = 200;
/// The part of the findings that changes from a day to the next: half a percent.
const CHANGES: usize = 200;

/// Who owns the resources, by their tags.
const TEAMS: [&str; 4] = ["web", "red", "data", "platform"];

/// The account on one day.
pub(crate) struct Account {
    golden: Report,
    checks: Vec<CheckReport>,
    findings: Vec<Finding>,
    /// The records of the findings, in their order.
    records: Vec<Record>,
    day: usize,
    made: usize,
}

impl Account {
    pub(crate) fn new(findings: usize) -> Self {
        let golden =
            include_str!("../../src/report/snapshots/sixpillars__report__tests__json.snap");
        let (_, json) = golden.split_once("\n---\n").unwrap();
        let golden = report::read(json).unwrap();
        let pattern = &golden.checks[0];
        let checks: Vec<CheckReport> = (0..CHECKS)
            .map(|number| CheckReport {
                id: format!("service{}/flaw-{number}", number % 30),
                pillar: Pillar::ALL[number % Pillar::ALL.len()],
                severity: Severity::ALL[number % Severity::ALL.len()],
                resource: "s3.bucket".to_owned(),
                ..pattern.clone()
            })
            .collect();
        let mut account = Self {
            golden,
            checks,
            findings: Vec::new(),
            records: Vec::new(),
            day: 0,
            made: 0,
        };
        for _ in 0..findings {
            let finding = account.another();
            account.records.push(Record::of(&finding).unwrap());
            account.findings.push(finding);
        }
        account
    }

    fn another(&mut self) -> Finding {
        let number = self.made;
        self.made += 1;
        let check = &self.checks[number % CHECKS];
        let id = format!("arn:aws:s3:::resource-{number:08}");
        let resource = Resource {
            kind: check.resource.clone(),
            id: id.clone(),
            arn: Some(id),
            name: format!("resource-{number:08}"),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            tags: Part::Read(Tags::from([
                ("team".to_owned(), TEAMS[number % TEAMS.len()].to_owned()),
                ("environment".to_owned(), "production".to_owned()),
            ])),
        };
        Finding {
            id: FindingId::of(&check.id, &resource),
            check: check.id.clone(),
            title: check.title.clone(),
            pillar: check.pillar,
            best_practices: check.best_practices.clone(),
            severity: check.severity,
            verdict: verdict(number),
            say: format!(
                "The bucket {number} has {} objects that anybody reads",
                number % 97
            ),
            resource,
            evidence: serde_json::Map::new(),
            gaps: Vec::new(),
            fix: None,
            saves_usd_month: None,
            exemption: None,
        }
    }

    /// The next day: of what changes, a half has another verdict, a quarter is gone, and as many
    /// resources are new.
    pub(crate) fn next_day(&mut self) {
        self.day += 1;
        let all = self.findings.len();
        for change in 0..all / CHANGES {
            // A prime, so that all have their turn.
            let at = (self.day * 7919 + change * CHANGES + change % 7) % all;
            if change % 2 == 0 {
                let finding = &mut self.findings[at];
                finding.verdict = match finding.verdict {
                    Verdict::Fail => Verdict::Pass,
                    _ => Verdict::Fail,
                };
            } else {
                let new = self.another();
                self.findings[at] = new;
            }
            self.records[at] = Record::of(&self.findings[at]).unwrap();
        }
    }

    /// The same with everything that a stored report has.
    pub(crate) fn whole_report(&self, started: jiff::Timestamp) -> Report {
        Report {
            findings: Findings::try_from(self.findings.clone()).unwrap(),
            ..self.report(started)
        }
    }

    /// What an audit on this day reports.
    pub(crate) fn report(&self, started: jiff::Timestamp) -> Report {
        let mut report = self.golden.clone();
        report.checks.clone_from(&self.checks);
        let mut records = self.records.clone();
        records.sort_unstable();
        report.findings = Findings::new(Arc::new(records), Tally::default());
        report.reads = vec![ReadRow {
            gap: None,
            ..self.golden.reads[0].clone()
        }];
        report.reads[0].account = "111122223333".to_owned();
        report.reads[0].region = "eu-west-1".to_owned();
        report.reads[0].kind = "s3.bucket".to_owned();
        for pillar in &mut report.pillars {
            // Every pillar has checks here.
            (pillar.score, pillar.coverage) = (Some(80), Some(0.9));
        }
        report.scan.started = started;
        report.scan.finished = started;
        report
    }
}

fn verdict(number: usize) -> Verdict {
    match number % 10 {
        0..2 => Verdict::Fail,
        2 => Verdict::Unknown,
        3 => Verdict::NotApplicable,
        _ => Verdict::Pass,
    }
}
