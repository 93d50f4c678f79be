//! Parts computed from other documents: what an expression over one document cannot express.
//!
//! Every derivation is a pure function over the documents of one account. It names the kinds and
//! parts it reads, so that the plan collects them. What was not read stays a gap: a derivation has
//! an answer only if the missing documents cannot change it.

pub mod access;
pub mod alarm_targets;
pub mod alarms;
pub mod buckets;
mod compressed;
pub mod databases;
pub mod declared;
pub mod functions;
pub mod network;
#[cfg(test)]
mod sample;
pub mod usage;
mod world;

#[cfg(feature = "aws")]
pub(crate) use compressed::CompressedDocuments;
pub use world::{Derivation, GLOBAL, Need, Run, World, part};

use std::collections::{BTreeMap, BTreeSet};

/// The kinds that parts of resources without a region need in single regions, by region.
pub(crate) fn needs_of_regions(
    derivations: impl Iterator<Item = &'static Derivation>,
) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut kinds: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for derivation in derivations {
        if let Some(region) = declared::region_of_needs(derivation) {
            let needs = derivation.needs.iter().map(|need| need.kind);
            kinds.entry(region).or_default().extend(needs);
        }
    }
    kinds
}

/// Every derivation, in an order in which each comes after those it reads from.
#[must_use]
pub fn derivations() -> Vec<&'static Derivation> {
    let typed = [
        network::DERIVATIONS,
        access::DERIVATIONS,
        usage::DERIVATIONS,
        alarms::DERIVATIONS,
        alarm_targets::DERIVATIONS,
        databases::DERIVATIONS,
        buckets::DERIVATIONS,
        functions::DERIVATIONS,
    ];
    let typed = typed.into_iter().flatten();
    typed.chain(declared::derivations()).collect()
}
