//! Parts computed from other documents: what one expression over one document cannot say.
//!
//! Every derivation is a pure function over the documents of one account. It names the kinds and
//! parts it reads, so that the plan collects them. What was not read stays a gap: a derivation
//! answers only when the documents it has decide the matter, whatever the missing ones say.

pub mod access;
pub mod alarms;
pub mod databases;
pub mod functions;
pub mod network;
pub mod usage;

use crate::model::{Cause, Document, Gap, Kinded, Part, Resource};
use serde_json::Value;
use std::collections::BTreeMap;

/// A kind and the parts of it that a derivation reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Need {
    /// The kind, `ec2.security_group`.
    pub kind: &'static str,
    /// Its parts; fields of the list call need not be named.
    pub parts: &'static [&'static str],
}

/// One derived part.
pub struct Derivation {
    /// The kind whose documents get the part.
    pub kind: &'static str,
    /// The part.
    pub part: &'static str,
    /// What it reads, parts of its own kind included.
    pub needs: &'static [Need],
    /// Computes the part for every document of the kind in one account and region, by resource id.
    /// A document that is missing from the result gets the part as a gap.
    pub run: fn(&World, region: &str) -> BTreeMap<String, Part<Value>>,
}

/// The documents of one account, by kind and region (`global` for account-scoped kinds).
#[derive(Debug, Default)]
pub struct World {
    documents: BTreeMap<(String, String), Vec<Document>>,
    gaps: BTreeMap<(String, String), Gap>,
}

/// The region of account-scoped kinds.
pub const GLOBAL: &str = "global";

impl World {
    /// Says that a kind was read to the end in a region, be it without finding anything.
    pub fn listed(&mut self, kind: &str, region: &str) {
        self.documents
            .entry((kind.to_owned(), region.to_owned()))
            .or_default();
    }

    /// Adds a document under its own region, or under [`GLOBAL`] when its kind is account-scoped.
    pub fn add(&mut self, region: &str, document: Document) {
        let key = (document.resource.kind.clone(), region.to_owned());
        self.documents.entry(key).or_default().push(document);
    }

    /// Says that a kind could not be read, or not to the end, in a region.
    pub fn missing(&mut self, kind: &str, region: &str, gap: Gap) {
        self.gaps.insert((kind.to_owned(), region.to_owned()), gap);
    }

    /// Every document of a kind in a region, typed: all of them, or the gap that hides some.
    ///
    /// # Errors
    /// The gap of a list that was not read to its end, or was not asked for at all.
    pub fn all<K: Kinded>(&self, region: &str) -> Result<Vec<(&Resource, K)>, Gap> {
        let key = (K::KIND.to_owned(), region.to_owned());
        if let Some(gap) = self.gaps.get(&key) {
            return Err(gap.clone());
        }
        self.known::<K>(region)
    }

    /// The documents of a kind in a region that were read, typed, although there may be more.
    ///
    /// # Errors
    /// A gap when the kind was not asked for, or when a snapshot's document does not fit its type.
    pub fn known<K: Kinded>(&self, region: &str) -> Result<Vec<(&Resource, K)>, Gap> {
        let key = (K::KIND.to_owned(), region.to_owned());
        let Some(documents) = self.documents.get(&key) else {
            return Err(self.gaps.get(&key).cloned().unwrap_or_else(|| {
                Gap::new(
                    "",
                    Cause::Uncollected,
                    format!("{} was not collected", K::KIND),
                )
            }));
        };
        documents
            .iter()
            .map(|document| match document.typed::<K>() {
                Ok(own) => Ok((&document.resource, own)),
                Err(_) => Err(Gap::new(
                    "",
                    Cause::Failed,
                    format!("a {} does not have the expected form", K::KIND),
                )),
            })
            .collect()
    }

    /// The documents of a kind in a region as they are, to be changed.
    pub fn documents_mut(&mut self, kind: &str, region: &str) -> &mut [Document] {
        self.documents
            .get_mut(&(kind.to_owned(), region.to_owned()))
            .map_or(&mut [], Vec::as_mut_slice)
    }

    /// Everything, in order.
    pub fn into_documents(self) -> impl Iterator<Item = Document> {
        self.documents.into_values().flatten()
    }
}

/// A typed value as a derived part.
#[must_use]
pub fn part<T: serde::Serialize>(result: Result<T, Gap>) -> Part<Value> {
    match result.map(|value| serde_json::to_value(value)) {
        Ok(Ok(value)) => Part::Read(value),
        Ok(Err(_)) => Part::Gap(Gap::new("", Cause::Failed, "derived part has no JSON form")),
        Err(gap) => Part::Gap(gap),
    }
}

/// Every derivation, in an order in which each comes after those it reads from.
#[must_use]
pub fn derivations() -> Vec<&'static Derivation> {
    [
        network::DERIVATIONS,
        access::DERIVATIONS,
        usage::DERIVATIONS,
        alarms::DERIVATIONS,
        databases::DERIVATIONS,
        functions::DERIVATIONS,
    ]
    .into_iter()
    .flatten()
    .collect()
}
