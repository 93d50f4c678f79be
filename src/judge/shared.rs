//! Documents of one place from which parts of documents elsewhere are derived: roles, which are in no region,
//! for the functions that have them, or the alarms of one region for resources that are in none.

use super::pending;
use crate::derive::{Derivation, GLOBAL, World, needs_of_regions};
use crate::model::{Document, Gap, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The documents of one region, or without one ([`GLOBAL`]), that other places of the same account need.
pub(super) struct Shared {
    region: &'static str,
    kinds: BTreeSet<&'static str>,
    /// The derivations that run on these documents before they are shared.
    derivations: Vec<&'static Derivation>,
    accounts: BTreeMap<String, Account>,
}

/// The shared documents of one account.
#[derive(Default)]
struct Account {
    world: World,
    /// The kinds whose lists have ended.
    ended: BTreeSet<&'static str>,
    /// The world once nothing is added to it any more.
    complete: Option<Arc<World>>,
}

impl Shared {
    /// For the documents without a region that derivations in regions need. `scopes` has the scope of each
    /// kind that a derivation reads or adds to.
    pub(super) fn global(
        derivations: &[&'static Derivation],
        scopes: &BTreeMap<&'static str, Scope>,
    ) -> Self {
        let is_global = |kind: &str| scopes.get(kind) == Some(&Scope::Account);
        let mut readers: Vec<&'static Derivation> = derivations.to_vec();
        readers.retain(|d| !is_global(d.kind));
        let mut own = BTreeSet::new();
        // Parts of these documents that are needed and derived themselves are derived here, and in turn the
        // parts that those need.
        while let Some((index, found)) = derivations.iter().enumerate().find(|(index, d)| {
            is_global(d.kind) && !own.contains(index) && readers.iter().any(|r| reads(r, d))
        }) {
            own.insert(index);
            readers.push(*found);
        }
        let kinds = readers.iter().flat_map(|d| d.needs);
        let kinds = kinds.map(|need| need.kind).filter(|kind| is_global(kind));
        Self {
            region: GLOBAL,
            kinds: kinds.collect(),
            derivations: own.into_iter().map(|index| derivations[index]).collect(),
            accounts: BTreeMap::new(),
        }
    }

    /// For the documents in single regions that derivations for resources without a region need.
    pub(super) fn of_regions(derivations: &[&'static Derivation]) -> Vec<Self> {
        let kinds = needs_of_regions(derivations.iter().copied());
        let each = kinds.into_iter().map(|(region, kinds)| Self {
            region,
            kinds,
            derivations: Vec::new(),
            accounts: BTreeMap::new(),
        });
        each.collect()
    }

    /// Where the documents are.
    pub(super) fn region(&self) -> &'static str {
        self.region
    }

    /// Whether the documents of a kind in a region are among them.
    pub(super) fn has(&self, kind: &str, region: &str) -> bool {
        self.region == region && self.kinds.contains(kind)
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.kinds.iter().copied()
    }

    pub(super) fn add(&mut self, document: &Document) {
        let resource = &document.resource;
        let is_here = self.region == GLOBAL || self.region == resource.region;
        if is_here && self.kinds.contains(resource.kind.as_str()) {
            let account = self.accounts.entry(resource.account.clone()).or_default();
            account.world.add(self.region, document.clone());
        }
    }

    /// The list of a kind has ended, completely or with a gap.
    pub(super) fn ended(
        &mut self,
        (account, region): (&str, &str),
        kind: &'static str,
        listed: Result<(), &Gap>,
    ) {
        if self.region != region || !self.kinds.contains(kind) {
            return;
        }
        let shared = self.accounts.entry(account.to_owned()).or_default();
        match listed {
            Ok(()) => shared.world.listed(kind, self.region),
            Err(gap) => shared.world.missing(kind, self.region, gap.clone()),
        }
        shared.ended.insert(kind);
    }

    /// The shared documents of an account, once all are there; `last` means that no more will come.
    pub(super) fn of(&mut self, account: &str, last: bool) -> Option<Arc<World>> {
        if self.kinds.is_empty() {
            return None;
        }
        let shared = self.accounts.entry(account.to_owned()).or_default();
        if !last && shared.ended.len() < self.kinds.len() {
            return None;
        }
        let (region, derivations) = (self.region, &self.derivations);
        let world = &mut shared.world;
        let complete = shared.complete.get_or_insert_with(|| {
            let mut world = std::mem::take(world);
            for derivation in derivations {
                // A derivation that panics is reported where its own documents are judged.
                let _ = pending::derive(derivation, &mut world, account, region);
            }
            Arc::new(world)
        });
        Some(Arc::clone(complete))
    }
}

/// Whether one derivation reads what another computes.
fn reads(reader: &Derivation, of: &Derivation) -> bool {
    let mut needs = reader.needs.iter();
    needs.any(|need| need.kind == of.kind && need.parts.contains(&of.part))
}
