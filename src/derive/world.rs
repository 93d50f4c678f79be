//! The documents that derivations work with, and the type of a derivation.

use super::compressed::CompressedDocuments;
use crate::model::{Cause, Document, Gap, Part, Resource, TypedDocument};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    pub run: Run,
}

/// Computes a part of all documents of a kind in a region, by resource id.
pub type Run = &'static (dyn Fn(&World, &str) -> BTreeMap<String, Part<Value>> + Send + Sync);

/// The documents of one account, by kind and region (`global` for account-scoped kinds). They are
/// stored compressed and decompressed for each use.
#[derive(Debug, Default)]
pub struct World {
    documents: BTreeMap<Place, CompressedDocuments>,
    gaps: BTreeMap<Place, Gap>,
    derived: BTreeMap<Place, Vec<Derived>>,
    /// What parts here need of other places, by region: in the world of a region what the account has in
    /// none, in that of what has none the alarms of one region.
    elsewhere: BTreeMap<String, Arc<World>>,
}

/// A kind and a region.
type Place = (String, String);

/// One derived part of all documents of a kind in a region, by resource id.
#[derive(Debug)]
struct Derived {
    part: &'static str,
    values: BTreeMap<String, Part<Value>>,
}

/// The region of account-scoped kinds.
pub const GLOBAL: &str = "global";

impl World {
    /// Records that a kind was listed completely in a region, even if it has no resources.
    pub fn listed(&mut self, kind: &str, region: &str) {
        self.documents.entry(place(kind, region)).or_default();
    }

    /// Adds what the account has elsewhere: in a region, or in none ([`GLOBAL`]).
    pub fn share(&mut self, region: &str, world: Arc<World>) {
        self.elsewhere.insert(region.to_owned(), world);
    }

    /// The world that a place is in.
    fn holder(&self, place: &Place) -> &World {
        let is_here = self.documents.contains_key(place) || self.gaps.contains_key(place);
        match self.elsewhere.get(&place.1) {
            Some(world) if !is_here => world,
            _ => self,
        }
    }

    /// Adds a document under its own region, or under [`GLOBAL`] when its kind is account-scoped.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "what is packed here should not stay in memory beside"
    )]
    pub fn add(&mut self, region: &str, document: Document) {
        let place = place(&document.resource.kind, region);
        self.documents.entry(place).or_default().push(&document);
    }

    /// Records that a kind could not be listed completely in a region.
    pub fn missing(&mut self, kind: &str, region: &str, gap: Gap) {
        self.gaps.insert(place(kind, region), gap);
    }

    /// Whether a kind was read to the end in a region.
    ///
    /// # Errors
    /// The gap of an incomplete list, or of a list that was not read.
    pub fn complete(&self, kind: &str, region: &str) -> Result<(), Gap> {
        let place = place(kind, region);
        let holder = self.holder(&place);
        match holder.gaps.get(&place) {
            Some(gap) => Err(gap.clone()),
            None if holder.documents.contains_key(&place) => Ok(()),
            None => {
                let detail = format!("{kind} was not collected");
                Err(Gap::new("", Cause::Uncollected, detail))
            }
        }
    }

    /// Whether there is a document of a kind in a region.
    #[must_use]
    pub fn has(&self, kind: &str, region: &str) -> bool {
        let found = self.documents.get(&place(kind, region));
        found.is_some_and(|documents| !documents.is_empty())
    }

    /// Every document of a kind in a region, typed, or the gap of an incomplete list.
    ///
    /// # Errors
    /// The gap of a list that was not read to its end, or was not requested at all.
    pub fn all<K: TypedDocument>(&self, region: &str) -> Result<Vec<(Resource, K)>, Gap> {
        let place = place(K::KIND, region);
        match self.holder(&place).gaps.get(&place) {
            Some(gap) => Err(gap.clone()),
            None => self.known::<K>(region),
        }
    }

    /// The documents of a kind in a region that were read, typed, although there may be more.
    ///
    /// # Errors
    /// A gap when the kind was not requested, or when a snapshot's document does not fit its type.
    pub fn known<K: TypedDocument>(&self, region: &str) -> Result<Vec<(Resource, K)>, Gap> {
        let place = place(K::KIND, region);
        let holder = self.holder(&place);
        if !holder.documents.contains_key(&place) {
            return Err(holder.gaps.get(&place).cloned().unwrap_or_else(|| {
                Gap::new(
                    "",
                    Cause::Uncollected,
                    format!("{} was not collected", K::KIND),
                )
            }));
        }
        let typed = holder
            .at(&place)
            .map(|document| match document.typed::<K>() {
                Ok(own) => Ok((document.resource, own)),
                Err(_) => Err(Gap::new(
                    "",
                    Cause::Failed,
                    format!("a {} does not have the expected form", K::KIND),
                )),
            });
        typed.collect()
    }

    /// The documents of a kind in a region that were read, typed, and the gap if there may be
    /// others.
    #[must_use]
    pub fn seen<K: TypedDocument>(&self, region: &str) -> (Vec<(Resource, K)>, Option<Gap>) {
        let place = place(K::KIND, region);
        let hidden = self.holder(&place).gaps.get(&place).cloned();
        match self.known::<K>(region) {
            Ok(known) => (known, hidden),
            Err(gap) => (Vec::new(), Some(hidden.unwrap_or(gap))),
        }
    }

    /// Adds a derived part to every document of a kind in a region. A document that is missing from
    /// `values` gets a gap.
    pub fn derive(
        &mut self,
        kind: &str,
        region: &str,
        part: &'static str,
        values: BTreeMap<String, Part<Value>>,
    ) {
        let derived = self.derived.entry(place(kind, region)).or_default();
        derived.push(Derived { part, values });
    }

    /// The documents of a kind in a region, with the derived parts.
    pub fn documents(&self, kind: &str, region: &str) -> impl Iterator<Item = Document> + '_ {
        let place = place(kind, region);
        self.holder(&place).at(&place)
    }

    /// Drops the documents of a kind in a region, which are no longer needed.
    pub fn forget(&mut self, kind: &str, region: &str) {
        let place = place(kind, region);
        self.documents.remove(&place);
        self.derived.remove(&place);
    }

    fn at<'a>(&'a self, place: &Place) -> impl Iterator<Item = Document> + use<'a> {
        let packed = self.documents.get(place);
        let derived = self.derived.get(place).map_or(&[][..], Vec::as_slice);
        packed
            .into_iter()
            .flat_map(CompressedDocuments::iter)
            .map(move |mut document| {
                for derived in derived {
                    let value = derived.of(&document.resource.id);
                    document.set(derived.part, value);
                }
                document
            })
    }
}

fn place(kind: &str, region: &str) -> Place {
    (kind.to_owned(), region.to_owned())
}

impl Derived {
    fn of(&self, id: &str) -> Part<Value> {
        self.values.get(id).cloned().unwrap_or_else(|| {
            let detail = format!("{} could not be derived", self.part);
            Part::Gap(Gap::new("", Cause::Failed, detail))
        })
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
