//! The documents of one account and region, kept until every part that is derived from them is
//! computed.

use crate::derive::{Derivation, World};
use crate::model::{Document, Gap, Notice};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// One account and region.
#[derive(Default)]
pub(super) struct Pending {
    world: World,
    /// Kinds whose lists have ended.
    ended_lists: BTreeSet<String>,
    /// The derivations that have run, by their place in the list.
    run: BTreeSet<usize>,
    /// Kinds whose documents were passed on.
    passed_on: BTreeSet<String>,
}

impl Pending {
    pub(super) fn add(&mut self, region: &str, document: Document) {
        self.world.add(region, document);
    }

    /// Adds the complete documents of these kinds that the account has elsewhere.
    pub(super) fn share(
        &mut self,
        region: &str,
        world: Arc<World>,
        kinds: impl Iterator<Item = &'static str>,
    ) {
        self.world.share(region, world);
        self.ended_lists.extend(kinds.map(ToOwned::to_owned));
    }

    /// The list of a kind has ended, completely or with a gap.
    pub(super) fn list_ended(&mut self, kind: &str, region: &str, listed: Result<(), &Gap>) {
        match listed {
            Ok(()) => self.world.listed(kind, region),
            Err(gap) => self.world.missing(kind, region, gap.clone()),
        }
        self.ended_lists.insert(kind.to_owned());
    }

    /// Derives what can be derived, passes on the documents that are complete, and drops those that
    /// are no longer needed. `last` means that all lists have ended.
    pub(super) fn settle(
        &mut self,
        derivations: &[&'static Derivation],
        (account, region): (&str, &str),
        last: bool,
        mut pass_on: impl FnMut(Document),
    ) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (index, derivation) in derivations.iter().enumerate() {
            if self.run.contains(&index) || !(last || self.is_ready(derivations, derivation)) {
                continue;
            }
            notices.extend(derive(derivation, &mut self.world, account, region));
            self.run.insert(index);
        }
        let pending_kinds: BTreeSet<&str> = self.not_yet_run(derivations).map(|d| d.kind).collect();
        let derived_kinds: BTreeSet<&str> = derivations.iter().map(|d| d.kind).collect();
        for kind in derived_kinds {
            let complete =
                last || (self.ended_lists.contains(kind) && !pending_kinds.contains(kind));
            if complete && self.passed_on.insert(kind.to_owned()) {
                self.world.documents(kind, region).for_each(&mut pass_on);
            }
        }
        self.forget(derivations, region);
        notices
    }

    /// Whether everything that a derivation reads is available, including parts that are derived
    /// themselves.
    fn is_ready(&self, derivations: &[&'static Derivation], derivation: &Derivation) -> bool {
        let reads = |other: &Derivation| {
            let mut needs = derivation.needs.iter();
            needs.any(|need| need.kind == other.kind && need.parts.contains(&other.part))
        };
        let mut kinds = derivation.needs.iter().map(|need| need.kind);
        self.ended_lists.contains(derivation.kind)
            && kinds.all(|kind| self.ended_lists.contains(kind))
            && !self.not_yet_run(derivations).any(reads)
    }

    fn not_yet_run<'a>(
        &self,
        derivations: &'a [&'static Derivation],
    ) -> impl Iterator<Item = &'static Derivation> + use<'a, '_> {
        let all = derivations.iter().copied().enumerate();
        all.filter(|(index, _)| !self.run.contains(index))
            .map(|(_, derivation)| derivation)
    }

    fn forget(&mut self, derivations: &[&'static Derivation], region: &str) {
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        for derivation in self.not_yet_run(derivations) {
            needed.extend(derivation.needs.iter().map(|need| need.kind));
            needed.insert(derivation.kind);
        }
        let waiting = |kind: &str| {
            let derived = derivations.iter().any(|d| d.kind == kind);
            derived && !self.passed_on.contains(kind)
        };
        let unneeded = self.ended_lists.iter().filter(|kind| {
            let kind = kind.as_str();
            !needed.contains(kind) && !waiting(kind)
        });
        for kind in unneeded {
            self.world.forget(kind, region);
        }
    }
}

/// Computes a derived part in an account and region. If the derivation panics, each document gets a
/// gap instead.
pub(super) fn derive(
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
        let message = format!("{kind}.{part} could not be derived; this is a bug in sixpillars");
        Notice::new("derivation_broken", message).at(format!("{account} {region}"))
    });
    world.derive(kind, region, part, values.unwrap_or_default());
    broken
}
