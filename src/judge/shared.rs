//! Documents without a region from which parts of regional kinds are derived, such as roles for
//! Lambda functions.

use crate::derive::{Derivation, GLOBAL, World};
use crate::model::{Document, Gap, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the regions of each account share.
#[derive(Default)]
pub(super) struct Shared {
    kinds: BTreeSet<&'static str>,
    accounts: BTreeMap<String, Account>,
}

/// One account's.
#[derive(Default)]
struct Account {
    world: World,
    /// The kinds whose lists have ended.
    ended: BTreeSet<&'static str>,
    /// The world once nothing is added to it any more.
    complete: Option<Arc<World>>,
}

impl Shared {
    /// Ready for the documents that some derivations need. `scopes` has the scope of each kind that is
    /// derived from, or to.
    pub(super) fn new(
        derivations: &[&'static Derivation],
        scopes: &BTreeMap<&'static str, Scope>,
    ) -> Self {
        let is_global = |kind: &str| scopes.get(kind) == Some(&Scope::Account);
        let regional = derivations.iter().filter(|d| !is_global(d.kind));
        let kinds = regional.flat_map(|d| d.needs.iter().map(|need| need.kind));
        Self {
            kinds: kinds.filter(|kind| is_global(kind)).collect(),
            accounts: BTreeMap::new(),
        }
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.kinds.iter().copied()
    }

    pub(super) fn add(&mut self, document: &Document) {
        let resource = &document.resource;
        if self.kinds.contains(resource.kind.as_str()) {
            let account = self.accounts.entry(resource.account.clone()).or_default();
            account.world.add(GLOBAL, document.clone());
        }
    }

    /// The list of a kind has ended, completely or with a gap.
    pub(super) fn ended(&mut self, account: &str, kind: &'static str, listed: Result<(), &Gap>) {
        if !self.kinds.contains(kind) {
            return;
        }
        let shared = self.accounts.entry(account.to_owned()).or_default();
        match listed {
            Ok(()) => shared.world.listed(kind, GLOBAL),
            Err(gap) => shared.world.missing(kind, GLOBAL, gap.clone()),
        }
        shared.ended.insert(kind);
    }

    /// What the regions of an account share, if all of it is there; `last` means that no more comes.
    pub(super) fn of(&mut self, account: &str, last: bool) -> Option<Arc<World>> {
        if self.kinds.is_empty() {
            return None;
        }
        let shared = self.accounts.entry(account.to_owned()).or_default();
        if !last && shared.ended.len() < self.kinds.len() {
            return None;
        }
        let world = &mut shared.world;
        let complete = shared
            .complete
            .get_or_insert_with(|| Arc::new(std::mem::take(world)));
        Some(Arc::clone(complete))
    }
}
