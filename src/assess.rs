//! Documents in, findings out: judges each document as soon as all of it is known. Pure.
//!
//! ```text
//! document -> is a part of it derived from others? -> no:  judge
//!                                                  -> yes: hold compressed, until they are there too
//! list that failed -> one unknown finding for each check of the kind
//! ```
//!
//! Judging runs on all cores. Nothing that comes out depends on how many there are.

mod held;
mod judging;
mod pool;

use crate::check::{Catalog, Check, Kinds};
use crate::derive::{Derivation, GLOBAL, World};
use crate::model::{Document, Finding, FindingId, Notice, Scope, Severity, Tags};
use crate::plan::{JobResult, Parts};
use crate::policy::{CheckInfo, GateResult, Policy};
use crate::report::{Findings, Store};
use held::Held;
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
    /// Speaks for what could not be listed.
    own: Judging,
    derivations: Vec<&'static Derivation>,
    /// Kinds whose documents derived parts are computed from or added to.
    held: BTreeMap<&'static str, Scope>,
    /// What is held, by account and region. No derived part looks beyond its region.
    places: BTreeMap<Place, Held>,
    /// The lists of which the end has come.
    ended: BTreeSet<(Place, &'static str)>,
    notices: Vec<Notice>,
    resources: BTreeMap<(String, String, String), u64>,
}

/// An account and a region, which is [`GLOBAL`] for kinds that are in none.
type Place = (String, String);

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
            own: Judging::new(Arc::clone(&rules), outlet.clone()),
            rules,
            outlet,
            derivations,
            held,
            places: BTreeMap::new(),
            ended: BTreeSet::new(),
            notices: Vec::new(),
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
        if !self.derivations.iter().any(|d| d.kind == resource.kind) {
            self.pool.judge(document.clone());
        }
        let place = (resource.account.clone(), region);
        let held = self.places.entry(place.clone()).or_default();
        held.add(&place.1, document);
    }

    /// Takes the end of a list, of which all documents have come: judges what waited for it.
    pub fn ended(&mut self, result: &JobResult) {
        let place = self.note(result);
        if let Some(held) = self.places.get_mut(&place) {
            let (account, region) = (place.0.as_str(), place.1.as_str());
            let found = held.settle(&self.derivations, (account, region), false, |document| {
                self.pool.judge(document);
            });
            self.notices.extend(found);
        }
    }

    /// Remembers the end of a list, once.
    fn note(&mut self, JobResult { job, listed }: &JobResult) -> Place {
        let place = (job.account.clone(), job.region.clone());
        if self.ended.insert((place.clone(), job.kind)) {
            if let Err(gap) = listed {
                let (account, region) = (&job.account, &job.region);
                self.own.unlisted(job.kind, account, region, gap);
            }
            let held = self.places.entry(place.clone()).or_default();
            held.ended(job.kind, &job.region, listed.as_ref().copied());
        }
        place
    }

    /// Everything has arrived: derives, judges what was held, and speaks for what could not be
    /// listed.
    ///
    /// # Errors
    /// [`AssessError`], when findings were lost.
    pub fn finish(mut self, jobs: &[JobResult]) -> Result<Assessed, AssessError> {
        for result in jobs {
            self.note(result);
        }
        let notices = self.settle();
        let mut counted = self.own.finish();
        for done in self.pool.finish()? {
            counted.merge(done);
        }
        counted.notices.extend(self.notices);
        counted.notices.extend(notices);
        counted.conclude(&self.rules, &self.outlet, self.resources)
    }

    /// Judges what is still held, each account and region as soon as its parts are derived.
    fn settle(&mut self) -> Vec<Notice> {
        let places = Mutex::new(std::mem::take(&mut self.places).into_iter());
        let notices = Mutex::new(Vec::new());
        let at_once = DERIVED_AT_ONCE.min(self.outlet.threads.get());
        thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    while let Some(((account, region), mut held)) = next(&places) {
                        let place = (account.as_str(), region.as_str());
                        let found = held.settle(&self.derivations, place, true, |document| {
                            self.pool.judge(document);
                        });
                        let mut all = notices.lock().unwrap_or_else(PoisonError::into_inner);
                        all.extend(found);
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

/// Computes a derived part in an account and region. One that panics is a gap in each document that
/// should have it.
fn derive(
    derivation: &Derivation,
    world: &mut World,
    account: &str,
    region: &str,
) -> Option<Notice> {
    let Derivation { kind, part, .. } = derivation;
    if !world.has(kind, region) {
        return None;
    }
    let run = || (derivation.run)(world, region);
    let values = catch_unwind(AssertUnwindSafe(run));
    let broken = values.is_err().then(|| {
        let message = format!("{kind}.{part} could not be derived; this is a mistake of ours");
        Notice::new("derivation_broken", message).at(format!("{account} {region}"))
    });
    world.derive(kind, region, part, values.unwrap_or_default());
    broken
}
