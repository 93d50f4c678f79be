//! Documents in, findings out: judges each document as soon as all of it is known. Pure.
//!
//! ```text
//! document -> is a part of it derived from others? -> no:  judge
//!                                                  -> yes: hold compressed, until they are there too
//! list that failed -> one unknown finding for each check of the kind
//! ```
//!
//! Judging runs on all cores. The results do not depend on their number.

mod criteria;
pub mod evaluate;
pub mod examples;
mod pending;
mod pool;
mod shared;
mod worker;

pub use criteria::{Criteria, FindingSink, JudgeError, Judged, OnFinding, info, severity};

use crate::derive::{Derivation, GLOBAL};
use crate::model::{Document, Notice, Scope};
use crate::plan::JobResult;
use crate::report::ScannedAccount;
use pending::Pending;
use pool::Pool;
use shared::Shared;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use worker::{Rules, Worker};

/// In how many accounts and regions parts are derived at the same time. Each takes about ten
/// kilobytes of memory per resource.
const DERIVED_AT_ONCE: usize = 2;

/// Judges as documents arrive.
pub struct Judge {
    rules: Arc<Rules>,
    sink: FindingSink,
    pool: Pool,
    /// Makes the findings for lists that failed.
    unlisted_findings: Worker,
    derivations: Derivations,
    /// Kinds whose documents derivations read or add parts to.
    pending: BTreeMap<&'static str, Scope>,
    /// Documents without a region, which all regions of an account need.
    shared: Shared,
    /// For parts of resources without a region: the documents in single regions that they are derived from.
    of_regions: Vec<Shared>,
    /// Pending documents, by account and region.
    places: BTreeMap<Place, Pending>,
    /// The regions to audit in each account.
    audited: BTreeMap<String, BTreeSet<String>>,
    /// The lists that have ended.
    ended_lists: BTreeSet<(Place, &'static str)>,
    notices: Vec<Notice>,
    resources: BTreeMap<(String, String, String), u64>,
}

/// The derivations, by whether the documents that get the parts have a region.
struct Derivations {
    in_regions: Vec<&'static Derivation>,
    in_none: Vec<&'static Derivation>,
}

impl Derivations {
    fn of(&self, region: &str) -> &[&'static Derivation] {
        if region == GLOBAL {
            &self.in_none
        } else {
            &self.in_regions
        }
    }
}

/// An account and a region; [`GLOBAL`] for kinds without a region.
type Place = (String, String);

impl Judge {
    /// Starts the judging threads.
    #[must_use]
    pub fn new(criteria: &Criteria<'_>, sink: FindingSink) -> Self {
        let derivations: Vec<&'static Derivation> = criteria
            .derivations
            .iter()
            .copied()
            .filter(|d| {
                criteria
                    .parts
                    .get(d.kind)
                    .is_some_and(|p| p.contains(d.part))
            })
            .collect();
        let mut pending = BTreeMap::new();
        for derivation in &derivations {
            let needs = derivation.needs.iter().map(|need| need.kind);
            for kind in needs.chain([derivation.kind]) {
                let known = criteria.kinds.get(kind).map(|fields| fields.kind.scope);
                pending.insert(kind, known.unwrap_or(Scope::Region));
            }
        }
        let rules = Arc::new(Rules::of(criteria));
        let is_global = |d: &&'static Derivation| pending.get(d.kind) == Some(&Scope::Account);
        let (in_none, in_regions) = derivations.iter().copied().partition(is_global);
        Self {
            shared: Shared::global(&derivations, &pending),
            of_regions: Shared::of_regions(&derivations),
            pool: Pool::start(&rules, &sink),
            unlisted_findings: Worker::new(Arc::clone(&rules), sink.clone()),
            rules,
            sink,
            derivations: Derivations {
                in_regions,
                in_none,
            },
            pending,
            places: BTreeMap::new(),
            audited: audited_regions(criteria.accounts),
            ended_lists: BTreeSet::new(),
            notices: Vec::new(),
            resources: BTreeMap::new(),
        }
    }

    /// Takes a complete document. Blocks while the judging threads are busy.
    pub fn document(&mut self, document: Document) {
        let resource = &document.resource;
        if self.is_unaudited(&resource.account, &resource.region, &resource.kind) {
            self.of_regions.iter_mut().for_each(|s| s.add(&document));
            return;
        }
        let place = (
            resource.account.clone(),
            resource.region.clone(),
            resource.kind.clone(),
        );
        *self.resources.entry(place).or_default() += 1;
        let Some(scope) = self.pending.get(resource.kind.as_str()) else {
            return self.pool.judge(document);
        };
        let region = match scope {
            Scope::Account => GLOBAL.to_owned(),
            Scope::Region => resource.region.clone(),
        };
        let derivations = self.derivations.of(&region);
        if !derivations.iter().any(|d| d.kind == resource.kind) {
            self.pool.judge(document.clone());
        }
        let place = (resource.account.clone(), region);
        self.shared.add(&document);
        self.of_regions.iter_mut().for_each(|s| s.add(&document));
        let pending = self.places.entry(place.clone()).or_default();
        pending.add(&place.1, document);
    }

    /// Takes the end of a list, after all its documents, and judges what waited for it.
    pub fn list_ended(&mut self, result: &JobResult) {
        let place = self.record_list_end(result);
        let global = self.shared.of(&place.0, false);
        let mut due = vec![place];
        if result.job.region == GLOBAL && global.is_some() {
            let of_account = |place: &&Place| place.0 == result.job.account && **place != due[0];
            let others: Vec<Place> = self.places.keys().filter(of_account).cloned().collect();
            due.extend(others);
        }
        let mut of_regions = self.of_regions.iter();
        if of_regions.any(|shared| shared.region() == result.job.region) {
            due.push((result.job.account.clone(), GLOBAL.to_owned()));
        }
        for place in due {
            let Some(pending) = self.places.get_mut(&place) else {
                continue;
            };
            if place.1 == GLOBAL {
                for shared in &mut self.of_regions {
                    if let Some(world) = shared.of(&place.0, false) {
                        pending.share(shared.region(), world, shared.kinds());
                    }
                }
            } else if let Some(global) = &global {
                pending.share(GLOBAL, Arc::clone(global), self.shared.kinds());
            }
            let (account, region) = (place.0.as_str(), place.1.as_str());
            let derivations = self.derivations.of(region);
            let found = pending.settle(derivations, (account, region), false, |document| {
                self.pool.judge(document);
            });
            self.notices.extend(found);
        }
    }

    /// Records the end of a list, once.
    fn record_list_end(&mut self, JobResult { job, listed }: &JobResult) -> Place {
        let place = (job.account.clone(), job.region.clone());
        if self.ended_lists.insert((place.clone(), job.kind)) {
            let is_audited = !self.is_unaudited(&job.account, &job.region, job.kind);
            if let (true, Err(gap)) = (is_audited, listed) {
                let (account, region) = (&job.account, &job.region);
                self.unlisted_findings
                    .unlisted_finding(job.kind, account, region, gap);
            }
            for shared in self.of_regions.iter_mut().chain([&mut self.shared]) {
                let place = (job.account.as_str(), job.region.as_str());
                shared.ended(place, job.kind, listed.as_ref().copied());
            }
            if is_audited {
                let pending = self.places.entry(place.clone()).or_default();
                pending.list_ended(job.kind, &job.region, listed.as_ref().copied());
            }
        }
        place
    }

    /// Whether a kind was read in a region only for resources that are in none: the region is not one to
    /// audit.
    fn is_unaudited(&self, account: &str, region: &str, kind: &str) -> bool {
        let mut shared = self.of_regions.iter();
        let audited = self.audited.get(account);
        shared.any(|shared| shared.has(kind, region))
            && audited.is_some_and(|regions| !regions.contains(region))
    }

    /// Finishes: derives parts, judges pending documents, and makes the findings for lists that
    /// failed.
    ///
    /// # Errors
    /// [`JudgeError`], when findings were lost.
    pub fn finish(mut self, jobs: &[JobResult]) -> Result<Judged, JudgeError> {
        for result in jobs {
            self.record_list_end(result);
        }
        let notices = self.settle();
        let mut totals = self.unlisted_findings.finish();
        for done in self.pool.finish()? {
            totals.merge(done);
        }
        totals.notices.extend(self.notices);
        totals.notices.extend(notices);
        totals.conclude(&self.rules, &self.sink, self.resources)
    }

    /// Judges what is still pending, each account and region as soon as its parts are derived.
    fn settle(&mut self) -> Vec<Notice> {
        let mut places = std::mem::take(&mut self.places);
        for ((account, region), pending) in &mut places {
            if region == GLOBAL {
                for shared in &mut self.of_regions {
                    if let Some(world) = shared.of(account, true) {
                        pending.share(shared.region(), world, shared.kinds());
                    }
                }
            } else if let Some(global) = self.shared.of(account, true) {
                pending.share(GLOBAL, global, self.shared.kinds());
            }
        }
        let places = Mutex::new(places.into_iter());
        let notices = Mutex::new(Vec::new());
        let at_once = DERIVED_AT_ONCE.min(self.sink.threads.get());
        thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    while let Some(((account, region), mut pending)) = next(&places) {
                        let place = (account.as_str(), region.as_str());
                        let derivations = self.derivations.of(&region);
                        let found = pending.settle(derivations, place, true, |document| {
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

fn audited_regions(accounts: &[ScannedAccount]) -> BTreeMap<String, BTreeSet<String>> {
    accounts
        .iter()
        .map(|account| {
            let regions = account.regions.iter().cloned().collect();
            (account.id.clone(), regions)
        })
        .collect()
}

fn next<T>(all: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    all.lock().unwrap_or_else(PoisonError::into_inner).next()
}
