//! Documents in, findings out: judges each document as it arrives, and those that derived parts
//! need once the account is complete. Pure.
//!
//! ```text
//! document -> does any derived part read it? -> no:  judge, drop
//!                                            -> yes: keep compressed until the end, derive, judge
//! list that failed -> one unknown finding for each check of the kind
//! ```
//!
//! Judging runs on all cores. Nothing that comes out depends on how many there are.

mod judging;
mod pool;

use crate::check::{Catalog, Check, Kinds};
use crate::derive::{Derivation, GLOBAL, World};
use crate::model::{Document, Finding, FindingId, Notice, Scope, Severity, Tags};
use crate::plan::{JobResult, Parts};
use crate::policy::{CheckInfo, GateResult, Policy};
use crate::report::{Findings, Store};
use jiff::Timestamp;
use judging::{Judging, Rules};
use pool::Pool;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Accounts and regions of which parts are derived at the same time. Each takes some ten kilobytes
/// of memory for each of its resources meanwhile.
const DERIVED_AT_ONCE: usize = 2;

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
    /// What failed in the baseline, for gates that count only what is new.
    pub failed_before: Option<BTreeSet<FindingId>>,
}

/// Sees every finding once, exemptions applied, in no order and from any of the judging threads.
pub type Seen = Arc<dyn Fn(&Finding) + Send + Sync>;

/// Where findings go, and who makes them.
#[derive(Clone)]
pub struct Outlet {
    /// Keeps the findings until all are there.
    pub store: Arc<dyn Store>,
    /// Is told each finding as soon as it is judged, while the account is still being read.
    pub seen: Option<Seen>,
    /// How many threads judge.
    pub threads: NonZero<usize>,
}

impl Outlet {
    /// Findings go to a store only, and all cores judge.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            seen: None,
            threads: thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
        }
    }
}

/// The outcome.
#[derive(Debug)]
pub struct Assessed {
    /// Every finding, exemptions applied.
    pub findings: Findings,
    /// The policy's gates and what they counted.
    pub gates: Vec<GateResult>,
    /// What the reader should know.
    pub notices: Vec<Notice>,
    /// Resources read, by account, region and kind.
    pub resources: BTreeMap<(String, String, String), u64>,
}

/// Why there is no outcome. A report without some of its findings would be worse than none.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// The findings could not be kept.
    #[error("{0}")]
    Store(#[from] io::Error),
    /// A thread ended before its work did.
    #[error("a thread that judges came to an end, and findings with it")]
    Thread,
}

/// Judges as documents arrive.
pub struct Assessor {
    rules: Arc<Rules>,
    outlet: Outlet,
    pool: Pool,
    derivations: Vec<&'static Derivation>,
    /// Kinds whose documents derived parts are computed from or added to.
    held: BTreeMap<&'static str, Scope>,
    /// What is held, by account and region. No derived part looks beyond its region.
    worlds: BTreeMap<(String, String), World>,
    resources: BTreeMap<(String, String, String), u64>,
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

/// The severity a check has where nothing depends on the resource.
#[must_use]
pub fn severity(check: &Check, policy: &Policy) -> Severity {
    policy.general_severity(&info(check))
}

impl Assessor {
    /// Ready for documents.
    #[must_use]
    pub fn new(basis: &Basis<'_>, outlet: Outlet) -> Self {
        let derivations: Vec<&'static Derivation> = basis
            .derivations
            .iter()
            .copied()
            .filter(|d| basis.parts.get(d.kind).is_some_and(|p| p.contains(d.part)))
            .collect();
        let mut held = BTreeMap::new();
        for derivation in &derivations {
            let needs = derivation.needs.iter().map(|need| need.kind);
            for kind in needs.chain([derivation.kind]) {
                let known = basis.kinds.get(kind).map(|fields| fields.kind.scope);
                held.insert(kind, known.unwrap_or(Scope::Region));
            }
        }
        let rules = Arc::new(Rules::of(basis));
        Self {
            pool: Pool::start(&rules, &outlet),
            rules,
            outlet,
            derivations,
            held,
            worlds: BTreeMap::new(),
            resources: BTreeMap::new(),
        }
    }

    /// Takes a complete document. Waits while the judging threads have enough to do.
    pub fn document(&mut self, document: Document) {
        let resource = &document.resource;
        let place = (
            resource.account.clone(),
            resource.region.clone(),
            resource.kind.clone(),
        );
        *self.resources.entry(place).or_default() += 1;
        let Some(scope) = self.held.get(resource.kind.as_str()) else {
            return self.pool.judge(document);
        };
        let region = match scope {
            Scope::Account => GLOBAL.to_owned(),
            Scope::Region => resource.region.clone(),
        };
        let place = (resource.account.clone(), region);
        let world = self.worlds.entry(place.clone()).or_default();
        world.add(&place.1, document);
    }

    /// Everything has arrived: derives, judges what was kept, and speaks for what could not be
    /// listed.
    ///
    /// # Errors
    /// [`AssessError`], when findings were lost.
    pub fn finish(mut self, jobs: &[JobResult]) -> Result<Assessed, AssessError> {
        let mut own = Judging::new(Arc::clone(&self.rules), self.outlet.clone());
        for JobResult { job, listed } in jobs {
            if let Err(gap) = listed {
                own.unlisted(job.kind, &job.account, &job.region, gap);
            }
            let place = (job.account.clone(), job.region.clone());
            // Where nothing was found there is nothing to give a derived part to.
            let Some(world) = self.worlds.get_mut(&place) else {
                continue;
            };
            match listed {
                Ok(()) => world.listed(job.kind, &job.region),
                Err(gap) => world.missing(job.kind, &job.region, gap.clone()),
            }
        }
        let notices = self.derive_and_judge();
        let mut counted = own.finish();
        for done in self.pool.finish()? {
            counted.merge(done);
        }
        counted.notices.extend(notices);
        counted.conclude(&self.rules, &self.outlet, self.resources)
    }

    /// Judges what was held, each account and region as soon as its parts are derived.
    fn derive_and_judge(&mut self) -> Vec<Notice> {
        let worlds = Mutex::new(std::mem::take(&mut self.worlds).into_iter());
        let notices = Mutex::new(Vec::new());
        let at_once = DERIVED_AT_ONCE.min(self.outlet.threads.get());
        thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    while let Some(((account, region), mut world)) = next(&worlds) {
                        let found = derive(&self.derivations, &mut world, &account, &region);
                        let mut all = notices.lock().unwrap_or_else(PoisonError::into_inner);
                        all.extend(found);
                        drop(all);
                        for document in world.documents() {
                            self.pool.judge(document);
                        }
                    }
                });
            }
        });
        notices.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

fn next<T>(all: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    all.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// Computes every derived part of an account and region. One that panics is a gap in each document
/// that should have it.
fn derive(
    derivations: &[&'static Derivation],
    world: &mut World,
    account: &str,
    region: &str,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    for derivation in derivations {
        let Derivation { kind, part, .. } = derivation;
        if !world.has(kind, region) {
            continue;
        }
        let run = || (derivation.run)(world, region);
        let values = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
            let message = format!("{kind}.{part} could not be derived; this is a mistake of ours");
            let place = format!("{account} {region}");
            notices.push(Notice::new("derivation_broken", message).at(place));
            BTreeMap::new()
        });
        world.derive(kind, region, part, values);
    }
    notices
}
