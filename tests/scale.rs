//! How much memory and time an account takes from documents to `report.json`, without a network:
//!
//! ```text
//! cargo test --release --test scale -- --ignored --nocapture
//! ```
//!
//! `RESOURCES` sets the number of resources (200,000), `REGIONS` that of regions (20). The documents
//! are the examples of all checks in turn, under names of their own and with references that lead
//! somewhere.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jiff::Timestamp;
use serde_json::{Value, json};
use sixpillars::check::practices::Practices;
use sixpillars::check::{Catalog, Kinds, example, kinds};
use sixpillars::collect::registry;
use sixpillars::derive::{GLOBAL, derivations};
use sixpillars::judge::{Criteria, FindingSink, Judge};
use sixpillars::model::{Document, Part, Scope, Tags, Verdict};
use sixpillars::plan::{self, JobResult, Parts, PlannedJob};
use sixpillars::policy::Policy;
use sixpillars::report::{self, Inputs, Report};
use sixpillars::scan::external_sort::ExternalSorter;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

const ACCOUNT: &str = "111122223333";
/// What the whole program may take, of which this test is nearly all.
const MAX_MB: u64 = 400;

/// Of a thousand resources, how many are of a kind; the other kinds share the rest.
const SHARES: &[(&str, usize)] = &[
    ("ec2.instance", 100),
    ("ec2.network_interface", 100),
    ("ec2.security_group", 50),
    ("ec2.volume", 150),
    ("ec2.snapshot", 150),
    ("rds.instance", 50),
    ("s3.bucket", 50),
    ("iam.role", 100),
    ("cloudwatch.alarm", 50),
];

struct Account {
    kinds: Kinds,
    practices: Practices,
    catalog: Catalog,
    parts: Parts,
    regions: Vec<String>,
    /// Documents of each kind to be varied.
    templates: BTreeMap<&'static str, Vec<Document>>,
}

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

impl Account {
    fn new(regions: usize) -> Self {
        let kinds = kinds(registry().into_iter().map(|c| c.kind));
        let practices = Practices::embedded().unwrap_or_else(|p| panic!("{p:#?}"));
        let catalog = Catalog::embedded(&kinds, &practices).unwrap_or_else(|p| panic!("{p:#?}"));
        let parts = plan::parts(
            catalog.iter().map(AsRef::as_ref),
            &kinds,
            &derivations(),
            &["tags"],
        );
        let mut templates: BTreeMap<&'static str, Vec<Document>> = BTreeMap::new();
        for check in catalog.iter() {
            let (kind, fields) = kinds.get_key_value(check.file.resource.as_str()).unwrap();
            let examples = &check.file.examples;
            for given in examples.pass.iter().chain(&examples.fail) {
                let document =
                    example::document(kind, &fields.shape, &given.fields(), now()).unwrap();
                templates.entry(kind).or_default().push(document);
            }
        }
        Self {
            kinds,
            practices,
            catalog,
            parts,
            regions: (0..regions).map(|n| format!("eu-west-{n}")).collect(),
            templates,
        }
    }

    fn criteria<'a>(&'a self, policy: &'a Policy, tags: &'a Tags) -> Criteria<'a> {
        Criteria {
            catalog: &self.catalog,
            kinds: &self.kinds,
            policy,
            parts: &self.parts,
            derivations: derivations(),
            tags,
            now: now(),
            accounts: &[],
            failed_before: None,
        }
    }

    /// A number of resources, kind by kind in each region.
    fn documents(&self, resources: usize) -> impl Iterator<Item = Document> + '_ {
        let others = self.templates.len() - SHARES.len();
        let rest = 1_000 - SHARES.iter().map(|(_, share)| share).sum::<usize>();
        let here = resources / self.regions.len();
        self.regions
            .iter()
            .enumerate()
            .flat_map(move |(at, region)| {
                self.templates.iter().flat_map(move |(kind, templates)| {
                    let share = SHARES.iter().find(|(name, _)| name == kind);
                    let count = match share {
                        Some((_, share)) => here * share / 1_000,
                        None => here * rest / others / 1_000,
                    };
                    (0..count).map(move |number| {
                        let template = &templates[number % templates.len()];
                        vary(template, region, at * here + number)
                    })
                })
            })
    }

    fn jobs(&self) -> Vec<JobResult> {
        let job = |kind: &'static str, region: &str| JobResult {
            job: PlannedJob {
                account: ACCOUNT.to_owned(),
                region: region.to_owned(),
                kind,
                parts: BTreeSet::new(),
            },
            listed: Ok(()),
        };
        let mut jobs = Vec::new();
        for kind in self.parts.keys() {
            match self.kinds[kind].kind.scope {
                Scope::Account => jobs.push(job(kind, GLOBAL)),
                Scope::Region => jobs.extend(self.regions.iter().map(|r| job(kind, r))),
            }
        }
        jobs
    }

    fn report(&self, resources: usize, sink: FindingSink) -> Report {
        let (policy, tags) = (Policy::default(), Tags::new());
        let mut judge = Judge::new(&self.criteria(&policy, &tags), sink);
        for document in self.documents(resources) {
            judge.document(document);
        }
        phase("documents taken");
        let judged = judge.finish(&self.jobs()).unwrap();
        phase("all judged");
        report::build(Inputs {
            actions: report::Actions::new(),
            scan: report::Scan {
                id: "scale".to_owned(),
                tool: report::Tool {
                    name: "sixpillars".to_owned(),
                    version: "0".to_owned(),
                },
                started: now(),
                finished: now(),
                accounts: Vec::new(),
                policies: Vec::new(),
                selection: report::Selection::default(),
                complete: true,
            },
            framework: self.practices.iter().cloned().collect(),
            checks: self
                .catalog
                .iter()
                .map(|check| sixpillars::commands::results::check_report(check, &policy))
                .collect(),
            findings: judged.findings,
            reads: Vec::new(),
            calls: Vec::new(),
            cost: report::Cost::default(),
            problems: judged.notices,
            gates: judged.gates,
            attestations: Vec::new(),
        })
    }
}

/// The same resource under another name, elsewhere, referring to others of its region.
fn vary(template: &Document, region: &str, number: usize) -> Document {
    let mut document = template.clone();
    let resource = &mut document.resource;
    resource.id = format!("{}-{number:012x}", resource.kind.replace(['.', '_'], "-"));
    resource.name = format!("{}-{number}", resource.name);
    region.clone_into(&mut resource.region);
    resource.arn = Some(format!("arn:aws:test:{region}:{ACCOUNT}:{}", resource.id));
    let tags: Tags = ["team", "stage", "cost-center", "owner", "Name"]
        .into_iter()
        .map(|key| (key.to_owned(), format!("{key}-{}", number % 97)))
        .collect();
    resource.tags = Part::Read(tags);
    for (name, value) in [
        ("id", json!(resource.id)),
        ("name", json!(resource.name)),
        ("arn", json!(resource.arn)),
        ("region", json!(region)),
        ("tags", json!(resource.tags)),
        (
            "security_group_ids",
            json!([format!("ec2-security-group-{number:012x}")]),
        ),
        ("instance_id", json!(format!("ec2-instance-{number:012x}"))),
        ("volume_id", json!(format!("ec2-volume-{number:012x}"))),
    ] {
        if let Some(field) = document.fields.get_mut(name) {
            *field = value;
        }
    }
    document
}

fn env(name: &str, default: usize) -> usize {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().unwrap())
}

/// A line of `/proc/self/status` in megabytes.
fn status_mb(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

#[allow(clippy::print_stdout, reason = "the figures are for people")]
fn phase(name: &str) {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let seconds = START.get_or_init(Instant::now).elapsed().as_secs_f64();
    let (now, peak) = (status_mb("VmRSS:"), status_mb("VmHWM:"));
    println!("{seconds:8.1} s  {now:?} MB, peak {peak:?} MB  {name}");
}

/// Counts what is written to it.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
#[ignore = "takes minutes; run it by itself, as it measures the memory of the process"]
#[allow(clippy::print_stdout, reason = "the figures are for people")]
fn a_large_account_stays_within_its_memory() {
    let account = Account::new(env("REGIONS", 20));
    phase("checks loaded");
    let resources = env("RESOURCES", 200_000);
    let report = account.report(
        resources,
        FindingSink::new(Arc::new(ExternalSorter::default())),
    );
    phase("report built");
    let mut json = Counter(0);
    report::write_json(&report, &mut json).unwrap();
    phase("report.json written");
    println!(
        "{resources} resources, {} findings, {} MB of report.json",
        report.findings.len(),
        json.0 >> 20
    );
    assert!(status_mb("VmHWM:").is_none_or(|peak| peak < MAX_MB));
}

#[test]
fn the_number_of_threads_and_the_room_in_memory_do_not_show() {
    let account = Account::new(3);
    let report = |threads: usize, memory: usize| {
        let sink = FindingSink {
            threads: NonZero::new(threads).unwrap(),
            ..FindingSink::new(Arc::new(ExternalSorter::new(memory)))
        };
        let report = account.report(600, sink);
        let pages =
            report::text(&report, report::TextOptions::default()) + &report::markdown(&report);
        (report::json(&report).unwrap(), pages)
    };
    let one = report(1, usize::MAX);
    assert!(report(7, 100_000) == one);
    assert!(report(2, 1) == one);
    // And it is the report that the same findings give when they are read back.
    let read = report::read(&one.0).unwrap();
    assert!(report::json(&read).unwrap() == one.0);
    assert!(read.findings.len() > 3_000, "{}", read.findings.len());
}

#[test]
fn each_finding_is_seen_once_and_as_it_is_reported() {
    let account = Account::new(2);
    let seen = Arc::new(Mutex::new(BTreeMap::new()));
    let failed = Arc::new(AtomicU64::new(0));
    let (ids, fails) = (Arc::clone(&seen), Arc::clone(&failed));
    let sink = FindingSink {
        on_finding: Some(Arc::new(move |finding| {
            let text = serde_json::to_value(finding).unwrap();
            let before = ids.lock().unwrap().insert(finding.id.clone(), text);
            assert_eq!(before, None);
            fails.fetch_add(
                u64::from(finding.verdict == Verdict::Fail),
                Ordering::Relaxed,
            );
        })),
        ..FindingSink::new(Arc::new(ExternalSorter::default()))
    };
    let report = account.report(400, sink);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len() as u64, report.findings.len());
    for finding in report.findings.iter() {
        let finding = finding.unwrap();
        let text: Value = serde_json::to_value(&finding).unwrap();
        assert_eq!(seen.get(&finding.id), Some(&text));
    }
    let fails: u64 = report.pillars.iter().map(|pillar| pillar.counts.fail).sum();
    assert_eq!(failed.load(Ordering::Relaxed), fails);
    assert!(fails > 0);
}

/// A disk that is full from the start.
struct Full;

impl report::Store for Full {
    fn add(&self, _: Vec<report::Record>) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"))
    }

    fn close(&self) -> io::Result<Arc<dyn report::Records>> {
        Ok(Arc::new(Vec::new()))
    }
}

#[test]
fn findings_that_could_not_be_kept_are_an_error_and_no_shorter_report() {
    let account = Account::new(1);
    let (policy, tags) = (Policy::default(), Tags::new());
    let mut judge = Judge::new(
        &account.criteria(&policy, &tags),
        FindingSink::new(Arc::new(Full)),
    );
    account.documents(300).for_each(|d| judge.document(d));
    let error = judge.finish(&account.jobs()).unwrap_err();
    assert!(error.to_string().contains("no space left"), "{error}");
}

#[test]
fn a_thread_that_dies_is_an_error_and_no_shorter_report() {
    let account = Account::new(1);
    let (policy, tags) = (Policy::default(), Tags::new());
    let sink = FindingSink {
        on_finding: Some(Arc::new(|_| panic!("on purpose"))),
        ..FindingSink::new(Arc::new(ExternalSorter::default()))
    };
    let mut judge = Judge::new(&account.criteria(&policy, &tags), sink);
    account.documents(300).for_each(|d| judge.document(d));
    let error = judge.finish(&account.jobs()).unwrap_err();
    assert!(error.to_string().contains("thread"), "{error}");
}
