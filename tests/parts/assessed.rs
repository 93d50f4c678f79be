//! An account that was read once, to be judged as often as one likes: with parts missing, or other than
//! they were.

use crate::account::Size;
use crate::{run, serve};
use jiff::Timestamp;
use serde_json::Value;
use sixpillars::check::{Catalog, Check, example};
use sixpillars::cli::SelectArgs;
use sixpillars::config::{self, Selected};
use sixpillars::derive::derivations;
use sixpillars::judge::{Criteria, FindingSink, Judge};
use sixpillars::kinds::declared::PartRead;
use sixpillars::kinds::file::ScalarName;
use sixpillars::kinds::form::Form;
use sixpillars::kinds::load;
use sixpillars::model::{Cause, Document, Gap, Kind, Part, Verdict};
use sixpillars::plan::{self, JobResult, Parts};
use sixpillars::report::ScannedAccount;
use sixpillars::scan::external_sort::ExternalSorter;
use sixpillars::scan::snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// What a finding is about: check, kind, id and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) check: String,
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) region: String,
}

/// The verdicts of an assessment with the gaps behind each.
pub(crate) type Verdicts = BTreeMap<Subject, (Verdict, Vec<Gap>)>;

/// Stands for a kind as a whole among its parts.
const WHOLE: &str = "";

/// The checks that need each part of each kind.
pub(crate) type Needing = BTreeMap<(&'static str, &'static str), BTreeSet<String>>;

/// The account as it was read.
pub(crate) struct Read {
    pub(crate) selected: Selected,
    pub(crate) documents: Vec<Document>,
    pub(crate) jobs: Vec<JobResult>,
    accounts: Vec<ScannedAccount>,
    started: Timestamp,
}

impl Read {
    /// Reads everything that checks ask for, billed parts included.
    pub(crate) async fn new() -> Self {
        let endpoint = serve(Size::FEW).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("account.snapshot");
        let path = file.to_str().unwrap();
        let scan = ["scan", "--quiet", "--format", "json", "--max-rate", "0"];
        let paid = ["--allow-paid", "1", "--save-snapshot", path];
        run(&endpoint, &folder, &[&scan[..], &paid[..]].concat()).await;
        let today = "2026-01-01".parse().unwrap();
        let selected = config::select(&SelectArgs::default(), &[], today)
            .unwrap_or_else(|problems| panic!("{problems:#?}"));
        let mut documents = Vec::new();
        let contents = snapshot::read(&file, &selected.kinds, |d| documents.push(d)).unwrap();
        Self {
            selected,
            documents,
            jobs: contents.jobs,
            started: contents.header.started,
            accounts: contents.header.accounts,
        }
    }

    /// The parts that some checks read, with what derived parts need.
    pub(crate) fn parts<'c>(&self, checks: impl IntoIterator<Item = &'c Check>) -> Parts {
        plan::parts(checks, &self.selected.kinds, &derivations(), &[])
    }

    /// The checks that need each part of each kind, and those that need the kind.
    pub(crate) fn needing(&self) -> Needing {
        let mut needing = Needing::new();
        for check in self.selected.catalog.iter() {
            for (kind, parts) in self.parts([check.as_ref()]) {
                for part in parts.into_iter().chain([WHOLE]) {
                    let checks = needing.entry((kind, part)).or_default();
                    checks.insert(check.id.clone());
                }
            }
        }
        needing
    }

    /// Some of the checks.
    pub(crate) fn only(&self, checks: &BTreeSet<String>) -> Catalog {
        let catalog = &self.selected.catalog;
        catalog.filtered(|check| checks.contains(&check.id))
    }

    /// How the lists ended, had some kinds' been refused, each with its gap.
    pub(crate) fn without_lists(&self, gaps: &BTreeMap<&str, Gap>) -> Vec<JobResult> {
        let mut jobs = self.jobs.clone();
        for result in &mut jobs {
            if let Some(gap) = gaps.get(result.job.kind) {
                result.listed = Err(gap.clone());
            }
        }
        jobs
    }

    /// Judges documents by some checks.
    pub(crate) fn judge(
        &self,
        catalog: &Catalog,
        documents: impl IntoIterator<Item = Document>,
        jobs: &[JobResult],
    ) -> Verdicts {
        let parts = self.parts(catalog.iter().map(AsRef::as_ref));
        let criteria = Criteria {
            catalog,
            kinds: &self.selected.kinds,
            policy: &self.selected.policy,
            parts: &parts,
            derivations: derivations(),
            tags: &self.selected.selection.tags,
            now: self.started,
            accounts: &self.accounts,
            failed_before: None,
        };
        let found: Arc<Mutex<Verdicts>> = Arc::default();
        let seen = Arc::clone(&found);
        let sink = FindingSink {
            on_finding: Some(Arc::new(move |finding| {
                let subject = Subject {
                    check: finding.check.clone(),
                    kind: finding.resource.kind.clone(),
                    id: finding.resource.id.clone(),
                    region: finding.resource.region.clone(),
                };
                let verdict = (finding.verdict, finding.gaps.clone());
                let before = seen.lock().unwrap().insert(subject, verdict);
                assert!(before.is_none(), "two findings for {}", finding.id.0);
            })),
            ..FindingSink::new(Arc::new(ExternalSorter::default()))
        };
        let mut judge = Judge::new(&criteria, sink);
        // A scan for these checks would read no others.
        let read = |document: &Document| parts.contains_key(document.resource.kind.as_str());
        for document in documents.into_iter().filter(read) {
            judge.document(document);
        }
        judge.finish(jobs).unwrap();
        std::mem::take(&mut *found.lock().unwrap())
    }

    /// The documents, with a part of all of each kind replaced.
    pub(crate) fn with<'r>(
        &'r self,
        replaced: &'r BTreeMap<&str, (&str, Part<Value>)>,
    ) -> impl Iterator<Item = Document> + 'r {
        self.documents.iter().cloned().map(move |mut document| {
            if let Some((part, value)) = replaced.get(document.resource.kind.as_str()) {
                document.set(part, value.clone());
                if *part == "tags" {
                    document.resource.tags = typed(value);
                }
            }
            document
        })
    }

    /// The documents of the examples of some checks of a kind.
    pub(crate) fn examples(&self, kind: &Kind, checks: &Catalog) -> Vec<Document> {
        let shape = &self.selected.kinds[kind.name].shape;
        let checks = checks
            .iter()
            .filter(|check| check.file.resource == kind.name);
        let examples = checks.flat_map(|check| {
            let examples = &check.file.examples;
            [&examples.pass, &examples.fail, &examples.not_applicable]
                .into_iter()
                .flatten()
        });
        let documents = examples.enumerate().map(|(at, given)| {
            let mut document =
                example::document(kind.name, shape, &given.fields(), self.started).unwrap();
            document.resource.id = format!("example-{at}");
            document
        });
        documents.collect()
    }

    /// What a part of a kind may be: what it is somewhere in the account, or in an example of a check.
    pub(crate) fn values(&self, kind: &Kind, part: &str) -> Vec<Value> {
        let here = self
            .documents
            .iter()
            .filter(|d| d.resource.kind == kind.name);
        let examples = self.examples(kind, &self.selected.catalog);
        let mut values: Vec<Value> = Vec::new();
        for mut document in here.cloned().chain(examples) {
            let value = document.fields.remove(part);
            values.extend(value.filter(|value| !values.contains(value)));
        }
        let joined = self.joined(kind, part);
        values.extend(joined.into_iter().filter(|value| !value.is_null()));
        values
    }

    /// The values of a part in examples of kinds whose resources refer to this one's.
    fn joined(&self, kind: &Kind, part: &str) -> Vec<Value> {
        let mut values = Vec::new();
        for other in load::all().kinds.values() {
            let joins = other.joins.iter().filter(|join| join.kind == kind.name);
            for join in joins {
                for example in self.examples(other.kind, &self.selected.catalog) {
                    let found = example.fields.get(join.name).cloned().unwrap_or_default();
                    let found = match found {
                        Value::Array(items) => items,
                        one => vec![one],
                    };
                    values.extend(found.iter().filter_map(|one| one.get(part).cloned()));
                }
            }
        }
        values
    }
}

/// Whether a part is one that a file declares.
pub(crate) fn is_declared(kind: &str, part: &str) -> bool {
    let kind = load::all().kinds.get(kind);
    kind.is_some_and(|kind| kind.part(part).is_some())
}

/// Whether a part is a policy in a text.
pub(crate) fn is_policy(kind: &str, part: &str) -> bool {
    let kind = load::all().kinds.get(kind);
    kind.and_then(|kind| kind.part(part))
        .is_some_and(|part| match &part.read {
            PartRead::Call(asked) => asked.form == Form::Scalar(ScalarName::Policy),
            _ => false,
        })
}

fn typed<T: serde::de::DeserializeOwned>(value: &Part<Value>) -> Part<T> {
    match value {
        Part::Unread => Part::Unread,
        Part::Gap(gap) => Part::Gap(gap.clone()),
        Part::Read(value) => Part::Read(serde_json::from_value(value.clone()).unwrap()),
    }
}

/// The gap of something that nobody may read; no other gap is like it.
pub(crate) fn gap(what: &str) -> Gap {
    Gap::new("test:Denied", Cause::Denied, what)
}

/// The subjects whose verdict is another, or in one of them only.
pub(crate) fn changed(whole: &Verdicts, other: &Verdicts) -> BTreeSet<Subject> {
    let verdict = |all: &Verdicts, subject| all.get(subject).map(|(verdict, _)| *verdict);
    let all = whole.keys().chain(other.keys());
    all.filter(|subject| verdict(whole, subject) != verdict(other, subject))
        .cloned()
        .collect()
}
