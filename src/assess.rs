//! Documents in, findings out: judges each document as it arrives, and those that derived parts
//! need once the account is complete. Pure.
//!
//! ```text
//! document -> does any derived part read it? -> no:  judge, drop
//!                                            -> yes: keep until the end, derive, judge
//! list that failed -> one unknown finding for each check of the kind
//! ```

use crate::check::{Catalog, Check, Kinds};
use crate::derive::{Derivation, GLOBAL, World};
use crate::judge::{Broken, Terms, judge, unlisted};
use crate::model::{
    Document, Finding, Gap, Notice, Part, Resource, Scope, Severity, Tags, Verdict,
};
use crate::plan::{JobResult, Parts};
use crate::policy::{CheckInfo, Policy};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an assessment goes by.
pub struct Basis<'a> {
    /// The selected checks.
    pub catalog: &'a Catalog,
    /// The kinds.
    pub kinds: &'a Kinds,
    /// The policy.
    pub policy: &'a Policy,
    /// The parts that were planned.
    pub parts: &'a Parts,
    /// All derivations.
    pub derivations: Vec<&'static Derivation>,
    /// Only resources with all of these tags are judged.
    pub tags: &'a Tags,
    /// The time of the judgement.
    pub now: Timestamp,
}

/// The outcome.
#[derive(Debug, Default)]
pub struct Assessed {
    /// Every finding, in no order.
    pub findings: Vec<Finding>,
    /// What the reader should know.
    pub notices: Vec<Notice>,
    /// Resources read, by account, region and kind.
    pub resources: BTreeMap<(String, String, String), u64>,
}

/// Judges as documents arrive.
pub struct Assessor<'a> {
    basis: Basis<'a>,
    by_kind: BTreeMap<&'a str, Vec<Rule<'a>>>,
    derivations: Vec<&'static Derivation>,
    /// Kinds whose documents derived parts are computed from or added to.
    held: BTreeSet<&'static str>,
    worlds: BTreeMap<String, World>,
    broken: BTreeSet<(String, String)>,
    unsure_tags: u64,
    assessed: Assessed,
}

/// A check and what the policy says of it where nothing depends on the resource.
struct Rule<'a> {
    check: &'a Arc<Check>,
}

impl<'a> Rule<'a> {
    fn info(&self) -> CheckInfo<'a> {
        info(self.check)
    }
}

/// What the policy needs to know of a check.
#[must_use]
pub fn info(check: &Check) -> CheckInfo<'_> {
    CheckInfo {
        id: &check.id,
        pillar: check.file.pillar,
        severity: check.file.severity,
        parameters: &check.file.parameters,
    }
}

impl<'a> Assessor<'a> {
    /// Ready for documents.
    #[must_use]
    pub fn new(basis: Basis<'a>) -> Self {
        let mut by_kind: BTreeMap<&str, Vec<Rule<'_>>> = BTreeMap::new();
        for check in basis.catalog.iter() {
            by_kind
                .entry(check.file.resource.as_str())
                .or_default()
                .push(Rule { check });
        }
        let derivations: Vec<&'static Derivation> = basis
            .derivations
            .iter()
            .copied()
            .filter(|d| basis.parts.get(d.kind).is_some_and(|p| p.contains(d.part)))
            .collect();
        let mut held = BTreeSet::new();
        for derivation in &derivations {
            held.insert(derivation.kind);
            held.extend(derivation.needs.iter().map(|need| need.kind));
        }
        Self {
            basis,
            by_kind,
            derivations,
            held,
            worlds: BTreeMap::new(),
            broken: BTreeSet::new(),
            unsure_tags: 0,
            assessed: Assessed::default(),
        }
    }

    /// Takes a complete document.
    pub fn document(&mut self, document: Document) {
        let resource = &document.resource;
        let place = (
            resource.account.clone(),
            resource.region.clone(),
            resource.kind.clone(),
        );
        *self.assessed.resources.entry(place).or_default() += 1;
        if self.held.contains(resource.kind.as_str()) {
            let region = self.place(&resource.kind, &resource.region);
            self.worlds
                .entry(resource.account.clone())
                .or_default()
                .add(&region, document);
        } else {
            self.judge(&document);
        }
    }

    /// The region under which a kind's documents are kept.
    fn place(&self, kind: &str, region: &str) -> String {
        match self.basis.kinds.get(kind).map(|k| k.kind.scope) {
            Some(Scope::Account) => GLOBAL.to_owned(),
            _ => region.to_owned(),
        }
    }

    /// Everything has arrived: derives, judges what was kept, and speaks for what could not be
    /// listed.
    #[must_use]
    pub fn finish(mut self, jobs: &[JobResult]) -> Assessed {
        for JobResult { job, listed } in jobs {
            let world = self.worlds.entry(job.account.clone()).or_default();
            match listed {
                Ok(()) => world.listed(job.kind, &job.region),
                Err(gap) => {
                    world.missing(job.kind, &job.region, gap.clone());
                    self.unlisted(job.kind, &job.account, &job.region, gap);
                }
            }
        }
        for (_, mut world) in std::mem::take(&mut self.worlds) {
            for derivation in &self.derivations {
                derive(derivation, &mut world, jobs);
            }
            for document in world.into_documents() {
                self.judge(&document);
            }
        }
        self.close()
    }

    fn close(mut self) -> Assessed {
        let today = self.basis.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let notices = self
            .basis
            .policy
            .apply_exemptions(&mut self.assessed.findings, today);
        self.assessed.notices.extend(notices);
        for (check, message) in self.broken {
            let message = format!("{check} could not be evaluated: {message}");
            self.assessed
                .notices
                .push(Notice::new("check_broken", message).at(check));
        }
        if self.unsure_tags > 0 {
            let message = format!(
                "the tags of {} resources could not be read; they are judged although --tags may \
                 not mean them",
                self.unsure_tags
            );
            self.assessed
                .notices
                .push(Notice::new("tags_unreadable", message));
        }
        self.assessed
    }

    fn unlisted(&mut self, kind: &str, account: &str, region: &str, gap: &Gap) {
        let Some(rules) = self.by_kind.get(kind) else {
            return;
        };
        for rule in rules {
            let severity = self.basis.policy.general_severity(&rule.info());
            let finding = unlisted(rule.check, severity, account, region, gap.clone());
            self.assessed.findings.push(finding);
        }
    }

    fn judge(&mut self, document: &Document) {
        let Some(rules) = self.by_kind.get(document.resource.kind.as_str()) else {
            return;
        };
        match selected(&document.resource, self.basis.tags) {
            Selected::No => return,
            Selected::Yes => {}
            Selected::Unsure => self.unsure_tags += 1,
        }
        for rule in rules {
            let (finding, broken) = finding(rule, document, self.basis.policy, self.basis.now);
            self.broken.extend(broken.map(|b| (b.check, b.message)));
            self.assessed.findings.push(finding);
        }
    }
}

/// One finding. A broken check gives an unknown one: it says nothing about the resource, and
/// nothing vanishes.
fn finding(
    rule: &Rule<'_>,
    document: &Document,
    policy: &Policy,
    now: Timestamp,
) -> (Finding, Option<Broken>) {
    let info = rule.info();
    let severity = policy.severity_for(&info, &document.resource);
    let unknown = |gaps: Vec<Gap>| {
        let terms = Terms {
            parameters: &rule.check.file.parameters,
            severity,
        };
        let mut finding = crate::judge::bare(rule.check, document, &terms, now);
        finding.verdict = Verdict::Unknown;
        finding.gaps = gaps;
        finding
    };
    let parameters: Map<String, Value> = match policy.parameters_for(&info, &document.resource) {
        Ok(parameters) => parameters,
        Err(gap) => return (unknown(vec![gap]), None),
    };
    let terms = Terms {
        parameters: &parameters,
        severity,
    };
    match judge(rule.check, document, &terms, now) {
        Ok(finding) => (finding, None),
        Err(broken) => (unknown(Vec::new()), Some(broken)),
    }
}

/// Computes a derived part for every document of its kind.
fn derive(derivation: &Derivation, world: &mut World, jobs: &[JobResult]) {
    let regions: BTreeSet<&str> = jobs
        .iter()
        .filter(|r| r.job.kind == derivation.kind)
        .map(|r| r.job.region.as_str())
        .collect();
    for region in regions {
        let mut values = (derivation.run)(world, region);
        for document in world.documents_mut(derivation.kind, region) {
            let value = values.remove(&document.resource.id).unwrap_or_else(|| {
                Part::Gap(Gap::new(
                    "",
                    crate::model::Cause::Failed,
                    format!("{} could not be derived", derivation.part),
                ))
            });
            document.set(derivation.part, value);
        }
    }
}

enum Selected {
    Yes,
    No,
    Unsure,
}

/// Whether a resource has all the tags asked for. A kind without tags has none of them.
fn selected(resource: &Resource, wanted: &Tags) -> Selected {
    if wanted.is_empty() {
        return Selected::Yes;
    }
    match &resource.tags {
        Part::Read(tags) if wanted.iter().all(|(k, v)| tags.get(k) == Some(v)) => Selected::Yes,
        Part::Read(_) | Part::Unread => Selected::No,
        Part::Gap(_) => Selected::Unsure,
    }
}

/// The severity a check has where nothing depends on the resource.
#[must_use]
pub fn severity(check: &Check, policy: &Policy) -> Severity {
    policy.general_severity(&info(check))
}
